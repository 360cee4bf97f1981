"""Whom a sweep may delete: users of this repository, or of this place, whom no one has deleted."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from cognito_action.naming import Origin
from cognito_action.users.ownership import creator_of

if TYPE_CHECKING:
    from cognito_action.aws.user_pool import UserPool


@dataclass(frozen=True)
class Orphan:
    """A user of this repository's runs, or of this place, that is older than `older-than`."""

    username: str
    """Cognito's own name for the user: a generated one or a UUID."""
    creator: Origin
    created: datetime


def find_orphans(pool: "UserPool", origin: Origin, before: datetime) -> list[Orphan]:
    """Return the users that the repository, or the place, created before that time, oldest first; raises `CallError`.

    If the pool's usernames are UUIDs, no name starts as ours do, and the users are found by their addresses.
    """
    ours = _ours(pool, "username", origin) or _ours(pool, "email", origin)
    return sorted((orphan for orphan in ours if orphan.created < before), key=lambda orphan: orphan.created)


def _ours(pool: "UserPool", attribute: str, origin: Origin) -> list[Orphan]:
    """Those among the users whose `attribute` starts as ours do."""
    return [
        Orphan(user.username, creator, user.created)
        for prefix in origin.search_prefixes
        for user in pool.list_users(f'{attribute} ^= "{prefix}"')
        if (creator := creator_of(user, origin)) and user.created
    ]
