"""What is said if Cognito asks during a sign-in for something that the action can't give."""

import re
from collections.abc import Mapping

from cognito_action.diagnostics.phrases import NO_ADDRESS, OUR_NAMES
from cognito_action.errors import ActionError
from cognito_action.words import Text, Words

NO_AUTHENTICATOR = (
    (
        "The pool requires a second factor but does not accept authenticator apps (TOTP), the only one that can be set up "
        "here."
    ),
    "Enable authenticator apps in the pool's settings for multi-factor authentication.",
)
"""Why, and what to change."""

_CHALLENGES: Mapping[str, tuple[str, Text]] = {
    "SMS_MFA": (
        (
            "Cognito sends a code by SMS, which no CI can read. It does so if the pool requires a second factor and the user "
            "has a phone number."
        ),
        (
            "Use a test pool that accepts authenticator apps (TOTP) and not SMS as a second factor, or leave `phone-number` out "
            "if the pool allows it: a user without a number gets an authenticator."
        ),
    ),
    "EMAIL_OTP": (
        (
            "Cognito sends a code by email, which no CI can read. It does so if the pool requires a second factor, accepts "
            "email as one, and the user has an address."
        ),
        NO_ADDRESS.within(
            "Use a test pool that accepts authenticator apps (TOTP) and not email as a second factor, or set {} if the pool "
            "takes plain usernames: a user without an address gets an authenticator."
        ),
    ),
    "SELECT_MFA_TYPE": (
        "The user could choose between second factors, all of them codes that Cognito sends and no CI can read.",
        "Use a test pool that accepts only authenticator apps (TOTP) as the second factor: one is set up for the user.",
    ),
    "MFA_SETUP": NO_AUTHENTICATOR,
    "NEW_PASSWORD_REQUIRED": (
        "The user has a permanent password already; something in the account has reset it since.",
        OUR_NAMES.within("Let it skip users whose username or `email` starts with {}."),
    ),
}

_NOT_COGNITO = (
    "Cognito does not answer like this: something on the way to Cognito changes answers, or is not Cognito.",
    "Look for a proxy, or an `AWS_ENDPOINT_URL…` variable that points elsewhere.",
)
"""Why an answer makes no sense, and what to do."""


_NAME = re.compile("[A-Z][A-Z0-9_]{1,60}")
"""How Cognito names its challenges. Any other text may be anything."""


def challenge_unanswerable(challenge: str) -> ActionError:
    """Cognito asks during the sign-in for something that the action can't give."""
    why, fix = _CHALLENGES.get(challenge) or (
        (
            "A sign-in here proves the password, and answers MFA_SETUP, and SOFTWARE_TOKEN_MFA for an authenticator that was "
            "set up at the same time; each challenge once."
        ),
        (
            "Use an app client and a test pool whose sign-in does not ask for this, or leave `client-id` out and sign in in "
            "your tests."
        ),
    )
    name = challenge if _NAME.fullmatch(challenge) else "something without a name"
    return ActionError(what=f"The sign-in asks for {name}, which can't be answered here.", why=why, fix=fix)


def totp_secret_unknown() -> ActionError:
    """Cognito asks for a code of an authenticator that was set up elsewhere."""
    return ActionError(
        what="The sign-in asks for a code of the user's authenticator (SOFTWARE_TOKEN_MFA), and its secret is not here.",
        why=Words(
            "The pool requires a second factor, and an earlier job signed the user in and set one up. Its secret stayed in "
            "that job: no secret crosses from one to another.",
            "The pool requires a second factor, and whoever signed the user in first has set one up. Its secret stayed there.",
        ),
        fix=Words(
            "Leave `client-id` out where the user is created: the step that signs the user in first sets the authenticator "
            "up, and has the output `totp-secret`.",
            "Leave `--client-id` out where the user is created: whoever signs the user in first sets the authenticator up, and "
            "gets its secret.",
        ),
    )


def srp_challenge_unusable() -> ActionError:
    """Cognito's challenge lacks a value, or has one that the protocol forbids."""
    why, fix = _NOT_COGNITO
    return ActionError(
        what="The challenge PASSWORD_VERIFIER is incomplete, or not one that SRP allows.", why=why, fix=fix
    )


def totp_secret_unusable() -> ActionError:
    """What Cognito sends as the secret of an authenticator can't be one."""
    why, fix = _NOT_COGNITO
    return ActionError(
        what="AssociateSoftwareToken returned a secret that is not base32, or too short.", why=why, fix=fix
    )
