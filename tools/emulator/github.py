"""GitHub's token service: it gives a job an ID token. The environment of a step says how to request one."""

import base64
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from tools.emulator.http import Answer, Request, serving

ISSUER = "token.actions.githubusercontent.com"
REPOSITORY = "octo-org/octo-app"
REPOSITORY_ID = "123456789"
RUN_ID = "9876543210"
SUBJECT = f"repo:{REPOSITORY}:ref:refs/heads/main"

CLAIMS: Mapping[str, str] = {
    "iss": f"https://{ISSUER}",
    "sub": SUBJECT,
    "repository": REPOSITORY,
    "repository_id": REPOSITORY_ID,
    "ref": "refs/heads/main",
    "run_id": RUN_ID,
}


def id_token(claims: Mapping[str, object]) -> str:
    """A token with `claims`. Its signature is fake: the emulator does not check it."""
    parts = ({"alg": "RS256", "typ": "JWT"}, claims, "signature")
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts)


@dataclass
class TokenService:
    """The running service. Set `claims`, or `respond` in place of `grant`, to change what jobs get from then on."""

    url: str
    bearer: str
    claims: dict[str, object]
    tokens: list[str]
    respond: Callable[[Request], Answer | None] | None = None

    @property
    def environ(self) -> dict[str, str]:
        """What the runner adds to the environment of a job that has `id-token: write`."""
        return {"ACTIONS_ID_TOKEN_REQUEST_URL": self.url, "ACTIONS_ID_TOKEN_REQUEST_TOKEN": self.bearer}

    def grant(self, request: Request) -> Answer:
        """Answer one request with a token, as GitHub does."""
        if request.headers.get("Authorization") != f"Bearer {self.bearer}":
            return Answer(401, b"{}")
        audience = parse_qs(urlsplit(request.path).query)["audience"][0]
        now = int(time.time())
        token = id_token({**self.claims, "aud": audience, "iat": now, "exp": now + 300, "jti": str(len(self.tokens))})
        self.tokens.append(token)
        return Answer(200, json.dumps({"value": token}).encode(), {"Content-Type": "application/json"})


@contextmanager
def token_service(record: Callable[[str], None] = lambda _: None, host: str = "127.0.0.1") -> Iterator[TokenService]:
    """Run the service on an address of this machine. Each request calls `record` with `GetIDToken`."""
    service = TokenService(url="", bearer="the-request-token-of-the-job", claims=dict(CLAIMS), tokens=[])

    def respond(request: Request) -> Answer | None:
        record("GetIDToken")
        return (service.respond or service.grant)(request)

    with serving(respond, host=host) as address:
        service.url = f"{address}/token?api-version=2.0"
        yield service
