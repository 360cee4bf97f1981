"""The errors if a user can't sign up: what the pool forbids, what the app client may not, and whose the app client is."""

import shlex
from dataclasses import replace

import pytest
from hypothesis import given

from cognito_action.diagnostics.sign_up import (
    client_refused,
    limit_creates_nobody,
    message_limit_reached,
    sign_up_refused,
    signed_up_elsewhere,
)
from cognito_action.errors import ActionError, CallError
from cognito_action.network.endpoint import Endpoint
from tests.support.examples import ACCESS, EMAIL, POOL_ID, SUB, TEXT

CLIENT_ID = "1example23456789"

ELSEWHERE = replace(ACCESS, endpoint=Endpoint("http://localhost:4566", "AWS_ENDPOINT_URL"))


def refused(code: str, message: str = "no", address: str = EMAIL) -> ActionError:
    """The error for a sign-up that was refused."""
    return sign_up_refused(CallError("SignUp", code, message), ACCESS, address)


@pytest.mark.parametrize(
    ("code", "message", "why", "fix"),
    [
        (
            "NotAuthorizedException",
            "SignUp is not permitted for this user pool",
            "Only administrators can create users in this pool",
            "Leave `sign-up` out.",
        ),
        (
            "NotAuthorizedException",
            "A client attempted to write unauthorized attribute",
            "`email` unless `email-domain` is empty, `phone_number` with `phone-number`, and those under `attributes`",
            "`WriteAttributes`",
        ),
        (
            "NotAuthorizedException",
            f"Client {CLIENT_ID} is configured with secret but SECRET_HASH was not received",
            "`client-secret` is not set",
            "Set it",
        ),
        (
            "NotAuthorizedException",
            f"Unable to verify secret hash for client {CLIENT_ID}",
            "`client-secret` is not that of this app client",
            "the app client's page",
        ),
        (
            "NotAuthorizedException",
            f"Client {CLIENT_ID} is not configured for secret but secret hash was received",
            "The app client has no secret",
            "Leave `client-secret` out.",
        ),
        (
            "ResourceNotFoundException",
            f"User pool client {CLIENT_ID} does not exist.",
            "There is no such app client in this pool.",
            f"an app client of {POOL_ID}",
        ),
        (
            "UserLambdaValidationException",
            "PreSignUp failed with error no robots.",
            "The pool's pre sign-up trigger refused or failed",
            "`triggerSource` PreSignUp_SignUp, which anyone can cause",
        ),
        (
            "CodeDeliveryFailureException",
            "Email sending failed",
            "could not send its code",
            "Messages of a sign-up",
        ),
        ("InvalidEmailRoleAccessPolicyException", "no", "could not send its code", "Messages of a sign-up"),
        ("ForbiddenException", "Request not allowed due to WAF block.", "web ACL (AWS WAF)", "test pool without it"),
    ],
)
def test_refusal_of_a_sign_up_is_told_by_its_cause(code: str, message: str, why: str, fix: str) -> None:
    """The code alone says little: the message tells one from the other."""
    error = refused(code, message)

    assert error.what == f"SignUp failed with {code}: {message}"
    assert why in error.why
    assert fix in error.fix
    assert "{" not in error.why + error.fix


def test_sign_up_that_is_off_has_the_lines_that_switch_it_on() -> None:
    """As a template has them."""
    assert refused("NotAuthorizedException", "SignUp is not permitted for this user pool").paste == (
        "AdminCreateUserConfig:\n  AllowAdminCreateUserOnly: false"
    )


@pytest.mark.parametrize(
    ("code", "message", "why"),
    [
        ("InvalidParameterException", "birthdate: no", "not a date"),
        ("InvalidParameterException", "email: String must be no longer than 20 characters", f"has {len(EMAIL)}: "),
        ("InvalidParameterException", "SMS configuration is missing", "no settings for that"),
        ("UserLambdaValidationException", "CustomMessage failed with error no.", "A Lambda trigger of the pool"),
        (
            "UnexpectedLambdaException",
            "PreSignUp invocation failed due to error AccessDeniedException.",
            "not allow it",
        ),
        ("InvalidPasswordException", "no", "password policy"),
        ("UsernameExistsException", "no", "That user was left alone"),
        ("ResourceNotFoundException", f"User pool {POOL_ID} does not exist.", "no such user pool"),
        ("NotAuthorizedException", "The pool is suspended", "may be suspended or protected"),
    ],
)
def test_what_a_creation_can_meet_as_well_has_the_same_words(code: str, message: str, why: str) -> None:
    """There is one text for each cause."""
    error = refused(code, message)

    assert why in error.why + error.fix


