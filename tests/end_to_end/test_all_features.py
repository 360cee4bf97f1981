"""Whatever the action can be asked to do, in the image: a part of Python that it lacks would be missed here.

What the other files of this folder do in it is not repeated: companions, proxies, authorities, partitions, `users`.
"""

import json
from pathlib import Path

import pytest
from pyotp.totp import TOTP

from tests.support.mfa_pool import MfaPool
from tests.support.sign_in import FLOWS, app_client, step_inputs
from tests.support.world import World
from tools.emulator.account import PERMISSIONS
from tools.emulator.container import DockerJob
from tools.emulator.proxy import losing_answer, refusing

ORIGIN = "https://app.example.com"


@pytest.mark.parametrize("flow", FLOWS)
def test_each_flow_with_a_second_factor(world: World, job: DockerJob, flow: str) -> None:
    """With a client that has a secret, an attribute beyond ASCII, a browser state, and codes that are accepted."""
    pool = world.pool("email")
    client = app_client(world, pool, flow, secret=True)
    mfa = MfaPool(client["client-id"], client["client-secret"], 1, costly=False)
    mfa.guard(world.aws)
    inputs = {
        **step_inputs(world, pool, flow),
        **client,
        "auth-flow": flow,
        "attributes": "name=Zoë 𝄞",
        "client-metadata": "a=b",
        "storage-state-origin": ORIGIN,
    }

    main = job.main(inputs)

    assert (main.exit_code, main.stderr, main.annotations) == (0, "", []), main.log
    assert mfa.accepts(TOTP(main.outputs["totp-secret"]).now())
    state = json.loads(Path(main.outputs["storage-state"]).read_text())
    assert state["origins"][0]["origin"] == ORIGIN
    assert (job.post().annotations, world.account.users(pool)) == ([], [])


def test_lost_answer_in_a_pool_with_phone_numbers(world: World, job: DockerJob) -> None:
    """Post looks for the user whom Cognito created without main being told, and deletes it."""
    pool = world.pool("phone")
    inputs = world.inputs(pool, phone_number="+15555550123")
    inputs["role-to-assume"] = world.role(pool, [*PERMISSIONS, "ListUsers"])
    number_wanted = refusing("InvalidParameterException", "Username should be a phone number.")
    world.aws.on("AdminCreateUser", number_wanted, losing_answer)

    assert job.main(inputs).exit_code == 1
    assert len(world.account.users(pool)) == 1
    assert (job.post().annotations, world.account.users(pool)) == ([], [])
    assert world.aws.calls.count("ListUsers") == 1


def test_traceback_of_the_debug_log_shows_places(world: World, job: DockerJob) -> None:
    """The sources are not there, so it has no lines of them."""
    pool = world.pool()
    world.aws.on("AdminCreateUser", refusing("InvalidParameterException", "no"))

    main = job.main(world.inputs(pool), RUNNER_DEBUG="1")

    debug = [line.removeprefix("##[debug]") for line in main.log if line.startswith("##[debug]")]
    assert "Traceback (most recent call last):" in debug
    places = [line.strip() for line in debug if line.strip().startswith("File ")]
    assert any("site-packages/cognito_action/users/creation.py" in place for place in places)
    assert all("/root-of-the-image" not in place for place in places)


def test_users_in_yaml_and_json(world: World, job: DockerJob) -> None:
    """Both are read without PyYAML's parser in C."""
    pool = world.pool("email")
    for users in ("one: {attributes: {name: A}}\ntwo:\n", '{"one": {"attributes": {"name": "A"}}, "two": {}}'):
        main = job.main(world.inputs(pool, users=users))

        assert (main.exit_code, main.annotations) == (0, []), main.log
        assert list(json.loads(main.outputs["users"])) == ["one", "two"]
        assert job.post().annotations == []
    assert world.account.users(pool) == []
