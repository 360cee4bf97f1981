"""Work in other threads: in the background, with a timeout, and for several items at once."""

from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from threading import Thread
from typing import TypeVar

MAX_CONCURRENT_CALLS = 16
"""How many calls of one step can be in flight at once: what 15 calls a second need if an answer takes a second."""

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_background(work: Callable[[], Result]) -> "Future[Result]":
    """Do `work` in a daemon thread of its own, which does not keep the process alive."""
    outcome: Future[Result] = Future()

    def run() -> None:
        try:
            outcome.set_result(work())
        except BaseException as error:  # noqa: BLE001 - it is raised where the result is asked for
            outcome.set_exception(error)

    Thread(target=run, daemon=True).start()
    return outcome


def run_with_timeout(seconds: float, work: Callable[[], Result]) -> Result:
    """Return what `work` returns or raise what it raises; raises `TimeoutError` if that takes more than `seconds`.

    Socket timeouts apply to one read each, so they bound neither an answer that drips nor a name lookup. Work that
    has timed out is abandoned, not stopped.
    """
    outcome = in_background(work)
    if not wait([outcome], seconds).done:
        raise TimeoutError
    return outcome.result()


def map_concurrently(work: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """Do `work` for each of `items` in threads and return the results in the order of the items.

    After one has failed no more are started; those in flight finish, and the failure of the earliest item is raised.
    """
    with ThreadPoolExecutor(MAX_CONCURRENT_CALLS) as threads:
        futures = [threads.submit(work, item) for item in items]
        wait(futures, return_when=FIRST_EXCEPTION)
        futures = [future for future in futures if not future.cancel()]
    return [future.result() for future in futures]
