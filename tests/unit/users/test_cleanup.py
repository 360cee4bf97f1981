"""The cleanup against a pool on a simulated clock: users who come late, numbers that are taken, and who can't connect."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from cognito_action.aws.endpoints import Endpoints
from cognito_action.aws.iam import Role
from cognito_action.github.runner import Runner
from cognito_action.steps.post import LIMITS
from cognito_action.users.cleanup import Cleanup
from cognito_action.users.deletion import TITLE
from cognito_action.users.leftovers import TITLE_LATE
from cognito_action.users.records import Entry, Setup
from tests.support.examples import EMAIL, NAME, PHONE, POOL_ID, PREFIX, ROLE_ARN, RUN_ENVIRON, SUB
from tests.support.fake_time import FakeTime
from tests.support.recorder import Recorder
from tests.support.scripted_aws import DONE, ScriptedAws, cognito_answer, cognito_refusal
from tools.emulator.github import TokenService
from tools.emulator.http import Answer, Request, serving
from tools.emulator.job import Annotation

UUID = "99999999-8888-7777-6666-555555555555"
LATE_ID = "22222222-3333-4444-5555-666666666666"
SECOND = "gha-123456789-9876543210-1-fedcba9876543210"

FINGERPRINT = "8be7c771f5111405"
"""The fingerprint of the credentials that the fixture `ambient` puts into the environment."""

STARTED = 1_800_000_000
"""When the cleanup starts, in seconds since 1970."""

ABSENT = cognito_refusal("UserNotFoundException", "User does not exist.")
DENIED = cognito_refusal("AccessDeniedException", "not authorized")
POOL_GONE = cognito_refusal("ResourceNotFoundException", f"User pool {POOL_ID} does not exist.")
BROKEN = cognito_refusal("InternalErrorException", "", 500)

DELETE = f"aws cognito-idp admin-delete-user --region eu-central-1 --user-pool-id {POOL_ID} --username"
FIND = f"aws cognito-idp list-users --region eu-central-1 --user-pool-id {POOL_ID} --filter"
FIND_BY_EMAIL = f"{FIND} 'email ^= \"{PREFIX}\"'\n{DELETE} '<Username from the list>'"
FIND_BY_NAME = f"{FIND} 'username ^= \"{PREFIX}\"'\n{DELETE} '<Username from the list>'"
FIND_BY_NUMBER = f"{FIND} 'phone_number = \"<value of phone-number>\"'\n{DELETE} '<Username from the list>'"

NOWHERE = "http://127.0.0.1:9"
"""A URL at which no one answers."""


@dataclass(frozen=True)
class Creation:
    """A creating call that takes effect at some time."""

    at: float
    signs_in_as: str = EMAIL
    username: str = UUID
    email: str = EMAIL


@dataclass
class Pool:
    """A user pool: calls that are under way take effect as time passes."""

    time: FakeTime
    creations: list[Creation] = field(default_factory=list)
    lag: float = 0
    """Seconds after which a list shows a user."""
    fail: Callable[[str, float], Answer | None] = lambda *_: None
    """How a call of an operation fails at some time."""
    calls: list[tuple[str, float]] = field(default_factory=list)
    _users: list[Creation] = field(default_factory=list)

    @property
    def users(self) -> list[str]:
        """The usernames of all users; a call for one that is there is refused."""
        for creation in sorted(self.creations, key=lambda each: each.at):
            if creation.at <= self.time.now:
                self.creations.remove(creation)
                if creation.signs_in_as not in [user.signs_in_as for user in self._users]:
                    self._users.append(creation)
        return [user.username for user in self._users]

    @property
    def looks(self) -> list[float]:
        """When someone was looked for."""
        return [moment for operation, moment in self.calls if operation in ("ListUsers", "AdminDeleteUser")]

    def respond(self, request: Request) -> Answer:
        operation = request.headers["X-Amz-Target"].rpartition(".")[2]
        self.calls.append((operation, self.time.now))
        if failure := self.fail(operation, self.time.now):
            return failure
        content = json.loads(request.body)
        return self._list(content["Filter"]) if operation == "ListUsers" else self._delete(content["Username"])

    def _delete(self, name: str) -> Answer:
        known = len(self.users)
        self._users = [user for user in self._users if name not in (user.username, user.signs_in_as)]
        return ABSENT if len(self._users) == known else DONE

    def _list(self, condition: str) -> Answer:
        assert self.users is not None
        listed = [
            user
            for user in self._users
            if condition == f'phone_number = "{user.signs_in_as}"' and user.at + self.lag <= self.time.now
        ]
        return cognito_answer(
            {
                "Users": [
                    {"Username": user.username, "Attributes": [{"Name": "email", "Value": user.email}]}
                    for user in listed
                ]
            }
        )


@dataclass
class Job:
    """A cleanup in an environment, with the pool that main worked with."""

    recorder: Recorder
    time: FakeTime
    pool: Pool
    setup: Setup
    environ: dict[str, str] = field(default_factory=dict)

    def clean(self, *entries: Entry, elapsed: float = 0, **setup: Any) -> int:
        """Clean up after some of the time has elapsed, and return the exit status."""
        retry = self.time.retry(LIMITS)
        self.time.now += elapsed
        cleanup = Cleanup(
            replace(self.setup, **setup),
            {**RUN_ENVIRON, **self.environ},
            self.recorder.runner,
            retry,
            lambda: STARTED + self.time.clock(),
        )
        return cleanup.run(entries)

    @property
    def annotations(self) -> list[Annotation]:
        return self.recorder.stage.annotations

    @property
    def late(self) -> str:
        """The text of the only annotation, which is about a creation without an answer."""
        [annotation] = self.annotations
        assert (annotation.level, annotation.title) == ("warning", f"Cognito test user: {TITLE_LATE}")
        return annotation.message.replace(f" --endpoint-url {self.setup.endpoints.cognito_idp}", "")

    @property
    def left(self) -> str:
        """The text of the only annotation, which is about users who were left behind."""
        [annotation] = self.annotations
        assert (annotation.level, annotation.title) == ("warning", f"Cognito test user: {TITLE}")
        return annotation.message.replace(f" --endpoint-url {self.setup.endpoints.cognito_idp}", "")

    @property
    def log(self) -> list[str]:
        """The log without annotations."""
        return [line for line in self.recorder.stage.log if line.startswith(("User ", "Deleted "))]


@pytest.fixture
def job(recorder: Recorder, time: FakeTime, ambient: None) -> Iterator[Job]:  # noqa: ARG001 - the fixture sets up the environment
    pool = Pool(time)
    with serving(pool.respond) as url:
        endpoints = Endpoints(url, url, fips=False, dual_stack=False)
        yield Job(recorder, time, pool, Setup(POOL_ID, "eu-central-1", None, FINGERPRINT, endpoints, "", "warning"))


def lost(entry: Entry, calls: int = 1, ago: int = 2) -> Entry:
    """The same entry with creating calls that had no answer, the last of them so many seconds before the cleanup."""
    return replace(entry, unanswered=calls, last_unanswered=STARTED - ago)


# A creation that is under way


@pytest.mark.parametrize(
    ("entry", "creation"),
    [
        (Entry(name=EMAIL), Creation(0, EMAIL, LATE_ID)),
        (Entry(name=NAME), Creation(0, NAME, NAME, "")),
        (Entry(name=EMAIL, phone_number=PHONE), Creation(0, PHONE, LATE_ID, EMAIL)),
    ],
    ids=["email", "name", "number"],
)
@pytest.mark.parametrize("comes", [0.0, 0.5, 1, 3, 5, 10, 15, 17.9])
def test_creation_that_takes_effect_after_main_was_killed(
    job: Job, entry: Entry, creation: Creation, comes: float
) -> None:
    """A slow trigger holds it up: the user is deleted whenever it comes within twenty seconds after the call."""
    job.pool.creations = [replace(creation, at=comes)]

    assert job.clean(lost(entry)) == 0

    assert (job.pool.users, job.pool.creations) == ([], [])
    assert job.log == [f"Deleted user {PREFIX}…."]
    assert job.annotations == []


@pytest.mark.parametrize(
    ("entry", "commands"),
    [
        (Entry(name=EMAIL), FIND_BY_EMAIL),
        (Entry(name=NAME), FIND_BY_NAME),
        (Entry(name=EMAIL, phone_number=PHONE), FIND_BY_EMAIL),
    ],
    ids=["email", "name", "number"],
)
@pytest.mark.parametrize("failure", ["warning", "error"])
def test_creation_that_never_takes_effect_is_a_warning(job: Job, entry: Entry, commands: str, failure: str) -> None:
    """It names what may still come, and the sweep; the step does not fail, since no one is left."""
    assert job.clean(lost(entry), cleanup_failure=failure) == 0

    assert job.pool.looks == [0, 1, 3, 7, 15, 18]
    assert job.log == [f"User {PREFIX}… is not there."]
    assert job.late.startswith(f"1 user may still come to be in {POOL_ID}: the creation was not answered, ")
    assert "sweep" in job.late
    assert job.late.endswith(commands)
    assert commands in job.recorder.stage.summary.replace(f" --endpoint-url {job.setup.endpoints.cognito_idp}", "")


@pytest.mark.parametrize("comes", [18.5, 19, 25])
def test_creation_that_takes_effect_too_late_is_a_warning(job: Job, comes: float) -> None:
    """The user stays, and the warning has the commands that find it."""
    job.pool.creations = [Creation(comes)]

    assert job.clean(lost(Entry(name=EMAIL))) == 0

    assert job.late.endswith(FIND_BY_EMAIL)
    job.time.now = comes
    assert job.pool.users == [UUID]


@pytest.mark.parametrize("ago", [20, 21, 300, 3600])
def test_old_creation_costs_no_wait(job: Job, ago: int) -> None:
    """Post looks once, and warns: an answer that never came proves nothing."""
    assert job.clean(lost(Entry(name=EMAIL), ago=ago)) == 0

    assert (job.pool.looks, job.time.pauses) == ([0], [])
    assert job.late.startswith("1 user may still come to be")


@pytest.mark.parametrize(
    "entry",
    [
        Entry(name=EMAIL),
        Entry(name=NAME),
        Entry(name=EMAIL, phone_number=PHONE),
        Entry(name=EMAIL, username=UUID, sub=UUID),
    ],
)
def test_answered_creation_costs_no_wait(job: Job, entry: Entry) -> None:
    """A refused one that stays in the state is such: the user is there at once, or never."""
    assert job.clean(entry) == 0

    assert (job.pool.looks, job.time.pauses, job.annotations) == ([0], [], [])
    assert job.log == [f"User {entry.sub or f'{PREFIX}…'} is not there."]


def test_users_who_may_come_share_a_warning(job: Job) -> None:
    """Each command is printed once, and users whose creation was answered are not in it."""
    entries = [
        lost(Entry(name=EMAIL)),
        lost(Entry(name=f"{SECOND}@example.com")),
        lost(Entry(name=SECOND)),
        Entry(name=NAME),
    ]
    job.time.share = 0

    assert job.clean(*entries) == 0

    assert job.late.startswith(f"3 users may still come to be in {POOL_ID}: ")
    assert job.late.endswith(f"{FIND_BY_EMAIL}\n{FIND_BY_NAME}")
    assert len(job.log) == 4


# Several calls


@pytest.mark.parametrize("calls", [1, 2, 3])
def test_search_ends_once_every_call_has_taken_effect(job: Job, calls: int) -> None:
    """Each call created a user, after the one before was deleted."""
    job.pool.creations = [Creation(moment, username=f"{LATE_ID[:-1]}{moment}") for moment in (0, 2, 5)[:calls]]

    assert job.clean(lost(Entry(name=EMAIL), calls)) == 0

    assert job.pool.looks == [0, 1, 3, 7][: {1: 1, 2: 3, 3: 4}[calls]]
    assert (job.pool.users, job.pool.creations) == ([], [])
    assert job.log == [f"Deleted user {PREFIX}…."] * calls
    assert job.annotations == []


def test_call_that_never_takes_effect_is_waited_for(job: Job) -> None:
    """Of two calls one created the user; the other can do it again as soon as that one is deleted."""
    job.pool.creations = [Creation(0)]

    assert job.clean(lost(Entry(name=EMAIL), 2)) == 0

    assert job.pool.looks == [0, 1, 3, 7, 15, 18]
    assert job.log == [f"Deleted user {PREFIX}…."]
    assert job.annotations == []


@pytest.mark.parametrize("comes", [0.5, 6, 17.5])
@pytest.mark.parametrize(
    ("entry", "signs_in_as"),
    [
        (Entry(name=EMAIL, username=UUID, sub=UUID), EMAIL),
        (Entry(name=NAME, username=NAME, sub=SUB), NAME),
        (Entry(name=EMAIL, phone_number=PHONE, username=UUID, sub=UUID), PHONE),
    ],
    ids=["email", "name", "number"],
)
def test_lost_call_can_create_the_user_again(job: Job, entry: Entry, signs_in_as: str, comes: float) -> None:
    """A later try was answered, and post deletes its user: that makes room for the lost one, which has another ID."""
    again = NAME if signs_in_as == NAME else LATE_ID
    job.pool.creations = [Creation(0, signs_in_as, entry.username), Creation(comes, signs_in_as, again)]

    assert job.clean(lost(entry)) == 0

    assert (job.pool.users, job.pool.creations) == ([], [])
    assert job.log == [f"Deleted user {entry.sub}.", f"Deleted user {PREFIX}…."]
    assert job.annotations == []


def test_user_of_a_lost_call_has_another_id_than_the_answered_one(job: Job) -> None:
    """The test deleted the user itself, so the lost call took effect long ago: post looks by the address as well."""
    job.pool.creations = [Creation(0, EMAIL, LATE_ID)]

    assert job.clean(lost(Entry(name=EMAIL, username=UUID, sub=UUID), ago=3600)) == 0

    assert (job.pool.users, job.pool.looks) == ([], [0, pytest.approx(1 / 15)])
    assert job.log == [f"Deleted user {PREFIX}…."]
    assert job.annotations == []


def test_command_finds_the_user_who_may_come_and_not_the_one_who_was_there(job: Job) -> None:
    """A user who comes late has another `sub` than the one that Cognito returned, and that one is gone."""
    assert job.clean(lost(Entry(name=EMAIL, username=UUID, sub=UUID))) == 0

    assert job.log == [f"User {UUID} is not there."]
    assert job.late.endswith(FIND_BY_EMAIL)
    assert UUID not in job.late


# Failures while looking


def failing_from(moment: float, answer: Answer) -> Callable[[str, float], Answer | None]:
    """A pool that fails from some time on."""
    return lambda _, now: answer if now >= moment else None


@pytest.mark.parametrize("calls", [1, 3])
@pytest.mark.parametrize("fails_at", [1, 7, 18])
def test_failure_of_a_later_look_leaves_the_user_behind(job: Job, calls: int, fails_at: float) -> None:
    """No one knows whether the user is there: it is named once, with the cause, and is not looked for again."""
    job.pool.fail = failing_from(fails_at, DENIED)

    assert job.clean(lost(Entry(name=EMAIL), calls)) == 0

    assert job.pool.looks[-1] == fails_at
    assert job.left.startswith(f"1 user may still exist in {POOL_ID}. AdminDeleteUser failed with AccessDenied")
    assert FIND_BY_EMAIL in job.left
    assert job.log == []


def test_failure_of_a_later_look_fails_the_step_if_that_is_asked_for(job: Job) -> None:
    """As any failure to delete does."""
    job.pool.fail = failing_from(3, DENIED)

    assert job.clean(lost(Entry(name=EMAIL)), cleanup_failure="error") == 1
    assert [annotation.level for annotation in job.annotations] == ["error"]


def test_failure_of_the_first_look_costs_no_wait(job: Job) -> None:
    """A user who can't be deleted now can't be deleted later either."""
    job.pool.fail = failing_from(0, DENIED)

    assert job.clean(lost(Entry(name=EMAIL), 3)) == 0

    assert (job.pool.looks, job.time.pauses) == ([0], [])
    assert job.left.startswith("1 user may still exist")


def test_failure_after_the_user_was_deleted_names_the_one_who_may_come(job: Job) -> None:
    """The command does not have the `sub` of the user who is gone."""
    job.pool.creations = [Creation(0)]
    job.pool.fail = failing_from(1, DENIED)

    assert job.clean(lost(Entry(name=EMAIL, username=UUID, sub=UUID))) == 0

    assert job.log == [f"Deleted user {UUID}."]
    assert FIND_BY_EMAIL in job.left
    assert UUID not in job.left


@pytest.mark.parametrize("gone_at", [0, 1, 15])
def test_pool_that_vanishes_while_post_looks_is_a_notice(job: Job, gone_at: float) -> None:
    """No user can come to be in it."""
    job.pool.fail = failing_from(gone_at, POOL_GONE)

    assert job.clean(lost(Entry(name=EMAIL)), lost(Entry(name=SECOND)), cleanup_failure="error") == 0

    [annotation] = job.annotations
    assert (annotation.level, annotation.message) == (
        "notice",
        f"The user pool {POOL_ID} no longer exists, nor do its users.",
    )


@pytest.mark.parametrize("elapsed", [5, 12, 18.5])
def test_search_ends_before_the_deadline(job: Job, elapsed: float) -> None:
    """Whatever used up the time: the last look is early enough to be made, and the warning says what it found."""
    assert job.clean(lost(Entry(name=EMAIL), ago=0), elapsed=elapsed) == 0

    assert job.pool.looks[-1] == 19
    assert job.late.startswith("1 user may still come to be")


def test_first_look_just_before_the_deadline_is_the_last(job: Job) -> None:
    """There is no time for another."""
    assert job.clean(lost(Entry(name=EMAIL), ago=0), elapsed=19.5) == 0

    assert job.pool.looks == [19.5]
    assert job.late.startswith("1 user may still come to be")


def test_deadline_that_ends_a_later_look_leaves_the_user_behind(job: Job) -> None:
    """The service fails until there is no time: that is a failure, not a user who is not there."""
    job.pool.fail = failing_from(1, BROKEN)

    assert job.clean(lost(Entry(name=EMAIL))) == 0

    assert job.time.now < 20
    assert job.left.startswith(f"1 user may still exist in {POOL_ID}. AdminDeleteUser failed with InternalError")


class TimeOnABusyMachine(FakeTime):
    """A clock whose pauses all take longer than they should."""

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds + 2)


def test_look_that_comes_too_late_is_no_failure(job: Job) -> None:
    """No one was there at the look before, and the deadline ends this one before it begins."""
    job.time = job.pool.time = TimeOnABusyMachine()

    assert job.clean(lost(Entry(name=EMAIL), ago=0)) == 0

    assert job.time.now > 20
    assert job.late.startswith("1 user may still come to be")


class TimeThatStops(FakeTime):
    """A clock whose second pause fails."""

    def sleep(self, seconds: float) -> None:
        if self.pauses:
            raise RuntimeError("what no one foresaw")
        super().sleep(seconds)


def test_bug_while_looking_still_names_every_user(job: Job) -> None:
    """Whatever goes wrong, someone has to know."""
    job.time = job.pool.time = TimeThatStops()

    assert job.clean(lost(Entry(name=EMAIL))) == 0

    assert job.left.startswith(f"1 user may still exist in {POOL_ID}. Unexpected RuntimeError in sleep ")
    assert FIND_BY_EMAIL in job.left


# Phone numbers

PHONE_USER = Entry(name=EMAIL, phone_number=PHONE)


def taken(calls: int = 1, ago: int = 60) -> Entry:
    """An entry whose number Cognito calls taken, after calls that had no answer."""
    return replace(lost(PHONE_USER, calls, ago), taken=True)


@pytest.mark.parametrize("lag", [0, 0.5, 2, 10, 18.9])
@pytest.mark.parametrize("calls", [0, 1])
def test_taken_number_is_found_as_soon_as_it_is_listed(job: Job, lag: float, calls: int) -> None:
    """An empty list is no proof, since Cognito said that the user is there."""
    job.pool.creations = [Creation(0, PHONE, LATE_ID)]
    job.pool.lag = lag

    assert job.clean(taken(calls)) == 0

    assert job.pool.users == []
    assert job.log == [f"Deleted user {PREFIX}…."]
    assert job.annotations == []


@pytest.mark.parametrize("calls", [0, 1, 3])
def test_taken_number_that_is_never_listed_is_left_behind(job: Job, calls: int) -> None:
    """Post looks until its deadline, and then says what Cognito says."""
    job.pool.creations = [Creation(0, PHONE, LATE_ID)]
    job.pool.lag = 60

    assert job.clean(taken(calls)) == 0

    assert job.pool.looks == [0, 1, 3, 7, 15, 19]
    assert job.left.startswith(
        f"1 user may still exist in {POOL_ID}. Cognito says that this phone number is taken, and lists no user "
    )
    assert FIND_BY_EMAIL in job.left
    assert job.pool.users == [LATE_ID]


def test_taken_number_can_fail_the_step(job: Job) -> None:
    """A user is left, so `cleanup-failure` decides."""
    assert job.clean(taken(), cleanup_failure="error") == 1
    assert [annotation.level for annotation in job.annotations] == ["error"]


@pytest.mark.parametrize("elapsed", [19.0, 19.9])
def test_taken_number_without_time_for_another_look_is_left_behind(job: Job, elapsed: float) -> None:
    """The reason is that the list is late, not that there was no time."""
    assert job.clean(taken(), elapsed=elapsed) == 0

    assert job.pool.looks == [elapsed]
    assert "lists no user who has it" in job.left


@pytest.mark.parametrize("entry", [taken(), taken(3), lost(PHONE_USER), lost(PHONE_USER, 3), PHONE_USER])
def test_number_of_someone_else_ends_the_search(job: Job, entry: Entry) -> None:
    """That user was there before, so none of ours can be: no one is deleted, nothing is waited for or said."""
    job.pool.creations = [Creation(-60, PHONE, LATE_ID, "ada@example.com")]

    assert job.clean(entry, cleanup_failure="error") == 0

    assert (job.pool.users, job.pool.looks, job.time.pauses) == ([LATE_ID], [0], [])
    assert job.log == [f"User {PREFIX}… is not there."]
    assert job.annotations == []


@pytest.mark.parametrize("entry", [taken(), lost(PHONE_USER)])
def test_number_of_someone_else_that_is_listed_late_ends_the_search(job: Job, entry: Entry) -> None:
    """The list says so only at the third look."""
    job.pool.creations = [Creation(0, PHONE, LATE_ID, "ada@example.com")]
    job.pool.lag = 2

    assert job.clean(entry) == 0

    assert (job.pool.users, job.pool.looks) == ([LATE_ID], [0, 1, 3])
    assert job.annotations == []


def test_number_of_someone_else_does_not_end_the_search_for_others(job: Job) -> None:
    """They are still looked for."""
    job.pool.creations = [Creation(-60, PHONE, LATE_ID, "ada@example.com"), Creation(5, SECOND, SECOND, "")]

    assert job.clean(lost(PHONE_USER), lost(Entry(name=SECOND))) == 0

    assert job.pool.users == [LATE_ID]
    assert [operation for operation, _ in job.pool.calls].count("ListUsers") == 1
    assert sorted(job.log) == [f"Deleted user {PREFIX}….", f"User {PREFIX}… is not there."]
    assert job.annotations == []


def test_lookup_that_is_refused_later_leaves_the_user_behind(job: Job) -> None:
    """An answer that never came is no proof."""
    job.pool.fail = lambda operation, now: DENIED if operation == "ListUsers" and now >= 3 else None

    assert job.clean(taken()) == 0

    assert job.pool.looks == [0, 1, 3]
    assert "ListUsers failed with AccessDeniedException" in job.left


def test_user_without_an_address_is_named_with_the_others(job: Job) -> None:
    """Who can't be looked for and who may come are two annotations."""
    assert job.clean(lost(Entry(name=NAME, phone_number=PHONE)), lost(Entry(name=SECOND))) == 0

    [late, left] = job.annotations
    assert late.title == f"Cognito test user: {TITLE_LATE}"
    assert late.message.startswith("1 user may still come to be")
    assert left.message.startswith(f"1 user may still exist in {POOL_ID}. It is not known whether a user with this")
    assert FIND_BY_NUMBER in left.message.replace(f" --endpoint-url {job.setup.endpoints.cognito_idp}", "")


