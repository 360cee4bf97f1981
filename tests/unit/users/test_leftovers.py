"""Who may still exist after a cleanup: what is said of them, and whether it is a failure."""

from dataclasses import replace

import pytest

from cognito_action.errors import ActionError
from cognito_action.users.deletion import TITLE
from cognito_action.users.leftovers import TITLE_LATE, Leftovers
from cognito_action.users.records import Entry, Setup
from tests.support.examples import EMAIL, ENDPOINTS, NAME, PHONE, POOL_ID, PREFIX, SUB
from tests.support.recorder import Recorder

SETUP = Setup(POOL_ID, "eu-central-1", None, "", ENDPOINTS, "", "warning")

DELETE = f"aws cognito-idp admin-delete-user --region eu-central-1 --user-pool-id {POOL_ID}"
FIND = f"aws cognito-idp list-users --region eu-central-1 --user-pool-id {POOL_ID}"

ERROR = ActionError("It failed.", "Why.", "Fix.")


def leftovers(recorder: Recorder, cleanup_failure: str = "warning") -> Leftovers:
    return Leftovers(replace(SETUP, cleanup_failure=cleanup_failure), recorder.runner)


def test_no_one_is_left_at_first(recorder: Recorder) -> None:
    """Nothing is said, and nothing has failed."""
    left = leftovers(recorder, "error")

    assert left.is_empty
    assert left.report(same_credentials=False) == 0
    assert recorder.stage.log == []
    assert recorder.stage.annotations == []


@pytest.mark.parametrize(("cleanup_failure", "status"), [("warning", 0), ("error", 1)])
def test_user_who_is_left_is_a_failure_if_that_is_asked_for(
    recorder: Recorder, cleanup_failure: str, status: int
) -> None:
    """The command that deletes the user is in the annotation."""
    left = leftovers(recorder, cleanup_failure)
    left.add(Entry(name=NAME, sub=SUB), ERROR)

    assert left.report(same_credentials=True) == status

    [annotation] = recorder.stage.annotations
    assert (annotation.level, annotation.title) == (cleanup_failure, f"Cognito test user: {TITLE}")
    assert annotation.message.startswith(f"1 user may still exist in {POOL_ID}. It failed.")
    assert f"{DELETE} --username {SUB} --endpoint-url {ENDPOINTS.cognito_idp}" in annotation.message
    assert NAME not in annotation.message


@pytest.mark.parametrize(
    ("entry", "filters"),
    [
        (Entry(name=NAME), [f'username ^= "{PREFIX}"']),
        (Entry(name=EMAIL), [f'email ^= "{PREFIX}"']),
        (Entry(name=EMAIL, expected=True), [f'email ^= "{PREFIX}"', f'username ^= "{PREFIX}"']),
        (Entry(name=NAME, phone_number=PHONE), ['phone_number = "<value of phone-number>"']),
    ],
)
def test_user_whose_id_is_not_known_is_found_by_what_may_be_seen(
    recorder: Recorder, entry: Entry, filters: list[str]
) -> None:
    """Neither the whole name nor the number is shown."""
    left = leftovers(recorder)
    left.add(entry, ERROR)

    left.report(same_credentials=True)

    [annotation] = recorder.stage.annotations
    assert annotation.message.count(FIND) == len(filters)
    assert all(f"--filter '{each}'" in annotation.message for each in filters)
    assert NAME not in annotation.message
    assert PHONE not in annotation.message


def test_other_credentials_are_the_first_suspect(recorder: Recorder) -> None:
    """The reader is told before anything else."""
    left = leftovers(recorder)
    left.add(Entry(name=NAME, sub=SUB), ERROR)

    left.report(same_credentials=False)

    first, second = recorder.stage.annotations
    assert "credentials" in first.message
    assert "It failed." in second.message


@pytest.mark.parametrize("cleanup_failure", ["warning", "error"])
def test_user_who_may_come_is_a_warning(recorder: Recorder, cleanup_failure: str) -> None:
    """No one is there yet, so nothing has failed; the ID that a later call returned is another user's."""
    left = leftovers(recorder, cleanup_failure)
    left.add_possible(Entry(name=NAME, username=NAME, sub=SUB))
    left.add_possible(Entry(name=NAME))

    assert not left.is_empty
    assert Entry(name=NAME) not in left
    assert left.report(same_credentials=True) == 0

    [annotation] = recorder.stage.annotations
    assert (annotation.level, annotation.title) == ("warning", f"Cognito test user: {TITLE_LATE}")
    assert annotation.message.startswith("2 users may still come")
    assert annotation.message.count(FIND) == 1
    assert SUB not in annotation.message


def test_users_of_a_pool_that_is_gone_are_forgotten(recorder: Recorder) -> None:
    """They went with it."""
    left = leftovers(recorder, "error")
    left.add(Entry(name=NAME), ERROR)
    assert Entry(name=NAME) in left
    assert Entry(name=EMAIL) not in left
    assert not left.is_empty

    left.clear()

    assert left.is_empty
    assert Entry(name=NAME) not in left
    assert left.report(same_credentials=True) == 0
