"""Browser state: an app that starts with the content of the file finds its user signed in."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from cognito_action.github.oidc import claims_of
from tests.support.node import FOLDER, find_browser, run_node
from tests.support.world import World
from tools.emulator.account import PERMISSIONS
from tools.emulator.http import Answer, Request, serving
from tools.emulator.job import Stage

LIBRARIES = ["identity-js", "amplify5", "amplify6"]
ORIGIN = "https://app.example.com"


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("kind", ["plain", "email"])
def test_app_finds_the_user_signed_in(world: World, kind: str, library: str) -> None:
    """Each library reads the session from the file, with the user's groups, and makes no sign-in call."""
    pool = world.pool(kind)
    client = world.app_client(pool)
    main = _main(world, pool, client, ORIGIN, groups="admins")

    session, calls = _restore(world, library, pool, client, main.outputs["storage-state"])

    assert session["accessToken"] == main.outputs["access-token"]
    assert session["idToken"] == main.outputs["id-token"]
    assert session["username"] == claims_of(session["accessToken"])["username"]
    assert claims_of(session["idToken"])["sub"] == main.outputs["sub"]
    assert claims_of(session["idToken"])["cognito:groups"] == ["admins"]
    assert calls == (["GetUser"] if library == "amplify5" else [])


@pytest.mark.parametrize("library", LIBRARIES)
def test_session_outlives_its_tokens(world: World, library: str) -> None:
    """An app that starts when the tokens have expired gets new ones for the same user, with the refresh token."""
    pool = world.pool("email")
    client = world.app_client(pool)
    main = _main(world, pool, client, ORIGIN)

    session, _ = _restore(world, library, pool, client, main.outputs["storage-state"], hours=2)

    assert session["accessToken"] != main.outputs["access-token"]
    user = world.account.cognito.get_user(AccessToken=session["accessToken"])
    assert {"Name": "sub", "Value": main.outputs["sub"]} in user["UserAttributes"]


@pytest.mark.parametrize("library", LIBRARIES)
def test_app_of_another_origin_finds_nobody(world: World, library: str) -> None:
    """The session belongs to only one origin."""
    pool = world.pool()
    client = world.app_client(pool)
    main = _main(world, pool, client, "https://another.example.com")

    session, calls = _restore(world, library, pool, client, main.outputs["storage-state"])

    assert (session, calls) == (None, [])


@pytest.mark.parametrize("library", LIBRARIES)
def test_browsers_start_signed_in(world: World, library: str) -> None:
    """In Chromium, each of two users is signed in with their own file, and no one is signed in without a file."""
    browser = find_browser()
    pool = world.pool("email")
    client = world.app_client(pool)
    with _web_app(world) as origin:
        main = _main(world, pool, client, origin, users="{editor: {groups: [admins]}, viewer: {}}")
        users = json.loads(main.outputs["users"])
        query = {"library": library, "poolId": pool, "clientId": client, "endpoint": f"{origin}/cognito"}
        page = f"{origin}/?{urlencode(query)}"

        shown = browser.visit(*((user["storage-state"], page) for user in users.values()), (None, page))

    subs = [user["sub"] for user in users.values()]
    assert shown == [*(f"{sub} is {sub}" for sub in subs), "no one"]
    assert len(set(subs)) == 2


def _main(world: World, pool: str, client: str, origin: str, **extra: str) -> Stage:
    """Run main with a browser state, in a pool that has the group `admins`."""
    world.account.cognito.create_group(UserPoolId=pool, GroupName="admins")
    inputs = world.inputs(pool, client_id=client, storage_state_origin=origin, **extra)
    inputs["role-to-assume"] = world.role(pool, [*PERMISSIONS, "AdminAddUserToGroup"])
    main = world.job().main(inputs)
    assert main.exit_code == 0, main.log
    return main


def _restore(world: World, library: str, pool: str, client: str, state: str, hours: int = 0) -> tuple[Any, list[str]]:
    """Start an app of `ORIGIN` with that file, and return its session and the calls that it made."""
    world.aws.calls.clear()
    app = {"poolId": pool, "clientId": client, "endpoint": world.aws.url}
    session = run_node("restore", {"library": library, "state": state, "origin": ORIGIN, "hours": hours, **app})
    return session, world.aws.calls


@contextmanager
def _web_app(world: World) -> Iterator[str]:
    """Serve the page of `tests/javascript` and, from the same origin, Cognito."""
    files = {
        "/": ("text/html", Path(FOLDER, "page.html").read_bytes()),
        "/page.js": ("text/javascript", run_node("bundle", None).encode()),
    }

    def respond(request: Request) -> Answer | None:
        path = request.path.partition("?")[0]
        if request.method == "POST":
            return world.aws.handle(request)
        content_type, body = files.get(path, ("text/plain", b""))
        return Answer(200 if path in files else 404, body, {"Content-Type": content_type})

    with serving(respond) as origin:
        yield origin
