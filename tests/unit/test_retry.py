"""Retries of what can change, within one deadline, with full jitter."""

import math
from collections.abc import Callable
from contextlib import suppress
from itertools import cycle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognito_action.errors import CallError
from cognito_action.retry import Limits, Retry
from tests.support.fake_time import FakeTime, at_once

ROUNDING = 1e-9


def retryable(code: str = "Broken", *, outcome_unknown: bool = False) -> CallError:
    return CallError("Op", code, "later", retryable=True, outcome_unknown=outcome_unknown)


def final(code: str = "AccessDenied") -> CallError:
    return CallError("Op", code, "never")


def playing(*outcomes: CallError | str) -> Callable[[], str]:
    """An attempt that raises or returns these, one after the other."""
    script = iter(outcomes)

    def attempt() -> str:
        outcome = next(script)
        if isinstance(outcome, CallError):
            raise outcome
        return outcome

    return attempt


def test_success_is_returned_at_once(time: FakeTime) -> None:
    """A call that works is made once, without a pause or a report."""
    assert time.retry()("Op", playing("result")) == "result"
    assert (time.pauses, time.reports) == ([], [])


def test_transient_failures_are_retried(time: FakeTime) -> None:
    """The result of the first attempt that works counts, and each failure before it is reported with its pause."""
    assert time.retry()("Op", playing(retryable("A"), retryable("B"), "result")) == "result"
    assert time.reports == [
        "Op failed with A: later - trying again in 0.2 s",
        "Op failed with B: later - trying again in 0.5 s",
    ]
    assert time.pauses == [0.25, 0.5]


def test_final_failure_ends_at_once(time: FakeTime) -> None:
    """A failure that can't change is neither retried nor reported: the caller gets it."""
    failure = final()

    with pytest.raises(CallError) as caught:
        time.retry()("Op", playing(failure, "result"))

    assert caught.value is failure
    assert (time.pauses, time.reports) == ([], [])


def test_final_failure_ends_a_series_of_transient_ones(time: FakeTime) -> None:
    """The last failure is the one that is raised."""
    with pytest.raises(CallError, match="AccessDenied"):
        time.retry()("Op", playing(retryable(), retryable(), final(), "result"))

    assert len(time.pauses) == 2


def test_pause_is_drawn_from_a_bound_that_doubles_up_to_eight_seconds(time: FakeTime) -> None:
    """With full jitter, each pause is anywhere between zero and the bound."""
    time.retry(1000)("Op", playing(*[retryable() for _ in range(8)], "result"))

    assert time.bounds == [(0, 0.25), (0, 0.5), (0, 1), (0, 2), (0, 4), (0, 8), (0, 8), (0, 8)]
    assert time.pauses == [0.25, 0.5, 1, 2, 4, 8, 8, 8]


def test_pause_is_longer_if_the_quota_is_used_up(time: FakeTime) -> None:
    """Most calls that are throttled came at the same moment, and would collide again in a quarter of a second."""
    time.retry(1000)("Op", playing(*[retryable("TooManyRequestsException") for _ in range(4)], "result"))

    assert time.bounds == [(0, 4), (0, 8), (0, 8), (0, 8)]


def test_pause_depends_on_the_failure_of_each_attempt(time: FakeTime) -> None:
    """A broken connection is retried soon, a used-up quota is not, whatever came first."""
    failures = [retryable(), retryable("Throttling"), retryable(), retryable("Throttling")]

    time.retry(1000)("Op", playing(*failures, "result"))

    assert time.bounds == [(0, 0.25), (0, 4), (0, 8), (0, 8)]


def test_pause_is_what_was_drawn() -> None:
    """The pause is the random part, not the bound."""
    time = FakeTime(share=0.5)

    time.retry()("Op", playing(retryable(), retryable(), "result"))

    assert time.pauses == [0.125, 0.25]


def test_time_for_one_call_is_shorter_than_the_deadline(time: FakeTime) -> None:
    """A call that fails forever leaves time for the others, and each has the same limit."""
    retry = time.retry(Limits(1000, seconds_per_call=20))
    failures = [retryable() for _ in range(100)]

    for _ in range(2):
        started = time.now
        with pytest.raises(CallError):
            retry("Op", playing(*failures))
        assert 10 < time.now - started < 20

    assert retry("Op", playing("result")) == "result"


