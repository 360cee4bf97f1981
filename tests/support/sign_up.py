"""Users who sign up, in main or by an app's form, and rules for pools that are stricter than the emulator's."""

import json
from collections.abc import Mapping
from typing import Any

from cognito_action.claims import claims_of
from tests.support.world import World
from tools.emulator.http import Answer
from tools.emulator.job import Stage
from tools.emulator.proxy import Call, Rule

PERMISSIONS = ("AdminConfirmSignUp", "AdminUpdateUserAttributes", "AdminInitiateAuth", "AdminDeleteUser")
"""What a role for sign-ups alone may do."""

SESSION = ["GetIDToken", "AssumeRoleWithWebIdentity"]
SIGN_UP = ["AdminInitiateAuth", "SignUp", "AdminConfirmSignUp", "AdminUpdateUserAttributes"]
SENT = ["AdminConfirmSignUp", "AdminInitiateAuth", "AdminUpdateUserAttributes"]
"""What the session of main may do, sorted."""
SRP = ["InitiateAuth", "RespondToAuthChallenge"]

PHONE = "+15555550123"

PASSWORD = "Correct-horse-battery-1"


def no_address(call: Call) -> Answer:
    """Refuse an address as the username, as a pool with the address as an alias does; the emulator accepts it."""
    if "@" in call.parameters["Username"]:
        message = "Username cannot be of email format, since user pool is configured for email alias."
        return call.refuse("InvalidParameterException", message)
    return call.forward()


def after_effect(code: str, message: str) -> Rule:
    """Carry the call out, and answer that it was refused."""

    def rule(call: Call) -> Answer:
        assert call.forward().status == 200
        return call.refuse(code, message)

    return rule


def strict_pool(world: World, kind: str, **settings: Any) -> str:
    """A new pool of one of `POOL_KINDS` that refuses the same usernames at sign-up as Cognito does."""
    if kind == "email alias":
        world.aws.on("SignUp", *[no_address] * 10)
    return world.pool(kind, **settings)


def sign_up_inputs(world: World, pool: str, *permissions: str, **extra: str) -> dict[str, str]:
    """The inputs of a step whose user signs up, and in by SRP, with the least role and `permissions`.

    `_` in names stands for `-`.
    """
    return {
        "user-pool-id": pool,
        "role-to-assume": world.role(pool, [*PERMISSIONS, *permissions]),
        "client-id": world.app_client(pool),
        "auth-flow": "USER_SRP_AUTH",
        "sign-up": "true",
        **{name.replace("_", "-"): value for name, value in extra.items()},
    }


def fill_in_form(
    world: World, pool: str, username: str, password: str = PASSWORD, *, confirmed: bool = False, **attributes: str
) -> str:
    """Sign up as an app's form does, and return the name that Cognito gave the user.

    Nothing verifies the address, and the list of users says so, which the emulator alone would not.
    """
    cognito = world.account.cognito
    before = set(world.account.users(pool))
    cognito.sign_up(
        ClientId=world.app_client(pool),
        Username=username,
        Password=password,
        UserAttributes=[{"Name": name, "Value": value} for name, value in attributes.items() if value],
    )
    [name] = set(world.account.users(pool)) - before
    if "email" in attributes_of(world, pool, name):
        verify_email(world, pool, name, "false")
    if confirmed:
        cognito.admin_confirm_sign_up(UserPoolId=pool, Username=name)
    return name


def verify_email(world: World, pool: str, username: str, verified: str = "true") -> None:
    """Say whether the address of a user is verified."""
    world.account.cognito.admin_update_user_attributes(
        UserPoolId=pool, Username=username, UserAttributes=[{"Name": "email_verified", "Value": verified}]
    )


def attributes_of(world: World, pool: str, username: str) -> dict[str, str]:
    """The attributes of a user."""
    user = world.account.cognito.admin_get_user(UserPoolId=pool, Username=username)
    return {attribute["Name"]: attribute["Value"] for attribute in user["UserAttributes"]}


def status_of(world: World, pool: str, username: str) -> str:
    """Whether a user is confirmed, in Cognito's words."""
    return world.account.cognito.admin_get_user(UserPoolId=pool, Username=username)["UserStatus"]


def sent_attributes(call: Mapping[str, list[Mapping[str, str]]]) -> dict[str, str]:
    """The attributes in the parameters of a call."""
    return {attribute["Name"]: attribute["Value"] for attribute in call["UserAttributes"]}


def session_permissions(world: World) -> list[str]:
    """What the session policy of the last assumed role allows, sorted."""
    policy = json.loads(world.aws.parameters("AssumeRoleWithWebIdentity")[-1]["Policy"])
    [statement] = policy["Statement"]
    assert statement["Effect"] == "Allow"
    return sorted(action.removeprefix("cognito-idp:") for action in statement["Action"])


def signs_in(world: World, pool: str, main: Stage) -> bool:
    """Whether the outputs of main sign the user in whose `sub` they name."""
    return sub_in(world.sign_in(pool, main)["IdToken"]) == main.outputs["sub"]


def sub_in(token: str) -> str:
    """The user's ID in a token."""
    return str(claims_of(token)["sub"])
