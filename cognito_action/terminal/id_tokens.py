"""ID tokens where GitHub gives none: another CI leaves one in a file, or has a command that makes one."""

import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cognito_action.claims import is_signed_token, without_tokens
from cognito_action.errors import CallError
from cognito_action.host import WEB_IDENTITY_COMMAND, WEB_IDENTITY_FILE, IdTokens

if TYPE_CHECKING:
    from cognito_action.network.connections import Network

_GITHUB = "ACTIONS_ID_TOKEN_REQUEST_URL"

COMMAND_SECONDS = 8.0
"""How long a command may take: as long as GitHub's token service."""


@dataclass(frozen=True)
class TokenSource:
    """What the options say of ID tokens.

    Args:
        file: of `--web-identity-token-file`, empty without it.
        command: of `--web-identity-token-command`, empty without it.
    """

    file: str = ""
    command: str = ""

    def is_renewable(self, environ: Mapping[str, str]) -> bool:
        """Whether there will be another token whenever it is asked for."""
        return bool(environ.get(_GITHUB) or self.command)

    def tokens(self, audience: str, network: "Network", mask: Callable[[str], None]) -> IdTokens:
        """The tokens of GitHub's service if its variables are there, else those of the options.

        A command comes before a file: its tokens are fresh.
        """
        if not network.environ.get(_GITHUB):
            if self.command:
                return CommandTokens(self.command, network.environ, mask)
            if self.file:
                return FileTokens(self.file, mask)
        from cognito_action.github.oidc import GitHubIdTokens  # noqa: PLC0415 - elsewhere no one needs it

        return GitHubIdTokens(network.environ, audience, network, mask)


class FileTokens:
    """The token in a file, which is read anew each time: whoever wrote it may have renewed it."""

    renewable = False

    def __init__(self, path: str, mask: Callable[[str], None]) -> None:
        self._path = path
        self._mask = mask

    def prefetch(self) -> None:
        """Do nothing: a file takes no time."""

    def new(self) -> str:
        """Read the token; raises `CallError`."""
        try:
            with open(self._path, encoding="utf-8", errors="replace") as file:
                text = file.read()
        except OSError as error:
            raise CallError(
                WEB_IDENTITY_FILE, type(error).__name__, f"{self._path}: {error.strerror or error}"
            ) from None
        problem = "holds no signed token (JWT)" if text.strip() else "is empty"
        return _checked(text, self._mask, WEB_IDENTITY_FILE, f"{self._path} {problem}")


class CommandTokens:
    """What a command prints, a new token each time. The shell runs it, as the user would."""

    renewable = True

    def __init__(
        self, command: str, environ: Mapping[str, str], mask: Callable[[str], None], seconds: float = COMMAND_SECONDS
    ) -> None:
        self._command = command
        self._seconds = seconds
        self._environ = environ
        self._mask = mask

    def prefetch(self) -> None:
        """Do nothing: a token would be older by then."""

    def new(self) -> str:
        """Run the command and return the token that it prints; raises `CallError`."""
        try:
            process = subprocess.run(  # noqa: S602 - the user's own command, with pipes and variables
                self._command,
                shell=True,
                env=dict(self._environ),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=self._seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise CallError(
                WEB_IDENTITY_COMMAND, "Timeout", f"it took more than {self._seconds:.0f} s", said=""
            ) from None
        except OSError as error:
            raise CallError(WEB_IDENTITY_COMMAND, type(error).__name__, str(error.strerror or error)) from None
        if process.returncode:
            said = without_tokens(process.stderr.decode(errors="replace").strip())
            raise CallError(WEB_IDENTITY_COMMAND, f"Status{process.returncode}", said or "it said nothing")
        return _checked(
            process.stdout.decode(errors="replace"),
            self._mask,
            WEB_IDENTITY_COMMAND,
            "it printed no signed token (JWT)",
        )


def _checked(text: str, mask: Callable[[str], None], operation: str, problem: str) -> str:
    token = text.strip()
    if not is_signed_token(token):
        raise CallError(operation, "NoToken", problem, said="")
    mask(token)
    return token
