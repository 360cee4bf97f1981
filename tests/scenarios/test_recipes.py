"""The recipes, as a reader would paste them: each step is run, and each piece of Python after it."""

import json
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyotp
import yaml
from botocore.exceptions import ClientError
from pyotp.totp import TOTP

from cognito_action.claims import claims_of
from tests.support.aws_cli import run_script
from tests.support.node import run_node
from tests.support.recipes import PAGES, README, blocks, environ_of, recipe, run_pytest, run_step
from tests.support.world import World
from tools.emulator.aws import REGION
from tools.emulator.http import Answer, Request, serving
from tools.emulator.job import action

OURS = "OWNER/cognito-test-user"


@contextmanager
def api(world: World) -> Iterator[str]:
    """An API that shows a profile to anyone with an access token that Cognito accepts, and lets admins publish."""

    def respond(request: Request) -> Answer:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        try:
            world.account.cognito.get_user(AccessToken=token or "none")
        except ClientError:
            return Answer(401, b"")
        if (request.method, request.path) == ("GET", "/profile"):
            return Answer(200, b"")
        if (request.method, request.path) == ("POST", "/reports"):
            return Answer(200 if "admins" in claims_of(token).get("cognito:groups", []) else 403, b"")
        return Answer(404, b"")

    with serving(respond) as url:
        yield url


def test_every_step_uses_existing_inputs_and_outputs() -> None:
    """Each step of README and of a recipe has only inputs that exist, and each expression reads outputs that exist."""
    text = "\n".join(page.read_text(encoding="utf-8") for page in (README, *PAGES))
    examples = [yaml.safe_load(block) for block in blocks(text, "yaml")]
    steps = [step for block in examples for step in _steps(block) if str(step.get("uses", "")).startswith(OURS)]
    assert {"client-id", "users", "storage-state-origin"} <= {name for step in steps for name in step.get("with", {})}
    assert {step["uses"].removeprefix(OURS).partition("@")[0] for step in steps} == {
        *("", "/adopt", "/delete", "/sweep")
    }

    outputs: set[str] = set()
    for step in steps:
        content = action(step["uses"].removeprefix(OURS).partition("@")[0].lstrip("/"))
        required = {name for name, settings in content["inputs"].items() if settings.get("required")}
        assert required <= set(step["with"]) <= set(content["inputs"])
        outputs |= set(content.get("outputs", {}))
    assert set(re.findall(r"steps\.\w+\.outputs\.([\w-]+)", text)) <= outputs


def _steps(node: Any) -> Iterator[Mapping[str, Any]]:
    """The steps of a list of them, or of all jobs of a workflow."""
    if isinstance(node, list):
        yield from node
    else:
        for job in node.get("jobs", {}).values():
            yield from job["steps"]


def test_access_token_is_accepted_by_an_api(world: World, tmp_path: Path) -> None:
    """The pytest recipe passes with the output of its step, and fails without a good token."""
    shown = recipe("api-tests")
    _, stage = run_step(world, shown.steps[0])
    environ = environ_of(shown.steps[1], stage)

    with api(world) as url:
        code = shown.python[0].replace("http://localhost:8000", url)
        assert run_pytest(tmp_path, code, environ) == "1 passed"
        assert run_pytest(tmp_path, code, {**environ, "ACCESS_TOKEN": "e30.e30.e30"}) == "1 failed"


def test_each_of_several_users_has_its_role(world: World, tmp_path: Path) -> None:
    """The recipe's users have their groups and attributes, and both ways to read them work."""
    shown = recipe("roles")
    _, stage = run_step(world, shown.steps[0])
    environ = environ_of(shown.steps[1], stage)
    users = json.loads(environ["USERS"])

    with api(world) as url:
        code = shown.python[0].replace("http://localhost:8000", url)
        assert run_pytest(tmp_path, code, environ) == "2 passed"
        assert run_pytest(tmp_path, code, {**environ, "VIEWER_TOKEN": users["admin"]["access-token"]}) == (
            "1 failed, 1 passed"
        )

    assert list(users) == ["admin", "viewer", "guest"]
    viewer = world.account.cognito.get_user(AccessToken=environ["VIEWER_TOKEN"])
    assert {"Name": "custom:team", "Value": "blue"} in viewer["UserAttributes"]


