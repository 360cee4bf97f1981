"""A rate limit for each quota, below what a step shares with production."""

import math
import time
from collections.abc import Callable, Mapping
from threading import Lock

CALLS_PER_SECOND = 15
"""Calls against one quota that a step makes in a second; the smallest that it meets, `UserUpdate`, allows 25."""

MAX_INTERVAL = 1.0
"""Seconds between two calls, however often an operation is throttled."""


_QUOTAS: Mapping[str, str] = {
    **dict.fromkeys(("AdminConfirmSignUp", "AdminCreateUser", "SignUp"), "UserCreation"),
    **dict.fromkeys(("AdminAddUserToGroup", "AdminDeleteUser", "AdminUpdateUserAttributes"), "UserUpdate"),
}
"""The quotas that several operations share (AWS's guide, "Quotas in Amazon Cognito")."""


class RateLimiter:
    """Lets at most `per_second` calls of one operation start in a second, evenly spaced, from any thread.

    Operations that share a quota count as one. The interval doubles with each call that is throttled, and halves with
    each that succeeds.
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
        quota = _QUOTAS.get(operation, operation)
        with self._locks.setdefault(quota, Lock()):
            now = self._clock()
            start = max(now, self._started.get(quota, -math.inf) + self._interval(quota))
            if start >= deadline:
                return False
            if start > now:
                self._sleep(start - now)
            self._started[quota] = self._clock()
            return True

    def slow_down(self, operation: str) -> None:
        """Note that a call of `operation` was throttled."""
        quota = _QUOTAS.get(operation, operation)
        self._intervals[quota] = min(2 * self._interval(quota), MAX_INTERVAL)

    def speed_up(self, operation: str) -> None:
        """Note that a call of `operation` was accepted."""
        quota = _QUOTAS.get(operation, operation)
        self._intervals[quota] = max(self._interval(quota) / 2, self._min_interval)

    def _interval(self, quota: str) -> float:
        return self._intervals.get(quota, self._min_interval)
