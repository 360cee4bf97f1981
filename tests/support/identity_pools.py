"""Identity pools of the emulator, and the one call that it lacks: `DeleteIdentities`."""

import json
import re
from collections.abc import Sequence
from typing import Any

import boto3

from tests.support.world import World
from tools.emulator.aws import ACCOUNT, REGION
from tools.emulator.http import Answer
from tools.emulator.proxy import Call, Rule


def provider_of(pool: str) -> str:
    """What an identity pool calls a user pool."""
    return f"cognito-idp.{REGION}.amazonaws.com/{pool}"


def identity_pool(world: World, pool: str, client: str, region: str = REGION) -> str:
    """A new identity pool that accepts the users of one app client, and gives them a role."""
    service = _service(world, region)
    identity_pool_id = str(
        service.create_identity_pool(
            IdentityPoolName="test",
            AllowUnauthenticatedIdentities=False,
            CognitoIdentityProviders=[{"ProviderName": provider_of(pool), "ClientId": client}],
        )["IdentityPoolId"]
    )
    role = f"arn:aws:iam::{ACCOUNT}:role/of-users"
    service.set_identity_pool_roles(IdentityPoolId=identity_pool_id, Roles={"authenticated": role})
    return identity_pool_id


def identities_in(world: World, identity_pool_id: str) -> list[str]:
    """The identities that the identity pool has."""
    service = _service(world, identity_pool_id.partition(":")[0])
    answer = service.list_identities(IdentityPoolId=identity_pool_id, MaxResults=60)
    return [identity["IdentityId"] for identity in answer["Identities"]]


def caller_of(world: World, outputs: dict[str, str]) -> str:
    """Whom AWS takes the bearer of these outputs for."""
    sts = boto3.client(
        "sts",
        region_name=REGION,
        endpoint_url=world.account.endpoint,
        aws_access_key_id=outputs["aws-access-key-id"],
        aws_secret_access_key=outputs["aws-secret-access-key"],
        aws_session_token=outputs["aws-session-token"],
    )
    return str(sts.get_caller_identity()["Arn"])


def deleting(world: World, identity_pool_id: str, deleted: list[str]) -> Rule:
    """Delete identities as AWS does, for a session that may do so in this identity pool, and note which."""
    region = identity_pool_id.partition(":")[0]
    arn = f"arn:aws:cognito-identity:{region}:{ACCOUNT}:identitypool/{identity_pool_id}"

    def delete(call: Call) -> Answer:
        if re.search(r"Credential=\w+/", call.request.headers.get("Authorization", "")) and arn in _allowed(world):
            deleted.extend(call.parameters["IdentityIdsToDelete"])
            return _answer(UnprocessedIdentityIds=[])
        return call.refuse("AccessDeniedException", "not authorized to perform: cognito-identity:DeleteIdentities")

    return delete


def _allowed(world: World) -> Sequence[str]:
    """The identity pools in which the last session may delete."""
    policy = json.loads(world.aws.parameters("AssumeRoleWithWebIdentity")[-1]["Policy"])
    return [
        statement["Condition"]["StringEquals"]["cognito-identity:IdentityPoolArn"]
        for statement in policy["Statement"]
        if statement["Action"] == ["cognito-identity:DeleteIdentities"]
    ]


def _service(world: World, region: str) -> Any:
    return boto3.client(
        "cognito-identity",
        region_name=region,
        endpoint_url=world.account.endpoint,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


def _answer(**content: Any) -> Answer:
    return Answer(200, json.dumps(content).encode(), {"Content-Type": "application/x-amz-json-1.1"})
