"""Sweep: page by page, oldest first, at a limited rate, and what it says about how far it got."""

import time as system
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from cognito_action.aws.iam import SESSION_SECONDS
from cognito_action.github.runner import Runner
from cognito_action.retry import Retry
from cognito_action.steps.sweep import LIMITS, sweep
from tests.support.companions import Companion
from tests.support.examples import EMAIL, NAME, POOL_ID, PREFIX, SUB
from tests.support.fake_time import FakeTime
from tests.support.recorder import Recorder
from tests.support.scripted_aws import DONE, ScriptedAws, cognito_answer, cognito_refusal
from tools.emulator.github import TokenService
from tools.emulator.http import Answer

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
DAY = 86_400

BY_NAME = 'username ^= "gha-123456789-"'
BY_EMAIL = 'email ^= "gha-123456789-"'
BY_SIMULATED_NAME = 'username ^= "success+gha-123456789-"'
BY_SIMULATED_EMAIL = 'email ^= "success+gha-123456789-"'

ABSENT = cognito_refusal("UserNotFoundException", "User does not exist.")
DENIED = cognito_refusal("AccessDeniedException", "User: x is not authorized to perform: cognito-idp:AdminDeleteUser")
THROTTLED = cognito_refusal("TooManyRequestsException", "Rate exceeded")


def name(number: int) -> str:
    return f"{PREFIX}{number:016x}"


def user(username: str, age: float | None, **attributes: str) -> Mapping[str, Any]:
    """A user as `ListUsers` shows it, `age` seconds old."""
    listed = {"sub": SUB, **attributes}
    dates = {} if age is None else {"UserCreateDate": NOW.timestamp() - age}
    return {
        "Username": username,
        "Attributes": [{"Name": attribute, "Value": value} for attribute, value in listed.items()],
        **dates,
    }


def page(*users: Mapping[str, Any], token: str = "") -> Answer:
    return cognito_answer({"Users": users, **({"PaginationToken": token} if token else {})})


def crowd(count: int) -> list[Mapping[str, Any]]:
    """`count` of our users: the later in the list, the older."""
    return [user(name(number), 2 * DAY + number) for number in range(count)]


def oldest(count: int) -> list[str]:
    """The names of a crowd, oldest first."""
    return [name(number) for number in reversed(range(count))]


def at_noon(environ: Mapping[str, str], runner: Runner, retry: Retry) -> int:
    return sweep(environ, runner, retry, lambda: NOW)


@pytest.fixture
def step(recorder: Recorder, aws: ScriptedAws, github: TokenService, time: FakeTime) -> Companion:
    return Companion(at_noon, LIMITS, recorder, aws, github, time)


def deleted(step: Companion) -> Sequence[str]:
    return [parameters["Username"] for parameters in step.parameters("AdminDeleteUser")]


# What the sweep looks for


def test_all_pages_are_read_even_after_an_empty_one(step: Companion) -> None:
    """A page says whether there are more, however many users it contains itself."""
    users = crowd(5)
    step.aws.on("ListUsers", page(*users[:2], token="one"), page(token="two"), page(*users[2:]))

    assert step.run() == 0
    assert step.parameters("ListUsers") == [
        {"UserPoolId": POOL_ID, "Filter": BY_NAME, "Limit": 60, **token}
        for token in ({}, {"PaginationToken": "one"}, {"PaginationToken": "two"})
    ] + [{"UserPoolId": POOL_ID, "Filter": BY_SIMULATED_NAME, "Limit": 60}]
    assert step.recorder.stage.outputs == {"found": "5", "deleted": "5"}


def test_addresses_are_checked_if_no_name_is_ours(step: Companion) -> None:
    """The pool's names are UUIDs; the user is deleted by the name that Cognito assigned."""
    step.aws.on("ListUsers", page(), page(), page(user(SUB, 2 * DAY, email=EMAIL)))

    assert step.run() == 0
    filters = [parameters["Filter"] for parameters in step.parameters("ListUsers")]
    assert filters == [BY_NAME, BY_SIMULATED_NAME, BY_EMAIL, BY_SIMULATED_EMAIL]
    assert deleted(step) == [SUB]


def test_addresses_of_the_mailbox_simulator_are_found_as_well(step: Companion) -> None:
    """Users who signed up have them, as names or as addresses, and need not be verified."""
    simulated = f"success+{NAME}@simulator.amazonses.com"
    step.aws.on("ListUsers", page(), page(user(simulated, 2 * DAY)))
    assert step.run() == 0

    step.aws.on("ListUsers", page(), page(), page(), page(user(SUB, 2 * DAY, email=simulated, email_verified="false")))
    assert step.run() == 0

    assert deleted(step) == [simulated, SUB]


