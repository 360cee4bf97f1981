"""Main is killed at any moment: post leaves no user behind."""

import signal
import threading
import time
from collections.abc import Callable

import pytest

from cognito_action.users.leftovers import TITLE_LATE
from tests.support.examples import CLAIMED
from tests.support.world import World
from tools.emulator.http import Answer, Request
from tools.emulator.job import Running
from tools.emulator.proxy import Gate

CALLS = ["AssumeRoleWithWebIdentity", "AdminCreateUser", "AdminSetUserPassword"]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("moment", ["before", "late", "after"])
@pytest.mark.parametrize("operation", CALLS)
def test_kill_around_a_call_leaves_no_user(world: World, operation: str, moment: str, number: signal.Signals) -> None:
    """Main dies while a call is on its way, is answered, or arrives only after main's death."""
    pool = world.pool("email")
    job = world.job()
    gate = Gate(after=moment == "after")
    world.aws.on(operation, gate if moment != "before" else _dropping(gate))
    running = job.start("main", world.inputs(pool))
    assert gate.reached.wait(30)
    calls = list(world.aws.calls)

    seconds = _kill(running, number)

    assert seconds < 1
    assert world.aws.calls == calls
    if moment == "late":
        threading.Timer(1, gate.open.set).start()
    else:
        gate.open.set()
    post = job.post()
    assert post.exit_code == 0
    never_created = (operation, moment) == ("AdminCreateUser", "before")
    assert [each.title for each in post.annotations] == [f"Cognito test user: {TITLE_LATE}"] * never_created
    assert world.account.users(pool) == []


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_kill_before_the_first_call_leaves_nothing_to_do(world: World, number: signal.Signals) -> None:
    """Main dies while it waits for its ID token: post finds no user in the state and makes no call."""
    pool = world.pool()
    job = world.job()
    reached, opened = threading.Event(), threading.Event()

    def hold(request: Request) -> Answer:
        reached.set()
        opened.wait(30)
        return world.github.grant(request)

    world.github.respond = hold
    running = job.start("main", world.inputs(pool))
    assert reached.wait(30)
    _kill(running, number)
    opened.set()
    world.aws.calls.clear()

    post = job.post()

    assert (post.exit_code, post.log, world.aws.calls) == (0, ["There is no user to delete."], [])


@pytest.mark.parametrize("delay", [0.0, 0.02, 0.05, 0.1, 0.2, 0.3])
def test_kill_at_any_time_leaves_no_user(world: World, delay: float) -> None:
    """Main dies wherever it happens to be, including startup and exit."""
    pool = world.pool()
    job = world.job()
    running = job.start("main", world.inputs(pool))
    time.sleep(delay)

    _kill(running, signal.SIGKILL)

    assert job.post().exit_code == 0
    assert world.account.users(pool) == []


def test_signal_leaves_no_trace_in_the_log(world: World) -> None:
    """A canceled main ends without a traceback, and its state is complete."""
    pool = world.pool()
    job = world.job()
    gate = Gate()
    world.aws.on("AdminCreateUser", gate)
    running = job.start("main", world.inputs(pool))
    assert gate.reached.wait(30)
    running.process.send_signal(signal.SIGTERM)

    main = running.finish()
    gate.open.set()

    assert (main.exit_code, main.stderr, main.annotations) == (143, "", [])
    assert set(main.state) == {*CLAIMED, "user-1"}


def _kill(running: Running, number: signal.Signals) -> float:
    started = time.monotonic()
    running.process.send_signal(number)
    running.process.wait(10)
    seconds = time.monotonic() - started
    running.finish()
    return seconds


def _dropping(gate: Gate) -> Callable[[object], None]:
    """A rule that holds the request as `gate` does, and never carries it out."""

    def rule(_: object) -> None:
        gate.reached.set()
        gate.open.wait(60)

    return rule
