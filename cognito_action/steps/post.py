"""Post: delete every user that main may have created, whatever became of the job."""

import traceback
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from cognito_action.aws.connect import connect
from cognito_action.diagnostics import pool as pool_errors
from cognito_action.diagnostics.common import delete_command, find_commands
from cognito_action.errors import ActionError, Failure, unexpected
from cognito_action.github.runner import Runner
from cognito_action.naming import Run, owner_of
from cognito_action.retry import Limits, Retry
from cognito_action.users.deletion import TITLE, delete_all, report_left
from cognito_action.users.records import Entry, Setup
from cognito_action.users.state import Saved

if TYPE_CHECKING:
    from cognito_action.aws.user_pool import UserPool


LIMITS = Limits(seconds=30.0, attempt=10.0)
"""The deadline is half a second later for each user after the first."""


PAUSE = 3.0
"""Seconds before post looks again: a request of main can outlive its sender and arrive after the first look."""


def cleanup(environ: Mapping[str, str], runner: Runner, retry: Retry) -> int:
    """Run the post phase from the state alone, and return the exit status."""
    saved = Saved.from_environ(environ, Run.from_environ(environ))
    if saved.foreign:
        runner.warning(pool_errors.foreign_state(saved.foreign).annotation, TITLE)
    for name in saved.files:
        _remove_file(name, environ, runner)
    if saved.kept:
        runner.log("What main created stays, since cleanup is false.")
    if not saved.entries:
        if not saved.kept and not saved.foreign:
            runner.log("There is no user to delete.")
    elif saved.setup is None:
        runner.warning(pool_errors.no_setup([_shown(entry) for entry in saved.entries]).annotation, TITLE)
    else:
        return _Cleanup(saved.setup, runner, retry).run(saved.entries, environ)
    return 0


class _Cleanup:
    """The users of one step, on their way out."""

    def __init__(self, setup: Setup, runner: Runner, retry: Retry) -> None:
        self._setup = setup
        self._runner = runner
        self._retry = retry
        self._left: list[tuple[Entry, ActionError]] = []
        self._same_credentials = True

    def run(self, entries: Sequence[Entry], environ: Mapping[str, str]) -> int:
        reachable = [entry for entry in entries if entry.key or entry.needs_lookup]
        self._left = [(entry, pool_errors.unknown_phone_user()) for entry in entries if entry not in reachable]
        self._retry.extend_for(len(reachable))
        try:
            if reachable:
                self._delete_all(reachable, self._connect(reachable, environ))
        except _PoolGoneError:
            self._left = []
            self._runner.notice(
                f"The user pool {self._setup.pool_id} no longer exists, nor do its users.", "Cognito test user"
            )
        except Exception as error:  # noqa: BLE001 - whatever it is, these users may be left, and somebody has to know
            self._runner.debug(traceback.format_exc())
            cause = error if isinstance(error, ActionError) else unexpected(error)
            known = [entry for entry, _ in self._left]
            self._left += [(entry, cause) for entry in reachable if entry not in known]
        return self._report()

    def _delete_all(self, entries: Sequence[Entry], pool: "UserPool") -> None:
        absent = self._delete(entries, pool)
        left = [entry for entry, _ in self._left]
        if late := [entry.late for entry in entries if entry.late and entry not in left]:
            self._retry.sleep(PAUSE)
            still_absent = self._delete(late, pool)
            absent = [entry for entry in absent if entry.late is None or entry.late in still_absent]
        for entry in absent:
            self._runner.log(f"User {_shown(entry)} is not there.")

    def _connect(self, entries: Sequence[Entry], environ: Mapping[str, str]) -> "UserPool":
        operations = ["AdminDeleteUser"]
        if any(each.needs_lookup for entry in entries for each in (entry, entry.late) if each):
            operations.append("ListUsers")
        access = connect(self._setup.role, self._setup.pool_id, operations, environ, self._retry, self._runner)
        self._same_credentials = access.credentials == self._setup.credentials
        if not self._same_credentials:
            self._runner.log(pool_errors.other_credentials().what)
        return access.user_pool(self._retry)

    def _delete(self, entries: Sequence[Entry], pool: "UserPool") -> list[Entry]:
        """Delete the users of `entries` and return those who are not there."""
        absent, left = delete_all(
            entries,
            lambda entry: _delete_one(entry, pool),
            lambda failure: self._explain(failure, pool),
            _shown,
            self._runner,
        )
        self._left += left
        return absent

    def _explain(self, failure: Failure, pool: "UserPool") -> ActionError:
        if failure.code == "ResourceNotFoundException" and self._same_credentials:
            raise _PoolGoneError from failure
        return pool.explain(failure)

    def _report(self) -> int:
        if not self._left:
            return 0
        if not self._same_credentials:
            self._runner.warning(pool_errors.other_credentials().annotation, TITLE)
        fails = self._setup.cleanup_failure == "error"
        annotate = self._runner.error if fails else self._runner.warning
        report_left(self._left, self._setup.pool_id, self._command, annotate, self._runner)
        return int(fails)

    def _command(self, entry: Entry) -> str:
        pool_id = self._setup.pool_id
        if entry.sub:
            return delete_command(pool_id, entry.sub)
        return find_commands(pool_id, _filter(entry))


class _PoolGoneError(Exception):
    """The pool was deleted, and its users with it."""


def _remove_file(name: str, environ: Mapping[str, str], runner: Runner) -> None:
    from cognito_action.github.temp_files import remove  # noqa: PLC0415 - mostly there is no file

    try:
        remove(environ, name)
    except ActionError as error:
        runner.warning(error.annotation, "Cognito test user: file not removed")
    else:
        runner.log(f"The browser state {name} is gone.")


def _delete_one(entry: Entry, pool: "UserPool") -> bool:
    if entry.key:
        return pool.delete_user(entry.key)
    username = pool.find_by_phone(entry.phone, entry.name)
    return username is not None and pool.delete_user(username)


def _shown(entry: Entry) -> str:
    return entry.sub or f"{_prefix(entry)}…"


def _filter(entry: Entry) -> str:
    """What `list-users` finds the user by, where the `sub` is not known."""
    if "@" in entry.name:
        return f'email ^= "{_prefix(entry)}"'
    return 'phone_number = "<phone-number of this step>"' if entry.phone else f'username ^= "{_prefix(entry)}"'


def _prefix(entry: Entry) -> str:
    """The front of the generated name: the runner masks the whole of it, not this part."""
    owner = owner_of(entry.name)
    return owner.prefix if owner else ""