@given(message=TEXT)
def test_any_message_is_told(message: str) -> None:
    """Whatever the pool, or a trigger of it, says: it gets into no sentence."""
    for code in ("NotAuthorizedException", "UserLambdaValidationException", "ResourceNotFoundException", message):
        error = refused(code, message)

        assert error.why
        assert error.fix
        assert len(message) < 20 or message not in error.why + error.fix + error.paste


# The app client


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (f"User pool client {CLIENT_ID} does not exist.", "There is no such app client in this pool."),
        (f"Client {CLIENT_ID} not found", "There is no such app client in this pool."),
        (f"User pool {POOL_ID} does not exist.", "There is no such user pool in this account and region."),
        ("", "There is no such user pool in this account and region."),
    ],
)
def test_missing_client_is_told_from_a_missing_pool(message: str, why: str) -> None:
    """Both have the same code."""
    assert client_refused(CallError("AdminInitiateAuth", "ResourceNotFoundException", message), ACCESS).why == why


@pytest.mark.parametrize(
    ("code", "fix"), [("AccessDeniedException", "Add this statement"), ("InternalErrorException", "")]
)
def test_proof_that_fails_otherwise_is_told_as_any_call(code: str, fix: str) -> None:
    """Whatever its message says about clients."""
    error = client_refused(
        CallError("AdminInitiateAuth", code, f"client {CLIENT_ID} is not configured for secret"), ACCESS
    )

    assert "app client" not in error.why
    assert fix in error.fix


# A user without a message, and one who is elsewhere


NOT_THERE = CallError("AdminConfirmSignUp", "UserNotFoundException", "User does not exist.")


def test_limit_on_messages_says_that_the_user_exists() -> None:
    """And who deletes it; the way out is a pool that sends nothing."""
    error = message_limit_reached(CallError("SignUp", "LimitExceededException", "Exceeded daily email limit"), ACCESS)

    assert error.what == "SignUp failed with LimitExceededException: Exceeded daily email limit"
    assert "The user exists then" in error.why
    assert "The post step deletes the user." in error.why
    assert "Messages of a sign-up" in error.fix


def test_user_who_is_elsewhere_is_named_with_the_command_that_deletes_it() -> None:
    """Which pool that is, only the author of the workflow can find out."""
    error = signed_up_elsewhere(NOT_THERE, CLIENT_ID, SUB, ACCESS)

    assert error.what == "AdminConfirmSignUp failed with UserNotFoundException: User does not exist."
    assert "This user stays there: it can't be deleted from here." in error.why
    assert error.details.splitlines() == [
        f"user: {SUB}",
        f"signed up by the app client: {CLIENT_ID}",
        f"not in: {POOL_ID}",
    ]
    assert shlex.split(error.paste) == [
        *("aws", "cognito-idp", "admin-delete-user", "--region", ACCESS.region),
        *("--user-pool-id", f"<pool of {CLIENT_ID}>", "--username", SUB),
    ]
    assert error.language == "sh"


def test_limit_that_creates_nobody_is_told_as_another_one() -> None:
    """The pool may be full; should the app client be another pool's, its ID and the user's name are there."""
    error = limit_creates_nobody(CallError("SignUp", "LimitExceededException", "no"), CLIENT_ID, "gha-1-2-1-…", ACCESS)

    assert error.what == "SignUp failed with LimitExceededException: no"
    assert "as many users as it may" in error.why
    assert error.details.splitlines() == [
        "user: gha-1-2-1-… (no `sub`)",
        f"signed up by the app client: {CLIENT_ID}",
        f"not in: {POOL_ID}",
    ]


@pytest.mark.parametrize(
    "error",
    [
        sign_up_refused(CallError("SignUp", "ForbiddenException", "no"), ELSEWHERE, EMAIL),
        sign_up_refused(CallError("SignUp", "UsernameExistsException", "no"), ELSEWHERE, EMAIL),
        client_refused(CallError("AdminInitiateAuth", "ResourceNotFoundException", "no client"), ELSEWHERE),
        client_refused(CallError("AdminInitiateAuth", "AccessDeniedException", "no"), ELSEWHERE),
        signed_up_elsewhere(CallError("AdminConfirmSignUp", "UserNotFoundException", "no"), "x", SUB, ELSEWHERE),
        message_limit_reached(CallError("SignUp", "LimitExceededException", "no"), ELSEWHERE),
    ],
    ids=lambda error: error.what.partition("\n")[0],
)
def test_endpoint_is_named_if_a_setting_has_decided_it(error: ActionError) -> None:
    """Usually it is an emulator's, which may know another pool."""
    assert "endpoint: http://localhost:4566 (AWS_ENDPOINT_URL)" in error.details
