"""Deleting whom journals name, at the end of a run and after one that never came to its end."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from cognito_action.command.context import Context
from cognito_action.diagnostics.command import journal_unreadable, journal_unusable
from cognito_action.diagnostics.deletion import foreign_state_entries, setup_missing
from cognito_action.diagnostics.report import in_words, report, shown_by
from cognito_action.diagnostics.runner import browser_state_not_removed
from cognito_action.host import HostFileError
from cognito_action.retry import Limits, Retry
from cognito_action.terminal.console import CommandHost
from cognito_action.terminal.journal import Journal
from cognito_action.terminal.state_folder import StateFolder
from cognito_action.users.cleanup import Cleanup
from cognito_action.users.deletion import TITLE
from cognito_action.users.records import Entry, Setup
from cognito_action.users.state import SavedState

if TYPE_CHECKING:
    from cognito_action.aws.credentials import Connection

LIMITS = Limits(seconds=30.0, attempt_seconds=10.0)
"""Those of the action's post step, for each journal; half a second more for each user after the first."""

BRIEF = Limits(seconds=10.0, attempt_seconds=5.0)
"""The same before a run, which waits for it."""

SETTLED = 300
"""Seconds after a creating call without an answer from which one look is enough: it took effect by then, or never."""


def clean_up_abandoned(context: Context, limits: Limits = LIMITS, clock: Callable[[], float] = time.time) -> list[bool]:
    """Delete the users of every run whose process is dead, and return of each whether no one is left.

    What is in the way of one journal is said, and is no reason to stop before the next, which has its own time.
    """
    host = context.host
    done: list[bool] = []

    def tell(error: HostFileError) -> None:
        report(journal_unusable(error), TITLE, host.warning, host)
        done.append(False)

    for journal in Journal.abandoned(context.folder, tell):
        if _belongs_to_others(journal, context):
            host.say(f"A journal of another place is left to its own cleanup: {journal.path}")
            journal.close()
        else:
            retry = context.stopper.retry(limits, host)
            done.append(delete_users_of(journal, context, retry, clock, whose=", left by an earlier run"))
    return done


def _belongs_to_others(journal: Journal, context: Context) -> bool:
    """Whether it takes a role to delete the users that trusts another repository, or another project, than this one."""
    origin, values = journal.read()
    setup = Setup.parse(values.get("setup", ""))
    if not origin or not setup or not setup.role:
        return False
    return not context.origin.sweeps(origin)


def delete_users_of(
    journal: Journal,
    context: Context,
    retry: Retry,
    clock: Callable[[], float] = time.time,
    connection: "Connection | None" = None,
    cleanup_failure: str = "warning",
    whose: str = "",
) -> bool:
    """Delete the users and the files of one journal, and return whether no one is left; then the journal is gone.

    Otherwise it stays, for the next cleanup. `connection` is that of the creation if it can delete, too. Who is left is
    an error or a warning, as `cleanup_failure` says. `whose` is said of those who were deleted.
    """
    try:
        is_done = _delete_users_of(journal, context, retry, clock, connection, cleanup_failure, whose)
    except Exception as error:  # noqa: BLE001 - whatever it is, the status of a command and other journals are worth more
        context.host.debug_traceback(error)
        report(in_words(error), TITLE, context.host.warning, context.host)
        is_done = False
    if is_done:
        journal.remove()
    else:
        context.host.say(f"The journal stays, for `cognito-test-user cleanup`: {journal.path}")
        journal.close()
    return is_done


def _delete_users_of(
    journal: Journal,
    context: Context,
    retry: Retry,
    clock: Callable[[], float],
    connection: "Connection | None",
    cleanup_failure: str,
    whose: str,
) -> bool:
    host = context.host
    origin, values = journal.read()
    if origin is None:
        # An empty one was begun, and nothing more.
        if not journal.is_empty:
            report(journal_unreadable(journal.path), TITLE, host.warning, host)
        return journal.is_empty
    saved = SavedState.read(values, origin)
    if saved.foreign:
        host.warning(shown_by(host, foreign_state_entries(saved.foreign, host.kind)), TITLE)
    files_removed = _remove_files(saved.files, journal.folder, host)
    entries = [_settled(entry, clock()) for entry in saved.entries]
    users_deleted = not saved.foreign
    if entries and saved.setup is None:
        host.warning(shown_by(host, setup_missing([entry.shown for entry in entries], host.kind)), TITLE)
        users_deleted = False
    elif entries and saved.setup:
        setup = replace(saved.setup, cleanup_failure=cleanup_failure)
        cleanup = Cleanup(setup, context.environ, host, retry, clock, connection)
        cleanup.run(entries)
        if cleanup.deleted:
            host.say(f"Deleted {counted(cleanup.deleted)} of {setup.pool_id}{whose}.")
        users_deleted = users_deleted and cleanup.leftovers.is_empty
    return users_deleted and files_removed


def counted(users: int) -> str:
    """A number of users, in words."""
    return "1 user" if users == 1 else f"{users} users"


def _remove_files(names: Sequence[str], folder: StateFolder, host: CommandHost) -> bool:
    removed = True
    for name in names:
        try:
            folder.remove(name)
        except OSError as error:
            host.warning(shown_by(host, browser_state_not_removed(name, error)), "file not removed")
            removed = False
    return removed


def _settled(entry: Entry, now: float) -> Entry:
    """The entry without the calls that can't take effect any more."""
    is_over = now - entry.last_unanswered > SETTLED
    return replace(entry, unanswered=0) if is_over else entry