# Users whom nobody created

SIMULATED = f"success+{NAME}@simulator.amazonses.com"
EXPECTED = Entry(name=SIMULATED, expected=True)
FIND_EXPECTED = (
    f"{FIND} 'email ^= \"success+{PREFIX}\"'\n{DELETE} '<Username from the list>'\n"
    f"{FIND} 'username ^= \"{PREFIX}\"'\n{DELETE} '<Username from the list>'"
)


@pytest.mark.parametrize(
    "creations",
    [
        [Creation(-60, NAME, NAME, SIMULATED)],
        [Creation(-60, SIMULATED, UUID, SIMULATED)],
        [Creation(-60, SIMULATED, SIMULATED, SIMULATED)],
        [Creation(-60, NAME, NAME, SIMULATED), Creation(-50, SIMULATED, UUID, SIMULATED)],
    ],
    ids=["name", "address", "address as a name", "both"],
)
def test_user_is_deleted_by_whatever_the_form_took(job: Job, creations: list[Creation]) -> None:
    """Both texts are tried, even if the first has found someone: a test can fill in the form twice."""
    job.pool.creations = creations

    assert job.clean(EXPECTED) == 0

    assert (job.pool.users, [operation for operation, _ in job.pool.calls]) == ([], ["AdminDeleteUser"] * 2)
    assert job.log == [f"Deleted user success+{PREFIX}…."]
    assert (job.annotations, job.time.now < 1) == ([], True)


