"""Threads: results in order, no more than there are connections, an end with the first failure, and a timeout."""

import time as system
from threading import Barrier, Event, Lock
from threading import enumerate as threads

import pytest

from cognito_action.aws.sdk import CONFIG
from cognito_action.concurrency import MAX_CONCURRENT_CALLS, map_concurrently, run_with_timeout


def test_results_are_in_the_order_of_the_items() -> None:
    """Whoever is done first."""

    def work(number: int) -> str:
        system.sleep(0.05 if number == 0 else 0)
        return f"result {number}"

    assert map_concurrently(work, range(40)) == [f"result {number}" for number in range(40)]


def test_nothing_is_nothing_to_do() -> None:
    """A single user has no others beside it."""
    assert map_concurrently(len, []) == []


def test_as_many_are_under_way_as_there_are_connections() -> None:
    """Sixteen that wait for each other get through; they would never if they went one after the other."""
    together = Barrier(MAX_CONCURRENT_CALLS)

    assert len(map_concurrently(lambda _: together.wait(30), range(MAX_CONCURRENT_CALLS))) == MAX_CONCURRENT_CALLS


def test_no_more_are_under_way_than_there_are_connections() -> None:
    """A thread that waits for a connection would hold up its own time-out."""
    lock, under_way, most = Lock(), 0, 0

    def work(_: int) -> None:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        system.sleep(0.005)
        with lock:
            under_way -= 1

    map_concurrently(work, range(100))

    assert most <= MAX_CONCURRENT_CALLS == getattr(CONFIG, "max_pool_connections", None)


def test_no_more_are_begun_once_one_has_failed() -> None:
    """Those under way come to their end, so that nobody is left in the middle; the others stay untouched."""
    begun: list[int] = []
    ended: list[int] = []

    def work(number: int) -> None:
        begun.append(number)
        if number == 3:
            raise ValueError(number)
        system.sleep(0.5)
        ended.append(number)

    with pytest.raises(ValueError, match="3"):
        map_concurrently(work, range(200))

    assert sorted([*ended, 3]) == sorted(begun)
    assert MAX_CONCURRENT_CALLS <= len(begun) <= 2 * MAX_CONCURRENT_CALLS


def test_first_of_several_failures_is_raised() -> None:
    """In the order of the items, so that the same trouble is told the same way each time."""
    together = Barrier(3)

    def work(number: int) -> None:
        together.wait(30)
        if number:
            raise ValueError(number)

    with pytest.raises(ValueError, match="1"):
        map_concurrently(work, range(3))


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
