"""A permanent password that the pool's policy takes."""

from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING

from cognito_action.errors import Failure

if TYPE_CHECKING:
    from cognito_action.aws.user_pool import UserPool
import string


def new_masked_password(length: int, random: Random, mask: Callable[[str], None]) -> str:
    """Make a password (`new_password`) that the log hides from the moment it exists."""
    password = new_password(length, random)
    mask(password)
    return password


def give_password(pool: "UserPool", username: str, password: str, draw: Callable[[int], str]) -> str:
    """Give the user `password`, and return the one that the user has then; raises `Failure`.

    Where the pool's policy refuses it, `draw` makes another one, once, as long as the longest minimum that a policy
    can set.
    """
    try:
        pool.set_password(username, password)
    except Failure as failure:
        if failure.code != "InvalidPasswordException" or len(password) >= LONGEST_MINIMUM:
            raise
        return give_password(pool, username, draw(LONGEST_MINIMUM), draw)
    return password


SYMBOLS = "-_.~"
"""Of the symbols that Cognito counts, those that mean nothing to a shell, a URL, JSON, YAML or XML."""


LONGEST_MINIMUM = 99
"""Characters of the longest minimum that a pool's password policy can set (`PasswordPolicyType.MinimumLength`)."""


_CLASSES = (string.ascii_lowercase, string.ascii_uppercase, string.digits, SYMBOLS)


def new_password(length: int, random: Random) -> str:
    """Make a password of `length` characters that every policy of that length takes.

    It begins with a letter and holds lower case, upper case, a digit and a symbol. `random` must be a
    cryptographic source (`secrets.SystemRandom`). Raises `ValueError` below 8 characters.
    """
    if length < 8:
        raise ValueError("a password has at least 8 characters")
    first = random.choice(string.ascii_letters)
    rest = [random.choice(characters) for characters in _CLASSES]
    rest += [random.choice("".join(_CLASSES)) for _ in range(length - 1 - len(rest))]
    random.shuffle(rest)
    return first + "".join(rest)
