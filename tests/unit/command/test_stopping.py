"""How work is stopped: pauses end at once, and calls in flight to their end."""

import subprocess
import sys
import threading
import time
from io import BytesIO

import pytest

from cognito_action.command.stopping import Stopper, to_the_end
from cognito_action.errors import STOPPED, CallError
from cognito_action.retry import Limits
from cognito_action.terminal.console import CommandHost, new_host
from cognito_action.terminal.id_tokens import TokenSource
from tools.emulator.job import ROOT

LIMITS = Limits(60.0)


@pytest.fixture
def host() -> CommandHost:
    return new_host({"AWS_SECRET_ACCESS_KEY": "s3cret-key"}, BytesIO(), TokenSource())


def fail() -> str:
    raise CallError("Op", "Broken", "later, s3cret-key", retryable=True)


def soon(stopper: Stopper, seconds: float = 0.05) -> threading.Timer:
    """Stop in a moment, as a signal does."""
    timer = threading.Timer(seconds, stopper.stop)
    timer.start()
    return timer


def test_pause_ends_at_once_and_no_other_call_starts(host: CommandHost) -> None:
    """What the last call met is raised."""
    stopper, calls = Stopper(), []
    retry = stopper.retry(LIMITS, host)
    started = time.monotonic()
    thread = soon(stopper, 1.2)

    def attempt() -> str:
        calls.append(time.monotonic())
        return fail()

    with pytest.raises(CallError, match="later"):
        retry("Op", attempt)
    assert time.monotonic() - started < 5
    thread.join()
    assert calls

    count = len(calls)
    with pytest.raises(CallError) as caught:
        retry("Op", attempt)
    assert (caught.value.code, len(calls)) == (STOPPED, count)


def test_sleep_ends_at_once(host: CommandHost) -> None:
    """Whoever waits for a fresh code has no need of it any more."""
    stopper = Stopper()
    retry = stopper.retry(LIMITS, host)
    started = time.monotonic()
    thread = soon(stopper)

    retry.wait(30)
    retry.sleep(30)

    assert time.monotonic() - started < 5
    thread.join()
    with pytest.raises(CallError):
        retry("Op", lambda: "called")


def test_call_in_flight_is_waited_for(host: CommandHost) -> None:
    """Its effect is known then."""
    stopper = Stopper()
    retry = stopper.retry(LIMITS, host)

    def attempt() -> str:
        stopper.stop()
        time.sleep(0.1)
        return "created"

    assert retry("Op", attempt) == "created"


def test_retry_of_a_stopped_one_makes_no_call(host: CommandHost) -> None:
    """The signal may have come before the first of them."""
    stopper = Stopper()
    stopper.stop()
    stopper.stop()

    with pytest.raises(CallError) as caught:
        stopper.retry(LIMITS, host)("Op", lambda: "called")

    assert caught.value.code == STOPPED


def test_other_work_goes_on(host: CommandHost) -> None:
    """Users are deleted after a signal, too."""
    stopper = Stopper()
    stopper.retry(LIMITS, host)
    stopper.stop()

    assert Stopper().retry(LIMITS, host)("Op", lambda: "deleted") == "deleted"


def test_retries_are_told_without_secrets() -> None:
    """The reader learns why it takes so long."""
    stderr = BytesIO()
    host = new_host({"AWS_SECRET_ACCESS_KEY": "s3cret-key"}, stderr, TokenSource())
    failed: list[int] = []

    def attempt() -> str:
        if not failed:
            failed.append(1)
            return fail()
        return "done"

    assert Stopper().retry(LIMITS, host)("Op", attempt) == "done"

    text = stderr.getvalue().decode()
    assert text.startswith("cognito-test-user: Op failed with Broken: later, *** - trying again in ")


def test_work_returns_or_raises_as_ever(host: CommandHost) -> None:
    """That it is done in another thread is not to be seen."""
    stopper = Stopper()

    assert stopper.run(lambda: 5) == 5
    assert to_the_end(lambda: 6) == 6
    with pytest.raises(CallError, match="later"):
        stopper.run(fail)
    with pytest.raises(CallError, match="later"):
        to_the_end(fail)
    with pytest.raises(CallError):
        stopper.retry(LIMITS, host)("Op", lambda: "called")


INTERRUPTED = """
import os, signal, threading, time
from io import BytesIO
from cognito_action.command.stopping import Stopper, to_the_end
from cognito_action.errors import CallError
from cognito_action.retry import Limits
from cognito_action.terminal.console import new_host
from cognito_action.terminal.id_tokens import TokenSource

stopper = Stopper()
retry = stopper.retry(Limits(60.0), new_host({}, BytesIO(), TokenSource()))

def press():
    for _ in range(2):
        time.sleep(0.15)
        os.kill(os.getpid(), signal.SIGINT)

def work():
    threading.Thread(target=press).start()
    print(retry("Op", lambda: time.sleep(0.5) or "call ended"), flush=True)
    try:
        retry("Op", lambda: print("never", flush=True))
    except CallError as error:
        print(error.code, flush=True)

def deletion():
    threading.Thread(target=press).start()
    time.sleep(0.5)
    print("deletion ended", flush=True)
    raise ValueError

for each in (lambda: stopper.run(work), lambda: to_the_end(deletion)):
    try:
        each()
    except KeyboardInterrupt:
        print("interrupted", flush=True)
"""


def test_interrupt_waits_for_the_call_in_flight_however_often_it_comes() -> None:
    """No further call starts, and what deletes users comes to its end."""
    done = subprocess.run([sys.executable, "-c", INTERRUPTED], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.stderr == ""
    assert done.stdout.splitlines() == ["call ended", STOPPED, "interrupted", "deletion ended", "interrupted"]


NO_THREADS = """
import threading
from cognito_action.command import stopping
def start(self):
    raise RuntimeError("can't start new thread")
threading.Thread.start = start
print(stopping.to_the_end(lambda: "deleted"))
"""


def test_work_is_done_without_threads_if_there_are_none_left() -> None:
    """Users have to be deleted all the same."""
    done = subprocess.run([sys.executable, "-c", NO_THREADS], cwd=ROOT, capture_output=True, text=True, check=False)

    assert (done.stdout, done.stderr) == ("deleted\n", "")
