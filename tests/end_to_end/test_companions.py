"""The companion actions, on the same image and with the runner's own command line."""

import signal
import time
from collections.abc import Callable, Iterator

import pytest

from tests.support.world import World
from tools.emulator.container import DockerJob, docker
from tools.emulator.proxy import Gate

NewJob = Callable[[str], DockerJob]

KEEP_USER = {"mask-username": "false", "cleanup": "false"}


@pytest.fixture
def new_job(world: World, image: str) -> Iterator[NewJob]:
    """Jobs of one run, each with one action in it, which leave no container behind."""
    jobs: list[DockerJob] = []

    def new(action: str) -> DockerJob:
        folder = world.folder / f"job-{len(jobs)}"
        folder.mkdir()
        jobs.append(DockerJob(folder, world.environ, image, action))
        return jobs[-1]

    yield new
    docker("rm", "--force", *(name for job in jobs for name in job.containers), check=False)


@pytest.mark.parametrize("kind", ["plain", "email"])
def test_user_passes_through_four_jobs(world: World, new_job: NewJob, kind: str) -> None:
    """Created and kept, adopted and signed in, skipped by a sweep while it is young, and deleted."""
    pool = world.pool(kind)
    role = world.role(pool, ["AdminCreateUser", "AdminSetUserPassword", "AdminDeleteUser", "ListUsers"])
    inputs = {"user-pool-id": pool, "role-to-assume": role}
    create = new_job("")
    main = create.main({**inputs, **KEEP_USER})
    assert (main.exit_code, create.post().exit_code) == (0, 0)
    name = {"username": main.outputs["username"]}

    adopt = new_job("adopt").main({**inputs, **name, "client-id": world.app_client(pool)})

    assert (adopt.exit_code, adopt.stderr, adopt.annotations) == (0, "", []), adopt.log
    assert world.sign_in(pool, adopt)["AccessToken"]
    assert adopt.outputs["sub"] == main.outputs["sub"]
    secrets = [value for output, value in adopt.outputs.items() if output not in ("username", "sub")]
    assert [line for line in adopt.stdout.splitlines() if any(secret in line for secret in secrets)] == [
        f"::add-mask::{secret}" for secret in secrets
    ]

    sweep = new_job("sweep").main(inputs)

    assert (sweep.exit_code, sweep.stderr, sweep.outputs) == (0, "", {"found": "0", "deleted": "0"}), sweep.log

    delete = new_job("delete").main({**inputs, **name})

    assert (delete.exit_code, delete.stderr, delete.annotations) == (0, "", []), delete.log
    assert world.account.users(pool) == []


def test_sweep_deletes_the_user_of_a_container_that_died(world: World, new_job: NewJob) -> None:
    """The machine is gone and post never runs; a sweep in another job finds what is left."""
    pool = world.pool("email")
    role = world.role(pool, ["AdminCreateUser", "AdminSetUserPassword", "AdminDeleteUser", "ListUsers"])
    inputs = {"user-pool-id": pool, "role-to-assume": role}
    gate = Gate(after=True)
    world.aws.on("AdminCreateUser", gate)
    dying = new_job("")
    running = dying.start("main", inputs)
    assert gate.reached.wait(60)
    docker("kill", dying.containers[-1])
    gate.open.set()
    running.finish()
    assert len(world.account.users(pool)) == 1
    time.sleep(1.1)

    sweep = new_job("sweep").main({**inputs, "older-than": "1s"})

    assert (sweep.exit_code, sweep.outputs) == (0, {"found": "1", "deleted": "1"}), sweep.log
    assert world.account.users(pool) == []


@pytest.mark.parametrize(
    ("action", "operation"), [("adopt", "AdminSetUserPassword"), ("delete", "AdminDeleteUser"), ("sweep", "ListUsers")]
)
def test_cancel_ends_a_companion_at_once(world: World, new_job: NewJob, action: str, operation: str) -> None:
    """As it ends main and post."""
    pool = world.pool()
    main = world.job().main({**world.inputs(pool), **KEEP_USER})
    gate = Gate()
    world.aws.on(operation, gate)
    job = new_job(action)
    inputs = {"user-pool-id": pool, "role-to-assume": world.role(pool, ["*"])}
    if action != "sweep":
        inputs["username"] = main.outputs["username"]
    running = job.start("main", inputs)
    assert gate.reached.wait(60)

    started = time.monotonic()
    running.process.send_signal(signal.SIGINT)
    running.process.wait(10)
    elapsed = time.monotonic() - started
    gate.open.set()

    assert running.finish().exit_code == 130
    assert elapsed < 5
