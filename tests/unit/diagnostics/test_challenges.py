"""The errors if Cognito asks for something that the action can't give."""

import pytest

from cognito_action.diagnostics.challenges import challenge_unanswerable, srp_challenge_unusable, totp_secret_unusable
from cognito_action.errors import ActionError


@pytest.mark.parametrize(
    ("challenge", "why", "fix"),
    [
        ("SMS_MFA", "a code by SMS, which no CI can read", "`phone-number`"),
        ("EMAIL_OTP", "a code by email, which no CI can read", "`email-domain: ''`"),
        ("SELECT_MFA_TYPE", "could choose between second factors", "authenticator apps (TOTP)"),
        ("MFA_SETUP", "does not accept authenticator apps (TOTP)", "Enable authenticator apps"),
        ("NEW_PASSWORD_REQUIRED", "has reset it since", "`gha-`"),
        ("CUSTOM_CHALLENGE", "A sign-in here proves the password, and answers MFA_SETUP", "leave `client-id` out"),
        ("SOMETHING_NEW", "A sign-in here proves the password, and answers MFA_SETUP", "leave `client-id` out"),
    ],
)
def test_challenge_that_cannot_be_answered_has_a_cause_and_a_fix(challenge: str, why: str, fix: str) -> None:
    """The error names it, and says what to change in the pool or the step."""
    error = challenge_unanswerable(challenge)

    assert error.what == f"The sign-in asks for {challenge}, which can't be answered here."
    assert why in error.why
    assert fix in error.fix


def test_challenge_of_any_length_leaves_room_for_the_advice() -> None:
    """The name of a challenge comes from outside."""
    error = challenge_unanswerable("X" * 10000)

    assert len(error.what) < 1200
    assert "leave `client-id` out" in error.annotation


@pytest.mark.parametrize("error", [srp_challenge_unusable(), totp_secret_unusable()])
def test_unusable_answer_points_to_what_is_in_between(error: ActionError) -> None:
    """Cognito itself does not answer like this."""
    assert "something on the way to Cognito" in error.why
    assert "`AWS_ENDPOINT_URL…`" in error.fix
