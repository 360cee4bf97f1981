"""How each kind of failure is read: whether to try again, and whether the call may have taken effect."""

import socket
from typing import Any

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    NoCredentialsError,
    ParamValidationError,
    ProfileNotFound,
    ProxyConnectionError,
    ReadTimeoutError,
    ResponseStreamingError,
    SSLError,
)
from botocore.parsers import ResponseParserError

from cognito_action.aws.responses import SDK_ERRORS, call_error
from cognito_action.errors import CallError
from tests.support.scripted_cognito import refusal

URL = "https://cognito-idp.eu-central-1.amazonaws.com/"


@pytest.mark.parametrize(
    "error",
    [
        EndpointConnectionError(endpoint_url=URL, error="name resolution"),
        ConnectTimeoutError(endpoint_url=URL),
        ProxyConnectionError(proxy_url="http://proxy"),
    ],
)
def test_call_that_was_never_sent(error: BotoCoreError) -> None:
    """A connection that was never established can be tried again, and left nothing behind."""
    failure = call_error("AdminCreateUser", error)

    assert (failure.code, failure.retryable, failure.outcome_unknown) == ("NetworkError", True, False)


@pytest.mark.parametrize(
    "error",
    [
        ReadTimeoutError(endpoint_url=URL),
        ConnectionClosedError(endpoint_url=URL),
        HTTPClientError(error=OSError("broken")),
        ResponseStreamingError(error=OSError("broken")),
        ResponseParserError("not XML"),
        SSLError(endpoint_url=URL, error=OSError("EOF occurred in violation of protocol")),
    ],
)
def test_call_whose_answer_was_lost(error: BotoCoreError | ResponseParserError) -> None:
    """If the connection broke later, or the answer can't be read, the call may have taken effect."""
    failure = call_error("AdminCreateUser", error)

    assert (failure.code, failure.retryable, failure.outcome_unknown) == ("NetworkError", True, True)


def unresolved(number: int) -> EndpointConnectionError:
    """A connection that failed because the host's name did not resolve, as urllib3 and botocore report it."""
    cause = OSError("Failed to resolve 'cognito-idp.eu-nowhere-1.amazonaws.com'")
    cause.__cause__ = socket.gaierror(number, "no address")
    return EndpointConnectionError(endpoint_url=URL, error=cause)


@pytest.mark.parametrize(
    ("number", "transient"), [(socket.EAI_NONAME, False), (socket.EAI_AGAIN, True), (socket.EAI_FAIL, True)]
)
def test_host_that_does_not_exist_is_final(number: int, *, transient: bool) -> None:
    """A region that does not exist will not exist a moment later; a resolver that does not answer may answer then."""
    failure = call_error("AdminCreateUser", unresolved(number))

    assert (failure.code, failure.retryable, failure.outcome_unknown) == ("NetworkError", transient, False)


@pytest.mark.parametrize(
    "text", ["[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed", "[Errno 2] No such file or directory"]
)
def test_bad_certificate_is_final(text: str) -> None:
    """A server that can't prove its identity will not be able to a moment later, and was sent nothing."""
    error = SSLError(endpoint_url=URL, error=OSError(text))
    failure = call_error("AdminCreateUser", error)

    assert (failure.code, failure.retryable, failure.outcome_unknown) == ("TLSError", False, False)


@pytest.mark.parametrize("error", [ResponseParserError("<SecretAccessKey>SECRET</SecretAccessKey"), KeyError("SECRET")])
def test_answer_that_cannot_be_read_is_not_quoted(error: ResponseParserError | KeyError) -> None:
    """The SDK's message contains the answer, and STS's answer contains credentials."""
    failure = call_error("AssumeRoleWithWebIdentity", error)

    assert (failure.code, failure.message) == ("NetworkError", "the answer could not be read")
    assert (failure.retryable, failure.outcome_unknown) == (True, True)


@pytest.mark.parametrize(
    "code",
    ["TooManyRequestsException", "Throttling", "ThrottlingException", "RequestLimitExceeded", "RequestThrottled"],
)
def test_throttled_call_can_be_tried_again(code: str) -> None:
    """A throttled call was not carried out, but can be a moment later."""
    failure = call_error("AdminCreateUser", refusal(code, "Rate exceeded"))

    assert (failure.code, failure.retryable, failure.outcome_unknown) == (code, True, False)