def test_step_deletes_what_the_app_keeps_about_the_user(world: World, tmp_path: Path) -> None:
    """The row of the user is gone, and the others stay. A step that fails has no `sub`, so the condition is needed."""
    shown = recipe("app-data")
    _, stage = run_step(world, shown.steps[0], world.inputs(world.pool()))
    database = world.account.client("dynamodb")
    database.create_table(
        TableName="profiles",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    for sub in (stage.outputs["sub"], "another"):
        database.put_item(TableName="profiles", Item={"id": {"S": sub}})

    exported = {"AWS_DEFAULT_REGION": REGION, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    run_script(world, tmp_path, shown.steps[3], {**environ_of(shown.steps[3], stage), **exported})

    assert database.scan(TableName="profiles")["Items"] == [{"id": {"S": "another"}}]
    conditions = [step.get("if", "") for step in shown.steps[:4]]
    assert conditions == ["", "", *["always() && steps.user.outputs.sub != ''"] * 2]
    failed = world.job().main({**shown.steps[0]["with"], **world.inputs("us-east-1_NoSuchPool")})
    assert failed.exit_code == 1
    assert "sub" not in failed.outputs


def test_user_signs_up_for_the_trigger(world: World) -> None:
    """The step of the recipe creates no user as an administrator, which would not run the trigger."""
    pool = world.pool()
    permissions = ["AdminConfirmSignUp", "AdminUpdateUserAttributes", "AdminInitiateAuth", "AdminDeleteUser"]
    own = {"user-pool-id": pool, "role-to-assume": world.role(pool, permissions), "client-id": world.app_client(pool)}

    job, stage = run_step(world, recipe("app-data").steps[4], own)

    assert {"SignUp", "AdminConfirmSignUp"} < set(world.aws.calls)
    assert "AdminCreateUser" not in world.aws.calls
    assert stage.outputs["sub"]
    assert job.post().exit_code == 0
    assert world.account.users(pool) == []


def test_recipe_generates_the_codes_of_the_second_factor(tmp_path: Path) -> None:
    """The recipe's fixture generates the current code from the secret."""
    shown = recipe("second-factor")
    secret = pyotp.random_base32()
    (tmp_path / "conftest.py").write_text(shown.python[0], encoding="utf-8")
    now = int(time.time())
    codes = [TOTP(secret).at(now + later) for later in (0, 30)]

    assert shown.steps[1]["env"] == {"TOTP_SECRET": "${{ steps.user.outputs.totp-secret }}"}
    test = f"def test_code(code):\n    assert code in {codes}\n"
    assert run_pytest(tmp_path, test, {"TOTP_SECRET": secret}) == "1 passed"


def test_cypress_recipe_puts_the_session_where_apps_look(world: World) -> None:
    """The cookies and each storage have it when the page loads. Cypress itself is a stand-in."""
    cypress = recipe("cypress")
    _, stage = run_step(world, recipe("playwright").steps[0])
    path = environ_of(cypress.steps[0], stage)["STORAGE_STATE"]
    config, commands = cypress.javascript

    visited = run_node("cypress", {"config": config, "commands": commands, "storageState": path})

    state = json.loads(Path(path).read_text(encoding="utf-8"))
    [origin] = state["origins"]
    stored = {entry["name"]: entry["value"] for entry in origin["localStorage"]}
    of_oidc = {name: value for name, value in stored.items() if name.startswith("oidc.user:")}
    assert len(of_oidc) == 1
    assert visited == [
        {
            "url": f"{origin['origin']}/",
            "cookies": [
                {**{name: cookie[name] for name in ("name", "value", "path", "secure")}, "sameSite": "lax"}
                for cookie in state["cookies"]
            ],
            "localStorage": stored,
            "sessionStorage": of_oidc,
        }
    ]
    assert state["cookies"]
