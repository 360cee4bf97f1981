"""Post decides only from the state, and touches no user who is not in it."""

import json

import pytest

from tests.support.world import POST_CALLS, World
from tools.emulator.github import REPOSITORY_ID, RUN_ID
from tools.emulator.proxy import losing_answer, refusing


def test_no_state_is_nothing_to_do(world: World) -> None:
    """If main never started, post has nothing to do and needs no permission."""
    post = world.job({}).post()

    assert (post.exit_code, post.log, post.annotations) == (0, ["There is no user to delete."], [])
    assert world.aws.calls == []


def test_inputs_at_post_time_change_nothing(world: World) -> None:
    """The runner evaluates the inputs again at the end of the job; another pool in them is left alone."""
    pool, other = world.pool(), world.pool()
    world.account.cognito.admin_create_user(UserPoolId=other, Username="alice")
    job = world.job()
    job.main(world.inputs(pool))
    world.aws.calls.clear()

    post = job.post(
        {"user-pool-id": other, "role-to-assume": "", "cleanup": "false", "cleanup-failure": "nonsense"},
        AWS_ACCESS_KEY_ID="AKIAOTHER",
        AWS_SECRET_ACCESS_KEY="other",
        AWS_PROFILE="missing",
        AWS_REGION="eu-west-1",
        AWS_DEFAULT_REGION="eu-west-1",
    )

    assert (post.exit_code, post.annotations) == (0, [])
    assert world.aws.calls == POST_CALLS
    assert world.account.users(pool) == []
    assert world.account.users(other) == ["alice"]


@pytest.mark.parametrize("kind", ["plain", "email"])
def test_user_whose_address_a_test_changed(world: World, kind: str) -> None:
    """Post deletes by the name that Cognito returned, which no test can change."""
    pool = world.pool(kind)
    job = world.job()
    main = job.main(world.inputs(pool))
    world.account.cognito.admin_update_user_attributes(
        UserPoolId=pool,
        Username=main.outputs["sub"],
        UserAttributes=[{"Name": "email", "Value": "changed@example.org"}],
    )

    assert job.post().exit_code == 0
    assert world.account.users(pool) == []


def test_user_whom_a_test_deleted(world: World) -> None:
    """A user who is already gone counts as deleted."""
    pool = world.pool()
    job = world.job()
    main = job.main(world.inputs(pool))
    world.account.cognito.admin_delete_user(UserPoolId=pool, Username=main.outputs["username"])

    post = job.post()

    assert (post.exit_code, post.annotations) == (0, [])
    assert post.log[-1] == f"User {main.outputs['sub']} is not there."


def test_pool_that_is_gone(world: World) -> None:
    """A pool that the job itself deleted has no users left: post gives a notice and succeeds."""
    pool = world.pool()
    job = world.job()
    job.main(world.inputs(pool, cleanup_failure="error"))
    world.account.cognito.delete_user_pool(UserPoolId=pool)

    post = job.post()

    assert post.exit_code == 0
    assert [(annotation.level, annotation.message) for annotation in post.annotations] == [
        ("notice", f"The user pool {pool} no longer exists, nor do its users.")
    ]


@pytest.mark.parametrize(
    "name",
    [
        "alice",
        f"gha-{REPOSITORY_ID}-{RUN_ID}-1-",
        f"gha-{REPOSITORY_ID}-1-1-0123456789abcdef",
        f"gha-1-{RUN_ID}-1-0123456789abcdef",
        f"gha-{REPOSITORY_ID}-{RUN_ID}-1-0123456789abcdef-not",
    ],
)
def test_entry_of_someone_else(world: World, name: str) -> None:
    """An entry that does not have this repository and run is named, and its user is left alone."""
    pool = world.pool()
    world.account.cognito.admin_create_user(UserPoolId=pool, Username=name)
    job = world.job()
    job.main(world.inputs(pool))
    job.state |= {"user-2": json.dumps({"name": name, "username": name}), "users": "2"}

    post = job.post()

    assert post.exit_code == 0
    assert [annotation.level for annotation in post.annotations] == ["warning"]
    assert "user-2" in post.annotations[0].message
    assert world.account.users(pool) == [name]


def test_state_that_names_a_stranger_as_the_returned_user(world: World) -> None:
    """A returned name that Cognito would not return for our user is not used."""
    pool = world.pool()
    world.account.cognito.admin_create_user(UserPoolId=pool, Username="alice")
    job = world.job()
    job.main(world.inputs(pool))
    job.state["user-1"] = json.dumps({**json.loads(job.state["user-1"]), "username": "alice"})

    assert job.post().exit_code == 0
    assert world.account.users(pool) == ["alice"]


@pytest.mark.parametrize(("level", "exit_code"), [("warning", 0), ("error", 1)])
def test_deletion_that_is_refused(world: World, level: str, exit_code: int) -> None:
    """The annotation names the user's `sub`, AWS's code, the operation, and the command that helps."""
    pool = world.pool("email")
    job = world.job()
    main = job.main(world.inputs(pool, cleanup_failure=level))
    world.aws.on("AdminDeleteUser", refusing("AccessDeniedException", "User: arn is not authorized"))

    post = job.post()

    assert (post.exit_code, post.stderr) == (exit_code, "")
    [annotation] = post.annotations
    assert annotation.level == level
    assert "AdminDeleteUser failed with AccessDeniedException: User: arn is not authorized" in annotation.message
    assert (
        f"aws cognito-idp admin-delete-user --region us-east-1 --user-pool-id {pool} --username {main.outputs['sub']} "
        f"--endpoint-url {world.environ['AWS_ENDPOINT_URL']}" in annotation.message
    )
    assert main.outputs["sub"] in post.summary


def test_role_that_is_gone_before_post(world: World) -> None:
    """If the role can no longer be assumed, the warning says so and how to delete the user by hand."""
    pool = world.pool()
    job = world.job()
    main = job.main(world.inputs(pool))
    world.github.claims["sub"] = "repo:octo-org/octo-app:ref:refs/heads/other"

    post = job.post()

    assert post.exit_code == 0
    [annotation] = post.annotations
    assert annotation.level == "warning"
    assert "AssumeRoleWithWebIdentity failed with AccessDenied" in annotation.message
    assert f"--username {main.outputs['sub']} --endpoint-url " in annotation.message


def test_user_without_a_known_id_that_cannot_be_deleted(world: World) -> None:
    """Without a `sub`, the warning shows the start of the name, which the mask leaves readable, and a filter."""
    pool = world.pool()
    job = world.job()
    world.aws.on("AdminCreateUser", losing_answer)
    job.main(world.inputs(pool))
    state = json.loads(job.state["user-1"])
    assert state["sub"] == ""
    world.aws.on("AdminDeleteUser", *[refusing("AccessDeniedException", "no")] * 2)

    post = job.post()

    message = post.annotations[0].message
    assert f"gha-{REPOSITORY_ID}-{RUN_ID}-1-" in message
    assert f"list-users --region us-east-1 --user-pool-id {pool} --filter 'email ^= " in message
    assert state["name"] not in post.stdout
