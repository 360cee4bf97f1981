"""The pace of a step: Cognito's quotas are the account's, production included."""

import time
from collections.abc import Callable
from threading import Lock

PER_SECOND = 15
"""Calls of one operation that a step makes in a second; the smallest quota it meets, `UserUpdate`, has 25."""


class Pace:
    """Lets no more than `per_second` calls of one operation begin in a second, evenly spaced, whatever the thread."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        per_second: float = PER_SECOND,
    ) -> None:
        self._apart = 1 / per_second
        self._clock = clock
        self._sleep = sleep
        self._turns: dict[str, Lock] = {}
        self._next: dict[str, float] = {}

    def __call__(self, operation: str) -> None:
        """Return when the next call of `operation` may begin."""
        with self._turns.setdefault(operation, Lock()):
            wait = self._next.get(operation, 0) - self._clock()
            if wait > 0:
                self._sleep(wait)
            self._next[operation] = self._clock() + self._apart
