"""A clock that only pauses advance."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from cognito_action.retry import Limits, Retry

Result = TypeVar("Result")


@dataclass
class FakeTime:
    """A clock that only `sleep` advances, and a random source that always draws the upper bound."""

    now: float = 0.0
    pauses: list[float] = field(default_factory=list)
    bounds: list[tuple[float, float]] = field(default_factory=list)
    reports: list[str] = field(default_factory=list)
    share: float = 1.0
    """The share of the upper bound that is drawn."""

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds

    def uniform(self, low: float, high: float) -> float:
        self.bounds.append((low, high))
        return high * self.share

    def retry(self, limits: Limits | float = 10.0) -> Retry:
        """A `Retry` on this clock, with limits or just the seconds in which attempts can start."""
        limits = limits if isinstance(limits, Limits) else Limits(limits + ATTEMPT)
        return Retry(limits, self.reports.append, self.clock, self.sleep, self.uniform, at_once)


@dataclass
class SkippedTime:
    """The real clock, but for pauses: they are skipped, and counted as if they had passed."""

    skipped: float = 0.0

    def clock(self) -> float:
        return time.monotonic() + self.skipped

    def sleep(self, seconds: float) -> None:
        self.skipped += seconds


ATTEMPT = Limits(0).attempt_seconds


def at_once(_: float, attempt: Callable[[], Result]) -> Result:
    """Make the attempt right here, ignoring its time limit."""
    return attempt()
