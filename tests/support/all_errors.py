"""Every error that the code can produce, with the longest possible names and messages."""

from collections.abc import Callable

import pytest

from cognito_action.diagnostics.challenges import (
    challenge_unanswerable,
    srp_challenge_unusable,
    totp_secret_unknown,
    totp_secret_unusable,
)
from cognito_action.diagnostics.common import delete_command, find_commands
from cognito_action.diagnostics.deletion import (
    creation_unanswered,
    credentials_changed,
    foreign_state_entries,
    phone_user_not_listed,
    phone_user_unknown,
    proxies_changed,
    setup_missing,
    users_left_behind,
)
from cognito_action.diagnostics.id_token import id_token_refused, no_id_token
from cognito_action.diagnostics.inputs import invalid_inputs
from cognito_action.diagnostics.ownership import not_own_users, run_unknown, user_to_adopt_not_found
from cognito_action.diagnostics.pool import (
    call_refused,
    email_required,
    group_not_found,
    lost_user_in_the_way,
    phone_number_required,
)
from cognito_action.diagnostics.report import in_words, unexpected
from cognito_action.diagnostics.role import (
    credentials_unusable,
    no_credentials,
    partitions_differ,
    role_refused,
    sdk_misconfigured,
)
from cognito_action.diagnostics.runner import (
    browser_state_not_removed,
    browser_state_not_written,
    runner_file_not_written,
    temp_folder_missing,
)
from cognito_action.diagnostics.sign_in import sign_in_refused
from cognito_action.errors import ActionError, CallError
from cognito_action.github.oidc import OPERATION as TOKEN_REQUEST
from cognito_action.github.oidc import RunOrigin
from cognito_action.github.runner import RunnerFileError
from cognito_action.github.temp_files import TempFolderMissingError
from cognito_action.naming import Run

NO_SPACE = OSError(28, "No space left on device")

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
    *("ForeignAnswer", "TLSError", "CAFileError", "HostnameMismatch", "ProxyError", "ProxyURLError"),
    *("InvalidParameterException", "InvalidPasswordException", "UsernameExistsException", "AliasExistsException"),
    *("UserLambdaValidationException", "UserNotFoundException", "NotAuthorizedException", "TooManyRequestsException"),
    *("DeadlineExceeded", "SomethingNewException"),
]
SIGN_IN_CODES = [*CODES, "ForbiddenException", "CodeMismatchException"]
COMMANDS = [delete_command(POOL_ID, "11111111-2222-3333-4444-555555555555")] * 3 + [
    find_commands(POOL_ID, f'username ^= "gha-{"9" * 12}-{"9" * 12}-{"9" * 6}-"')
]

STS_MESSAGE = "x" * 120
"""STS has fixed messages, none longer than this; only Cognito quotes others, namely Lambda triggers."""

ROLE_REFUSED = [
    role_refused(CallError("AssumeRoleWithWebIdentity", code, message), ROLE_ARN, "ap-southeast-1", CLAIMS)
    for code in CODES
    for message in (
        STS_MESSAGE,
        f"No OpenIDConnect provider found in your account for {STS_MESSAGE}",
        "Incorrect token audience",
    )
]

TOKEN_REFUSED = [
    id_token_refused(CallError(TOKEN_REQUEST, code, LONG, retryable=retryable))
    for code, retryable in (
        ("401", False),
        ("500", True),
        ("NoToken", True),
        ("NetworkError", True),
        ("ForeignAnswer", True),
        ("TLSError", False),
        ("ProxyError", False),
    )
]

NOT_ENABLED = CallError("InitiateAuth", "InvalidParameterException", f"not enabled for this client {STS_MESSAGE}")
FORBIDDEN = CallError("InitiateAuth", "ForbiddenException", "Request not allowed due to WAF block.")

SIGN_IN_REFUSED = [
    sign_in_refused(
        [*(("USER_PASSWORD_AUTH", failure) for failure in earlier), ("ADMIN_USER_PASSWORD_AUTH", last)],
        POOL_ID,
        call_refused(last, POOL_ID, POOL_ARN),
    )
    for earlier in ([], [NOT_ENABLED, NOT_ENABLED], [FORBIDDEN, FORBIDDEN])
    for last in [
        *(CallError("AdminInitiateAuth", code, LONG) for code in SIGN_IN_CODES),
        NOT_ENABLED,
    ]
]


