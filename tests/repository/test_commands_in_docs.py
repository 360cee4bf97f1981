"""The commands in the documentation: the shell accepts them, and AWS knows their operations and options."""

import re
import shlex
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from botocore import xform_name
from botocore.session import Session

from tests.support.markdown import pages
from tools.emulator.job import ROOT

FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
GLOBAL_OPTIONS = {"output", "profile", "query", "region"}
CUSTOM = {("cloudformation", "deploy"): {"stack-name", "template-file", "capabilities", "parameter-overrides"}}
"""Commands of the AWS CLI itself, which are not operations of a service."""

PAGES = [page for page in pages() if "```sh\n" in page.read_text(encoding="utf-8")]


def scripts(page: Path) -> list[str]:
    """The shell blocks on a page."""
    return [code for language, code in FENCED.findall(page.read_text(encoding="utf-8")) if language == "sh"]


def aws_commands(page: Path) -> Iterator[list[str]]:
    """Each AWS CLI call on a page, in blocks and in the text, split into words."""
    text = page.read_text(encoding="utf-8")
    inline = [" ".join(code.split()) for code in re.findall(r"`(aws [^`]+)`", FENCED.sub("", text))]
    lines = "\n".join(scripts(page)).replace("\\\n", " ").splitlines()
    for line in [*inline, *lines]:
        words = shlex.split(line, comments=True)
        if "aws" in words:
            yield words[words.index("aws") :]


@cache
def _options(service: str, command: str) -> set[str]:
    """The options that the CLI accepts for a command of a service; `KeyError` if there is no such command."""
    if (service, command) in CUSTOM:
        return CUSTOM[service, command]
    model = Session().get_service_model(service)
    operations = {xform_name(name, "-"): name for name in model.operation_names}
    shape = model.operation_model(operations[command]).input_shape
    return {xform_name(name, "-") for name in shape.members} if shape else set()


def unknown_options(words: list[str]) -> list[str]:
    """The options that a command is given but does not have."""
    _, service, command, *rest = words
    given = [word.removeprefix("--").partition("=")[0] for word in rest if word.startswith("--")]
    return [name for name in given if name not in _options(service, command) | GLOBAL_OPTIONS]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_shell_accepts_the_commands(page: Path) -> None:
    """Each block has valid syntax."""
    for script in scripts(page):
        check = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True, check=False)
        assert (check.returncode, check.stderr) == (0, ""), script


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_aws_knows_the_commands(page: Path) -> None:
    """Their services, operations and options are in AWS's own models."""
    for words in aws_commands(page):
        if len(words) > 2:
            assert unknown_options(words) == [], words


def test_wrong_commands_are_found() -> None:
    """An option and a command that do not exist."""
    assert unknown_options(shlex.split("aws iam create-role --role-nam x --query y")) == ["role-nam"]
    with pytest.raises(KeyError):
        unknown_options(shlex.split("aws iam create-rolle --role-name x"))


def test_pages_with_commands_are_checked() -> None:
    """For example those of the setup, including calls in a loop and in the text."""
    found = {tuple(words[1:3]) for page in PAGES for words in aws_commands(page)}

    assert {
        ("cloudformation", "deploy"),
        ("cognito-idp", "create-group"),
        ("cognito-idp", "list-user-pool-clients"),
        ("iam", "put-role-policy"),
    } <= found
