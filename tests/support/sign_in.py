"""App clients for each flow, and what a sign-in with it needs."""

from typing import Any

from tests.support.world import World
from tools.emulator.account import PERMISSIONS

FLOWS = ("USER_PASSWORD_AUTH", "USER_SRP_AUTH", "ADMIN_USER_PASSWORD_AUTH")
CALLS = {
    "USER_PASSWORD_AUTH": ["InitiateAuth"],
    "USER_SRP_AUTH": ["InitiateAuth", "RespondToAuthChallenge"],
    "ADMIN_USER_PASSWORD_AUTH": ["AdminInitiateAuth"],
}
"""The fewest calls that each flow needs."""


def app_client(world: World, pool: str, flow: str, *, secret: bool = False) -> dict[str, str]:
    """The inputs for a new app client that allows one flow."""
    flows: Any = [f"ALLOW_{flow}", "ALLOW_REFRESH_TOKEN_AUTH"]
    client = world.account.cognito.create_user_pool_client(
        UserPoolId=pool, ClientName="test", GenerateSecret=secret, ExplicitAuthFlows=flows
    )["UserPoolClient"]
    return {"client-id": client["ClientId"], **({"client-secret": client["ClientSecret"]} if secret else {})}


def step_inputs(world: World, pool: str, flow: str, *permissions: str) -> dict[str, str]:
    """The inputs of a step that signs in its user, with a role that has no more permissions than that needs."""
    admin = ["AdminInitiateAuth"] if flow.startswith("ADMIN") else []
    return {"user-pool-id": pool, "role-to-assume": world.role(pool, [*PERMISSIONS, *permissions, *admin])}
