"""Users whose creation was never answered: for whom post looks again, when, and for how long."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognito_action.retry import Limits, Retry
from cognito_action.users.late_users import LATEST_EFFECT, LateUser, late_users, watch
from cognito_action.users.records import Entry
from tests.support.examples import EMAIL, NAME, PHONE, SUB
from tests.support.fake_time import FakeTime

UUID = "99999999-8888-7777-6666-555555555555"
SECOND = "gha-123456789-9876543210-1-fedcba9876543210"

NOW = 1_800_000_000.0
"""When post has looked for the first time, in seconds since 1970."""

SENT = 1_800_000_000
"""When the last call without an answer was sent, unless a test says otherwise."""

LONG = Limits(1000)
"""Limits whose deadline plays no part."""


def late(entry: Entry, *, found: bool = False, time: FakeTime | None = None, now: float = NOW) -> LateUser | None:
    """Whom post has to look for again, if it has just looked for `entry`; the clock of `Retry` starts at zero."""
    time = time or FakeTime()
    users = list(late_users([entry], [] if found else [entry], time.now, now, time.retry(LONG)))
    assert len(users) <= 1
    return users[0] if users else None


# For whom


@pytest.mark.parametrize(
    "entry",
    [
        Entry(name=NAME),
        Entry(name=EMAIL),
        Entry(name=EMAIL, username=UUID, sub=UUID),
        Entry(name=NAME, username=NAME, sub=SUB),
        Entry(name=EMAIL, phone_number=PHONE),
        Entry(name=EMAIL, phone_number=PHONE, username=UUID, sub=UUID),
    ],
)
@pytest.mark.parametrize("found", [True, False])
def test_entry_whose_calls_were_all_answered_costs_no_wait(entry: Entry, *, found: bool) -> None:
    """No request is under way, so the first look tells everything, whether or not the creation succeeded."""
    assert late(entry, found=found) is None


@pytest.mark.parametrize(
    ("entry", "found", "expected"),
    [
        (Entry(name=EMAIL, unanswered=1), False, 1),
        (Entry(name=EMAIL, unanswered=1), True, None),
        (Entry(name=EMAIL, unanswered=2), True, 1),
        (Entry(name=EMAIL, unanswered=5), False, 5),
        (Entry(name=EMAIL, unanswered=5), True, 4),
        (Entry(name=EMAIL, unanswered=1, username=UUID, sub=UUID), True, 1),
        (Entry(name=EMAIL, unanswered=1, username=UUID, sub=UUID), False, 1),
        (Entry(name=NAME, unanswered=2, username=NAME, sub=SUB), True, 2),
        (Entry(name=EMAIL, phone_number=PHONE, unanswered=1), False, 1),
        (Entry(name=EMAIL, phone_number=PHONE, unanswered=1), True, None),
        (Entry(name=EMAIL, phone_number=PHONE, unanswered=1, username=UUID, sub=UUID), True, 1),
        (Entry(name=EMAIL, phone_number=PHONE, unanswered=0, taken=True), False, 1),
        (Entry(name=EMAIL, phone_number=PHONE, unanswered=1, taken=True), False, 1),
        (Entry(name=EMAIL, phone_number=PHONE, unanswered=3, taken=True), False, 1),
        (Entry(name=EMAIL, phone_number=PHONE, unanswered=1, taken=True), True, None),
        (Entry(name=EMAIL, phone_number=PHONE, unanswered=2, taken=True), True, 1),
    ],
)
def test_as_many_are_expected_as_calls_may_still_take_effect(
    entry: Entry, *, found: bool, expected: int | None
) -> None:
    """A user that was found came from one of the calls without an answer, unless another call was answered."""
    entry = replace(entry, last_unanswered=SENT)

    user = late(entry, found=found)

    assert (user and user.expected) == expected
    assert user is None or user.saved is entry


def test_number_without_an_address_is_not_looked_for() -> None:
    """Nothing tells its user from someone else's."""
    entry = Entry(name=NAME, phone_number=PHONE, username=UUID, sub=UUID, unanswered=1, last_unanswered=SENT)

    assert late(entry) is None
    assert late(entry, found=True) is None