def test_change_that_conflicts_with_another_can_be_tried_again() -> None:
    """Cognito makes one change to a user at a time, and the SDK's own retry does not recognize its error for that."""
    failure = call_error("AssociateSoftwareToken", refusal("ConcurrentModificationException"))

    assert (failure.retryable, failure.outcome_unknown) == (True, False)


@pytest.mark.parametrize("status", [500, 502, 503, 504, 599])
@pytest.mark.parametrize("code", ["InternalErrorException", "503", "Unknown"])
def test_server_error_leaves_the_outcome_unknown(code: str, status: int) -> None:
    """A status of 500 or more may come after the work was done, whatever its code."""
    failure = call_error("AdminCreateUser", refusal(code, "", status))

    assert (failure.code, failure.retryable, failure.outcome_unknown) == (code, True, True)


@pytest.mark.parametrize(
    "code",
    [
        "AccessDenied",
        "AccessDeniedException",
        "AliasExistsException",
        "ExpiredTokenException",
        "InvalidIdentityToken",
        "InvalidParameterException",
        "InvalidPasswordException",
        "LimitExceededException",
        "NotAuthorizedException",
        "ResourceNotFoundException",
        "UnexpectedLambdaException",
        "UserLambdaValidationException",
        "UsernameExistsException",
        "UserNotFoundException",
    ],
)
@pytest.mark.parametrize("status", [400, 403, 404, 499])
def test_refusal_is_final(code: str, status: int) -> None:
    """A refusal with a status below 500 is an answer: nothing happened, and nothing will."""
    failure = call_error("AdminCreateUser", refusal(code, "no", status))

    assert (failure.code, failure.retryable, failure.outcome_unknown) == (code, False, False)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NoCredentialsError(), "NoCredentialsError"),
        (ProfileNotFound(profile="x"), "ProfileNotFound"),
        (ParamValidationError(report="x"), "ParamValidationError"),
    ],
)
def test_failure_of_the_sdk_itself_is_final(error: BotoCoreError, code: str) -> None:
    """What the SDK refuses before it makes a call keeps the exception's name."""
    failure = call_error("AdminCreateUser", error)

    assert (failure.code, failure.message, failure.retryable, failure.outcome_unknown) == (
        code,
        str(error),
        False,
        False,
    )


def test_failure_keeps_the_message_of_the_service() -> None:
    """Operation, code and message are what the log shows."""
    failure = call_error("AdminCreateUser", refusal("UsernameExistsException", "User account already exists"))

    assert failure.message == "User account already exists"
    assert str(failure) == "AdminCreateUser: UsernameExistsException: User account already exists"


@pytest.mark.parametrize(
    "response", [{}, {"Error": {}}, {"Error": {"Code": None, "Message": None}}, {"Error": {"Code": ""}}]
)
def test_answer_without_an_error_in_it(response: Any) -> None:
    """A refusal that says nothing, or contains empty elements, is still a failure."""
    failure = call_error("AdminCreateUser", ClientError(response, "AdminCreateUser"))

    assert (failure.code, failure.message, failure.retryable, failure.outcome_unknown) == ("Unknown", "", False, False)


@pytest.mark.parametrize(("message", "text"), [(5, "5"), (["a", None], "['a', None]"), ({"a": 1}, "{'a': 1}")])
def test_message_that_is_not_a_string_is_converted(message: Any, text: str) -> None:
    """A proxy can put anything where AWS puts a string."""
    answer: Any = {"Error": {"Code": "X", "Message": message}}

    assert call_error("AdminCreateUser", ClientError(answer, "AdminCreateUser")).message == text


def test_failure_is_final_by_default() -> None:
    """Nothing is repeated, and nothing is assumed to be lost."""
    failure = CallError("GetIDToken", "404", "Not Found")

    assert (failure.retryable, failure.outcome_unknown) == (False, False)


@pytest.mark.parametrize(
    "error", [refusal("X"), ReadTimeoutError(endpoint_url=URL), NoCredentialsError(), ResponseParserError("x")]
)
def test_everything_that_the_sdk_raises_is_caught(error: Exception) -> None:
    """Refusals, broken connections, the SDK's own complaints and unreadable answers are all failures."""
    assert isinstance(error, SDK_ERRORS)
