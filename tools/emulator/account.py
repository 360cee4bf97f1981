"""What an account needs before the action can run: a user pool, GitHub as an identity provider, and a role."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3

from tools.emulator.aws import ACCOUNT, REGION
from tools.emulator.github import ISSUER, SUBJECT

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.client import CognitoIdentityProviderClient
    from mypy_boto3_cognito_idp.literals import ExplicitAuthFlowsTypeType

PERMISSIONS = ("AdminCreateUser", "AdminSetUserPassword", "AdminDeleteUser")


@dataclass
class Account:
    """The account as its owner sees it: without the proxy, and with root keys."""

    endpoint: str

    def __post_init__(self) -> None:
        self.cognito: CognitoIdentityProviderClient = self.client("cognito-idp")

    def client(self, service: Any) -> Any:
        """A client of `service` with full permissions."""
        return boto3.client(
            service,
            region_name=REGION,
            endpoint_url=self.endpoint,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    def create_pool(self, **settings: Any) -> str:
        """Create a user pool and return its id."""
        return self.cognito.create_user_pool(PoolName="demo", **settings)["UserPool"]["Id"]

    def create_app_client(self, pool_id: str, *flows: "ExplicitAuthFlowsTypeType") -> str:
        """Create an app client without a secret that allows `flows`, and return its id."""
        client = self.cognito.create_user_pool_client(UserPoolId=pool_id, ClientName="demo", ExplicitAuthFlows=flows)
        return client["UserPoolClient"]["ClientId"]

    def create_provider(self) -> None:
        """Make the account trust GitHub's tokens."""
        self.client("iam").create_open_id_connect_provider(
            Url=f"https://{ISSUER}", ClientIDList=["sts.amazonaws.com"], ThumbprintList=["f" * 40]
        )

    def create_role(
        self, name: str, pool_id: str, permissions: Sequence[str] = PERMISSIONS, subject: str = SUBJECT
    ) -> str:
        """Create the role that the README describes, and return its ARN."""
        iam = self.client("iam")
        trust = _policy(
            {
                "Effect": "Allow",
                "Principal": {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{ISSUER}"},
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {
                    "StringEquals": {f"{ISSUER}:aud": "sts.amazonaws.com", f"{ISSUER}:sub": subject},
                },
            }
        )
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        allowed = _policy(
            {
                "Effect": "Allow",
                "Action": [f"cognito-idp:{permission}" for permission in permissions],
                "Resource": f"arn:aws:cognito-idp:{REGION}:{ACCOUNT}:userpool/{pool_id}",
            }
        )
        iam.put_role_policy(RoleName=name, PolicyName="cognito-test-user", PolicyDocument=allowed)
        return str(arn)

    def users(self, pool_id: str) -> list[str]:
        """The names of all users of the pool."""
        pages = self.cognito.get_paginator("list_users").paginate(UserPoolId=pool_id)
        return [user["Username"] for page in pages for user in page["Users"]]


def _policy(statement: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