def test_addresses_are_checked_if_only_strangers_have_such_names(step: Companion) -> None:
    """A name that starts like ours is not necessarily ours."""
    step.aws.on("ListUsers", page(user(f"{PREFIX}bot", 9 * DAY)), page(), page(user(SUB, 2 * DAY, email=EMAIL)))

    assert step.run() == 0
    assert deleted(step) == [SUB]


def test_addresses_are_not_checked_if_names_are_ours(step: Companion) -> None:
    """Even if all of them are young: the pool's names are not UUIDs, and there is nothing else to find."""
    step.aws.on("ListUsers", page(user(name(1), 60)))

    assert step.run() == 0
    assert step.aws.operations == ["AssumeRoleWithWebIdentity", "ListUsers", "ListUsers"]
    assert step.recorder.stage.outputs == {"found": "0", "deleted": "0"}


def test_strangers_in_the_list_are_left_alone(step: Companion) -> None:
    """What the filter lets through is checked here."""
    alice = user("alice", 99 * DAY, email=EMAIL)
    step.aws.on("ListUsers", page(alice, *crowd(2), user(f"{name(7)}-old", 9 * DAY), user("", 9 * DAY)))

    assert step.run() == 0
    assert deleted(step) == oldest(2)


# How old


@pytest.mark.parametrize(("older_than", "limit"), [("90s", 90), ("30m", 1800), ("6h", 21_600), ("2d", 2 * DAY)])
def test_age_is_counted_from_the_creation(step: Companion, older_than: str, limit: int) -> None:
    """One second more is old, and one second less is not."""
    step.aws.on("ListUsers", page(user(name(1), limit - 1), user(name(2), limit + 1)))

    assert step.run(older_than=older_than) == 0
    assert deleted(step) == [name(2)]


def test_longest_age_is_accepted(step: Companion) -> None:
    """No user is 273 years old."""
    step.aws.on("ListUsers", page(*crowd(2)))

    assert step.run(older_than="99999d") == 0
    assert step.recorder.stage.outputs == {"found": "0", "deleted": "0"}


def test_user_of_exactly_that_age_is_young(step: Companion) -> None:
    """Older means strictly older."""
    step.aws.on("ListUsers", page(user(name(1), DAY)))

    assert step.run() == 0
    assert step.recorder.stage.outputs["found"] == "0"


def test_user_without_a_date_is_left_alone(step: Companion) -> None:
    """Its age is unknown."""
    step.aws.on("ListUsers", page(user(name(1), None), user(name(2), 2 * DAY)))

    assert step.run() == 0
    assert deleted(step) == [name(2)]


# How many, in which order, how fast


def test_oldest_go_first_and_the_others_wait(step: Companion) -> None:
    """The limit ends the sweep with a warning, not a failure."""
    step.aws.on("ListUsers", page(*crowd(5)))

    assert step.run(max_deletes="3") == 0
    assert deleted(step) == oldest(5)[:3]
    assert step.recorder.stage.outputs == {"found": "5", "deleted": "3"}
    [annotation] = step.recorder.stage.annotations
    assert (annotation.level, annotation.title) == ("warning", "Cognito test user: not all users deleted")
    assert annotation.message == (
        "5 users are older than 24h, and `max-deletes` is 3: the others are left to the next sweep."
    )


def test_limit_that_is_just_reached_causes_no_warning(step: Companion) -> None:
    """No one is left."""
    step.aws.on("ListUsers", page(*crowd(3)))

    assert step.run(max_deletes="3") == 0
    assert step.recorder.stage.annotations == []


def test_most_of_the_quota_is_left_free(step: Companion) -> None:
    """At most five deletions a second, while the account has 25."""
    step.aws.on("ListUsers", page(*crowd(50)))

    assert step.run() == 0
    # The second list waits for the first, as the deletions for each other.
    assert step.time.now == pytest.approx((1 + 49) / 5)


def test_deadline_comes_before_the_session_expires() -> None:
    """What starts before it ends within the session's 900 s, and one user can't use it all up."""
    assert LIMITS.seconds + 60 < SESSION_SECONDS
    assert LIMITS.seconds_per_call <= LIMITS.seconds / 10


# A dry run


