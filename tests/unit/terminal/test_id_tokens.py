"""ID tokens of other CI: new ones each time, and told apart from anything else that is there."""

import time
from pathlib import Path

import pytest

from cognito_action.errors import CallError
from cognito_action.github.oidc import GitHubIdTokens
from cognito_action.host import WEB_IDENTITY_COMMAND, WEB_IDENTITY_FILE, IdTokens
from cognito_action.network.connections import Network
from cognito_action.terminal.id_tokens import CommandTokens, FileTokens, TokenSource
from tools.emulator.github import TokenService

TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"

OTHER = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ5In0.c2lnbmF0dXJl"

GITHUB = {"ACTIONS_ID_TOKEN_REQUEST_URL": "http://localhost:9/?x", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "bearer"}

NO_TOKENS = [
    "",
    " \n",
    "token",
    "a.b",
    f"{TOKEN}.x",
    f"{TOKEN} {OTHER}",
    f"{TOKEN}\n{OTHER}",
    f'{{"value": "{TOKEN}"}}',
]


@pytest.fixture
def masks() -> list[str]:
    return []


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "token.jwt"
    path.write_text(TOKEN)
    return path


def failure(tokens: IdTokens) -> CallError:
    with pytest.raises(CallError) as caught:
        tokens.new()
    return caught.value


# A file


@pytest.mark.parametrize("around", ["{}", "{}\n", "\r\n {}\t\n"])
def test_token_in_a_file_is_read_anew_each_time(file: Path, masks: list[str], around: str) -> None:
    """Whoever wrote it may renew it; what is around it is no part of it; it is masked before it is used."""
    tokens = FileTokens(str(file), masks.append)
    tokens.prefetch()
    assert masks == []

    file.write_text(around.format(TOKEN))
    assert tokens.new() == TOKEN
    file.write_text(around.format(OTHER))
    assert tokens.new() == OTHER

    assert masks == [TOKEN, OTHER]
    assert not tokens.renewable


@pytest.mark.parametrize("text", NO_TOKENS)
def test_file_without_a_token_is_told_without_its_text(file: Path, masks: list[str], text: str) -> None:
    """It may hold another secret, and no one has masked that."""
    file.write_text(text)

    error = failure(FileTokens(str(file), masks.append))

    assert (error.operation, error.code, masks) == (WEB_IDENTITY_FILE, "NoToken", [])
    assert str(file) in error.what
    assert "eyJ" not in error.what + str(error)
    assert not error.retryable


def test_file_of_bytes_is_no_token(file: Path, masks: list[str]) -> None:
    """It is no reason for a crash either."""
    file.write_bytes(b"\xff\xfe" + TOKEN.encode())

    assert failure(FileTokens(str(file), masks.append)).code == "NoToken"


def test_file_that_can_not_be_read_is_told(file: Path, masks: list[str]) -> None:
    """With the system's reason."""
    missing = failure(FileTokens(f"{file}.not", masks.append))
    folder = failure(FileTokens(str(file.parent), masks.append))

    assert missing.what == f"{WEB_IDENTITY_FILE} failed with FileNotFoundError: {file}.not: No such file or directory"
    assert folder.code == "IsADirectoryError"


# A command


def test_command_runs_anew_each_time(tmp_path: Path, masks: list[str]) -> None:
    """The shell runs it, with the environment that it is given; its token is masked before it is used."""
    count = tmp_path / "count"
    command = f'printf x >> "$COUNT"; echo "{TOKEN}$(cat "$COUNT")"'
    tokens = CommandTokens(command, {"COUNT": str(count), "PATH": "/usr/bin:/bin"}, masks.append)
    tokens.prefetch()
    assert not count.exists()

    assert [tokens.new(), tokens.new()] == [f"{TOKEN}x", f"{TOKEN}xx"]

    assert masks == [f"{TOKEN}x", f"{TOKEN}xx"]
    assert tokens.renewable


def test_command_reads_nothing(masks: list[str]) -> None:
    """The input is for the tests."""
    assert CommandTokens(f"cat; echo {TOKEN}", {"PATH": "/usr/bin:/bin"}, masks.append).new() == TOKEN


@pytest.mark.parametrize("text", NO_TOKENS)
def test_command_without_a_token_is_told_without_its_text(masks: list[str], text: str) -> None:
    """It may be another secret."""
    error = failure(CommandTokens('printf %s "$TEXT"', {"TEXT": text, "PATH": "/usr/bin:/bin"}, masks.append))

    assert (error.operation, error.code, masks) == (WEB_IDENTITY_COMMAND, "NoToken", [])
    assert "eyJ" not in error.what + str(error)


def test_command_that_fails_is_told_in_its_words(masks: list[str]) -> None:
    """What it has printed so far is not, since that may be a token."""
    error = failure(CommandTokens(f"echo {TOKEN}; echo '  no login ' >&2; exit 7", {}, masks.append))

    assert error.what == f"{WEB_IDENTITY_COMMAND} failed with Status7: no login"
    assert TOKEN not in str(error)
    assert failure(CommandTokens("exit 3", {}, masks.append)).what.endswith("Status3: it said nothing")
    assert failure(CommandTokens("kill -9 $$", {}, masks.append)).code == "Status-9"
    assert failure(CommandTokens("no-such-command-here", {}, masks.append)).code == "Status127"


def test_words_of_a_command_are_redacted(masks: list[str]) -> None:
    """They are text from outside."""
    error = failure(CommandTokens("echo it is s3cret >&2; exit 1", {}, masks.append))
    error.redact(lambda text: text.replace("s3cret", "***"))

    assert error.what.endswith("it is ***")


def test_command_that_takes_too_long_is_told(masks: list[str]) -> None:
    """Also if it has left something that goes on."""
    started = time.monotonic()

    error = failure(CommandTokens("sleep 30 | cat", {"PATH": "/usr/bin:/bin"}, masks.append, seconds=0.2))

    assert time.monotonic() - started < 5
    assert (error.code, error.message) == ("Timeout", "it took more than 0 s")


def test_command_that_the_system_does_not_start_is_told(masks: list[str]) -> None:
    """It is too long for any."""
    error = failure(CommandTokens("x" * 10_000_000, {}, masks.append))

    assert (error.operation, error.code) == (WEB_IDENTITY_COMMAND, "OSError")
    assert "too long" in error.message


# Which one


@pytest.mark.parametrize(
    ("source", "environ", "kind", "renewable"),
    [
        (TokenSource("file", "command"), GITHUB, GitHubIdTokens, True),
        (TokenSource(), GITHUB, GitHubIdTokens, True),
        (TokenSource(), {}, GitHubIdTokens, False),
        (TokenSource("file", "command"), {}, CommandTokens, True),
        (TokenSource("", "command"), {}, CommandTokens, True),
        (TokenSource("file"), {}, FileTokens, False),
        (TokenSource("file"), {"GITHUB_ACTIONS": "true"}, FileTokens, False),
    ],
)
def test_freshest_tokens_come_first(
    source: TokenSource, environ: dict[str, str], kind: type[IdTokens], *, renewable: bool
) -> None:
    """GitHub's, then those of a command, then the one in a file."""
    assert type(source.tokens("sts.amazonaws.com", Network(environ), print)) is kind
    assert source.is_renewable(environ) is renewable


def test_token_of_github_is_for_the_audience(github: TokenService, masks: list[str]) -> None:
    """And masked."""
    token = TokenSource("no-such-file").tokens("someone", Network(github.environ), masks.append).new()

    assert github.tokens == masks == [token]
