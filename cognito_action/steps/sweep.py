"""Sweep: delete what runs of this repository created long ago and no post step ever deleted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cognito_action.aws.connect import connect
from cognito_action.diagnostics.report import add_to_summary
from cognito_action.errors import CONNECTION_CODES, CREDENTIAL_CODES, DEADLINE, STOPPED, THROTTLING_CODES, CallError
from cognito_action.host import Host
from cognito_action.inputs.prefetch import prefetch
from cognito_action.naming import Origin, Run
from cognito_action.retry import Limits, Retry
from cognito_action.users.deletion import Deletion, DeletionResult, delete_one, report_left_behind, users_with
from cognito_action.users.orphans import Orphan, find_orphans
from cognito_action.users.ownership import known_run

if TYPE_CHECKING:
    from cognito_action.aws.prefetch import Prefetch
    from cognito_action.aws.user_pool import UserPool
    from cognito_action.inputs.sweep import SweepInputs

LIMITS = Limits(seconds=600.0, calls_per_second=5, seconds_per_call=60.0)
"""The role's session lasts 900 s. Five calls of one operation in a second are a fifth of the smaller quota that a sweep
shares with production: that of `UserUpdate`, 25 for the account in a region."""

PERMISSIONS = ("ListUsers", "AdminDeleteUser")

NAME = "Cognito test user - sweep"

TITLE = "not all users deleted"

_CONCERNS_ALL = (
    frozenset({"AccessDeniedException", "ResourceNotFoundException", DEADLINE, STOPPED})
    | CONNECTION_CODES
    | THROTTLING_CODES
    | CREDENTIAL_CODES
)
"""Codes of failures that the next user would meet as well."""


@dataclass
class Swept:
    """How far a sweep got."""

    deletions: list[Deletion[Orphan]] = field(default_factory=list)
    """Of the users whose turn came, in that order."""
    ended_by: CallError | None = None
    """What ended it early."""

    @property
    def deleted(self) -> int:
        """How many users this sweep deleted."""
        return len(users_with(DeletionResult.DELETED, self.deletions))


def sweep(
    environ: Mapping[str, str],
    host: Host,
    retry: Retry,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> int:
    """Run the step and return the exit status; raises `ActionError` and `HostFileError`."""
    early = prefetch(environ, host)
    from cognito_action.inputs.sweep import SweepInputs  # noqa: PLC0415 - while GitHub's token is on its way

    inputs = SweepInputs.from_environ(environ, host.warning)
    return sweep_pool(inputs, known_run(environ), early, host, retry, now, url_of_runs(environ))


def url_of_runs(environ: Mapping[str, str]) -> str:
    """The URL below which GitHub has the workflow runs of this repository."""
    return f"{environ.get('GITHUB_SERVER_URL', '')}/{environ.get('GITHUB_REPOSITORY', '')}/actions/runs"


def sweep_pool(
    inputs: "SweepInputs",
    origin: Origin,
    prefetch: "Prefetch",
    host: Host,
    retry: Retry,
    now: Callable[[], datetime],
    runs: str,
) -> int:
    """Delete the old users of `origin`'s repository, or place, and return the exit status.

    `runs` is that of `url_of_runs`. Raises `ActionError` and `HostFileError`.
    """
    operations = ("ListUsers",) if inputs.dry_run else PERMISSIONS
    connection = connect(inputs.role(origin), inputs.pool, operations, prefetch, retry, host)
    pool = connection.user_pool(retry, PERMISSIONS)

    try:
        orphans = find_orphans(pool, origin, now() - inputs.age)
    except CallError as error:
        raise pool.explain(error) from error
    host.log(f"Users of this {origin.scope} that are older than {inputs.older_than}: {len(orphans)}.")
    host.output("found", str(len(orphans)))
    chosen = orphans[: inputs.max_deletes]
    swept = Swept()
    if inputs.dry_run:
        host.log("This is a dry run: no user is deleted.")
        for orphan in chosen:
            host.log(f"Would delete user {_shown(orphan)}.")
    else:
        swept = _delete(chosen, pool, host)
    host.output("deleted", str(swept.deleted))
    add_to_summary(_summary(inputs, orphans, chosen, swept, runs), host)
    left = [(each.user, pool.explain(each.error)) for each in swept.deletions if each.error]
    report_left_behind(
        left, pool.id, lambda user: pool.access.cli.delete_user(user.username), host.error, host, in_journal=False
    )
    if swept.ended_by:
        _report_early_end(swept.ended_by, swept, pool, host)
    elif len(orphans) > len(chosen) and not inputs.dry_run:
        host.warning(
            f"{len(orphans)} users are older than {inputs.older_than}, and `max-deletes` is {inputs.max_deletes}: the "
            "others are left to the next sweep.",
            TITLE,
        )
    return 1 if left else 0


def _delete(orphans: Sequence[Orphan], pool: "UserPool", host: Host) -> Swept:
    """Delete one after the other. That one user can't be deleted is no reason to stop before the next."""
    swept = Swept()
    for orphan in orphans:
        try:
            swept.deletions.append(
                delete_one(
                    orphan,
                    lambda user: pool.delete_user(user.username, known=True),
                    _shown(orphan),
                    host,
                    lambda error: error.code in _CONCERNS_ALL,
                )
            )
        except CallError as error:
            swept.ended_by = error
            break
    return swept


def _report_early_end(error: CallError, swept: Swept, pool: "UserPool", host: Host) -> None:
    """Say what ended the sweep: a warning if there was merely no time for all, since the next one continues."""
    if not swept.deleted or not (error.retryable or error.code == DEADLINE):
        raise pool.explain(error) from error
    host.warning(f"The sweep ended early, and the next one continues from there. {error.what}", TITLE)


def _summary(
    inputs: "SweepInputs", orphans: Sequence[Orphan], chosen: Sequence[Orphan], swept: Swept, runs: str
) -> str:
    """What the sweep did, with each user that it took. Every cell is generated or validated, so none needs escaping."""
    age = f"older than {inputs.older_than} in `{inputs.user_pool_id}`"
    lines = [f"### {NAME}\n\nFound {len(orphans)} {age}; deleted {swept.deleted}."]
    if inputs.dry_run:
        lines.append("\nThis was a dry run: no user was deleted.")
    if chosen:
        lines += ["", "| created (UTC) | run | user | outcome |", "| --- | --- | --- | --- |"]
    outcomes = {each.user: each.result.value for each in swept.deletions}
    for orphan in chosen:
        outcome = "would be deleted" if inputs.dry_run else outcomes.get(orphan, "stays")
        lines.append(f"| {_time(orphan)} | {_link(orphan.creator, runs)} | `{orphan.username}` | {outcome} |")
    return "\n".join(lines)


def _link(creator: Origin, runs: str) -> str:
    if isinstance(creator, Run):
        return f"[{creator.run_id}]({runs}/{creator.run_id}/attempts/{creator.attempt})"
    return f"`{creator.prefix}`"


def _shown(orphan: Orphan) -> str:
    return f"{orphan.username}, created {_time(orphan)}"


def _time(orphan: Orphan) -> str:
    return f"{orphan.created.astimezone(UTC):%Y-%m-%d %H:%M}"
