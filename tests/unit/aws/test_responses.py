"""How each kind of failure is read: whether to try again, and whether the call may have taken effect."""

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
    SSLError,
)
from botocore.parsers import ResponseParserError
from urllib3 import HTTPConnectionPool
from urllib3.connection import HTTPConnection
from urllib3.exceptions import ConnectTimeoutError as Urllib3ConnectTimeoutError
from urllib3.exceptions import NewConnectionError
from urllib3.exceptions import ReadTimeoutError as Urllib3ReadTimeoutError

from cognito_action.aws.responses import SDK_ERRORS, call_error
from cognito_action.errors import CallError
from tests.support.scripted_cognito import refusal

URL = "https://cognito-idp.eu-central-1.amazonaws.com/"

REFUSED = NewConnectionError(HTTPConnection("x"), "x")
REFUSED.__cause__ = ConnectionRefusedError(111, "Connection refused")
SLOW_TO_CONNECT = Urllib3ConnectTimeoutError(HTTPConnection("x"), "x")
SLOW = Urllib3ReadTimeoutError(HTTPConnectionPool("x"), URL, "x")
EOF = OSError(8, "EOF occurred in violation of protocol")


@pytest.mark.parametrize(
    ("error", "code", "reason"),
    [
        (EndpointConnectionError(endpoint_url=URL, error=REFUSED), "NetworkError", "Connection refused"),
        (ConnectTimeoutError(endpoint_url=URL, error=SLOW_TO_CONNECT), "NetworkError", "no answer in time"),
        (ReadTimeoutError(endpoint_url=URL, error=SLOW), "NoAnswer", "no answer in time"),
        (ConnectionClosedError(endpoint_url=URL), "NetworkError", "the connection broke (ConnectionClosedError)"),
        (SSLError(endpoint_url=URL, error=EOF), "NetworkError", "EOF occurred in violation of protocol"),
    ],
)
def test_connection_that_the_sdk_makes_by_itself(error: BotoCoreError, code: str, reason: str) -> None:
    """Its search for credentials does not use the step's connections; a machine's service may do better in a moment.

    The SDK has one text for every cause, so the socket's own reason is told, with the host.
    """
    failure = call_error("The search for AWS credentials", error)

    assert (failure.code, failure.message) == (code, f"cognito-idp.eu-central-1.amazonaws.com: {reason}")
    assert failure.retryable


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (ProxyConnectionError(proxy_url="http://user:secret"), "the proxy could not be reached"),
        (HTTPClientError(error=ValueError("Failed to parse: 'user:secret'")), "the connection failed"),
    ],
)
def test_what_the_sdk_says_of_a_proxy_is_never_quoted(error: BotoCoreError, message: str) -> None:
    """It may hold a piece of the password, cut out by a parser; so may what the SDK itself did not expect."""
    failure = call_error("The search for AWS credentials", error)

    assert (failure.code, failure.message) == ("NetworkError", message)
    assert (failure.retryable, failure.outcome_unknown) == (True, True)


@pytest.mark.parametrize("error", [ResponseParserError("not XML"), KeyError("User")])
def test_answer_that_cannot_be_read_is_a_lost_one(error: ResponseParserError | KeyError) -> None:
    """The call may have taken effect, and may still do so."""
    failure = call_error("AdminCreateUser", error)

    assert (failure.code, failure.retryable) == ("ForeignAnswer", True)
    assert (failure.outcome_unknown, failure.unanswered) == (True, True)


@pytest.mark.parametrize("error", [ResponseParserError("<SecretAccessKey>SECRET</SecretAccessKey"), KeyError("SECRET")])
def test_answer_that_cannot_be_read_is_not_quoted(error: ResponseParserError | KeyError) -> None:
    """The SDK's message contains the answer, and STS's answer contains credentials."""
    failure = call_error("AssumeRoleWithWebIdentity", error)

    assert (failure.code, failure.message) == ("ForeignAnswer", "the answer could not be read")
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
    """A status of 500 or more may come after the work was done, and 504 before it; the code does not matter."""
    failure = call_error("AdminCreateUser", refusal(code, "", status))

    assert (failure.code, failure.retryable, failure.outcome_unknown) == (code, True, True)
    assert failure.unanswered is (status == 504)


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


@pytest.mark.parametrize(("code", "status"), [("InternalFailure", 501), ("Unsupported", 500)])
def test_operation_that_an_emulator_lacks_is_final(code: str, status: int) -> None:
    """It has the status of a failure, and will have it a moment later."""
    assert not call_error("ListUsers", refusal(code, "not implemented", status)).retryable
