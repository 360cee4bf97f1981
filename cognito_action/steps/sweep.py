"""Sweep: delete what runs of this repository created long ago and no post step ever did."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from cognito_action.aws.connect import connect
from cognito_action.diagnostics.common import delete_command
from cognito_action.errors import CREDENTIALS, DEADLINE, NETWORK, THROTTLING, TLS, ActionError, Failure, refusal
from cognito_action.github.runner import Runner
from cognito_action.inputs.sweep import SweepInputs
from cognito_action.naming import Run
from cognito_action.retry import Limits, Retry
from cognito_action.users.deletion import attempt, report_left
from cognito_action.users.ownership import known_run, run_of

if TYPE_CHECKING:
    from cognito_action.aws.user_pool import UserPool


LIMITS = Limits(seconds=600.0, per_second=5, patience=60.0)
"""The role's session lasts 900 s. Five calls of one operation in a second are a fifth of the smaller quota that a sweep
shares with production: that of `UserUpdate`, 25 for the account in a region."""


PERMISSIONS = ("ListUsers", "AdminDeleteUser")


TITLE = "Cognito test user: sweep"


_ABOUT_ALL = {
    *("AccessDeniedException", "ResourceNotFoundException", DEADLINE, NETWORK, TLS),
    *(THROTTLING | CREDENTIALS),
}
"""Codes of failures that the next user would meet as well."""


_OUTCOMES = {True: "deleted", False: "gone", None: "stays"}


@dataclass(frozen=True)
class Orphan:
    """A user of this repository's runs, older than anybody who is at work."""

    username: str
    """Cognito's own name for the user: a generated one or a UUID."""
    run: Run
    created: datetime


@dataclass
class Swept:
    """How far a sweep came."""

    ends: dict[Orphan, bool | ActionError] = field(default_factory=dict)
    """Whether each user was there to be deleted, or why it was not deleted, in the order of their turns."""
    stop: Failure | None = None
    """What ended it before its time."""

    @property
    def deleted(self) -> int:
        """How many users this sweep deleted."""
        return sum(end is True for end in self.ends.values())

    @property
    def left(self) -> list[tuple[Orphan, ActionError]]:
        """Who could not be deleted, though others could."""
        return [(orphan, end) for orphan, end in self.ends.items() if isinstance(end, ActionError)]


def sweep(
    environ: Mapping[str, str],
    runner: Runner,
    retry: Retry,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> int:
    """Run the phase and return the exit status; raises `ActionError`."""
    inputs = SweepInputs.from_environ(environ)
    run = known_run(environ)
    operations = PERMISSIONS[:1] if inputs.dry_run else PERMISSIONS
    access = connect(inputs.role(run), inputs.user_pool_id, operations, environ, retry, runner)
    pool = access.user_pool(retry, PERMISSIONS)

    try:
        orphans = find(pool, run, now() - inputs.age)
    except Failure as failure:
        raise pool.explain(failure) from failure
    runner.log(f"Users of this repository that are older than {inputs.older_than}: {len(orphans)}.")
    runner.output("found", str(len(orphans)))
    chosen = orphans[: inputs.max_deletes]
    swept = Swept()
    if inputs.dry_run:
        runner.log("This is a dry run: nobody is deleted.")
        for orphan in chosen:
            runner.log(f"Would delete user {_shown(orphan)}.")
    else:
        swept = _delete(chosen, pool, runner)
    runner.output("deleted", str(swept.deleted))
    runner.summary(_summary(inputs, orphans, chosen, swept, environ))
    report_left(swept.left, pool.id, lambda user: delete_command(pool.id, user.username), runner.error, runner)
    if swept.stop:
        _report_stop(swept.stop, swept, pool, runner)
    elif len(orphans) > len(chosen) and not inputs.dry_run:
        runner.warning(
            f"{len(orphans)} users are older than {inputs.older_than}, and `max-deletes` is {inputs.max_deletes}: the "
            "others are left to the next sweep.",
            TITLE,
        )
    return 1 if swept.left else 0


def find(pool: "UserPool", run: Run, before: datetime) -> list[Orphan]:
    """Return the users whom runs of the repository created before that time, oldest first; raises `Failure`.

    Where the pool's user names are UUIDs no name begins as ours do, and the users are looked for by their addresses.
    """
    prefix = run.repository_prefix
    ours = _ours(pool, f'username ^= "{prefix}"', run) or _ours(pool, f'email ^= "{prefix}"', run)
    return sorted((orphan for orphan in ours if orphan.created < before), key=lambda orphan: orphan.created)


def _ours(pool: "UserPool", condition: str, run: Run) -> list[Orphan]:
    return [
        Orphan(user.username, creator, user.created)
        for user in pool.list_users(condition)
        if (creator := run_of(user, run.repository_id)) and user.created
    ]


def _delete(orphans: Sequence[Orphan], pool: "UserPool", runner: Runner) -> Swept:
    """Delete one after the other. A refusal of one user is no reason to spare the next."""

    def explain(failure: Failure) -> ActionError:
        if failure.code in _ABOUT_ALL:
            raise failure
        return pool.explain(failure)

    swept = Swept()
    for orphan in orphans:
        delete = partial(pool.delete_user, orphan.username, known=True)
        try:
            swept.ends[orphan] = attempt(delete, explain, _shown(orphan), runner)
        except Failure as failure:
            swept.stop = failure
            break
    return swept


def _report_stop(failure: Failure, swept: Swept, pool: "UserPool", runner: Runner) -> None:
    """Say what ended the sweep: a warning where there was merely no time for all, for the next one goes on."""
    if not swept.deleted or not (failure.transient or failure.code == DEADLINE):
        raise pool.explain(failure) from failure
    runner.warning(f"The sweep ended early, and the next one goes on from there. {refusal(failure)}", TITLE)


def _summary(
    inputs: SweepInputs, orphans: Sequence[Orphan], chosen: Sequence[Orphan], swept: Swept, environ: Mapping[str, str]
) -> str:
    """What the sweep did, with each user that it took. Nothing in the table can hold another text than it seems to."""
    age = f"older than {inputs.older_than} in `{inputs.user_pool_id}`"
    lines = [f"### Cognito test user: sweep\n\nFound {len(orphans)} {age}; deleted {swept.deleted}."]
    if inputs.dry_run:
        lines.append("\nThis was a dry run: nobody was deleted.")
    if chosen:
        lines += ["", "| created (UTC) | run | user | outcome |", "| --- | --- | --- | --- |"]
    runs = f"{environ.get('GITHUB_SERVER_URL', '')}/{environ.get('GITHUB_REPOSITORY', '')}/actions/runs"
    for orphan in chosen:
        run = f"[{orphan.run.run_id}]({runs}/{orphan.run.run_id}/attempts/{orphan.run.attempt})"
        end = swept.ends.get(orphan)
        outcome = "refused" if isinstance(end, ActionError) else _OUTCOMES[end]
        if inputs.dry_run:
            outcome = "would be deleted"
        lines.append(f"| {_time(orphan)} | {run} | `{orphan.username}` | {outcome} |")
    return "\n".join(lines)


def _shown(orphan: Orphan) -> str:
    return f"{orphan.username}, created {_time(orphan)}"


def _time(orphan: Orphan) -> str:
    return f"{orphan.created.astimezone(UTC):%Y-%m-%d %H:%M}"
