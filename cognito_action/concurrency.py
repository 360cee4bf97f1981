"""Work in a thread of its own, and work that has to end in time, whatever it waits for."""

from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from threading import Thread
from typing import TypeVar

CONNECTIONS = 16
"""How many calls of one step can be under way at once: what 15 calls a second need where an answer takes a second."""


Result = TypeVar("Result")


def begin(work: Callable[[], Result]) -> "Future[Result]":
    """Do `work` in a thread of its own, which nobody has to wait for: it does not keep the process."""
    outcome: Future[Result] = Future()

    def run() -> None:
        try:
            outcome.set_result(work())
        except BaseException as error:  # noqa: BLE001 - it is raised where the work was asked for
            outcome.set_exception(error)

    Thread(target=run, daemon=True).start()
    return outcome


def within(seconds: float, work: Callable[[], Result]) -> Result:
    """Return what `work` returns or raise what it raises; raises `TimeoutError` where that takes more than `seconds`.

    The timeouts of sockets are for one read each, so an answer that drips has none, nor has a name look-up. Once its time
    is up, the work is left to itself.
    """
    outcome = begin(work)
    if not wait([outcome], seconds).done:
        raise TimeoutError
    return outcome.result()


Item = TypeVar("Item")


def side_by_side(work: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """Do `work` for each of `items` in threads and return what it returned, in their order.

    Once one has failed no more are begun; those under way come to their end, and the first failure is raised.
    """
    with ThreadPoolExecutor(CONNECTIONS) as threads:
        begun = [threads.submit(work, item) for item in items]
        wait(begun, return_when=FIRST_EXCEPTION)
        begun = [one for one in begun if not one.cancel()]
    return [one.result() for one in begun]
