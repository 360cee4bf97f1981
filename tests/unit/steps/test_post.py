"""Post: from the state alone, it leaves no user behind, or prints a command for each one that it does."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from cognito_action.aws.endpoints import Endpoints
from cognito_action.aws.iam import Role
from cognito_action.steps.post import LIMITS
from cognito_action.steps.post import post as post_step
from cognito_action.users.leftovers import TITLE_LATE
from cognito_action.users.records import Entry, Setup
from cognito_action.users.state import State
from tests.support.examples import EMAIL, NAME, PHONE, POOL_ID, PREFIX, ROLE_ARN, RUN_ENVIRON, SUB
from tests.support.fake_time import FakeTime
from tests.support.recorder import Recorder
from tests.support.scripted_aws import DONE, ScriptedAws, cognito_answer, cognito_refusal, sts_refusal
from tools.emulator.github import TokenService
from tools.emulator.http import Answer, Request, serving

UUID = "99999999-8888-7777-6666-555555555555"
SECOND = "gha-123456789-9876543210-1-fedcba9876543210"
SECOND_SUB = "22222222-3333-4444-5555-666666666666"

FINGERPRINT = "8be7c771f5111405"
"""The fingerprint of the credentials that the fixture `ambient` puts into the environment."""

STARTED = 1_800_000_000
"""When post starts, in seconds since 1970."""

TITLE = "Cognito test user: not deleted"

ABSENT = cognito_refusal("UserNotFoundException", "User does not exist.")
DENIED = cognito_refusal("AccessDeniedException", "User: x is not authorized to perform: cognito-idp:AdminDeleteUser")
POOL_GONE = cognito_refusal("ResourceNotFoundException", "User pool eu-central-1_AbCdEfGhI does not exist.")


@dataclass
class Post:
    """A post step, with the state that main wrote."""

    recorder: Recorder
    aws: ScriptedAws
    time: FakeTime
    environ: dict[str, str]

    def main(self, *entries: Entry, keep: Sequence[str] = (), **setup: Any) -> State:
        """Write the state as main does, with the environment's credentials unless `setup` says otherwise."""
        settings = {
            "pool_id": POOL_ID,
            "region": "eu-central-1",
            "role": None,
            "credentials": FINGERPRINT,
            "endpoints": Endpoints(self.aws.url, self.aws.url, fips=False, dual_stack=False),
            "proxies": "",
            "cleanup_failure": "warning",
            **setup,
        }
        state = State(self.recorder.runner)
        state.setup(Setup(**settings))
        for entry in entries:
            state.new_user().save(entry)
        if keep:
            state.keep(keep)
        return state

    def run(self, environ: Mapping[str, str] | None = None, *, elapsed: float = 0) -> int:
        """Run post with extra variables, after some of its time has elapsed; return the exit status."""
        state = {f"STATE_{key}": value for key, value in self.recorder.stage.state.items()}
        retry = self.time.retry(LIMITS)
        self.time.now += elapsed
        return post_step(
            {**RUN_ENVIRON, **state, **self.environ, **(environ or {})},
            self.recorder.runner,
            retry,
            lambda: STARTED + self.time.clock(),
        )

    @property
    def deleted(self) -> list[str]:
        """The usernames that Cognito was asked to delete."""
        return [call.parameters["Username"] for call in self.aws.all("AdminDeleteUser")]

    @property
    def warning(self) -> str:
        """The message of the only annotation."""
        return self.only(TITLE)

    @property
    def late(self) -> str:
        """The message of the only annotation, about a creation that was not answered."""
        return self.only(f"Cognito test user: {TITLE_LATE}")

    def only(self, title: str) -> str:
        [annotation] = self.recorder.stage.annotations
        assert (annotation.level, annotation.title) == ("warning", title)
        return self.for_aws(annotation.message)

    def for_aws(self, text: str) -> str:
        """The same text with the commands as they would be without an endpoint of the test's own."""
        return text.replace(f" --endpoint-url {self.aws.url}", "")


def lost(entry: Entry, calls: int = 1) -> Entry:
    """The same user with creating calls that had no answer, the last of them sent a second before post starts."""
    return replace(entry, unanswered=calls, last_unanswered=STARTED - 1)


def crowd(count: int) -> list[Entry]:
    """`count` users who were created."""
    return [
        Entry(name=f"{PREFIX}{number:016x}", username=f"{PREFIX}{number:016x}", sub=f"{SUB[:-2]}{number:02}")
        for number in range(count)
    ]


@pytest.fixture
def post(recorder: Recorder, aws: ScriptedAws, time: FakeTime, ambient: None) -> Post:  # noqa: ARG001 - the fixture sets up the environment
    return Post(recorder, aws, time, {})


# Nothing to do


def test_nobody_is_deleted_if_nobody_was_created(post: Post) -> None:
    """Without an entry, no service is called."""
    post.main()

    assert post.run() == 0
    assert post.recorder.stage.log == ["There is no user to delete."]
    assert post.aws.calls == []


def test_nobody_is_deleted_if_main_never_got_that_far(post: Post) -> None:
    """Post runs even if main failed before it wrote anything."""
    assert post.run() == 0
    assert post.recorder.stage.log == ["There is no user to delete."]


def test_user_is_kept_if_main_said_so(post: Post) -> None:
    """With `cleanup: false` and a successful main, no service is called."""
    post.main(Entry(name=NAME, username=NAME, sub=SUB), keep=["user-1"])

    assert post.run() == 0
    assert post.recorder.stage.log == ["The users stay, since cleanup is false."]
    assert post.aws.calls == []


