"""The same work for several users at once."""

from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from typing import TypeVar

from cognito_action.pace import CONNECTIONS

Item = TypeVar("Item")
Result = TypeVar("Result")


def side_by_side(work: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """Do `work` for each of `items` in threads and return what it returned, in their order.

    Once one has failed no more are begun; those under way come to their end, and the first failure is raised.
    """
    with ThreadPoolExecutor(CONNECTIONS) as threads:
        begun = [threads.submit(work, item) for item in items]
        wait(begun, return_when=FIRST_EXCEPTION)
        begun = [one for one in begun if not one.cancel()]
    return [one.result() for one in begun]
