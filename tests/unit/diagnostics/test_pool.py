"""The errors if Cognito refuses a call on the pool."""

from dataclasses import replace

import pytest

from cognito_action.diagnostics.common import any_call_failed
from cognito_action.diagnostics.credentials import OF_ROLE
from cognito_action.diagnostics.pool import (
    call_refused,
    creation_refused,
    email_required,
    groups_not_found,
    lost_user_in_the_way,
    phone_number_required,
)
from cognito_action.errors import CONNECTION_CODES, ActionError, CallError
from cognito_action.network.endpoint import AWS, Endpoint
from tests.support.examples import ACCESS

NO_GROUP = CallError("AdminAddUserToGroup", "ResourceNotFoundException", "Group not found.")

UNKNOWN = "Read the message above; AWS's reference lists the errors of each operation."
OTHER_VALUES = "Use another `phone-number`, or other values if `attributes` sets an alias such as preferred_username."


def refused(
    code: str, message: str = "no", operation: str = "AdminCreateUser", *, retryable: bool = False
) -> ActionError:
    """The error for a refusal by Cognito."""
    return call_refused(CallError(operation, code, message, retryable=retryable), ACCESS)


@pytest.mark.parametrize(
    ("code", "why", "fix"),
    [
        (
            "ResourceNotFoundException",
            "There is no such user pool",
            "(eu-central-1_AbCdEfGhI; its region is eu-central-1)",
        ),
        ("InvalidPasswordException", "The pool's policy refused a password", "change the pool's password policy"),
        (
            "UsernameExistsException",
            "Another user of the pool, perhaps of a run at the same time, already has the phone number",
            OTHER_VALUES,
        ),
        (
            "AliasExistsException",
            "Another user of the pool, perhaps of a run at the same time, already has the phone number",
            OTHER_VALUES,
        ),
        (
            "UserNotFoundException",
            "The user vanished between two calls",
            "Let it skip users whose username or `email` starts with `gha-` or `success+gha-`.",
        ),
        (
            "NotAuthorizedException",
            "The pool does not allow this to anyone",
            "Look at the pool in the Cognito console.",
        ),
        ("SomethingNewException", "This error is not known here.", UNKNOWN),
        ("TooManyRequestsException", "The quota belongs to the account in this region", "`strategy.max-parallel`"),
        ("ThrottlingException", "The quota belongs to the account in this region", "`strategy.max-parallel`"),
        ("DeadlineExceeded", "The calls before it used up the time for all of them", "Run it again"),
    ],
)
def test_refusal_of_cognito_is_explained(code: str, why: str, fix: str) -> None:
    """Each known code has its cause and its fix, with the real names in them."""
    error = refused(code)

    assert error.what == f"AdminCreateUser failed with {code}: no"
    assert error.why.startswith(why)
    assert fix in error.fix
    assert "{" not in error.annotation


def test_failing_service_is_explained() -> None:
    """A failure that lasts until the deadline is not a refusal."""
    error = refused("InternalErrorException", "", retryable=True)

    assert error.what == "AdminCreateUser failed with InternalErrorException: (no message)"
    assert error.why == "The service failed, and kept failing until the deadline."
    assert error.fix == "Run it again later."


@pytest.mark.parametrize(
    ("message", "quote"),
    [
        ("x" * 1000, "x" * 1000),
        ("x" * 1001, "… (1001 characters in all)"),
        ("x " * 50_000, f"{('x ' * 486).strip()}… (99999 characters in all)"),
        (f"{'x' * 970} {'secret' * 10}", f"{'x' * 970}… (1031 characters in all)"),
        ("\x1b " * 500, "\\u001b " * 138 + "\\u001b… (3499 characters in all)"),
    ],
)
def test_long_message_leaves_the_advice_in_view(message: str, quote: str) -> None:
    """A trigger's text is quoted up to 1000 characters, whole words only: a piece of a secret would not be masked."""
    error = refused("UserLambdaValidationException", message)

    assert error.what == f"AdminCreateUser failed with UserLambdaValidationException: {quote}"
    assert len(quote) <= 1000


@pytest.mark.parametrize(
    ("message", "quote"),
    [(" no\n", "no"), ("\r\n two\nlines\t", "two\nlines"), (" \n", "(no message)"), ("", "(no message)")],
)
def test_white_space_around_a_message_is_left_out(message: str, quote: str) -> None:
    """White space that AWS or a trigger adds breaks no line, and white space alone is not a message."""
    assert (
        refused("SomethingNewException", message).what == f"AdminCreateUser failed with SomethingNewException: {quote}"
    )


def test_white_space_does_not_count_against_the_limit() -> None:
    """1000 characters are quoted whole, whatever white space is around them."""
    assert refused("SomethingNewException", f"\n{'x' * 1000}\n").what.endswith(": " + "x" * 1000)


# Groups


def test_missing_group_comes_with_the_command_that_creates_it() -> None:
    """One group, one command."""
    error = groups_not_found(NO_GROUP, ["admins"], ACCESS.cli)

    assert error.what == (
        "The user pool has no group admins. AdminAddUserToGroup failed with ResourceNotFoundException: Group not found."
    )
    assert "`groups` names a group that is not in this pool" in error.why
    assert (error.paste, error.language) == (ACCESS.cli.create_group("admins"), "sh")


