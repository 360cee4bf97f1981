"""What the command says: text that affects no terminal and no runner, without what has been masked."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognito_action.host import HostFileError
from cognito_action.naming import Place
from cognito_action.network.connections import Network
from cognito_action.terminal.console import CommandHost, Console, StepConsole, new_host
from cognito_action.terminal.id_tokens import FileTokens, TokenSource
from cognito_action.terminal.journal import Journal
from cognito_action.terminal.state_folder import StateFolder
from cognito_action.words import HostKind
from tests.support.examples import ANY_TEXT, TEXT
from tools.emulator.workflow_commands import lines_of, parse_line

GITHUB = {"GITHUB_ACTIONS": "true"}

DEBUG = {"RUNNER_DEBUG": "1"}

WAYS: Mapping[str, Callable[[CommandHost, str], None]] = {
    "error": lambda host, text: host.error(text, "title"),
    "warning": lambda host, text: host.warning(text, "title"),
    "notice": lambda host, text: host.notice(text, "title"),
    "say": lambda host, text: host.say(text),
    "log": lambda host, text: host.log(text),
    "debug": lambda host, text: host.debug(text),
}
"""All that a reader sees."""


class Reader:
    """Someone who reads what a host says."""

    def __init__(self, *environs: Mapping[str, str], logs: bool = True) -> None:
        self.stderr = BytesIO()
        environ = {name: value for each in environs for name, value in each.items()}
        self.host = new_host(environ, self.stderr, TokenSource(), logs=logs)

    @property
    def text(self) -> str:
        return self.stderr.getvalue().decode()


# At a terminal


@pytest.mark.parametrize(
    ("way", "line"),
    [
        ("error", "cognito-test-user: error: It failed."),
        ("warning", "cognito-test-user: warning: It failed."),
        ("notice", "cognito-test-user: note: It failed."),
        ("say", "cognito-test-user: It failed."),
        ("log", "cognito-test-user: It failed."),
        ("debug", "cognito-test-user: debug: It failed."),
    ],
)
def test_line_says_who_says_it(way: str, line: str) -> None:
    """The command's own output is next to it; further lines are indented, so that none looks like another message."""
    reader = Reader(DEBUG)

    WAYS[way](reader.host, "It failed.\nWhy.\ncognito-test-user: Fix.\n\n")

    assert reader.text == f"{line}\n  Why.\n  cognito-test-user: Fix.\n"


def test_log_is_for_those_who_ask(tmp_path: Path) -> None:
    """Next to a command there are only the few things that everyone wants to know."""
    quiet, debugging, github = Reader(logs=False), Reader(DEBUG, logs=False), Reader(GITHUB, logs=False)
    for reader in (quiet, debugging, github):
        reader.host.log("a step")
        reader.host.debug("a detail")
        reader.host.debug_traceback(ValueError("x"))
        if reader is not github:
            reader.host.summary("### never")

    assert quiet.text == github.text == ""
    assert debugging.text.startswith("cognito-test-user: debug: a step\ncognito-test-user: debug: a detail\n")
    assert "ValueError: x" in debugging.text
    assert "never" not in debugging.text
    assert not list(tmp_path.iterdir())


@given(text=ANY_TEXT, way=st.sampled_from(sorted(WAYS)), github=st.booleans())
def test_no_text_affects_a_terminal_or_looks_like_a_line_of_ours(text: str, way: str, *, github: bool) -> None:
    """No control character gets through, and each line but the first is indented."""
    reader = Reader(DEBUG, GITHUB if github else {})

    WAYS[way](reader.host, text)

    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", reader.text)
    first, *others = reader.text.strip("\n").split("\n")
    assert first.startswith(("cognito-test-user: ", "::"))
    assert all(line.startswith("  ") for line in others)
    assert not github or not others


@given(text=TEXT, way=st.sampled_from(sorted(WAYS)))
def test_no_text_is_a_command_to_the_runner(text: str, way: str) -> None:
    """In GitHub there is one line, of the kind that was meant; elsewhere none starts like a command."""
    github, elsewhere = Reader(DEBUG, GITHUB), Reader(DEBUG)

    WAYS[way](github.host, text)
    WAYS[way](elsewhere.host, text)

    [line] = filter(None, lines_of(github.text))
    command = parse_line(line)
    assert (command.name if command else "") == (way if way not in ("say", "log") else "")
    assert [each for each in lines_of(elsewhere.text) if parse_line(each)] == []


@pytest.mark.parametrize(
    "command", ["##vso[task.setvariable variable=x]y", "##[error]x", "##teamcity[message text='x']"]
)
@pytest.mark.parametrize("way", sorted(WAYS))
def test_no_text_is_a_command_to_other_ci(command: str, way: str) -> None:
    """They look for it anywhere in a line."""
    reader = Reader(DEBUG)

    WAYS[way](reader.host, f"a {command}\n{command}")

    assert command not in reader.text
    assert reader.text.count(command.replace("##", "## ")) == 2


