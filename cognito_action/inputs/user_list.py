"""The input `users`: several users of one step, from its text to what each of them is to be."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pydantic_core import PydanticCustomError

from cognito_action.diagnostics.inputs import did_you_mean
from cognito_action.inputs import validators

if TYPE_CHECKING:
    from cognito_action.inputs.document import Tree


MAX_USERS = 50


MAX_USERS_WITH_TOKENS = 20
"""One environment variable holds 128 KiB, which is 6 KiB for the three tokens of each."""


MAX_USERS_WITH_AWS_CREDENTIALS = 12
"""The same with 4 KiB more for the session token of each: STS says that it is usually shorter."""


MAX_REPORTED = 20
"""How many problems are named: more than these have one cause in common, and an annotation has its limit."""


_PARTS = ("groups", "attributes", "create")


_NOTHING = ("", "~", "null")
"""What a mapping or a list that was left out looks like, in YAML and in JSON."""


@dataclass(frozen=True)
class UserSpec:
    """What a user is to be, apart from its generated name and its password."""

    groups: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    create: bool = True
    """Whether the action creates the user; otherwise a test does."""

    def __or__(self, own: "UserSpec") -> "UserSpec":
        """Add what is one user's own to what all users share."""
        groups, attributes = dict.fromkeys(self.groups + own.groups), {**self.attributes, **own.attributes}
        return UserSpec(tuple(groups), attributes) if own.create else own


def read_users(
    text: str, *, with_tokens: bool, with_aws_credentials: bool, with_phone_number: bool, with_address: bool
) -> dict[str, UserSpec]:
    """Read the users of a step by their keys. What each of them gets decides how many there can be.

    Raises `PydanticCustomError` with everything that is wrong, one problem per line.
    """
    from cognito_action.inputs.document import read_document  # noqa: PLC0415 - a step without `users` need not wait for PyYAML

    document = read_document(text)
    if not document or not isinstance(document, tuple):
        raise validators.invalid("must be a mapping from keys of your choice to users, as in admin: {groups: [admins]}")
    problems = _too_many(len(document), with_tokens=with_tokens, with_aws_credentials=with_aws_credentials)
    if with_phone_number and len(document) > 1:
        problems.append(f"{len(document)} users, but phone-number is for one user only, since a number belongs to one")
    users: dict[str, UserSpec] = {}
    for key, tree in document[:MAX_USERS]:
        found = _key_problems(key, users)
        users[key] = _user(tree, found)
        if not users[key].create and with_phone_number and not with_address:
            found.append("with create: false and phone-number, the address is needed to tell the user from others")
        problems += [f"{_shown(key)}: {problem}" for problem in found]
    if problems:
        more = [f"and {len(problems) - MAX_REPORTED} more problems"] if len(problems) > MAX_REPORTED else []
        raise validators.invalid("\n".join(problems[:MAX_REPORTED] + more))
    return users


def _too_many(count: int, *, with_tokens: bool, with_aws_credentials: bool) -> list[str]:
    if count > MAX_USERS:
        return [f"{count} users, but one step creates {MAX_USERS} at most, so that the post step can delete them"]
    for applies, limit, name, what in (
        (with_aws_credentials, MAX_USERS_WITH_AWS_CREDENTIALS, "identity-pool-id", "tokens and the AWS credentials"),
        (with_tokens, MAX_USERS_WITH_TOKENS, "client-id", "tokens"),
    ):
        if applies and count > limit:
            problem = (
                f"{count} users, but at most {limit} are possible with {name}: the output users holds the {what} of all, "
                "and a later step can take 128 KiB in one environment variable"
            )
            return [problem]
    return []


def _key_problems(key: str, earlier: Iterable[str]) -> list[str]:
    problems = []
    if not _is_key(key):
        problems.append("a key has 1 to 64 printable characters, and no space at either end")
    for twin in earlier:
        if twin == key:
            problems.append("this key appears twice")
        elif twin.upper() == key.upper():
            problems.append(f"this key differs from {_shown(twin)} only in case, and GitHub's expressions ignore case")
    return problems


def _user(tree: "Tree", problems: list[str]) -> UserSpec:
    parts = _mapping(tree, "", "must be empty or a mapping with groups, attributes and create", problems)
    for name in parts:
        if name not in _PARTS:
            suggestion = did_you_mean(name, _PARTS) or "only groups, attributes and create are possible"
            problems.append(f"there is no {_shown(name)}; {suggestion}")
    groups, attributes = _groups(parts.get("groups", ""), problems), _attributes(parts.get("attributes", ""), problems)
    create = _create(parts.get("create", ""), problems)
    if not create and (groups or attributes):
        problems.append("a user with create: false has no groups and no attributes: the test that signs it up decides")
    return UserSpec(groups, attributes, create)


def _create(tree: "Tree", problems: list[str]) -> bool:
    if tree in _NOTHING:
        return True
    try:
        return validators.boolean(tree if isinstance(tree, str) else "")
    except PydanticCustomError as error:
        problems.append(f"create: {error.message()}")
        return True


def _groups(tree: "Tree", problems: list[str]) -> tuple[str, ...]:
    if tree in _NOTHING:
        return ()
    try:
        if isinstance(tree, str):
            return validators.groups(tree)
        if isinstance(tree, list) and (names := [name for name in tree if isinstance(name, str)]) == tree:
            return validators.group_names(names)
        raise validators.invalid("must be a list of names")
    except PydanticCustomError as error:
        problems.append(f"groups: {error.message()}")
        return ()


def _attributes(tree: "Tree", problems: list[str]) -> dict[str, str]:
    attributes = {}
    found = _mapping(tree, "attributes: ", "must be a mapping from names to strings", problems)
    for number, (name, value) in enumerate(found.items(), 1):
        if not isinstance(value, str):
            problems.append(f"attribute {number}: a value must be a string")
        elif problem := validators.attribute_problem(name, value, "'name: Ada' or 'custom:team: blue'"):
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
            problems.append(f"{place}{_shown(name)} appears twice")
        found[name] = value
    return found


def _is_key(text: str) -> bool:
    return 1 <= len(text) <= 64 and text.isprintable() and text == text.strip()


def _shown(key: str) -> str:
    return key if _is_key(key) else repr(key[:64])
