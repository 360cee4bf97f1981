"""The network loses requests and answers: what can succeed on a second try does, and no user is left behind."""

import threading
from urllib.parse import urlsplit

import pytest

from tests.support.examples import CLAIMED
from tests.support.world import MAIN_CALLS, World
from tools.emulator.http import Answer
from tools.emulator.proxy import Gate, Rule, losing_answer, losing_request, refusing

BROKEN = refusing("InternalErrorException", "", 500)
SLOW = refusing("TooManyRequestsException", "Rate exceeded")


@pytest.mark.parametrize("fault", [losing_request, BROKEN, SLOW], ids=["lost", "broken", "throttled"])
@pytest.mark.parametrize("operation", MAIN_CALLS[1:])
def test_main_tries_again(world: World, operation: str, fault: Rule) -> None:
    """A call that did nothing is made again, and main succeeds."""
    pool = world.pool()
    job = world.job()
    world.aws.on(operation, fault)

    main = job.main(world.inputs(pool))

    assert (main.exit_code, main.annotations) == (0, [])
    assert world.aws.calls.count(operation) == 2
    assert world.sign_in(pool, main)["AccessToken"]
    assert job.post().exit_code == 0
    assert world.account.users(pool) == []


def test_lost_answer_of_a_creation(world: World) -> None:
    """The user whose creation never answered stays in the state, another one takes its place, and post deletes both."""
    pool = world.pool("email")
    job = world.job()
    world.aws.on("AdminCreateUser", losing_answer)

    main = job.main(world.inputs(pool))

    assert (main.exit_code, main.annotations) == (0, [])
    assert len(world.account.users(pool)) == 2
    assert main.outputs["sub"] in world.account.users(pool)
    assert set(main.state) == {*CLAIMED, "user-1", "user-2"}
    assert world.sign_in(pool, main)["AccessToken"]
    assert job.post().exit_code == 0
    assert world.account.users(pool) == []


def test_lost_answer_behind_a_proxy(world: World) -> None:
    """What the proxy has passed on may have taken effect, whatever the proxy does then."""
    pool = world.pool("email")
    github = urlsplit(world.github.url).netloc
    job = world.job(
        {**world.environ, "AWS_ENDPOINT_URL": "http://aws.test", "http_proxy": world.aws.url, "no_proxy": github}
    )
    world.aws.on("AdminCreateUser", losing_answer)

    main = job.main(world.inputs(pool))

    assert (main.exit_code, main.annotations) == (0, [])
    assert len(world.account.users(pool)) == 2
    post = job.post()
    assert (post.exit_code, post.annotations) == (0, [])
    assert world.account.users(pool) == []


def test_user_who_is_not_in_the_outputs_does_not_stay(world: World) -> None:
    """`cleanup: false` keeps the user of the outputs; the one whose creation never answered is deleted."""
    pool = world.pool("email")
    job = world.job()
    world.aws.on("AdminCreateUser", losing_answer)
    main = job.main(world.inputs(pool, cleanup="false"))
    assert len(world.account.users(pool)) == 2

    post = job.post()

    assert (post.exit_code, post.annotations) == (0, [])
    assert world.account.users(pool) == [main.outputs["sub"]]


def test_late_creation_after_a_lost_deletion(world: World) -> None:
    """A user who appears only after post's first attempt, whose answer was also lost, is found by the second."""
    pool = world.pool()
    job = world.job()
    gate = Gate()
    world.aws.on("AdminCreateUser", gate)
    running = job.start("main", world.inputs(pool))
    assert gate.reached.wait(30)
    running.process.kill()
    running.finish()
    world.aws.on("AdminDeleteUser", BROKEN)
    threading.Timer(2, gate.open.set).start()

    post = job.post()

    assert (post.exit_code, post.annotations) == (0, [])
    assert world.account.users(pool) == []


def test_lost_answer_of_a_password(world: World) -> None:
    """A password history that refuses the repeat proves that the first call had set the password."""
    pool = world.pool()
    job = world.job()
    world.aws.on(
        "AdminSetUserPassword", losing_answer, refusing("PasswordHistoryPolicyViolationException", "used before")
    )

    main = job.main(world.inputs(pool))

    assert (main.exit_code, main.annotations) == (0, [])
    assert world.sign_in(pool, main)["AccessToken"]


def test_lost_answer_of_a_deletion(world: World) -> None:
    """A user who was there, and no longer exists after a lost answer, was deleted by that call."""
    pool = world.pool()
    job = world.job()
    main = job.main(world.inputs(pool))
    world.aws.on("AdminDeleteUser", losing_answer)

    post = job.post()

    assert (post.exit_code, post.annotations) == (0, [])
    assert post.log[-1] == f"Deleted user {main.outputs['sub']}."
    assert world.account.users(pool) == []


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("IDPCommunicationError", "could not reach the provider"),
        ("InvalidIdentityToken", "Couldn't retrieve verification key from your identity provider"),
        ("ExpiredTokenException", "Token expired"),
    ],
)
def test_each_attempt_to_assume_the_role_uses_a_new_token(world: World, code: str, message: str) -> None:
    """What AWS may accept on a second try is tried with a token that it has not seen."""
    pool = world.pool()
    job = world.job()
    world.aws.on("AssumeRoleWithWebIdentity", refusing(code, message))

    main = job.main(world.inputs(pool))

    assert (main.exit_code, main.annotations) == (0, [])
    first, second = (call["WebIdentityToken"] for call in world.aws.parameters("AssumeRoleWithWebIdentity"))
    assert first != second


def test_token_service_that_fails_once(world: World) -> None:
    """GitHub's token service answers 503, and a moment later with a token."""
    pool = world.pool()
    job = world.job()
    answers = iter([Answer(503, b"busy")])
    world.github.respond = lambda request: next(answers, None) or world.github.grant(request)

    main = job.main(world.inputs(pool))

    assert (main.exit_code, main.annotations) == (0, [])
    assert world.aws.calls.count("GetIDToken") == 2