def test_user_who_was_never_output_is_still_deleted(post: Post) -> None:
    """`cleanup: false` keeps main's user, not the one whose creation got no answer."""
    post.main(
        Entry(name=NAME, username=NAME, sub=SUB), Entry(name=SECOND, username=SECOND, sub=SECOND_SUB), keep=["user-1"]
    )

    assert post.run() == 0
    assert post.deleted == [SECOND]
    assert "The users stay, since cleanup is false." in post.recorder.stage.log


def test_exactly_the_users_who_were_output_are_kept(post: Post) -> None:
    """This holds for several users too."""
    entries = crowd(6)
    post.main(*entries, keep=["user-2", "user-4", "user-6"])

    assert post.run() == 0
    assert sorted(post.deleted) == [entries[number].name for number in (0, 2, 4)]
    assert post.recorder.stage.log[0] == "The users stay, since cleanup is false."


# The usual case


@pytest.mark.parametrize(
    ("entry", "key"),
    [
        (Entry(name=EMAIL, username=UUID, sub=UUID), UUID),
        (Entry(name=EMAIL, username=EMAIL, sub=SUB), EMAIL),
        (Entry(name=NAME, username=NAME, sub=SUB), NAME),
        (Entry(name=EMAIL, phone_number=PHONE, username=UUID, sub=UUID), UUID),
        (Entry(name=NAME, username="admin", sub=SUB), NAME),
    ],
)
def test_user_is_deleted_by_its_key(post: Post, entry: Entry, key: str) -> None:
    """One call per user: by the returned name if it is one of ours, otherwise by the generated one."""
    post.main(entry)

    assert post.run() == 0
    assert post.deleted == [key]
    assert post.aws.all("AdminDeleteUser")[0].parameters == {"UserPoolId": POOL_ID, "Username": key}
    assert post.recorder.stage.log == [f"Deleted user {entry.sub or f'{PREFIX}…'}."]
    assert (post.recorder.stage.annotations, post.recorder.stage.summary, post.time.pauses) == ([], "", [])


def test_role_is_assumed_again_only_for_deleting(post: Post, github: TokenService) -> None:
    """Post's session may only delete, and only in this pool; one token, one session, one deletion."""
    post.main(Entry(name=NAME, username=NAME, sub=SUB), role=Role(ROLE_ARN, "of-main", "of-main"), credentials="")
    post.environ = github.environ

    assert post.run() == 0
    assert post.aws.operations == ["AssumeRoleWithWebIdentity", "AdminDeleteUser"]
    session = post.aws.calls[0].parameters
    assert (session["RoleArn"], session["RoleSessionName"]) == (ROLE_ARN, "of-main")
    assert '"Action":["cognito-idp:AdminDeleteUser"]' in session["Policy"]
    assert len(github.tokens) == 1


def test_inputs_at_the_end_of_the_job_are_ignored(post: Post) -> None:
    """What the runner evaluates again is not even read."""
    post.main(Entry(name=NAME))

    post.run({"INPUT_USER-POOL-ID": "us-east-1_Other", "INPUT_CLEANUP": "false", "INPUT_CLEANUP-FAILURE": "x"})

    assert post.aws.calls[0].parameters["UserPoolId"] == POOL_ID


# Users who are not there


def test_user_who_is_gone_is_not_a_failure(post: Post) -> None:
    """A test may have deleted the user itself; post does not wait for a user who was known to exist."""
    post.main(Entry(name=NAME, username=NAME, sub=SUB))
    post.aws.on("AdminDeleteUser", ABSENT)

    assert post.run() == 0
    assert post.recorder.stage.log == [f"User {SUB} is not there."]
    assert (post.deleted, post.time.pauses) == ([NAME], [])


def test_user_whose_creation_got_no_answer_is_looked_for_again(post: Post) -> None:
    """The request can outlive its sender: post looks again after a second and finds the user."""
    post.main(lost(Entry(name=EMAIL)))
    post.aws.on("AdminDeleteUser", ABSENT, DONE)

    assert post.run() == 0
    assert post.deleted == [EMAIL, EMAIL]
    assert post.time.pauses == [1]
    assert post.recorder.stage.log == [f"Deleted user {PREFIX}…."]


def test_user_whose_creation_got_no_answer_is_looked_for_at_growing_intervals(post: Post) -> None:
    """The last look is before the deadline; then a warning says who may still come."""
    post.main(lost(Entry(name=EMAIL)), cleanup_failure="error")
    post.aws.on("AdminDeleteUser", *[ABSENT] * 9)

    assert post.run() == 0
    assert post.deleted == [EMAIL] * 6
    assert post.time.pauses == [1, 2, 4, 8, 4]
    assert post.late.startswith("1 user may still come to be in eu-central-1_AbCdEfGhI: ")


@pytest.mark.parametrize(("username", "calls"), [("", 2), (UUID, 1)])
def test_user_who_is_created_again_is_deleted_again(post: Post, username: str, calls: int) -> None:
    """A request from main can arrive after post deleted the user that its retry created: post deletes again."""
    post.main(lost(Entry(name=EMAIL, username=username, sub=username), calls))

    assert post.run() == 0
    assert post.deleted == [username or EMAIL, EMAIL]
    assert post.time.pauses == [1]
    assert post.recorder.stage.annotations == []


def test_user_who_is_not_created_again_is_reported_once(post: Post) -> None:
    """Usually no late user appears."""
    post.main(lost(Entry(name=EMAIL, username=UUID, sub=UUID)))
    post.aws.on("AdminDeleteUser", DONE, *[ABSENT] * 9)

    assert post.run() == 0
    assert post.recorder.stage.log == [f"Deleted user {UUID}."]


