"""Connections to Cognito: clients of the SDK, with a role's credentials or with those of the environment."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.credentials import ReadOnlyCredentials
from botocore.exceptions import BotoCoreError
from botocore.parsers import ResponseParserError
from botocore.session import Session

from cognito_action.aws.endpoints import Endpoints
from cognito_action.aws.iam import SESSION_SECONDS, Role, pool_arn, session_policy
from cognito_action.aws.responses import SDK_ERRORS, call_error
from cognito_action.aws.sdk import Sdk, call_with_retries, isolated_session
from cognito_action.aws.user_pool import UserPool
from cognito_action.diagnostics.id_token import id_token_refused, no_id_token
from cognito_action.diagnostics.pool import PERMISSIONS
from cognito_action.diagnostics.role import (
    credentials_unusable,
    no_credentials,
    partitions_differ,
    role_refused,
)
from cognito_action.errors import PROXY_URL, CallError
from cognito_action.github.oidc import OPERATION as TOKEN_REQUEST
from cognito_action.github.oidc import IdTokens, NoIdTokenError, claims_of
from cognito_action.github.runner import Runner
from cognito_action.naming import region_of
from cognito_action.network.connections import Network
from cognito_action.network.proxies import ProxyUrlError, proxy_for
from cognito_action.retry import Retry

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.client import CognitoIdentityProviderClient
    from mypy_boto3_sts.client import STSClient
    from mypy_boto3_sts.type_defs import CredentialsTypeDef

OPERATION = "AssumeRoleWithWebIdentity"

_SEARCH = "The search for AWS credentials"


@dataclass(frozen=True)
class Connection:
    """A client of Cognito, and the pool that it is for."""

    client: "CognitoIdentityProviderClient"
    pool_id: str
    pool_arn: str
    credentials: str
    """Digest of the access key's ID if no role was assumed: it tells post whether it finds the same credentials,
    and the ID itself, which the job may treat as a secret, goes nowhere."""
    endpoints: Endpoints
    """What main hands to post, so that both work through the same."""

    def user_pool(self, retry: Retry, permissions: Sequence[str] = PERMISSIONS) -> UserPool:
        """The pool, with all permissions that the action needs, for an error to name."""
        return UserPool(self.client, self.pool_id, self.pool_arn, retry, permissions)


def from_environment(
    pool_id: str, network: Network, endpoints: Endpoints | None, retry: Retry, runner: Runner
) -> Connection:
    """Connect with the credentials of the environment, through `endpoints` if they are given; raises `ActionError`."""
    region = region_of(pool_id)
    try:
        # The SDK may ask STS, and would repeat what is wrong with the URL of the proxy.
        proxy_for(f"https://sts.{region}.amazonaws.com/", network.environ)
        session, credentials = call_with_retries(retry, _SEARCH, _find_credentials)
    except ProxyUrlError as error:
        broken = CallError(_SEARCH, PROXY_URL, str(error), said="")
        raise credentials_unusable(broken) from broken
    except CallError as error:
        raise credentials_unusable(error) from error
    except ValueError as error:
        raise credentials_unusable(CallError(_SEARCH, type(error).__name__, runner.redactor(str(error)))) from None
    runner.redactor.add(credentials.secret_key or "", credentials.token or "")
    sdk = Sdk(session, network, retry, endpoints)
    client = sdk.client("cognito-idp", region)
    arn = pool_arn(pool_id, client.meta.partition, "<account>")
    digest = hashlib.sha256(str(credentials.access_key).encode()).hexdigest()[:16]
    return Connection(client, pool_id, arn, digest, sdk.endpoints)


def _find_credentials() -> tuple[Session, ReadOnlyCredentials]:
    session = Session()
    try:
        credentials = session.get_credentials()
        if credentials is None:
            raise no_credentials()
        found = credentials.get_frozen_credentials()
    except BotoCoreError:  # some of these are OSErrors as well
        raise
    except OSError as error:  # a file that a variable names, and that is not in the container
        raise CallError(_SEARCH, type(error).__name__, str(error)) from None
    required = (found.access_key or "", found.secret_key or "")
    if not _fit_in_headers(*required, *filter(None, [found.token])):
        raise CallError(
            _SEARCH,
            "BrokenCredentials",
            "they are empty, or contain a line break, a space or something else that no credentials contain",
        )
    return session, found


def assume_role(
    role: Role,
    tokens: IdTokens,
    pool_id: str,
    operations: Sequence[str],
    network: Network,
    endpoints: Endpoints | None,
    retry: Retry,
    runner: Runner,
) -> Connection:
    """Connect with the credentials of `role`, limited to `operations` on the pool; raises `ActionError`."""
    arn = pool_arn(pool_id, role.partition, role.account)
    sdk = Sdk(isolated_session(), network, retry, endpoints)
    credentials = _assume_role(role, tokens, sdk, region_of(pool_id), session_policy(arn, operations), retry, runner)
    client = sdk.client(
        "cognito-idp",
        region_of(pool_id),
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )
    return Connection(client, pool_id, arn, credentials="", endpoints=sdk.endpoints)


def _assume_role(
    role: Role,
    tokens: IdTokens,
    sdk: Sdk,
    region: str,
    policy: str,
    retry: Retry,
    runner: Runner,
) -> "CredentialsTypeDef":
    """Each attempt takes a new ID token: one lives only for minutes, and a refused one may be refused again."""
    sts: STSClient = sdk.client("sts", region, unsigned=True)
    if sts.meta.partition != role.partition:
        raise partitions_differ(role.arn, region)
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
            refused = call_error(OPERATION, error)
            refused.retryable = refused.retryable or _can_change(refused)
            raise refused from None

    try:
        credentials = retry(OPERATION, attempt)
    except NoIdTokenError as error:
        raise no_id_token(error.origin) from error
    except CallError as error:
        if error.operation == TOKEN_REQUEST:
            raise id_token_refused(error) from error
        raise role_refused(error, role.arn, region, claims_of(token)) from error
    runner.mask(credentials["AccessKeyId"])
    runner.mask(credentials["SecretAccessKey"])
    runner.mask(credentials["SessionToken"])
    runner.log(f"Assumed {role.arn} as {role.session_name}.")
    return credentials


def _usable(credentials: "CredentialsTypeDef") -> "CredentialsTypeDef":
    """The same, if a request can carry them."""
    if not _fit_in_headers(credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"]):
        raise ResponseParserError
    return credentials


def _fit_in_headers(*credentials: str) -> bool:
    """Tell whether these can be credentials: they travel in HTTP headers, which contain no line breaks."""
    return all(re.fullmatch("[!-~]+", text) for text in credentials)


def _can_change(error: CallError) -> bool:
    if error.code == "InvalidIdentityToken":
        return not re.search(r"No OpenIDConnect provider|audience", error.message)
    return error.code in ("IDPCommunicationError", "ExpiredTokenException")
