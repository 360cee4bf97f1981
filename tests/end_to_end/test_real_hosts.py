"""The image under the host names of GitHub and AWS: HTTPS, no endpoint configured, an authority of the test's own."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.tls_front import runs_green, tls_front
from tests.support.world import World
from tools.emulator.certificates import Authority
from tools.emulator.container import DockerJob, docker
from tools.emulator.https import HOSTS, TOKEN_HOST, TlsFront
from tools.emulator.job import Stage

SECONDS = 15.0
"""Far from the deadlines of main and post, and enough for a container to start on a busy machine."""

NewJob = Callable[..., tuple[DockerJob, TlsFront]]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "authority")


@pytest.fixture
def new_job(world: World, image: str) -> Iterator[NewJob]:
    """Creates a job that finds GitHub and AWS behind certificates that an authority signed."""
    with ExitStack() as stack:

        def create(authority: Authority, names: Sequence[str] = HOSTS) -> tuple[DockerJob, TlsFront]:
            front = stack.enter_context(tls_front(world, authority, names))
            job = DockerJob(world.folder, front.environ, image)
            job.hosts = front.hosts
            stack.callback(lambda: docker("rm", "--force", *job.containers, check=False))
            return job, front

        yield create


def names_a_certificate(stage: Stage, *words: str) -> None:
    """Assert that one annotation says that a certificate is the reason, in these words among others."""
    [annotation] = stage.annotations
    assert [word for word in ("certificate", *words) if word not in annotation.message] == []


@pytest.mark.parametrize("variable", ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"])
def test_one_variable_names_the_authority_for_all_hosts(
    world: World, new_job: NewJob, authority: Authority, variable: str
) -> None:
    """A user is created, signed in and deleted, whichever of the variables names the file."""
    job, front = new_job(authority)

    runs_green(world, job, **{variable: front.trusted_in(job.workspace)})


def test_authority_that_strict_verification_refuses(world: World, new_job: NewJob, tmp_path: Path) -> None:
    """The certificates of inspecting proxies often lack an Authority Key Identifier."""
    job, front = new_job(Authority(tmp_path / "lenient", lenient=True))

    runs_green(world, job, AWS_CA_BUNDLE=front.trusted_in(job.workspace))


def test_variables_have_an_order(world: World, new_job: NewJob, authority: Authority, tmp_path: Path) -> None:
    """If several name a file, the first of `AWS_CA_BUNDLE`, `REQUESTS_CA_BUNDLE` and `SSL_CERT_FILE` counts."""
    job, front = new_job(authority)
    right = front.trusted_in(job.workspace)
    (job.workspace / "another.pem").write_bytes(Authority(tmp_path / "another").pem)
    wrong = "/github/workspace/another.pem"

    runs_green(world, job, AWS_CA_BUNDLE=right, REQUESTS_CA_BUNDLE=wrong, SSL_CERT_FILE=wrong)
    runs_green(world, job, REQUESTS_CA_BUNDLE=right, SSL_CERT_FILE=wrong)
    main = job.main(world.inputs(world.pool()), AWS_CA_BUNDLE=wrong, REQUESTS_CA_BUNDLE=right, SSL_CERT_FILE=right)
    assert (main.exit_code, world.aws.calls) == (1, [])
    names_a_certificate(main, "AWS_CA_BUNDLE", wrong)


@pytest.mark.parametrize("first", ["token service", "AWS"])
def test_authority_that_no_variable_names(world: World, new_job: NewJob, authority: Authority, first: str) -> None:
    """Main says at once that a certificate is the reason, whichever host it meets first, and creates no one."""
    job, _ = new_job(authority)
    pool = world.pool()
    without_tls = {"AWS": world.github.environ}.get(first, {})
    started = time.monotonic()

    main = job.main(world.inputs(pool), **without_tls)

    assert time.monotonic() - started < SECONDS
    assert (main.exit_code, main.stderr) == (1, "")
    names_a_certificate(main, "TLSError")
    assert world.aws.calls == (["GetIDToken"] if first == "AWS" else [])
    assert world.account.users(pool) == []


def test_authority_that_no_variable_names_to_post(world: World, new_job: NewJob, authority: Authority) -> None:
    """Post says the same about the user who is left."""
    job, front = new_job(authority)
    pool = world.pool()
    authorities = {"AWS_CA_BUNDLE": front.trusted_in(job.workspace)}
    assert job.main(world.inputs(pool), **authorities).exit_code == 0
    started = time.monotonic()

    post = job.post()

    assert time.monotonic() - started < SECONDS
    names_a_certificate(post, "TLSError")
    assert len(world.account.users(pool)) == 1
    assert job.post({}, **authorities).annotations == []
    assert world.account.users(pool) == []


def test_certificate_of_another_host(world: World, new_job: NewJob, authority: Authority) -> None:
    """The error does not send its reader to look for an authority that is there."""
    job, front = new_job(authority, ["another.example"])
    pool = world.pool()
    started = time.monotonic()

    main = job.main(world.inputs(pool), AWS_CA_BUNDLE=front.trusted_in(job.workspace))

    assert time.monotonic() - started < SECONDS
    assert (main.exit_code, world.aws.calls) == (1, [])
    names_a_certificate(main, TOKEN_HOST, "another name")


def test_step_calls_aws_although_the_job_has_an_emulator(world: World, new_job: NewJob, authority: Authority) -> None:
    """The error has the line by which it does, and with that line it does."""
    job, front = new_job(authority)
    environ = {"AWS_CA_BUNDLE": front.trusted_in(job.workspace), "AWS_ENDPOINT_URL": "http://emulator.invalid:4566"}

    main = job.main(world.inputs(world.pool()), **environ)

    assert main.exit_code == 1
    assert main.annotations[0].message.endswith('env:\n  AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true"')
    world.aws.calls.clear()
    runs_green(world, job, **environ, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS="true")
