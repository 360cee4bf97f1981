"""The command is killed or interrupted at any moment: no user stays, at the latest after the next cleanup."""

import signal
import threading
from collections.abc import Callable
from time import sleep

import pytest

from tests.support.machine import Machine, Started, laptop
from tests.support.world import World
from tools.emulator.proxy import Gate, losing_answer, refusing

WAIT = "touch there; while [ ! -e go ]; do sleep 0.05; done"
STOPS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@pytest.mark.parametrize(
    ("operation", "moment"),
    [
        *(("AdminCreateUser", moment) for moment in ("before", "late", "after")),
        *((operation, "after") for operation in ("AdminSetUserPassword", "RespondToAuthChallenge", "AdminDeleteUser")),
    ],
)
def test_kill_around_a_call_leaves_no_user_after_cleanup(world: World, operation: str, moment: str) -> None:
    """The process dies while a call is on its way, is answered, or arrives only after its death."""
    pool = world.pool("email")
    machine = laptop(world)
    gate = Gate(after=moment == "after")
    world.aws.on(operation, gate if moment != "before" else _dropping(gate))
    started = machine.start_run(pool, "true", "--client-id", world.app_client(pool))
    assert gate.reached.wait(30)

    started.kill()
    if moment == "late":
        threading.Timer(1, gate.open.set).start()
    else:
        gate.open.set()
    cleanup = machine.use("cleanup")

    never_created = (operation, moment) == ("AdminCreateUser", "before")
    assert (cleanup.status, "may still come to be" in cleanup.stderr) == (int(never_created), never_created)
    assert world.account.users(pool) == []
    assert len(machine.journals) == never_created


def test_kill_while_the_command_runs_leaves_the_user_to_the_next_run(world: World) -> None:
    """That is any run of the same folder, before it creates its own; the program that was run goes on by itself."""
    pool = world.pool("plain")
    machine = laptop(world)
    _wait_for_the_command(machine, started := machine.start_run(pool, WAIT))
    started.kill()
    (machine.home / "go").touch()
    world.aws.calls.clear()

    ended = machine.run(pool)

    assert (ended.status, world.aws.calls[:2]) == (0, ["AdminDeleteUser", "AdminCreateUser"])
    assert ended.stderr.count("Deleted 1 user") == 2
    assert (world.account.users(pool), machine.journals) == ([], [])


@pytest.mark.parametrize("number", STOPS)
def test_signal_reaches_the_command_first(world: World, number: signal.Signals) -> None:
    """It takes its time, its status counts, and then the user is deleted."""
    pool = world.pool("plain")
    machine = laptop(world)
    name = number.name.removeprefix("SIG")
    trap = f'trap "touch trapped; sleep 0.2; exit 7" {name}; {WAIT}'
    _wait_for_the_command(machine, started := machine.start_run(pool, trap))

    started.send(number)
    ended = started.finish()

    assert (ended.status, (machine.home / "trapped").exists()) == (7, True)
    assert (world.account.users(pool), machine.journals) == ([], [])


@pytest.mark.parametrize("number", STOPS)
def test_signal_that_ends_the_command_is_its_status(world: World, number: signal.Signals) -> None:
    """128 + n, as in a shell."""
    pool = world.pool("plain")
    machine = laptop(world)
    _wait_for_the_command(machine, started := machine.start_run(pool, f"exec {_python(WAIT_IN_PYTHON)}"))

    started.send(number)

    assert started.finish().status == 128 + number
    assert world.account.users(pool) == []


@pytest.mark.parametrize(
    ("operation", "number"),
    [*(("AdminCreateUser", number) for number in STOPS), ("AdminSetUserPassword", signal.SIGTERM)],
)
def test_signal_during_the_creation_ends_it(world: World, operation: str, number: signal.Signals) -> None:
    """The call in flight is the last; whom it has created is deleted, and the command does not run."""
    pool = world.pool("plain")
    machine = laptop(world)
    gate = Gate(after=True)
    world.aws.on(operation, gate)
    started = machine.start_run(pool, "touch ran")
    assert gate.reached.wait(30)

    started.send(number)
    sleep(0.1)
    gate.open.set()
    ended = started.finish()

    assert (ended.status, (machine.home / "ran").exists()) == (128 + number, False)
    assert "error" not in ended.stderr
    assert (world.account.users(pool), machine.journals) == ([], [])


