"""Several users of one step: the input `users`, from its text to what each of them is to be."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pydantic_core import PydanticCustomError

from cognito_action.inputs import validators as forms

if TYPE_CHECKING:
    from cognito_action.inputs.document import Tree


LIMIT = 50


LIMIT_WITH_TOKENS = 20
"""One environment variable holds 128 KiB, which is 6 KiB for the three tokens of each."""


REPORTED = 20
"""So many problems are named: more than these have a cause in common, and an annotation has its limit."""


_PARTS = ("groups", "attributes")


_NOTHING = ("", "~", "null")
"""What stands where a mapping or a list was left out, in YAML and in JSON."""


@dataclass(frozen=True)
class UserSpec:
    """What a user is to be beside its generated name and its password."""

    groups: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)

    def __or__(self, own: "UserSpec") -> "UserSpec":
        """Add what is one user's own to what all users share."""
        return UserSpec(tuple(dict.fromkeys(self.groups + own.groups)), {**self.attributes, **own.attributes})


def read_users(text: str, *, with_tokens: bool, with_phone_number: bool) -> dict[str, UserSpec]:
    """Read the users of a step by their keys; raises with all that is wrong, one problem a line."""
    from cognito_action.inputs.document import read_document  # noqa: PLC0415 - a step without `users` need not wait for YAML

    document = read_document(text)
    if not document or not isinstance(document, tuple):
        raise forms.bad("must be a mapping from keys of your choice to users, as in admin: {groups: [admins]}")
    problems = _too_many(len(document), with_tokens=with_tokens, with_phone_number=with_phone_number)
    users: dict[str, UserSpec] = {}
    for key, tree in document[:LIMIT]:
        found = _key_problems(key, users)
        users[key] = _user(tree, found)
        problems += [f"{_shown(key)}: {problem}" for problem in found]
    if problems:
        more = [f"and {len(problems) - REPORTED} more problems"] if len(problems) > REPORTED else []
        raise forms.bad("\n".join(problems[:REPORTED] + more))
    return users


def _too_many(count: int, *, with_tokens: bool, with_phone_number: bool) -> list[str]:
    problems = []
    if count > LIMIT:
        problems.append(f"{count} users, but one step creates {LIMIT} at most, so that the post step can delete them")
    elif with_tokens and count > LIMIT_WITH_TOKENS:
        problems.append(
            f"{count} users, but with client-id {LIMIT_WITH_TOKENS} are the most: the output users holds the tokens of "
            "all, and a later step can take 128 KiB in one environment variable"
        )
    if with_phone_number and count > 1:
        problems.append(f"{count} users, but phone-number is for one user only, since a number belongs to one")
    return problems


def _key_problems(key: str, earlier: Iterable[str]) -> list[str]:
    problems = []
    if not _is_key(key):
        problems.append("a key has 1 to 64 printable characters, and no space at its ends")
    for twin in earlier:
        if twin == key:
            problems.append("this key is there twice")
        elif twin.upper() == key.upper():
            problems.append(f"only case tells this key from {_shown(twin)}, and GitHub's expressions ignore case")
    return problems


def _user(tree: "Tree", problems: list[str]) -> UserSpec:
    parts = _mapping(tree, "", "must be empty or a mapping with groups and attributes", problems)
    for name in parts:
        if name not in _PARTS:
            meant = difflib.get_close_matches(name, _PARTS, 1, 0.8)
            hint = f"; {meant[0]} is meant, it seems" if meant else ", only groups and attributes"
            problems.append(f"there is no {_shown(name)}{hint}")
    return UserSpec(_groups(parts.get("groups", ""), problems), _attributes(parts.get("attributes", ""), problems))


def _groups(tree: "Tree", problems: list[str]) -> tuple[str, ...]:
    if tree in _NOTHING:
        return ()
    try:
        if isinstance(tree, str):
            return forms.groups(tree)
        if isinstance(tree, list) and (names := [name for name in tree if isinstance(name, str)]) == tree:
            return forms.group_names(names)
        raise forms.bad("must be a list of names")
    except PydanticCustomError as error:
        problems.append(f"groups: {error.message()}")
        return ()


def _attributes(tree: "Tree", problems: list[str]) -> dict[str, str]:
    attributes = {}
    found = _mapping(tree, "attributes: ", "must be a mapping from names to texts", problems)
    for number, (name, value) in enumerate(found.items(), 1):
        if not isinstance(value, str):
            problems.append(f"attribute {number}: a value must be a text")
        elif problem := forms.attribute_problem(name, value, "'name: Ada' or 'custom:team: blue'"):
            problems.append(f"attribute {number}: {problem}")
        else:
            attributes[name] = value
    return attributes


def _mapping(tree: "Tree", place: str, expected: str, problems: list[str]) -> dict[str, "Tree"]:
    if tree in _NOTHING:
        return {}
    if not isinstance(tree, tuple):
        problems.append(f"{place}{expected}")
        return {}
    found: dict[str, Tree] = {}
    for name, value in tree:
        if name in found:
            problems.append(f"{place}{_shown(name)} is there twice")
        found[name] = value
    return found


def _is_key(text: str) -> bool:
    return 1 <= len(text) <= 64 and text.isprintable() and text == text.strip()


def _shown(key: str) -> str:
    return key if _is_key(key) else repr(key[:64])
