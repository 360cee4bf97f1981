"""Users with `create: false` who signed up in a test, or never did: post deletes them, and nobody else."""

import json
import shlex

import pytest

from tests.support.sign_up import PHONE, fill_in_form
from tests.support.sign_up_form import FORMS, Form, sign_up_by, step_for_form, strangers
from tests.support.world import POOL_KINDS, World
from tools.emulator.proxy import refusing


@pytest.mark.parametrize(
    "confirmed", [pytest.param(True, marks=pytest.mark.soak), False], ids=["confirmed", "unconfirmed"]
)
@pytest.mark.parametrize("form", FORMS, ids=str)
def test_post_deletes_who_signed_up(world: World, form: Form, *, confirmed: bool) -> None:
    """By name, by address, or one user by each; nobody who merely looks similar is touched."""
    pool, job, main = step_for_form(world, form.kind)
    others = strangers(world, pool, form.kind, main.outputs)
    users = sign_up_by(world, pool, form, main.outputs, confirmed=confirmed)
    assert len(world.account.users(pool)) == len(others) + len(users)

    post = job.post()

    assert (post.exit_code, post.stderr, post.annotations) == (0, "", []), post.log
    assert post.log[-1] == "Deleted user success+gha-123456789-9876543210-1-…."
    assert sorted(world.account.users(pool)) == sorted(others)


@pytest.mark.parametrize("kind", POOL_KINDS)
def test_nobody_signed_up(world: World, kind: str) -> None:
    """That is no failure."""
    pool, job, main = step_for_form(world, kind)
    others = strangers(world, pool, kind, main.outputs)

    post = job.post()

    assert (post.exit_code, post.stderr, post.annotations) == (0, "", []), post.log
    assert post.log[-1] == "User success+gha-123456789-9876543210-1-… is not there."
    assert sorted(world.account.users(pool)) == sorted(others)


@pytest.mark.parametrize(("domain", "by"), [("", "username"), ("app.test", "username"), ("app.test", "email")])
def test_post_with_another_domain(world: World, domain: str, by: str) -> None:
    """It is the workflow's own, or there is no address."""
    pool, job, main = step_for_form(world, "plain", email_domain=domain)
    fill_in_form(world, pool, main.outputs[by], email=main.outputs["email"])
    someone = fill_in_form(world, pool, "someone", email="someone@app.test")

    post = job.post()

    assert (post.exit_code, post.annotations) == (0, []), post.log
    assert world.account.users(pool) == [someone]


def test_user_with_the_number_of_another_person(world: World) -> None:
    """Whoever has the number without the generated address is someone else, and stays."""
    pool, job, _ = step_for_form(world, "phone")
    owner = fill_in_form(world, pool, PHONE, confirmed=True, email="owner@example.org")

    post = job.post()

    assert (post.exit_code, post.annotations) == (0, []), post.log
    assert world.account.users(pool) == [owner]


def test_number_without_the_means_to_look(world: World) -> None:
    """Without `ListUsers` post can't tell whether someone signed up, and warns with the statement."""
    pool, job, main = step_for_form(world, "phone")
    world.account.client("iam").put_role_policy(
        RoleName=json.loads(main.state["setup"])["role"]["arn"].rpartition("/")[2],
        PolicyName="cognito-test-user",
        PolicyDocument=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": "cognito-idp:AdminDeleteUser", "Resource": "*"}],
            }
        ),
    )
    user = fill_in_form(world, pool, PHONE, email=main.outputs["email"])

    post = job.post()

    [warning] = post.annotations
    assert (post.exit_code, warning.level) == (0, "warning")
    assert "ListUsers failed with AccessDeniedException" in warning.message
    assert "cognito-idp:ListUsers" in warning.message
    assert world.account.users(pool) == [user]


def test_user_stays_with_cleanup_false(world: World) -> None:
    """Post makes no call."""
    pool, job, main = step_for_form(world, "email", cleanup="false")
    user = fill_in_form(world, pool, main.outputs["email"])
    world.aws.calls.clear()

    post = job.post()

    assert (post.exit_code, post.log, world.aws.calls) == (0, ["The users stay, since cleanup is false."], [])
    assert world.account.users(pool) == [user]


@pytest.mark.parametrize("by", ["username", "email"])
def test_user_can_not_be_deleted(world: World, by: str) -> None:
    """Post names two searches, and one of them finds whoever signed up, by name or by address."""
    pool, job, main = step_for_form(world, "plain")
    user = fill_in_form(world, pool, main.outputs[by], email=main.outputs["email"] if by == "email" else "")
    world.aws.on("AdminDeleteUser", *[refusing("AccessDeniedException", "no")] * 2)

    post = job.post()

    [warning] = post.annotations
    assert (post.exit_code, warning.level) == (0, "warning")
    assert warning.message.startswith(f"1 user may still exist in {pool}. ")
    commands = [shlex.split(line) for line in warning.message.splitlines() if "list-users" in line]
    filters = [words[words.index("--filter") + 1] for words in commands]
    found = [world.account.cognito.list_users(UserPoolId=pool, Filter=each)["Users"] for each in filters]
    assert len(filters) == 2
    assert {each["Username"] for users in found for each in users} == {user}
    assert main.outputs["username"][-16:] not in warning.message
