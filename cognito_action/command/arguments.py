"""Inputs and settings as keyword arguments of Python, and their texts."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from typing import TypedDict

from cognito_action.command.settings import INPUTS, SETTINGS, keyword_of

NAMES: Mapping[str, str] = {keyword_of(name): name for name in (*INPUTS["run"], *SETTINGS)}
"""The names of inputs and settings, by those of the keyword arguments."""

_PAIRS = ("attributes", "client-metadata")


class Arguments(TypedDict, total=False):
    """What `temporary_user` and `temporary_users` take. Each can be a text, as in the action; None is not given."""

    user_pool_id: str | None
    role_to_assume: str | None
    role_session_name: str | None
    audience: str | None
    email_domain: str | None
    phone_number: str | None
    attributes: Mapping[str, object] | str | None
    groups: Iterable[str] | None
    password_length: int | str | None
    client_id: str | None
    client_secret: str | None
    auth_flow: str | None
    client_metadata: Mapping[str, object] | str | None
    sign_up: bool | str | None
    storage_state_origin: str | None
    identity_pool_id: str | None
    users: Mapping[str, object] | str | None
    mask_username: bool | str | None
    cleanup: bool | str | None
    cleanup_failure: str | None
    state_dir: os.PathLike[str] | str | None
    place: str | None
    web_identity_token_file: os.PathLike[str] | str | None
    web_identity_token_command: str | None


def texts_of(arguments: Mapping[str, object]) -> dict[str, str]:
    """The texts of what is given, by the names of inputs and settings.

    Raises `TypeError` for an argument that does not exist or is of a type that means nothing there, and `ValueError`
    for one whose text would be read as something else.
    """
    __tracebackhide__ = True  # pytest shows no locals of such a frame
    if unknown := [name for name in arguments if name not in NAMES]:
        raise TypeError(f"there is no {' or '.join(unknown)}; possible are {', '.join(NAMES)}")
    given = {NAMES[name]: value for name, value in arguments.items() if value is not None}
    return {name: _text(name, value) for name, value in given.items()}


def _text(name: str, value: object) -> str:
    __tracebackhide__ = True
    match value:
        case str() | os.PathLike():
            return os.fsdecode(value)
        case bool():
            return str(value).lower()
        case int():
            return str(value)
        case Mapping() if name == "users":
            return json.dumps(value, ensure_ascii=False)
        case Mapping() if name in _PAIRS:
            return "\n".join(_pairs(name, value))
        case Iterable() if name == "groups":
            return "\n".join(_group(item) for item in value)
    raise TypeError(f"{keyword_of(name)} can't be a {type(value).__name__}")


def _pairs(argument: str, pairs: Mapping[object, object]) -> Iterator[str]:
    for key, content in pairs.items():
        name, value = str(key), _text(str(key), content)
        read = [part.strip() for part in f"{name}={value}".partition("=")]
        if not name or read != [name, "=", value] or "\n" in name + value:
            raise ValueError(
                f"{keyword_of(argument)}: a name can't be empty or have a =, and neither a name nor a value can have a "
                "line break, or white space at its ends"
            )
        yield f"{name}={value}"


def _group(name: object) -> str:
    if not isinstance(name, str):
        raise TypeError(f"groups can't have a {type(name).__name__} in it")
    if not name.strip() or name != name.strip() or "," in name or "\n" in name:
        raise ValueError("groups: a name can't be empty, or have a comma, a line break, or white space at its ends")
    return name
