"""The role that a step assumes, and the policy that limits its session to this step's calls on one pool."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cognito_action.identifiers import PoolAddress

SESSION_SECONDS = 900
"""Lifetime of the session: the shortest that STS gives (`DurationSeconds`)."""

LONG_SESSION_SECONDS = 3600
"""The same where no other token may be there when the users are to be deleted: what every role allows at least
(`MaxSessionDuration`)."""

ROLE_ARN = re.compile(r"arn:(aws[a-z-]*):iam::([0-9]{12}):role/[\w+=,.@/-]{1,576}", re.ASCII)


@dataclass(frozen=True)
class Role:
    """A role to assume with an ID token."""

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
    """The audience that IAM's providers for GitHub have by convention; China has its own."""
    return "sts.amazonaws.com.cn" if role_arn.startswith("arn:aws-cn:") else "sts.amazonaws.com"


def pool_arn(pool: PoolAddress, partition: str, account: str) -> str:
    """The ARN of a user pool, which IAM policies name as their resource."""
    return f"arn:{partition}:cognito-idp:{pool.region}:{account}:userpool/{pool.id}"


def identity_pool_arn(identity_pool_id: str, partition: str, account: str) -> str:
    """The ARN of an identity pool, whose region is the front of its ID."""
    region = identity_pool_id.partition(":")[0]
    return f"arn:{partition}:cognito-identity:{region}:{account}:identitypool/{identity_pool_id}"


def session_policy(role: Role, pool: PoolAddress, operations: Sequence[str], identity_pool_id: str = "") -> str:
    """The inline policy that limits a session to `operations` on the pool; without any, it may do nothing.

    With `identity_pool_id` it may also delete identities of that identity pool. The call names none, so IAM knows no
    resource for it; the condition key is that of AWS's Service Authorization Reference.
    """
    arn = pool_arn(pool, role.partition, role.account)
    actions = [f"cognito-idp:{name}" for name in operations]
    statements: list[Mapping[str, object]] = [{"Effect": "Allow", "Action": actions, "Resource": arn}]
    if not actions:
        statements = [{"Effect": "Deny", "Action": "*", "Resource": "*"}]
    if identity_pool_id:
        identity_pool = identity_pool_arn(identity_pool_id, role.partition, role.account)
        statements.append(
            {
                "Effect": "Allow",
                "Action": ["cognito-identity:DeleteIdentities"],
                "Resource": "*",
                "Condition": {"StringEquals": {"cognito-identity:IdentityPoolArn": identity_pool}},
            }
        )
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, separators=(",", ":"))
