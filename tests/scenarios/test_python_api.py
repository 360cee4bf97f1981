"""The Python API, in processes of their own."""

import signal
import subprocess
import sys

import pytest

from tests.support.pytest_run import Project, finish
from tests.support.world import World
from tools.emulator.proxy import Gate

BLOCK = """
from cognito_action.api import temporary_user

with temporary_user(user_pool_id="{pool}", attributes={{"name": "Ada"}}) as user:
    print(user, user.username)
"""


def start(project: Project, script: str) -> "subprocess.Popen[bytes]":
    """Start Python with a script."""
    return subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=project.folder,
        env=project.environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_user_lives_as_long_as_the_block(world: World) -> None:
    """The process says nothing of its own."""
    pool = world.pool("email")
    project = Project(world, pool, "")

    run = finish(start(project, BLOCK.format(pool=pool)))

    assert (run.status, run.stderr) == (0, "")
    assert run.stdout.startswith("CognitoUser(sub='")
    assert run.stdout.split()[-1].startswith("ctu-")
    assert world.aws.calls == ["AdminCreateUser", "AdminSetUserPassword", "AdminDeleteUser"]
    assert {"Name": "name", "Value": "Ada"} in world.aws.parameters("AdminCreateUser")[0]["UserAttributes"]
    assert (world.account.users(pool), project.journals) == ([], [])


@pytest.mark.parametrize(
    ("operation", "after"), [("AdminCreateUser", False), ("AdminCreateUser", True), ("AdminSetUserPassword", False)]
)
def test_interrupted_creation_leaves_no_user(world: World, operation: str, *, after: bool) -> None:
    """Python's own `KeyboardInterrupt` ends the script, once the call in flight is answered and the user deleted."""
    pool = world.pool("email")
    project = Project(world, pool, "")
    gate = Gate(after=after)
    world.aws.on(operation, gate)
    process = start(project, BLOCK.format(pool=pool))
    assert gate.reached.wait(20)

    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)
    gate.open.set()
    run = finish(process)

    assert run.stderr.endswith("KeyboardInterrupt\n")
    assert run.stdout == ""
    assert (world.account.users(pool), project.journals) == ([], [])
