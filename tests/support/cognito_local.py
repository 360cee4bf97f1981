"""cognito-local, a second emulator of Cognito: without IAM and STS, and with answers that AWS has not marked as its own."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.node import FOLDER, node_environ, node_server, require_packages
from tests.support.world import World
from tools.emulator.account import Account
from tools.emulator.aws import free_port
from tools.emulator.github import token_service
from tools.emulator.job import Job
from tools.emulator.proxy import proxy

PLAIN_POOL = "us-east-1_PlainPool"
EMAIL_POOL = "us-east-1_EmailPool"
NO_POOL = "us-east-1_NoSuchOne"

KEYS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}

_POOLS = {PLAIN_POOL: [], EMAIL_POOL: ["email"]}
"""Which attributes each pool takes for user names. The emulator reads its pools when it starts; those that it creates
later have IDs without a region."""


@contextmanager
def cognito_local(folder: Path, functions: str = "") -> Iterator[str]:
    """Run it on loopback with its files in `folder`.

    With the endpoint of `functions`, both pools have a pre sign-up and a post confirmation trigger. If cognito-local is
    not installed, the test is skipped, or fails with `REQUIRE_NODE=1`.
    """
    require_packages()
    pools = folder / ".cognito/db"
    pools.mkdir(parents=True)
    for name, attributes in _POOLS.items():
        options = {"Id": name, "UsernameAttributes": attributes}
        (pools / f"{name}.json").write_text(json.dumps({"Users": {}, "Groups": {}, "Options": options}))
    if functions:
        triggers = {name: name for name in ("PreSignUp", "PostConfirmation")}
        config = {"LambdaClient": {"endpoint": functions}, "TriggerFunctions": triggers}
        (folder / ".cognito/config.json").write_text(json.dumps(config))
    port = free_port()
    with node_server(
        [FOLDER / "node_modules/cognito-local/lib/bin/start.js"],
        folder,
        {**node_environ(), "HOST": "127.0.0.1", "PORT": str(port)},
        port,
    ):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def world_of(endpoint: str, folder: Path) -> Iterator[World]:
    """The emulator behind the proxy of the tests, whose pools are empty afterwards.

    It has no roles, so no one asks for an ID token.
    """
    with proxy(endpoint) as aws, token_service(aws.calls.append) as github:
        world = World(Account(endpoint), aws, github, folder)
        yield world
    for pool in _POOLS:
        for user in world.account.users(pool):
            world.account.cognito.admin_delete_user(UserPoolId=pool, Username=user)


def new_job(world: World, action: str = "") -> Job:
    """A job whose credentials and endpoint are in its environment."""
    return world.job({**world.bare_environ, **KEYS}, action)
