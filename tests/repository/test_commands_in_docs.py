"""The commands that pages tell a reader to run: the shell takes them, and AWS knows what they ask for."""

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
OF_THE_CLI = {"output", "query", "region"}
CUSTOM = {("cloudformation", "deploy"): {"stack-name", "template-file", "capabilities", "parameter-overrides"}}
"""Commands that are the AWS CLI's own and no operation of a service."""

PAGES = [page for page in pages() if "```sh\n" in page.read_text(encoding="utf-8")]


def scripts(page: Path) -> list[str]:
    """The blocks of shell on a page."""
    return [code for language, code in FENCED.findall(page.read_text(encoding="utf-8")) if language == "sh"]


def aws_commands(page: Path) -> Iterator[list[str]]:
    """Each call of the AWS CLI on a page, in blocks and in the text, in words."""
    text = page.read_text(encoding="utf-8")
    inline = [" ".join(code.split()) for code in re.findall(r"`(aws [^`]+)`", FENCED.sub("", text))]
    lines = "\n".join(scripts(page)).replace("\\\n", " ").splitlines()
    for line in [*inline, *lines]:
        words = shlex.split(line, comments=True)
        if "aws" in words:
            yield words[words.index("aws") :]


@cache
def _options(service: str, command: str) -> set[str]:
    """What the CLI takes for a command of a service; `KeyError` where there is no such command."""
    if (service, command) in CUSTOM:
        return CUSTOM[service, command]
    model = Session().get_service_model(service)
    operations = {xform_name(name, "-"): name for name in model.operation_names}
    shape = model.operation_model(operations[command]).input_shape
    return {xform_name(name, "-") for name in shape.members} if shape else set()


def unknown(words: list[str]) -> list[str]:
    """The options of a command that it does not have."""
    _, service, command, *rest = words
    given = [word.removeprefix("--").partition("=")[0] for word in rest if word.startswith("--")]
    return [name for name in given if name not in _options(service, command) | OF_THE_CLI]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_shell_takes_the_commands(page: Path) -> None:
    """Each block is whole."""
    for script in scripts(page):
        check = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True, check=False)
        assert (check.returncode, check.stderr) == (0, ""), script


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_aws_knows_what_the_commands_ask_for(page: Path) -> None:
    """Services, commands and options are those of AWS's own models."""
    for words in aws_commands(page):
        if len(words) > 2:
            assert unknown(words) == [], words


def test_wrong_commands_are_found() -> None:
    """An option and a command that nobody has."""
    assert unknown(shlex.split("aws iam create-role --role-nam x --query y")) == ["role-nam"]
    with pytest.raises(KeyError):
        unknown(shlex.split("aws iam create-rolle --role-name x"))


def test_pages_with_commands_are_looked_at() -> None:
    """Those of the set-up for one, the calls in a loop and in the text included."""
    found = {tuple(words[1:3]) for page in PAGES for words in aws_commands(page)}

    assert {
        ("cloudformation", "deploy"),
        ("cognito-idp", "create-group"),
        ("cognito-idp", "list-user-pool-clients"),
        ("iam", "put-role-policy"),
    } <= found
