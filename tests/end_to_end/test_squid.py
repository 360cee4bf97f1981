"""The image behind a real proxy, squid, which wants a user name and a password, and which alone knows the hosts."""

import base64
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.squid import PASSWORD, PROXY_HOST, USER, Squid, squid, squid_image
from tests.support.tls_front import runs_green, tls_front
from tests.support.world import World
from tools.emulator.certificates import Authority
from tools.emulator.container import DockerJob, docker
from tools.emulator.https import HOSTS, TOKEN_HOST, TlsFront
from tools.emulator.job import Stage

SECONDS = 15.0
"""Far from the deadlines of main and post, and enough for a container to start on a busy machine."""

WRONG = f"{PASSWORD}impala"


@pytest.fixture(scope="session")
def image_of_squid(image: str) -> Iterator[str]:
    assert image, "an engine answers"
    with squid_image() as tag:
        yield tag


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "authority")


@pytest.fixture
def front(world: World, authority: Authority) -> Iterator[TlsFront]:
    with tls_front(world, authority) as front:
        yield front


@pytest.fixture
def proxy(image_of_squid: str, front: TlsFront, tmp_path: Path) -> Iterator[Squid]:
    with squid(image_of_squid, tmp_path, front.hosts, front.authority) as proxy:
        yield proxy


@pytest.fixture
def job(world: World, image: str, front: TlsFront) -> Iterator[DockerJob]:
    """A job that trusts the authority, and can't resolve the names of GitHub's and AWS's hosts."""
    job = DockerJob(world.folder, front.environ, image)
    job.environ = {**front.environ, "AWS_CA_BUNDLE": front.trusted_in(job.workspace)}
    yield job
    docker("rm", "--force", *job.containers, check=False)


def let_through(*hosts: str) -> list[str]:
    """What squid logs if a client reached these hosts through it."""
    return sorted(f"CONNECT {host}:443 200" for host in hosts)


def shown(stage: Stage) -> str:
    """All that a stage wrote for people, without the runner's masks and without the commands that set them."""
    lines = [line for line in stage.stdout.splitlines() if not line.startswith("::add-mask::")]
    return "\n".join([*lines, stage.stderr, stage.files["GITHUB_STEP_SUMMARY"]])


def names_the_proxy(stage: Stage, proxy: Squid, status: int) -> None:
    """Assert that one annotation has the proxy's address and status, and that no credentials are shown anywhere."""
    [annotation] = stage.annotations
    assert f"127.0.0.1:{proxy.port}" in annotation.message
    assert str(status) in annotation.message
    header = base64.b64encode(f"{USER}:{WRONG}".encode()).decode()
    secrets = [*re.findall(r"[a-z]{4,}", f"{USER} {WRONG}"), header]
    assert len(secrets) == 8
    assert [secret for secret in secrets if secret in shown(stage)] == []


@pytest.mark.parametrize("variable", ["https_proxy", "HTTPS_PROXY"])
def test_all_requests_go_through_the_proxy(world: World, job: DockerJob, proxy: Squid, variable: str) -> None:
    """Main and post reach GitHub and AWS with a password that is percent-encoded in the proxy's address."""
    runs_green(world, job, **{variable: proxy.url()})

    assert proxy.connections == let_through(*HOSTS)


@pytest.mark.parametrize("variable", ["no_proxy", "NO_PROXY"])
def test_hosts_without_a_proxy(world: World, job: DockerJob, front: TlsFront, proxy: Squid, variable: str) -> None:
    """Hosts below a domain in `NO_PROXY` are reached directly, and the others through the proxy."""
    job.hosts = {host: address for host, address in front.hosts.items() if host != TOKEN_HOST}

    runs_green(world, job, https_proxy=proxy.url(), **{variable: "localhost,.amazonaws.com"})

    assert proxy.connections == let_through(TOKEN_HOST)


def test_proxy_that_speaks_tls(world: World, job: DockerJob, proxy: Squid) -> None:
    """An `https://` proxy, whose certificate the same authority signed, works for the token and for AWS."""
    job.hosts = {PROXY_HOST: "127.0.0.1"}

    runs_green(world, job, https_proxy=proxy.tls_url)

    assert proxy.connections == let_through(*HOSTS)


@pytest.mark.parametrize("first", ["token service", "AWS"])
def test_wrong_password(world: World, job: DockerJob, front: TlsFront, proxy: Squid, first: str) -> None:
    """Main says at once which proxy refuses with which status, whichever request meets it first."""
    job.hosts = {TOKEN_HOST: front.address}
    directly = {"no_proxy": TOKEN_HOST} if first == "AWS" else {}
    pool = world.pool()
    started = time.monotonic()

    main = job.main(world.inputs(pool), https_proxy=proxy.url(WRONG), RUNNER_DEBUG="1", **directly)

    assert time.monotonic() - started < SECONDS
    assert (main.exit_code, main.stderr) == (1, "")
    names_the_proxy(main, proxy, 407)
    assert world.aws.calls == (["GetIDToken"] if first == "AWS" else [])
    assert world.account.users(pool) == []


def test_wrong_password_in_post(world: World, job: DockerJob, proxy: Squid) -> None:
    """Post says the same about the user who is left."""
    pool = world.pool()
    main = job.main(world.inputs(pool), https_proxy=proxy.url())
    assert main.exit_code == 0, main.log
    started = time.monotonic()

    post = job.post({}, https_proxy=proxy.url(WRONG), RUNNER_DEBUG="1")

    assert time.monotonic() - started < SECONDS
    names_the_proxy(post, proxy, 407)
    assert len(world.account.users(pool)) == 1
    assert job.post({}, https_proxy=proxy.url()).annotations == []
    assert world.account.users(pool) == []


def test_host_that_the_proxy_forbids(
    world: World, job: DockerJob, front: TlsFront, image_of_squid: str, tmp_path: Path
) -> None:
    """A proxy that does not let a job reach AWS is named with its status, too."""
    pool = world.pool()
    with squid(image_of_squid, tmp_path, {TOKEN_HOST: front.address}, front.authority) as proxy:
        started = time.monotonic()

        main = job.main(world.inputs(pool), https_proxy=proxy.url())

        assert time.monotonic() - started < SECONDS
        assert (main.exit_code, world.aws.calls) == (1, ["GetIDToken"])
        names_the_proxy(main, proxy, 403)
