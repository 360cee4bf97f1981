"""The quotas of an account, which all its pools and all jobs share, and a simulated clock for a crowd of jobs."""

import heapq
import itertools
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from threading import Event, Lock, Thread

from tools.emulator.http import Answer, Request
from tools.emulator.proxy import Call, operation_of

DEFAULTS: Mapping[str, float] = {"AdminCreateUser": 50, "AdminSetUserPassword": 30, "AdminDeleteUser": 25}
"""Calls a second (the developer guide's quotas UserCreation, UserAccountRecovery and UserUpdate)."""

SHARED: Mapping[str, str] = {
    "SignUp": "AdminCreateUser",
    "AdminConfirmSignUp": "AdminCreateUser",
    "AdminUpdateUserAttributes": "AdminDeleteUser",
}
"""Calls that count towards the quota of another one."""


class Bucket:
    """A token bucket, full at first: `rate` calls a second, and `capacity` calls at once after an idle time."""

    def __init__(self, rate: float, capacity: float, clock: Callable[[], float]) -> None:
        self.rate = rate
        self.capacity = capacity
        self._level = capacity
        self._clock = clock
        self._updated = clock()

    def take(self) -> bool:
        """Take a token, and return whether there was one."""
        now = self._clock()
        self._level = min(self.capacity, self._level + (now - self._updated) * self.rate)
        self._updated = now
        if self._level < 1:
            return False
        self._level -= 1
        return True


@dataclass
class Quotas:
    """Buckets for the operations of `rates`; no one outside AWS knows how many seconds of calls each holds."""

    clock: Callable[[], float]
    rates: Mapping[str, float] = field(default_factory=lambda: DEFAULTS)
    seconds: float = 1.0
    """Capacity of a bucket, in seconds of its rate."""
    accepted: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self._buckets = {
            name: Bucket(rate, max(1, rate * self.seconds), self.clock) for name, rate in self.rates.items()
        }

    def around(self, respond: Callable[[Request], Answer | None]) -> Callable[[Request], Answer | None]:
        """Refuse calls above the quota, as Cognito does, and let the rest pass."""

        def answer(request: Request) -> Answer | None:
            operation, parameters = operation_of(request)
            with self._lock:
                bucket = self._bucket_of(operation)
                passes = bucket is None or bucket.take()
                (self.accepted if passes else self.refused)[operation] += 1
            if passes:
                return respond(request)
            call = Call(operation, parameters, request, lambda: Answer(500, b""))
            return call.refuse("TooManyRequestsException", "Rate exceeded")

        return answer

    def _bucket_of(self, operation: str) -> Bucket | None:
        return self._buckets.get(SHARED.get(operation, operation))

    @property
    def limited(self) -> list[str]:
        """The operations that were called and have a quota."""
        return [name for name in self.accepted if self._bucket_of(name)]

    def refused_for_each_accepted(self, operation: str) -> float:
        return self.refused[operation] / self.accepted[operation]

    def seconds_for(self, operation: str, calls: int) -> float:
        """How long the quota takes to let that many calls pass."""
        bucket = self._bucket_of(operation)
        assert bucket
        return max(0, calls - bucket.capacity) / bucket.rate


class SimulatedTime:
    """A clock that stops while any thread runs, and jumps to the next wake-up time once all are asleep."""

    def __init__(self) -> None:
        self._now = 0.0
        self._awake = 0
        self._asleep: list[tuple[float, int, Event]] = []
        self._turns = itertools.count()
        self._lock = Lock()

    def clock(self) -> float:
        return self._now

    def sleep(self, seconds: float) -> None:
        alarm = Event()
        with self._lock:
            heapq.heappush(self._asleep, (self._now + max(0, seconds), next(self._turns), alarm))
            self._awake -= 1
            self._wake_next()
        alarm.wait()

    def run(self, jobs: Iterable[Callable[[], None]]) -> None:
        """Run all `jobs`, each in its own thread, all starting at the same moment."""
        threads = [Thread(target=self._run_job, args=(job,)) for job in jobs]
        self._awake = len(threads)
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _run_job(self, job: Callable[[], None]) -> None:
        # Each waits for its turn: only one runs at any time, so that a run is reproducible.
        self.sleep(0)
        try:
            job()
        finally:
            with self._lock:
                self._awake -= 1
                self._wake_next()

    def _wake_next(self) -> None:
        if self._awake == 0 and self._asleep:
            self._now, _, alarm = heapq.heappop(self._asleep)
            self._awake = 1
            alarm.set()


def histogram(times: Iterable[float], width: int = 60) -> str:
    """Draw how many of `times` fall into each second, as lines of text."""
    counts = Counter(math.floor(time) for time in times)
    unit = max(counts.values()) / width
    return "\n".join(
        f"{second:3d} s {'█' * round(counts[second] / unit)} {counts[second]}" for second in range(max(counts) + 1)
    )
