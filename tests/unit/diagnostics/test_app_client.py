"""What is wrong with an app client: each refusal has one cause, in the words of Cognito and of emulators."""

import pytest

from cognito_action.diagnostics.app_client import APP_CLIENT
from cognito_action.diagnostics.causes import cause_of
from cognito_action.errors import ActionError, CallError
from tests.support.examples import POOL_ID


def told(code: str, message: str) -> ActionError | None:
    """The error for a refusal; None if it is none of the app client's."""
    error = CallError("InitiateAuth", code, message)
    cause = cause_of(error, APP_CLIENT)
    return cause.told(error, pool=POOL_ID) if cause else None


@pytest.mark.parametrize(
    ("code", "message", "fix"),
    [
        (
            "NotAuthorizedException",
            "Client x is configured with secret but SECRET_HASH was not received",
            "Set it, for example from a secret of the repository:",
        ),
        ("InvalidParameterException", "App client x is not configured for secret", "Leave `client-secret` out."),
        ("NotAuthorizedException", "Unable to verify secret hash for client x", "Set it to what"),
        ("ResourceNotFoundException", "User pool client x does not exist.", f"an app client of {POOL_ID}."),
        ("ResourceNotFoundException", "Client not found", f"an app client of {POOL_ID}."),
    ],
)
def test_refusal_has_one_cause(code: str, message: str, fix: str) -> None:
    """The advice names the input to change."""
    error = told(code, message)

    assert error
    assert fix in error.fix


def test_secret_is_pasted_as_a_reference() -> None:
    """Nobody is to write it into the workflow, and the braces are those of an expression."""
    error = told("NotAuthorizedException", "SECRET_HASH was not received")

    assert error
    assert error.paste == "with:\n  client-secret: ${{ secrets.COGNITO_CLIENT_SECRET }}"


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("ResourceNotFoundException", f"User pool {POOL_ID} does not exist."),
        ("ResourceNotFoundException", "User pool clients_x does not exist."),
        ("NotAuthorizedException", "Incorrect username or password."),
        ("UserNotFoundException", "no client"),
        ("InvalidParameterException", "SECRET_HASH was not received"),
    ],
)
def test_other_refusals_are_none_of_the_app_client(code: str, message: str) -> None:
    """They have causes elsewhere."""
    assert told(code, message) is None
