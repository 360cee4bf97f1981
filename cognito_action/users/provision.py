"""From inputs and a connection to users that the tests can work with, and the outputs that tell of them."""

from collections.abc import Callable, Mapping
from random import Random
from typing import TYPE_CHECKING, Protocol

from cognito_action.diagnostics.runner import browser_state_not_written
from cognito_action.errors import ActionError
from cognito_action.host import Host
from cognito_action.naming import Origin
from cognito_action.network.proxies import proxy_settings
from cognito_action.retry import Retry
from cognito_action.users.batch import ReadyUser, UserBatch
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


class PrivateFolder(Protocol):
    """Where files with secrets can be left for the tests."""

    @property
    def path(self) -> str:
        """Of the folder."""

    def write(self, name: str, text: str) -> str:
        """Write a new file that only its owner can read, and return the path by which tests find it; raises `OSError`."""


def provision(
    inputs: "MainInputs",
    origin: Origin,
    connection: "Connection",
    state: State,
    folder: PrivateFolder | None,
    environ: Mapping[str, str],
    host: Host,
    retry: Retry,
    random: Random,
) -> dict[str, ReadyUser]:
    """Create the users that the inputs ask for, write the outputs, and return the users by their keys.

    Raises `ActionError` and `HostFileError`, with whoever may
    exist by then in the state.

    Args:
        inputs: what is asked for.
        origin: of the users' names.
        connection: to the pool, with the permissions that the inputs need.
        state: begun already.
        folder: for the browser state, if that is asked for.
        environ: names the proxies.
        host: gets the outputs.
        retry: of the step, with the deadline for this many users.
        random: a cryptographic source.
    """
    state.setup(
        Setup(
            pool_id=inputs.pool.id,
            region=inputs.pool.region,
            role=inputs.role(origin),
            credentials=connection.credentials,
            endpoints=connection.endpoints,
            proxies=proxy_settings(environ),
            cleanup_failure=inputs.cleanup_failure,
            identity_pool_id=inputs.identity_pool_id,
        )
    )
    pool = connection.user_pool(retry, inputs.permissions)
    method = _creation_method(inputs, connection, pool, retry, host, random)
    sign_in = _sign_in(inputs, connection, pool, retry, host, random)
    batch = UserBatch(
        inputs.user_specs,
        lambda attributes: Creation(method, inputs, attributes, origin, state, host, random),
        lambda: ExpectedUser(inputs, origin, state, host, random),
        pool,
        host,
        (lambda user: sign_in(user.username, user.password)) if sign_in else None,
        _aws_credentials_getter(inputs, connection, retry, host),
        _browser_state_writer(inputs, folder, state, host, random) if folder else None,
    )
    try:
        users = batch.create()
    except ActionError:
        if inputs.sign_up:
            write_subs(batch.subs, inputs, host)
        raise

    write_outputs(users, inputs, host)
    if sign_in:
        sign_in.wait_for_fresh_codes()
    return users


def _creation_method(
    inputs: "MainInputs", connection: "Connection", pool: "UserPool", retry: Retry, host: Host, random: Random
) -> CreationMethod:
    if not inputs.sign_up:
        return AdminCreation(pool, inputs.client_metadata, host, random)
    # Few steps sign users up, and the others need not wait for the imports.
    from cognito_action.sign_in.sign_up import SignUpClient  # noqa: PLC0415
    from cognito_action.users.self_sign_up import SelfSignUp  # noqa: PLC0415

    metadata = inputs.client_metadata
    client = SignUpClient(
        connection.client, pool.id, inputs.client_id, inputs.client_secret, metadata, retry, host.mask
    )
    return SelfSignUp(client, pool, metadata, host, signs_in=inputs.signs_in)


def _sign_in(
    inputs: "MainInputs", connection: "Connection", pool: "UserPool", retry: Retry, host: Host, random: Random
) -> "SignIn | None":
    if not inputs.signs_in:
        return None
    # A step that signs no one in need not wait for what only a sign-in imports.
    from cognito_action.sign_in.flows import new_sign_in  # noqa: PLC0415

    return new_sign_in(inputs, connection, pool, retry, host, random)


def _aws_credentials_getter(
    inputs: "MainInputs", connection: "Connection", retry: Retry, host: Host
) -> "Callable[[str, Callable[[str], None]], AwsCredentials] | None":
    if not inputs.identity_pool_id:
        return None
    from cognito_action.aws.identity_pool import IdentityPool  # noqa: PLC0415 - only this needs the service's model

    return IdentityPool(connection, inputs.identity_pool_id, retry, host.mask).credentials_for


def _browser_state_writer(
    inputs: "MainInputs", folder: PrivateFolder, state: State, host: Host, random: Random
) -> "Callable[[UserCredentials, SignedIn], str]":
    def save(user: UserCredentials, signed_in: "SignedIn") -> str:
        from cognito_action.sign_in.browser_state import browser_state  # noqa: PLC0415 - needs the SDK, imported by now

        text = browser_state(inputs.storage_state_origin, inputs.client_id, signed_in, user.username, host.log)
        try:
            return folder.write(state.new_file(random), text)
        except OSError as error:
            raise browser_state_not_written(folder.path, error) from error

    return save
