"""The world under real host names: GitHub's token service and AWS by HTTPS, on an address of loopback of their own."""

import os
import random
import ssl
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

import pytest

from tests.support.certificates import Authority
from tests.support.world import MAIN_CALLS, POST_CALLS, World
from tools.emulator.container import DockerJob
from tools.emulator.http import Answer, Request, serving
from tools.emulator.proxy import operation_of

TOKEN_HOST = "pipelines.actions.example"
STS_HOST = "sts.us-east-1.amazonaws.com"
COGNITO_HOST = "cognito-idp.us-east-1.amazonaws.com"
HOSTS = (TOKEN_HOST, STS_HOST, COGNITO_HOST)


@dataclass(frozen=True)
class TlsFront:
    """The running front, and the authority that signed its certificate."""

    address: str
    authority: Authority
    environ: Mapping[str, str]
    """The environment of a job with `id-token: write`; it names no endpoint of AWS."""

    @property
    def hosts(self) -> dict[str, str]:
        """The addresses of all host names."""
        return dict.fromkeys(HOSTS, self.address)

    def trusted_in(self, workspace: Path) -> str:
        """Write the authority's certificate to a job's workspace, and return its path in the container."""
        (workspace / "authority.pem").write_bytes(self.authority.pem)
        return "/github/workspace/authority.pem"


@contextmanager
def tls_front(world: World, authority: Authority, names: Sequence[str] = HOSTS) -> Iterator[TlsFront]:
    """Serve the world on port 443, as GitHub and AWS do, with a certificate for `names`.

    If this user may not listen on that port, the test is skipped, or fails with `REQUIRE_DOCKER=1`.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.issue(*names))
    address = _new_address()
    environ = {**world.github.environ, "ACTIONS_ID_TOKEN_REQUEST_URL": f"https://{TOKEN_HOST}/token?api-version=2.0"}
    with ExitStack() as stack:
        try:
            stack.enter_context(serving(lambda request: _answer(world, request), 443, address, context))
        except PermissionError:
            _give_up("This user may not listen on port 443: `sudo sysctl net.ipv4.ip_unprivileged_port_start=443`.")
        yield TlsFront(address, authority, environ)


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


def _new_address() -> str:
    """An address of loopback that no other test has: they run at the same time, and each needs its port 443."""
    return f"127.{random.randint(1, 254)}.{random.randint(0, 255)}.{random.randint(1, 254)}"


def _answer(world: World, request: Request) -> Answer | None:
    if request.headers["Host"] == TOKEN_HOST:
        world.aws.calls.append("GetIDToken")
        return (world.github.respond or world.github.grant)(request)
    operation, _ = operation_of(request)
    host = STS_HOST if operation == "AssumeRoleWithWebIdentity" else COGNITO_HOST
    answer = world.aws.handle(request) if request.headers["Host"] == host else Answer(404, b"")
    return answer and replace(answer, headers=_with_request_id(answer.headers))


def _with_request_id(headers: Mapping[str, str]) -> Mapping[str, str]:
    """The same with the header that each answer of AWS has."""
    known = {name.lower() for name in headers}
    return headers if "x-amzn-requestid" in known else {**headers, "x-amzn-RequestId": str(uuid.uuid4())}


def _give_up(reason: str) -> NoReturn:
    if os.environ.get("REQUIRE_DOCKER") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
