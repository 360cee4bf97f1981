"""Who may still exist after a cleanup, and what is said of them."""

from cognito_action.diagnostics.aws_cli import AwsCli
from cognito_action.diagnostics.deletion import creation_unanswered, credentials_changed
from cognito_action.diagnostics.report import report, shown_by
from cognito_action.errors import ActionError
from cognito_action.host import Host
from cognito_action.users.deletion import TITLE, report_left_behind
from cognito_action.users.records import Entry, Setup

TITLE_LATE = "creation not answered"


class Leftovers:
    """The entries of one step whose users may still exist, with the reasons, and those whose users may still come."""

    def __init__(self, setup: Setup, host: Host) -> None:
        self._setup = setup
        self._host = host
        self._left: list[tuple[Entry, ActionError]] = []
        self._may_come: list[Entry] = []

    def __contains__(self, entry: Entry) -> bool:
        """Whether the user may still exist."""
        return any(entry == left for left, _ in self._left)

    @property
    def is_empty(self) -> bool:
        """Whether no one is left, and no one may come."""
        return not self._left and not self._may_come

    def add(self, entry: Entry, error: ActionError) -> None:
        """Keep in mind who could not be deleted, and why."""
        self._left.append((entry, error))

    def add_possible(self, entry: Entry) -> None:
        """Keep in mind who may still come to be although no look has found them."""
        self._may_come.append(entry.offered)

    def clear(self) -> None:
        """Forget those who could not be deleted: they are gone."""
        self._left = []

    def report(self, *, same_credentials: bool) -> int:
        """Say who is left and return the exit status; `same_credentials` tells whether they are those of the creation."""
        if self._may_come:
            commands = dict.fromkeys(self._command(entry) for entry in self._may_come)
            unanswered = creation_unanswered(len(self._may_come), self._setup.pool_id, list(commands))
            report(unanswered, TITLE_LATE, self._host.warning, self._host)
        if not self._left:
            return 0
        if not same_credentials:
            self._host.warning(shown_by(self._host, credentials_changed()), TITLE)
        fails = self._setup.cleanup_failure == "error"
        annotate = self._host.error if fails else self._host.warning
        report_left_behind(self._left, self._setup.pool_id, self._command, annotate, self._host)
        return int(fails)

    def _command(self, entry: Entry) -> str:
        cli = AwsCli(self._setup.pool_id, self._setup.region, self._setup.endpoints.of("cognito-idp").shown)
        return cli.delete_user(entry.sub) if entry.sub else "\n".join(map(cli.find_users, entry.filters))
