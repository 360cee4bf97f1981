"""Users on their way out, and what is said of those who could not be deleted."""

import traceback
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from cognito_action.concurrency import side_by_side
from cognito_action.diagnostics import pool as pool_errors
from cognito_action.errors import ActionError, Failure, unexpected
from cognito_action.github.runner import Runner

TITLE = "Cognito test user: not deleted"


User = TypeVar("User")


def attempt(
    delete: Callable[[], bool], explain: Callable[[Failure], ActionError], shown: str, runner: Runner
) -> bool | ActionError:
    """Delete one user; return whether there was one, or why it was not deleted.

    `delete` returns False if there was no user, and raises `Failure`; `explain` puts that into words, and what it raises
    in its turn is meant for the caller; `shown` is what the log may call the user.
    """
    try:
        found = delete()
    except Failure as failure:
        runner.debug(str(failure))
        return explain(failure)
    except Exception as error:  # noqa: BLE001 - whatever happens to one user, the others are to be deleted
        runner.debug(traceback.format_exc())
        return unexpected(error)
    if found:
        runner.log(f"Deleted user {shown}.")
    return found


def delete_all(
    users: Sequence[User],
    delete: Callable[[User], bool],
    explain: Callable[[Failure], ActionError],
    shown: Callable[[User], str],
    runner: Runner,
) -> tuple[list[User], list[tuple[User, ActionError]]]:
    """Delete `users` side by side, each as `attempt` does.

    Return those who were not there, and those who are left with the reason for each. What `explain` raises ends it all.
    """
    found = side_by_side(lambda user: attempt(lambda: delete(user), explain, shown(user), runner), users)
    ends = list(zip(users, found, strict=True))
    absent = [user for user, end in ends if end is False]
    return absent, [(user, end) for user, end in ends if isinstance(end, ActionError)]


def report_left(
    left: Iterable[tuple[User, ActionError]],
    pool_id: str,
    command: Callable[[User], str],
    annotate: Callable[[str, str], None],
    runner: Runner,
) -> None:
    """Say who is left, those with the same reason together, with the command that deletes each by hand."""
    causes: dict[str, tuple[ActionError, list[User]]] = {}
    for user, error in left:
        causes.setdefault(error.annotation, (error, []))[1].append(user)
    for cause, users in causes.values():
        commands = dict.fromkeys(command(user) for user in users)
        error = pool_errors.left_behind(cause, pool_id, len(users), list(commands))
        annotate(error.annotation, TITLE)
        runner.summary(error.markdown)