def test_user_who_never_signed_up_is_no_failure(job: Job) -> None:
    """The test was skipped, or deleted its user itself: two looks, no wait, and nothing to warn of."""
    assert job.clean(EXPECTED, Entry(name=SECOND, expected=True), cleanup_failure="error") == 0

    assert len(job.pool.calls) == 3
    assert job.log == [f"User success+{PREFIX}… is not there.", f"User {PREFIX}… is not there."]
    assert (job.annotations, job.time.now < 1) == ([], True)


def test_person_is_left_alone_who_has_the_number_that_the_form_was_to_take(job: Job) -> None:
    """The address next to the number is not the one that was made for the test."""
    job.pool.creations = [Creation(-60, PHONE, LATE_ID, "ada@example.com")]

    assert job.clean(replace(EXPECTED, phone_number=PHONE), cleanup_failure="error") == 0

    assert job.pool.users == [LATE_ID]
    assert [operation for operation, _ in job.pool.calls] == ["AdminDeleteUser", "AdminDeleteUser", "ListUsers"]
    assert job.annotations == []


def test_user_who_signed_up_by_number_is_found_by_its_address(job: Job) -> None:
    """As one that the action created by number."""
    job.pool.creations = [Creation(-60, PHONE, LATE_ID, SIMULATED)]

    assert job.clean(replace(EXPECTED, phone_number=PHONE)) == 0

    assert job.pool.users == []
    assert job.log == [f"Deleted user success+{PREFIX}…."]


