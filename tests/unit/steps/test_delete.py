"""Delete: all the given users if all of them are ours, otherwise none."""

from pathlib import Path

import pytest

from cognito_action.steps.delete import LIMITS, delete
from tests.support.companions import Companion
from tests.support.examples import EMAIL, NAME, POOL_ID, PREFIX, SUB
from tests.support.fake_time import FakeTime
from tests.support.recorder import Recorder
from tests.support.scripted_aws import ScriptedAws, cognito_refusal
from tools.emulator.github import TokenService

SECOND = f"{PREFIX}fedcba9876543210"
STRANGERS = [
    *("alice", "+15555550123", SUB, NAME[:-1], f"{NAME} {SECOND}", f"{NAME},{SECOND}"),
    *(NAME.replace("123456789", "987654321"), NAME.replace("9876543210", "1")),
]
ABSENT = cognito_refusal("UserNotFoundException", "User does not exist.")
DENIED = cognito_refusal("AccessDeniedException", "User: x is not authorized to perform: cognito-idp:AdminDeleteUser")


@pytest.fixture
def step(recorder: Recorder, aws: ScriptedAws, github: TokenService, time: FakeTime) -> Companion:
    return Companion(delete, LIMITS, recorder, aws, github, time)


def test_each_user_is_deleted_once(step: Companion) -> None:
    """One name per line; whitespace and duplicates do not count."""
    assert step.run(username=f"  {EMAIL}\r\n{SECOND}\n{EMAIL}\n") == 0

    assert sorted(call["Username"] for call in step.parameters("AdminDeleteUser")) == sorted([EMAIL, SECOND])
    assert sorted(step.recorder.stage.log[1:]) == [f"Deleted user {EMAIL}.", f"Deleted user {SECOND}."]
    assert step.allowed == ["AdminDeleteUser"]
    assert step.recorder.stage.annotations == []
    assert step.recorder.stage.outputs == {}


def test_user_who_is_gone_is_not_a_failure(step: Companion) -> None:
    """The last job may run twice."""
    step.aws.about(NAME, ABSENT)

    assert step.run(username=f"{NAME}\n{SECOND}") == 0
    assert step.recorder.stage.log[-1] == f"User {NAME} is not there."
    assert step.recorder.stage.annotations == []


@pytest.mark.parametrize("stranger", STRANGERS)
def test_no_user_is_deleted_if_one_is_a_stranger(step: Companion, stranger: str) -> None:
    """A list with a mistake in it is refused as a whole."""
    error = step.fail(username=f"{NAME}\n{stranger}")

    [_, line] = error.what.split("\n")
    assert line.startswith(f"- {stranger}: ")
    assert step.aws.calls == []


@pytest.mark.parametrize("username", ["", " ", "\n\n \n"])
def test_no_name_is_a_warning(step: Companion, username: str) -> None:
    """This is right if the creating job failed, but a leak if its output was masked: the author has to see it."""
    assert step.run(username=username) == 0

    [annotation] = step.recorder.stage.annotations
    assert (annotation.level, annotation.title) == ("warning", "Cognito test user: not deleted")
    assert annotation.message.startswith("`username` is empty: no user was deleted for it.\n")
    assert "needs `mask-username: false`" in annotation.message
    assert step.aws.calls == []


def test_name_that_did_not_arrive_is_a_warning(step: Companion) -> None:
    """Of two lines with an expression each, one is empty: the other user is deleted."""
    assert step.run(username=f"{NAME}\n\n") == 0

    assert [call["Username"] for call in step.parameters("AdminDeleteUser")] == [NAME]
    [annotation] = step.recorder.stage.annotations
    assert annotation.level == "warning"
    assert annotation.message.startswith("`username` has a blank line: no user was deleted for it.\n")


def test_address_that_is_not_found_is_reported(step: Companion) -> None:
    """It may have been changed, or the pool may use phone numbers; a plain name that is not found is gone."""
    step.aws.about(EMAIL, ABSENT)
    step.aws.about(SECOND, ABSENT)

    assert step.run(username=f"{EMAIL}\n{SECOND}") == 0

    [annotation] = step.recorder.stage.annotations
    assert (annotation.level, annotation.title) == ("notice", "Cognito test user: not found")
    assert annotation.message.endswith(f"the user is still there, under another name.\n{EMAIL}")


def test_failure_of_one_is_an_error_with_the_command(step: Companion) -> None:
    """The others are still deleted."""
    step.aws.about(NAME, DENIED)

    assert step.run(username=f"{NAME}\n{SECOND}") == 1

    assert f"Deleted user {SECOND}." in step.recorder.stage.log
    [annotation] = step.recorder.stage.annotations
    assert (annotation.level, annotation.title) == ("error", "Cognito test user: not deleted")
    assert annotation.message.startswith(f"1 user may still exist in {POOL_ID}. AdminDeleteUser failed with ")
    assert (
        "aws cognito-idp admin-delete-user --region eu-central-1 --user-pool-id eu-central-1_AbCdEfGhI --username "
        f"{NAME} --endpoint-url {step.aws.url}\n" in annotation.message
    )
    assert '"Action": [\n    "cognito-idp:AdminDeleteUser"\n  ]' in annotation.message
    assert NAME in step.recorder.stage.summary


def test_whole_refusal_is_in_the_debug_log(step: Companion, tmp_path: Path) -> None:
    """The annotation quotes only the start of a long one."""
    step.recorder = Recorder(tmp_path, RUNNER_DEBUG="1")
    step.aws.on("AdminDeleteUser", cognito_refusal("AccessDeniedException", "no " * 1000))

    assert step.run(username=NAME) == 1
    assert f"##[debug]AdminDeleteUser: AccessDeniedException: {'no ' * 1000}" in step.recorder.stage.log
    assert "(2999 characters in all)" in step.recorder.stage.annotations[0].message


def test_missing_pool_is_an_error(step: Companion) -> None:
    """Someone typed its id by hand: a green job would leave the users behind."""
    step.aws.on("AdminDeleteUser", cognito_refusal("ResourceNotFoundException", "User pool does not exist."))

    assert step.run(username=NAME) == 1
    assert "does not have what this call needs" in step.recorder.stage.annotations[0].message


def test_many_users_get_more_time(step: Companion) -> None:
    """Half a second more for each after the first."""
    names = "\n".join(f"{PREFIX}{number:016x}" for number in range(101))
    throttled = cognito_refusal("TooManyRequestsException", "Rate exceeded")
    step.aws.about(f"{PREFIX}{0:016x}", *[throttled] * 100)

    assert step.run(username=names) == 1
    assert LIMITS.seconds < step.time.now < LIMITS.seconds + 50


def test_no_call_is_made_without_a_repository(step: Companion) -> None:
    """Every name with a zero for the repository would look like ours."""
    step.environ["GITHUB_REPOSITORY_ID"] = ""

    assert "GITHUB_REPOSITORY_ID" in step.fail(username=NAME.replace("123456789", "0")).what
    assert step.aws.calls == []
