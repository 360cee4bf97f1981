"""The pace of a step: Cognito's quotas are the account's, production included."""

import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any, TypeVar

from cognito_action.concurrency import within
from cognito_action.errors import DEADLINE, NETWORK, THROTTLING, Failure, refusal

PER_SECOND = 15
"""Calls of one operation that a step makes in a second; the smallest quota it meets, `UserUpdate`, has 25."""


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


Result = TypeVar("Result")


FIRST_PAUSE = 0.25
"""Seconds: the upper bound of the first pause; it doubles with each."""


FIRST_PAUSE_OF_A_CROWD = 4.0
"""Seconds: the same where the quota is used up, mostly by the other jobs of a matrix. With this one 256 jobs, GitHub's
most, are refused at most twice for each call that is accepted (docs/reliability.md)."""


LONGEST_PAUSE = 8.0
"""Seconds: no pause is longer."""


SECONDS_PER_USER = 0.5
"""How much later the deadline is for each user after the first."""


GRACE = 10.0
"""Seconds in which attempts can be begun at least after a `wait`."""


@dataclass(frozen=True)
class Limits:
    """What the calls of a phase keep to."""

    seconds: float
    """After so many, all calls have come to an end."""
    attempt: float = 20.0
    """Seconds of one attempt, from its first to its last byte: Cognito may wait three times 5 s for a Lambda trigger."""
    per_second: float = PER_SECOND
    """So many calls of one operation begin in a second at the most (`Pace`)."""
    patience: float = math.inf
    """Seconds that one call is repeated for."""


class Retry:
    """Repeats calls within `limits`, whose seconds are counted from its making. Threads may share one.

    No attempt is begun that would not have its whole time. One without an answer by then counts as lost, like any whose
    connection broke. Pauses have full jitter, a random part of a bound that doubles, since the jobs of a matrix begin
    together and share the account's quota. Every failure that is tried again goes to `report`.
    """

    def __init__(
        self,
        limits: Limits,
        report: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        uniform: Callable[[float, float], float] = random.uniform,
        within: Callable[[float, Callable[[], Any]], Any] = within,
    ) -> None:
        self._report = report
        self._clock = clock
        self._uniform = uniform
        self._within = within
        self._seconds = limits.seconds
        self._attempt = limits.attempt
        self._patience = limits.patience
        self._end = clock() + limits.seconds - limits.attempt
        self._pace = Pace(clock, sleep, limits.per_second)
        self.sleep = sleep

    def extend_for(self, users: int) -> None:
        """Make the deadline that of a phase with so many users."""
        seconds = SECONDS_PER_USER * max(0, users - 1)
        self._seconds += seconds
        self._end += seconds

    def wait(self, seconds: float) -> None:
        """Wait for what no service is to blame for; the deadline leaves `GRACE` to begin what comes after."""
        self.sleep(seconds)
        self._end = max(self._end, self._clock() + GRACE)

    def __call__(
        self, operation: str, attempt: Callable[[], Result], on_lost: Callable[[], None] = lambda: None
    ) -> Result:
        """Return what `attempt` returns; raises its last `Failure`, or one of its own where the time is up already.

        A failure that is not `transient` ends it at once. Where any attempt's outcome is unknown, `lost` is set
        on the failure that is raised, whatever the last attempt met, and `on_lost` is called before the next one.
        """
        bound, last = 0.0, None
        begun = self._clock()
        while True:
            if not self._pace(operation, self._end):
                raise last or Failure(
                    operation,
                    DEADLINE,
                    f"of the {self._seconds:.0f} s of this step less than the {self._attempt:.0f} s of a call were left.",
                )
            try:
                result = self._once(operation, attempt)
            except Failure as failure:
                failure.lost = failure.lost or (last is not None and last.lost)
                crowded = failure.code in THROTTLING
                if crowded:
                    self._pace.slower(operation)
                bound = min(max(2 * bound, FIRST_PAUSE_OF_A_CROWD if crowded else FIRST_PAUSE), LONGEST_PAUSE)
                pause = self._uniform(0, bound)
                if not failure.transient or self._clock() + pause >= min(self._end, begun + self._patience):
                    raise
                if failure.lost:
                    on_lost()
                self._report(f"{refusal(failure)} - trying again in {pause:.1f} s")
                self.sleep(pause)
                last = failure
            else:
                self._pace.faster(operation)
                return result

    def _once(self, operation: str, attempt: Callable[[], Result]) -> Result:
        try:
            result: Result = self._within(self._attempt, attempt)
        except TimeoutError:
            raise Failure(
                operation, NETWORK, f"no answer within {self._attempt:.0f} s", transient=True, lost=True
            ) from None
        return result