@given(secret=ANY_TEXT.filter(str.strip), before=ANY_TEXT, after=ANY_TEXT, way=st.sampled_from(sorted(WAYS)))
def test_masked_secret_is_never_said(secret: str, before: str, after: str, way: str) -> None:
    """Whatever is around it, and also as it looks once it is harmless."""
    reader = Reader(DEBUG)
    reader.host.mask(secret)

    WAYS[way](reader.host, f"{before}{secret}{after}")
    said = reader.text.partition(": ")[2]

    if len(secret) > 3 and secret not in "error: warning: note: debug: \n  ":
        assert secret not in said


def test_secret_of_the_environment_is_left_out_of_a_traceback() -> None:
    """The text of an exception may be from outside."""
    reader = Reader(DEBUG, {"AWS_SECRET_ACCESS_KEY": "key-of-the-user"})
    reader.host.mask("a-password")
    with pytest.raises(ValueError, match="key") as caught:
        int("key-of-the-user, a-password", base=36)
    reader.host.debug_traceback(caught.value)

    assert "base 36: '***, ***'" in reader.text
    assert "test_console.py" in reader.text


class Full(BytesIO):
    """A stderr that no one reads any more."""

    def write(self, _: object) -> int:
        raise BrokenPipeError(32, "Broken pipe")


@pytest.mark.parametrize("way", WAYS)
def test_no_one_has_to_read_it(way: str) -> None:
    """A closed pipe is no reason to leave users behind."""
    WAYS[way](new_host(DEBUG, Full(), TokenSource()), "text")


# In GitHub


def test_mask_comes_before_all_else_in_github() -> None:
    """The runner reads stderr, too; elsewhere a mask would only show the secret."""
    github, elsewhere = Reader(GITHUB), Reader()
    for reader in (github, elsewhere):
        reader.host.mask("s3cret%")
        reader.host.say("it is s3cret%")

    assert github.text == "\n::add-mask::s3cret%25\n\ncognito-test-user: it is ***\n"
    assert elsewhere.text == "cognito-test-user: it is ***\n"


def test_annotations_have_the_name_of_the_command() -> None:
    """A job may have both, the action and the command."""
    reader = Reader(GITHUB)

    reader.host.error("What.", "failed")

    assert reader.text == "\n::error title=cognito-test-user%3A failed::What.\n"


@pytest.mark.parametrize(("environ", "kind"), [(GITHUB, StepConsole), ({}, Console), ({"CI": "true"}, Console)])
def test_host_is_that_of_the_place(environ: dict[str, str], kind: type) -> None:
    """Errors are for the author of a command in either."""
    reader = Reader(environ)

    assert type(reader.host) is kind
    assert (reader.host.kind, reader.host.name) == (HostKind.COMMAND, "cognito-test-user")


# What is handed over


@pytest.mark.parametrize("environ", [GITHUB, {}])
def test_outputs_are_kept_for_the_command(environ: dict[str, str], tmp_path: Path) -> None:
    """They go neither to a file nor to the log."""
    output = tmp_path / "output"
    reader = Reader(environ, {"GITHUB_OUTPUT": str(output), "GITHUB_STATE": str(output)})

    reader.host.output("username", "alice")
    reader.host.output("username", "bob")
    reader.host.state(users="1")

    assert reader.host.outputs == {"username": "bob"}
    assert reader.text == ""
    assert not output.exists()


@pytest.mark.parametrize("environ", [GITHUB, {}])
def test_state_goes_to_the_journal(environ: dict[str, str], folder: StateFolder) -> None:
    """And a failure to whoever is about to create a user."""
    reader = Reader(environ)
    journal = Journal.create(folder, Place("0123456789abcdef", "20261124120005"), datetime.now(UTC), Random())
    reader.host.journal = journal

    reader.host.state(users="1")

    assert journal.read()[1] == {"users": "1"}
    journal.remove()
    with pytest.raises(HostFileError):
        reader.host.state(users="2")


@pytest.mark.parametrize("environ", [GITHUB, {}])
def test_id_tokens_are_those_of_the_options(environ: dict[str, str], tmp_path: Path) -> None:
    """They are masked by this host."""
    (tmp_path / "token").write_text("aaaa.bbbb.cccc")
    stderr = BytesIO()
    host = new_host(environ, stderr, TokenSource(str(tmp_path / "token")))

    tokens = host.id_tokens("sts.amazonaws.com", Network({}))
    host.say(f"it is {tokens.new()}")

    assert isinstance(tokens, FileTokens)
    assert stderr.getvalue().decode().endswith("cognito-test-user: it is ***\n")
