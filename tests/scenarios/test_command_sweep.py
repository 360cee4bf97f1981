"""The command's sweep and the action's, each for its own users only; and what refuses the command is told in words."""

import re
from time import sleep

import pytest

from tests.support.machine import SHOW, Machine, laptop, other_ci, run_step
from tests.support.world import World
from tools.emulator.account import PERMISSIONS
from tools.emulator.proxy import refusing


def kept_user(machine: Machine, pool: str) -> str:
    """The name in the pool of a user whom nobody deletes."""
    ended = machine.run(pool, SHOW, "--cleanup", "false")
    assert ended.status == 0
    name = ended.handed_over["COGNITO_USERNAME"]
    listed = machine.world.account.cognito.list_users(UserPoolId=pool)["Users"]
    return next(
        user["Username"]
        for user in listed
        if name in (user["Username"], *(each.get("Value") for each in user["Attributes"]))
    )


@pytest.mark.parametrize("kind", ["plain", "email"])
def test_sweeps_know_their_own_users_only(world: World, kind: str) -> None:
    """Of the command those of this place, of the action those of the repository; people belong to neither."""
    pool = world.pool(kind)
    sweeping = world.role(pool, ["ListUsers", "AdminDeleteUser"])
    here, elsewhere = laptop(world), laptop(world, COGNITO_TEST_USER_PLACE="elsewhere")
    ours, theirs, githubs = (kept_user(machine, pool) for machine in (here, elsewhere, _github_with_keys(world)))
    world.account.cognito.admin_create_user(UserPoolId=pool, Username="alice@example.com", MessageAction="SUPPRESS")
    sleep(1.1)

    dry = here.use("sweep", "--user-pool-id", pool, "--older-than", "1s", "--dry-run")
    assert (dry.status, f"Would delete user {ours}" in dry.stderr) == (0, True)
    assert here.use("sweep", "--user-pool-id", pool).status == 0
    assert len(world.account.users(pool)) == 4

    swept = here.use("sweep", "--user-pool-id", pool, "--older-than", "1s")
    assert (swept.status, "Users of this place that are older than 1s: 1." in swept.stderr) == (0, True)
    assert ours not in world.account.users(pool)
    assert len(world.account.users(pool)) == 3

    action = world.run("sweep", {"user-pool-id": pool, "role-to-assume": sweeping, "older-than": "1s"})
    assert (action.exit_code, action.outputs) == (0, {"found": "1", "deleted": "1"})
    assert githubs not in world.account.users(pool)
    assert theirs in world.account.users(pool)
    assert len(world.account.users(pool)) == 2


def _github_with_keys(world: World) -> Machine:
    """A `run:` step with credentials of its own."""
    machine = run_step(world)
    machine.environ |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    return machine


def test_project_of_another_ci_is_one_place_on_every_machine(world: World) -> None:
    """Whatever container its jobs get; another project is another place."""
    pool = world.pool("plain")
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    machines = [other_ci(world, HOSTNAME="a"), other_ci(world, HOSTNAME="b"), other_ci(world, CI_PROJECT_ID="4712")]
    for machine in machines:
        machine.environ |= keys

    one, same, another = (kept_user(machine, pool) for machine in machines)

    places = [name.split("-")[1] for name in (one, same, another)]
    assert places[0] == places[1]
    assert places[0] != places[2]
    assert machines[1].use("delete", "--user-pool-id", pool, "--username", one).status == 0
    assert machines[2].use("delete", "--user-pool-id", pool, "--username", same).status == 1


@pytest.mark.parametrize(
    ("operation", "code", "words"),
    [
        ("AdminCreateUser", "AccessDeniedException", "cognito-idp:AdminCreateUser"),
        ("AdminCreateUser", "ResourceNotFoundException", "export AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true"),
        ("AdminSetUserPassword", "UnrecognizedClientException", "export AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true"),
    ],
)
def test_refusal_is_text_at_a_terminal(world: World, operation: str, code: str, words: str) -> None:
    """What failed, why, and what to change, without workflow commands, and never a secret."""
    pool = world.pool("plain")
    world.aws.on(operation, refusing(code, "User: x is not authorized to perform: it\n::error::forged\x1b[31m"))

    ended = laptop(world).run(pool, "touch ran")

    assert ended.status == 125
    assert f"cognito-test-user: error: {operation} failed with {code}" in ended.stderr
    assert words in ended.stderr
    assert "env:" not in ended.stderr
    assert not re.search("^::", ended.stderr, re.MULTILINE)
    assert "\x1b" not in ended.stderr
    assert world.account.users(pool) == []


def test_no_line_holds_a_secret(world: World) -> None:
    """Neither what is said of a user, nor the debug log, nor the journal while the command runs."""
    pool = world.pool("plain")
    client = world.app_client(pool)
    machine = laptop(world, RUNNER_DEBUG="1")

    ended = machine.run(pool, f"{SHOW}; cat .local/state/*/*.journal >&2", "--client-id", client)

    secrets = [value for name, value in ended.handed_over.items() if "TOKEN" in name or "PASSWORD" in name]
    assert len(secrets) == 4
    assert "cognito-test-user: debug: " in ended.stderr
    assert '"users":"1"' in ended.stderr
    assert not [secret for secret in secrets if secret in ended.stderr]


def test_missing_permission_of_a_role_names_the_statement(world: World) -> None:
    """As in the action: the role's policy is what has to change."""
    pool = world.pool("plain")
    machine = run_step(world)
    role = world.role(pool, PERMISSIONS[1:])

    step = machine.run(pool, "true", "--role-to-assume", role).as_step(machine.home)

    assert step.exit_code == 125
    assert "cognito-idp:AdminCreateUser" in step.annotations[0].message
