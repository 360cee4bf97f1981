"""Delete: delete users that earlier jobs of the same run created."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from cognito_action.aws.connect import connect
from cognito_action.github.runner import Runner
from cognito_action.inputs.prefetch import prefetch
from cognito_action.retry import Limits, Retry
from cognito_action.users.deletion import TITLE, DeletionResult, delete_all, report_left_behind, users_with
from cognito_action.users.ownership import known_run, require_own

if TYPE_CHECKING:
    from cognito_action.inputs.delete import DeleteInputs

LIMITS = Limits(seconds=60.0)
"""The deadline is half a second later for each user after the first (`SECONDS_PER_USER`)."""

PERMISSIONS = ("AdminDeleteUser",)

NAME = "Cognito test user - delete"


def delete(environ: Mapping[str, str], runner: Runner, retry: Retry) -> int:
    """Run the step and return the exit status; raises `ActionError`. A user who is not there is no failure."""
    early = prefetch(environ, runner.mask)
    from cognito_action.inputs.delete import DeleteInputs  # noqa: PLC0415 - while GitHub's token is on its way

    inputs = DeleteInputs.from_environ(environ, runner.warning)
    run = known_run(environ)
    require_own(inputs.names, run)
    if inputs.blank_lines:
        runner.warning(_missing(inputs), TITLE)
    if not inputs.names:
        return 0
    retry.extend_for(len(inputs.names))

    connection = connect(inputs.role(run), inputs.pool, PERMISSIONS, early, retry, runner)
    pool = connection.user_pool(retry, PERMISSIONS)
    deletions = delete_all(inputs.names, lambda name: pool.delete_user(name, known=True), str, runner)
    not_found = users_with(DeletionResult.NOT_FOUND, deletions)
    for name in not_found:
        runner.log(f"User {name} is not there.")
    if addresses := [name for name in not_found if "@" in name]:
        runner.notice(_not_found(addresses), "not found")
    left = [(each.user, pool.explain(each.error)) for each in deletions if each.error]
    report_left_behind(left, pool.id, pool.access.cli.delete_user, runner.error, runner)
    return 1 if left else 0


def _missing(inputs: "DeleteInputs") -> str:
    blank = "a blank line" if inputs.blank_lines == 1 else f"{inputs.blank_lines} blank lines"
    return (
        f"`username` {f'has {blank}' if inputs.names else 'is empty'}: no user was deleted for it.\n"
        "This is fine if the job that creates the users failed or was skipped. Otherwise a user is still there: GitHub "
        "drops job outputs that contain a masked value, so the step that created the user needs `mask-username: false`; or "
        "the name of an output is misspelled."
    )


def _not_found(addresses: Sequence[str]) -> str:
    return (
        "Some users were not there. Usually they were deleted before. But if a test has changed a user's address, or "
        "people sign in to the pool by phone number, the user is still there, under another name.\n"
        + "\n".join(addresses)
    )
