"""The role that a phase works with, held to the calls of this phase on one pool."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.parsers import ResponseParserError

from cognito_action import role_errors
from cognito_action.failure import SDK_ERRORS, Failure, failure_of
from cognito_action.oidc import claims_of, fetch_id_token
from cognito_action.retry import Retry
from cognito_action.runner import Runner
from cognito_action.sdk import CONFIG, isolated_session, new_client, repeated

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.client import CognitoIdentityProviderClient
    from mypy_boto3_sts.client import STSClient
    from mypy_boto3_sts.type_defs import CredentialsTypeDef

OPERATION = "AssumeRoleWithWebIdentity"

_SEARCH = "The search for AWS credentials"

SESSION_SECONDS = 900
"""Lifetime of the session: the least that STS gives (`DurationSeconds`)."""

POOL_ID = re.compile(r"[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}_[0-9a-zA-Z]+")
ROLE_ARN = re.compile(r"arn:(aws[a-z-]*):iam::([0-9]{12}):role/[\w+=,.@/-]{1,576}", re.ASCII)


@dataclass(frozen=True)
class Role:
    """A role to assume with GitHub's ID token."""

    arn: str
    session_name: str
    audience: str

    @property
    def account(self) -> str:
        """The twelve digits of the role's account."""
        return self.arn.split(":")[4]

    @property
    def partition(self) -> str:
        """The part of AWS: `aws`, `aws-us-gov`, `aws-cn` and so on."""
        return self.arn.split(":")[1]


def default_audience(role_arn: str) -> str:
    """The audience that IAM's providers for GitHub carry by convention; China has one of its own."""
    return "sts.amazonaws.com.cn" if role_arn.startswith("arn:aws-cn:") else "sts.amazonaws.com"


def region_of(pool_id: str) -> str:
    """The region of a user pool: the part of its id before the underscore."""
    return pool_id.partition("_")[0]


def pool_arn(pool_id: str, partition: str, account: str) -> str:
    """The ARN of a user pool, which IAM policies name as their resource."""
    return f"arn:{partition}:cognito-idp:{region_of(pool_id)}:{account}:userpool/{pool_id}"


def session_policy(arn: str, operations: Sequence[str]) -> str:
    """The inline policy that holds a session to `operations` on the pool `arn`."""
    statement = {"Effect": "Allow", "Action": [f"cognito-idp:{name}" for name in operations], "Resource": arn}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, separators=(",", ":"))


@dataclass(frozen=True)
class Access:
    """A way to Cognito."""

    client: "CognitoIdentityProviderClient"
    pool_arn: str
    credentials: str
    """Digest of the access key's id where no role was assumed: it tells post whether it meets the same credentials,
    and the id itself, which the job may hold for a secret, goes nowhere."""


def connect(
    role: Role | None,
    pool_id: str,
    operations: Sequence[str],
    environ: Mapping[str, str],
    retry: Retry,
    runner: Runner,
) -> Access:
    """Return a client that may call `operations` on the pool; raises `ActionError`.

    Without a role these are the credentials of the environment (boto3's own chain), with all that they may do.
    """
    if role is None:
        return _ambient(pool_id, retry)
    arn = pool_arn(pool_id, role.partition, role.account)
    session = isolated_session()
    credentials = _assume(role, session, region_of(pool_id), session_policy(arn, operations), environ, retry, runner)
    client = new_client(
        session,
        "cognito-idp",
        region_of(pool_id),
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )
    return Access(client, arn, credentials="")


def _ambient(pool_id: str, retry: Retry) -> Access:
    try:
        session, key_id = repeated(retry, _SEARCH, _find_credentials)
    except Failure as failure:
        raise role_errors.credentials_refused(failure) from failure
    except ValueError as error:
        raise role_errors.sdk_not_configured(error) from error
    client = new_client(session, "cognito-idp", region_of(pool_id))
    arn = pool_arn(pool_id, client.meta.partition, "<account>")
    return Access(client, arn, credentials=hashlib.sha256(key_id.encode()).hexdigest()[:16])


def _find_credentials() -> tuple[boto3.session.Session, str]:
    session = boto3.session.Session()
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


def _assume(
    role: Role,
    session: boto3.session.Session,
    region: str,
    policy: str,
    environ: Mapping[str, str],
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
        token = fetch_id_token(environ, role.audience, runner.mask)
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
