"""Work in a thread of its own, and work that has to end in time, whatever it waits for."""

from collections.abc import Callable
from concurrent.futures import Future, wait
from threading import Thread
from typing import TypeVar

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