def _unexpected() -> ActionError:
    """The error that reports a bug."""
    with pytest.raises(ValueError, match="invalid literal") as caught:
        int(LONG)
    return unexpected(caught.value)


ERRORS: dict[Callable[..., ActionError], list[ActionError]] = {
    call_refused: [call_refused(CallError("AdminSetUserPassword", code, LONG), POOL_ID, POOL_ARN) for code in CODES],
    group_not_found: [
        group_not_found(
            CallError("AdminAddUserToGroup", "ResourceNotFoundException", "Group not found."), "g" * 128, POOL_ID
        )
    ],
    email_required: [email_required(or_phone_number=either) for either in (False, True)],
    phone_number_required: [phone_number_required()],
    foreign_state_entries: [foreign_state_entries([f"user-{number}" for number in range(1, 51)])],
    setup_missing: [setup_missing(["11111111-2222-3333-4444-555555555555"] * 50)],
    credentials_changed: [credentials_changed()],
    phone_user_unknown: [phone_user_unknown()],
    phone_user_not_listed: [phone_user_not_listed()],
    creation_unanswered: [creation_unanswered(users, POOL_ID, COMMANDS) for users in (1, 50)],
    proxies_changed: [
        proxies_changed(
            CallError("AdminDeleteUser", "NetworkError", STS_MESSAGE), before, "https_proxy=http://" + "h" * 60
        )
        for before in ("", "http_proxy=http://" + "h" * 60)
    ],
    lost_user_in_the_way: [lost_user_in_the_way(CallError("AdminCreateUser", "UsernameExistsException", LONG))],
    users_left_behind: [
        users_left_behind(
            call_refused(CallError("AdminDeleteUser", code, LONG), POOL_ID, POOL_ARN), POOL_ID, 4, COMMANDS
        )
        for code in CODES
    ]
    + [users_left_behind(error, POOL_ID, 4, COMMANDS) for error in (*ROLE_REFUSED, *TOKEN_REFUSED)],
    no_credentials: [no_credentials()],
    credentials_unusable: [credentials_unusable(CallError("The search for AWS credentials", "ConfigParseError", LONG))],
    role_refused: ROLE_REFUSED,
    id_token_refused: TOKEN_REFUSED,
    no_id_token: [no_id_token(origin) for origin in RunOrigin],
    runner_file_not_written: [
        runner_file_not_written(RunnerFileError("GITHUB_STEP_SUMMARY", "No space left on device"))
    ],
    temp_folder_missing: [temp_folder_missing(TempFolderMissingError("", ""))],
    browser_state_not_written: [browser_state_not_written("/github/runner_temp", NO_SPACE)],
    browser_state_not_removed: [browser_state_not_removed(f"cognito-test-user-{'0' * 32}.json", NO_SPACE)],
    invalid_inputs: [invalid_inputs(["user-pool-id: is required"])],
    partitions_differ: [partitions_differ(ROLE_ARN, "ap-southeast-1")],
    sign_in_refused: SIGN_IN_REFUSED,
    challenge_unanswerable: [challenge_unanswerable(name) for name in ("SMS_MFA", "EMAIL_OTP", "MFA_SETUP", LONG)],
    totp_secret_unknown: [totp_secret_unknown()],
    srp_challenge_unusable: [srp_challenge_unusable()],
    totp_secret_unusable: [totp_secret_unusable()],
    run_unknown: [run_unknown()],
    user_to_adopt_not_found: [
        user_to_adopt_not_found(CallError("AdminSetUserPassword", "UserNotFoundException", LONG))
    ],
    not_own_users: [
        not_own_users(names, Run("9" * 14, "9" * 14, "9" * 6))
        for names in (
            ["alice"],
            [LONG] * 50,
            [f"gha-{'8' * 14}-{'8' * 14}-{'8' * 6}-{'f' * 16}@{'d' * 64}"] * 50,
            ["+1"],
        )
    ],
    sdk_misconfigured: [
        sdk_misconfigured(CallError("The setup of the AWS SDK", code, f"Invalid endpoint: {LONG}"))
        for code in ("ValueError", "NetworkError")
    ],
    unexpected: [_unexpected()],
    in_words: [in_words(RunnerFileError("GITHUB_STATE", "No space left on device"))],
}
