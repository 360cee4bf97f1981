"""The cleanup of one step: everyone whom main may have created is deleted, or named with what is in the way."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from cognito_action.aws.connect import connect
from cognito_action.diagnostics.deletion import (
    credentials_changed,
    phone_user_not_listed,
    phone_user_unknown,
    proxies_changed,
)
from cognito_action.diagnostics.report import in_words
from cognito_action.errors import CONNECTION_CODES, DEADLINE, ActionError, CallError
from cognito_action.host import Host
from cognito_action.network.proxies import proxy_settings
from cognito_action.retry import Retry
from cognito_action.users.deletion import DeletionResult, delete_all, delete_user, users_with
from cognito_action.users.identities import delete_identities, identities_of
from cognito_action.users.late_users import late_users, watch
from cognito_action.users.leftovers import Leftovers
from cognito_action.users.records import Entry, Setup

if TYPE_CHECKING:
    from cognito_action.aws.credentials import Connection
    from cognito_action.aws.user_pool import UserPool


class Cleanup:
    """Deletes the users of one step, and remembers who is left and why.

    Args:
        environ: the step's; of what is in it, endpoints play no part.
        clock: the time, in seconds since 1970.
        connection: that is to be used in place of a new one.
    """

    def __init__(
        self,
        setup: Setup,
        environ: Mapping[str, str],
        host: Host,
        retry: Retry,
        clock: Callable[[], float],
        connection: "Connection | None" = None,
    ) -> None:
        self._setup = setup
        self._environ = environ
        self._host = host
        self._retry = retry
        self._clock = clock
        self._given = connection
        self.leftovers = Leftovers(setup, host)
        self.deleted = 0
        """How many users."""
        self._others: set[str] = set()
        """Names of entries whose phone number someone else has."""
        self._same_credentials = True
        self._connection: Connection | None = None

    def run(self, entries: Sequence[Entry]) -> int:
        """Delete the users of `entries`, report those who may be left, and return the exit status."""
        reachable = [entry for entry in entries if entry.deletion_names or entry.needs_lookup]
        for entry in entries:
            if entry not in reachable:
                self.leftovers.add(entry, phone_user_unknown())
        identity_ids = identities_of(entries, self._setup.identity_pool_id)
        self._retry.extend_for(len(reachable))
        try:
            if reachable:
                self._connection = self._connect(reachable, deletes_identities=bool(identity_ids))
                self._delete_all(reachable, self._connection.user_pool(self._retry, ("AdminDeleteUser",)))
        except _PoolGoneError:
            self.leftovers.clear()
            self._host.notice(
                f"The user pool {self._setup.pool_id} no longer exists, nor do its users.", "nothing to delete"
            )
        except Exception as error:  # noqa: BLE001 - whatever it is, these users may be left, and someone has to know
            self._host.debug_traceback(error)
            for entry in reachable:
                if entry not in self.leftovers:
                    self.leftovers.add(entry, self._in_words(error))
        status = self.leftovers.report(same_credentials=self._same_credentials)
        delete_identities(self._setup.identity_pool_id, identity_ids, self._connection, self._retry, self._host)
        return status

    def _connect(self, entries: Sequence[Entry], *, deletes_identities: bool) -> "Connection":
        if self._given:
            return self._given
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
            Prefetch(self._environ, self._host),
            self._retry,
            self._host,
            setup.endpoints,
            setup.identity_pool_id if deletes_identities else "",
        )
        self._same_credentials = connection.credentials == setup.credentials
        if not self._same_credentials:
            self._host.log(credentials_changed().what)
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
                self._host.log(f"User {entry.shown} is not there.")
                self._note_missing(entry)

    def _is_over(self, entry: Entry) -> bool:
        """Whether another look for this user makes no sense: the deletion failed, or someone else has the number."""
        return entry.name in self._others or entry in self.leftovers

    def _note_missing(self, entry: Entry) -> None:
        """Keep in mind who may still come to be although no look has found them."""
        if entry.name in self._others:
            return
        if entry.taken:
            self.leftovers.add(entry, phone_user_not_listed())
        elif entry.unanswered:
            self.leftovers.add_possible(entry)

    def _delete(self, entries: Sequence[Entry], pool: "UserPool", *, again: bool = False) -> list[Entry]:
        """Delete the users of `entries` and return those who are not there, and who may be later.

        That there was no time to look `again` is no failure: no one was there at the look before.
        """
        try:
            deletions = delete_all(
                entries,
                lambda entry: self._delete_one(entry, pool),
                lambda entry: entry.shown,
                self._host,
                self._is_pool_gone,
            )
        except CallError as error:
            raise _PoolGoneError from error
        too_late = [each.user for each in deletions if again and getattr(each.error, "code", "") == DEADLINE]
        for each in deletions:
            if each.error and each.user not in too_late:
                self.leftovers.add(each.user, self._in_words(each.error, pool))
        self.deleted += len(users_with(DeletionResult.DELETED, deletions))
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


class _PoolGoneError(Exception):
    """The pool was deleted, and its users with it."""