@pytest.mark.parametrize(
    ("entry", "name"),
    [
        (Entry(name=EMAIL, username=UUID, sub=UUID, unanswered=1), EMAIL),
        (Entry(name=EMAIL, username=EMAIL, sub=UUID, unanswered=1), EMAIL),
        (Entry(name=NAME, username=NAME, sub=SUB, unanswered=1), NAME),
        (Entry(name=EMAIL, phone_number=PHONE, username=UUID, sub=UUID, unanswered=1), ""),
    ],
)
def test_late_user_has_the_name_that_was_offered(entry: Entry, name: str) -> None:
    """It will have an ID of its own, so the one that Cognito returned for a later call finds no one."""
    user = late(replace(entry, last_unanswered=SENT), found=True)

    assert user
    assert (user.entry.deletion_names, user.entry.username, user.entry.sub) == ((name,) if name else (), "", "")
    assert user.entry.needs_lookup is (name == "")


# Until when


@pytest.mark.parametrize(("ago", "until"), [(0, 20), (0.5, 19.5), (7, 13), (19.5, 0.5)])
def test_last_look_is_twenty_seconds_after_the_call(ago: float, until: float) -> None:
    """The time of the call is on the wall clock, that of the look on the clock of `Retry`."""
    user = late(Entry(name=EMAIL, unanswered=1, last_unanswered=SENT), time=FakeTime(now=5), now=NOW + ago)

    assert user
    assert user.until == 5 + until


@pytest.mark.parametrize("ahead", [1, 3600, 10**9])
def test_clock_that_was_set_back_costs_no_more_than_twenty_seconds(ahead: int) -> None:
    """A call that seems to come from the future was sent before post started."""
    user = late(Entry(name=EMAIL, unanswered=1, last_unanswered=SENT + ahead))

    assert user
    assert user.until == LATEST_EFFECT


@pytest.mark.parametrize("ago", [20, 20.5, 3600])
@pytest.mark.parametrize(
    ("entry", "again"),
    [
        (Entry(name=EMAIL, unanswered=3), False),
        (Entry(name=NAME, unanswered=3, username=NAME, sub=SUB), False),
        (Entry(name=EMAIL, unanswered=1, username=UUID, sub=UUID), True),
        (Entry(name=EMAIL, phone_number=PHONE, unanswered=3), False),
        (Entry(name=EMAIL, phone_number=PHONE, unanswered=1, username=UUID, sub=UUID), True),
    ],
)
def test_first_look_is_the_last_if_the_call_is_old(ago: float, entry: Entry, *, again: bool) -> None:
    """Only a user who was looked for under another name is looked for once more, without a pause."""
    user = late(replace(entry, last_unanswered=SENT), now=NOW + ago)

    assert bool(user) is again
    assert user is None or user.until <= 0


@pytest.mark.parametrize(("looked_at", "again"), [(0.0, True), (0.5, True), (1.0, False), (1.5, False)])
def test_look_counts_from_its_start(looked_at: float, *, again: bool) -> None:
    """A deletion that took long can have missed a user who came during that time."""
    time = FakeTime()
    retry = time.retry(LONG)
    time.now = 3.0
    entry = Entry(name=EMAIL, unanswered=1, last_unanswered=SENT)

    # Twenty seconds after the call, it was 1.0 on the clock of `Retry`.
    users = list(late_users([entry], [entry], looked_at, NOW + 22, retry))

    assert bool(users) is again


POST = Limits(30, attempt_seconds=10)
"""Attempts start until twenty seconds have passed."""


@pytest.mark.parametrize(("started", "until"), [(0.0, 19), (0.5, 19), (12.0, 19), (18.9, 19)])
@pytest.mark.parametrize("entry", [Entry(name=EMAIL, unanswered=1), Entry(name=EMAIL, phone_number=PHONE, taken=True)])
def test_last_look_can_start_before_the_deadline(started: float, until: float, entry: Entry) -> None:
    """A second is left for it: past the deadline it would be refused, and the failure would hide what is known."""
    time = FakeTime()
    retry = time.retry(POST)
    time.now = started
    entry = replace(entry, last_unanswered=SENT)

    [user] = late_users([entry], [entry], 0, NOW, retry)

    assert user.until == pytest.approx(until)


