"""Main: create users that can sign in right away, and output their credentials."""

from collections.abc import Callable, Mapping
from random import Random
from typing import TYPE_CHECKING

from cognito_action.aws.connect import connect
from cognito_action.diagnostics.runner import browser_state_not_written, temp_folder_missing
from cognito_action.errors import ActionError
from cognito_action.github.runner import Runner
from cognito_action.github.temp_files import TempFolder, TempFolderMissingError
from cognito_action.inputs.prefetch import prefetch
from cognito_action.naming import Run
from cognito_action.network.proxies import proxy_settings
from cognito_action.retry import Limits, Retry
from cognito_action.users.batch import UserBatch
from cognito_action.users.creation import Creation, UserCredentials
from cognito_action.users.creation_method import AdminCreation, CreationMethod
from cognito_action.users.expected import ExpectedUser
from cognito_action.users.outputs import write_outputs, write_subs
from cognito_action.users.records import Setup
from cognito_action.users.state import State

if TYPE_CHECKING:
    from cognito_action.aws.credentials import Connection
    from cognito_action.aws.identity_pool import AwsCredentials
    from cognito_action.aws.user_pool import UserPool
    from cognito_action.inputs.main import MainInputs
    from cognito_action.sign_in.challenges import SignedIn
    from cognito_action.sign_in.flows import SignIn

LIMITS = Limits(seconds=60.0)
"""The deadline is half a second later for each user after the first (`SECONDS_PER_USER`)."""


def main(environ: Mapping[str, str], runner: Runner, retry: Retry, random: Random) -> int:
    """Run main and return the exit status; raises `ActionError` and `RunnerFileError`."""
    state = State(runner)
    state.begin()
    early = prefetch(environ, runner.mask)
    from cognito_action.inputs.main import MainInputs  # noqa: PLC0415 - while GitHub's token is on its way

    inputs = MainInputs.from_environ(environ, runner.warning)
    if inputs.client_secret:
        runner.mask(inputs.client_secret)
    run = Run.from_environ(environ)
    role = inputs.role(run)
    retry.extend_for(len(inputs.user_specs))
    save_browser_state = _browser_state_writer(inputs, environ, state, random, runner)

    connection = connect(role, inputs.pool, inputs.operations, early, retry, runner)
    state.setup(
        Setup(
            pool_id=inputs.pool.id,
            region=inputs.pool.region,
            role=role,
            credentials=connection.credentials,
            endpoints=connection.endpoints,
            proxies=proxy_settings(environ),
            cleanup_failure=inputs.cleanup_failure,
            identity_pool_id=inputs.identity_pool_id,
        )
    )
    pool = connection.user_pool(retry, inputs.permissions)
    method = _creation_method(inputs, connection, pool, retry, runner, random)
    sign_in = _sign_in(inputs, connection, pool, retry, runner, random)
    batch = UserBatch(
        inputs.user_specs,
        lambda attributes: Creation(method, inputs, attributes, run, state, runner, random),
        lambda: ExpectedUser(inputs, run, state, runner, random),
        pool,
        runner,
        (lambda user: sign_in(user.username, user.password)) if sign_in else None,
        _aws_credentials_getter(inputs, connection, retry, runner),
        save_browser_state,
    )
    try:
        users = batch.create()
    except ActionError:
        if inputs.sign_up:
            write_subs(batch.subs, inputs, runner)
        raise

    write_outputs(users, inputs, runner)
    if sign_in:
        sign_in.wait_for_fresh_codes()
    who = "the user" if len(users) == 1 else f"the {len(users)} users"
    if inputs.cleanup:
        runner.log(f"The post step deletes {who} when the job ends.")
    else:
        runner.log(f"The post step leaves {who} when the job ends, since cleanup is false.")
        state.keep(user.credentials.entry_id for user in users.values())
    return 0


def _creation_method(
    inputs: "MainInputs", connection: "Connection", pool: "UserPool", retry: Retry, runner: Runner, random: Random
) -> CreationMethod:
    if not inputs.sign_up:
        return AdminCreation(pool, inputs.client_metadata, runner, random)
    # Few steps sign users up, and the others need not wait for the imports.
    from cognito_action.sign_in.sign_up import SignUpClient  # noqa: PLC0415
    from cognito_action.users.self_sign_up import SelfSignUp  # noqa: PLC0415

    metadata = inputs.client_metadata
    client = SignUpClient(
        connection.client, pool.id, inputs.client_id, inputs.client_secret, metadata, retry, runner.mask
    )
    return SelfSignUp(client, pool, metadata, runner, signs_in=inputs.signs_in)


def _sign_in(
    inputs: "MainInputs", connection: "Connection", pool: "UserPool", retry: Retry, runner: Runner, random: Random
) -> "SignIn | None":
    if not inputs.signs_in:
        return None
    # A step that signs no one in need not wait for what only a sign-in imports.
    from cognito_action.sign_in.flows import new_sign_in  # noqa: PLC0415

    return new_sign_in(inputs, connection, pool, retry, runner, random)


def _aws_credentials_getter(
    inputs: "MainInputs", connection: "Connection", retry: Retry, runner: Runner
) -> "Callable[[str, Callable[[str], None]], AwsCredentials] | None":
    if not inputs.identity_pool_id:
        return None
    from cognito_action.aws.identity_pool import IdentityPool  # noqa: PLC0415 - only this needs the service's model

    return IdentityPool(connection, inputs.identity_pool_id, retry, runner.mask).credentials_for


def _browser_state_writer(
    inputs: "MainInputs", environ: Mapping[str, str], state: State, random: Random, runner: Runner
) -> "Callable[[UserCredentials, SignedIn], str] | None":
    if not inputs.storage_state_origin:
        return None
    try:
        folder = TempFolder.from_environ(environ)
    except TempFolderMissingError as error:
        raise temp_folder_missing(error) from error

    def save(user: UserCredentials, signed_in: "SignedIn") -> str:
        from cognito_action.sign_in.browser_state import browser_state  # noqa: PLC0415 - needs the SDK, imported by now

        text = browser_state(inputs.storage_state_origin, inputs.client_id, signed_in, user.username, runner.log)
        try:
            return folder.write(state.new_file(random), text)
        except OSError as error:
            raise browser_state_not_written(folder.path, error) from error

    return save