def test_missing_groups_are_told_all_at_once() -> None:
    """Each has its command."""
    error = groups_not_found(NO_GROUP, ["admins", "editors"], ACCESS.cli)

    assert error.what.startswith("The user pool has no groups admins, editors. ")
    assert error.paste.split("\n") == [ACCESS.cli.create_group("admins"), ACCESS.cli.create_group("editors")]


# Inputs that are missing


@pytest.mark.parametrize(
    ("error", "what", "fix"),
    [
        (email_required(or_phone_number=False), "takes only an email address", "email-domain: example.com"),
        (phone_number_required(), "takes only a phone number", 'phone-number: "+15555550123"'),
    ],
)
def test_each_error_names_its_cause_and_its_fix(error: ActionError, what: str, fix: str) -> None:
    """The text says what a reader has to know and do."""
    assert what in error.what
    assert error.why
    assert fix in f"{error.fix}\n{error.paste}"


@pytest.mark.parametrize("code", sorted(CONNECTION_CODES))
@pytest.mark.parametrize("operation", ["AdminCreateUser", "AdminDeleteUser", "InitiateAuth"])
def test_failure_on_the_way_to_cognito_is_none_of_the_pool(code: str, operation: str) -> None:
    """What stands between is the same for every call, and no permission is missing."""
    error = refused(code, "what happened", operation)

    assert error.what == f"{operation} failed with {code}: what happened"
    expected = any_call_failed(CallError(operation, code, "what happened"), AWS, "eu-central-1", OF_ROLE)
    assert error.annotation == expected.annotation


@pytest.mark.parametrize(
    ("code", "message", "why"),
    [
        ("ResourceNotFoundException", "User pool us-east-1_x does not exist.", "does not have what this call needs"),
        ("UnknownOperationException", "", "does not have what this call needs"),
        ("NetworkError", "aws:4566: Connection refused", "no one answers there"),
        ("UnrecognizedClientException", "", "does not know these credentials"),
    ],
)
def test_endpoint_of_the_job_is_the_first_suspect(code: str, message: str, why: str) -> None:
    """An emulator that other steps need knows neither the pool nor the role: the variable is named, and left out."""
    access = replace(ACCESS, endpoint=Endpoint("http://aws:4566", "AWS_ENDPOINT_URL"))
    error = call_refused(CallError("AdminCreateUser", code, message), access)

    assert error.why.startswith("`AWS_ENDPOINT_URL` names another place than AWS")
    assert why in error.why
    assert "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS" in error.paste
    assert error.details == "endpoint: http://aws:4566 (AWS_ENDPOINT_URL)"


def test_other_refusals_of_an_emulator_mean_what_aws_means() -> None:
    """Only where the call went is added."""
    access = replace(ACCESS, endpoint=Endpoint("http://aws:4566", "AWS_ENDPOINT_URL"))
    error = call_refused(CallError("AdminCreateUser", "UsernameExistsException", "no"), access)

    assert error.fix == OTHER_VALUES
    assert error.details == "endpoint: http://aws:4566 (AWS_ENDPOINT_URL)"


@pytest.mark.parametrize(
    ("code", "message", "why"),
    [
        (
            "InvalidSmsRoleTrustRelationshipException",
            "Role does not have a trust relationship",
            "may not assume the IAM role",
        ),
        ("InvalidSmsRoleAccessPolicyException", "Role does not have permission to publish", "IAM role"),
        ("InvalidParameterException", "User pool does not have SMS configuration to send messages.", "no settings"),
        ("CodeDeliveryFailureException", "Unable to deliver message", "sender trigger"),
        ("LimitExceededException", "no", "does not fall with time"),
    ],
)
def test_pool_that_wants_to_send_something(code: str, message: str, why: str) -> None:
    """The action asks it not to; what is behind it is told."""
    assert why in refused(code, message).why
    assert creation_refused(CallError("AdminCreateUser", code, message), ACCESS, "").why == refused(code, message).why


def test_creation_that_the_schema_refuses() -> None:
    """It has causes of its own, with the address that was offered."""
    message = "Attributes did not conform to the schema: email: String must be no longer than 10"
    error = creation_refused(CallError("AdminCreateUser", "InvalidParameterException", message), ACCESS, "a@b.example")

    assert "The generated one has 11" in error.why


def test_lost_answer_may_have_taken_the_number() -> None:
    """Who has it now is not known."""
    error = CallError("AdminCreateUser", "UsernameExistsException", "no", outcome_unknown=True)

    assert "may be the user that it created" in call_refused(error, ACCESS).why


def test_user_of_a_lost_answer_is_deleted_by_post() -> None:
    """It is one of this step, so no value has to be changed."""
    error = lost_user_in_the_way(CallError("AdminCreateUser", "UsernameExistsException", "User account already exists"))

    assert error.what == "AdminCreateUser failed with UsernameExistsException: User account already exists"
    assert error.why.startswith("The answer to an earlier attempt was lost")
    assert error.fix == "Run the job again: the post step deletes that user."
