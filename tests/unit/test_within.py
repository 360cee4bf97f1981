"""Work with a time limit: what comes in time is passed on, and what does not is left behind."""

import time as system
from threading import Event
from threading import enumerate as threads

import pytest

from cognito_action.concurrency import run_with_timeout


def test_result_in_time_is_returned() -> None:
    """As if the work had been done here."""
    assert run_with_timeout(10, lambda: "result") == "result"


@pytest.mark.parametrize(
    "error", [ValueError("bad"), TimeoutError("the work's own"), SystemExit(3), KeyboardInterrupt()]
)
def test_exception_in_time_is_raised(error: BaseException) -> None:
    """Whatever it is, it is the same one."""

    def work() -> None:
        raise error

    with pytest.raises(type(error)) as caught:
        run_with_timeout(10, work)

    assert caught.value is error


def test_work_without_an_end_is_left_behind() -> None:
    """The caller goes on in time, and the thread that still works does not keep the process."""
    end = Event()
    before = set(threads())
    begun = system.monotonic()

    with pytest.raises(TimeoutError):
        run_with_timeout(0.1, lambda: end.wait(60))

    assert 0.1 <= system.monotonic() - begun < 5
    [left] = set(threads()) - before
    assert left.daemon
    end.set()
    left.join(5)