def test_limits_of_a_step_are_its_deadline_unless_it_sets_more() -> None:
    """The defaults are twenty seconds per attempt, fifteen calls per second, and retries up to the deadline."""
    assert Limits(60) == Limits(seconds=60, attempt_seconds=20, calls_per_second=15, seconds_per_call=math.inf)


def test_bound_starts_over_with_each_call(time: FakeTime) -> None:
    """The failures of one call do not slow down the next one."""
    retry = time.retry()

    retry("Op", playing(retryable(), retryable(), "result"))
    retry("Another", playing(retryable(), "result"))

    assert time.pauses == [0.25, 0.5, 0.25]


@pytest.mark.parametrize(
    ("seconds", "attempts"), [(0.25, 1), (0.26, 2), (0.75, 2), (0.76, 3), (7.75, 5), (7.76, 6), (10, 6)]
)
def test_no_attempt_is_retried_at_the_deadline_or_after(seconds: float, attempts: int) -> None:
    """A pause that would end at the deadline is not slept; the failure is raised instead."""
    time = FakeTime()
    failures = [retryable(str(number)) for number in range(20)]

    with pytest.raises(CallError) as caught:
        time.retry(seconds)("Op", playing(*failures))

    assert caught.value is failures[attempts - 1]
    assert len(time.pauses) == len(time.reports) == attempts - 1
    assert time.now < seconds


def test_deadline_is_one_for_all_calls(time: FakeTime) -> None:
    """The clock runs from the creation of the object, not from each call."""
    retry = time.retry(10)
    time.now = 9.9

    with pytest.raises(CallError, match="Broken"):
        retry("Op", playing(retryable(), "result"))

    assert time.pauses == []


@pytest.mark.parametrize("now", [40, 40.1, 1000])
def test_call_is_not_made_past_the_deadline(time: FakeTime, now: float) -> None:
    """A separate failure says that the time was up, and that nothing was lost."""
    retry = time.retry(40)
    time.now = now

    with pytest.raises(CallError) as caught:
        retry("AdminCreateUser", playing())

    failure = caught.value
    assert (failure.operation, failure.code, failure.retryable, failure.outcome_unknown) == (
        "AdminCreateUser",
        "DeadlineExceeded",
        False,
        False,
    )
    assert failure.message == "less than 20 s, the time of one call, was left of the 60 s for all of them"


@given(
    seconds=st.floats(0.001, 60),
    share=st.floats(0, 1),
    durations=st.lists(st.floats(0.1, 20), min_size=1, max_size=5),
)
def test_no_attempt_starts_past_the_deadline(seconds: float, share: float, durations: list[float]) -> None:
    """However long attempts last and whatever is drawn, none starts late."""
    time = FakeTime(share=share)
    duration = cycle(durations)
    starts = []

    def attempt() -> None:
        starts.append(time.now)
        time.now += next(duration)
        raise retryable()

    with pytest.raises(CallError):
        time.retry(seconds)("Op", attempt)

    assert starts
    assert all(start < seconds + ROUNDING for start in starts)


@pytest.mark.parametrize(
    ("outcomes", "lost"),
    [
        ([final()], False),
        ([retryable(), final()], False),
        ([retryable(outcome_unknown=True), final()], True),
        ([retryable(outcome_unknown=True), retryable(), final()], True),
        ([retryable(), retryable(outcome_unknown=True), final()], True),
    ],
)
def test_unknown_outcome_of_one_attempt_is_carried_over(
    time: FakeTime, outcomes: list[CallError], *, lost: bool
) -> None:
    """Once an answer is lost, the call may have taken effect, whatever the last attempt returned."""
    with pytest.raises(CallError) as caught:
        time.retry()("Op", playing(*outcomes))

    assert caught.value.outcome_unknown is lost


def test_unknown_outcome_is_not_carried_to_the_next_call(time: FakeTime) -> None:
    """Each call has its own outcome."""
    retry = time.retry()
    retry("Op", playing(retryable(outcome_unknown=True), "result"))

    with pytest.raises(CallError) as caught:
        retry("Op", playing(final()))

    assert caught.value.outcome_unknown is False


def test_other_exceptions_pass(time: FakeTime) -> None:
    """A bug of the action is not retried."""

    def attempt() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        time.retry()("Op", attempt)

    assert (time.pauses, time.reports) == ([], [])


# An attempt that does not end