def test_phone_number_of_a_late_user_is_looked_up(post: Post) -> None:
    """The session allows it, and only the user with the generated address is deleted."""
    post.main(lost(Entry(name=EMAIL, phone_number=PHONE, username=SUB, sub=SUB)))
    post.aws.on("ListUsers", FOUND)

    assert post.run() == 0
    assert post.deleted == [SUB, UUID]


def test_phone_number_without_an_address_is_not_looked_up(post: Post) -> None:
    """Nothing would distinguish the late user from a stranger."""
    post.main(lost(Entry(name=NAME, phone_number=PHONE, username=SUB, sub=SUB)))

    assert post.run() == 0
    assert (post.aws.operations, post.time.pauses) == (["AdminDeleteUser"], [])


def test_user_who_could_not_be_deleted_is_not_looked_for_again(post: Post) -> None:
    """One warning says so, with one command."""
    post.main(lost(Entry(name=EMAIL)))
    post.aws.on("AdminDeleteUser", cognito_refusal("AccessDeniedException"))

    assert post.run() == 0
    assert (post.deleted, post.time.pauses) == ([EMAIL], [])
    assert post.warning.startswith("1 user may still exist")


def test_user_who_is_absent_every_time_is_reported_once(post: Post) -> None:
    """The log says only what was found in the end."""
    post.main(lost(Entry(name=EMAIL)), Entry(name=NAME, username=NAME, sub=SUB))
    post.aws.on("AdminDeleteUser", *[ABSENT] * 9)

    assert post.run() == 0
    absent = [line for line in post.recorder.stage.log if line.endswith(" is not there.")]
    assert absent == [f"User {PREFIX}… is not there.", f"User {SUB} is not there."]
    assert post.late.startswith("1 user may still come to be")


def test_users_without_an_answer_share_the_pauses(post: Post) -> None:
    """Users whose creation was answered are not looked for again, nor are those who were found."""
    post.main(
        lost(Entry(name=EMAIL)),
        Entry(name=NAME, username=NAME, sub=SUB),
        lost(Entry(name=SECOND)),
        lost(Entry(name=f"{SECOND}@a.b")),
        Entry(name=f"{NAME}@a.b"),
    )
    for name in (EMAIL, NAME, SECOND, f"{NAME}@a.b"):
        post.aws.about(name, ABSENT)

    assert post.run() == 0
    assert sorted(post.deleted[:5]) == sorted([EMAIL, NAME, SECOND, f"{SECOND}@a.b", f"{NAME}@a.b"])
    assert sorted(post.deleted[5:]) == sorted([EMAIL, SECOND])
    assert post.time.pauses.count(1) == 1
    assert post.recorder.stage.annotations == []


def test_user_whose_deletion_answer_was_lost_is_deleted(post: Post) -> None:
    """A user who is gone after a lost answer was deleted by that call."""
    post.main(Entry(name=EMAIL, username=UUID, sub=UUID))
    post.aws.on("AdminDeleteUser", None, ABSENT)

    assert post.run() == 0
    assert post.recorder.stage.log == [f"Deleted user {UUID}."]


def test_user_whose_creation_and_deletion_had_no_answer_is_looked_for_again(post: Post) -> None:
    """Whether the lost deletion met a user is not known: the creation may not have taken effect by then."""
    post.main(lost(Entry(name=EMAIL)))
    post.aws.on("AdminDeleteUser", None, ABSENT, DONE)

    assert post.run() == 0
    assert post.recorder.stage.log == [f"Deleted user {PREFIX}…."]


@pytest.mark.parametrize(
    ("failure", "pauses"),
    [
        (cognito_refusal("TooManyRequestsException"), [4, 8]),
        (cognito_refusal("InternalErrorException", "", 500), [0.25, 0.5]),
        (None, [0.25, 0.5]),
    ],
)
def test_transient_failure_is_retried(post: Post, failure: Answer | None, pauses: list[float]) -> None:
    """A deletion is retried as long as that can help."""
    post.main(Entry(name=EMAIL, username=UUID, sub=UUID))
    post.aws.on("AdminDeleteUser", failure, failure)

    assert post.run() == 0
    assert post.deleted == [UUID] * 3
    assert post.time.pauses == pauses


# Phone numbers

FOUND = cognito_answer({"Users": [{"Username": UUID, "Attributes": [{"Name": "email", "Value": EMAIL}]}]})
NOBODY = cognito_answer({"Users": []})
STRANGER = cognito_answer(
    {"Users": [{"Username": UUID, "Attributes": [{"Name": "email", "Value": "ada@example.com"}]}]}
)


@pytest.mark.parametrize("calls", [0, 1])
def test_phone_user_is_found_by_number_and_address(post: Post, calls: int) -> None:
    """The number is looked up, and the user with the generated address is deleted by id."""
    post.main(lost(Entry(name=EMAIL, phone_number=PHONE), calls))
    post.aws.on("ListUsers", FOUND)

    assert post.run() == 0
    assert post.aws.operations == ["ListUsers", "AdminDeleteUser"]
    condition = 'phone_number = "+15555550123"'
    assert post.aws.calls[0].parameters == {"UserPoolId": POOL_ID, "Filter": condition, "Limit": 60}
    assert post.deleted == [UUID]


def test_stranger_with_the_phone_number_is_left_alone(post: Post) -> None:
    """Another address means another user, who is in the way of ours: post looks once and deletes no one."""
    post.main(lost(Entry(name=EMAIL, phone_number=PHONE)))
    post.aws.on("ListUsers", STRANGER)

    assert post.run() == 0
    assert post.aws.operations == ["ListUsers"]
    assert post.time.pauses == []
    assert post.recorder.stage.annotations == []


