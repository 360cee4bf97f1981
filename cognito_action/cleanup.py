"""Post: delete every user that main may have created, whatever became of the job."""

import traceback
from collections.abc import Iterable, Mapping, Sequence

from cognito_action import pool_errors
from cognito_action.errors import ActionError, unexpected
from cognito_action.failure import Failure
from cognito_action.identity import Run, owner_of
from cognito_action.pool import UserPool
from cognito_action.retry import Retry
from cognito_action.role import connect
from cognito_action.runner import Runner
from cognito_action.side_by_side import side_by_side
from cognito_action.state import Entry, Saved, Setup

SECONDS = 15.0
"""After so many seconds, and half a second for each user after the first, post starts no further attempt; one that is
under way may take half a minute more."""

PAUSE = 3.0
"""Seconds before post looks again: a request of main can outlive its sender and arrive after the first look."""

TITLE = "Cognito test user: not deleted"


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

    def _delete_all(self, entries: Sequence[Entry], pool: UserPool) -> None:
        absent = self._delete(entries, pool)
        if unanswered := [entry for entry in absent if not entry.username]:
            self._retry.sleep(PAUSE)
            still_absent = self._delete(unanswered, pool)
            absent = [entry for entry in absent if entry.username or entry in still_absent]
        for entry in absent:
            self._runner.log(f"User {_shown(entry)} is not there.")

    def _connect(self, entries: Sequence[Entry], environ: Mapping[str, str]) -> UserPool:
        operations = ["AdminDeleteUser"]
        if any(entry.needs_lookup for entry in entries):
            operations.append("ListUsers")
        access = connect(self._setup.role, self._setup.pool_id, operations, environ, self._retry, self._runner)
        self._same_credentials = access.credentials == self._setup.credentials
        if not self._same_credentials:
            self._runner.log(pool_errors.other_credentials().what)
        return UserPool(access.client, self._setup.pool_id, access.pool_arn, self._retry)

    def _delete(self, entries: Sequence[Entry], pool: UserPool) -> list[Entry]:
        """Delete the users of `entries` and return those who are not there."""
        absent = []
        for entry, found in zip(entries, side_by_side(lambda entry: self._try(entry, pool), entries), strict=True):
            if isinstance(found, ActionError):
                self._left.append((entry, found))
            elif not found:
                absent.append(entry)
        return absent

    def _try(self, entry: Entry, pool: UserPool) -> bool | ActionError:
        """Delete one user; return whether there was one, or why it was not deleted."""
        try:
            found = _delete_one(entry, pool)
        except Failure as failure:
            if failure.code == "ResourceNotFoundException" and self._same_credentials:
                raise _PoolGoneError from failure
            return pool.explain(failure)
        except Exception as error:  # noqa: BLE001 - whatever happens to one user, the others are to be deleted
            self._runner.debug(traceback.format_exc())
            return unexpected(error)
        if found:
            self._runner.log(f"Deleted user {_shown(entry)}.")
        return found

    def _report(self) -> int:
        if not self._left:
            return 0
        if not self._same_credentials:
            self._runner.warning(pool_errors.other_credentials().annotation, TITLE)
        pool_id = self._setup.pool_id
        for cause, entries in _by_cause(self._left):
            commands = dict.fromkeys(
                pool_errors.delete_command(pool_id, entry.sub)
                if entry.sub
                else pool_errors.find_commands(pool_id, _filter(entry))
                for entry in entries
            )
            error = pool_errors.left_behind(cause, pool_id, len(entries), list(commands))
            annotate = self._runner.error if self._setup.cleanup_failure == "error" else self._runner.warning
            annotate(error.annotation, TITLE)
            self._runner.summary(error.markdown)
        return 1 if self._setup.cleanup_failure == "error" else 0


class _PoolGoneError(Exception):
    """The pool was deleted, and its users with it."""


def _remove_file(name: str, environ: Mapping[str, str], runner: Runner) -> None:
    from cognito_action.runner_temp import remove  # noqa: PLC0415 - mostly there is no file

    try:
        remove(environ, name)
    except ActionError as error:
        runner.warning(error.annotation, "Cognito test user: file not removed")
    else:
        runner.log(f"The browser state {name} is gone.")


def _delete_one(entry: Entry, pool: UserPool) -> bool:
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


def _by_cause(left: Iterable[tuple[Entry, ActionError]]) -> Iterable[tuple[ActionError, list[Entry]]]:
    causes: dict[str, tuple[ActionError, list[Entry]]] = {}
    for entry, error in left:
        causes.setdefault(error.annotation, (error, []))[1].append(entry)
    return causes.values()
