"""The recipe for apps whose session is the server's: the form, the cookie, and the trigger that adds a scope."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cognito_action.claims import claims_of
from tests.support.playwright import BrowserRecipe, named, report_of, run_playwright
from tests.support.recipes import environ_of, own_inputs, recipe, run_step
from tests.support.server_app import app_with_next_auth, app_with_store
from tests.support.sign_in import app_client
from tests.support.triggers import trigger
from tests.support.world import World

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.literals import ExplicitAuthFlowsTypeType

PAGE = recipe("server-sessions")


@pytest.mark.parametrize(
    "flow",
    [
        pytest.param("ALLOW_USER_PASSWORD_AUTH", id="one page"),
        pytest.param("ALLOW_USER_AUTH", id="two pages"),
    ],
)
def test_form_is_filled_in(world: World, tmp_path: Path, flow: "ExplicitAuthFlowsTypeType") -> None:
    """A first project signs in at the emulator's page, and the tests start with the app's session."""
    own = own_inputs(world)
    del own["client-id"]
    _, stage = run_step(world, PAGE.steps[0], own)

    with app_with_store(world, own["user-pool-id"], flow) as origin:
        files = named(PAGE.javascript[:3], origin)
        results = run_playwright(tmp_path, BrowserRecipe("app", files, environ_of(PAGE.steps[1], stage)))

    assert results == {
        "app, sign in: sign in": "passed",
        "app, tests: the user is signed in from the start": "passed",
    }
    assert stage.outputs["password"] in report_of(tmp_path), "The page warns of reports."


def test_cookie_is_made(world: World, tmp_path: Path) -> None:
    """The app's next-auth reads the session that the fixture has made with the app's secret."""
    own = own_inputs(world)
    client = app_client(world, own["user-pool-id"], "USER_SRP_AUTH", secret=True)
    _, stage = run_step(world, PAGE.steps[2], {**own, **client})
    environ = environ_of(PAGE.steps[3], stage)

    with app_with_next_auth(environ["NEXTAUTH_SECRET"]) as origin:
        spec = PAGE.javascript[2].replace("'@playwright/test'", "'./fixtures.js'")
        files = named([recipe("playwright").javascript[0], PAGE.javascript[3], spec], origin)
        results = run_playwright(tmp_path, BrowserRecipe("app", files, environ))

    assert results == {"app: the user is signed in from the start": "passed"}


def test_trigger_adds_a_scope_for_test_users(world: World) -> None:
    """The access token of a user in the group has the scope, that of another user has not."""
    arn = trigger(world, PAGE.javascript[-1])
    pool = world.pool(LambdaConfig={"PreTokenGenerationConfig": {"LambdaVersion": "V2_0", "LambdaArn": arn}})
    inputs = world.inputs_with_groups(
        pool, "api-tests", client_id=world.app_client(pool), users="{tester: {groups: [api-tests]}, other: {}}"
    )

    main = world.job().main(inputs)

    assert main.exit_code == 0, main.log
    users = json.loads(main.outputs["users"])
    scopes = {key: claims_of(user["access-token"])["scope"].split() for key, user in users.items()}
    assert scopes == {
        "tester": ["aws.cognito.signin.user.admin", "my-api/read"],
        "other": ["aws.cognito.signin.user.admin"],
    }
