"""The errors if Cognito refuses a call on the pool."""

import json
import shlex

import pytest

from cognito_action.diagnostics.common import general_cause
from cognito_action.diagnostics.pool import (
    call_refused,
    email_required,
    group_not_found,
    lost_user_in_the_way,
    phone_number_required,
)
from cognito_action.errors import CONNECTION_CODES, ActionError, CallError
from tests.support.examples import POOL_ARN, POOL_ID
from tools.emulator.job import ROOT

AMBIENT_ARN = "arn:aws:cognito-idp:eu-central-1:<account>:userpool/eu-central-1_AbCdEfGhI"


UNKNOWN = "Read the message above; AWS's reference lists the errors of each operation."
OTHER_VALUES = "Use another `phone-number`, or other values if `attributes` sets an alias such as preferred_username."


def refused(
    code: str, message: str = "no", operation: str = "AdminCreateUser", *, retryable: bool = False
) -> ActionError:
    """The error for a refusal by Cognito."""
    return call_refused(CallError(operation, code, message, retryable=retryable), POOL_ID, POOL_ARN)


@pytest.mark.parametrize(
    ("code", "why", "fix"),
    [
        (
            "ResourceNotFoundException",
            "There is no such user pool",
            "(eu-central-1_AbCdEfGhI; its region is eu-central-1)",
        ),
        ("InvalidParameterException", "Cognito does not accept a value.", "Set `attributes` to what"),
        ("InvalidPasswordException", "The pool's policy refused a password", "change the pool's password policy"),
        ("UsernameExistsException", "Another user of the pool already has the phone number", OTHER_VALUES),
        ("AliasExistsException", "Another user of the pool already has the phone number", OTHER_VALUES),
        (
            "UserLambdaValidationException",
            "A Lambda trigger of the pool refused or failed",
            "`client-metadata` can carry",
        ),
        ("UnexpectedLambdaException", "A Lambda trigger of the pool refused or failed", "`client-metadata` can carry"),
        (
            "InvalidLambdaResponseException",
            "A Lambda trigger of the pool refused or failed",
            "`client-metadata` can carry",
        ),
        (
            "UserNotFoundException",
            "The user vanished between two calls",
            "Let it skip users whose names start with `gha-`.",
        ),
        (
            "NotAuthorizedException",
            "The pool does not allow this to anyone",
            "Look at the pool in the Cognito console.",
        ),
        ("SomethingNewException", "The action does not know this error.", UNKNOWN),
        ("TooManyRequestsException", "The quota belongs to the account in this region", "`strategy.max-parallel`"),
        ("ThrottlingException", "The quota belongs to the account in this region", "`strategy.max-parallel`"),
        (
            "ExpiredTokenException",
            "The AWS credentials are expired or broken.",
            "With `role-to-assume`, run the job again.",
        ),
        (
            "UnrecognizedClientException",
            "The AWS credentials are expired or broken.",
            "With `role-to-assume`, run the job again.",
        ),
        (
            "InvalidSignatureException",
            "The AWS credentials are expired or broken.",
            "With `role-to-assume`, run the job again.",
        ),
        (
            "NetworkError",
            "The service could not be reached, or the connection broke.",
            (
                "If the runner is self-hosted, let it reach AWS, through `https_proxy` if it needs a proxy. If there is no "
                "such host, check `user-pool-id`, which the region is taken from."
            ),
        ),
        ("DeadlineExceeded", "The calls before it used up the step's time", "Run the job again"),
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
    assert error.fix == "Run the job again later."


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


# Permissions


@pytest.mark.parametrize("operation", ["AdminCreateUser", "AdminSetUserPassword", "AdminDeleteUser"])
def test_missing_permission_is_one_statement(operation: str) -> None:
    """The statement has all that the action needs, on this pool, so that the next call does not fail the same way."""
    error = refused("AccessDeniedException", "not authorized", operation)

    assert json.loads(error.paste) == {
        "Effect": "Allow",
        "Action": [
            "cognito-idp:AdminCreateUser",
            "cognito-idp:AdminSetUserPassword",
            "cognito-idp:AdminDeleteUser",
        ],
        "Resource": "arn:aws:cognito-idp:eu-central-1:123456789012:userpool/eu-central-1_AbCdEfGhI",
    }


@pytest.mark.parametrize("operation", ["ListUsers", "AdminAddUserToGroup"])
def test_missing_permission_for_another_call_is_in_the_statement(operation: str) -> None:
    """A lookup by phone number needs one more action, and so does a group."""
    error = refused("AccessDeniedException", "not authorized", operation)

    assert json.loads(error.paste)["Action"][3:] == [f"cognito-idp:{operation}"]


@pytest.mark.parametrize(
    ("operation", "switch", "variable"),
    [
        ("AdminAddUserToGroup", "Groups", "groups"),
        ("AdminInitiateAuth", "SignIn", "sign_in"),
        ("AdminRespondToAuthChallenge", "SignIn", "sign_in"),
        ("ListUsers", "Sweep", "sweep"),
    ],
)
def test_missing_permission_names_its_switch(operation: str, switch: str, variable: str) -> None:
    """The next deployment of `infra/` would undo an edit of its role; the error names what turns the permission on."""
    error = refused("AccessDeniedException", "not authorized", operation)

    assert error.fix.startswith(
        f"If the role was made by the action's `infra/`, deploy it again with `{switch}=true` "
        f"(Terraform: `{variable} = true`). Otherwise: Add this statement"
    )
    assert f"\n  {switch}:\n" in (ROOT / "infra/cloudformation.yaml").read_text(encoding="utf-8")
    assert f'variable "{variable}" {{' in "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "infra/terraform").glob("*.tf")
    )
    assert "infra" not in refused("AccessDeniedException", "not authorized", "AdminCreateUser").fix


def test_statement_for_a_challenge_also_allows_the_call_that_asks_it() -> None:
    """A role whose statement for `AdminInitiateAuth` is replaced by it keeps that permission."""
    error = refused("AccessDeniedException", "not authorized", "AdminRespondToAuthChallenge")

    assert json.loads(error.paste)["Action"][3:] == [
        "cognito-idp:AdminInitiateAuth",
        "cognito-idp:AdminRespondToAuthChallenge",
    ]


@pytest.mark.parametrize(
    ("resource", "named"),
    [
        (POOL_ARN, POOL_ARN),
        (f"{POOL_ARN}.", POOL_ARN),
        (POOL_ARN.replace("123456789012", "210987654321"), POOL_ARN.replace("123456789012", "210987654321")),
        (f"{POOL_ARN}J", AMBIENT_ARN),
        (POOL_ARN.replace("AbC", "XyZ"), AMBIENT_ARN),
        (POOL_ARN.replace("123456789012", "*"), AMBIENT_ARN),
        ("arn:aws:iam::123456789012:user/x", AMBIENT_ARN),
        ("", AMBIENT_ARN),
    ],
)
def test_account_is_read_from_the_refusal_if_it_names_the_pool(resource: str, named: str) -> None:
    """Without a role the action does not know the account; AWS's message usually has it."""
    message = f"User: x is not authorized to perform: cognito-idp:AdminCreateUser on resource: {resource} because"
    error = call_refused(CallError("AdminCreateUser", "AccessDeniedException", message), POOL_ID, AMBIENT_ARN)

    assert json.loads(error.paste)["Resource"] == named


# Groups


@pytest.mark.parametrize("group", ["admins", "a'b", "$(touch evil)", "`evil`", "--help", "é/漢", "a;b|c&d>e", '"'])
def test_missing_group_comes_with_the_command_that_creates_it(group: str) -> None:
    """The name is one word to the shell, whatever it contains."""
    error = group_not_found(
        CallError("AdminAddUserToGroup", "ResourceNotFoundException", "Group not found."), group, POOL_ID
    )

    assert error.what == (
        f"The user pool has no group {group}. "
        "AdminAddUserToGroup failed with ResourceNotFoundException: Group not found."
    )
    assert "`groups`" in error.why
    assert shlex.split(error.paste) == [
        *("aws", "cognito-idp", "create-group", "--region", "eu-central-1", "--user-pool-id", "eu-central-1_AbCdEfGhI"),
        *("--group-name", group),
    ]
    assert error.language == "sh"


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
    assert (error.why, error.fix) == general_cause(CallError(operation, code, ""))
    assert error.paste == ""


def test_user_of_a_lost_answer_is_deleted_by_post() -> None:
    """It is one of this step, so no value has to be changed."""
    error = lost_user_in_the_way(CallError("AdminCreateUser", "UsernameExistsException", "User account already exists"))

    assert error.what == "AdminCreateUser failed with UsernameExistsException: User account already exists"
    assert error.why.startswith("The answer to an earlier attempt was lost")
    assert error.fix == "Run the job again: the post step deletes that user."
