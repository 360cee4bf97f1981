"""The users of one run: created, handed over, and deleted, whatever happens in between."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cognito_action.aws.connect import connect
from cognito_action.aws.iam import LONG_SESSION_SECONDS
from cognito_action.aws.prefetch import Prefetch
from cognito_action.command.cleaning import BRIEF, clean_up_abandoned, counted, delete_users_of
from cognito_action.command.cleaning import LIMITS as CLEANUP_LIMITS
from cognito_action.command.context import Context
from cognito_action.command.stopping import Stopper, to_the_end
from cognito_action.retry import Retry
from cognito_action.steps.main import LIMITS
from cognito_action.terminal.journal import Journal
from cognito_action.users.batch import ReadyUser
from cognito_action.users.provision import provision
from cognito_action.users.state import State

if TYPE_CHECKING:
    from cognito_action.aws.credentials import Connection
    from cognito_action.inputs.main import MainInputs

_MARGIN = timedelta(seconds=60)
"""How long a session has to last when the users are deleted with it."""


class Session:
    """Creates users on entry of `users`, and deletes them on its end.

    Args:
        inputs: what is asked for.
        context: where; its host gets the outputs.
        now: the time.
    """

    def __init__(
        self, inputs: "MainInputs", context: Context, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._inputs = inputs
        self._context = context
        self._host = context.host
        self._now = now
        self._state = State(context.host)
        self._users: Mapping[str, ReadyUser] = {}
        self._connection: Connection | None = None
        self.left_behind = False
        """Whether someone who was to be deleted may still exist."""

    @contextmanager
    def users(self) -> Iterator[Mapping[str, ReadyUser]]:
        """Create the users, after those are deleted whom earlier runs have left, and hand them over by their keys.

        Raises `ActionError` and `HostFileError` if they can't be created; whoever was created by then is deleted.
        """
        context = self._context
        context.stopper.run(lambda: clean_up_abandoned(context, BRIEF))
        journal = Journal.create(context.folder, context.origin, self._now(), context.random)
        self._host.journal = journal
        try:
            yield context.stopper.run(self._create)
        finally:
            self.left_behind = not to_the_end(lambda: self._delete(journal))

    def _create(self) -> Mapping[str, ReadyUser]:
        inputs, context, host, state = self._inputs, self._context, self._host, self._state
        state.begin()
        retry = context.stopper.retry(LIMITS, host)
        retry.extend_for(len(inputs.user_specs))
        connection = self._connect(retry)
        folder = context.folder if inputs.storage_state_origin else None
        users = provision(
            inputs, context.origin, connection, state, folder, context.environ, host, retry, context.random
        )
        created = sum(bool(user.credentials.sub) for user in users.values())
        host.say(f"Created {counted(created)} in {inputs.user_pool_id}.")
        self._users = users
        return users

    def keep(self) -> None:
        """Have the users stay, now that someone has got them; raises `HostFileError`."""
        self._state.keep(user.credentials.entry_id for user in self._users.values())

    def _connect(self, retry: Retry) -> "Connection":
        """Connect, and say until when the users can be deleted, where that is limited.

        A connection that is as good at the end is kept for the deletion; so is one with an ID token after which there
        may be no other.
        """
        inputs, context, host = self._inputs, self._context, self._host
        role, early = inputs.role(context.origin), Prefetch(context.environ, host)
        if role is None or context.tokens.is_renewable(context.environ):
            connection = connect(role, inputs.pool, inputs.operations, early, retry, host)
            if connection.renews_itself:
                # Someone may have typed a code for it, who is not asked again.
                self._connection = connection
            if role is None and (end := context.environ.get("AWS_CREDENTIAL_EXPIRATION")):
                self._say_until(f"{end}, when the AWS credentials of the environment expire.")
            return connection
        operations = [*inputs.operations, *inputs.deletions]
        connection = connect(
            role,
            inputs.pool,
            operations,
            early,
            retry,
            host,
            identity_pool_id=inputs.identity_pool_id,
            session_seconds=LONG_SESSION_SECONDS,
        )
        self._connection = connection
        end = _time_of_day(connection.expires)
        self._say_until(f"{end}: the role's session lasts that long. Later it takes a valid token in the file.")
        return connection

    def _say_until(self, end: str) -> None:
        if self._inputs.cleanup:
            self._host.say(f"The users can be deleted until {end}")

    def _delete(self, journal: Journal) -> bool:
        kept = self._connection
        if kept and kept.expires and self._now() > kept.expires - _MARGIN:
            kept = None
        # With a stopper of its own, since what stops the creation must not stop the deletion.
        return delete_users_of(
            journal,
            self._context,
            Stopper().retry(CLEANUP_LIMITS, self._host),
            connection=kept,
            cleanup_failure=self._inputs.cleanup_failure,
        )


def _time_of_day(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%H:%M} UTC" if moment else "its end"
