"""Main: create users that can sign in right away, and output their credentials."""

from collections.abc import Mapping
from random import Random

from cognito_action.aws.connect import connect
from cognito_action.diagnostics.runner import temp_folder_missing
from cognito_action.github.temp_files import TempFolder, TempFolderMissingError
from cognito_action.host import Host
from cognito_action.inputs.prefetch import prefetch
from cognito_action.naming import Run
from cognito_action.retry import Limits, Retry
from cognito_action.users.provision import provision
from cognito_action.users.state import State

LIMITS = Limits(seconds=60.0)
"""The deadline is half a second later for each user after the first (`SECONDS_PER_USER`)."""


def main(environ: Mapping[str, str], host: Host, retry: Retry, random: Random) -> int:
    """Run main and return the exit status; raises `ActionError` and `HostFileError`."""
    state = State(host)
    state.begin()
    early = prefetch(environ, host)
    from cognito_action.inputs.main import MainInputs  # noqa: PLC0415 - while GitHub's token is on its way

    inputs = MainInputs.from_environ(environ, host.warning)
    if inputs.client_secret:
        host.mask(inputs.client_secret)
    run = Run.from_environ(environ)
    role = inputs.role(run)
    retry.extend_for(len(inputs.user_specs))
    folder = _temp_folder(environ) if inputs.storage_state_origin else None

    connection = connect(role, inputs.pool, inputs.operations, early, retry, host)
    users = provision(inputs, run, connection, state, folder, environ, host, retry, random)

    who = "the user" if len(users) == 1 else f"the {len(users)} users"
    if inputs.cleanup:
        host.log(f"The post step deletes {who} when the job ends.")
    else:
        state.keep(user.credentials.entry_id for user in users.values())
        host.log(f"The post step leaves {who} when the job ends, since cleanup is false.")
    return 0


def _temp_folder(environ: Mapping[str, str]) -> TempFolder:
    try:
        return TempFolder.from_environ(environ)
    except TempFolderMissingError as error:
        raise temp_folder_missing(error) from error