def test_number_is_not_looked_up_once_the_user_was_found(job: Job) -> None:
    """That needs a permission, which a pool of another kind does not have to give."""
    job.pool.creations = [Creation(-60, NAME, NAME, SIMULATED)]
    job.pool.fail = lambda operation, _: DENIED if operation == "ListUsers" else None

    assert job.clean(replace(EXPECTED, phone_number=PHONE)) == 0

    assert (job.pool.users, job.annotations) == ([], [])


@pytest.mark.parametrize(
    ("entry", "commands"),
    [(EXPECTED, FIND_EXPECTED), (Entry(name=NAME, expected=True), FIND_BY_NAME)],
    ids=["address", "name"],
)
def test_user_who_can_not_be_deleted_is_named_by_both_ways_to_find_it(job: Job, entry: Entry, commands: str) -> None:
    """The commands to paste search for the address and for the name, and show neither."""
    job.pool.fail = failing_from(0, DENIED)

    assert job.clean(entry, cleanup_failure="warning") == 0

    assert job.left.startswith(f"1 user may still exist in {POOL_ID}. AdminDeleteUser failed with AccessDenied")
    assert commands in job.left
    assert NAME not in job.left


@pytest.mark.parametrize("signed_up", [True, False])
def test_failure_at_the_second_name_leaves_the_user_behind(job: Job, *, signed_up: bool) -> None:
    """The first look says nothing of whoever signed up by the other name."""
    job.pool.creations = [Creation(-60, SIMULATED, UUID, SIMULATED)] if signed_up else []
    job.pool.fail = lambda *_: DENIED if len(job.pool.calls) == 2 else None

    assert job.clean(EXPECTED) == 0

    assert job.left.startswith("1 user may still exist")
    assert job.log == []


