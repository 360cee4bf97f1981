"""The one exception that a phase ends with: what failed, what that usually means, what to change."""

import socket
import traceback

from cognito_action.text import code_block, quoted


class ActionError(Exception):
    """A failure in the words that the workflow's author reads.

    Args:
        what: the failure itself; may quote text from outside.
        why: what it usually means, in the action's own words.
        fix: what to change, in the action's own words.
        details: facts that the reader compares; may quote text from outside.
        paste: the lines to paste, if the fix has any.
        language: of `paste`, for the step summary.
    """

    def __init__(
        self, what: str, why: str, fix: str, *, details: str = "", paste: str = "", language: str = ""
    ) -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.fix = fix
        self.details = details
        self.paste = paste
        self.language = language

    def about(self, subject: str) -> "ActionError":
        """The same failure, with the name of what it happened to in front; that may be text from outside."""
        return ActionError(
            f"{subject}: {self.what}",
            self.why,
            self.fix,
            details=self.details,
            paste=self.paste,
            language=self.language,
        )

    @property
    def annotation(self) -> str:
        """The failure as the text of an annotation."""
        return "\n".join(part for part in (self.what, self.why, self.details, self.fix, self.paste) if part)

    @property
    def markdown(self) -> str:
        """The failure as a section of the step summary; text from outside stands in code blocks only."""
        parts = [
            "### Cognito test user",
            code_block(self.what),
            self.why,
            self.details and code_block(self.details),
            self.fix,
            self.paste and code_block(self.paste, self.language),
        ]
        return "\n\n".join(part for part in parts if part)


def unexpected(error: Exception) -> ActionError:
    """Describe a bug of the action by its place alone: the text of an unknown exception may hold anything."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    file = "/".join(place.filename.rsplit("/", 2)[-2:])
    return ActionError(
        what=f"Unexpected {type(error).__name__} in {place.name} ({file}, line {place.lineno}).",
        why="This is a bug of the action, or something in its environment that it does not know.",
        fix="Report it as an issue of the action's repository, with the traceback that a run with step debug logging prints (secret ACTIONS_STEP_DEBUG: true).",
    )


THROTTLING = frozenset(
    {"TooManyRequestsException", "Throttling", "ThrottlingException", "RequestLimitExceeded", "RequestThrottled"}
)
"""Codes of a refused pace: `TooManyRequestsException` is Cognito's, `Throttling` is STS's."""


PARALLEL_CHANGE = "ConcurrentModificationException"
"""The code of a change that met another one of the same user; the SDK's own retry does not know it."""


CREDENTIALS = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "UnrecognizedClientException",
    }
)
"""Codes that say the AWS credentials themselves are bad."""


NETWORK = "NetworkError"
"""The code of a `Failure` that no server answered."""


DEADLINE = "DeadlineExceeded"
"""The code of a `Failure` whose call was not made, because the time of the phase was up."""


TLS = "TLSError"
"""The code of a `Failure` whose certificate could not be checked."""


class Failure(Exception):  # noqa: N818 - read and compared as data before anybody calls it an error
    """One call that failed.

    Args:
        operation: as the field names it, `AdminCreateUser` for one.
        code: AWS's error code, an HTTP status, `NETWORK`, `DEADLINE`, or the name of an SDK's exception.
        message: the other side's own words. Text from outside: to be escaped, never obeyed.
        transient: whether the same call can succeed a moment later.
        lost: whether the call may have taken effect although it failed.
    """

    def __init__(self, operation: str, code: str, message: str, *, transient: bool = False, lost: bool = False) -> None:
        super().__init__(operation, code, message)
        self.operation = operation
        self.code = code
        self.message = message
        self.transient = transient
        self.lost = lost

    def __str__(self) -> str:
        """One line, for the debug log."""
        return f"{self.operation}: {self.code}: {self.message}"


def no_such_host(reason: object) -> bool:
    """Whether the resolver knows that there is no such name, as for a region that does not exist.

    That is final, other than a resolver that does not answer (`EAI_AGAIN`).
    """
    return isinstance(reason, socket.gaierror) and reason.errno == socket.EAI_NONAME


def refusal(failure: Failure) -> str:
    """One sentence that says which call failed, and how the other side put it."""
    return f"{failure.operation} failed with {failure.code}: {quoted(failure.message) or '(no message)'}"
