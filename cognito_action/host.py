"""What a user's life needs of the place that it is lived in: GitHub's runner, or a terminal."""

from typing import TYPE_CHECKING, Protocol

from cognito_action.words import HostKind

if TYPE_CHECKING:
    from cognito_action.network.connections import Network
    from cognito_action.redaction import Redactor


class HostFileError(Exception):
    """A file that carries outputs, the state or the summary can't be written.

    Args:
        file: which one: the path, or the variable that names it.
        reason: why, in the system's words.
    """

    def __init__(self, file: str, reason: str) -> None:
        super().__init__(file, reason)
        self.file = file
        self.reason = reason


WEB_IDENTITY_FILE = "The file with the web identity token"
"""The operation of a `CallError` if `--web-identity-token-file` holds no token."""

WEB_IDENTITY_COMMAND = "The command for a web identity token"
"""The operation of a `CallError` if `--web-identity-token-command` prints no token."""


class IdTokens(Protocol):
    """ID tokens of the job, with which a role is assumed."""

    renewable: bool
    """Whether there will be another one whenever it is asked for, also when the job ends."""

    def prefetch(self) -> None:
        """Ask for the first one in the background, if it takes time to come."""

    def new(self) -> str:
        """Return a token, masked, to be used once; raises `CallError`, and `NoIdTokenError` of GitHub."""


class Host(Protocol):
    """Where a user is created and deleted, and what is said and left there. Threads may share it.

    All texts but masks, outputs and state are meant for a reader, and may be from outside once they have been through
    `redactor`; what has been masked is left out of them.
    """

    kind: HostKind
    name: str
    """Of the action or the command, with which annotations and sections of the summary start."""
    redactor: "Redactor"

    def id_tokens(self, audience: str, network: "Network") -> IdTokens:
        """The source of ID tokens for `audience`; nothing is asked for yet."""

    def mask(self, secret: str) -> None:
        """Hide `secret` from now on, before it exists anywhere else."""

    def output(self, name: str, value: str) -> None:
        """Hand a value to what comes next; raises `HostFileError`."""

    def state(self, **values: str) -> None:
        """Keep values for the one who deletes the users, all or none; raises `HostFileError`."""

    def summary(self, markdown: str) -> None:
        """Show a longer text where there is a place for it; raises `HostFileError`."""

    def error(self, message: str, title: str) -> None:
        """Show an error."""

    def warning(self, message: str, title: str) -> None:
        """Show a warning."""

    def notice(self, message: str, title: str) -> None:
        """Show a notice."""

    def log(self, text: str) -> None:
        """Note one line of what is going on."""

    def debug(self, text: str) -> None:
        """Show a text if debug logging is on."""

    def debug_traceback(self, error: BaseException) -> None:
        """Show where an error comes from, if debug logging is on."""
