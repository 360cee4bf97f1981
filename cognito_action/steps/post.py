"""Post: delete every user that main may have created, whatever became of the job."""

import traceback
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from cognito_action.aws.connect import connect
from cognito_action.diagnostics.common import delete_command, find_commands
from cognito_action.diagnostics.deletion import (
    credentials_changed,
    foreign_state_entries,
    phone_user_unknown,
    setup_missing,
)
from cognito_action.diagnostics.report import in_words
from cognito_action.diagnostics.runner import browser_state_not_removed
from cognito_action.errors import ActionError, CallError
from cognito_action.github.runner import Runner
from cognito_action.github.temp_files import remove_temp_file
from cognito_action.naming import Run, owner_of
from cognito_action.retry import Limits, Retry
from cognito_action.users.deletion import TITLE, DeletionResult, delete_all, report_left_behind, users_with
from cognito_action.users.records import Entry, Setup
from cognito_action.users.state import SavedState

if TYPE_CHECKING:
    from cognito_action.aws.user_pool import UserPool

LIMITS = Limits(seconds=30.0, attempt_seconds=10.0)
"""The deadline is half a second later for each user after the first (`SECONDS_PER_USER`); no Lambda trigger makes a
deletion wait."""

PAUSE = 3.0
"""Seconds before post looks again: a request of main can outlive its sender and arrive after the first look."""


def post(environ: Mapping[str, str], runner: Runner, retry: Retry) -> int:
    """Run post from the state alone, and return the exit status."""
    saved = SavedState.from_environ(environ, Run.from_environ(environ))
    if saved.foreign:
        runner.warning(foreign_state_entries(saved.foreign).annotation, TITLE)
    for name in saved.files:
        _remove_file(name, environ, runner)
    if saved.kept:
        runner.log("The users stay, since cleanup is false.")
    if not saved.entries:
        if not saved.kept and not saved.foreign:
            runner.log("There is no user to delete.")
    elif saved.setup is None:
        runner.warning(setup_missing([_shown(entry) for entry in saved.entries]).annotation, TITLE)
    else:
        return _Cleanup(saved.setup, runner, retry).run(saved.entries, environ)
    return 0


class _Cleanup:
    """Deletes the users of one step, and remembers who is left and why."""

    def __init__(self, setup: Setup, runner: Runner, retry: Retry) -> None:
        self._setup = setup
        self._runner = runner
        self._retry = retry
        self._left: list[tuple[Entry, ActionError]] = []
        self._same_credentials = True

    def run(self, entries: Sequence[Entry], environ: Mapping[str, str]) -> int:
        reachable = [entry for entry in entries if entry.deletion_name or entry.needs_lookup]
        self._left = [(entry, phone_user_unknown()) for entry in entries if entry not in reachable]
        self._retry.extend_for(len(reachable))
        try:
            if reachable:
                self._delete_all(reachable, self._connect(reachable, environ))
        except _PoolGoneError:
            self._left = []
            self._runner.notice(
                f"The user pool {self._setup.pool_id} no longer exists, nor do its users.", "Cognito test user"
            )
        except Exception as error:  # noqa: BLE001 - whatever it is, these users may be left, and someone has to know
            self._runner.debug(traceback.format_exc())
            known = [entry for entry, _ in self._left]
            self._left += [(entry, in_words(error)) for entry in reachable if entry not in known]
        return self._report()

    def _connect(self, entries: Sequence[Entry], environ: Mapping[str, str]) -> "UserPool":
        operations = ["AdminDeleteUser"]
        if any(each.needs_lookup for entry in entries for each in (entry, entry.possible_late_user) if each):
            operations.append("ListUsers")
        connection = connect(self._setup.role, self._setup.pool_id, operations, environ, self._retry, self._runner)
        self._same_credentials = connection.credentials == self._setup.credentials
        if not self._same_credentials:
            self._runner.log(credentials_changed().what)
        return connection.user_pool(self._retry)

    def _delete_all(self, entries: Sequence[Entry], pool: "UserPool") -> None:
        not_found = self._delete(entries, pool)
        left = [entry for entry, _ in self._left]
        late = {entry: entry.possible_late_user for entry in entries if entry not in left}
        if again := [user for user in late.values() if user]:
            self._retry.sleep(PAUSE)
            still_not_found = self._delete(again, pool)
            not_found = [entry for entry in not_found if late.get(entry) in (None, *still_not_found)]
        for entry in not_found:
            self._runner.log(f"User {_shown(entry)} is not there.")

    def _delete(self, entries: Sequence[Entry], pool: "UserPool") -> list[Entry]:
        """Delete the users of `entries` and return those who are not there."""
        try:
            deletions = delete_all(
                entries, lambda entry: _delete_one(entry, pool), _shown, self._runner, self._is_pool_gone
            )
        except CallError as error:
            raise _PoolGoneError from error
        self._left += [(each.user, pool.explain(each.error)) for each in deletions if each.error]
        return users_with(DeletionResult.NOT_FOUND, deletions)

    def _is_pool_gone(self, error: CallError) -> bool:
        return error.code == "ResourceNotFoundException" and self._same_credentials

    def _report(self) -> int:
        if not self._left:
            return 0
        if not self._same_credentials:
            self._runner.warning(credentials_changed().annotation, TITLE)
        fails = self._setup.cleanup_failure == "error"
        annotate = self._runner.error if fails else self._runner.warning
        report_left_behind(self._left, self._setup.pool_id, self._command, annotate, self._runner)
        return int(fails)

    def _command(self, entry: Entry) -> str:
        pool_id = self._setup.pool_id
        if entry.sub:
            return delete_command(pool_id, entry.sub)
        return find_commands(pool_id, _filter(entry))


class _PoolGoneError(Exception):
    """The pool was deleted, and its users with it."""


def _remove_file(name: str, environ: Mapping[str, str], runner: Runner) -> None:
    try:
        remove_temp_file(environ, name)
    except OSError as error:
        runner.warning(browser_state_not_removed(name, error).annotation, "Cognito test user: file not removed")
    else:
        runner.log(f"The browser state {name} is gone.")


def _delete_one(entry: Entry, pool: "UserPool") -> bool:
    if entry.deletion_name:
        return pool.delete_user(entry.deletion_name)
    username = pool.find_by_phone_number(entry.phone_number, entry.name)
    return username is not None and pool.delete_user(username)


def _shown(entry: Entry) -> str:
    return entry.sub or f"{_prefix(entry)}…"


def _filter(entry: Entry) -> str:
    """What `list-users` finds the user by if the `sub` is not known."""
    if "@" in entry.name:
        return f'email ^= "{_prefix(entry)}"'
    if entry.phone_number:
        return 'phone_number = "<phone-number of this step>"'
    return f'username ^= "{_prefix(entry)}"'


def _prefix(entry: Entry) -> str:
    """The front of the generated name: the runner masks the whole of it, not this part."""
    owner = owner_of(entry.name)
    return owner.prefix if owner else ""
