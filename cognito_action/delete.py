"""Delete: end the lives of users whom earlier jobs of the same run created."""

from collections.abc import Mapping

from cognito_action.delete_inputs import DeleteInputs
from cognito_action.deletion import TITLE, delete_all, report_left
from cognito_action.ownership import known_run, require_own
from cognito_action.pool import UserPool
from cognito_action.pool_errors import delete_command
from cognito_action.retry import Retry
from cognito_action.role import connect
from cognito_action.runner import Runner

SECONDS = 40.0
"""After so many seconds, and half a second for each user after the first, no further attempt is started."""

PERMISSIONS = ("AdminDeleteUser",)


def delete(environ: Mapping[str, str], runner: Runner, retry: Retry) -> int:
    """Run the phase and return the exit status; raises `ActionError`. A user who is not there is no failure."""
    inputs = DeleteInputs.from_environ(environ)
    run = known_run(environ)
    require_own(inputs.username, run)
    if not inputs.username:
        runner.warning(
            "`username` is empty, so nobody was deleted.\nThat is right where the job that creates the users failed or "
            "was skipped. Otherwise they are still there: GitHub drops job outputs that hold a masked text, so the step "
            "that created them needs `mask-username: false`.",
            TITLE,
        )
        return 0
    retry.extend_for(len(inputs.username))

    access = connect(inputs.role(run), inputs.user_pool_id, PERMISSIONS, environ, retry, runner)
    pool = UserPool(access.client, inputs.user_pool_id, access.pool_arn, retry, PERMISSIONS)
    absent, left = delete_all(inputs.username, pool.delete_user, pool.explain, str, runner)
    for name in absent:
        runner.log(f"User {name} is not there.")
    report_left(left, pool.id, lambda name: delete_command(pool.id, name), runner.error, runner)
    return 1 if left else 0
