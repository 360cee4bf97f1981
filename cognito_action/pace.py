"""The pace of a step: Cognito's quotas are the account's, production included."""

import math
import time
from collections.abc import Callable
from threading import Lock

PER_SECOND = 15
"""Calls of one operation that a step makes in a second; the smallest quota it meets, `UserUpdate`, has 25."""

CONNECTIONS = 16
"""How many calls of one step can be under way at once: what 15 calls a second need where an answer takes a second."""

SLOWEST = 1.0
"""Seconds between two calls, however often an operation is refused."""


class Pace:
    """Lets no more than `per_second` calls of one operation begin in a second, evenly spaced, whatever the thread.

    The space doubles with each call that is refused because the quota is used up, and halves with each that is not.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        per_second: float = PER_SECOND,
    ) -> None:
        self._least = 1 / per_second
        self._clock = clock
        self._sleep = sleep
        self._apart: dict[str, float] = {}
        self._turns: dict[str, Lock] = {}
        self._begun: dict[str, float] = {}

    def __call__(self, operation: str, end: float = math.inf) -> bool:
        """Wait until the next call of `operation` may begin; return False at once where that is not before `end`."""
        with self._turns.setdefault(operation, Lock()):
            now = self._clock()
            turn = max(now, self._begun.get(operation, -math.inf) + self._apart.get(operation, self._least))
            if turn >= end:
                return False
            if turn > now:
                self._sleep(turn - now)
            self._begun[operation] = self._clock()
            return True

    def slower(self, operation: str) -> None:
        """Take note that a call of `operation` was refused."""
        self._apart[operation] = min(2 * self._apart.get(operation, self._least), SLOWEST)

    def faster(self, operation: str) -> None:
        """Take note that a call of `operation` was accepted."""
        self._apart[operation] = max(self._apart.get(operation, self._least) / 2, self._least)
