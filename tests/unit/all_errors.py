"""Every error that the functions of the code can make, with the longest names and messages that there can be."""

from collections.abc import Callable

import pytest

from cognito_action import errors
from cognito_action.diagnostics import challenges as challenge_errors
from cognito_action.diagnostics import common as commands
from cognito_action.diagnostics import ownership as ownership_errors
from cognito_action.diagnostics import pool as pool_errors
from cognito_action.diagnostics import role as role_errors
from cognito_action.diagnostics import sign_in as sign_in_errors
from cognito_action.errors import ActionError, Failure
from cognito_action.github.oidc import OPERATION as TOKEN_REQUEST
from cognito_action.naming import Run

LONG = "x" * 10_000
POOL_ID = "eu-central-1_".ljust(55, "a")
POOL_ARN = f"arn:aws-us-gov:cognito-idp:eu-central-1:123456789012:userpool/{POOL_ID}"
ROLE_ARN = f"arn:aws-us-gov:iam::123456789012:role/{'a' * 576}"
CLAIMS = {
    "iss": f"https://token.actions.githubusercontent.com/{'e' * 60}",
    "aud": "a" * 255,
    "sub": f"repo:{'o' * 39}@1234567890/{'r' * 100}@1234567890:environment:{'e' * 255}",
    "repository": f"{'o' * 39}/{'r' * 100}",
    "ref": f"refs/heads/{'b' * 244}",
    "environment": "e" * 255,
}
CODES = [
    *("AccessDenied", "AccessDeniedException", "ExpiredTokenException", "IDPRejectedClaim", "InvalidIdentityToken"),
    *(
        "RegionDisabledException",
        "ValidationError",
        "PackedPolicyTooLarge",
        "ResourceNotFoundException",
        "NetworkError",
    ),
    *("InvalidParameterException", "InvalidPasswordException", "UsernameExistsException", "AliasExistsException"),
    *("UserLambdaValidationException", "UserNotFoundException", "NotAuthorizedException", "TooManyRequestsException"),
    *("DeadlineExceeded", "SomethingNewException"),
]
SIGN_IN_CODES = [*CODES, "ForbiddenException", "CodeMismatchException"]
COMMANDS = [commands.delete_command(POOL_ID, "11111111-2222-3333-4444-555555555555")] * 3 + [
    commands.find_commands(POOL_ID, f'username ^= "gha-{"9" * 12}-{"9" * 12}-{"9" * 6}-"')
]

OF_STS = "x" * 120
"""STS has fixed texts of its own, no longer than this; only Cognito quotes others, the Lambda triggers."""

ROLE_REFUSED = [
    role_errors.role_refused(Failure("AssumeRoleWithWebIdentity", code, message), ROLE_ARN, "ap-southeast-1", CLAIMS)
    for code in CODES
    for message in (OF_STS, f"No OpenIDConnect provider found in your account for {OF_STS}", "Incorrect token audience")
] + [
    role_errors.role_refused(Failure(TOKEN_REQUEST, code, LONG, transient=transient), ROLE_ARN, "eu-central-1", {})
    for code, transient in (("401", False), ("500", True), ("NoToken", True), ("NetworkError", True))
]

NOT_ENABLED = Failure("InitiateAuth", "InvalidParameterException", f"not enabled for this client {OF_STS}")
FORBIDDEN = Failure("InitiateAuth", "ForbiddenException", "Request not allowed due to WAF block.")

SIGN_IN_REFUSED = [
    sign_in_errors.refused(
        [*(("USER_PASSWORD_AUTH", failure) for failure in earlier), ("ADMIN_USER_PASSWORD_AUTH", last)],
        POOL_ID,
        lambda failure: pool_errors.cognito_refused(failure, POOL_ID, POOL_ARN),
    )
    for earlier in ([], [NOT_ENABLED, NOT_ENABLED], [FORBIDDEN, FORBIDDEN])
    for last in [
        *(Failure("AdminInitiateAuth", code, LONG) for code in SIGN_IN_CODES),
        NOT_ENABLED,
    ]
]


def _unexpected() -> ActionError:
    """What is said of a bug."""
    with pytest.raises(ValueError, match="invalid literal") as caught:
        int(LONG)
    return errors.unexpected(caught.value)


ERRORS: dict[Callable[..., ActionError], list[ActionError]] = {
    pool_errors.cognito_refused: [
        pool_errors.cognito_refused(Failure("AdminSetUserPassword", code, LONG), POOL_ID, POOL_ARN) for code in CODES
    ],
    pool_errors.no_such_group: [
        pool_errors.no_such_group(
            Failure("AdminAddUserToGroup", "ResourceNotFoundException", "Group not found."), "g" * 128, POOL_ID
        )
    ],
    pool_errors.email_wanted: [pool_errors.email_wanted(or_phone=either) for either in (False, True)],
    pool_errors.phone_wanted: [pool_errors.phone_wanted()],
    pool_errors.foreign_state: [pool_errors.foreign_state([f"user-{number}" for number in range(1, 51)])],
    pool_errors.no_setup: [pool_errors.no_setup(["11111111-2222-3333-4444-555555555555"] * 50)],
    pool_errors.other_credentials: [pool_errors.other_credentials()],
    pool_errors.unknown_phone_user: [pool_errors.unknown_phone_user()],
    pool_errors.left_behind: [
        pool_errors.left_behind(
            pool_errors.cognito_refused(Failure("AdminDeleteUser", code, LONG), POOL_ID, POOL_ARN), POOL_ID, 4, COMMANDS
        )
        for code in CODES
    ]
    + [pool_errors.left_behind(error, POOL_ID, 4, COMMANDS) for error in ROLE_REFUSED],
    role_errors.no_credentials: [role_errors.no_credentials()],
    role_errors.credentials_refused: [
        role_errors.credentials_refused(Failure("The search for AWS credentials", "ConfigParseError", LONG))
    ],
    role_errors.role_refused: ROLE_REFUSED,
    role_errors.other_partition: [role_errors.other_partition(ROLE_ARN, "ap-southeast-1")],
    sign_in_errors.refused: SIGN_IN_REFUSED,
    challenge_errors.unanswerable: [
        challenge_errors.unanswerable(name) for name in ("SMS_MFA", "EMAIL_OTP", "MFA_SETUP", LONG)
    ],
    challenge_errors.secret_elsewhere: [challenge_errors.secret_elsewhere()],
    challenge_errors.unusable: [
        challenge_errors.unusable("The challenge for USER_SRP_AUTH is incomplete, or not one that SRP allows."),
        challenge_errors.unusable("AssociateSoftwareToken returned a secret that is not base32, or too short."),
    ],
    ownership_errors.no_repository: [ownership_errors.no_repository()],
    ownership_errors.not_there: [
        ownership_errors.not_there(Failure("AdminSetUserPassword", "UserNotFoundException", LONG))
    ],
    ownership_errors.strangers: [
        ownership_errors.strangers(names, Run("9" * 14, "9" * 14, "9" * 6))
        for names in (
            ["alice"],
            [LONG] * 50,
            [f"gha-{'8' * 14}-{'8' * 14}-{'8' * 6}-{'f' * 16}@{'d' * 64}"] * 50,
            ["+1"],
        )
    ],
    role_errors.sdk_not_configured: [role_errors.sdk_not_configured(ValueError(f"Invalid endpoint: {LONG}"))],
    errors.unexpected: [_unexpected()],
}
