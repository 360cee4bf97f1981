"""GitHub's token service and AWS by HTTPS under their own host names, on an address of loopback."""

import random
import ssl
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tools.emulator.certificates import Authority
from tools.emulator.github import TokenService
from tools.emulator.http import Answer, Request, serving
from tools.emulator.proxy import Proxy, operation_of

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
def tls_front(
    aws: Proxy,
    github: TokenService,
    authority: Authority,
    names: Sequence[str] = HOSTS,
    address: str = "",
    record: Callable[[str], None] = lambda _: None,
) -> Iterator[TlsFront]:
    """Serve GitHub and AWS on port 443 with a certificate for `names`.

    `record` gets the name of each token request. Clients that can't be told where a host is can use another of `names`.
    Raises `PermissionError` if this user may not listen on that port.
    """
    address = address or new_address()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.issue(*names))
    others = set(names) - set(HOSTS)

    def respond(request: Request) -> Answer | None:
        if request.path.startswith("/token?"):
            record("GetIDToken")
            return (github.respond or github.grant)(request)
        operation, _ = operation_of(request)
        host = STS_HOST if operation == "AssumeRoleWithWebIdentity" else COGNITO_HOST
        asked = request.headers["Host"]
        answer = aws.handle(request) if asked == host or asked in others else Answer(404, b"")
        return answer and replace(answer, headers=_with_request_id(answer.headers))

    environ = {**github.environ, "ACTIONS_ID_TOKEN_REQUEST_URL": f"https://{TOKEN_HOST}/token?api-version=2.0"}
    with serving(respond, 443, address, context):
        yield TlsFront(address, authority, environ)


def new_address() -> str:
    """An address of loopback that nothing else has: tests run at the same time, and each needs its port 443."""
    return f"127.{random.randint(1, 254)}.{random.randint(0, 255)}.{random.randint(1, 254)}"


def _with_request_id(headers: Mapping[str, str]) -> Mapping[str, str]:
    """The same with the header that each answer of AWS has."""
    known = {name.lower() for name in headers}
    return headers if "x-amzn-requestid" in known else {**headers, "x-amzn-RequestId": str(uuid.uuid4())}
