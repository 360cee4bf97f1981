"""The world under real host names: GitHub's token service and AWS by HTTPS."""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import NoReturn

import pytest

from tests.support.world import MAIN_CALLS, POST_CALLS, World
from tools.emulator import https
from tools.emulator.certificates import Authority
from tools.emulator.container import DockerJob
from tools.emulator.https import HOSTS, TlsFront


@contextmanager
def tls_front(world: World, authority: Authority, names: Sequence[str] = HOSTS) -> Iterator[TlsFront]:
    """Serve the world on port 443, as GitHub and AWS do, with a certificate for `names`.

    If this user may not listen on that port, the test is skipped, or fails with `REQUIRE_DOCKER=1`.
    """
    with ExitStack() as stack:
        try:
            front = stack.enter_context(
                https.tls_front(world.aws, world.github, authority, names, record=world.aws.calls.append)
            )
        except PermissionError:
            _give_up("This user may not listen on port 443: `sudo sysctl net.ipv4.ip_unprivileged_port_start=443`.")
        yield front


def runs_green(world: World, job: DockerJob, **environ: str) -> None:
    """Assert that main creates a user and signs in, and that post deletes the user."""
    pool = world.pool("email")
    client = {"client_id": world.app_client(pool), "auth_flow": "USER_SRP_AUTH"}

    main = job.main(world.inputs(pool, **client), **environ)

    assert (main.exit_code, main.stderr, main.annotations) == (0, "", []), main.log
    assert world.aws.calls == [*MAIN_CALLS, "InitiateAuth", "RespondToAuthChallenge"]
    assert world.account.users(pool) == [main.outputs["sub"]]
    assert main.outputs["access-token"]
    world.aws.calls.clear()

    post = job.post({}, **environ)

    assert (post.exit_code, post.stderr, post.annotations) == (0, "", []), post.log
    assert world.aws.calls == POST_CALLS
    assert world.account.users(pool) == []
    world.aws.calls.clear()


def _give_up(reason: str) -> NoReturn:
    if os.environ.get("REQUIRE_DOCKER") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
