"""Delete: delete users that earlier jobs of the same run created."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from cognito_action.aws.connect import connect
from cognito_action.host import Host
from cognito_action.inputs.prefetch import prefetch
from cognito_action.naming import Origin
from cognito_action.retry import Limits, Retry
from cognito_action.users.deletion import TITLE, DeletionResult, delete_all, report_left_behind, users_with
from cognito_action.users.ownership import known_run, require_own

if TYPE_CHECKING:
    from cognito_action.aws.prefetch import Prefetch
    from cognito_action.inputs.delete import DeleteInputs

LIMITS = Limits(seconds=60.0)
"""The deadline is half a second later for each user after the first (`SECONDS_PER_USER`)."""

PERMISSIONS = ("AdminDeleteUser",)

NAME = "Cognito test user - delete"


def delete(environ: Mapping[str, str], host: Host, retry: Retry) -> int:
    """Run the step and return the exit status; raises `ActionError`. A user who is not there is no failure."""
    early = prefetch(environ, host)
    from cognito_action.inputs.delete import DeleteInputs  # noqa: PLC0415 - while GitHub's token is on its way

    inputs = DeleteInputs.from_environ(environ, host.warning)
    return delete_users(inputs, known_run(environ), early, host, retry)


def delete_users(inputs: "DeleteInputs", origin: Origin, prefetch: "Prefetch", host: Host, retry: Retry) -> int:
    """Delete the users and return the exit status; raises `ActionError`."""
    require_own(inputs.names, origin, host.kind)
    if inputs.blank_lines:
        host.warning(_missing(inputs), TITLE)
    if not inputs.names:
        return 0
    retry.extend_for(len(inputs.names))

    connection = connect(inputs.role(origin), inputs.pool, PERMISSIONS, prefetch, retry, host)
    pool = connection.user_pool(retry, PERMISSIONS)
    deletions = delete_all(inputs.names, lambda name: pool.delete_user(name, known=True), str, host)
    not_found = users_with(DeletionResult.NOT_FOUND, deletions)
    for name in not_found:
        host.log(f"User {name} is not there.")
    if addresses := [name for name in not_found if "@" in name]:
        host.notice(_not_found(addresses), "not found")
    left = [(each.user, pool.explain(each.error)) for each in deletions if each.error]
    report_left_behind(left, pool.id, pool.access.cli.delete_user, host.error, host, in_journal=False)
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