def test_phone_user_who_arrives_late_is_found_on_the_second_look(post: Post) -> None:
    """The user of a request that outlived its sender is found a second later."""
    post.main(lost(Entry(name=EMAIL, phone_number=PHONE)))
    post.aws.on("ListUsers", NOBODY, FOUND)

    assert post.run() == 0
    assert post.aws.operations == ["ListUsers", "ListUsers", "AdminDeleteUser"]
    assert post.time.pauses == [1]


def test_phone_number_that_is_taken_is_looked_for_until_the_deadline(post: Post) -> None:
    """Cognito said so after a lost answer, and the list is late: who is not found is left behind."""
    post.main(replace(lost(Entry(name=EMAIL, phone_number=PHONE)), last_unanswered=STARTED - 3600, taken=True))
    post.aws.on("ListUsers", *[NOBODY] * 9)

    assert post.run() == 0
    assert (post.aws.operations, post.time.now) == (["ListUsers"] * 6, 19)
    assert "this phone number is taken, and lists no user who has it" in post.warning


def test_lookup_without_the_permission_is_a_warning(post: Post) -> None:
    """Without `ListUsers`, post can't tell our user from a stranger: it says so and names the permission."""
    post.main(Entry(name=EMAIL, phone_number=PHONE))
    post.aws.on("ListUsers", cognito_refusal("AccessDeniedException", "not authorized"))

    assert post.run() == 0
    assert post.deleted == []
    assert "ListUsers failed with AccessDeniedException: not authorized" in post.warning
    assert '"cognito-idp:ListUsers"' in post.warning


def test_phone_user_without_an_address_is_a_warning(post: Post) -> None:
    """Nothing marks such a user as ours, so no one is looked for or deleted."""
    post.main(Entry(name=NAME, phone_number=PHONE))

    assert post.run() == 0
    assert post.aws.calls == []
    assert "It is not known whether a user with this phone number was created." in post.warning


def test_phone_users_without_an_address_never_open_a_connection(post: Post, github: TokenService) -> None:
    """A warning needs no token, session or credentials, and their absence does not cause a second one."""
    post.main(Entry(name=NAME, phone_number=PHONE), role=Role(ROLE_ARN, "session", "a"), credentials="")
    post.environ = github.environ

    assert post.run() == 0
    assert (github.tokens, post.aws.calls) == ([], [])
    assert "It is not known whether a user with this phone number was created." in post.warning
    assert [line for line in post.recorder.stage.log if "Assumed" in line] == []


def test_phone_user_without_an_address_does_not_block_the_others(post: Post) -> None:
    """The others are deleted, and the warning is about one user."""
    post.main(Entry(name=NAME, phone_number=PHONE), Entry(name=SECOND, username=SECOND, sub=SECOND_SUB))

    assert post.run() == 0
    assert (post.aws.operations, post.deleted) == (["AdminDeleteUser"], [SECOND])
    assert post.warning.startswith("1 user may still exist in eu-central-1_AbCdEfGhI. It is not known whether a user ")


@pytest.mark.parametrize(
    ("entries", "operations"),
    [
        ([Entry(name=EMAIL, phone_number=PHONE)], '["cognito-idp:AdminDeleteUser","cognito-idp:ListUsers"]'),
        ([Entry(name=EMAIL, phone_number=PHONE, username=UUID)], '["cognito-idp:AdminDeleteUser"]'),
        (
            [lost(Entry(name=EMAIL, phone_number=PHONE, username=UUID))],
            '["cognito-idp:AdminDeleteUser","cognito-idp:ListUsers"]',
        ),
        ([Entry(name=EMAIL), Entry(name=NAME)], '["cognito-idp:AdminDeleteUser"]'),
        ([Entry(name=NAME, phone_number=PHONE), Entry(name=NAME)], '["cognito-idp:AdminDeleteUser"]'),
    ],
)
def test_session_allows_a_lookup_only_if_there_is_one(
    post: Post, github: TokenService, entries: list[Entry], operations: str
) -> None:
    """`ListUsers` is in the session policy exactly when a number is going to be looked up."""
    post.main(*entries, role=Role(ROLE_ARN, "session", "sts.amazonaws.com"), credentials="")
    post.environ = github.environ
    post.aws.on("ListUsers", FOUND)

    post.run()

    assert f'"Action":{operations},' in post.aws.calls[0].parameters["Policy"]


# State that main did not write


def test_foreign_entries_are_named_and_left_alone(post: Post) -> None:
    """Our user is deleted, the others are not, and a warning names their keys."""
    post.main(Entry(name=NAME, username=NAME, sub=SUB))

    assert post.run({"STATE_user-8": '{"name": "admin"}', "STATE_user-9": "x"}) == 0
    assert post.deleted == [NAME]
    assert post.warning.startswith(
        "The state of this step holds entries that this run did not write; they were left alone: user-8, user-9\n"
    )


def test_foreign_entries_alone_cause_no_call(post: Post) -> None:
    """If nothing in the state is ours, there is nothing to do."""
    assert post.run({"STATE_user-1": '{"name": "gha-1-1-1-0123456789abcdef"}'}) == 0
    assert post.aws.calls == []
    assert "they were left alone: user-1" in post.warning
    assert post.recorder.stage.executed == ["warning"]
    assert "There is no user to delete." not in post.recorder.stage.log


