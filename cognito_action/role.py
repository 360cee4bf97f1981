"""The role that a phase works with, held to the calls of this phase on one pool."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cognito_action.oidc import IdTokens
from cognito_action.process import settle
from cognito_action.retry import Retry
from cognito_action.runner import Runner

if TYPE_CHECKING:
    from cognito_action.access import Access

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


def connect(
    role: Role | None,
    pool_id: str,
    operations: Sequence[str],
    environ: Mapping[str, str],
    retry: Retry,
    runner: Runner,
) -> "Access":
    """Return a way to call `operations` on the pool; raises `ActionError`.

    Without a role the credentials are those of the environment (the SDK's own chain), with all that they may do.
    """
    tokens = role and IdTokens(environ, role.audience, runner.mask)
    # The SDK takes as long to import as all else together, so it comes while GitHub makes the first token.
    from cognito_action.access import ambient, assume  # noqa: PLC0415

    settle()
    if role and tokens:
        return assume(role, tokens, pool_id, operations, retry, runner)
    return ambient(pool_id, retry)
