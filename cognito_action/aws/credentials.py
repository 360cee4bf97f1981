"""The way to Cognito: clients of the SDK, with a role's credentials or with those of the environment."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore import UNSIGNED
from botocore.config import Config
from botocore.parsers import ResponseParserError
from botocore.session import Session

from cognito_action.aws.iam import SESSION_SECONDS, Role, pool_arn, region_of, session_policy
from cognito_action.aws.responses import SDK_ERRORS, failure_of
from cognito_action.aws.sdk import CONFIG, isolated_session, new_client, repeated
from cognito_action.aws.user_pool import UserPool
from cognito_action.diagnostics import role as role_errors
from cognito_action.diagnostics.pool import PERMISSIONS
from cognito_action.errors import Failure
from cognito_action.github.oidc import IdTokens, claims_of
from cognito_action.github.runner import Runner
from cognito_action.retry import Retry

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.client import CognitoIdentityProviderClient
    from mypy_boto3_sts.client import STSClient
    from mypy_boto3_sts.type_defs import CredentialsTypeDef


OPERATION = "AssumeRoleWithWebIdentity"


_SEARCH = "The search for AWS credentials"


@dataclass(frozen=True)
class Access:
    """A way to the user pool."""

    client: "CognitoIdentityProviderClient"
    pool_id: str
    pool_arn: str
    credentials: str
    """Digest of the access key's id where no role was assumed: it tells post whether it meets the same credentials,
    and the id itself, which the job may hold for a secret, goes nowhere."""

    def user_pool(self, retry: Retry, permissions: Sequence[str] = PERMISSIONS) -> UserPool:
        """The pool, with the permissions that the action needs in all, for an error to name."""
        return UserPool(self.client, self.pool_id, self.pool_arn, retry, permissions)


def ambient(pool_id: str, retry: Retry) -> Access:
    """Return a way with the credentials of the environment; raises `ActionError`."""
    try:
        session, key_id = repeated(retry, _SEARCH, _find_credentials)
    except Failure as failure:
        raise role_errors.credentials_refused(failure) from failure
    except ValueError as error:
        raise role_errors.sdk_not_configured(error) from error
    client = new_client(session, "cognito-idp", region_of(pool_id))
    arn = pool_arn(pool_id, client.meta.partition, "<account>")
    return Access(client, pool_id, arn, credentials=hashlib.sha256(key_id.encode()).hexdigest()[:16])


def _find_credentials() -> tuple[Session, str]:
    session = Session()
    try:
        credentials = session.get_credentials()
        if credentials is None:
            raise role_errors.no_credentials()
        found = credentials.get_frozen_credentials()
    except OSError as error:  # a file that a variable names, and that is not in the container
        raise Failure(_SEARCH, type(error).__name__, str(error)) from None
    if not _are_words(str(found.access_key), str(found.secret_key), found.token or "none"):
        raise Failure(_SEARCH, "BrokenCredentials", "they hold a line break, a space or what else no credentials hold")
    return session, str(found.access_key)


def assume(
    role: Role, tokens: IdTokens, pool_id: str, operations: Sequence[str], retry: Retry, runner: Runner
) -> Access:
    """Return a way with the credentials of `role`, held to `operations` on the pool; raises `ActionError`."""
    arn = pool_arn(pool_id, role.partition, role.account)
    session = isolated_session()
    credentials = _assume(role, tokens, session, region_of(pool_id), session_policy(arn, operations), retry, runner)
    client = new_client(
        session,
        "cognito-idp",
        region_of(pool_id),
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )
    return Access(client, pool_id, arn, credentials="")


def _assume(
    role: Role,
    tokens: IdTokens,
    session: Session,
    region: str,
    policy: str,
    retry: Retry,
    runner: Runner,
) -> "CredentialsTypeDef":
    """Each attempt takes a new ID token: one lives for minutes only, and a refused one may be refused again."""
    sts: STSClient = new_client(session, "sts", region, config=CONFIG.merge(Config(signature_version=UNSIGNED)))
    if sts.meta.partition != role.partition:
        raise role_errors.other_partition(role.arn, region)
    token = ""

    def attempt() -> "CredentialsTypeDef":
        nonlocal token
        token = tokens.new()
        try:
            answer = sts.assume_role_with_web_identity(
                RoleArn=role.arn,
                RoleSessionName=role.session_name,
                WebIdentityToken=token,
                DurationSeconds=SESSION_SECONDS,
                Policy=policy,
            )
            return _usable(answer["Credentials"])
        except SDK_ERRORS as error:
            failure = failure_of(OPERATION, error)
            failure.transient = failure.transient or _can_change(failure)
            raise failure from None

    try:
        credentials = retry(OPERATION, attempt)
    except Failure as failure:
        raise role_errors.role_refused(failure, role.arn, region, claims_of(token)) from failure
    runner.mask(credentials["AccessKeyId"])
    runner.mask(credentials["SecretAccessKey"])
    runner.mask(credentials["SessionToken"])
    runner.log(f"Assumed {role.arn} as {role.session_name}.")
    return credentials


def _usable(credentials: "CredentialsTypeDef") -> "CredentialsTypeDef":
    """The same, if a request can carry them."""
    if not _are_words(credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"]):
        raise ResponseParserError
    return credentials


def _are_words(*credentials: str) -> bool:
    """Tell whether these can be credentials: HTTP's headers, which carry them, hold no line breaks."""
    return all(re.fullmatch("[!-~]+", text) for text in credentials)


def _can_change(failure: Failure) -> bool:
    if failure.code == "InvalidIdentityToken":
        return not re.search(r"No OpenIDConnect provider|audience", failure.message)
    return failure.code in ("IDPCommunicationError", "ExpiredTokenException")
