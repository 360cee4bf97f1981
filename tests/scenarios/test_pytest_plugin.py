"""The pytest plugin, in runs of pytest as its users start them."""

import os
import signal
import time
from pathlib import Path

import pytest

from tests.support.pytest_run import STEP, Project, finish
from tests.support.world import World
from tools.emulator.job import ROOT
from tools.emulator.proxy import refusing
from tools.emulator.workflow_commands import Masks, lines_of, parse_line

SIGNED_UP = ["AdminCreateUser", "AdminSetUserPassword"]

TWO_WORKERS = ("-p", "xdist.plugin", "-n2")

TWO_TESTS = """
def test_one(cognito_user):
    keep(cognito_user)


def test_two(cognito_user):
    keep(cognito_user)
"""

TWO_SLEEPERS = """
import time


def test_one(cognito_user):
    keep(cognito_user)
    time.sleep(30)


def test_two(cognito_user):
    keep(cognito_user)
    time.sleep(30)
"""


def wait_for_users(project: Project, count: int) -> None:
    """Wait until tests have kept so many users."""
    deadline = time.monotonic() + 20
    while len(project.users) < count:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def masked(text: str) -> set[str]:
    """What GitHub's runner hides after it has read a text."""
    masks = Masks()
    for command in map(parse_line, lines_of(text)):
        if command and command.name == "add-mask":
            masks.add(command.data)
    return set(masks.secrets)


def test_tests_of_a_session_share_a_user(world: World) -> None:
    """It is created once and deleted at the end, and pytest says nothing of it."""
    pool = world.pool("email")
    project = Project(world, pool, TWO_TESTS)

    run = project.run("--log-cli-level=DEBUG")

    assert run.status == 0, run.text
    [user] = project.users
    assert user["username"].startswith("ctu-")
    assert user["password"] not in run.text
    assert run.stderr == ""
    assert world.aws.calls == [*SIGNED_UP, "AdminDeleteUser"]
    assert (world.account.users(pool), project.journals) == ([], [])


def test_failure_shows_no_secret(world: World) -> None:
    """Not with the locals of a test, not in a comparison, and the session that it ends deletes the user."""
    pool = world.pool("email")
    tests = "\ndef test_one(cognito_user):\n    keep(cognito_user)\n    other = type(cognito_user)()\n    assert cognito_user == other\n"
    project = Project(world, pool, tests + "\n\ndef test_two():\n    pass\n")

    run = project.run("-x", "--showlocals", "-vv")

    assert run.status == 1, run.text
    [user] = project.users
    assert f"CognitoUser(sub='{user['sub']}')" in run.text
    assert [name for name in ("username", "password", "email") if user[name] in run.text] == []
    assert world.account.users(pool) == []


def test_each_worker_has_a_user_of_its_own(world: World) -> None:
    """With pytest-xdist; options reach the workers."""
    pool = world.pool("email")
    project = Project(world, "", TWO_TESTS)

    run = project.run(*TWO_WORKERS, "--cognito-user-pool-id", pool)

    assert run.status == 0, run.text
    assert len({user["sub"] for user in project.users}) == 2
    assert sorted(world.aws.calls) == sorted(2 * [*SIGNED_UP, "AdminDeleteUser"])
    assert (world.account.users(pool), project.journals) == ([], [])


@pytest.mark.parametrize("options", [(), TWO_WORKERS], ids=["one process", "two workers"])
def test_interrupted_session_deletes_its_users(world: World, options: tuple[str, ...]) -> None:
    """Ctrl-C reaches every process of the terminal."""
    pool = world.pool("email")
    project = Project(world, pool, TWO_SLEEPERS)
    process = project.start(*options)
    wait_for_users(project, 2 if options else 1)

    os.killpg(process.pid, signal.SIGINT)

    assert finish(process).status == 2
    assert (world.account.users(pool), project.journals) == ([], [])


def test_next_session_deletes_the_user_of_a_killed_one(world: World) -> None:
    """Its journal tells who it is."""
    pool = world.pool("email")
    project = Project(world, pool, TWO_SLEEPERS)
    process = project.start()
    wait_for_users(project, 1)
    process.kill()
    finish(process)
    assert len(world.account.users(pool)) == len(project.journals) == 1

    (project.folder / "test_it.py").write_text("def test_one(cognito_user):\n    pass\n")
    run = project.run()

    assert run.status == 0, run.text
    assert world.aws.calls == [*SIGNED_UP, "AdminDeleteUser", *SIGNED_UP, "AdminDeleteUser"]
    assert (world.account.users(pool), project.journals) == ([], [])


