"""A call that did not succeed, read the same way whether AWS, GitHub or the network refused it."""

import socket

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