def test_dry_run_counts_and_names_but_deletes_nobody(step: Companion) -> None:
    """It could not anyway: the session may only list."""
    step.aws.on("ListUsers", page(*crowd(3)))

    assert step.run(dry_run="true", max_deletes="2") == 0
    assert step.aws.operations == ["AssumeRoleWithWebIdentity", "ListUsers", "ListUsers"]
    assert step.allowed == ["ListUsers"]
    assert step.recorder.stage.outputs == {"found": "3", "deleted": "0"}
    assert step.recorder.stage.annotations == []
    assert [line for line in step.recorder.stage.log if line.startswith("Would delete")] == [
        f"Would delete user {user}, created 2026-11-23 11:59." for user in oldest(3)[:2]
    ]
    assert "This was a dry run: no user was deleted." in step.recorder.stage.summary
    assert step.recorder.stage.summary.count("| would be deleted |") == 2


def test_real_run_has_two_permissions(step: Companion) -> None:
    """It has no third one."""
    step.aws.on("ListUsers", page(*crowd(1)))
    step.run()

    assert step.allowed == ["ListUsers", "AdminDeleteUser"]


# Failures


def test_user_who_is_gone_by_then_is_not_counted(step: Companion) -> None:
    """Another sweep was faster."""
    step.aws.on("ListUsers", page(*crowd(3)))
    step.aws.on("AdminDeleteUser", DONE, ABSENT)

    assert step.run() == 0
    assert step.recorder.stage.outputs == {"found": "3", "deleted": "2"}
    assert f"`{name(1)}` | not found |" in step.recorder.stage.summary
    assert step.recorder.stage.annotations == []


def test_refusal_ends_the_sweep_and_says_how_far_it_got(step: Companion) -> None:
    """What is denied for one user is denied for all."""
    step.aws.on("ListUsers", page(*crowd(4)))
    step.aws.on("AdminDeleteUser", DONE, DENIED)

    error = step.fail()

    assert error.what.startswith("AdminDeleteUser failed with AccessDeniedException: ")
    assert '"cognito-idp:ListUsers",\n    "cognito-idp:AdminDeleteUser"' in error.paste
    assert len(deleted(step)) == 2
    assert step.recorder.stage.outputs == {"found": "4", "deleted": "1"}
    assert f"`{oldest(4)[0]}` | deleted |" in step.recorder.stage.summary
    assert f"`{oldest(4)[1]}` | stays |" in step.recorder.stage.summary


def test_refused_list_sets_no_output(step: Companion) -> None:
    """Nothing was found, and no output says otherwise."""
    step.aws.on("ListUsers", cognito_refusal("AccessDeniedException", "no"))

    error = step.fail()

    assert error.what.startswith("ListUsers failed with AccessDeniedException")
    assert "AdminSetUserPassword" not in error.paste
    assert step.recorder.stage.outputs == {}


def test_deletion_whose_answer_was_lost_counts(step: Companion) -> None:
    """The user was there a moment ago and is gone after a call whose answer was lost: this sweep deleted it."""
    step.aws.on("ListUsers", page(*crowd(2)))
    step.aws.on("AdminDeleteUser", None, ABSENT)

    assert step.run() == 0
    assert step.recorder.stage.outputs == {"found": "2", "deleted": "2"}


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ([cognito_refusal("InvalidParameterException", "no such thing")], "InvalidParameterException"),
        ([cognito_refusal("InternalErrorException", "oops", 500)] * 100, "InternalErrorException"),
    ],
)
def test_user_who_cannot_be_deleted_does_not_block_the_others(
    step: Companion, answers: list[Answer], code: str
) -> None:
    """The oldest is refused forever: the others are still deleted, in this sweep and in every later one."""
    step.aws.on("ListUsers", page(*crowd(3)))
    step.aws.about(name(2), *answers)

    assert step.run() == 1

    assert step.recorder.stage.outputs == {"found": "3", "deleted": "2"}
    assert step.time.now < LIMITS.seconds_per_call + 10
    [annotation] = step.recorder.stage.annotations
    assert (annotation.level, annotation.title) == ("error", "Cognito test user: not deleted")
    assert annotation.message.startswith(f"1 user may still exist in {POOL_ID}. AdminDeleteUser failed with {code}: ")
    assert f"--user-pool-id {POOL_ID} --username {name(2)} --endpoint-url " in annotation.message
    assert "`attributes`" not in annotation.message
    assert f"`{name(2)}` | failed |" in step.recorder.stage.summary


