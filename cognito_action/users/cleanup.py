"""The cleanup of one step: everyone whom main may have created is deleted, or named with what is in the way."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from cognito_action.aws.connect import connect
from cognito_action.diagnostics.aws_cli import AwsCli
from cognito_action.diagnostics.deletion import (
    creation_unanswered,
    credentials_changed,
    phone_user_not_listed,
    phone_user_unknown,
    proxies_changed,
)
from cognito_action.diagnostics.report import in_words, report
from cognito_action.errors import CONNECTION_CODES, DEADLINE, ActionError, CallError
from cognito_action.github.runner import Runner
from cognito_action.network.proxies import proxy_settings
from cognito_action.retry import Retry
from cognito_action.users.deletion import TITLE, DeletionResult, delete_all, delete_user, report_left_behind, users_with
from cognito_action.users.identities import delete_identities, identities_of
from cognito_action.users.late_users import late_users, watch
from cognito_action.users.records import Entry, Setup

if TYPE_CHECKING:
    from cognito_action.aws.credentials import Connection
    from cognito_action.aws.user_pool import UserPool

TITLE_LATE = "creation not answered"


class Cleanup:
    """Deletes the users of one step, and remembers who is left and why.

    Args:
        environ: the step's; of what is in it, endpoints play no part.
        clock: the time, in seconds since 1970.
    """

    def __init__(
        self,
        setup: Setup,
        environ: Mapping[str, str],
        runner: Runner,
        retry: Retry,
        clock: Callable[[], float],
    ) -> None:
        self._setup = setup
        self._environ = environ
        self._runner = runner
        self._retry = retry
        self._clock = clock
        self._left: list[tuple[Entry, ActionError]] = []
        self._may_come: list[Entry] = []
        self._others: set[str] = set()
        """Names of entries whose phone number someone else has."""
        self._same_credentials = True
        self._connection: Connection | None = None

    def run(self, entries: Sequence[Entry]) -> int:
        """Delete the users of `entries`, report those who may be left, and return the exit status."""
        reachable = [entry for entry in entries if entry.deletion_names or entry.needs_lookup]
        self._left = [(entry, phone_user_unknown()) for entry in entries if entry not in reachable]
        identity_ids = identities_of(entries, self._setup.identity_pool_id)
        self._retry.extend_for(len(reachable))
        try:
            if reachable:
                self._connection = self._connect(reachable, deletes_identities=bool(identity_ids))
                self._delete_all(reachable, self._connection.user_pool(self._retry, ("AdminDeleteUser",)))
        except _PoolGoneError:
            self._left = []
            self._runner.notice(
                f"The user pool {self._setup.pool_id} no longer exists, nor do its users.", "nothing to delete"
            )
        except Exception as error:  # noqa: BLE001 - whatever it is, these users may be left, and someone has to know
            self._runner.debug_traceback(error)
            known = [entry for entry, _ in self._left]
            self._left += [(entry, self._in_words(error)) for entry in reachable if entry not in known]
        status = self._report()
        delete_identities(self._setup.identity_pool_id, identity_ids, self._connection, self._retry, self._runner)
        return status

    def _connect(self, entries: Sequence[Entry], *, deletes_identities: bool) -> "Connection":
        setup = self._setup
        operations = ["AdminDeleteUser"]
        if any(each.needs_lookup for entry in entries for each in (entry, entry.possible_late_user) if each):
            operations.append("ListUsers")
        # Post does not connect at all if there is no one to delete, and a library for HTTP takes time to import.
        from cognito_action.aws.prefetch import Prefetch  # noqa: PLC0415

        connection = connect(
            setup.role,
            setup.pool,
            operations,
            Prefetch(self._environ, self._runner.mask),
            self._retry,
            self._runner,
            setup.endpoints,
            setup.identity_pool_id if deletes_identities else "",
        )
        self._same_credentials = connection.credentials == setup.credentials
        if not self._same_credentials:
            self._runner.log(credentials_changed().what)
        return connection

    def _delete_all(self, entries: Sequence[Entry], pool: "UserPool") -> None:
        started = self._retry.clock()
        not_found = self._delete(entries, pool)
        looked_for = [entry for entry in entries if not self._is_over(entry)]
        late = list(late_users(looked_for, not_found, started, self._clock(), self._retry))
        never_came = watch(late, lambda users: self._delete(users, pool, again=True), self._is_over, self._retry)
        missing = [user.saved for user in never_came]
        came = [user.saved for user in late if user.saved not in missing]
        for entry in not_found:
            if entry not in came:
                self._runner.log(f"User {entry.shown} is not there.")
                self._note_missing(entry)

    def _is_over(self, entry: Entry) -> bool:
        """Whether another look for this user makes no sense: the deletion failed, or someone else has the number."""
        return entry.name in self._others or any(entry == left for left, _ in self._left)

    def _note_missing(self, entry: Entry) -> None:
        """Keep in mind who may still come to be although no look has found them."""
        if entry.name in self._others:
            return
        if entry.taken:
            self._left.append((entry, phone_user_not_listed()))
        elif entry.unanswered:
            self._may_come.append(entry.offered)

    def _delete(self, entries: Sequence[Entry], pool: "UserPool", *, again: bool = False) -> list[Entry]:
        """Delete the users of `entries` and return those who are not there, and who may be later.

        That there was no time to look `again` is no failure: no one was there at the look before.
        """
        try:
            deletions = delete_all(
                entries,
                lambda entry: self._delete_one(entry, pool),
                lambda entry: entry.shown,
                self._runner,
                self._is_pool_gone,
            )
        except CallError as error:
            raise _PoolGoneError from error
        too_late = [each.user for each in deletions if again and getattr(each.error, "code", "") == DEADLINE]
        failed = [each for each in deletions if each.error and each.user not in too_late]
        self._left += [(each.user, self._in_words(each.error, pool)) for each in failed if each.error]
        return [*users_with(DeletionResult.NOT_FOUND, deletions), *too_late]

    def _delete_one(self, entry: Entry, pool: "UserPool") -> bool:
        deleted = delete_user(entry, pool)
        if deleted or not entry.needs_lookup:
            return deleted
        users = pool.users_with_phone_number(entry.phone_number)
        for user in users:
            if user.email == entry.name:
                return pool.delete_user(user.username, known=True)
        if users:
            self._others.add(entry.name)
        return False

    def _is_pool_gone(self, error: CallError) -> bool:
        """Whether the pool was deleted: only the endpoint that main worked through is asked, with main's credentials."""
        return error.code == "ResourceNotFoundException" and self._same_credentials

    def _in_words(self, error: Exception, pool: "UserPool | None" = None) -> ActionError:
        """Put a failure into words; if post could not connect as main did, a change of proxies is the first suspect."""
        call = error if isinstance(error, CallError) else error.__cause__
        now = proxy_settings(self._environ)
        if isinstance(call, CallError) and call.code in CONNECTION_CODES and now != self._setup.proxies:
            return proxies_changed(call, self._setup.proxies, now)
        return pool.explain(error) if pool else in_words(error)

    def _report(self) -> int:
        if self._may_come:
            commands = dict.fromkeys(self._command(entry) for entry in self._may_come)
            unanswered = creation_unanswered(len(self._may_come), self._setup.pool_id, list(commands))
            report(unanswered, TITLE_LATE, self._runner.warning, self._runner)
        if not self._left:
            return 0
        if not self._same_credentials:
            self._runner.warning(credentials_changed().annotation, TITLE)
        fails = self._setup.cleanup_failure == "error"
        annotate = self._runner.error if fails else self._runner.warning
        report_left_behind(self._left, self._setup.pool_id, self._command, annotate, self._runner)
        return int(fails)

    def _command(self, entry: Entry) -> str:
        cli = AwsCli(self._setup.pool_id, self._setup.region, self._setup.endpoints.of("cognito-idp").shown)
        return cli.delete_user(entry.sub) if entry.sub else "\n".join(map(cli.find_users, entry.filters))


class _PoolGoneError(Exception):
    """The pool was deleted, and its users with it."""
