"""The image leaves out only what no one needs: in the SDK, and in Python's own library."""

import ast
import re
import sys
from pathlib import Path

from botocore import xform_name
from botocore.session import Session

from tools.emulator.job import ROOT
from tools.image.left_out import MODULES, is_left_out
from tools.image.trim_sdk import OPERATIONS


def test_image_keeps_the_operations_that_the_action_calls() -> None:
    """All those of Cognito, and the one of STS that accepts GitHub's token; the SDK itself calls the others of STS."""
    code = "".join(path.read_text(encoding="utf-8") for path in ROOT.glob("cognito_action/**/*.py"))
    methods = set(re.findall(r"\b(?:_client|sts)\.(\w+)\(", code))
    called = {
        service: {name for name in Session().get_service_model(service).operation_names if xform_name(name) in methods}
        for service in ("cognito-idp", "sts")
    }

    assert called["cognito-idp"] == OPERATIONS["cognito-idp"]
    assert called["sts"] == {"AssumeRoleWithWebIdentity"} <= OPERATIONS["sts"]


def test_image_keeps_the_modules_that_the_action_imports() -> None:
    """Wherever in the code: a module that is imported late would be missed late."""
    code = [*ROOT.glob("cognito_action/**/*.py"), *ROOT.glob("*entrypoint.py"), *ROOT.glob("*/entrypoint.py")]
    imported = {name.partition(".")[0] for path in code for name in _imports(path)} & sys.stdlib_module_names

    assert {"json", "ssl", "hashlib"} <= imported
    assert [name for name in sorted(imported) if is_left_out(name)] == []


def test_each_part_that_is_left_out_has_its_reason_once() -> None:
    """A reason is a sentence, and no pattern stands under two."""
    patterns = [pattern for each in MODULES.values() for pattern in each]

    assert all(reason[0].isupper() and reason.endswith(".") for reason in MODULES)
    assert len(patterns) == len(set(patterns))


def _imports(path: Path) -> list[str]:
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    return names + [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module]
