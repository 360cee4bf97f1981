"""The rate limit: fifteen calls of an operation per second, whoever makes them."""

import itertools
import time as system
from concurrent.futures import ThreadPoolExecutor
from threading import Event, local

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognito_action.rate_limiter import CALLS_PER_SECOND, RateLimiter
from tests.support.fake_time import FakeTime

GAP = 1 / 15
ROUNDING = 1e-6


class Clock:
    """A clock for threads: those that sleep at the same time wake at the same time. It remembers what each saw last."""

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


def test_rate_is_fifteen_per_second() -> None:
    """This is the number that the documentation promises."""
    assert CALLS_PER_SECOND == 15


def test_rate_can_be_set(time: FakeTime) -> None:
    """Five per second, as in a sweep, are a fifth of a second apart."""
    limiter = RateLimiter(time.clock, time.sleep, per_second=5)

    for _ in range(4):
        limiter.acquire("AdminDeleteUser")

    assert time.pauses == pytest.approx([0.2, 0.2, 0.2])


@pytest.mark.parametrize(
    "operations",
    [
        ("AdminCreateUser", "AdminConfirmSignUp", "SignUp"),
        ("AdminAddUserToGroup", "AdminUpdateUserAttributes", "AdminDeleteUser"),
    ],
)
def test_operations_that_share_a_quota_share_its_rate(time: FakeTime, operations: tuple[str, ...]) -> None:
    """Cognito counts them together, and so a call of one delays the others."""
    limiter = RateLimiter(time.clock, time.sleep)

    for operation in operations:
        limiter.acquire(operation)
    limiter.slow_down(operations[0])
    limiter.acquire(operations[1])

    assert time.pauses == pytest.approx([GAP, GAP, 2 * GAP])


def test_first_call_of_an_operation_does_not_wait(time: FakeTime) -> None:
    """A step that makes each call once is not slowed down."""
    limiter = RateLimiter(time.clock, time.sleep)

    for operation in ("AssumeRoleWithWebIdentity", "AdminCreateUser", "AdminSetUserPassword"):
        limiter.acquire(operation)

    assert time.pauses == []


def test_calls_of_one_operation_are_a_fifteenth_of_a_second_apart(time: FakeTime) -> None:
    """Each waits for the rest of the interval after the one before it, and no longer."""
    limiter = RateLimiter(time.clock, time.sleep)
    starts = []
    for pause in (0, 0, 0.05, 0.06, 0.2):
        time.now += pause
        limiter.acquire("AdminCreateUser")
        starts.append(round(time.now, 4))

    assert starts == [0, 0.0667, 0.1333, 0.2, 0.4]


def test_threads_share_the_rate_limit() -> None:
    """Sixteen threads that make fifty calls start them no closer together than one thread would."""
    clock = Clock()
    limiter = RateLimiter(clock.clock, clock.sleep)

    def make_call(_: int) -> float:
        limiter.acquire("AdminCreateUser")
        return clock.last

    with ThreadPoolExecutor(16) as threads:
        starts = sorted(threads.map(make_call, range(50)))

    gaps = [later - earlier for earlier, later in itertools.pairwise(starts)]
    assert min(gaps) >= GAP - ROUNDING
    assert abs(starts[-1] - 49 * GAP) < ROUNDING
    assert max(sum(start <= other < start + 1 - ROUNDING for other in starts) for start in starts) == 15


def test_default_clock_is_the_systems() -> None:
    """Without a clock argument, real time passes."""
    limiter = RateLimiter()
    started = system.monotonic()

    for _ in range(4):
        limiter.acquire("AdminCreateUser")

    assert 3 * GAP - 0.001 <= system.monotonic() - started < 5


def test_operations_do_not_wait_for_each_other() -> None:
    """While one waits for its turn, another starts."""
    waiting, going_on = Event(), Event()

    def sleep(_: float) -> None:
        waiting.set()
        assert going_on.wait(30)

    limiter = RateLimiter(lambda: 0.0, sleep)
    limiter.acquire("AdminCreateUser")
    with ThreadPoolExecutor(1) as threads:
        second = threads.submit(limiter.acquire, "AdminCreateUser")
        assert waiting.wait(30)
        limiter.acquire("AdminSetUserPassword")
        going_on.set()
        second.result(30)


@given(arrivals=st.lists(st.tuples(st.sampled_from("ab"), st.floats(0, 0.2)), max_size=60))
def test_no_second_has_more_than_fifteen_calls(arrivals: list[tuple[str, float]]) -> None:
    """Whenever calls arrive, and however two operations mix, the calls of each keep their interval."""
    time = FakeTime()
    limiter = RateLimiter(time.clock, time.sleep)
    starts: dict[str, list[float]] = {"a": [], "b": []}
    for operation, pause in arrivals:
        time.now += pause
        arrived = time.now
        limiter.acquire(operation)
        assert time.now - arrived <= GAP + ROUNDING
        starts[operation].append(time.now)

    for times in starts.values():
        assert all(later - earlier >= GAP - ROUNDING for earlier, later in itertools.pairwise(times))


def test_interval_is_at_most_a_second(time: FakeTime) -> None:
    """This holds however often an operation is throttled; after as many successes the usual interval is back."""
    limiter = RateLimiter(time.clock, time.sleep)
    for change in (*[limiter.slow_down] * 6, *[limiter.speed_up] * 6):
        limiter.acquire("Op")
        change("Op")
    limiter.acquire("Op")

    slower, faster = [2 / 15, 4 / 15, 8 / 15, 1, 1, 1], [1 / 2, 1 / 4, 1 / 8, 1 / 15, 1 / 15, 1 / 15]
    assert time.pauses == pytest.approx([*slower, *faster])


@pytest.mark.parametrize(("deadline", "allowed"), [(1 / 15 - ROUNDING, False), (1 / 15 + ROUNDING, True)])
def test_turn_after_the_deadline_is_not_waited_for(time: FakeTime, deadline: float, *, allowed: bool) -> None:
    """A call that would be too late is refused at once, and takes no turn."""
    limiter = RateLimiter(time.clock, time.sleep)
    assert limiter.acquire("Op", 1) is True

    assert limiter.acquire("Op", deadline) is allowed
    assert limiter.acquire("Op", 1) is True
    assert time.now == pytest.approx((1 + allowed) / 15)


def test_rate_of_one_operation_does_not_affect_another(time: FakeTime) -> None:
    """Each has its own quota."""
    limiter = RateLimiter(time.clock, time.sleep)
    limiter.slow_down("Op")

    limiter.acquire("Other")
    limiter.acquire("Other")

    assert time.pauses == pytest.approx([1 / 15])