def test_state_without_a_setup_is_a_warning(post: Post) -> None:
    """Without the pool, no one can be deleted."""
    post.main(Entry(name=NAME))

    assert post.run({"STATE_setup": ""}) == 0
    assert post.aws.calls == []
    assert post.warning.split("\n")[0] == (
        "The state of this step does not say which user pool its users are in; they were not deleted."
    )
    assert "sub: " not in post.warning


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ('"pool_id":"eu-central-1_AbCdEfGhI"', '"pool_id":"eu-central-1.evil.example/_A"'),
        ('"arn:aws:iam::123456789012:role/ci"', '"arn:aws:iam::123456789012:user/ci"'),
    ],
)
def test_malformed_setup_is_ignored(post: Post, github: TokenService, ours: str, theirs: str) -> None:
    """No request goes where a foreign state points, and the users' subs are listed so they can be deleted by hand."""
    post.main(
        Entry(name=NAME, username=NAME, sub=SUB),
        Entry(name=EMAIL),
        Entry(name=SECOND, username=SECOND, sub=SECOND_SUB),
        role=Role(ROLE_ARN, "session", "a"),
        credentials="",
    )
    post.environ = github.environ
    setup = post.recorder.stage.state["setup"]
    assert ours in setup

    assert post.run({"STATE_setup": setup.replace(ours, theirs)}) == 0
    assert (post.aws.calls, github.tokens) == ([], [])
    assert post.warning.split("\n")[2:5] == [SUB, f"{PREFIX}…", SECOND_SUB]


# A pool that is gone


def test_pool_that_is_gone_is_a_notice(post: Post) -> None:
    """Deleting a pool deletes its users: that is success, and one notice for all."""
    post.main(Entry(name=NAME, username=NAME, sub=SUB), Entry(name=SECOND))
    post.aws.on("AdminDeleteUser", POOL_GONE, POOL_GONE)

    assert post.run() == 0
    [annotation] = post.recorder.stage.annotations
    assert (annotation.level, annotation.title) == ("notice", "Cognito test user: nothing to delete")
    assert annotation.message == "The user pool eu-central-1_AbCdEfGhI no longer exists, nor do its users."
    assert (post.recorder.stage.log, post.recorder.stage.summary) == ([f"Notice: {annotation.message}"], "")


def test_pool_that_is_gone_overrides_earlier_failures(post: Post) -> None:
    """An earlier user's failure does not matter once the pool is gone."""
    post.main(Entry(name=NAME, username=NAME, sub=SUB), Entry(name=SECOND), cleanup_failure="error")
    post.aws.on("AdminDeleteUser", cognito_refusal("NotAuthorizedException"), POOL_GONE)

    assert post.run() == 0
    assert [annotation.level for annotation in post.recorder.stage.annotations] == ["notice"]


