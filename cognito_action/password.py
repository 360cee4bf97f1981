"""A permanent password that the pool's policy takes."""

from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING

from cognito_action.failure import Failure
from cognito_action.identity import LONGEST_MINIMUM, new_password

if TYPE_CHECKING:
    from cognito_action.pool import UserPool


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
