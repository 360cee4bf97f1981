"""Sweep: delete what runs of this repository created long ago and no post step ever did."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cognito_action.explain import refusal
from cognito_action.failure import DEADLINE, Failure
from cognito_action.identity import Run
from cognito_action.ownership import known_run, run_of
from cognito_action.pool import UserPool
from cognito_action.retry import Retry
from cognito_action.role import connect
from cognito_action.runner import Runner
from cognito_action.sweep_inputs import SweepInputs

SECONDS = 600.0
"""After so many seconds no further attempt is started: the role's session lasts 900."""

PER_SECOND = 5
"""Calls of one operation in a second: a fifth of the smaller quota that a sweep shares with production, which is that of
`UserUpdate`, 25 for the account in a region."""

PERMISSIONS = ("ListUsers", "AdminDeleteUser")

TITLE = "Cognito test user: sweep"


@dataclass(frozen=True)
class Orphan:
    """A user whom a run of this repository left behind."""

    username: str
    """Cognito's own name for the user: a generated one or a UUID."""
    run: Run
    created: datetime


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
    pool = UserPool(access.client, inputs.user_pool_id, access.pool_arn, retry, PERMISSIONS)

    deleted: list[Orphan] = []
    try:
        orphans = find(pool, run, now() - inputs.age)
        runner.log(f"Users of this repository that are older than {inputs.older_than}: {len(orphans)}.")
        runner.output("found", str(len(orphans)))
        chosen = orphans[: inputs.max_deletes]
        try:
            if inputs.dry_run:
                _show(chosen, runner)
            else:
                _delete(chosen, deleted, pool, runner)
        finally:
            runner.output("deleted", str(len(deleted)))
            runner.summary(_summary(inputs, orphans, chosen, deleted, environ))
    except Failure as failure:
        if not deleted or not (failure.transient or failure.code == DEADLINE):
            raise pool.explain(failure) from failure
        runner.warning(f"The sweep ended early, and the next one goes on from there. {refusal(failure)}", TITLE)
    if len(orphans) > len(chosen) and not inputs.dry_run:
        runner.warning(
            f"{len(orphans)} users are older than {inputs.older_than}, and `max-deletes` is {inputs.max_deletes}: the "
            "others are left to the next sweep.",
            TITLE,
        )
    return 0


def find(pool: UserPool, run: Run, before: datetime) -> list[Orphan]:
    """Return the users whom runs of the repository created before that time, oldest first; raises `Failure`.

    Where the pool's user names are UUIDs no name begins as ours do, and the users are looked for by their addresses.
    """
    prefix = run.repository_prefix
    ours = _ours(pool, f'username ^= "{prefix}"', run) or _ours(pool, f'email ^= "{prefix}"', run)
    return sorted((orphan for orphan in ours if orphan.created < before), key=lambda orphan: orphan.created)


def _ours(pool: UserPool, condition: str, run: Run) -> list[Orphan]:
    return [
        Orphan(user.username, creator, user.created)
        for user in pool.list_users(condition)
        if (creator := run_of(user, run.repository_id)) and user.created
    ]


def _show(orphans: Sequence[Orphan], runner: Runner) -> None:
    for orphan in orphans:
        runner.log(f"Would delete user {orphan.username}, created {_time(orphan)}.")


def _delete(orphans: Sequence[Orphan], deleted: list[Orphan], pool: UserPool, runner: Runner) -> None:
    """Delete one after the other; the first failure ends it, and `deleted` has those who were there."""
    for orphan in orphans:
        if pool.delete_user(orphan.username):
            deleted.append(orphan)
            runner.log(f"Deleted user {orphan.username}, created {_time(orphan)}.")
        else:
            runner.log(f"User {orphan.username} is not there any more.")


def _summary(
    inputs: SweepInputs,
    orphans: Sequence[Orphan],
    chosen: Sequence[Orphan],
    deleted: Collection[Orphan],
    environ: Mapping[str, str],
) -> str:
    """What the sweep did, with each user that it took. Nothing in the table can hold another text than it seems to."""
    age = f"older than {inputs.older_than} in `{inputs.user_pool_id}`"
    lines = [f"### Cognito test user: sweep\n\nFound {len(orphans)} {age}; deleted {len(deleted)}."]
    if inputs.dry_run:
        lines.append("\nNobody was deleted, since `dry-run` is true. These would have been:")
    if chosen:
        lines += ["", "| created (UTC) | run | user | deleted |", "| --- | --- | --- | --- |"]
    runs = f"{environ.get('GITHUB_SERVER_URL', '')}/{environ.get('GITHUB_REPOSITORY', '')}/actions/runs"
    for orphan in chosen:
        run = f"[{orphan.run.run_id}]({runs}/{orphan.run.run_id}/attempts/{orphan.run.attempt})"
        end = "yes" if orphan in deleted else "no"
        lines.append(f"| {_time(orphan)} | {run} | `{orphan.username}` | {end} |")
    return "\n".join(lines)


def _time(orphan: Orphan) -> str:
    return f"{orphan.created.astimezone(UTC):%Y-%m-%d %H:%M}"
