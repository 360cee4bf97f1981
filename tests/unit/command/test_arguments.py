"""Keyword arguments as the texts of inputs."""

from pathlib import Path
from typing import Any

import pytest

from cognito_action.command.arguments import NAMES, Arguments, texts_of

TEXTS: dict[str, tuple[Any, str]] = {
    "user_pool_id": ("eu-central-1_AbCdEfGhI", "eu-central-1_AbCdEfGhI"),
    "sign_up": (True, "true"),
    "cleanup": (False, "false"),
    "password_length": (40, "40"),
    "attributes": (
        {"name": "Ada", "custom:level": 3, "custom:beta": True},
        "name=Ada\ncustom:level=3\ncustom:beta=true",
    ),
    "client_metadata": ({"formula": "a=b"}, "formula=a=b"),
    "groups": (("admins", "öl"), "admins\nöl"),
    "users": (
        {"admin": {"groups": ["a"], "create": False}, "é": None},
        '{"admin": {"groups": ["a"], "create": false}, "é": null}',
    ),
    "state_dir": (Path("/state"), "/state"),
    "email_domain": ("", ""),
}

UNREADABLE: list[tuple[str, Any]] = [
    ("attributes", {"a=b": "c"}),
    ("attributes", {"name": "two\nlines"}),
    ("attributes", {"name": " Ada"}),
    ("attributes", {"": "Ada"}),
    ("groups", ["a,b"]),
    ("groups", ["a\nb"]),
    ("groups", [" a"]),
    ("groups", [""]),
]

MEANINGLESS: list[tuple[str, Any]] = [
    ("password_length", 8.5),
    ("user_pool_id", ["a"]),
    ("email_domain", {"a": "b"}),
    ("attributes", {"name": None}),
    ("groups", [1]),
]


@pytest.mark.parametrize("keyword", TEXTS)
def test_natural_value_becomes_the_text_of_the_input(keyword: str) -> None:
    """Switches, numbers, mappings, lists, paths, and what is a text already."""
    value, text = TEXTS[keyword]

    assert texts_of({keyword: value}) == {keyword.replace("_", "-"): text}


def test_none_is_not_given() -> None:
    """A variable that is not there leaves the choice to what comes after it."""
    assert texts_of({"client_id": None}) == {}


@pytest.mark.parametrize(("keyword", "value"), UNREADABLE)
def test_value_that_would_be_read_as_another_is_refused(keyword: str, value: object) -> None:
    """Nothing is cut or split without a word."""
    with pytest.raises(ValueError, match=keyword):
        texts_of({keyword: value})


@pytest.mark.parametrize(("keyword", "value"), MEANINGLESS)
def test_type_that_means_nothing_is_refused(keyword: str, value: object) -> None:
    """The error names the type, never the value."""
    with pytest.raises(TypeError, match="can't"):
        texts_of({keyword: value})


def test_unknown_argument_is_refused() -> None:
    """As Python does, with all that are possible."""
    with pytest.raises(TypeError, match="there is no user_pool; possible are user_pool_id,"):
        texts_of({"user_pool": "a"})


def test_types_are_there_for_every_name() -> None:
    """Type checkers know the same arguments."""
    assert list(Arguments.__annotations__) == list(NAMES)