@pytest.mark.parametrize("looked_at", [19.0, 19.9, 25.0])
@pytest.mark.parametrize("entry", [Entry(name=EMAIL, unanswered=1), Entry(name=EMAIL, phone_number=PHONE, taken=True)])
def test_look_just_before_the_deadline_is_the_last(looked_at: float, entry: Entry) -> None:
    """There is no time for another."""
    time = FakeTime()
    retry = time.retry(POST)
    time.now = looked_at
    entry = replace(entry, last_unanswered=SENT)

    assert list(late_users([entry], [entry], looked_at, NOW, retry)) == []


@pytest.mark.parametrize("sent", [0, SENT - 3600, SENT])
def test_taken_number_is_looked_for_until_the_deadline(sent: int) -> None:
    """Its user exists, however long ago it was created: only the list is late."""
    entry = Entry(name=EMAIL, phone_number=PHONE, unanswered=1, last_unanswered=sent, taken=True)

    [user] = late_users([entry], [entry], 0, NOW, FakeTime().retry(POST))

    assert user.until == 19


def test_each_user_has_its_own_time() -> None:
    """Those who need no other look are left out."""
    entries = [
        Entry(name=EMAIL, unanswered=1, last_unanswered=SENT),
        Entry(name=NAME),
        Entry(name=SECOND, unanswered=2, last_unanswered=SENT - 15),
    ]

    users = late_users(entries, entries[:2], 0, NOW, FakeTime().retry(LONG))

    assert [(user.saved.name, user.expected, user.until) for user in users] == [(EMAIL, 1, 20), (SECOND, 1, 5)]


# The looks


@dataclass
class Arrivals:
    """Users who come to be at some times; a look deletes those who are there by then."""

    time: FakeTime
    times: Mapping[str, Sequence[float]]
    """When users come, by the name that was offered: each takes effect if no user of that name is there."""
    over: Collection[str] = ()
    """Names that are not to be looked for after a look."""
    seconds: float = 0
    """How long a look takes."""
    looks: list[tuple[float, list[str]]] = field(default_factory=list)
    deleted_at: float = -1

    def delete(self, entries: Sequence[Entry]) -> list[Entry]:
        self.looks.append((self.time.now, [entry.name for entry in entries]))
        came = {
            name
            for name, times in self.times.items()
            if any(self.deleted_at < moment <= self.time.now for moment in times)
        }
        self.deleted_at = self.time.now
        self.time.now += self.seconds
        return [entry for entry in entries if entry.name not in came]

    def is_over(self, entry: Entry) -> bool:
        return entry.name in self.over

    def watch(self, *users: LateUser) -> list[str]:
        """Look for these, and return the names of those who never came."""
        retry: Retry = self.time.retry(LONG)
        return [user.saved.name for user in watch(users, self.delete, self.is_over, retry)]

    @property
    def moments(self) -> list[float]:
        return [moment for moment, _ in self.looks]


def awaited(name: str = EMAIL, expected: int = 1, until: float = 20) -> LateUser:
    """A user to look for."""
    return LateUser(Entry(name=name, username=UUID), Entry(name=name), expected, until)


def test_no_one_to_look_for_costs_nothing(time: FakeTime) -> None:
    """There is no pause and no call."""
    pool = Arrivals(time, {})

    assert pool.watch() == []
    assert (pool.looks, time.pauses) == ([], [])


@pytest.mark.parametrize(
    ("comes", "looks"),
    [
        (0.0, [1]),
        (1.0, [1]),
        (1.5, [1, 3]),
        (2.0, [1, 3]),
        (5.0, [1, 3, 7]),
        (7.5, [1, 3, 7, 15]),
        (15.0, [1, 3, 7, 15]),
        (15.1, [1, 3, 7, 15, 20]),
        (20.0, [1, 3, 7, 15, 20]),
    ],
)
def test_user_who_comes_in_time_is_found(time: FakeTime, comes: float, looks: list[float]) -> None:
    """The pauses grow, and the search ends with the look that finds the user."""
    pool = Arrivals(time, {EMAIL: [comes]})

    assert pool.watch(awaited()) == []
    assert pool.moments == looks


@pytest.mark.parametrize("comes", [20.5, 21.0, 25.0])
def test_user_who_comes_too_late_is_missing(time: FakeTime, comes: float) -> None:
    """The last look is at the end, not before it; whoever comes later is named by a warning."""
    pool = Arrivals(time, {EMAIL: [comes]})

    assert pool.watch(awaited()) == [EMAIL]
    assert pool.moments == [1, 3, 7, 15, 20]


