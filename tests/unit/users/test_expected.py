"""A user whom a test is to sign up: everything is made, masked and saved, and nothing is asked of Cognito."""

import json
from random import Random

import pytest

from cognito_action.github.runner import RunnerFileError
from cognito_action.inputs.main import MainInputs
from cognito_action.naming import Run, owner_of
from cognito_action.users.expected import ExpectedUser
from cognito_action.users.records import Entry
from cognito_action.users.state import SavedState, State
from tests.support.examples import PHONE, POOL_ID, PREFIX, RUN_ENVIRON
from tests.support.inputs import input_variables, no_warning
from tests.support.recorder import Recorder

RUN = Run.from_environ(RUN_ENVIRON)


def expected(recorder: Recorder, **inputs: str) -> ExpectedUser:
    """A user that is expected in a step with these inputs; `_` in names stands for `-`."""
    read = MainInputs.from_environ(input_variables(user_pool_id=POOL_ID, **inputs), no_warning)
    return ExpectedUser(read, RUN, State(recorder.runner), recorder.runner, Random(7))


def entries(recorder: Recorder) -> tuple[Entry, ...]:
    """Who post is to delete."""
    return SavedState.from_environ({f"STATE_{key}": text for key, text in recorder.stage.state.items()}, RUN).entries


@pytest.mark.parametrize(
    ("domain", "address"),
    [(None, "success+{}@simulator.amazonses.com"), ("example.com", "success+{}@simulator.amazonses.com")],
    ids=["default", "written"],
)
def test_address_takes_the_code_that_the_form_sends(recorder: Recorder, domain: str | None, address: str) -> None:
    """By the rule of a sign-up by the action itself, whether it does that for others or not."""
    user = expected(recorder, **({"email_domain": domain} if domain else {})).hand_over(8)

    assert owner_of(user.username) == RUN
    assert user.email == address.format(user.username)


@pytest.mark.parametrize(("domain", "address"), [("a.test", "{}@a.test"), ("''", "")], ids=["other", "none"])
def test_other_domain_is_used_as_it_is(recorder: Recorder, domain: str, address: str) -> None:
    """None is no address at all."""
    user = expected(recorder, email_domain=domain.strip("'")).hand_over(8)

    assert user.email == address.format(user.username)


def test_user_is_in_the_state_from_the_beginning(recorder: Recorder) -> None:
    """The test may sign it up at any time; post knows both texts by which it can."""
    user = expected(recorder)

    [entry] = entries(recorder)
    handed_over = user.hand_over(8)
    assert entry == Entry(handed_over.email, expected=True)
    assert entry.deletion_names == (handed_over.email, handed_over.username)
    assert recorder.stage.files["GITHUB_STATE"].count("user-1<<") == 1


def test_user_without_an_address_is_in_the_state_by_its_name(recorder: Recorder) -> None:
    """There is nothing else to sign up by."""
    user = expected(recorder, email_domain="").hand_over(8)

    assert entries(recorder) == (Entry(user.username, expected=True),)


def test_number_is_in_the_state(recorder: Recorder) -> None:
    """If the form signs people up by it, the address next to it tells post whose it is."""
    user = expected(recorder, phone_number=PHONE).hand_over(8)

    assert entries(recorder) == (Entry(user.email, PHONE, expected=True),)
    assert PHONE not in (user.username, user.email)


def test_name_and_address_are_masked_before_they_are_saved(recorder: Recorder) -> None:
    """A main that is killed between the two leaves no name without its mask."""
    masked: list[set[str]] = []

    class WatchedState(State):
        def add(self, kind: str, value: str) -> str:
            masked.append(set(recorder.stage.masks.secrets))
            return super().add(kind, value)

    inputs = MainInputs.from_environ(input_variables(user_pool_id=POOL_ID), no_warning)
    user = ExpectedUser(inputs, RUN, WatchedState(recorder.runner), recorder.runner, Random(7)).hand_over(8)

    assert masked == [{user.username, user.email}]


def test_user_without_an_address_masks_no_empty_text(recorder: Recorder) -> None:
    """It would hide the whole log."""
    user = expected(recorder, email_domain="").hand_over(8)

    assert recorder.stage.masks.secrets == {user.username, user.password}


def test_names_are_not_masked_with_mask_username_false(recorder: Recorder) -> None:
    """The password still is."""
    user = expected(recorder, mask_username="false").hand_over(8)

    assert recorder.stage.masks.secrets == {user.password}


@pytest.mark.parametrize(
    ("own", "shortest", "length"), [("", 0, 32), ("", 32, 32), ("", 99, 99), ("40", 32, 40), ("64", 99, 99)]
)
def test_password_has_the_length_that_the_pool_wants_at_least(
    recorder: Recorder, own: str, shortest: int, length: int
) -> None:
    """Others have learned it; with nobody to learn from it is that of the input."""
    user = expected(recorder, password_length=own).hand_over(shortest)

    assert len(user.password) == length
    assert user.password in recorder.stage.masks.secrets
    assert user.password not in recorder.stage.files["GITHUB_STATE"] + repr(user)


def test_what_cognito_says_is_empty(recorder: Recorder) -> None:
    """There is no user; the log shows the front of the name."""
    user = expected(recorder).hand_over(8)

    assert (user.sub, user.internal_name, user.entry_id) == ("", user.username, "user-1")
    assert user.shown == f"{PREFIX}…"


def test_withdrawn_user_is_in_the_state_no_more(recorder: Recorder) -> None:
    """Nobody was told about it."""
    expected(recorder).withdraw()

    assert (recorder.stage.state, entries(recorder)) == ({"user-1": "", "users": "1"}, ())


def test_user_whose_entry_could_not_be_saved_is_not_handed_over(recorder: Recorder) -> None:
    """Without its entry, no one would delete it."""
    recorder.paths["GITHUB_STATE"].unlink()
    recorder.paths["GITHUB_STATE"].mkdir()

    with pytest.raises(RunnerFileError, match="GITHUB_STATE"):
        expected(recorder)


def test_each_user_has_its_own_name_and_password(recorder: Recorder) -> None:
    """They are as random as those of users who are created."""
    inputs = MainInputs.from_environ(input_variables(user_pool_id=POOL_ID), no_warning)
    state, random = State(recorder.runner), Random(7)
    everyone = [ExpectedUser(inputs, RUN, state, recorder.runner, random).hand_over(8) for _ in range(20)]

    assert len({user.username for user in everyone}) == len({user.password for user in everyone}) == 20
    assert [json.loads(recorder.stage.state[user.entry_id])["name"] for user in everyone] == [
        user.email for user in everyone
    ]