def test_signals_during_the_deletion_do_not_end_it(world: World) -> None:
    """GitHub sends SIGINT, and SIGTERM after 7.5 s: neither leaves a user behind."""
    pool = world.pool("plain")
    machine = laptop(world)
    gate = Gate()
    world.aws.on("AdminDeleteUser", gate)
    started = machine.start_run(pool, "exit 4")
    assert gate.reached.wait(30)

    for number in STOPS:
        started.send(number)
    gate.open.set()

    assert started.finish().status == 4
    assert (world.account.users(pool), machine.journals) == ([], [])


def test_lost_answer_of_a_creation(world: World) -> None:
    """The user whose creation never answered is in the journal, another one takes its place, and both are deleted."""
    pool = world.pool("email")
    world.aws.on("AdminCreateUser", losing_answer)

    ended = laptop(world).run(pool)

    assert ended.status == 0
    assert world.aws.calls.count("AdminDeleteUser") == 2
    assert world.account.users(pool) == []


def test_user_who_cannot_be_deleted_is_a_warning_and_stays_in_the_journal(world: World) -> None:
    """With `--cleanup-failure error` 0 becomes 1 and nothing else; the next cleanup deletes both."""
    pool = world.pool("plain")
    machine = laptop(world)
    denied = refusing("AccessDeniedException", "User is not authorized to perform: cognito-idp:AdminDeleteUser")

    world.aws.on("AdminDeleteUser", denied)
    warned = machine.run(pool)
    assert (warned.status, len(world.account.users(pool))) == (0, 1)
    assert "cognito-test-user: warning: 1 user may still exist" in warned.stderr

    # The next run can't delete the user either, says so, and goes on.
    world.aws.on("AdminDeleteUser", denied, denied)
    failed = machine.run(pool, "touch ran", "--cleanup-failure", "error")
    assert (failed.status, (machine.home / "ran").exists()) == (1, True)
    assert "error: 1 user may still exist" in failed.stderr
    world.aws.on("AdminDeleteUser", denied, denied, denied)
    assert machine.run(pool, "exit 5", "--cleanup-failure", "error").status == 5
    assert (len(world.account.users(pool)), len(machine.journals)) == (3, 3)

    cleanup = machine.use("cleanup")

    assert (cleanup.status, cleanup.stderr.count("Deleted 1 user")) == (0, 3)
    assert (world.account.users(pool), machine.journals) == ([], [])


def test_journal_is_in_the_folder_that_was_named(world: World) -> None:
    """And only its owner can read it."""
    pool = world.pool("plain")
    machine = laptop(world)

    ended = machine.run(pool, "stat -c '%a %n' kept kept/*", "--state-dir", "kept")

    folder, journal = ended.stdout.splitlines()
    assert folder == "700 kept"
    assert journal.startswith("600 kept/")
    assert journal.endswith(".journal")


WAIT_IN_PYTHON = "import time, pathlib; pathlib.Path('there').touch(); time.sleep(60)"


def _python(code: str) -> str:
    """A program that leaves signals as they are; `SIGINT` ends it as one that knows no `KeyboardInterrupt`."""
    prepare = "import signal; signal.signal(signal.SIGINT, signal.SIG_DFL); "
    return f'python3 -c "{prepare}{code}"'


def _wait_for_the_command(machine: Machine, started: Started) -> None:
    while not (machine.home / "there").exists():
        assert started.process.poll() is None
        sleep(0.02)


def _dropping(gate: Gate) -> Callable[[object], None]:
    """A rule that holds the request as `gate` does, and never carries it out."""

    def rule(_: object) -> None:
        gate.reached.set()
        gate.open.wait(60)

    return rule
