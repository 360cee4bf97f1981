"""The image leaves out only what no one calls in the SDK."""

import re
import runpy

from botocore import xform_name
from botocore.session import Session

from tools.emulator.job import ROOT

OPERATIONS = runpy.run_path(str(ROOT / "tools/trim_image.py"))["OPERATIONS"]


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
