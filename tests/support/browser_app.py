"""The app of `tests/javascript`, which keeps its session in the browser: built, and served with Cognito."""

import base64
import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cognito_action.claims import claims_of
from tests.support.node import FOLDER, node_environ, require_packages
from tests.support.world import World
from tools.emulator.http import Answer, Request, serving

_CONTENT_TYPES = {".html": "text/html", ".js": "text/javascript"}


def build_app(folder: Path) -> Path:
    """Build the app, and return the folder with its files."""
    require_packages()
    built = folder / "app"
    subprocess.run(
        ["node", FOLDER / "node_modules/vite/bin/vite.js", "build", "app", "--outDir", built, "--logLevel", "error"],
        cwd=FOLDER,
        env=node_environ(),
        check=True,
    )
    return built


def app_settings(library: str, tokens: Mapping[str, str]) -> dict[str, Any]:
    """The settings of an app with this library, for users of the pool and the client that issued the tokens."""
    claims = claims_of(tokens["id-token"])
    return {
        "library": library,
        "authority": claims["iss"],
        "poolId": str(claims["iss"]).rpartition("/")[2],
        "clientId": claims["aud"],
        "authTime": claims["auth_time"],
    }


@contextmanager
def serving_app(world: World, built: Path) -> Iterator[str]:
    """Serve the app and, from the same origin, Cognito. The header `X-App` has the app's settings."""

    def respond(request: Request) -> Answer | None:
        path = request.path.partition("?")[0]
        if request.method == "POST":
            answer = world.aws.handle(request)
            return _renewed(answer, request) if answer and path == "/oauth2/token" else answer
        if path == "/settings.json":
            return Answer(200, request.headers["X-App"].encode(), {"Content-Type": "application/json"})
        file = built / ("index.html" if path == "/" else path.removeprefix("/"))
        if not file.is_file():
            return Answer(404, b"")
        return Answer(200, file.read_bytes(), {"Content-Type": _CONTENT_TYPES[file.suffix]})

    with serving(respond) as origin:
        yield origin


def _renewed(answer: Answer, request: Request) -> Answer:
    """The emulator's answer, with the time of the sign-in where it puts that of the refresh.

    oidc-client-ts refuses the latter. What Cognito does is not known.
    """
    tokens = json.loads(answer.body)
    header, _, signature = tokens["id_token"].split(".")
    claims = {**claims_of(tokens["id_token"]), "auth_time": json.loads(request.headers["X-App"])["authTime"]}
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    body = json.dumps({**tokens, "id_token": f"{header}.{payload}.{signature}"})
    return Answer(answer.status, body.encode(), answer.headers)
