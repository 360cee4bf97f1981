"""The exceptions of the AWS SDK, read as failures of calls."""

import re

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError, SSLError
from botocore.exceptions import ConnectionError as NotConnectedError
from botocore.parsers import ResponseParserError

from cognito_action.failure import NETWORK, PARALLEL_CHANGE, THROTTLING, TLS, Failure, no_such_host

SDK_ERRORS = (BotoCoreError, ClientError, ResponseParserError, KeyError)
"""What a call of the SDK raises; the last one is an answer that lacks what it has to hold."""


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


def _reason(error: Exception) -> object:
    """The exception of the socket, which urllib3 keeps behind its own."""
    return getattr(getattr(error, "kwargs", {}).get("error"), "__cause__", None)
