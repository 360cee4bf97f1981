"""What is said where Cognito asks at a sign-in for something that the action can't give."""

from collections.abc import Mapping

from cognito_action.errors import ActionError
from cognito_action.text import quoted

NO_AUTHENTICATOR = (
    (
        "The pool requires a second factor but does not take authenticator apps (TOTP), the only one that the action can "
        "set up."
    ),
    "Enable authenticator apps in the pool's settings for multi-factor authentication.",
)
"""Why, and what to change."""


_CHALLENGES: Mapping[str, tuple[str, str]] = {
    "SMS_MFA": (
        (
            "Cognito sends a code by SMS, which no CI can read. It does so where the pool requires a second factor and the "
            "user has a phone number."
        ),
        (
            "Use a pool for tests that takes authenticator apps (TOTP) and not SMS as second factor, or leave `phone-number` "
            "out where the pool allows it: for a user without a number the action sets up an authenticator."
        ),
    ),
    "EMAIL_OTP": (
        (
            "Cognito sends a code by e-mail, which no CI can read. It does so where the pool requires a second factor, takes "
            "e-mail for one, and the user has an address."
        ),
        (
            "Use a pool for tests that takes authenticator apps (TOTP) and not e-mail as second factor, or set `email-domain: ''` "
            "where the pool takes plain user names: for a user without an address the action sets up an authenticator."
        ),
    ),
    "SELECT_MFA_TYPE": (
        "The user could choose between second factors, all of them codes that Cognito sends and no CI can read.",
        "Use a pool for tests that takes only authenticator apps (TOTP) as second factor: the action sets one up.",
    ),
    "MFA_SETUP": NO_AUTHENTICATOR,
    "NEW_PASSWORD_REQUIRED": (
        "The user has a permanent password already; something in the account has reset it since.",
        "Let users whose names begin with `gha-` alone.",
    ),
}


def unanswerable(challenge: str) -> ActionError:
    """Cognito asks for something at the sign-in that the action can't give."""
    why, fix = _CHALLENGES.get(challenge) or (
        (
            "The action answers the challenges PASSWORD_VERIFIER, MFA_SETUP and SOFTWARE_TOKEN_MFA, the last one for an "
            "authenticator that it has set up in the same step, and each of them once."
        ),
        (
            "Use an app client and a pool for tests whose sign-in does not ask for this, or leave `client-id` out and sign in "
            "in your tests."
        ),
    )
    return ActionError(
        what=f"The sign-in asks for {quoted(challenge)}, which the action can't answer.", why=why, fix=fix
    )


def secret_elsewhere() -> ActionError:
    """Cognito asks for a code of an authenticator that this step has not set up."""
    return ActionError(
        what="The sign-in asks for a code of the user's authenticator (SOFTWARE_TOKEN_MFA), and this step lacks its secret.",
        why="The pool demands a second factor, and an earlier job signed the user in and set one up. Its secret stayed "
        "in that job: no secret crosses from one to another.",
        fix="Leave `client-id` out where the user is created: the step that signs the user in first sets the authenticator "
        "up, and has the output `totp-secret`.",
    )


def unusable(what: str) -> ActionError:
    """Cognito's answer can't be worked with; `what` says in the action's own words how it is broken."""
    return ActionError(
        what=what,
        why="Cognito does not answer so: something between the runner and Cognito changes answers, or is no Cognito.",
        fix="Look for a proxy, or an `AWS_ENDPOINT_URL…` variable that leads elsewhere.",
    )
