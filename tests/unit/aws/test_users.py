"""Users as answers and requests have them: what a list says of a user, and what it leaves out."""

from datetime import UTC, datetime
from typing import Any

import pytest

from cognito_action.aws.users import ListedUser, User, attribute_list, created_user, listed_user
from tests.support.examples import EMAIL, NAME, SUB

CREATED = datetime(2026, 1, 1, tzinfo=UTC)


def answer(status: str = "", **attributes: str) -> Any:
    """A user in an answer of Cognito's."""
    listed = [{"Name": name, "Value": value} for name, value in attributes.items()]
    return {"Username": NAME, "Attributes": listed, **({"UserStatus": status} if status else {})}


def test_created_user_has_its_name_and_its_sub() -> None:
    """Whatever else Cognito says."""
    assert created_user(answer("FORCE_CHANGE_PASSWORD", email=EMAIL, sub=SUB)) == User(NAME, SUB)
    assert created_user(answer()) == User(NAME, "")


def test_listed_user_has_what_decides_whose_it_is() -> None:
    """What the list leaves out is empty, and says nothing against the user."""
    full = answer("CONFIRMED", email=EMAIL, sub=SUB, email_verified="true")

    full["UserCreateDate"] = CREATED

    assert listed_user(full) == ListedUser(NAME, SUB, EMAIL, unverified=False, unconfirmed=False, created=CREATED)
    assert listed_user(answer()) == ListedUser(NAME, "", "", unverified=False, unconfirmed=False, created=None)


@pytest.mark.parametrize(
    ("status", "unconfirmed"),
    [
        ("UNCONFIRMED", True),
        ("unconfirmed", False),
        ("CONFIRMED", False),
        ("FORCE_CHANGE_PASSWORD", False),
        ("EXTERNAL_PROVIDER", False),
        ("RESET_REQUIRED", False),
        ("", False),
    ],
)
def test_only_cognitos_own_word_means_unconfirmed(status: str, *, unconfirmed: bool) -> None:
    """Every other status is that of someone who may have signed in."""
    assert listed_user(answer(status)).unconfirmed is unconfirmed


@pytest.mark.parametrize(("value", "unverified"), [("false", True), ("true", False), ("False", False), ("", False)])
def test_only_cognitos_own_word_means_unverified(value: str, *, unverified: bool) -> None:
    """As the SDK returns it: a text."""
    assert listed_user(answer(email=EMAIL, email_verified=value)).unverified is unverified


def test_attribute_without_a_value_is_empty() -> None:
    """A list can have one."""
    assert listed_user({"Username": NAME, "Attributes": [{"Name": "email"}, {"Name": "sub"}]}).email == ""


def test_attributes_of_a_request_keep_their_order() -> None:
    """The names come as they were written."""
    assert attribute_list({"custom:team": "blue", "email": EMAIL}) == [
        {"Name": "custom:team", "Value": "blue"},
        {"Name": "email", "Value": EMAIL},
    ]
    assert attribute_list({}) == []
