"""Every error that the code can produce, with the longest possible names and messages."""

from collections.abc import Callable

import pytest

from cognito_action.diagnostics.access import PoolAccess
from cognito_action.diagnostics.ambient import credentials_unusable, no_credentials, sdk_misconfigured
from cognito_action.diagnostics.ambient_here import unusable_here
from cognito_action.diagnostics.attributes import attributes_refused
from cognito_action.diagnostics.challenges import (
    challenge_unanswerable,
    srp_challenge_unusable,
    totp_secret_unknown,
    totp_secret_unusable,
)
from cognito_action.diagnostics.command import (
    command_missing,
    command_not_started,
    file_not_written,
    journal_unreadable,
    journal_unusable,
    not_understood,
)
from cognito_action.diagnostics.common import any_call_failed, at_endpoint
from cognito_action.diagnostics.connections import not_reached
from cognito_action.diagnostics.credentials import KeyFacts, credentials_refused
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
from cognito_action.diagnostics.identity_pool import IdentityPoolAccess, identity_pool_refused
from cognito_action.diagnostics.identity_provider import audience_unknown, no_provider, thumbprint_differs
from cognito_action.diagnostics.inputs import invalid_inputs
from cognito_action.diagnostics.ownership import not_own_users, run_unknown, user_to_adopt_not_found
from cognito_action.diagnostics.permissions import permission_missing
from cognito_action.diagnostics.pool import (
    call_refused,
    creation_refused,
    email_required,
    groups_not_found,
    lost_user_in_the_way,
    phone_number_required,
)
from cognito_action.diagnostics.python import pool_not_set, users_not_set
from cognito_action.diagnostics.report import in_words, unexpected
from cognito_action.diagnostics.role import partitions_differ, role_refused
from cognito_action.diagnostics.runner import (
    browser_state_not_removed,
    browser_state_not_written,
    runner_file_not_written,
    temp_folder_missing,
)
from cognito_action.diagnostics.sign_in import sign_in_refused
from cognito_action.diagnostics.sign_up import (
    client_refused,
    limit_creates_nobody,
    message_limit_reached,
    sign_up_refused,
    signed_up_elsewhere,
)
from cognito_action.diagnostics.trust import trust_refused
from cognito_action.errors import CONNECTION_CODES, CREDENTIAL_CODES, ActionError, CallError
from cognito_action.github.oidc import OPERATION as TOKEN_REQUEST
from cognito_action.github.oidc import RunOrigin
from cognito_action.github.runner import RunnerFileError
from cognito_action.github.temp_files import TempFolderMissingError
from cognito_action.host import WEB_IDENTITY_COMMAND, WEB_IDENTITY_FILE, HostFileError
from cognito_action.naming import Place, Run
from cognito_action.network.endpoint import AWS, Endpoint
from cognito_action.words import HostKind

NO_SPACE = OSError(28, "No space left on device")

LONG = "x" * 10_000
POOL_ID = "eu-central-1_".ljust(55, "a")
POOL_ARN = f"arn:aws-us-gov:cognito-idp:eu-central-1:123456789012:userpool/{POOL_ID}"
EMULATOR = Endpoint(f"http://{'h' * 200}:4566", "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", "AWS_USE_FIPS_ENDPOINT")
ACCESS = PoolAccess(POOL_ID, "eu-central-1", POOL_ARN)
AT_EMULATOR = PoolAccess(POOL_ID, "eu-central-1", POOL_ARN, EMULATOR, key=KeyFacts(has_role=False))
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
    *sorted(CONNECTION_CODES - {"NetworkError"}),
    *sorted(CREDENTIAL_CODES - {"ExpiredTokenException"}),
    *("InvalidParameterException", "InvalidPasswordException", "UsernameExistsException", "AliasExistsException"),
    *("UserLambdaValidationException", "UserNotFoundException", "NotAuthorizedException", "TooManyRequestsException"),
    *("DeadlineExceeded", "SomethingNewException"),
]
SIGN_IN_CODES = [*CODES, "ForbiddenException", "CodeMismatchException", "PasswordNotOffered"]
COMMANDS = [AT_EMULATOR.cli.delete_user("11111111-2222-3333-4444-555555555555")] * 3 + [
    AT_EMULATOR.cli.find_users(f'username ^= "gha-{"9" * 12}-{"9" * 12}-{"9" * 6}-"')
]

