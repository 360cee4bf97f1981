"""The groups that the users of a step join."""

import re
from collections.abc import Collection
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING

from cognito_action.diagnostics.pool import groups_not_found
from cognito_action.errors import ActionError, CallError
from cognito_action.host import Host
from cognito_action.users.creation import UserCredentials

if TYPE_CHECKING:
    from cognito_action.aws.user_pool import UserPool

_NO_POOL = re.compile("User pool .* does not exist", re.IGNORECASE)
"""What distinguishes the refusal from that of a missing group."""


class Groups:
    """Has the users of a step join groups. Threads may share it; `named` are the groups of all users."""

    def __init__(self, pool: "UserPool", named: Collection[str], host: Host) -> None:
        self._pool = pool
        self._named = frozenset(named)
        self._host = host
        self._there: set[str] = set()
        self._missing: set[str] = set()
        self._lock = Lock()

    def add(self, user: UserCredentials, groups: Collection[str]) -> None:
        """Have the user join `groups`; raises one `ActionError` about all groups of the step that are missing, if one is."""
        for group in groups:
            if error := self._join(user, group):
                raise groups_not_found(error, self._find_missing(user, group), self._pool.access.cli)

    def _find_missing(self, user: UserCredentials, missing: str) -> list[str]:
        """Find out which groups of all users are missing, once in a step: one is known to be.

        The step fails, and its users are deleted. Until then this one can show which groups are there.
        """
        with self._lock:
            if not self._missing:
                self._missing = {missing}
                for group in sorted(self._named - self._there - {missing}):
                    with suppress(ActionError):
                        if self._join(user, group):
                            self._missing.add(group)
            return sorted(self._missing | {missing})

    def _join(self, user: UserCredentials, group: str) -> CallError | None:
        """Have the user join a group; return Cognito's refusal if there is no such group."""
        try:
            self._pool.add_to_group(user.internal_name, group)
        except CallError as error:
            if error.code == "ResourceNotFoundException" and not _NO_POOL.match(error.message):
                return error
            raise self._pool.explain(error) from error
        self._there.add(group)
        self._host.log(f"User {user.shown} is in group {group}.")
        return None
