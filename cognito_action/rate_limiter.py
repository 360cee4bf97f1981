"""A rate limit for each operation, below the quota that a step shares with production."""

import math
import time
from collections.abc import Callable
from threading import Lock

CALLS_PER_SECOND = 15
"""Calls of one operation that a step makes in a second; the smallest quota it meets, `UserUpdate`, allows 25."""

MAX_INTERVAL = 1.0
"""Seconds between two calls, however often an operation is throttled."""


class RateLimiter:
    """Lets at most `per_second` calls of one operation start in a second, evenly spaced, from any thread.

    The interval doubles with each call that is throttled, and halves with each that succeeds.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        per_second: float = CALLS_PER_SECOND,
    ) -> None:
        self._min_interval = 1 / per_second
        self._clock = clock
        self._sleep = sleep
        self._intervals: dict[str, float] = {}
        self._locks: dict[str, Lock] = {}
        self._started: dict[str, float] = {}

    def acquire(self, operation: str, deadline: float = math.inf) -> bool:
        """Wait until the next call of `operation` may start; return False at once if that is not before `deadline`."""
        with self._locks.setdefault(operation, Lock()):
            now = self._clock()
            start = max(now, self._started.get(operation, -math.inf) + self._interval(operation))
            if start >= deadline:
                return False
            if start > now:
                self._sleep(start - now)
            self._started[operation] = self._clock()
            return True

    def slow_down(self, operation: str) -> None:
        """Note that a call of `operation` was throttled."""
        self._intervals[operation] = min(2 * self._interval(operation), MAX_INTERVAL)

    def speed_up(self, operation: str) -> None:
        """Note that a call of `operation` was accepted."""
        self._intervals[operation] = max(self._interval(operation) / 2, self._min_interval)

    def _interval(self, operation: str) -> float:
        return self._intervals.get(operation, self._min_interval)
