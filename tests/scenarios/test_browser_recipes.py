"""The recipes for apps that keep their session in the browser, run by Playwright's own test runner in Chromium."""

import json
import urllib.error
import urllib.request
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from cognito_action.claims import claims_of
from tests.support.browser_app import app_settings, serving_app
from tests.support.node import FOLDER
from tests.support.playwright import BrowserRecipe, named, run_playwright
from tests.support.recipes import environ_of, own_inputs, recipe, run_step
from tests.support.world import World
from tools.emulator.job import Stage

PLAYWRIGHT = recipe("playwright")

LIBRARIES = {
    "playwright": ["identity-js", "amplify5", "amplify6"],
    "amplify-cookies": ["amplify5-cookies", "amplify6-cookies"],
    "oidc-client": ["oidc-client-ts", "react-oidc-context"],
}
"""The libraries of the apps that a page is about."""

SPECS = [
    "the user is signed in from the start",
    "signed in, also after reloads and a refresh",
    "signed in with other tokens if those of the file have expired",
    "no one signed in at another origin",
    "no one signed in without what the library reads",
    "another user signed in, with a group, and out",
]
"""The recipe for one user, and `session.spec.js`."""


@pytest.mark.parametrize("page", LIBRARIES)
def test_app_starts_signed_in(world: World, built: Path, tmp_path: Path, page: str) -> None:
    """With each library, users are signed in from their files without a sign-in call, refresh and sign out."""
    libraries = LIBRARIES[page]
    step = PLAYWRIGHT.steps[0]
    with serving_app(world, built) as origin:
        own = {**own_inputs(world, "plain" if page == "playwright" else "email"), "storage-state-origin": origin}
        _, one = run_step(world, step, own)
        leavers = json.dumps({library: {"groups": ["viewers"]} for library in libraries})
        _, several = run_step(world, step, {**own, "users": leavers})
        world.aws.log.clear()

        results = run_playwright(tmp_path, *(_for_one_user(library, one, several, origin) for library in libraries))

    assert results == {f"{library}: {spec}": "passed" for library in libraries for spec in SPECS}
    of_cognito = page != "oidc-client"
    flows = {parameters["AuthFlow"] for parameters in world.aws.parameters("InitiateAuth")}
    assert flows == ({"REFRESH_TOKEN_AUTH"} if of_cognito else set())
    assert len(world.aws.parameters("RevokeToken")) == (len(libraries) if of_cognito else 0)


def test_each_role_has_a_user(world: World, built: Path, tmp_path: Path) -> None:
    """Each project of the recipe is signed in as another user, with the groups of that user."""
    with serving_app(world, built) as origin:
        _, stage = run_step(world, PLAYWRIGHT.steps[2], {**own_inputs(world), "storage-state-origin": origin})
        shown = BrowserRecipe(
            "roles",
            named(PLAYWRIGHT.javascript[2:], origin),
            environ_of(PLAYWRIGHT.steps[3], stage),
            app_settings("amplify6", json.loads(stage.outputs["users"])["admin"]),
        )
        results = run_playwright(tmp_path, shown)

    assert results == {
        "roles, admin: an admin has two groups": "passed",
        "roles, viewer: a viewer has one group": "passed",
        "roles, leaver: who signs out stays signed out": "passed",
    }


def test_traces_hold_tokens(world: World, built: Path, tmp_path: Path) -> None:
    """With traces they are in the results and in the report, in plain text; the recipe's configuration makes none."""
    with serving_app(world, built) as origin:
        _, stage = run_step(world, PLAYWRIGHT.steps[0], {**own_inputs(world), "storage-state-origin": origin})
        shown = BrowserRecipe(
            "recipe",
            named(PLAYWRIGHT.javascript[:2], origin),
            environ_of(PLAYWRIGHT.steps[1], stage),
            app_settings("amplify6", stage.outputs),
        )
        results = run_playwright(tmp_path, shown, replace(shown, name="traced", options={"trace": "on"}))

    assert set(results.values()) == {"passed"}
    [folder] = (tmp_path / "test-results").glob("account-*")
    assert folder.name.endswith("-traced")
    token = stage.outputs["access-token"].encode()
    for artifact in (folder, tmp_path / "playwright-report"):
        archives = [zipfile.ZipFile(path) for path in artifact.rglob("*.zip")]
        assert any(token in archive.read(name) for archive in archives for name in archive.namelist())


def test_what_oidc_client_can_not_do(world: World, built: Path, tmp_path: Path) -> None:
    """It gets no claims from `userInfo`, and refuses a renewal in which the time of the sign-in is another."""
    spec = """
    import { expect, test } from '@playwright/test'

    test('refused', async ({ page }) => {
      await page.goto('/')
      await page.getByRole('button', { name: 'Refresh' }).click()
      const message = 'auth_time in id_token does not match original auth_time'
      await expect(page.getByRole('heading')).toHaveText(`Error: ${message}`)
    })
    """
    with serving_app(world, built) as origin:
        _, stage = run_step(world, PLAYWRIGHT.steps[0], {**own_inputs(world), "storage-state-origin": origin})
        [config] = named(PLAYWRIGHT.javascript[:1], origin).values()
        shown = BrowserRecipe(
            "recipe",
            {"playwright.config.js": config, "refused.spec.js": spec},
            environ_of(PLAYWRIGHT.steps[1], stage),
            {**app_settings("oidc-client-ts", stage.outputs), "authTime": 1},
        )
        assert run_playwright(tmp_path, shown) == {"recipe: refused": "passed"}

    headers = {"Authorization": f"Bearer {stage.outputs['access-token']}"}
    request = urllib.request.Request(f"{world.account.endpoint}/oauth2/userInfo", headers=headers)
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(request)


def _for_one_user(library: str, stage: Stage, leavers: Stage, origin: str) -> BrowserRecipe:
    """The recipe for one user, with the tests of `session.spec.js`, for which there are other users, who sign out."""
    environ = {
        **environ_of(PLAYWRIGHT.steps[1], stage),
        "SUB": stage.outputs["sub"],
        "ACCESS_TOKEN": stage.outputs["access-token"],
        "CLAIMED": str(claims_of(stage.outputs["access-token"])["username"]),
        "LEAVERS": leavers.outputs["users"],
    }
    files = {
        **named(PLAYWRIGHT.javascript[:2], origin),
        "session.spec.js": (FOLDER / "session.spec.js").read_text(encoding="utf-8"),
        "fixtures.js": "export { expect, test } from '@playwright/test'\n",
    }
    if library == "react-oidc-context":
        files |= named(recipe("oidc-client").javascript, origin)
    return BrowserRecipe(library, files, environ, app_settings(library, stage.outputs))
