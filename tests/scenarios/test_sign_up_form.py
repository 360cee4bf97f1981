"""The recipe for a test of the sign-up form: what confirms the user, in browsers and without, and that post deletes it."""

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.aws_cli import credentials_of, run_script
from tests.support.browser_app import serving_app
from tests.support.playwright import BrowserRecipe, named, report_of, run_playwright
from tests.support.recipes import environ_of, recipe, run_step
from tests.support.triggers import trigger
from tests.support.world import World
from tools.emulator.job import Stage

PAGE = recipe("sign-up-form")
STEP, BOTH_TESTS, SIGN_UP, _, CONFIRM, SIGN_IN = PAGE.steps
CONFIG, SPEC, TRIGGER = PAGE.javascript

EMAIL = "getByLabel('Email').fill(process.env.EMAIL)"
USERNAME = "getByLabel('Username').fill(process.env.USERNAME)"

NUMBER = "+15555550123"

GENERATED = "success+gha-123456789-9876543210-1-0123456789abcdef@simulator.amazonses.com"


def test_form_with_the_trigger(world: World, built: Path, tmp_path: Path) -> None:
    """In a pool whose users sign in by email, one run of Playwright signs the user up and in."""
    pool = world.pool("email", AutoVerifiedAttributes=["email"], LambdaConfig={"PreSignUp": trigger(world, TRIGGER)})
    job, stage = run_step(world, STEP, world.inputs(pool))

    with serving_app(world, built) as origin:
        files = named([CONFIG, SPEC], origin)
        app = _app(world, pool, "amplify6", "Email")
        results = run_playwright(tmp_path, BrowserRecipe("app", files, environ_of(BOTH_TESTS, stage), app))

    assert results == {"app: the newcomer signs up": "passed", "app: the newcomer signs in": "passed"}
    assert _attributes(world, pool, stage.outputs["email"])["email_verified"] == "true"
    assert stage.outputs["password"] in report_of(tmp_path), "The page warns of reports."
    assert job.post().exit_code == 0
    assert world.account.users(pool) == []


def test_form_with_the_command(world: World, built: Path, tmp_path: Path) -> None:
    """In a pool with plain names, which the form asks for, the tests before and after the command pass."""
    pool = world.pool(AutoVerifiedAttributes=["email"])
    job, stage = run_step(world, STEP, world.inputs(pool))
    signing_up, signing_in = SPEC.split("\n\ntest('the newcomer signs in'")
    signing_up = signing_up.replace(f"  await page.{EMAIL};", f"  await page.{USERNAME};\n  await page.{EMAIL};")
    signing_in = signing_in.replace(EMAIL, USERNAME).replace("${process.env.EMAIL}", "${process.env.USERNAME}")
    spec = f"{signing_up}\n\ntest('the newcomer signs in'{signing_in}"

    with serving_app(world, built) as origin:
        files = named([CONFIG, spec], origin)
        app = _app(world, pool, "identity-js", "Username", "Email")

        def run(step: Mapping[str, Any]) -> dict[str, str]:
            arguments = shlex.split(step["run"].rpartition("npx playwright test")[2])
            folder = tmp_path / arguments[-1]
            folder.mkdir()
            return run_playwright(
                folder, BrowserRecipe("app", files, environ_of(step, stage), app), arguments=arguments
            )

        assert run(SIGN_UP) == {"app: the newcomer signs up": "passed"}
        _confirm(world, tmp_path, pool, stage, "username")
        assert run(SIGN_IN) == {"app: the newcomer signs in": "passed"}

    assert job.post().exit_code == 0
    assert world.account.users(pool) == []


@pytest.mark.parametrize(("kind", "output"), [("email", "email"), ("plain", "username"), ("email alias", "username")])
def test_command_names_the_user(world: World, tmp_path: Path, kind: str, output: str) -> None:
    """The page says by what; the user is then confirmed, with an address that is not verified, and post finds it."""
    pool = world.pool(kind)
    job, stage = run_step(world, STEP, world.inputs(pool))
    name = stage.outputs[output]
    assert not _sign_up(world, pool, name, stage.outputs["email"], stage.outputs["password"])

    _confirm(world, tmp_path, pool, stage, output)

    user = world.account.cognito.admin_get_user(UserPoolId=pool, Username=name)
    assert user["UserStatus"] == "CONFIRMED"
    assert "email_verified" not in _attributes(world, pool, name)
    assert job.post().exit_code == 0
    assert world.account.users(pool) == []


