"""Permanent passwords that any pool's policy accepts."""

import string
from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING

from cognito_action.errors import CallError

if TYPE_CHECKING:
    from cognito_action.aws.user_pool import UserPool

SYMBOLS = "-_.~"
"""Of the symbols that Cognito counts, those that have no meaning in a shell, a URL, JSON, YAML or XML."""

LONGEST_MINIMUM = 99
"""Characters of the longest minimum that a pool's password policy can set (`PasswordPolicyType.MinimumLength`)."""

_CLASSES = (string.ascii_lowercase, string.ascii_uppercase, string.digits, SYMBOLS)


def new_password(length: int, random: Random) -> str:
    """Make a password of `length` characters that every policy of that length accepts.

    It starts with a letter and contains lower case, upper case, a digit and a symbol. `random` must be a
    cryptographic source (`secrets.SystemRandom`). Raises `ValueError` below 8 characters.
    """
    if length < 8:
        raise ValueError("a password has at least 8 characters")
    first = random.choice(string.ascii_letters)
    rest = [random.choice(characters) for characters in _CLASSES]
    rest += [random.choice("".join(_CLASSES)) for _ in range(length - 1 - len(rest))]
    random.shuffle(rest)
    return first + "".join(rest)


def new_masked_password(length: int, random: Random, mask: Callable[[str], None]) -> str:
    """Make a password (`new_password`) that the log hides from the moment it exists."""
    password = new_password(length, random)
    mask(password)
    return password


def set_password(pool: "UserPool", username: str, password: str, new: Callable[[int], str]) -> str:
    """Set the user's password, and return the one that the user has then; raises `CallError`.

    If the pool's policy refuses `password`, `new` makes another one, once, as long as the longest minimum that a
    policy can set.
    """
    try:
        pool.set_password(username, password)
    except CallError as error:
        if error.code != "InvalidPasswordException" or len(password) >= LONGEST_MINIMUM:
            raise
        return set_password(pool, username, new(LONGEST_MINIMUM), new)
    return password