def test_running_out_of_time_is_a_warning_once_a_user_is_deleted(step: Companion) -> None:
    """The next sweep continues; each one makes progress."""
    step.aws.on("ListUsers", page(*crowd(3)))
    step.aws.on("AdminDeleteUser", DONE, *[THROTTLED] * 200)

    assert step.run() == 0
    assert step.time.now < LIMITS.seconds
    assert step.recorder.stage.outputs == {"found": "3", "deleted": "1"}
    [annotation] = step.recorder.stage.annotations
    assert annotation.level == "warning"
    assert annotation.message.startswith(
        "The sweep ended early, and the next one continues from there. AdminDeleteUser failed with TooManyRequests"
    )


def test_running_out_of_time_before_a_user_is_deleted_is_an_error(step: Companion) -> None:
    """A sweep that never makes progress must not stay green."""
    step.aws.on("ListUsers", page(*crowd(3)))
    step.aws.on("AdminDeleteUser", *[THROTTLED] * 200)

    error = step.fail()

    assert error.what.startswith("AdminDeleteUser failed with TooManyRequestsException")
    assert step.recorder.stage.outputs == {"found": "3", "deleted": "0"}


def test_deadline_between_two_deletions(step: Companion) -> None:
    """No further attempt is started."""
    step.aws.on("ListUsers", page(*crowd(3)))

    def slow(environ: Mapping[str, str], runner: Runner, retry: Retry) -> int:
        class Late(Runner):
            def log(self, text: str) -> None:
                if text.startswith("Deleted"):
                    step.time.now += LIMITS.seconds

        late = Late({name: str(path) for name, path in step.recorder.paths.items()}, step.recorder.stdout)
        del runner
        return at_noon(environ, late, retry)

    step.step = slow

    assert step.run() == 0
    assert len(deleted(step)) == 1
    assert "failed with DeadlineExceeded" in step.recorder.stage.annotations[0].message


def test_no_call_is_made_without_a_repository(step: Companion) -> None:
    """The whole sweep depends on the id."""
    del step.environ["GITHUB_REPOSITORY_ID"]

    assert "GITHUB_REPOSITORY_ID" in step.fail().what
    assert step.aws.calls == []


# The summary


def test_summary_is_a_table_with_links_to_the_runs(step: Companion) -> None:
    """Anyone who wonders why users were left behind finds the run that left them."""
    step.environ |= {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "octo-org/octo-app"}
    step.aws.on("ListUsers", page(*crowd(2)))

    step.run()

    run = "[9876543210](https://github.com/octo-org/octo-app/actions/runs/9876543210/attempts/1)"
    assert step.recorder.stage.summary.splitlines() == [
        "### Cognito test user - sweep",
        "",
        "Found 2 older than 24h in `eu-central-1_AbCdEfGhI`; deleted 2.",
        "",
        "| created (UTC) | run | user | outcome |",
        "| --- | --- | --- | --- |",
        f"| 2026-11-23 11:59 | {run} | `{name(1)}` | deleted |",
        f"| 2026-11-23 12:00 | {run} | `{name(0)}` | deleted |",
        "",
    ]


def test_empty_summary_has_no_table(step: Companion) -> None:
    """One sentence is enough."""
    step.aws.on("ListUsers", page(), page())

    assert step.run(older_than="6h") == 0
    assert step.recorder.stage.summary == (
        "### Cognito test user - sweep\n\nFound 0 older than 6h in `eu-central-1_AbCdEfGhI`; deleted 0.\n\n"
    )


def test_summary_of_the_largest_sweep_fits(step: Companion) -> None:
    """GitHub's limit is 1 MiB, and 2500 rows with the longest names stay below it."""
    step.environ |= {"GITHUB_SERVER_URL": "https://github.example.com", "GITHUB_REPOSITORY": "o" * 39 + "/" + "r" * 100}
    domain = "d" * 57 + ".example"
    users = [user(f"{name(number)}@{domain}", 2 * DAY) for number in range(2500)]
    step.aws.on("ListUsers", page(*users))

    assert step.run(dry_run="true", max_deletes="2500") == 0
    assert len(step.recorder.stage.files["GITHUB_STEP_SUMMARY"].encode()) < 1 << 20


def test_date_is_in_utc_whatever_the_machines_time_zone(step: Companion, monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK reads dates in the machine's time zone."""
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    system.tzset()
    step.aws.on("ListUsers", page(user(name(1), 2 * DAY)))
    try:
        step.run()
    finally:
        monkeypatch.undo()
        system.tzset()

    assert f"Deleted user {name(1)}, created 2026-11-23 12:00." in step.recorder.stage.log