@pytest.mark.parametrize("options", [(), TWO_WORKERS], ids=["one process", "two workers"])
def test_masks_reach_the_runner(world: World, options: tuple[str, ...]) -> None:
    """In a `run:` step of GitHub, although pytest captures: so what a failing test has printed is hidden."""
    pool = world.pool("email")
    tests = TWO_TESTS.replace(
        "    keep(cognito_user)", "    keep(cognito_user)\n    print(cognito_user.password)\n    assert 0"
    )
    project = Project(world, pool, tests)

    run = project.run(*options, **STEP, **world.environ, COGNITO_TEST_USER_ROLE_TO_ASSUME=world.role(pool))

    assert run.status == 1, run.text
    assert len(project.users) == (2 if options else 1)
    assert all(user["password"] in run.stdout for user in project.users)
    assert masked(run.stderr) >= {user[name] for user in project.users for name in ("username", "password", "email")}
    assert "AssumeRoleWithWebIdentity" in world.aws.calls
    assert world.account.users(pool) == []


def test_masks_of_own_fixtures_reach_the_runner(world: World) -> None:
    """The plugin keeps stderr for the Python API as well."""
    pool = world.pool("email")
    tests = """
import pytest
from cognito_action.api import temporary_user


@pytest.fixture
def own_user():
    with temporary_user() as user:
        yield user


def test_one(own_user):
    keep(own_user)
"""
    project = Project(world, "", tests)

    run = project.run(**STEP, **world.environ, COGNITO_TEST_USER_USER_POOL_ID=pool)

    assert run.status == 0, run.text
    [user] = project.users
    assert masked(run.stderr) >= {user[name] for name in ("username", "password", "email")}
    assert world.account.users(pool) == []


def test_nothing_happens_without_a_test_that_asks(world: World) -> None:
    """No package of others is imported, and no service called."""
    tests = """
import sys


def test_one(request):
    names = {name.partition(".")[0] for name in sys.modules}
    assert names.isdisjoint({"botocore", "pydantic", "urllib3", "yaml", "pyotp"})
    ours = sorted(name for name in sys.modules if name.startswith("cognito_action."))
    assert len(ours) < 10, ours
"""
    project = Project(world, world.pool(), tests)

    run = project.run()

    assert run.status == 0, run.text
    assert (world.aws.calls, project.journals) == ([], [])


def test_plugin_is_found_by_its_entry_point(world: World, tmp_path: Path) -> None:
    """Where the package is installed, pytest loads it by itself, and shows its options."""
    metadata = tmp_path / "installed/cognito_test_user-0.1.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: cognito-test-user\nVersion: 0.1.0\n")
    section = (ROOT / "pyproject.toml").read_text().partition("[project.entry-points.pytest11]\n")[2]
    (metadata / "entry_points.txt").write_text(f"[pytest11]\n{section.partition('[')[0].replace(chr(34), '')}")
    project = Project(world, "", "")
    environ = {name: value for name, value in project.environ.items() if name != "PYTEST_DISABLE_PLUGIN_AUTOLOAD"}
    paths = f"{metadata.parent}{os.pathsep}{ROOT}"

    run = finish(project.start("--help", environ={**environ, "PYTHONPATH": paths}, plugin=False))

    assert run.status == 0, run.text
    assert "--cognito-user-pool-id=VALUE" in run.stdout
    assert "cognito_user_pool_id (string):" in run.stdout


def test_missing_pool_is_one_clear_text(world: World) -> None:
    """It names the ways to set it, and comes without a traceback."""
    project = Project(world, "", TWO_TESTS)

    run = project.run("-k", "one")

    assert run.status == 1
    assert "The user pool is not set." in run.stdout
    assert "cognito_user_pool_id = " in run.stdout
    assert "Traceback" not in run.text
    assert "api.py" not in run.text
    assert world.aws.calls == []


def test_several_users_by_their_keys(world: World) -> None:
    """The configuration names them; the single user of the same session is another."""
    pool = world.pool("email")
    world.account.cognito.create_group(UserPoolId=pool, GroupName="admins")
    tests = """
def test_several(cognito_user, cognito_users):
    assert list(cognito_users) == ["admin", "reader"]
    assert len({user.sub for user in [cognito_user, *cognito_users.values()]}) == 3
    keep(cognito_users["admin"])
"""
    project = Project(world, pool, tests, ini="cognito_users =\n    admin: {groups: [admins]}\n    reader:\n")

    run = project.run()

    assert run.status == 0, run.text
    assert [each["GroupName"] for each in world.aws.parameters("AdminAddUserToGroup")] == ["admins"]
    assert (world.account.users(pool), project.journals) == ([], [])


@pytest.mark.parametrize(("failure", "status"), [("warning", 0), ("error", 1)])
def test_user_who_could_not_be_deleted_is_reported(world: World, failure: str, status: int) -> None:
    """As a warning, or as an error of the last test's teardown; the journal stays."""
    pool = world.pool("email")
    world.aws.on("AdminDeleteUser", refusing("NotAuthorizedException", "no more"))
    project = Project(world, pool, TWO_TESTS)

    run = project.run("-W", "default", f"--cognito-cleanup-failure={failure}")

    assert run.status == status, run.text
    assert "no more" in run.stdout
    assert ("CognitoTestUserWarning" in run.stdout) is (failure == "warning")
    assert ("ERROR at teardown of test_two" in run.stdout) is (failure == "error")
    assert "Traceback" not in run.text
    assert len(world.account.users(pool)) == len(project.journals) == 1
