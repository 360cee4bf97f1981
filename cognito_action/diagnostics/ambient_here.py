"""What the command says of AWS credentials that are of no use: it sees this machine's profiles and variables."""

import shlex
from collections.abc import Mapping, Sequence

from cognito_action.diagnostics.causes import Cause, cause_of
from cognito_action.diagnostics.common import usual_cause
from cognito_action.errors import ActionError, CallError

NONE = (
    "No variable and no profile holds any, and `--role-to-assume` is not set.",
    (
        "On your own machine, sign in with `aws sso login` or `aws configure`, and set `AWS_PROFILE` if the profile is not the "
        "default one. In a CI, set `--role-to-assume` and `--web-identity-token-file`."
    ),
)
"""Why there are none, and what to do."""

_LOGIN = Cause(
    "The credentials are those of IAM Identity Center (SSO), and its session has expired, or was never begun.",
    "Sign in again:",
    codes=(
        "SSOError",
        "SSOTokenLoadError",
        "UnauthorizedSSOTokenError",
        "TokenRetrievalError",
        "PendingAuthorizationExpiredError",
    ),
    paste="{login}",
    language="sh",
)

_CAUSES: Sequence[Cause] = (
    Cause(
        "{variable} names a profile that is not in `~/.aws/config` or `~/.aws/credentials`, or in the files that "
        "`AWS_CONFIG_FILE` and `AWS_SHARED_CREDENTIALS_FILE` name.",
        "Correct the variable. This lists the profiles:",
        codes=("ProfileNotFound",),
        paste="aws configure list-profiles",
        language="sh",
    ),
    _LOGIN,
    Cause(
        "Its role is assumed with a code of an MFA device. The AWS CLI keeps such a session for an hour, and it is used.",
        "Begin one, and run this again:",
        codes=("NoCode",),
        paste="{session}",
        language="sh",
    ),
    Cause(
        "One of the two keys is set, as a variable or in the profile, and its other half is not.",
        "Set what the message names, too. Or take both away, and set `AWS_PROFILE` to a profile that has both.",
        codes=("PartialCredentialsError",),
    ),
    Cause(
        "The credentials were found, and they can't be used.",
        "Store them again, without spaces and line breaks, for example with `aws configure`.",
        codes=("BrokenCredentials",),
    ),
    Cause(
        "A file with settings or credentials of AWS can't be read as one.",
        "Correct the file that the message names, or the variable that names the file.",
        codes=("ConfigParseError", "ConfigNotFound", "FileNotFoundError", "PermissionError", "UnicodeDecodeError"),
    ),
    Cause(
        "The service that a variable `AWS_CONTAINER_CREDENTIALS_…` names, or the machine's metadata service, gave none.",
        "Run it where that service can be reached. Otherwise take the variable away, and set `AWS_PROFILE`.",
        codes=("MetadataRetrievalError",),
    ),
    Cause(
        "The profile gets its credentials from a program (`credential_process`) or a service, which gave none.",
        "See what this says, which asks for the same credentials, and mend it:",
        codes=("CredentialRetrievalError",),
        paste="aws sts get-caller-identity",
        language="sh",
    ),
)

_UNUSABLE = Cause(
    "The credentials that the variables and the profile lead to can't be used.",
    "See whether this works, which asks for the same credentials, and mend what it says:",
    paste="aws sts get-caller-identity",
    language="sh",
)


def unusable_here(error: CallError, environ: Mapping[str, str]) -> ActionError:
    """The search for credentials on this machine found some that can't be used, and not because of a connection."""
    # The SDK reads them in this order.
    variable = next((name for name in ("AWS_DEFAULT_PROFILE", "AWS_PROFILE") if environ.get(name)), "AWS_PROFILE")
    profile = environ.get(variable, "")
    login = shlex.join(["aws", "sso", "login", *(["--profile", profile] if profile else [])])
    session = shlex.join(["aws", "sts", "get-caller-identity", *(["--profile", profile] if profile else [])])
    cause = cause_of(error, _CAUSES) or usual_cause(error) or _UNUSABLE
    return cause.told(error, variable=f"`{variable}`", login=login, session=session)