def test_attempt_has_twenty_seconds(time: FakeTime) -> None:
    """That is the default of the limits, and they can set less."""
    given = []

    def within(seconds: float, attempt: Callable[[], str]) -> str:
        given.append(seconds)
        return attempt()

    for limits in (Limits(60), Limits(30, attempt_seconds=10)):
        Retry(limits, time.reports.append, time.clock, time.sleep, time.uniform, within)("Op", playing("result"))

    assert given == [20, 10]


def test_attempt_without_an_end_is_lost(time: FakeTime) -> None:
    """Whatever it did may have taken effect; the call is retried, as after every broken connection."""

    def within(_: float, attempt: Callable[[], str]) -> str:
        time.now += 20
        attempt()
        raise TimeoutError

    retry = Retry(Limits(60), time.reports.append, time.clock, time.sleep, time.uniform, within)

    with pytest.raises(CallError) as caught:
        retry("AdminCreateUser", playing(*["late"] * 5))

    failure = caught.value
    assert (failure.code, failure.message, failure.outcome_unknown) == ("NoAnswer", "no answer within 20 s", True)
    assert time.reports == ["AdminCreateUser failed with NoAnswer: no answer within 20 s - trying again in 0.2 s"]
    assert 40 <= time.now < 60


# Before each attempt


def test_caller_is_told_before_each_attempt_what_the_last_one_met(time: FakeTime) -> None:
    """What it saves then is true if the step is killed during the attempt."""
    first, second = retryable(), retryable(outcome_unknown=True)
    events: list[CallError | str | None] = []
    attempt = playing(first, second, "result")

    def recorded() -> str:
        events.append("attempt")
        return attempt()

    time.retry()("Op", recorded, events.append)

    assert events == [None, "attempt", first, "attempt", second, "attempt"]


def test_caller_is_told_after_the_pause(time: FakeTime) -> None:
    """The moment it notes is that of the attempt, not that of the failure before."""
    moments: list[float] = []

    time.retry()("Op", playing(retryable(), retryable(), "result"), lambda _: moments.append(time.now))

    assert moments == [0, 0.25, 0.75]


@pytest.mark.parametrize("outcomes", [[final()], [retryable(), final()], ["result"]])
def test_caller_is_not_told_of_an_attempt_that_is_not_made(time: FakeTime, outcomes: list[CallError | str]) -> None:
    """The last failure is raised, not announced."""
    told: list[CallError | None] = []

    with suppress(CallError):
        time.retry()("Op", playing(*outcomes), told.append)

    assert told == [None, *outcomes][: len(outcomes)]


@pytest.mark.parametrize("share", [0, 1])
def test_caller_is_not_told_past_the_deadline(share: float) -> None:
    """Neither before the first attempt nor after a failure: its note would be of a call that no one makes."""
    time = FakeTime(share=share)
    told: list[CallError | None] = []
    retry = time.retry(0.05)
    for _ in range(3):
        with pytest.raises(CallError):
            retry("Op", playing(retryable()), told.append)

    time.now = 1
    with pytest.raises(CallError, match="DeadlineExceeded"):
        retry("Op", playing(), told.append)

    assert told == [None]


def test_caller_can_end_the_call(time: FakeTime) -> None:
    """What it raises is passed on, and the attempt is not made."""

    def refuse(last: CallError | None) -> None:
        if last:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        time.retry()("Op", playing(retryable(), "never"), refuse)


@pytest.mark.parametrize("seconds", [5, 20])
def test_attempt_that_timed_out_had_no_answer(time: FakeTime, seconds: float) -> None:
    """Unlike one that was refused, it may still take effect; the last one says so if it is raised."""

    def within(_: float, attempt: Callable[[], str]) -> str:
        time.now += seconds
        attempt()
        raise TimeoutError

    told: list[CallError | None] = []
    limits = Limits(2.5 * seconds, attempt_seconds=seconds)
    retry = Retry(limits, time.reports.append, time.clock, time.sleep, time.uniform, within)

    with pytest.raises(CallError) as caught:
        retry("Op", playing("late", "late"), told.append)

    assert [error and error.unanswered for error in told] == [None, True]
    assert caught.value.unanswered is True


def test_only_the_last_attempt_counts_as_unanswered(time: FakeTime) -> None:
    """The outcome of the call is unknown, but its last attempt was answered."""
    lost = CallError("Op", "NetworkError", "lost", retryable=True, outcome_unknown=True, unanswered=True)

    with pytest.raises(CallError) as caught:
        time.retry()("Op", playing(lost, final()))

    assert (caught.value.outcome_unknown, caught.value.unanswered) == (True, False)


