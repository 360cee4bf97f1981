"""A call that did not succeed, read the same way whether AWS, GitHub or the network refused it."""

import re
import socket

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError, SSLError
from botocore.exceptions import ConnectionError as NotConnectedError
from botocore.parsers import ResponseParserError

THROTTLING = frozenset(
    {"TooManyRequestsException", "Throttling", "ThrottlingException", "RequestLimitExceeded", "RequestThrottled"}
)
"""Codes of a refused pace; Cognito's is the first, STS's the second."""

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

SDK_ERRORS = (BotoCoreError, ClientError, ResponseParserError, KeyError)
"""What a call of the SDK raises; the last one is an answer that lacks what it has to hold."""


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


def failure_of(operation: str, error: BotoCoreError | ClientError | ResponseParserError | KeyError) -> Failure:
    """Read an exception of the SDK.

    A connection that never came about (botocore's `ConnectionError`) carried no request; one that broke later, an
    answer that can't be read and a status of 500 or more leave it open whether the call took effect.
    """
    if isinstance(error, ClientError):
        # An answer with an empty <Message/> is parsed to None, in spite of the types.
        code = error.response.get("Error", {}).get("Code") or "Unknown"
        message = str(error.response.get("Error", {}).get("Message") or "")
        broken = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500
        return Failure(
            operation, code, message, transient=broken or code in (*THROTTLING, PARALLEL_CHANGE), lost=broken
        )
    if isinstance(error, ResponseParserError | KeyError):
        # Never its own text: that holds the answer, and the answer of STS holds credentials.
        return Failure(operation, NETWORK, "the answer could not be read", transient=True, lost=True)
    if isinstance(error, SSLError) and re.search("CERTIFICATE|No such file", str(error)):
        return Failure(operation, TLS, str(error))
    if isinstance(error, NotConnectedError):
        transient = not no_such_host(_reason(error))
        return Failure(operation, NETWORK, str(error), transient=transient, lost=isinstance(error, SSLError))
    if isinstance(error, HTTPClientError):
        return Failure(operation, NETWORK, str(error), transient=True, lost=True)
    return Failure(operation, type(error).__name__, str(error))


def no_such_host(reason: object) -> bool:
    """Whether the resolver knows that there is no such name, as for a region that does not exist.

    That is final, other than a resolver that does not answer (`EAI_AGAIN`).
    """
    return isinstance(reason, socket.gaierror) and reason.errno == socket.EAI_NONAME


def _reason(error: Exception) -> object:
    """The exception of the socket, which urllib3 keeps behind its own."""
    return getattr(getattr(error, "kwargs", {}).get("error"), "__cause__", None)