# Endpoints


@pytest.fixture
def elsewhere(aws: ScriptedAws) -> ScriptedAws:
    """What the environment names now: it knows no pool."""
    aws.on("AdminDeleteUser", *[POOL_GONE] * 9)
    return aws


@pytest.mark.parametrize(
    "settings",
    [
        {"AWS_ENDPOINT_URL": "{}"},
        {"AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": "{}"},
        {"AWS_ENDPOINT_URL": NOWHERE, "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": "{}"},
        {"AWS_ENDPOINT_URL": "", "AWS_USE_FIPS_ENDPOINT": "true", "AWS_USE_DUALSTACK_ENDPOINT": "true"},
        {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"},
        {"AWS_ENDPOINT_URL": "not a URL"},
    ],
)
def test_endpoints_are_those_of_main(
    job: Job, elsewhere: ScriptedAws, settings: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A later step of the job can set others, which know nothing of this pool: that is no pool that is gone."""
    for name, value in settings.items():
        monkeypatch.setenv(name, value.format(elsewhere.url))
    job.pool.creations = [Creation(0, NAME, NAME, "")]

    assert job.clean(Entry(name=NAME, username=NAME, sub=SUB)) == 0

    assert (job.pool.users, elsewhere.calls) == ([], [])
    assert job.log == [f"Deleted user {SUB}."]
    assert job.annotations == []


def test_endpoint_of_a_profile_is_not_used(
    job: Job, elsewhere: ScriptedAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same with a file that a later step wrote."""
    config = tmp_path / "config"
    config.write_text(
        f"[default]\nendpoint_url = {elsewhere.url}\nservices = mine\nuse_fips_endpoint = true\n"
        f"[services mine]\ncognito_identity_provider =\n  endpoint_url = {elsewhere.url}\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    job.pool.creations = [Creation(0, NAME, NAME, "")]

    assert job.clean(Entry(name=NAME, username=NAME, sub=SUB)) == 0

    assert (job.pool.users, elsewhere.calls) == ([], [])


def test_pool_is_gone_if_the_endpoint_of_main_says_so(job: Job, aws: ScriptedAws) -> None:
    """What the environment names now is not asked."""
    job.pool.fail = failing_from(0, POOL_GONE)

    assert job.clean(Entry(name=NAME), cleanup_failure="error") == 0

    assert [annotation.level for annotation in job.annotations] == ["notice"]
    assert aws.calls == []


def test_role_is_assumed_where_main_did(job: Job, aws: ScriptedAws, github: TokenService) -> None:
    """STS and Cognito have endpoints of their own."""
    job.environ = github.environ
    aws.on("AdminDeleteUser", POOL_GONE)
    job.pool.creations = [Creation(0, NAME, NAME, "")]
    endpoints = replace(job.setup.endpoints, sts=aws.url)

    assert job.clean(Entry(name=NAME), role=Role(ROLE_ARN, "session", "a"), credentials="", endpoints=endpoints) == 0

    assert job.pool.users == []
    assert aws.operations == ["AssumeRoleWithWebIdentity"]


# Proxies

CHANGED = "A later step of the job has changed the proxies, and this connection failed."


@pytest.mark.parametrize(
    ("before", "environ", "now"),
    [
        ("", {"http_proxy": NOWHERE}, f"http_proxy={NOWHERE}"),
        ("", {"HTTP_PROXY": "http://user:geheim@127.0.0.1:9"}, f"http_proxy={NOWHERE}"),
        ("http_proxy=http://proxy.example:3128", {"http_proxy": NOWHERE}, f"http_proxy={NOWHERE}"),
        ("", {"http_proxy": "http://a b"}, "http_proxy=(not the URL of a proxy)"),
    ],
)
def test_proxy_that_was_changed_is_suspected(job: Job, before: str, environ: dict[str, str], now: str) -> None:
    """The connection failed: the annotation shows what main had and what there is now, without passwords."""
    job.environ = environ

    assert job.clean(Entry(name=NAME, username=NAME, sub=SUB), proxies=before) == 0

    assert CHANGED in job.left
    assert f"when the users were created: {before or 'no proxy'}\nnow: {now}" in job.left
    assert f"{DELETE} {SUB}" in job.left
    assert "geheim" not in job.recorder.stage.stdout + job.recorder.stage.summary


def test_proxy_that_is_gone_is_suspected(job: Job) -> None:
    """A later step has cleared it."""
    endpoints = replace(job.setup.endpoints, cognito_idp=NOWHERE)

    assert job.clean(Entry(name=NAME), endpoints=endpoints, proxies="http_proxy=http://proxy.example:3128") == 0

    assert CHANGED in job.left
    assert "when the users were created: http_proxy=http://proxy.example:3128\nnow: no proxy" in job.left


@pytest.mark.parametrize("service", ["github", "sts"])
def test_proxy_is_suspected_if_the_role_can_not_be_assumed(job: Job, github: TokenService, service: str) -> None:
    """That is the first connection of the step, and the one that fails then."""
    job.environ = {**github.environ, "http_proxy": NOWHERE, "no_proxy": "127.0.0.1" if service == "sts" else ""}
    endpoints = replace(job.setup.endpoints, sts="http://sts.example")

    assert job.clean(Entry(name=NAME), role=Role(ROLE_ARN, "session", "a"), credentials="", endpoints=endpoints) == 0

    assert CHANGED in job.left


def test_proxy_that_did_not_change_is_not_suspected(job: Job) -> None:
    """Then the connection failed for another reason."""
    job.environ = {"http_proxy": NOWHERE}

    assert job.clean(Entry(name=NAME), proxies=f"http_proxy={NOWHERE}") == 0

    assert "AdminDeleteUser failed with NetworkError" in job.left
    assert CHANGED not in job.left


def test_proxy_is_not_suspected_if_the_service_answered(job: Job) -> None:
    """A refusal by Cognito came through the proxy, or around it."""
    job.environ = {"https_proxy": NOWHERE}
    job.pool.fail = failing_from(0, DENIED)

    assert job.clean(Entry(name=NAME)) == 0

    assert "AdminDeleteUser failed with AccessDeniedException" in job.left
    assert CHANGED not in job.left


def test_other_proxy_that_works_is_not_mentioned(job: Job) -> None:
    """Post connects through what there is now."""
    job.environ = {"http_proxy": job.setup.endpoints.cognito_idp}
    job.pool.creations = [Creation(0, NAME, NAME, "")]
    endpoints = replace(job.setup.endpoints, cognito_idp="http://cognito.example")

    assert job.clean(Entry(name=NAME), endpoints=endpoints, proxies="http_proxy=http://proxy.example:3128") == 0

    assert job.annotations == []
    assert job.pool.users == []


@pytest.mark.usefixtures("aws")
def test_missing_credentials_are_no_matter_of_proxies(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    """No connection was made."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "")
    job.environ = {"http_proxy": NOWHERE}

    assert job.clean(Entry(name=NAME)) == 0

    assert "There are no AWS credentials." in job.left
    assert CHANGED not in job.left


def test_refusal_of_one_name_does_not_keep_the_other_from_being_tried(job: Job) -> None:
    """Whoever has the second name is deleted; the first may still be someone's, and that is said."""
    job.pool.creations = [Creation(-60, NAME, NAME, SIMULATED)]
    job.pool.fail = lambda *_: DENIED if len(job.pool.calls) == 1 else None

    assert job.clean(EXPECTED) == 0

    assert job.pool.users == []
    assert job.left.startswith("1 user may still exist")


# Users who signed up

SIGNED_UP = Entry(name=SIMULATED, sub=UUID)


@pytest.mark.parametrize(
    ("creation", "calls"),
    [(Creation(-60, "moved@example.org", UUID), 1), (Creation(-60, SIMULATED, SIMULATED), 2)],
    ids=["by the sub", "by the address"],
)
def test_user_who_signed_up_by_address_is_deleted_whatever_the_pool_calls_it(
    job: Job, creation: Creation, calls: int
) -> None:
    """The `sub` outlives a change of the address; should the pool not know the user by it, the address is the name."""
    job.pool.creations = [creation]

    assert job.clean(SIGNED_UP) == 0

    assert (job.pool.users, len(job.pool.calls)) == ([], calls)
    assert job.log == [f"Deleted user {UUID}."]


def test_lost_deletion_of_a_user_who_signed_up_counts(job: Job) -> None:
    """The user was there, and is not after an answer was lost."""
    job.pool.fail = lambda *_: None if len(job.pool.calls) > 1 else BROKEN

    assert job.clean(SIGNED_UP) == 0

    assert job.log[-1] == f"Deleted user {UUID}."


def test_failure_half_way_is_told_once_for_each_user(job: Job) -> None:
    """Who was refused before keeps that reason."""

    class Broken(Runner):
        def log(self, text: str) -> None:
            if "is not there" in text:
                raise ZeroDivisionError

    files = {name: str(path) for name, path in job.recorder.paths.items()}
    job.recorder.runner = Broken(files, job.recorder.stdout)
    answers = iter([DENIED, ABSENT])
    job.pool.fail = lambda *_: next(answers)

    job.clean(Entry(name=NAME, sub=SUB, username=NAME), Entry(name=SECOND))

    text = "\n".join(annotation.message for annotation in job.annotations)
    assert text.count("AccessDeniedException") == 1
    assert text.count("Unexpected ZeroDivisionError") == 1
