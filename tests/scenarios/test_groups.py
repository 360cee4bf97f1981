"""Groups: joined before any token is issued, with one more permission, and a readable error if one is missing."""

import json
import shlex

import pytest

from cognito_action.claims import claims_of
from tests.support.world import MAIN_CALLS, World
from tools.emulator.account import PERMISSIONS
from tools.emulator.proxy import Rule, losing_answer, refusing

JOIN = "AdminAddUserToGroup"


@pytest.mark.parametrize("kind", ["plain", "email"])
def test_user_is_in_its_groups_before_it_is_signed_in(world: World, kind: str) -> None:
    """The first token has them all, and the calls use the name by which Cognito knows the user."""
    pool = world.pool(kind)
    job = world.job()

    inputs = world.inputs_with_groups(pool, "admins", "editors", groups="admins\n editors, admins")
    main = job.main({**inputs, "client-id": world.app_client(pool), "auth-flow": "USER_SRP_AUTH"})

    assert (main.exit_code, main.stderr, main.annotations) == (0, "", []), main.log
    assert world.aws.calls == [*MAIN_CALLS, JOIN, JOIN, "InitiateAuth", "RespondToAuthChallenge"]
    assert sorted(claims_of(main.outputs["access-token"])["cognito:groups"]) == ["admins", "editors"]
    known = main.outputs["sub" if kind == "email" else "username"]
    assert [(call["Username"], call["GroupName"]) for call in world.aws.parameters(JOIN)] == [
        (known, "admins"),
        (known, "editors"),
    ]
    assert job.post().exit_code == 0
    assert world.account.users(pool) == []


@pytest.mark.parametrize(("groups", "allowed"), [("", False), (",", False), ("admins", True)])
def test_session_may_add_to_groups_only_if_it_does(world: World, groups: str, *, allowed: bool) -> None:
    """Whatever the role allows."""
    main = world.job().main(world.inputs_with_groups(world.pool(), "admins", groups=groups))

    assert main.exit_code == 0
    [session] = world.aws.parameters("AssumeRoleWithWebIdentity")
    assert (f"cognito-idp:{JOIN}" in session["Policy"]) is allowed
    assert (JOIN in world.aws.calls) is allowed


def test_role_without_the_permission_gets_the_statement(world: World) -> None:
    """The annotation has all four permissions, ready to paste, and no user is left after post."""
    pool = world.pool()
    job = world.job()
    world.account.cognito.create_group(UserPoolId=pool, GroupName="admins")

    main = job.main(world.inputs(pool, groups="admins"))

    assert main.exit_code == 1
    [annotation] = main.annotations
    assert annotation.message.startswith(f"{JOIN} failed with AccessDeniedException: ")
    statement = json.loads(annotation.message[annotation.message.index("{") :])
    assert statement["Action"] == [f"cognito-idp:{name}" for name in (*PERMISSIONS, JOIN)]
    assert statement["Resource"].endswith(f":userpool/{pool}")
    assert main.outputs == {}
    assert job.post().exit_code == 0
    assert world.account.users(pool) == []


@pytest.mark.parametrize(
    "group", ["admin", "Admins", "';touch${IFS}evil#", "$(touch${IFS}evil)", "::error::evil", "##[error]evil", "```"]
)
def test_missing_group_is_named(world: World, group: str) -> None:
    """The command creates exactly this group, whatever its name, and nothing in a name is a command to the runner."""
    pool = world.pool()
    job = world.job()

    main = job.main(world.inputs_with_groups(pool, "admins", groups=f"admins\n{group}"))

    assert main.exit_code == 1
    [annotation] = main.annotations
    lines = annotation.message.split("\n")
    assert lines[0].startswith(f"The user pool has no group {group}. {JOIN} failed with ResourceNotFoundException")
    assert shlex.split(lines[-1]) == [
        *("aws", "cognito-idp", "create-group", "--region", "us-east-1", "--user-pool-id", pool, "--group-name", group),
        *("--endpoint-url", world.environ["AWS_ENDPOINT_URL"]),
    ]
    assert set(main.executed) == {"add-mask", "error"}
    assert main.executed.count("error") == 1
    assert job.post().exit_code == 0
    assert world.account.users(pool) == []


@pytest.mark.parametrize("fault", [losing_answer, refusing("TooManyRequestsException", "Rate exceeded")])
def test_group_is_joined_on_a_second_try(world: World, fault: Rule) -> None:
    """Joining twice does no harm."""
    pool = world.pool()
    world.aws.on(JOIN, fault)

    main = world.job().main(world.inputs_with_groups(pool, "admins", groups="admins"))

    assert (main.exit_code, main.annotations) == (0, [])
    assert world.aws.calls.count(JOIN) == 2
    assert world.groups_of(pool, main.outputs["username"]) == ["admins"]
