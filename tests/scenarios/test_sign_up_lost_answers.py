"""Sign-ups on a bad network: what can succeed on a second try does, and no user is left behind."""

import json

import pytest

from tests.support.sign_up import PHONE, SIGN_UP, after_effect, no_address, sign_up_inputs, signs_in
from tests.support.the_error import the_error
from tests.support.world import World
from tools.emulator.proxy import Rule, forwarding, losing_answer, losing_request, refusing

BROKEN = refusing("InternalErrorException", "", 500)
SLOW = refusing("TooManyRequestsException", "Rate exceeded")
NOT_A_NUMBER = refusing("InvalidParameterException", "Username should be a phone number.")


@pytest.mark.parametrize(
    ("operation", "fault"), list(zip(SIGN_UP, [losing_request, BROKEN, SLOW, BROKEN], strict=True))
)
def test_main_tries_again(world: World, operation: str, fault: Rule) -> None:
    """A call that did nothing is made again, and main succeeds. (`tests/reliability` tries every fault of each.)"""
    pool = world.pool("email")
    job = world.job()
    world.aws.on(operation, fault)

    main = job.main(sign_up_inputs(world, pool))

    assert (main.exit_code, main.annotations) == (0, []), main.log
    assert world.aws.calls.count(operation) == 2
    assert signs_in(world, pool, main)
    assert job.post().annotations == []
    assert world.account.users(pool) == []


@pytest.mark.parametrize("operation", [call for call in SIGN_UP if call != "SignUp"])
def test_answer_of_a_later_call_is_lost(world: World, operation: str) -> None:
    """The call is made again, and does no harm."""
    pool = world.pool("plain")
    job = world.job()
    world.aws.on(operation, losing_answer)

    main = job.main(sign_up_inputs(world, pool))

    assert (main.exit_code, main.annotations) == (0, []), main.log
    assert signs_in(world, pool, main)
    assert job.post().annotations == []
    assert world.account.users(pool) == []


@pytest.mark.parametrize("cleanup", ["true", "false"])
@pytest.mark.parametrize("kind", ["plain", "email", "email alias"])
def test_answer_of_the_sign_up_is_lost(world: World, kind: str, cleanup: str) -> None:
    """Another user takes its place, and post deletes the lost one, whatever `cleanup` says."""
    pool = world.pool(kind)
    job = world.job()
    world.aws.on("SignUp", *[no_address] * (kind == "email alias"), losing_answer)

    main = job.main(sign_up_inputs(world, pool, cleanup=cleanup))

    assert (main.exit_code, main.annotations) == (0, []), main.log
    assert len(world.account.users(pool)) == 2
    assert signs_in(world, pool, main)
    post = job.post()
    assert (post.exit_code, post.annotations) == (0, []), post.log
    kept = main.outputs["username" if kind != "email" else "sub"]
    assert world.account.users(pool) == [kept] * (cleanup == "false")


def test_answer_about_a_number_is_lost(world: World) -> None:
    """The number is taken then, by the lost call or by someone else; post finds out by the address."""
    pool = world.pool("phone")
    job = world.job()
    world.aws.on("SignUp", NOT_A_NUMBER, losing_answer)

    told = the_error(job.main(sign_up_inputs(world, pool, "ListUsers", phone_number=PHONE)))

    assert told.startswith("SignUp failed with UsernameExistsException")
    assert "this may be the user that it created, or someone else" in told
    assert len(world.account.users(pool)) == 1
    post = job.post()
    assert (post.exit_code, post.annotations) == (0, []), post.log
    assert world.account.users(pool) == []


def test_lost_answer_and_the_limit_of_messages(world: World) -> None:
    """The second call creates nobody, and says so; a third user is made, and the first is deleted."""
    pool = world.pool("email")
    job = world.job()
    limit = after_effect("LimitExceededException", "Exceeded daily email limit for the operation or the account.")
    world.aws.on("SignUp", losing_answer, forwarding, limit)

    main = job.main(sign_up_inputs(world, pool))

    assert (main.exit_code, main.annotations) == (0, []), main.log
    assert len(world.account.users(pool)) == 2
    entries = [json.loads(text) for name, text in main.state.items() if name.startswith("user-")]
    assert [entry["sub"] for entry in entries] == ["", main.outputs["sub"]]
    assert job.post().annotations == []
    assert world.account.users(pool) == []
