"""Lambda triggers of the pool: whether they refuse, fail, or can't be called."""

import shlex

import pytest

from cognito_action.diagnostics.triggers import trigger_failed
from cognito_action.errors import ActionError, CallError
from tests.support.examples import ACCESS

UNEXPECTED, REFUSED, UNREADABLE = (
    "UnexpectedLambdaException",
    "UserLambdaValidationException",
    "InvalidLambdaResponseException",
)


def told(code: str, message: str) -> ActionError:
    """The error for a trigger that is in the way."""
    error = trigger_failed(CallError("AdminCreateUser", code, message), ACCESS)
    assert error
    return error


@pytest.mark.parametrize("trigger", ["PreSignUp", "PreTokenGeneration", "PostAuthentication"])
def test_function_that_cognito_may_not_call(trigger: str) -> None:
    """Two commands: one that shows its name, and one that allows the call, from this pool alone."""
    error = told(UNEXPECTED, f"{trigger} invocation failed due to error AccessDeniedException.")

    assert f"Cognito may not call the pool's {trigger} function" in error.why
    show, allow = error.paste.split("\n")
    assert "describe-user-pool" in show
    assert shlex.split(allow) == [
        *("aws", "lambda", "add-permission", "--region", "eu-central-1", "--function-name", "<function>"),
        *("--statement-id", "cognito-eu-central-1_AbCdEfGhI", "--action", "lambda:InvokeFunction"),
        *("--principal", "cognito-idp.amazonaws.com", "--source-arn", ACCESS.arn),
    ]


@pytest.mark.parametrize(
    ("code", "message", "why", "fix"),
    [
        (
            UNEXPECTED,
            "PreSignUp invocation failed due to error Socket timeout while invoking Lambda function.",
            "The pool's PreSignUp function took longer than the 5 seconds",
            "More memory",
        ),
        (
            UNEXPECTED,
            "PreSignUp invocation failed due to error ResourceNotFoundException.",
            "The function that the pool calls for PreSignUp does not exist",
            "take the trigger out",
        ),
        (
            UNEXPECTED,
            "PreSignUp invocation failed due to error TooManyRequestsException.",
            "more often at once than Lambda allows",
            "reserved concurrency",
        ),
        (REFUSED, "null invocation failed due to configuration.", "custom challenges", "`auth-flow`"),
        (UNREADABLE, "Unrecognizable lambda output", "returned something that Cognito can't read", "`response`"),
        (
            UNEXPECTED,
            "PreSignUp failed with error RequestId: 1-2-3 Error: Runtime exited with error: exit status 1",
            "crashed",
            "log group",
        ),
        (
            UNEXPECTED,
            "PreSignUp failed with error 2026-11-29 Task timed out after 3.00 seconds.",
            "crashed",
            "log group",
        ),
        (
            REFUSED,
            "PreTokenGeneration failed with error no tenant.",
            "does not pass `client-metadata` to this trigger by `USER_PASSWORD_AUTH`",
            "starts with `gha-` or `success+gha-`",
        ),
        (REFUSED, "PreSignUp failed with error not you.", "pre sign-up trigger", "PreSignUp_AdminCreateUser"),
        (REFUSED, "PreAuthentication failed with error no.", "the trigger's own", "`client-metadata` can carry"),
        (UNEXPECTED, "", "the trigger's own", "`client-metadata` can carry"),
    ],
)
def test_trigger_is_told_by_what_happened(code: str, message: str, why: str, fix: str) -> None:
    """The text after the code tells a refusal from a crash, a time-out and a function that is not there."""
    error = told(code, message)

    assert why in error.why
    assert fix in error.fix
    assert "{" not in error.why + error.fix


@pytest.mark.parametrize("code", [UNEXPECTED, REFUSED])
def test_post_confirmation_that_fails_says_that_the_user_exists(code: str) -> None:
    """Two commands: one that shows the name of the function, and one that shows what it has logged."""
    error = told(code, "PostConfirmation failed with error relation users does not exist.")

    assert "The user exists, and the post step deletes it." in error.why
    show, read_log = error.paste.split("\n")
    assert "describe-user-pool" in show
    assert shlex.split(read_log) == [
        *("aws", "logs", "tail", "/aws/lambda/<function>", "--region", "eu-central-1", "--since", "10m")
    ]
    assert error.language == "sh"


def test_crash_of_a_post_confirmation_says_that_the_user_exists_too() -> None:
    """That comes before the advice for any crash, and after that for a function that could not be called."""
    crash = told(UNEXPECTED, "PostConfirmation failed with error RequestId: 1-2-3 Error: Runtime exited with error")
    closed = told(UNEXPECTED, "PostConfirmation invocation failed due to error AccessDeniedException.")

    assert "The user exists" in crash.why
    assert "Cognito may not call the pool's PostConfirmation function" in closed.why


def test_text_of_a_trigger_gets_into_no_sentence() -> None:
    """Only its name does, which is a word."""
    error = told(UNEXPECTED, "::error::x [a](b) invocation failed due to error AccessDeniedException.")

    assert "Cognito may not call" not in error.why


def test_other_refusals_are_none_of_a_trigger() -> None:
    """They have causes elsewhere."""
    assert trigger_failed(CallError("AdminCreateUser", "InvalidParameterException", "no"), ACCESS) is None