# Once


@pytest.mark.parametrize(("elapsed", "seconds"), [(0, 10), (20, 10), (25, 5), (29.5, 0.5), (30, 0), (99, 0)])
def test_what_is_done_once_ends_with_the_step(time: FakeTime, elapsed: float, seconds: float) -> None:
    """It has the time of an attempt, or what is left of the step's."""
    given: list[float] = []

    def run_with_timeout(seconds: float, work: Callable[[], Any]) -> Any:
        given.append(seconds)
        return work()

    limits = Limits(30, attempt_seconds=10)
    retry = Retry(limits, time.reports.append, time.clock, time.sleep, time.uniform, run_with_timeout)
    time.now += elapsed

    assert retry.once("Op", lambda: "done") == "done"
    assert given == [seconds]


def test_what_is_done_once_has_no_rate_limit(time: FakeTime) -> None:
    """It calls no service whose quota others need."""
    retry = time.retry()

    for _ in range(50):
        retry.once("Op", lambda: None)

    assert time.now == 0


def test_what_is_done_once_and_takes_too_long(time: FakeTime) -> None:
    """The time that it had is named, and it is not repeated."""

    def never(_: float, __: Callable[[], Any]) -> Any:
        raise TimeoutError

    retry = Retry(Limits(30), time.reports.append, time.clock, time.sleep, time.uniform, never)

    with pytest.raises(CallError, match="no answer within 20 s"):
        retry.once("Op", lambda: None)
    assert time.reports == []


# What others say


def test_what_others_say_is_redacted(time: FakeTime) -> None:
    """In what is retried, in what is raised, and in what the caller is told."""
    told: list[str] = []
    retry = Retry(
        Limits(30),
        time.reports.append,
        time.clock,
        time.sleep,
        time.uniform,
        at_once,
        lambda text: text.replace("secret", "***"),
    )
    first = CallError("Op", "Broken", "the secret", retryable=True)

    with pytest.raises(CallError) as caught:
        retry("Op", playing(first, CallError("Op", "code-secret", "secret")), lambda last: told.append(str(last)))

    assert time.reports == ["Op failed with Broken: the *** - trying again in 0.2 s"]
    assert told == ["None", "Op: Broken: the ***"]
    assert caught.value.what == "Op failed with code-***: ***"


# The rate limit of a step


def test_calls_of_one_operation_keep_the_rate_limit(time: FakeTime) -> None:
    """It is fifteen per second, including retries; another operation does not wait."""
    retry = time.retry()

    retry("Op", playing("result"))
    retry("Op", playing("result"))
    retry("Another", playing("result"))

    assert time.pauses == [pytest.approx(1 / 15)]


def test_retries_keep_the_rate_limit_too() -> None:
    """If the drawn pause is close to zero, the rate limit is what is left to wait for."""
    time = FakeTime(share=0)

    time.retry()("Op", playing(retryable(), retryable(), "result"))

    assert time.pauses == [0, pytest.approx(1 / 15)] * 2


def test_rate_slows_down_if_the_quota_is_used_up() -> None:
    """The step uses less of what all share: the interval doubles with each refusal, and halves with each success."""
    time = FakeTime(share=0)
    retry = time.retry()

    retry("Op", playing(retryable("Throttling"), retryable("Throttling"), "result"))
    retry("Op", playing("result"))
    retry("Op", playing("result"))

    gap = 1 / 15
    assert time.pauses == [
        0,
        pytest.approx(2 * gap),
        0,
        pytest.approx(4 * gap),
        pytest.approx(2 * gap),
        pytest.approx(gap),
    ]


def test_turn_that_comes_too_late_is_not_taken(time: FakeTime) -> None:
    """A call whose turn is after the deadline fails with its previous failure, or with one that says time was up."""
    retry = time.retry(0.05)
    retry("Op", playing("result"))

    with pytest.raises(CallError, match="DeadlineExceeded"):
        retry("Op", playing())


def test_lost_attempt_stays_lost_if_the_next_turn_comes_too_late() -> None:
    """The failure that is raised is the last one, with its unknown outcome."""
    time = FakeTime(share=0)
    retry = time.retry(0.05)

    with pytest.raises(CallError, match="Broken") as caught:
        retry("Op", playing(retryable(outcome_unknown=True), "never"))

    assert caught.value.outcome_unknown is True


