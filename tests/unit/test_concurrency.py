"""Threads: results in order, no more than there are connections, an end after the first failure, and a timeout."""

import time as system
from threading import Barrier, Event, Lock
from threading import enumerate as threads

import pytest

from cognito_action.concurrency import MAX_CONCURRENT_CALLS, map_concurrently, run_with_timeout


def test_results_are_in_the_order_of_the_items() -> None:
    """It does not matter which is done first."""

    def work(number: int) -> str:
        system.sleep(0.05 if number == 0 else 0)
        return f"result {number}"

    assert map_concurrently(work, range(40)) == [f"result {number}" for number in range(40)]


def test_no_items_give_no_results() -> None:
    """A single user leaves no others to work on."""
    assert map_concurrently(len, []) == []


def test_as_many_are_in_flight_as_there_are_connections() -> None:
    """Sixteen that wait for each other finish; one after the other they never would."""
    together = Barrier(MAX_CONCURRENT_CALLS)

    assert len(map_concurrently(lambda _: together.wait(30), range(MAX_CONCURRENT_CALLS))) == MAX_CONCURRENT_CALLS


def test_no_more_are_in_flight_than_there_are_connections() -> None:
    """A thread that waits for a connection would use up its own timeout."""
    lock, in_flight, most = Lock(), 0, 0

    def work(_: int) -> None:
        nonlocal in_flight, most
        with lock:
            in_flight += 1
            most = max(most, in_flight)
        system.sleep(0.005)
        with lock:
            in_flight -= 1

    map_concurrently(work, range(100))

    assert most <= MAX_CONCURRENT_CALLS


def test_no_more_are_started_once_one_has_failed() -> None:
    """Those in flight finish, so that nothing is left half done; the others are not started."""
    started: list[int] = []
    finished: list[int] = []

    def work(number: int) -> None:
        started.append(number)
        if number == 3:
            raise ValueError(number)
        system.sleep(0.5)
        finished.append(number)

    with pytest.raises(ValueError, match="3"):
        map_concurrently(work, range(200))

    assert sorted([*finished, 3]) == sorted(started)
    assert MAX_CONCURRENT_CALLS <= len(started) <= 2 * MAX_CONCURRENT_CALLS


def test_first_of_several_failures_is_raised() -> None:
    """It is the first in the order of the items, so that the same problem is reported the same way each time."""
    together = Barrier(3)

    def work(number: int) -> None:
        together.wait(30)
        if number:
            raise ValueError(number)

    with pytest.raises(ValueError, match="1"):
        map_concurrently(work, range(3))


def test_result_in_time_is_returned() -> None:
    """It is the same as if the work had been done here."""
    assert run_with_timeout(10, lambda: "result") == "result"


@pytest.mark.parametrize(
    "error", [ValueError("bad"), TimeoutError("the work's own"), SystemExit(3), KeyboardInterrupt()]
)
def test_exception_in_time_is_raised(error: BaseException) -> None:
    """Whatever its type, it is the same object."""

    def work() -> None:
        raise error

    with pytest.raises(type(error)) as caught:
        run_with_timeout(10, work)

    assert caught.value is error


def test_work_without_an_end_is_abandoned() -> None:
    """The caller continues in time, and the thread that still works does not keep the process alive."""
    end = Event()
    before = set(threads())
    started = system.monotonic()

    with pytest.raises(TimeoutError):
        run_with_timeout(0.1, lambda: end.wait(60))

    assert 0.1 <= system.monotonic() - started < 5
    [left] = set(threads()) - before
    assert left.daemon
    end.set()
    left.join(5)
