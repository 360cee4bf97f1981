"""Browser state files: in the runner's temp folder for the rest of the job, with nothing else touched there."""

import json
import os
import stat
import time
from pathlib import Path

import pytest

from tests.support.examples import CLAIMED
from tests.support.world import World
from tools.emulator.job import Job, Stage
from tools.emulator.proxy import Gate, forwarding, refusing

ORIGIN = "https://app.example.com"
OTHERS = {"other.json", "cognito-test-user-of-someone.json"}
"""Files of other steps."""


def inputs_of(world: World, pool: str, **extra: str) -> dict[str, str]:
    """The inputs of a step that signs in with SRP and writes the browser state."""
    client = {"client-id": world.app_client(pool), "auth-flow": "USER_SRP_AUTH", "storage-state-origin": ORIGIN}
    return {**world.inputs_with_groups(pool, **extra), **client}


@pytest.fixture
def job(world: World) -> Job:
    job = world.job()
    for name in OTHERS:
        (job.temp / name).write_text("theirs")
    return job


def ours(job: Job) -> list[Path]:
    """The files that the step left in the temp folder."""
    names = {path.name for path in job.temp.iterdir()}
    assert names >= OTHERS
    return [job.temp / name for name in sorted(names - OTHERS)]


def tokens_in(file: Path) -> set[str]:
    [origin] = json.loads(file.read_text())["origins"]
    assert origin["origin"] == ORIGIN
    return {entry["value"] for entry in origin["localStorage"] if entry["name"].endswith("Token")}


def test_file_exists_from_main_to_post(world: World, job: Job) -> None:
    """Its path is an output, only its owner has access, and it has the tokens of the outputs."""
    pool = world.pool("email")

    main = job.main(inputs_of(world, pool))

    assert (main.exit_code, main.stderr, main.annotations) == (0, "", []), main.log
    [file] = ours(job)
    assert main.outputs["storage-state"] == str(file)
    status = file.stat()
    assert (stat.S_IMODE(status.st_mode), status.st_uid) == (0o600, job.temp.stat().st_uid)
    assert tokens_in(file) == {main.outputs[f"{name}-token"] for name in ("access", "id", "refresh")}

    post = job.post()

    assert (post.exit_code, post.annotations) == (0, [])
    assert f"The browser state {file.name} is gone." in post.log
    assert ours(job) == []
    assert world.account.users(pool) == []


def test_each_of_several_users_has_a_file(world: World, job: Job) -> None:
    """Each file has its user's tokens, and post removes them all."""
    pool = world.pool()

    main = job.main({**inputs_of(world, pool), "users": "a:\nb:\nc:"})

    users = json.loads(main.outputs["users"])
    files = {key: Path(user["storage-state"]) for key, user in users.items()}
    assert sorted(files.values()) == ours(job)
    for key, file in files.items():
        assert tokens_in(file) == {users[key][f"{name}-token"] for name in ("access", "id", "refresh")}
    assert main.outputs["storage-state"] == str(files["a"])
    assert job.post().exit_code == 0
    assert ours(job) == []


def test_files_of_kept_users_are_removed(world: World, job: Job) -> None:
    """The users stay, but the files for this job's browsers do not."""
    pool = world.pool()
    job.main(inputs_of(world, pool, cleanup="false"))
    world.aws.calls.clear()
    assert len(ours(job)) == 1

    post = job.post()

    assert (post.exit_code, post.annotations, world.aws.calls) == (0, [], [])
    assert ours(job) == []
    assert len(world.account.users(pool)) == 1


def test_files_of_a_main_that_failed_are_removed(world: World, job: Job) -> None:
    """The first user already had its file when the second failed."""
    pool = world.pool()

    main = job.main({**inputs_of(world, pool), "users": "a:\nb: {groups: none}"})

    assert main.exit_code == 1
    assert len(ours(job)) == 1
    assert job.post().exit_code == 0
    assert ours(job) == []
    assert world.account.users(pool) == []