def test_app_makes_up_the_username(world: World) -> None:
    """Post finds the user by the address, where that is a verified alias."""
    pool = world.pool("email alias", LambdaConfig={"PreSignUp": trigger(world, TRIGGER)})
    job, stage = run_step(world, STEP, world.inputs(pool))
    assert _sign_up(world, pool, "made-up", stage.outputs["email"], stage.outputs["password"])

    assert job.post().exit_code == 0
    assert world.account.users(pool) == []


@pytest.mark.parametrize(("typed", "left"), [(NUMBER, 0), ("+15555550124", 1)])
def test_users_sign_in_by_phone_number(world: World, typed: str, left: int) -> None:
    """Post finds the user by the number that the step was given, with the address and another permission."""
    pool = world.pool("phone")
    role = world.role(pool, ["AdminDeleteUser", "ListUsers"])
    job, stage = run_step(world, STEP, {"user-pool-id": pool, "role-to-assume": role, "phone-number": NUMBER})
    assert not _sign_up(world, pool, typed, stage.outputs["email"], stage.outputs["password"])

    assert job.post().exit_code == 0
    assert len(world.account.users(pool)) == left


def test_trigger_confirms_the_generated_address(world: World) -> None:
    """In a pool with plain names, too."""
    pool = world.pool(LambdaConfig={"PreSignUp": trigger(world, TRIGGER)})

    assert _sign_up(world, pool, "newcomer", GENERATED, "Correct-horse-1")
    assert _attributes(world, pool, "newcomer")["email_verified"] == "true"


@pytest.mark.parametrize(
    "address",
    [
        "someone@example.com",
        "success+gha-1@simulator.amazonses.com",
        GENERATED.replace("@simulator.amazonses.com", "@example.com"),
        f"{GENERATED}.example.com",
        f"x{GENERATED}",
        GENERATED.replace("0123456789abcdef", "0123"),
        GENERATED.replace("simulator.", "simulator-"),
    ],
)
def test_trigger_confirms_no_other_address(world: World, address: str) -> None:
    """An address that only looks like a generated one does not count as verified."""
    pool = world.pool(LambdaConfig={"PreSignUp": trigger(world, TRIGGER)})

    assert not _sign_up(world, pool, "stranger", address, "Correct-horse-1")
    assert "email_verified" not in _attributes(world, pool, "stranger")


def _app(world: World, pool: str, library: str, *asked: str) -> dict[str, Any]:
    """The settings of the app whose form asks for this."""
    return {"library": library, "poolId": pool, "clientId": world.app_client(pool), "asked": asked}


def _sign_up(world: World, pool: str, name: str, address: str, password: str) -> bool:
    """Sign up as the form does, and return whether the user is confirmed."""
    answer = world.account.cognito.sign_up(
        ClientId=world.app_client(pool),
        Username=name,
        Password=password,
        UserAttributes=[{"Name": "email", "Value": address}],
    )
    return answer["UserConfirmed"]


def _confirm(world: World, folder: Path, pool: str, stage: Stage, output: str) -> None:
    """Run the page's command, which names the user by this output, with a role that may do nothing else."""
    assert CONFIRM["env"]["NAME"] == "${{ steps.user.outputs.email }}"
    credentials = credentials_of(world, world.role(pool, ["AdminConfirmSignUp"]))
    environ = {**environ_of(CONFIRM, stage, aws=credentials), "NAME": stage.outputs[output]}
    run_script(world, folder, {"run": CONFIRM["run"].replace("eu-central-1_AbCdEfGhI", pool)}, environ)


def _attributes(world: World, pool: str, name: str) -> dict[str, str]:
    user = world.account.cognito.admin_get_user(UserPoolId=pool, Username=name)
    return {attribute["Name"]: attribute["Value"] for attribute in user["UserAttributes"]}
