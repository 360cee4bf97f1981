"""Main and post as a job has them: in containers, over TLS, with AWS some milliseconds away."""

import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tools.benchmark.contenders import BUNDLED
from tools.benchmark.measured import MeasuredJob
from tools.benchmark.relay import Line, relay
from tools.emulator.account import Account
from tools.emulator.certificates import Authority
from tools.emulator.container import DockerJob, docker
from tools.emulator.github import TokenService
from tools.emulator.http import Answer, Request
from tools.emulator.https import HOSTS, new_address, tls_front
from tools.emulator.job import Job
from tools.emulator.proxy import Proxy

ROUNDS = 15

ROUND_TRIP = 0.03
"""Seconds to AWS and back, and to GitHub."""

TOKEN_SECONDS = 0.15
"""How long GitHub takes to issue a token."""

BASE = "python:3.13-slim-trixie"


@dataclass(frozen=True)
class Round:
    """Seconds in one round, one after the other."""

    bare: float
    """Median of several containers that do nothing."""
    main: float
    """From `docker run` until main's container has ended."""
    post: float
    peer_main: float = 0.0
    """The process of the bundled action for Node.js; 0 if there is none."""
    peer_post: float = 0.0

    @property
    def both(self) -> float:
        """What the job waits for the action."""
        return self.main + self.post

    @property
    def peer(self) -> float:
        """What it would wait for the peer's two processes."""
        return self.peer_main + self.peer_post

    @property
    def ratio(self) -> float:
        """The action as a multiple of the peer, if each of the peer's processes had a container to start."""
        return self.both / (self.peer + 2 * self.bare)


@dataclass
class Slow:
    """GitHub's token service, and the seconds that it takes."""

    service: TokenService
    seconds: float = TOKEN_SECONDS

    def respond(self, request: Request) -> Answer:
        """Answer one request."""
        time.sleep(self.seconds)
        return self.service.grant(request)


def measure_containers(
    account: Account, github: TokenService, folder: Path, image: str, *, with_peer: bool
) -> list[Round]:
    """Run jobs in turn with those of the peer; the first round does not count."""
    authority = Authority(folder / "authority")
    near, far = new_address(), new_address()
    github.respond = Slow(github).respond
    with ExitStack() as stack:
        front = stack.enter_context(tls_front(Proxy(account.endpoint), github, authority, [*HOSTS, far], address=near))
        stack.enter_context(relay((far, 443), (near, 443), Line(ROUND_TRIP)))
        pool = account.create_pool(UsernameAttributes=["email"])
        inputs = {"user-pool-id": pool, "role-to-assume": account.create_role("containers", pool)}
        rounds = []
        for _ in range(ROUNDS + 1):
            job = DockerJob(Path(tempfile.mkdtemp(dir=folder)), front.environ, image)
            job.hosts = dict.fromkeys(HOSTS, far)
            trusted = {"AWS_CA_BUNDLE": front.trusted_in(job.workspace)}
            bare = _bare_container()
            main, post = _both(job, inputs, trusted, account)
            peer = _peer(folder, far, github, authority, inputs, account) if with_peer else (0.0, 0.0)
            rounds.append(Round(bare, main, post, *peer))
    github.respond = None
    return rounds[1:]


def _both(job: Job, inputs: Mapping[str, str], environ: Mapping[str, str], account: Account) -> tuple[float, float]:
    started = time.monotonic()
    main = job.main(inputs, **environ)
    between = time.monotonic()
    assert main.outputs.get("password"), (main.log, main.stderr)
    resumed = time.monotonic()
    post = job.post({}, **environ)
    ended = time.monotonic()
    assert (post.exit_code, account.users(inputs["user-pool-id"])) == (0, []), (post.log, post.stderr)
    return between - started, ended - resumed


def _peer(
    folder: Path, address: str, github: TokenService, authority: Authority, inputs: Mapping[str, str], account: Account
) -> tuple[float, float]:
    """The peer as a process of this machine, which can't be told where a host name leads."""
    folder = Path(tempfile.mkdtemp(dir=folder))
    (folder / "authority.pem").write_bytes(authority.pem)
    environ = {
        **github.environ,
        "ACTIONS_ID_TOKEN_REQUEST_URL": f"https://{address}/token?api-version=2.0",
        "AWS_ENDPOINT_URL": f"https://{address}",
        "NODE_EXTRA_CA_CERTS": str(folder / "authority.pem"),
    }
    job = MeasuredJob(folder, environ, BUNDLED)
    _both(job, inputs, {}, account)
    return job.cost("main").wall, job.cost("post").wall


def _bare_container() -> float:
    """The median of a few containers that do nothing."""
    return median(_seconds_of_nothing() for _ in range(3))


def _seconds_of_nothing() -> float:
    started = time.monotonic()
    docker("run", "--rm", "--network", "host", "--entrypoint", "/bin/true", BASE)
    return time.monotonic() - started