STS_MESSAGE = "x" * 120
"""STS has fixed messages, none longer than this; only Cognito quotes others, namely Lambda triggers."""

ROLE_REFUSED = [
    role_refused(CallError("AssumeRoleWithWebIdentity", code, message), ROLE_ARN, "ap-southeast-1", CLAIMS, endpoint)
    for endpoint in (AWS, EMULATOR)
    for code in CODES
    for message in (
        STS_MESSAGE,
        f"No OpenIDConnect provider found in your account for {STS_MESSAGE}",
        "Incorrect token audience",
        "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint",
    )
]

TOKEN_REFUSED = [
    id_token_refused(CallError(TOKEN_REQUEST, code, LONG, retryable=retryable))
    for code, retryable in (
        ("401", False),
        ("500", True),
        ("NoToken", True),
        ("NetworkError", True),
        ("NoAnswer", True),
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
        call_refused(last, AT_EMULATOR),
    )
    for earlier in ([], [NOT_ENABLED] * 3, [FORBIDDEN] * 3)
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


MAY_NOT_CALL = "PreTokenGeneration invocation failed due to error AccessDeniedException."

GITLAB = {
    "iss": "https://gitlab.com",
    "aud": "sts.amazonaws.com",
    "sub": f"project_path:{'g' * 200}:ref_type:tag:ref:v1",
}
CIRCLECI = {"iss": f"https://oidc.circleci.com/org/{'0' * 36}", "aud": "0" * 36, "sub": "org/1/project/2/user/3"}

SEARCH_CODES = [
    *("ConfigParseError", "ProfileNotFound", "FileNotFoundError", "MetadataRetrievalError", "SSOTokenLoadError"),
    *("PartialCredentialsError", "BrokenCredentials", "CredentialRetrievalError", "NetworkError", "SomethingNew"),
]

ROLE_REFUSED_ELSEWHERE = [
    role_refused(CallError("AssumeRoleWithWebIdentity", code, message), ROLE_ARN, "ap-southeast-1", claims, AWS)
    for claims in (GITLAB, CIRCLECI, {**GITLAB, "sub": "project_path:g/a:ref_type:branch:ref:main"})
    for code in CODES
    for message in (
        STS_MESSAGE,
        f"No OpenIDConnect provider found in your account for {STS_MESSAGE}",
        "Incorrect token audience",
        "Missing a required claim",
    )
]

TOKEN_REFUSED_ELSEWHERE = [
    id_token_refused(CallError(operation, code, LONG))
    for operation in (WEB_IDENTITY_FILE, WEB_IDENTITY_COMMAND)
    for code in ("FileNotFoundError", "NoToken", "Timeout", "Status1")
]

ERRORS: dict[Callable[..., ActionError], list[ActionError]] = {
    call_refused: [
        call_refused(CallError("AdminSetUserPassword", code, LONG), access)
        for code in CODES
        for access in (ACCESS, AT_EMULATOR)
    ]
    + [
        call_refused(CallError("AdminCreateUser", "UnexpectedLambdaException", MAY_NOT_CALL), access)
        for access in (ACCESS, AT_EMULATOR)
    ],
    any_call_failed: [
        any_call_failed(CallError("AdminCreateUser", code, LONG), EMULATOR, "eu-central-1", KeyFacts())
        for code in CODES
    ],
    at_endpoint: [at_endpoint(phone_user_unknown(), EMULATOR)],
    creation_refused: [creation_refused(CallError("AdminCreateUser", code, LONG), ACCESS, LONG) for code in CODES],
    sign_up_refused: [
        sign_up_refused(CallError("SignUp", code, LONG), ACCESS, LONG)
        for code in (*CODES, "ForbiddenException")
        if code != "AccessDeniedException"  # the call is public
    ],
    client_refused: [
        client_refused(CallError("AdminInitiateAuth", code, message), access)
        for code in CODES
        for message in (LONG, f"User pool client {LONG} does not exist.")
        for access in (ACCESS, AT_EMULATOR)
    ],
    message_limit_reached: [message_limit_reached(CallError("SignUp", "LimitExceededException", LONG), AT_EMULATOR)],
    signed_up_elsewhere: [
        signed_up_elsewhere(
            CallError("AdminConfirmSignUp", "UserNotFoundException", LONG),
            "a" * 128,
            "11111111-2222-3333-4444-555555555555",
            AT_EMULATOR,
        )
    ],
    limit_creates_nobody: [
        limit_creates_nobody(CallError("SignUp", "LimitExceededException", LONG), "a" * 128, "gha-…", AT_EMULATOR)
    ],
    attributes_refused: [
        attributes_refused(CallError("AdminCreateUser", "InvalidParameterException", message), f"{'n' * 58}@{'d' * 64}")
        for message in (
            LONG,
            "email: String must be no longer than 10",
            "email: String must be no longer than 90",
            "\n".join(f"attribute_{number:02}: The attribute is required" for number in range(40)),
        )
    ],
    permission_missing: [
        permission_missing(CallError("AdminCreateUser", "AccessDeniedException", message), AT_EMULATOR)
        for message in (LONG, f"with an explicit deny in a service control policy {LONG}")
    ],
    **{
        tell: [tell(CallError("AssumeRoleWithWebIdentity", "InvalidIdentityToken", message), ROLE_ARN, CLAIMS)]
        for tell, message in (
            (no_provider, "No OpenIDConnect provider found in your account for x"),
            (audience_unknown, "Incorrect token audience"),
            (thumbprint_differs, "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint"),
        )
    },
    trust_refused: [
        trust_refused(CallError("AssumeRoleWithWebIdentity", "AccessDenied", message), ROLE_ARN, CLAIMS)
        for message in (STS_MESSAGE, f"with an explicit deny in a resource control policy {STS_MESSAGE}")
    ],
    not_reached: [
        not_reached(CallError("AdminCreateUser", code, LONG, variable="https_proxy"), endpoint, "`user-pool-id`")
        for code in sorted(CONNECTION_CODES)
        for endpoint in (AWS, EMULATOR)
    ],
    credentials_refused: [
        credentials_refused(CallError("AdminCreateUser", code, LONG), facts, AWS, "eu-central-1")
        for code in sorted(CREDENTIAL_CODES)
        for facts in (KeyFacts(), KeyFacts(has_role=False))
    ],
    groups_not_found: [
        groups_not_found(
            CallError("AdminAddUserToGroup", "ResourceNotFoundException", "Group not found."), groups, ACCESS.cli
        )
        for groups in (["g" * 128], ["g" * 20, "h" * 20])
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
        users_left_behind(call_refused(CallError("AdminDeleteUser", code, LONG), AT_EMULATOR), POOL_ID, 4, COMMANDS)
        for code in CODES
    ]
    + [users_left_behind(error, POOL_ID, 4, COMMANDS) for error in (*ROLE_REFUSED, *TOKEN_REFUSED)],
    no_credentials: [
        no_credentials({}, hosts_only=False),
        no_credentials({"AWS_REGION": "x"}, hosts_only=False),
        no_credentials({}, hosts_only=True),
    ],
    credentials_unusable: [
        credentials_unusable(
            CallError("The search for AWS credentials", code, LONG),
            {"AWS_WEB_IDENTITY_TOKEN_FILE": LONG, "AWS_CONTAINER_CREDENTIALS_FULL_URI": LONG},
        )
        for code in ("ConfigParseError", "ProfileNotFound", "FileNotFoundError", "MetadataRetrievalError")
    ],
    unusable_here: [
        unusable_here(CallError("The search for AWS credentials", code, LONG), {}) for code in SEARCH_CODES
    ],
    role_refused: [*ROLE_REFUSED, *ROLE_REFUSED_ELSEWHERE],
    id_token_refused: [*TOKEN_REFUSED, *TOKEN_REFUSED_ELSEWHERE],
    no_id_token: [no_id_token(origin) for origin in RunOrigin],
    file_not_written: [file_not_written(HostFileError(f"/{'f' * 200}/journal", "No space left on device"))],
    runner_file_not_written: [
        runner_file_not_written(RunnerFileError("GITHUB_STEP_SUMMARY", "No space left on device"))
    ],
    temp_folder_missing: [temp_folder_missing(TempFolderMissingError("", ""))],
    browser_state_not_written: [browser_state_not_written("/tmp/state", NO_SPACE)],
    browser_state_not_removed: [browser_state_not_removed(f"cognito-test-user-{'0' * 32}.json", NO_SPACE)],
    invalid_inputs: [invalid_inputs(["user-pool-id: is required"])],
    partitions_differ: [partitions_differ(ROLE_ARN, "ap-southeast-1")],
    sign_in_refused: SIGN_IN_REFUSED,
    challenge_unanswerable: [challenge_unanswerable(name) for name in ("SMS_MFA", "EMAIL_OTP", "MFA_SETUP", LONG)],
    identity_pool_refused: [
        identity_pool_refused(
            CallError("GetCredentialsForIdentity", code, LONG),
            IdentityPoolAccess(f"ap-southeast-1:{'0' * 36}", "ap-southeast-1", POOL_ID, endpoint),
            f"cognito-idp.ap-southeast-1.amazonaws.com/{POOL_ID}",
        )
        for code in (*CODES, "InvalidIdentityPoolConfigurationException")
        for endpoint in (AWS, EMULATOR)
    ],
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
        sdk_misconfigured(CallError("The setup of the AWS SDK", code, f"Invalid endpoint: {LONG}"), endpoint, {})
        for code in ("ValueError", "NoAnswer")
        for endpoint in (AWS, EMULATOR)
    ],
    unexpected: [_unexpected()],
    journal_unusable: [journal_unusable(HostFileError("The journal /x.journal", "Permission denied"))],
    journal_unreadable: [journal_unreadable("/home/me/.local/state/cognito-test-user/x.journal")],
    command_not_started: [
        command_not_started(LONG, reason, not_there=not_there)
        for not_there in (True, False)
        for reason in ("it is not there", "Argument list too long")
    ],
    command_missing: [command_missing("run")],
    not_understood: [not_understood(f"unrecognized arguments: {LONG}", "run")],
    pool_not_set: [pool_not_set()],
    users_not_set: [users_not_set()],
    in_words: [in_words(RunnerFileError("GITHUB_STATE", "No space left on device"))],
}

APART: dict[Callable[..., ActionError], list[ActionError]] = {
    no_credentials: [no_credentials({"AWS_REGION": "x"}, hosts_only=False, kind=HostKind.COMMAND)],
    credentials_unusable: [
        credentials_unusable(
            CallError("The search for AWS credentials", code, LONG), {"AWS_PROFILE": "p"}, HostKind.COMMAND
        )
        for code in SEARCH_CODES
    ],
    no_id_token: [no_id_token(RunOrigin.ELSEWHERE, HostKind.COMMAND)],
    invalid_inputs: [invalid_inputs(["user-pool-id: is required"], HostKind.COMMAND)],
    foreign_state_entries: [foreign_state_entries([f"user-{number}" for number in range(1, 51)], HostKind.COMMAND)],
    setup_missing: [setup_missing(["11111111-2222-3333-4444-555555555555"] * 50, HostKind.COMMAND)],
    not_own_users: [not_own_users(["alice", "+1"], Place("0" * 16, "0" * 14))],
}
"""What is said in place of those in `ERRORS` if the command is told."""

OF_COMMAND = {**ERRORS, **APART}
"""Every error, as it is made for the command."""
