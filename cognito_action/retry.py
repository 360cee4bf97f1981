"""One deadline for a whole phase, and repetition of what can change."""

import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from cognito_action.explain import refusal
from cognito_action.failure import DEADLINE, Failure
from cognito_action.pace import PER_SECOND, Pace

Result = TypeVar("Result")

FIRST_PAUSE = 0.25
"""Seconds: the upper bound of the first pause; it doubles with each."""

LONGEST_PAUSE = 8.0
"""Seconds: no pause is longer."""


SECONDS_PER_USER = 0.5
"""How much later the deadline is for each user after the first."""

GRACE = 10.0
"""Seconds that are left at least after a `wait`."""


@dataclass(frozen=True)
class Limits:
    """What the calls of a phase keep to."""

    seconds: float
    """After so many, no further attempt is started; one that is under way may take half a minute more."""
    per_second: float = PER_SECOND
    """So many calls of one operation begin in a second at the most (`Pace`)."""
    patience: float = math.inf
    """Seconds that one call is repeated for."""


class Retry:
    """Repeats calls within `limits`, whose seconds are counted from its making. Threads may share one.

    The deadline ends the starting of attempts: one that waits for its turn is made, and one that is under way may still
    take as long as its own timeouts allow (`sdk.CONFIG`). Pauses have full jitter, a random part of a bound that doubles, since the jobs of a
    matrix begin together and share the account's quota. Every failure that is tried again goes to `report`.
    """

    def __init__(
        self,
        limits: Limits,
        report: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._report = report
        self._clock = clock
        self._uniform = uniform
        self._seconds = limits.seconds
        self._patience = limits.patience
        self._end = clock() + limits.seconds
        self._pace = Pace(clock, sleep, limits.per_second)
        self.sleep = sleep

    def extend_for(self, users: int) -> None:
        """Make the deadline that of a phase with so many users."""
        seconds = SECONDS_PER_USER * max(0, users - 1)
        self._seconds += seconds
        self._end += seconds

    def wait(self, seconds: float) -> None:
        """Wait for what no service is to blame for; the deadline leaves `GRACE` to what comes after."""
        self.sleep(seconds)
        self._end = max(self._end, self._clock() + GRACE)

    def __call__(self, operation: str, attempt: Callable[[], Result]) -> Result:
        """Return what `attempt` returns; raises its last `Failure`, or one of its own where the time is up already.

        A failure that is not `transient` ends it at once. Where any attempt's outcome is unknown, `lost` is set
        on the failure that is raised, whatever the last attempt met.
        """
        if self._clock() >= self._end:
            raise Failure(operation, DEADLINE, f"the {self._seconds:.0f} s of this step were used up before it.")
        bound, lost = FIRST_PAUSE, False
        begun = self._clock()
        while True:
            self._pace(operation)
            try:
                return attempt()
            except Failure as failure:
                failure.lost = lost = lost or failure.lost
                pause = self._uniform(0, bound)
                if not failure.transient or self._clock() + pause >= min(self._end, begun + self._patience):
                    raise
                self._report(f"{refusal(failure)} - trying again in {pause:.1f} s")
                self.sleep(pause)
                bound = min(2 * bound, LONGEST_PAUSE)
