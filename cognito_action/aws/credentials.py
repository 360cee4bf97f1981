"""Connections to Cognito: clients of the SDK, with a role's credentials or with those of the environment."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.parsers import ResponseParserError

from cognito_action.aws.ambient import find_credentials, fit_in_headers, renews_itself
from cognito_action.aws.endpoints import Endpoints
from cognito_action.aws.iam import Role, pool_arn
from cognito_action.aws.responses import SDK_ERRORS, call_error
from cognito_action.aws.sdk import Sdk, isolated_session
from cognito_action.aws.user_pool import UserPool
from cognito_action.claims import claims_of
from cognito_action.diagnostics.access import PERMISSIONS, PoolAccess
from cognito_action.diagnostics.credentials import KeyFacts
from cognito_action.diagnostics.id_token import id_token_refused, no_id_token
from cognito_action.diagnostics.role import can_change, partitions_differ, role_refused
from cognito_action.errors import CallError
from cognito_action.github.oidc import NoIdTokenError
from cognito_action.host import Host, IdTokens
from cognito_action.identifiers import PoolAddress
from cognito_action.network.connections import Network
from cognito_action.retry import Retry

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.client import CognitoIdentityProviderClient
    from mypy_boto3_sts.client import STSClient
    from mypy_boto3_sts.type_defs import CredentialsTypeDef

OPERATION = "AssumeRoleWithWebIdentity"


@dataclass(frozen=True)
class Connection:
    """A client of Cognito, and the pool that it is for."""

    client: "CognitoIdentityProviderClient"
    pool: PoolAccess
    credentials: str
    """Digest of the access key's ID if no role was assumed: it tells post whether it finds the same credentials,
    and the ID itself, which the job may treat as a secret, goes nowhere."""
    endpoints: Endpoints
    """What main hands to post, so that both work through the same."""
    new_client: Callable[[str, str], Any] = field(repr=False)
    """Makes a client of another service in a region, with the same credentials; raises `ActionError`."""
    expires: datetime | None = None
    """When the session of the role ends."""
    renews_itself: bool = False
    """Whether the SDK renews the credentials of the environment before they expire."""

    def user_pool(self, retry: Retry, permissions: Sequence[str] = PERMISSIONS) -> UserPool:
        """The pool, with all permissions that the action needs, for an error to name."""
        return UserPool(self.client, replace(self.pool, permissions=permissions), retry)


def from_environment(
    pool: PoolAddress, network: Network, endpoints: Endpoints | None, retry: Retry, host: Host
) -> Connection:
    """Connect with the credentials of the environment, through `endpoints` if they are given; raises `ActionError`."""
    session, credentials = find_credentials(network, pool.region, retry, host)
    host.redactor.add(credentials.secret_key or "", credentials.token or "")
    sdk = Sdk(session, network, retry, endpoints)
    client = sdk.client("cognito-idp", pool.region)
    key_id = str(credentials.access_key)
    return Connection(
        client,
        PoolAccess(
            pool.id,
            pool.region,
            pool_arn(pool, client.meta.partition, "<account>"),
            sdk.endpoints.of("cognito-idp"),
            key=KeyFacts(has_role=False, key_id=key_id, has_token=bool(credentials.token)),
        ),
        hashlib.sha256(key_id.encode()).hexdigest()[:16],
        sdk.endpoints,
        sdk.client,
        renews_itself=renews_itself(session),
    )


def assume_role(
    role: Role,
    tokens: IdTokens,
    pool: PoolAddress,
    policy: str,
    seconds: int,
    network: Network,
    endpoints: Endpoints | None,
    retry: Retry,
    host: Host,
) -> Connection:
    """Connect with a session of `role`, which its inline policy limits and which lasts that many seconds.

    Raises `ActionError`.
    """
    sdk = Sdk(isolated_session(), network, retry, endpoints)
    credentials = _assume_role(role, tokens, sdk, pool.region, policy, seconds, retry, host)
    new_client = partial(
        sdk.client,
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )
    arn = pool_arn(pool, role.partition, role.account)
    access = PoolAccess(pool.id, pool.region, arn, sdk.endpoints.of("cognito-idp"))
    client = new_client("cognito-idp", pool.region)
    return Connection(client, access, "", sdk.endpoints, new_client, credentials["Expiration"])


def _assume_role(
    role: Role,
    tokens: IdTokens,
    sdk: Sdk,
    region: str,
    policy: str,
    seconds: int,
    retry: Retry,
    host: Host,
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
                DurationSeconds=seconds,
                Policy=policy,
            )
            return _usable(answer["Credentials"])
        except SDK_ERRORS as error:
            refused = call_error(OPERATION, error)
            # A file may hold the same token again, which is as old as before.
            is_old = refused.code == "ExpiredTokenException" and not tokens.renewable
            refused.retryable = refused.retryable or (can_change(refused) and not is_old)
            raise refused from None

    try:
        credentials = retry(OPERATION, attempt)
    except NoIdTokenError as error:
        raise no_id_token(error.origin, host.kind) from error
    except CallError as error:
        if error.operation != OPERATION:
            raise id_token_refused(error) from error
        raise role_refused(error, role.arn, region, claims_of(token), sdk.endpoints.of("sts")) from error
    host.mask(credentials["AccessKeyId"])
    host.mask(credentials["SecretAccessKey"])
    host.mask(credentials["SessionToken"])
    host.log(f"Assumed {role.arn} as {role.session_name}.")
    return credentials


def _usable(credentials: "CredentialsTypeDef") -> "CredentialsTypeDef":
    """The same, if a request can carry them."""
    if not fit_in_headers(credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"]):
        raise ResponseParserError
    return credentials