@pytest.mark.parametrize(
    ("until", "looks"), [(-5, [0]), (0, [0]), (0.5, [0.5]), (1, [1]), (4, [1, 3, 4]), (40, [1, 3, 7, 15, 31, 40])]
)
def test_last_look_is_at_the_end(time: FakeTime, until: float, looks: list[float]) -> None:
    """If that is over already, there is one look at once."""
    pool = Arrivals(time, {})

    assert pool.watch(awaited(until=until)) == [EMAIL]
    assert pool.moments == looks
    assert all(pause >= 0 for pause in time.pauses)


@pytest.mark.parametrize(
    ("times", "expected", "looks"),
    [
        ([1.0, 2.0], 2, [1, 3]),
        ([0.1, 6.0], 2, [1, 3, 7]),
        ([1.0, 2.0, 16.0], 3, [1, 3, 7, 15, 20]),
        ([1.0], 2, [1, 3, 7, 15, 20]),
        ([0.1, 0.2], 2, [1, 3, 7, 15, 20]),
    ],
)
def test_search_ends_when_as_many_came_as_were_expected(
    time: FakeTime, times: list[float], expected: int, looks: list[float]
) -> None:
    """A user who was deleted makes room for the next; one who was refused by the other never comes."""
    pool = Arrivals(time, {EMAIL: times})

    assert pool.watch(awaited(expected=expected)) == []
    assert pool.moments == looks


def test_each_is_looked_for_until_its_own_time(time: FakeTime) -> None:
    """All share the pauses."""
    pool = Arrivals(time, {EMAIL: [6.0], SECOND: [14.0]})

    assert pool.watch(awaited(NAME, until=2), awaited(EMAIL), awaited(SECOND, until=9)) == [NAME, SECOND]
    assert pool.looks == [
        (1, [NAME, EMAIL, SECOND]),
        (3, [NAME, EMAIL, SECOND]),
        (7, [EMAIL, SECOND]),
        (9, [SECOND]),
    ]


def test_search_that_is_over_ends_early(time: FakeTime) -> None:
    """The others are still looked for; whether that one counts as missing is up to the caller."""
    pool = Arrivals(time, {SECOND: [2.0]}, over=[EMAIL])

    assert pool.watch(awaited(), awaited(SECOND)) == [EMAIL]
    assert pool.looks == [(1, [EMAIL, SECOND]), (3, [SECOND])]


def test_slow_looks_are_no_reason_to_miss_the_last(time: FakeTime) -> None:
    """The end is a time on the clock, however long each look takes."""
    pool = Arrivals(time, {EMAIL: [18.0]}, seconds=3)

    assert pool.watch(awaited()) == []
    assert pool.moments == [1, 6, 13, 20]


def test_failure_of_a_look_is_raised(time: FakeTime) -> None:
    """What concerns all users ends the search."""

    def delete(_: Sequence[Entry]) -> list[Entry]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        watch([awaited()], delete, lambda _: False, time.retry(LONG))


@given(
    comes=st.floats(0, 25),
    until=st.floats(0, 20),
    seconds=st.sampled_from([0.0, 0.1, 2.5]),
)
def test_user_who_comes_before_the_end_is_always_found(comes: float, until: float, seconds: float) -> None:
    """Whenever that is and however long looks take, the last look starts at the end or later, and soon after it."""
    time = FakeTime()
    pool = Arrivals(time, {EMAIL: [comes]}, seconds=seconds)

    missing = pool.watch(awaited(until=until))

    assert bool(missing) is (comes > pool.moments[-1])
    assert missing == [] or until <= pool.moments[-1] < until + 1e-6 + seconds
    assert len(pool.moments) < 10


def test_search_that_is_stopped_ends_at_once(time: FakeTime) -> None:
    """No look can start any more, and no pause takes time: whoever went on would do so without a rest."""
    pool = Arrivals(time, {})
    retry = time.retry(LONG)

    def delete(entries: Sequence[Entry]) -> list[Entry]:
        retry.stop()
        return pool.delete(entries)

    [missing] = watch([awaited()], delete, pool.is_over, retry)

    assert missing.saved.name == EMAIL
    assert pool.moments == [1]
    assert [user.saved.name for user in watch([awaited()], delete, pool.is_over, retry)] == [EMAIL]
    assert pool.moments == [1]
