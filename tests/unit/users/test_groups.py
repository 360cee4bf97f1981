"""Groups: each is joined under a name that lasts, and all that are missing are named at once."""

import json
import shlex
from threading import Event, Thread
from typing import Any

import pytest

from cognito_action.errors import ActionError
from cognito_action.users.creation import UserCredentials
from cognito_action.users.groups import Groups
from tests.support.examples import EMAIL, NAME, POOL_ID, PREFIX, SUB
from tests.support.fake_time import FakeTime
from tests.support.recorder import Recorder
from tests.support.scripted_cognito import ScriptedCognito, lost_answer, refusal

USER = UserCredentials(EMAIL, "Passw0rd", EMAIL, SUB, "the internal name", "user-1")
OTHER = UserCredentials(NAME, "Passw0rd", "", "", NAME, "user-2")

NO_GROUP = refusal("ResourceNotFoundException", "Group not found.")
NO_POOL = refusal("ResourceNotFoundException", f"User pool {POOL_ID} does not exist.")
DENIED = refusal("AccessDeniedException", "User: x is not authorized to perform: cognito-idp:AdminAddUserToGroup")


def groups(client: ScriptedCognito, recorder: Recorder, time: FakeTime, *named: str) -> Groups:
    return Groups(client.pool(time.retry()), named, recorder.runner)


def failing(step: Groups, user: UserCredentials, *names: str) -> ActionError:
    """The error if the user can't join these."""
    with pytest.raises(ActionError) as caught:
        step.add(user, names)
    return caught.value


def joined(client: ScriptedCognito) -> list[tuple[str, str]]:
    return [(call.parameters["Username"], call.parameters["GroupName"]) for call in client.calls]


def test_groups_are_joined_one_after_the_other_under_the_internal_name(recorder: Recorder, time: FakeTime) -> None:
    """The log names the user by the `sub`, or by the front of the name as long as there is none."""
    client = ScriptedCognito()
    step = groups(client, recorder, time, "a", "b")

    step.add(USER, ["a", "b"])
    step.add(OTHER, ["b"])

    assert joined(client) == [("the internal name", "a"), ("the internal name", "b"), (NAME, "b")]
    assert recorder.stage.log == [
        f"User {SUB} is in group a.",
        f"User {SUB} is in group b.",
        f"User {PREFIX}… is in group b.",
    ]


def test_user_without_groups_costs_no_call(recorder: Recorder, time: FakeTime) -> None:
    """Those of others are not asked about."""
    client = ScriptedCognito()

    groups(client, recorder, time, "a").add(USER, [])

    assert client.calls == []


NAMES = ["admins", "$(touch evil)", "'; rm -rf ~ #", "::error::x", "##[error]x", "```", "%0A::error::x", "é/漢"]


@pytest.mark.parametrize("group", NAMES)
def test_missing_group_is_named_with_the_command_that_creates_it(
    recorder: Recorder, time: FakeTime, group: str
) -> None:
    """Whatever its name, a shell accepts the command, and the log contains no runner command.

    The group after it, which the user had not come to yet, is found to be there.
    """
    client = ScriptedCognito(join=[{}, NO_GROUP])

    error = failing(groups(client, recorder, time, "there", group, "there too"), USER, "there", group, "there too")

    assert error.what == (
        f"The user pool has no group {group}. "
        "AdminAddUserToGroup failed with ResourceNotFoundException: Group not found."
    )
    assert shlex.split(error.paste) == [
        *("aws", "cognito-idp", "create-group", "--region", "eu-central-1", "--user-pool-id", POOL_ID),
        *("--group-name", group),
    ]
    assert (error.language, "`groups`" in error.why) == ("sh", True)
    assert set(recorder.stage.executed) == set()
    assert [name for _, name in joined(client)] == ["there", group, "there too"]


def test_groups_of_all_users_are_asked_about_once(recorder: Recorder, time: FakeTime) -> None:
    """Those that are known to be there are not; the next user to miss one is told of all without a further call."""
    client = ScriptedCognito(join=[{}, NO_GROUP, NO_GROUP, {}, NO_GROUP])
    step = groups(client, recorder, time, "a", "b", "c", "d")
    step.add(USER, ["a"])

    first, second = failing(step, USER, "b"), failing(step, OTHER, "c")

    assert [name for _, name in joined(client)] == ["a", "b", "c", "d", "c"]
    for error in (first, second):
        assert error.what.startswith("The user pool has no groups b, c. ")
        assert len(error.paste.split("\n")) == 2


class Meeting(ScriptedCognito):
    """A pool in which two users have missed their groups before either is told."""

    def __init__(self) -> None:
        super().__init__()
        self.both = Event()

    def admin_add_user_to_group(self, **parameters: Any) -> Any:
        super().admin_add_user_to_group(**parameters)
        if len(self.calls) == 2:
            self.both.set()
        assert self.both.wait(30)
        raise NO_GROUP


def test_two_users_who_miss_their_groups_at_once_make_no_call_twice(recorder: Recorder, time: FakeTime) -> None:
    """One of them asks about the other's group, and both are told of both."""
    client = Meeting()
    step = groups(client, recorder, time, "a", "b")
    errors: list[str] = []
    threads = [
        Thread(target=lambda user=user, name=name: errors.append(failing(step, user, name).what))
        for user, name in ((USER, "a"), (OTHER, "b"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert len(client.calls) == 3
    assert {what.partition(". ")[0] for what in errors} == {"The user pool has no groups a, b"}
    assert len(errors) == 2


def test_refusal_of_another_group_hides_no_missing_one(recorder: Recorder, time: FakeTime) -> None:
    """What is known is told."""
    client = ScriptedCognito(join=[NO_GROUP, DENIED])

    error = failing(groups(client, recorder, time, "a", "b"), USER, "a")

    assert error.what.startswith("The user pool has no group a. ")


def test_missing_pool_is_no_missing_group(recorder: Recorder, time: FakeTime) -> None:
    """Both have the same code."""
    error = failing(groups(ScriptedCognito(join=[NO_POOL]), recorder, time, "a"), USER, "a")

    assert "no such user pool" in error.why


def test_missing_permission_is_in_the_statement_to_paste(recorder: Recorder, time: FakeTime) -> None:
    """A step with groups needs one more permission."""
    error = failing(groups(ScriptedCognito(join=[DENIED]), recorder, time, "admins"), USER, "admins")

    assert error.what.startswith("AdminAddUserToGroup failed with AccessDeniedException: ")
    assert json.loads(error.paste)["Action"][3:] == ["cognito-idp:AdminAddUserToGroup"]


def test_transient_failure_of_a_group_is_retried(recorder: Recorder, time: FakeTime) -> None:
    """Joining twice does no harm."""
    client = ScriptedCognito(join=[refusal("TooManyRequestsException"), lost_answer()])
    time.share = 0.1

    groups(client, recorder, time, "admins").add(USER, ["admins"])

    assert joined(client) == [("the internal name", "admins")] * 3
