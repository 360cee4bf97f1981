"""The pace: fifteen calls of an operation in a second, whoever makes them."""

import itertools
import time as system
from concurrent.futures import ThreadPoolExecutor
from threading import Event, local

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognito_action.retry import CALLS_PER_SECOND, RateLimiter
from tests.support.fake_time import FakeTime

GAP = 1 / 15
ROUNDING = 1e-6


class Clock:
    """A clock for threads: those that sleep at the same time wake at the same time. It knows when each looked last."""

    def __init__(self) -> None:
        self._now = 0.0
        self._told = local()

    def clock(self) -> float:
        self._told.last = self._now
        return self._now

    def sleep(self, seconds: float) -> None:
        end = self._now + seconds
        system.sleep(0.002)
        self._now = max(self._now, end)

    @property
    def last(self) -> float:
        last: float = self._told.last
        return last


def test_pace_is_fifteen_in_a_second() -> None:
    """The number that the documentation promises."""
    assert CALLS_PER_SECOND == 15


def test_pace_can_be_another(time: FakeTime) -> None:
    """Five in a second, for a sweep, are a fifth of a second apart."""
    pace = RateLimiter(time.clock, time.sleep, per_second=5)

    for _ in range(4):
        pace.acquire("AdminDeleteUser")

    assert time.pauses == pytest.approx([0.2, 0.2, 0.2])


def test_first_call_of_an_operation_does_not_wait(time: FakeTime) -> None:
    """A step that makes each call once is as fast as ever."""
    pace = RateLimiter(time.clock, time.sleep)

    for operation in ("AssumeRoleWithWebIdentity", "AdminCreateUser", "AdminSetUserPassword"):
        pace.acquire(operation)

    assert time.pauses == []


def test_calls_of_one_operation_are_a_fifteenth_of_a_second_apart(time: FakeTime) -> None:
    """Each waits for what is left of the time since the one before it, and no longer."""
    pace = RateLimiter(time.clock, time.sleep)
    begun = []
    for pause in (0, 0, 0.05, 0.06, 0.2):
        time.now += pause
        pace.acquire("AdminCreateUser")
        begun.append(round(time.now, 4))

    assert begun == [0, 0.0667, 0.1333, 0.2, 0.4]


def test_threads_share_the_pace() -> None:
    """Sixteen threads that make fifty calls begin them no closer together than one thread would."""
    clock = Clock()
    pace = RateLimiter(clock.clock, clock.sleep)

    def begin(_: int) -> float:
        pace.acquire("AdminCreateUser")
        return clock.last

    with ThreadPoolExecutor(16) as threads:
        begun = sorted(threads.map(begin, range(50)))

    gaps = [later - earlier for earlier, later in itertools.pairwise(begun)]
    assert min(gaps) >= GAP - ROUNDING
    assert abs(begun[-1] - 49 * GAP) < ROUNDING
    assert max(sum(start <= other < start + 1 - ROUNDING for other in begun) for start in begun) == 15


def test_pace_is_kept_on_the_systems_clock() -> None:
    """Without a clock of its own it is real time that passes."""
    pace = RateLimiter()
    started = system.monotonic()

    for _ in range(4):
        pace.acquire("AdminCreateUser")

    assert 3 * GAP - 0.001 <= system.monotonic() - started < 5


def test_operations_do_not_wait_for_each_other() -> None:
    """While one waits for its turn, another begins."""
    waiting, going_on = Event(), Event()

    def sleep(_: float) -> None:
        waiting.set()
        assert going_on.wait(30)

    pace = RateLimiter(lambda: 0.0, sleep)
    pace.acquire("AdminCreateUser")
    with ThreadPoolExecutor(1) as threads:
        second = threads.submit(pace.acquire, "AdminCreateUser")
        assert waiting.wait(30)
        pace.acquire("AdminSetUserPassword")
        going_on.set()
        second.result(30)


@given(arrivals=st.lists(st.tuples(st.sampled_from("ab"), st.floats(0, 0.2)), max_size=60))
def test_no_second_has_more_than_fifteen(arrivals: list[tuple[str, float]]) -> None:
    """Whenever calls arrive, and however two operations mix, each keeps its distance."""
    time = FakeTime()
    pace = RateLimiter(time.clock, time.sleep)
    begun: dict[str, list[float]] = {"a": [], "b": []}
    for operation, pause in arrivals:
        time.now += pause
        arrived = time.now
        pace.acquire(operation)
        assert time.now - arrived <= GAP + ROUNDING
        begun[operation].append(time.now)

    for times in begun.values():
        assert all(later - earlier >= GAP - ROUNDING for earlier, later in itertools.pairwise(times))


def test_space_between_calls_is_a_second_at_most(time: FakeTime) -> None:
    """However often an operation is refused; and it is the usual one again after as many successes."""
    pace = RateLimiter(time.clock, time.sleep)
    for change in (*[pace.slow_down] * 6, *[pace.speed_up] * 6):
        pace.acquire("Op")
        change("Op")
    pace.acquire("Op")

    slower, faster = [2 / 15, 4 / 15, 8 / 15, 1, 1, 1], [1 / 2, 1 / 4, 1 / 8, 1 / 15, 1 / 15, 1 / 15]
    assert time.pauses == pytest.approx([*slower, *faster])


@pytest.mark.parametrize(("end", "let"), [(1 / 15 - ROUNDING, False), (1 / 15 + ROUNDING, True)])
def test_turn_after_the_end_is_not_waited_for(time: FakeTime, end: float, *, let: bool) -> None:
    """Who would be too late is told so at once, and takes nobody's turn."""
    pace = RateLimiter(time.clock, time.sleep)
    assert pace.acquire("Op", 1) is True

    assert pace.acquire("Op", end) is let
    assert pace.acquire("Op", 1) is True
    assert time.now == pytest.approx((1 + let) / 15)


def test_pace_of_one_operation_is_not_that_of_another(time: FakeTime) -> None:
    """Each has a quota of its own."""
    pace = RateLimiter(time.clock, time.sleep)
    pace.slow_down("Op")

    pace.acquire("Other")
    pace.acquire("Other")

    assert time.pauses == pytest.approx([1 / 15])
