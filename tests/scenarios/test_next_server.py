"""The recipe for Amplify in cookies with a Next.js server, run by Playwright's own test runner in Chromium."""

from pathlib import Path

import pytest

from tests.support.next_app import APP, next_app
from tests.support.playwright import BrowserRecipe, named, run_playwright
from tests.support.recipes import environ_of, own_inputs, recipe, run_step
from tests.support.signatures import Signer
from tests.support.world import World
from tools.emulator.aws import free_port

PLAYWRIGHT = recipe("playwright")


@pytest.mark.soak
def test_server_finds_the_user_signed_in(world: World, tmp_path: Path) -> None:
    """At the first request, by cookies whose signatures it verifies; it has tokens that have expired refreshed."""
    step, run = PLAYWRIGHT.steps[:2]
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    own = {**own_inputs(world, "email"), "storage-state-origin": origin}
    pool, client = own["user-pool-id"], own["client-id"]
    signer = Signer()
    world.aws.on("RespondToAuthChallenge", signer.sign, signer.sign)
    world.aws.on(keys := f"GET /{pool}/.well-known/jwks.json", signer.publish, signer.publish)  # for each kind of token
    _, lasting = run_step(world, step, own)
    world.account.cognito.update_user_pool_client(
        UserPoolId=pool,
        ClientId=client,
        ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        AccessTokenValidity=1,
        IdTokenValidity=1,
        TokenValidityUnits={"AccessToken": "seconds", "IdToken": "seconds"},
    )
    _, expired = run_step(world, step, own)
    world.aws.calls.clear()

    page = named(recipe("amplify-cookies").javascript, origin)
    with next_app(world, tmp_path / "next", page, {"userPoolId": pool, "userPoolClientId": client}, port):
        files = {
            **named(PLAYWRIGHT.javascript[:2], origin),
            "server.spec.js": (APP / "server.spec.js").read_text(encoding="utf-8"),
        }
        environ = {
            **environ_of(run, lasting),
            "EXPIRED": expired.outputs["storage-state"],
            "EXPIRED_USERNAME": expired.outputs["username"],
        }
        (tmp_path / "tests").mkdir()
        results = run_playwright(tmp_path / "tests", BrowserRecipe("next", files, environ))

    assert results == {
        "next: the user is signed in from the start": "passed",
        "next: signed in": "passed",
        "next: signed in with expired tokens": "passed",
        "next: no one signed in with a false signature": "passed",
        "next: no one signed in without the file": "passed",
    }
    assert set(world.aws.calls) == {keys, "GetTokensFromRefreshToken"}
    assert world.aws.calls.count("GetTokensFromRefreshToken") == 2  # one for each request with expired tokens