def test_pool_that_another_endpoint_does_not_know_is_not_gone(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """A later step of the job set another endpoint: it is not asked, and the user is deleted where main created it."""
    post.main(Entry(name=NAME, username=NAME, sub=SUB))
    asked: list[Request] = []

    def refuse(request: Request) -> Answer:
        asked.append(request)
        return POOL_GONE

    with serving(refuse) as elsewhere:
        for service in ("", "_COGNITO_IDENTITY_PROVIDER", "_STS"):
            monkeypatch.setenv(f"AWS_ENDPOINT_URL{service}", elsewhere)
        assert post.run({"AWS_ENDPOINT_URL": elsewhere}) == 0

    assert (asked, post.deleted) == ([], [NAME])
    assert post.recorder.stage.annotations == []


# Other credentials


def test_other_credentials_are_logged(post: Post) -> None:
    """Keys that rotate automatically are different each time: post works with them, and a log line says so."""
    post.main(Entry(name=NAME, username=NAME, sub=SUB), credentials="0123456789abcdef")

    assert post.run() == 0
    assert post.deleted == [NAME]
    assert post.recorder.stage.annotations == []
    assert post.recorder.stage.log == [
        "The AWS credentials are not those with which the users were created.",
        f"Deleted user {SUB}.",
    ]


def test_pool_that_other_credentials_cannot_see_is_not_gone(post: Post) -> None:
    """In another account, every pool is missing: that is a user left behind, not success."""
    post.main(Entry(name=NAME, username=NAME, sub=SUB), credentials="0123456789abcdef", cleanup_failure="error")
    post.aws.on("AdminDeleteUser", POOL_GONE)

    assert post.run() == 1
    [first, second] = post.recorder.stage.annotations
    assert post.recorder.stage.log[0] == "The AWS credentials are not those with which the users were created."
    assert (first.level, first.title) == ("warning", TITLE)
    assert first.message.startswith("The AWS credentials are not those with which the users were created.\n")
    assert (second.level, second.title) == ("error", TITLE)
    assert second.message.startswith("1 user may still exist in eu-central-1_AbCdEfGhI. ")


def test_other_credentials_cause_no_warning_if_the_user_is_gone(post: Post) -> None:
    """No user is left, so there is nothing to do: the log line is enough."""
    post.main(Entry(name=NAME, username=NAME, sub=SUB), credentials="0123456789abcdef")
    post.aws.on("AdminDeleteUser", ABSENT)

    assert post.run() == 0
    assert (post.recorder.stage.annotations, post.recorder.stage.summary) == ([], "")
    assert post.recorder.stage.log == [
        "The AWS credentials are not those with which the users were created.",
        f"User {SUB} is not there.",
    ]


def test_same_credentials_cause_no_warning_if_a_user_is_left(post: Post) -> None:
    """What did not change is not mentioned."""
    post.main(Entry(name=NAME, username=NAME, sub=SUB))
    post.aws.on("AdminDeleteUser", DENIED)

    assert post.run() == 0
    assert "The AWS credentials in the environment" not in post.recorder.stage.stdout
    assert post.warning.startswith("1 user may still exist")


def test_missing_credentials_leave_all_users_behind(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """If a later step cleared the variables, one warning has the command for each user."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "")
    post.main(Entry(name=NAME, username=NAME, sub=SUB), Entry(name=EMAIL))

    assert post.run() == 0
    assert post.warning.startswith("2 users may still exist in eu-central-1_AbCdEfGhI. ")
    assert "There are no AWS credentials." in post.warning
    assert f"--username {SUB}" in post.warning


def test_role_that_cannot_be_assumed_leaves_all_users_behind(post: Post, github: TokenService) -> None:
    """STS's refusal is quoted once, for all."""
    post.main(
        Entry(name=NAME, username=NAME, sub=SUB), Entry(name=EMAIL), role=Role(ROLE_ARN, "session", "a"), credentials=""
    )
    post.environ = github.environ
    post.aws.on("AssumeRoleWithWebIdentity", sts_refusal("AccessDenied", "Not authorized", 403))

    assert post.run() == 0
    assert "2 users may still exist" in post.warning
    assert "AssumeRoleWithWebIdentity failed with AccessDenied: Not authorized" in post.warning


class StoppedTime(FakeTime):
    """A fake time whose `sleep` fails."""

    def sleep(self, seconds: float) -> None:
        raise RuntimeError(f"what no one foresaw in {seconds} s")


def test_bug_still_names_every_user(post: Post) -> None:
    """Whatever goes wrong, the users who may be left are named, at the level that the step asked for."""
    post.main(lost(Entry(name=EMAIL)))
    post.aws.on("AdminDeleteUser", ABSENT)
    post.time = StoppedTime()

    assert post.run() == 0
    assert post.warning.startswith(
        "1 user may still exist in eu-central-1_AbCdEfGhI. Unexpected RuntimeError in sleep "
    )
    assert "aws cognito-idp list-users" in post.warning
    assert "what no one foresaw" not in post.recorder.stage.stdout


def test_bug_with_one_user_does_not_block_the_others(post: Post) -> None:
    """Users who can be deleted are deleted, and those who can't are named."""
    post.main(*crowd(3))
    post.time = StoppedTime()  # the first call in a second does not have to wait, the others do

    assert post.run() == 0
    [deleted] = post.deleted
    assert post.warning.startswith(
        "2 users may still exist in eu-central-1_AbCdEfGhI. Unexpected RuntimeError in sleep "
    )
    left = [entry.sub for entry in crowd(3) if entry.name != deleted]
    assert post.warning.split("\n")[2:4] == [f"{DELETE} {sub}" for sub in left]
    assert "what no one foresaw" not in post.recorder.stage.stdout


# Users who are left behind

DELETE = "aws cognito-idp admin-delete-user --region eu-central-1 --user-pool-id eu-central-1_AbCdEfGhI --username"
DELETE_FOUND = f"{DELETE} '<Username from the list>'"
FIND = "aws cognito-idp list-users --region eu-central-1 --user-pool-id eu-central-1_AbCdEfGhI --filter"


@pytest.mark.parametrize(
    ("entry", "commands"),
    [
        (Entry(name=NAME, username=NAME, sub=SUB), [f"{DELETE} {SUB}"]),
        (Entry(name=EMAIL, username=UUID, sub=UUID), [f"{DELETE} {UUID}"]),
        (Entry(name=NAME), [f"{FIND} 'username ^= \"gha-123456789-9876543210-1-\"'", DELETE_FOUND]),
        (
            Entry(name=NAME, phone_number="+15555550123"),
            [f"{FIND} 'phone_number = \"<value of phone-number>\"'", DELETE_FOUND],
        ),
        (Entry(name=EMAIL), [f"{FIND} 'email ^= \"gha-123456789-9876543210-1-\"'", DELETE_FOUND]),
    ],
)
def test_commands_for_a_user_who_is_left_behind(post: Post, entry: Entry, commands: list[str]) -> None:
    """By the `sub` if it is known; otherwise the start of the name, which is not masked, finds the user first."""
    post.main(entry)
    post.aws.on("AdminDeleteUser", DENIED)

    assert post.run() == 0
    assert post.warning.split("\n")[1 : 2 + len(commands)] == ["To delete by hand:", *commands]
    assert "```\n{}\n```".format("\n".join(commands)) in post.for_aws(post.recorder.stage.summary)
    assert "0123456789abcdef" not in post.warning + post.recorder.stage.summary


@pytest.mark.parametrize(("level", "status"), [("warning", 0), ("error", 1)])
def test_failure_has_the_level_that_the_step_sets(post: Post, level: str, status: int) -> None:
    """`cleanup-failure` is the level of the annotation, and `error` fails the job."""
    post.main(Entry(name=NAME, username=NAME, sub=SUB), cleanup_failure=level)
    post.aws.on("AdminDeleteUser", DENIED)

    assert post.run() == status
    [annotation] = post.recorder.stage.annotations
    assert (annotation.level, annotation.title) == (level, TITLE)


def test_users_with_the_same_cause_share_an_annotation(post: Post) -> None:
    """One annotation per cause, with a command for each of its users; the others are still deleted."""
    post.main(
        Entry(name=NAME, username=NAME, sub=SUB),
        Entry(name=SECOND, username=SECOND, sub=SECOND_SUB),
        Entry(name=EMAIL, username=UUID, sub=UUID),
        Entry(name=f"{SECOND}@example.com"),
    )
    for name, answer in (
        (NAME, DENIED),
        (UUID, cognito_refusal("NotAuthorizedException")),
        (f"{SECOND}@example.com", DENIED),
    ):
        post.aws.about(name, answer)

    assert post.run() == 0
    [first, second] = [post.for_aws(annotation.message) for annotation in post.recorder.stage.annotations]
    assert first.startswith("2 users may still exist in eu-central-1_AbCdEfGhI. AdminDeleteUser failed with ")
    assert first.split("\n")[2:5] == [
        f"{DELETE} {SUB}",
        f"{FIND} 'email ^= \"gha-123456789-9876543210-1-\"'",
        DELETE_FOUND,
    ]
    assert second.startswith("1 user may still exist in eu-central-1_AbCdEfGhI. AdminDeleteUser failed with ")
    assert second.split("\n")[2] == f"{DELETE} {UUID}"
    assert post.recorder.stage.summary.count("### Cognito test user") == 2
    assert post.recorder.stage.log[0] == f"Deleted user {SECOND_SUB}."


def test_same_command_is_printed_once(post: Post) -> None:
    """Users who are found by the same filter need it only once."""
    post.main(Entry(name=NAME), Entry(name=SECOND))
    post.aws.on("AdminDeleteUser", DENIED, DENIED)

    post.run()

    assert post.warning.startswith("2 users may still exist")
    assert post.warning.count("list-users") == 1
    assert post.warning.count("admin-delete-user") == 1


def test_cause_is_kept_with_its_details_and_its_statement(post: Post) -> None:
    """The fix for next time comes after the command for this time, which must not be cut off."""
    post.main(Entry(name=NAME, username=NAME, sub=SUB))
    post.aws.on("AdminDeleteUser", DENIED)

    post.run()

    command, statement = post.warning.split("Add this statement to a policy of the role")
    assert f"{DELETE} {SUB}\n" in command
    assert json.JSONDecoder().raw_decode(statement[statement.index("{") :])[0]["Action"] == [
        "cognito-idp:AdminDeleteUser"
    ]


@pytest.mark.parametrize("failure", [None, cognito_refusal("TooManyRequestsException")])
def test_persistent_failure_ends_at_the_deadline(post: Post, failure: Answer | None) -> None:
    """After twenty seconds, no further attempt is started, and every user who is left has a command."""
    post.main(Entry(name=NAME, username=NAME, sub=SUB), Entry(name=EMAIL, username=UUID, sub=UUID))
    post.aws.on("AdminDeleteUser", *[failure] * 20)

    assert post.run() == 0
    assert 10 < post.time.now < 20.5
    # One thread can use up the time before the other makes its first attempt: then there are two causes.
    warnings = post.for_aws("\n".join(annotation.message for annotation in post.recorder.stage.annotations))
    assert [line for line in warnings.split("\n") if line.startswith(DELETE)] == [f"{DELETE} {SUB}", f"{DELETE} {UUID}"]


def test_users_there_was_no_time_for_are_named(post: Post) -> None:
    """Past the deadline, no deletion is requested, and no user is forgotten."""
    post.main(Entry(name=NAME, username=NAME, sub=SUB), Entry(name=EMAIL))

    assert post.run(elapsed=20.5) == 0
    assert post.aws.calls == []
    assert post.warning.startswith("2 users may still exist in eu-central-1_AbCdEfGhI. ")
    assert (
        "The search for AWS credentials failed with DeadlineExceeded: less than 10 s, the time of one call, was left of the 30 s for all of them"
        in post.warning
    )


@pytest.mark.parametrize(("count", "elapsed"), [(1, 19.9), (2, 20.4), (50, 41)])
def test_users_are_deleted_up_to_the_deadline(post: Post, count: int, elapsed: float) -> None:
    """An attempt just before it is still made; each additional user adds half a second."""
    post.main(*crowd(count))

    assert post.run(elapsed=elapsed) == 0
    assert len(post.deleted) == count
    assert post.recorder.stage.annotations == []


def test_user_is_looked_for_once_more_before_the_deadline(post: Post) -> None:
    """If something else used up the time, the last look is a second before its end."""
    post.main(lost(Entry(name=EMAIL)))
    post.aws.on("AdminDeleteUser", ABSENT, ABSENT)

    assert post.run(elapsed=18) == 0
    assert (post.deleted, post.time.pauses) == ([EMAIL, EMAIL], [1])
    assert post.late.startswith("1 user may still come to be in eu-central-1_AbCdEfGhI: ")


# Many users


def test_fifty_users_are_deleted_within_posts_time(post: Post) -> None:
    """Each is deleted once; at fifteen a second, that takes a little over three of the thirty seconds."""
    post.main(*crowd(50))

    assert post.run() == 0
    assert sorted(post.deleted) == [entry.name for entry in crowd(50)]
    assert post.time.now == pytest.approx(49 / 15, abs=0.1)
    assert sorted(post.recorder.stage.log) == sorted(f"Deleted user {entry.sub}." for entry in crowd(50))
    assert post.recorder.stage.annotations == []


def test_fifty_users_without_an_answer_are_looked_for_within_posts_time(post: Post) -> None:
    """All of them until nineteen seconds have passed, and each look takes a little over three."""
    entries = [lost(Entry(name=entry.name)) for entry in crowd(50)]
    post.main(*entries)
    for entry in entries:
        post.aws.about(entry.name, *[ABSENT] * 9)

    assert post.run() == 0
    assert len(post.deleted) == 50 * 5
    assert post.time.now == pytest.approx(19 + 50 / 15, abs=2)
    assert post.late.startswith("50 users may still come to be in eu-central-1_AbCdEfGhI: ")
    assert post.late.count("list-users") == 1


def test_fifty_users_who_come_late_are_deleted(post: Post) -> None:
    """Each is there at the second look, and the others do not have to wait for a third."""
    entries = [lost(Entry(name=entry.name)) for entry in crowd(50)]
    post.main(*entries)
    for entry in entries:
        post.aws.about(entry.name, ABSENT)

    assert post.run() == 0
    assert len(post.deleted) == 100
    assert post.time.now == pytest.approx(49 / 15 + 1 + 49 / 15, abs=0.2)
    assert post.recorder.stage.annotations == []


def test_one_refused_deletion_of_fifty_does_not_block_the_others(post: Post) -> None:
    """The others are deleted, and the refused one is reported."""
    post.main(*crowd(50))
    post.aws.about(crowd(50)[20].name, DENIED)

    assert post.run() == 0
    assert len(post.deleted) == len(set(post.deleted)) == 50
    assert post.warning.startswith("1 user may still exist in eu-central-1_AbCdEfGhI. ")
    assert crowd(50)[20].sub in post.warning
    assert crowd(50)[20].sub not in "".join(line for line in post.recorder.stage.log if line.startswith("Deleted"))
    assert len([line for line in post.recorder.stage.log if line.startswith("Deleted")]) == 49


def test_pool_that_is_gone_is_one_notice_for_fifty(post: Post) -> None:
    """No one is looked for a second time, and no one is left."""
    post.main(*[lost(Entry(name=entry.name)) for entry in crowd(50)], cleanup_failure="error")
    post.aws.on("AdminDeleteUser", *[POOL_GONE] * 50)

    assert post.run() == 0
    assert [annotation.level for annotation in post.recorder.stage.annotations] == ["notice"]
    assert 1 not in post.time.pauses


def test_summary_has_the_command_for_each_of_fifty_users_who_are_left(post: Post) -> None:
    """An annotation ends after 4096 characters; the cause is at its start, and the summary has all commands."""
    post.main(*crowd(50))
    post.aws.on("AdminDeleteUser", *[DENIED] * 50)

    assert post.run() == 0
    assert post.warning.startswith("50 users may still exist in eu-central-1_AbCdEfGhI. AdminDeleteUser ")
    assert post.recorder.stage.summary.count(DELETE) == 50
    assert all(entry.sub in post.recorder.stage.summary for entry in crowd(50))


# Files

FILE = "cognito-test-user-0123456789abcdef0123456789abcdef.json"


@pytest.fixture
def temp(post: Post, tmp_path: Path) -> Path:
    """The runner's temp folder, with a file from another step in it."""
    folder = tmp_path / "_temp"
    folder.mkdir()
    (folder / "other.json").write_text("x")
    post.environ["RUNNER_TEMP"] = str(folder)
    return folder


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("keep", [["user-1"], []])
def test_files_are_removed_whatever_happens_to_the_users(post: Post, temp: Path, keep: list[str]) -> None:
    """Only those that main wrote, and no others in the folder."""
    state = post.main(Entry(name=NAME, username=NAME, sub=SUB), keep=keep)
    names = [state.new_file(Random(number)) for number in range(3)]
    for name in names:
        (temp / name).write_text("tokens")

    assert post.run() == 0
    assert left(temp) == ["other.json"]
    assert post.deleted == ([] if keep else [NAME])
    assert [line for line in post.recorder.stage.log if "browser state" in line] == [
        f"The browser state {name} is gone." for name in names
    ]


def test_files_are_removed_if_main_failed_before_or_after_its_setup(post: Post, temp: Path) -> None:
    """A file that is named in the state is removed, whether or not there is anything else in it."""
    (temp / FILE).write_text("tokens")

    assert post.run({"STATE_file-1": FILE, "STATE_files": "1"}) == 0
    assert left(temp) == ["other.json"]
    assert post.aws.calls == []


def test_file_that_is_gone_is_not_a_failure(post: Post, temp: Path) -> None:
    """A test may have removed it, or main never got to write it."""
    post.main(Entry(name=NAME, username=NAME, sub=SUB))

    assert post.run({"STATE_file-1": FILE, "STATE_files": "1"}) == 0
    assert (post.deleted, post.recorder.stage.annotations, left(temp)) == ([NAME], [], ["other.json"])


@pytest.mark.parametrize("path", ["other.json", "../outside.json", "{folder}/other.json", f"../{FILE}", "."])
def test_tampered_file_name_is_left_alone(post: Post, temp: Path, path: str) -> None:
    """A warning names its key, whatever path it tries, and the user is still deleted."""
    outside = (temp.parent / "outside.json", temp.parent / FILE)
    for file in outside:
        file.write_text("x")
    post.main(Entry(name=NAME, username=NAME, sub=SUB))

    assert post.run({"STATE_file-1": path.format(folder=temp), "STATE_files": "1"}) == 0
    assert left(temp) == ["other.json"]
    assert all(file.exists() for file in outside)
    assert post.deleted == [NAME]
    assert "they were left alone: file-1\n" in post.warning


@pytest.mark.parametrize("obstacle", ["folder", "no folder"])
def test_file_that_cannot_be_removed_is_a_warning(post: Post, temp: Path, obstacle: str) -> None:
    """The reader is told, and the users are still deleted."""
    post.main(Entry(name=NAME, username=NAME, sub=SUB), cleanup_failure="error")
    if obstacle == "folder":
        (temp / FILE).mkdir()
    else:
        del post.environ["RUNNER_TEMP"]

    assert post.run({"STATE_file-1": FILE, "STATE_files": "1"}) == 0
    [annotation] = post.recorder.stage.annotations
    assert (annotation.level, annotation.title) == ("warning", "Cognito test user: file not removed")
    assert f"The browser state {FILE} could not be removed: " in annotation.message
    assert post.deleted == [NAME]
