"""How work on users is stopped: no call starts any more, and the one in flight is waited for, so that its effect is known."""

from collections.abc import Callable
from concurrent.futures import wait
from threading import Event
from typing import TypeVar

from cognito_action.concurrency import in_background
from cognito_action.retry import Limits, Retry
from cognito_action.terminal.console import CommandHost

Result = TypeVar("Result")


class Stopper:
    """Stops the calls of every `Retry` that it has made."""

    def __init__(self) -> None:
        self._stopped = Event()
        self._retries: list[Retry] = []

    def stop(self) -> None:
        """Let no call start any more, and end all pauses; a handler of signals may call it."""
        self._stopped.set()  # first, so that a `Retry` that is made meanwhile sees it
        for retry in self._retries:
            retry.stop()

    def retry(self, limits: Limits, host: CommandHost) -> Retry:
        """Make a `Retry` that says the first of what it retries, and logs the others."""
        said = False

        def tell(text: str) -> None:
            nonlocal said
            (host.log if said else host.say)(text)
            said = True

        retry = Retry(limits, tell, sleep=lambda seconds: void(self._stopped.wait(seconds)), redact=host.redactor)
        self._retries.append(retry)
        if self._stopped.is_set():
            retry.stop()
        return retry

    def run(self, work: Callable[[], Result]) -> Result:
        """Return what `work` returns or raise what it raises.

        An exception in this thread, such as `KeyboardInterrupt`, stops the work, and is raised when that has ended.
        """
        outcome = in_background(work)
        try:
            return outcome.result()
        except BaseException:
            self.stop()
            to_the_end(lambda: wait([outcome]))
            raise


def void(_: object) -> None:
    """Return nothing."""


def to_the_end(work: Callable[[], Result]) -> Result:
    """Do `work`, and raise a `KeyboardInterrupt` of this thread only when it has ended."""
    try:
        outcome = in_background(work)
    except RuntimeError:  # the system has no thread left
        return work()
    interrupt: KeyboardInterrupt | None = None
    while True:
        try:
            wait([outcome])
            break
        except KeyboardInterrupt as error:
            interrupt = error
    if interrupt:
        raise interrupt
    return outcome.result()
