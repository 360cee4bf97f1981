"""Groups, tokens, browser state and AWS credentials of several users, made by the image and usable by the job's later steps."""

import json
import os
import stat
import subprocess
from pathlib import Path

import pytest

from cognito_action.claims import claims_of
from cognito_action.inputs.main import SIGN_UP_PERMISSIONS
from tests.support.examples import CLAIMED
from tests.support.identity_pools import caller_of, deleting, identity_pool
from tests.support.world import World
from tools.emulator.container import DockerJob

RUNNERS_USER = 1001
"""On GitHub-hosted runners, the container is root, and the later steps run as this user."""

USERS = """
admin: {groups: [admins]}
editor: {groups: [editors, viewers]}
viewer: {groups: [viewers]}
"""


@pytest.mark.skipif(os.getuid() != 0, reason="only root can switch users")
def test_three_users_are_signed_in_for_the_runners_user(world: World, job: DockerJob) -> None:
    """Each has its groups in its token, and a file that the later steps find and read; post removes all of it."""
    pool = world.pool("email")
    inputs = world.inputs_with_groups(pool, "admins", "editors", "viewers", users=USERS)
    client_id = world.app_client(pool)
    identity_pool_id = identity_pool(world, pool, client_id)
    client = {
        "client-id": client_id,
        "storage-state-origin": "https://app.example.com",
        "identity-pool-id": identity_pool_id,
    }
    os.chown(job.temp, RUNNERS_USER, RUNNERS_USER)
    before = set(job.temp.iterdir())

    main = job.main({**inputs, **client, "auth-flow": "USER_SRP_AUTH"})

    assert (main.exit_code, main.stderr, main.annotations) == (0, "", []), main.log
    users = json.loads(main.outputs["users"])
    assert {key: sorted(claims_of(user["access-token"])["cognito:groups"]) for key, user in users.items()} == {
        "admin": ["admins"],
        "editor": ["editors", "viewers"],
        "viewer": ["viewers"],
    }
    files = [Path(user["storage-state"]) for user in users.values()]
    assert set(files) == set(job.temp.iterdir()) - before
    for file, user in zip(files, users.values(), strict=True):
        status = file.stat()
        assert (status.st_uid, stat.S_IMODE(status.st_mode)) == (RUNNERS_USER, 0o600)
        assert user["refresh-token"] in _read_by_the_runners_user(file)

    assert all(caller_of(world, user).endswith("/CognitoIdentityCredentials") for user in users.values())
    deleted: list[str] = []
    world.aws.on("DeleteIdentities", deleting(world, identity_pool_id, deleted))

    post = job.post()

    assert (post.exit_code, post.stderr, post.annotations) == (0, "", [])
    assert sorted(deleted) == sorted(user["identity-id"] for user in users.values())
    assert set(job.temp.iterdir()) == before
    assert world.account.users(pool) == []


def test_user_signs_up_and_another_is_left_to_a_test(world: World, job: DockerJob) -> None:
    """The image knows the calls of a sign-up; post deletes both, the second by the name that a test signed up with."""
    pool = world.pool("email")
    client_id = world.app_client(pool)
    inputs = {
        "user-pool-id": pool,
        "role-to-assume": world.role(pool, [*SIGN_UP_PERMISSIONS, "AdminDeleteUser"]),
        "client-id": client_id,
        "sign-up": "true",
        "users": "{newcomer: {create: false}, member: {}}",
    }

    main = job.main(inputs)

    assert (main.exit_code, main.stderr, main.annotations) == (0, "", []), main.log
    member = json.loads(main.outputs["users"])["member"]
    assert claims_of(member["id-token"])["sub"] == member["sub"]
    assert world.account.users(pool) == [member["sub"]]
    email, password = main.outputs["email"], main.outputs["password"]
    world.account.cognito.sign_up(ClientId=client_id, Username=email, Password=password)
    assert len(world.account.users(pool)) == 2

    post = job.post()

    assert (post.exit_code, post.stderr, post.annotations) == (0, "", [])
    assert world.account.users(pool) == []


def _read_by_the_runners_user(file: Path) -> str:
    """What a later step reads, from within the folder, because only root has access to the folders of the tests."""
    process = subprocess.run(
        ["cat", file.name],
        cwd=file.parent,
        user=RUNNERS_USER,
        group=RUNNERS_USER,
        extra_groups=[],
        capture_output=True,
        text=True,
        check=True,
    )
    return process.stdout


def test_runner_that_mounts_no_temp_folder(world: World, job: DockerJob) -> None:
    """Before version 2.329.0 it did not: the step says so before it calls AWS."""
    pool = world.pool()
    inputs = {**world.inputs(pool), "client-id": world.app_client(pool), "storage-state-origin": "https://app.example"}
    del job.mounts[job.temp]

    main = job.main(inputs)

    assert (main.exit_code, world.calls_of_aws, main.state) == (1, [], CLAIMED)
    assert main.annotations[0].message.startswith("The runner's temp folder is not in the container, ")
