"""Pools with sign-in by phone number: the username is a number that someone typed, so it is never used to delete."""

import pytest

from tests.support.world import World
from tools.emulator.account import PERMISSIONS
from tools.emulator.proxy import losing_answer, losing_request, refusing

PHONE = "+15555550123"


def test_number_is_missing(world: World) -> None:
    """Without `phone-number` the error says to add it, with the line to paste."""
    pool = world.pool("phone")
    job = world.job()

    main = job.main(world.inputs(pool))

    assert main.exit_code == 1
    assert "only a phone number" in main.annotations[0].message
    assert 'phone-number: "+15555550123"' in main.annotations[0].message
    world.aws.calls.clear()
    assert job.post().exit_code == 0
    assert world.aws.calls == []


@pytest.mark.parametrize("kind", ["phone", "email or phone"])
def test_pool_without_addresses(world: World, kind: str) -> None:
    """With an empty `email-domain`, the number is used wherever the pool accepts one."""
    pool = world.pool(kind)
    job = world.job()

    main = job.main(world.inputs(pool, email_domain="", phone_number=PHONE))

    assert main.exit_code == 0, main.log
    assert (main.outputs["username"], main.outputs["email"]) == (PHONE, "")
    assert job.post().exit_code == 0
    assert world.account.users(pool) == []


def test_email_pool_without_domain(world: World) -> None:
    """For a pool that accepts only addresses, the error asks for `email-domain`."""
    main = world.job().main(world.inputs(world.pool("email"), email_domain=""))

    assert main.exit_code == 1
    assert "email-domain: example.com" in main.annotations[0].message


def test_number_that_is_taken(world: World) -> None:
    """Main fails clearly, and the person who has the number is still there after post."""
    pool = world.pool("phone")
    owner = world.account.cognito.admin_create_user(UserPoolId=pool, Username=PHONE)["User"]["Username"]
    job = world.job()

    main = job.main(world.inputs(pool, phone_number=PHONE))

    assert main.exit_code == 1
    assert "UsernameExistsException" in main.annotations[0].message
    assert "Use another `phone-number`" in main.annotations[0].message
    assert main.state["user-1"] == ""
    assert job.post().exit_code == 0
    assert world.account.users(pool) == [owner]


def test_lost_answer_is_looked_up_by_number(world: World) -> None:
    """With `ListUsers`, post finds the user whose creation never answered by the generated address, and deletes it."""
    pool = world.pool("phone")
    job = world.job()
    inputs = world.inputs(pool, phone_number=PHONE)
    inputs["role-to-assume"] = world.role(pool, [*PERMISSIONS, "ListUsers"])
    world.aws.on(
        "AdminCreateUser", refusing("InvalidParameterException", "Username should be a phone number."), losing_answer
    )

    main = job.main(inputs)

    assert main.exit_code == 1
    assert len(world.account.users(pool)) == 1
    post = job.post()
    assert (post.exit_code, post.annotations) == (0, [])
    assert world.account.users(pool) == []


def test_lost_request_for_a_number_that_is_taken(world: World) -> None:
    """A user with the number but without the generated address is someone else, and stays."""
    pool = world.pool("phone")
    owner = world.account.cognito.admin_create_user(
        UserPoolId=pool, Username=PHONE, UserAttributes=[{"Name": "email", "Value": "alice@example.com"}]
    )["User"]["Username"]
    job = world.job()
    inputs = world.inputs(pool, phone_number=PHONE)
    inputs["role-to-assume"] = world.role(pool, [*PERMISSIONS, "ListUsers"])
    world.aws.on(
        "AdminCreateUser", refusing("InvalidParameterException", "Username should be a phone number."), losing_request
    )

    assert job.main(inputs).exit_code == 1
    post = job.post()

    assert (post.exit_code, post.annotations) == (0, [])
    assert world.aws.calls.count("ListUsers") == 1
    assert world.account.users(pool) == [owner]


@pytest.mark.parametrize("domain", ["example.com", ""])
def test_lost_answer_without_the_means_to_look(world: World, domain: str) -> None:
    """Without `ListUsers`, or without an address that marks the user, post warns and deletes no one."""
    pool = world.pool("phone")
    job = world.job()
    world.aws.on(
        "AdminCreateUser", refusing("InvalidParameterException", "Username should be a phone number."), losing_answer
    )
    assert job.main(world.inputs(pool, phone_number=PHONE, email_domain=domain)).exit_code == 1
    world.aws.calls.clear()

    post = job.post()

    assert post.exit_code == 0
    [warning] = post.annotations
    assert warning.level == "warning"
    assert ("ListUsers" if domain else "nothing on the user marks it as this run's") in warning.message
    assert "AdminDeleteUser" not in world.aws.calls
    assert len(world.account.users(pool)) == 1
