"""Deleting users, and what is said of those who could not be deleted."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Generic, TypeVar

from cognito_action.concurrency import map_concurrently
from cognito_action.diagnostics.deletion import users_left_behind
from cognito_action.diagnostics.report import report, shown_by
from cognito_action.errors import ActionError, CallError
from cognito_action.host import Host
from cognito_action.users.records import Entry

if TYPE_CHECKING:
    from cognito_action.aws.user_pool import UserPool

TITLE = "not deleted"

T = TypeVar("T")


class DeletionResult(Enum):
    """What became of one user."""

    DELETED = "deleted"
    NOT_FOUND = "not found"
    FAILED = "failed"


@dataclass(frozen=True)
class Deletion(Generic[T]):
    """One user, and what became of it; `error` is why the deletion failed."""

    user: T
    result: DeletionResult
    error: Exception | None = None


def delete_one(
    user: T,
    delete: Callable[[T], bool],
    shown: str,
    host: Host,
    concerns_all: Callable[[CallError], bool] = lambda _: False,
) -> Deletion[T]:
    """Delete one user.

    Args:
        user: who it is.
        delete: deletes the user and returns False if there was none; raises `CallError`.
        shown: what the log may call the user.
        host: where the log goes.
        concerns_all: tells whether a failure would also meet every other user; such a failure is raised.
    """
    try:
        found = delete(user)
    except CallError as error:
        host.debug(str(error))
        if concerns_all(error):
            raise
        return Deletion(user, DeletionResult.FAILED, error)
    except Exception as error:  # noqa: BLE001 - whatever happens to one user, the others are to be deleted
        host.debug_traceback(error)
        return Deletion(user, DeletionResult.FAILED, error)
    if not found:
        return Deletion(user, DeletionResult.NOT_FOUND)
    host.log(f"Deleted user {shown}.")
    return Deletion(user, DeletionResult.DELETED)


def delete_user(entry: Entry, pool: "UserPool") -> bool:
    """Delete the user of an entry by the first of its names that finds one; False if none does. Raises `CallError`.

    An expected user may be there by each of its names, so all of them are tried, even if one is refused.
    """
    found, refused = False, None
    for name in entry.deletion_names:
        try:
            found = pool.delete_user(name, known=entry.is_known) or found
        except CallError as error:
            refused = refused or error
        if not entry.expected and (found or refused):
            break
    if refused:
        raise refused
    return found


def delete_all(
    users: Sequence[T],
    delete: Callable[[T], bool],
    shown: Callable[[T], str],
    host: Host,
    concerns_all: Callable[[CallError], bool] = lambda _: False,
) -> list[Deletion[T]]:
    """Delete `users` concurrently, each as `delete_one` does; the first failure that concerns all is raised."""
    return map_concurrently(lambda user: delete_one(user, delete, shown(user), host, concerns_all), users)


def users_with(result: DeletionResult, deletions: Iterable[Deletion[T]]) -> list[T]:
    """The users whose deletions had this result."""
    return [deletion.user for deletion in deletions if deletion.result is result]


def report_left_behind(
    left: Iterable[tuple[T, ActionError]],
    pool_id: str,
    command: Callable[[T], str],
    annotate: Callable[[str, str], None],
    host: Host,
    *,
    in_journal: bool = True,
) -> None:
    """Say who is left, those with the same reason together, with the command that deletes each by hand.

    Outside of GitHub, the journal of this place has those of its own runs: `in_journal`.
    """
    causes: dict[str, tuple[ActionError, list[T]]] = {}
    for user, error in left:
        causes.setdefault(shown_by(host, error), (error, []))[1].append(user)
    for cause, users in causes.values():
        commands = dict.fromkeys(command(user) for user in users)
        left_behind = users_left_behind(cause, pool_id, len(users), list(commands), in_journal=in_journal)
        report(left_behind, TITLE, annotate, host)
