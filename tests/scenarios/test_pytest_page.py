"""The examples of docs/pytest.md, as a reader would paste them: each test gets its users, and leaves no one."""

import re
from dataclasses import fields

from cognito_action.api import CognitoUser
from tests.support.pytest_run import Project
from tests.support.recipes import blocks
from tests.support.world import World
from tools.emulator.job import ROOT

PAGE = (ROOT / "docs/pytest.md").read_text(encoding="utf-8")

SIGN_IN = """
from types import SimpleNamespace


def sign_in(username, password):
    return SimpleNamespace(status_code=200 if username and len(password) == 32 else 401)


"""


def test_examples_of_the_page(world: World) -> None:
    """The two files of settings and the three of tests, with a pool and an app client that exist."""
    pool = world.pool("email")
    world.account.cognito.create_group(UserPoolId=pool, GroupName="admins")
    client = world.account.create_app_client(pool, "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH")
    single, several = blocks(PAGE, "ini")
    login, roles, fixture = (text.replace("eu-central-1_AbCdEfGhI", pool) for text in blocks(PAGE, "python"))
    used = "\n\ndef test_fresh(fresh_user, cognito_user):\n    assert fresh_user.sub != cognito_user.sub\n"
    project = Project(world, pool, SIGN_IN + login + roles + fixture + used)
    settings = (single + several).replace("eu-central-1_AbCdEfGhI", pool).replace("1example23456789", client)
    (project.folder / "pytest.ini").write_text(settings)

    run = project.run("-p", "no:cacheprovider")

    assert run.status == 0, run.text
    assert "3 passed" in run.stdout
    assert len(world.aws.parameters("AdminCreateUser")) == 4
    assert (world.account.users(pool), project.journals) == ([], [])


def test_fields_are_those_of_the_page() -> None:
    """Each is named there, and no other."""
    section = PAGE.partition("\n## Fields\n")[2].partition("\n## ")[0].partition("`-`")[2]

    assert re.findall(r"`(\w+)`", section) == [field.name for field in fields(CognitoUser)]
