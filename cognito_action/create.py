"""Main: create a user who can sign in at once, and hand it over."""

from collections.abc import Mapping
from random import Random

from cognito_action.creation import Credentials, create_user
from cognito_action.errors import code_block
from cognito_action.identity import Run
from cognito_action.inputs import Inputs
from cognito_action.pool import UserPool
from cognito_action.retry import Retry
from cognito_action.role import Role, connect, default_audience
from cognito_action.runner import Runner
from cognito_action.state import Setup, State

SECONDS = 40.0
"""After so many seconds main starts no further attempt; one that is under way may take half a minute more."""

OPERATIONS = ("AdminCreateUser", "AdminSetUserPassword")


def create(environ: Mapping[str, str], runner: Runner, random: Random, retry: Retry) -> int:
    """Run the main phase and return the exit status; raises `ActionError`."""
    inputs = Inputs.from_environ(environ)
    run = Run.from_environ(environ)
    state = State(runner)
    role = _role(inputs, run)

    access = connect(role, inputs.user_pool_id, OPERATIONS, environ, retry, runner)
    state.begin(
        Setup(
            pool_id=inputs.user_pool_id,
            role=role,
            credentials=access.credentials,
            cleanup_failure=inputs.cleanup_failure,
        )
    )
    pool = UserPool(access.client, inputs.user_pool_id, access.pool_arn, retry)
    user = create_user(pool, inputs, run, state, runner, random)

    runner.output("username", user.username)
    runner.output("password", user.password)
    runner.output("email", user.email)
    runner.output("sub", user.sub)
    runner.summary(_summary(inputs, user))
    if inputs.cleanup:
        runner.log("The post step deletes the user when the job ends.")
    else:
        runner.log("The user stays when the job ends, since cleanup is false.")
        state.keep(user.key)
    return 0


def _role(inputs: Inputs, run: Run) -> Role | None:
    if not inputs.role_to_assume:
        return None
    return Role(
        arn=inputs.role_to_assume,
        session_name=inputs.role_session_name or f"cognito-{run.run_id}-{run.attempt}",
        audience=inputs.audience or default_audience(inputs.role_to_assume),
    )


def _summary(inputs: Inputs, user: Credentials) -> str:
    end = "is deleted when the job ends" if inputs.cleanup else "stays when the job ends (`cleanup: false`)"
    return f"### Cognito test user\n\nCreated in `{inputs.user_pool_id}`; {end}. Its `sub`:\n\n{code_block(user.sub)}"