def test_files_of_a_main_that_was_killed_are_removed(world: World, job: Job) -> None:
    """Their names were in the state before they were written."""
    pool = world.pool()
    gate = Gate()
    world.aws.on("AdminCreateUser", forwarding, gate)
    running = job.start("main", {**inputs_of(world, pool), "users": "a:\nb:"})
    assert gate.reached.wait(30)
    deadline = time.monotonic() + 30
    while not ours(job) and time.monotonic() < deadline:
        time.sleep(0.02)  # the first user is signed in while the second one is created
    running.process.kill()
    running.finish()
    gate.open.set()
    assert len(ours(job)) == 1

    post = job.post()

    assert (post.exit_code, post.annotations) == (0, [])
    assert ours(job) == []
    assert world.account.users(pool) == []


def test_file_that_a_test_removed(world: World, job: Job) -> None:
    """A file that is already gone is no problem."""
    pool = world.pool()
    main = job.main(inputs_of(world, pool))
    Path(main.outputs["storage-state"]).unlink()

    post = job.post()

    assert (post.exit_code, post.annotations) == (0, [])
    assert world.account.users(pool) == []


@pytest.mark.parametrize("path", ["../outside.json", "{temp}/other.json", "other.json", "."])
def test_tampered_state_removes_nothing(world: World, job: Job, path: str) -> None:
    """Nothing outside the folder, nor anything in it that main did not write; the user is still deleted."""
    pool = world.pool()
    outside = job.temp.parent / "outside.json"
    outside.write_text("theirs")
    job.main(inputs_of(world, pool))
    job.state |= {"file-1": path.format(temp=job.temp), "files": "1"}

    post = job.post()

    assert post.exit_code == 0
    [annotation] = post.annotations
    assert annotation.level == "warning"
    assert "they were left alone: file-1\n" in annotation.message
    assert outside.exists()
    assert len(ours(job)) == 1
    assert world.account.users(pool) == []


def test_file_that_cannot_be_removed(world: World, job: Job) -> None:
    """A warning says so, whatever `cleanup-failure` says about users, and the user is deleted."""
    pool = world.pool()
    main = job.main(inputs_of(world, pool, cleanup_failure="error"))
    file = Path(main.outputs["storage-state"])
    file.unlink()
    file.mkdir()

    post = job.post()

    assert post.exit_code == 0
    assert [(annotation.level, annotation.title) for annotation in post.annotations] == [
        ("warning", "Cognito test user: file not removed")
    ]
    assert world.account.users(pool) == []


def test_folder_that_is_not_mounted(world: World) -> None:
    """With an older runner, the step says so before AWS is called and any user created."""
    pool = world.pool()
    inputs = inputs_of(world, pool)
    job = world.job()
    job.temp.rmdir()

    main = job.main(inputs)

    assert (main.exit_code, world.calls_of_aws, main.state) == (1, [], CLAIMED)
    message = main.annotations[0].message
    assert message.startswith("The runner's temp folder is not in the container, ")
    assert f"RUNNER_TEMP is {job.temp}, " in message
    assert job.post().log == ["There is no user to delete."]


@pytest.mark.skipif(os.getuid() != 0, reason="only root can change the owner of a file")
def test_file_belongs_to_the_runners_user(world: World, job: Job) -> None:
    """As on GitHub's machines, where the container is root and the later steps run as user 1001."""
    os.chown(job.temp, 1001, 1001)

    main = job.main(inputs_of(world, world.pool()))

    [file] = ours(job)
    assert (file.stat().st_uid, stat.S_IMODE(file.stat().st_mode)) == (1001, 0o600), main.log
    assert job.post().exit_code == 0
    assert ours(job) == []


def test_sign_in_that_fails_leaves_no_file(world: World, job: Job) -> None:
    """Without tokens there is nothing to write."""
    pool = world.pool()
    world.aws.on("InitiateAuth", refusing("NotAuthorizedException", "Incorrect username or password."))

    main: Stage = job.main(inputs_of(world, pool))

    assert main.exit_code == 1
    assert (ours(job), main.state["files"]) == ([], "0")
    assert job.post().exit_code == 0
    assert world.account.users(pool) == []
