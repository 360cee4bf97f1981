"""Both calls that create a user: what a step is given that makes one of them, and how a test makes it again."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.support.sign_up import sign_up_inputs
from tests.support.world import World
from tools.emulator.account import PERMISSIONS

CREATING_CALLS = ("AdminCreateUser", "SignUp")


def inputs_for(world: World, pool: str, operation: str) -> dict[str, str]:
    """The inputs of a step that creates its user by this call, in any kind of pool, and signs nobody in."""
    if operation == "SignUp":
        return sign_up_inputs(world, pool, "ListUsers", auth_flow="none")
    return {"user-pool-id": pool, "role-to-assume": world.role(pool, [*PERMISSIONS, "ListUsers"])}


def creating_call(world: World, pool: str, operation: str) -> Callable[[Mapping[str, Any]], object]:
    """What makes this call again, with the parameters of a call before."""
    cognito = world.account.cognito
    if operation == "SignUp":
        return lambda request: cognito.sign_up(**request)
    return lambda request: cognito.admin_create_user(
        UserPoolId=pool, Username=request["Username"], UserAttributes=request["UserAttributes"]
    )
