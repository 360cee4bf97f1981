"""One deadline for a whole step, and retries of what can change."""

import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from cognito_action.concurrency import run_with_timeout
from cognito_action.errors import DEADLINE, NO_ANSWER, STOPPED, THROTTLING_CODES, CallError
from cognito_action.rate_limiter import CALLS_PER_SECOND, RateLimiter

Result = TypeVar("Result")

BeforeAttempt = Callable[[CallError | None], None]
"""Called before each attempt, with what the one before it met; raises whatever is to end the call."""

INITIAL_BACKOFF = 0.25
"""Seconds: the upper bound of the first pause; it doubles with each."""

INITIAL_THROTTLING_BACKOFF = 4.0
"""Seconds: the same if the quota is used up, usually by the other jobs of a matrix. With this one 256 jobs, GitHub's
most, are refused at most twice for each call that is accepted (docs/reliability.md)."""

MAX_BACKOFF = 8.0
"""Seconds: no pause is longer."""

SECONDS_PER_USER = 0.5
"""How much later the deadline is for each user after the first."""

GRACE_PERIOD = 10.0
"""Seconds after a `wait` in which attempts can still be started."""


@dataclass(frozen=True)
class Limits:
    """What the calls of a step are held to."""

    seconds: float
    """After this many seconds all calls have ended, unless `extend_for` or `wait` moves the deadline."""
    attempt_seconds: float = 20.0
    """Of one attempt, from its first to its last byte: Cognito may wait three times 5 s for a Lambda trigger."""
    calls_per_second: float = CALLS_PER_SECOND
    """How many calls of one operation start in a second at most (`RateLimiter`)."""
    seconds_per_call: float = math.inf
    """How long one call is retried."""


class Retry:
    """Repeats calls within `limits`, whose seconds count from its creation. Threads may share one.

    No attempt starts that could not have its full time: the last one ends when the limit does. One that has no answer
    when its own time is up has an unknown outcome, like any whose connection broke. Pauses have full jitter, a random
    part of a bound that doubles, since the jobs of a matrix start together and share the account's quota. Each failure
    that is retried goes to `report`. What others say in it passes through `redact`.

    `clock` and `sleep` are those that it was given.
    """

    def __init__(
        self,
        limits: Limits,
        report: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        uniform: Callable[[float, float], float] = random.uniform,
        run_with_timeout: Callable[[float, Callable[[], Any]], Any] = run_with_timeout,
        redact: Callable[[str], str] = str,
    ) -> None:
        self._report = report
        self.clock = clock
        self._uniform = uniform
        self._run_with_timeout = run_with_timeout
        self._redact = redact
        self._limits = limits
        self._seconds = limits.seconds
        self._deadline = clock() + limits.seconds - limits.attempt_seconds
        self._stopped = False
        self._rate_limiter = RateLimiter(clock, sleep, limits.calls_per_second)
        self.sleep = sleep

    def extend_for(self, users: int) -> None:
        """Move the deadline to that of a step with this many users."""
        seconds = SECONDS_PER_USER * max(0, users - 1)
        self._seconds += seconds
        self._deadline += seconds

    def wait(self, seconds: float) -> None:
        """Wait for something that no service is to blame for; what follows has `GRACE_PERIOD` to start."""
        self.sleep(seconds)
        self._deadline = max(self._deadline, self.clock() + GRACE_PERIOD)

    def stop(self) -> None:
        """Let no attempt start any more: those in flight are the last. Another thread may call it."""
        self._stopped = True

    @property
    def seconds_left(self) -> float:
        """How long attempts can still be started; below zero if that is over."""
        return self._end - self.clock()

    @property
    def _end(self) -> float:
        return -math.inf if self._stopped else self._deadline

    def __call__(
        self, operation: str, attempt: Callable[[], Result], before_attempt: BeforeAttempt = lambda _: None
    ) -> Result:
        """Return what `attempt` returns; raises its last `CallError`, or one of its own if the time is up already.

        A failure that is not `retryable` ends it at once. If the outcome of any attempt is unknown, `outcome_unknown`
        is set on the failure that is raised, whatever the last attempt met.
        """
        bound, last, outcome_unknown = 0.0, None, False
        started = self.clock()
        while True:
            if not self._rate_limiter.acquire(operation, self._end) or self._stopped:
                raise last or self._not_made(operation)
            before_attempt(last)
            try:
                result = self._attempt(operation, attempt, self._limits.attempt_seconds)
            except CallError as error:
                error.redact(self._redact)
                outcome_unknown = error.outcome_unknown = error.outcome_unknown or outcome_unknown
                throttled = error.code in THROTTLING_CODES
                if throttled:
                    self._rate_limiter.slow_down(operation)
                bound = min(max(2 * bound, INITIAL_THROTTLING_BACKOFF if throttled else INITIAL_BACKOFF), MAX_BACKOFF)
                pause = self._uniform(0, bound)
                end = min(self._end, started + self._limits.seconds_per_call)
                if not error.retryable or self.clock() + pause >= end:
                    raise
                self._report(f"{error.what} - trying again in {pause:.1f} s")
                self.sleep(pause)
                last = error
            else:
                self._rate_limiter.speed_up(operation)
                return result

    def once(self, operation: str, work: Callable[[], Result]) -> Result:
        """Do what may have to wait, but has no quota, once: in the time of an attempt, or what is left of the step's.

        Raises `CallError`.
        """
        seconds = self._limits.attempt_seconds
        try:
            return self._attempt(operation, work, min(seconds, max(0.0, self.seconds_left + seconds)))
        except CallError as error:
            error.redact(self._redact)
            raise

    def _attempt(self, operation: str, attempt: Callable[[], Result], seconds: float) -> Result:
        try:
            result: Result = self._run_with_timeout(seconds, attempt)
        except TimeoutError:
            raise CallError(
                operation,
                NO_ANSWER,
                f"no answer within {seconds:.0f} s",
                retryable=True,
                outcome_unknown=True,
                unanswered=True,
                said="",
            ) from None
        return result

    def _not_made(self, operation: str) -> CallError:
        if self._stopped:
            return CallError(operation, STOPPED, "the work was stopped before this call", said="")
        return CallError(
            operation,
            DEADLINE,
            f"less than {self._limits.attempt_seconds:.0f} s, the time of one call, was left of the "
            f"{self._seconds:.0f} s for all of them",
        )
