"""The role, and the policy that limits its session."""

import json
from collections.abc import Sequence

import pytest

from cognito_action.aws.iam import Role, default_audience, pool_arn, session_policy
from cognito_action.identifiers import PoolAddress, region_of
from tests.support.examples import POOL, POOL_ID, ROLE_ARN

ROLE = Role(ROLE_ARN, "ci", "sts.amazonaws.com")


@pytest.mark.parametrize(
    ("arn", "audience"),
    [
        ("arn:aws:iam::123456789012:role/ci", "sts.amazonaws.com"),
        ("arn:aws-us-gov:iam::123456789012:role/ci", "sts.amazonaws.com"),
        ("arn:aws-eusc:iam::123456789012:role/ci", "sts.amazonaws.com"),
        ("arn:aws-cn:iam::123456789012:role/ci", "sts.amazonaws.com.cn"),
        ("arn:aws:iam::123456789012:role/arn:aws-cn:", "sts.amazonaws.com"),
    ],
)
def test_default_audience_depends_on_the_partition(arn: str, audience: str) -> None:
    """China has its own audience."""
    assert default_audience(arn) == audience


def test_account_and_partition_come_from_the_role() -> None:
    """No call is needed for them."""
    role = Role("arn:aws-us-gov:iam::123456789012:role/path/ci", "s", "a")

    assert (role.account, role.partition) == ("123456789012", "aws-us-gov")


@pytest.mark.parametrize(
    ("pool_id", "region"),
    [("eu-central-1_AbC", "eu-central-1"), ("us-gov-west-1_AbC", "us-gov-west-1"), ("us-east-1_A_b", "us-east-1")],
)
def test_region_is_the_first_part_of_the_pool_id(pool_id: str, region: str) -> None:
    """The region has no input of its own."""
    assert region_of(pool_id) == region


def test_pool_arn_is_the_one_that_iam_uses() -> None:
    """IAM policies name a pool by this ARN."""
    assert pool_arn(PoolAddress("us-gov-west-1_AbC", "us-gov-west-1"), "aws-us-gov", "123456789012") == (
        "arn:aws-us-gov:cognito-idp:us-gov-west-1:123456789012:userpool/us-gov-west-1_AbC"
    )


def test_session_policy_allows_these_operations_on_this_pool() -> None:
    """One statement, without a wildcard."""
    role, pool = Role(ROLE_ARN, "ci", "sts.amazonaws.com"), PoolAddress(POOL_ID, "eu-central-1")
    assert json.loads(session_policy(role, pool, ["AdminCreateUser", "AdminSetUserPassword"])) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["cognito-idp:AdminCreateUser", "cognito-idp:AdminSetUserPassword"],
                "Resource": "arn:aws:cognito-idp:eu-central-1:123456789012:userpool/eu-central-1_AbCdEfGhI",
            }
        ],
    }


def test_session_that_may_delete_identities_may_do_so_in_one_identity_pool() -> None:
    """Its ARN has the region of the identity pool, the account and the partition of the role."""
    role = Role("arn:aws-us-gov:iam::123456789012:role/ci", "ci", "sts.amazonaws.com")
    pool = PoolAddress("us-gov-west-1_AbC", "us-gov-west-1")
    identity_pool = "us-gov-east-1:1a2b3c4d-1111-2222-3333-444455556666"

    first, second = json.loads(session_policy(role, pool, ["AdminDeleteUser"], identity_pool))["Statement"]

    assert first["Action"] == ["cognito-idp:AdminDeleteUser"]
    assert second == {
        "Effect": "Allow",
        "Action": ["cognito-identity:DeleteIdentities"],
        "Resource": "*",
        "Condition": {
            "StringEquals": {
                "cognito-identity:IdentityPoolArn": (
                    f"arn:aws-us-gov:cognito-identity:us-gov-east-1:123456789012:identitypool/{identity_pool}"
                )
            }
        },
    }


@pytest.mark.parametrize("operations", [[], ()])
def test_session_without_operations_may_do_nothing(operations: Sequence[str]) -> None:
    """IAM refuses a statement without actions, and a session without a policy could do what the role can."""
    policy = json.loads(session_policy(ROLE, POOL, operations))

    assert policy == {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}],
    }


def test_only_a_session_without_operations_has_a_denial() -> None:
    """A denial would win over what is allowed next to it."""
    [statement] = json.loads(session_policy(ROLE, POOL, ["AdminDeleteUser"]))["Statement"]

    assert (statement["Effect"], statement["Action"]) == ("Allow", ["cognito-idp:AdminDeleteUser"])