def test_no_call_waits_for_a_turn_past_the_deadline(time: FakeTime) -> None:
    """Fifty calls that are too late fail at once."""
    retry = time.retry(10)
    time.now = 10

    for _ in range(50):
        with pytest.raises(CallError, match="DeadlineExceeded"):
            retry("Op", playing())

    assert time.pauses == []


def test_step_can_sleep_on_the_same_clock(time: FakeTime) -> None:
    """Whatever else a step waits for counts against its deadline."""
    retry = time.retry(10)

    retry.sleep(10)

    with pytest.raises(CallError, match="DeadlineExceeded"):
        retry("Op", playing())


def test_time_that_is_left_is_that_for_starting_attempts(time: FakeTime) -> None:
    """The last attempt has its full time after that; past the deadline it is below zero."""
    retry = time.retry(Limits(30, attempt_seconds=10))

    assert retry.seconds_left == 20
    retry.sleep(15)
    assert retry.seconds_left == 5
    retry.extend_for(3)
    assert retry.seconds_left == 6
    retry.sleep(10)
    assert retry.seconds_left == -4
    retry.wait(0)
    assert retry.seconds_left == 10


# A deadline that moves


@pytest.mark.parametrize(("users", "seconds"), [(0, 10), (1, 10), (2, 10.5), (50, 34.5)])
def test_deadline_is_later_for_more_users(users: int, seconds: float) -> None:
    """It is half a second for each user after the first; a single user changes nothing."""
    for moment, in_time in ((seconds - 0.1, True), (seconds, False)):
        time = FakeTime()
        retry = time.retry(10)
        retry.extend_for(users)
        time.now = moment
        if in_time:
            assert retry("Op", playing("result")) == "result"
        else:
            with pytest.raises(
                CallError,
                match=f"less than 20 s, the time of one call, was left of the {seconds + 20:.0f} s for all of them",
            ):
                retry("Op", playing())


@pytest.mark.parametrize(("waited", "end"), [(5, 100), (90, 100), (91, 101), (120, 130)])
def test_wait_leaves_time_for_what_comes_after(waited: float, end: float) -> None:
    """It leaves at least ten seconds; a wait that the deadline allows for does not move it."""
    for moment, in_time in ((end - 0.1, True), (end, False)):
        time = FakeTime()
        retry = time.retry(100)
        retry.wait(waited)
        assert (time.now, time.pauses) == (waited, [waited])
        time.now = moment
        if in_time:
            assert retry("Op", playing("result")) == "result"
        else:
            with pytest.raises(CallError, match="DeadlineExceeded"):
                retry("Op", playing())


# A stop


def test_no_attempt_starts_after_a_stop(time: FakeTime) -> None:
    """Nothing brings it back: neither more users, nor a wait."""
    retry = time.retry(100)

    retry.stop()
    retry.extend_for(1000)
    retry.wait(5)

    assert retry.seconds_left == -math.inf
    with pytest.raises(CallError, match="Stopped"):
        retry("Op", playing())


def test_attempt_in_flight_is_the_last(time: FakeTime) -> None:
    """What it returns counts; what it meets is raised."""
    retry = time.retry(100)

    def attempt(outcome: CallError | str) -> Callable[[], str]:
        def stopped() -> str:
            retry.stop()
            return playing(outcome)()

        return stopped

    assert retry("Op", attempt("result")) == "result"

    retry = time.retry(100)
    with pytest.raises(CallError, match="Broken"):
        retry("Op", attempt(retryable()))
    assert time.reports == []


def test_stop_during_a_pause_raises_what_was_met(time: FakeTime) -> None:
    """The outcome of a lost attempt stays unknown."""

    def sleep(seconds: float) -> None:
        time.sleep(seconds)
        retry.stop()

    retry = Retry(Limits(100), time.reports.append, time.clock, sleep, time.uniform, at_once)

    with pytest.raises(CallError, match="Broken") as caught:
        retry("Op", playing(retryable(outcome_unknown=True)))

    assert caught.value.outcome_unknown


def test_stop_while_a_turn_is_waited_for_starts_no_attempt(time: FakeTime) -> None:
    """The rate limit may hold a call back for a while."""

    def sleep(seconds: float) -> None:
        time.sleep(seconds)
        retry.stop()

    retry = Retry(Limits(100), time.reports.append, time.clock, sleep, time.uniform, at_once)
    assert retry("Op", playing("result")) == "result"

    with pytest.raises(CallError, match="Stopped"):
        retry("Op", playing())
