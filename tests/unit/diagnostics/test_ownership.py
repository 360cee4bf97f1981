"""The error about users of others: whose they are, and what to change here."""

import pytest

from cognito_action.diagnostics.ownership import MAX_LISTED, not_own_users, user_to_adopt_not_found
from cognito_action.errors import CallError
from cognito_action.naming import Origin, Place, Run
from tests.support.examples import NAME, PHONE, SUB

RUN = Run("123456789", "9876543210", "1")
PLACE = Place("0123456789abcdef", "20261124120005")
PLACE_NAME = f"{PLACE.prefix}fedcba9876543210"

ORIGINS: dict[str, Origin] = {
    "run": RUN,
    "run of the repository": Run("123456789", "1", "1"),
    "run of another": Run("2", "1", "1"),
    "place": PLACE,
    "other place": Place("f" * 16, "20261124120005"),
}


@pytest.mark.parametrize(
    ("name", "origin", "words"),
    [
        (NAME, "run of the repository", ["9876543210", "this is 1"]),
        (NAME, "run of another", ["123456789", "has 2"]),
        (NAME, "place", ["GitHub", "123456789"]),
        (PLACE_NAME, "run", ["cognito-test-user", "0123456789abcdef"]),
        (PLACE_NAME, "other place", ["0123456789abcdef", "this is ffffffffffffffff"]),
        (PHONE, "run", ["phone number"]),
        (PHONE, "place", ["phone number"]),
        (SUB, "place", ["`sub`"]),
        ("alice", "place", ["not a generated name"]),
    ],
)
def test_reason_says_whose_user_it_is(name: str, origin: str, words: list[str]) -> None:
    """Next to the name."""
    [line] = not_own_users([name], ORIGINS[origin]).what.split("\n")[1:]

    assert line.startswith(f"- {name}: ")
    assert all(word in line for word in words)


@pytest.mark.parametrize(("origin", "paste"), [(RUN, "uses: "), (PLACE, "--place")])
def test_fix_is_for_the_author_of_a_workflow_or_of_a_command(origin: Origin, paste: str) -> None:
    """Each has another way."""
    error = not_own_users(["alice"], origin)

    assert paste in error.paste
    assert error.why
    assert error.fix


def test_many_names_are_counted_at_a_place() -> None:
    """As in GitHub."""
    lines = not_own_users(["x" * 500] * (MAX_LISTED + 5), PLACE).what.split("\n")

    assert len(lines) == MAX_LISTED + 2
    assert lines[-1] == "- and 5 more"
    assert max(map(len, lines)) < 200


def test_command_hands_over_a_username_and_a_place() -> None:
    """A workflow passes outputs on; a shell does not."""
    assert not_own_users(["alice"], PLACE).text.endswith("\n--place <name>")
    assert "needs.create.outputs.username" in not_own_users(["alice"], RUN).annotation


def test_user_who_is_gone_should_have_outlived_its_run() -> None:
    """By the option of the command, or the input of the step."""
    error = user_to_adopt_not_found(CallError("AdminSetUserPassword", "UserNotFoundException", "no"))

    assert error.text.endswith("\n--cleanup false")
    assert "cleanup: false" in error.paste
