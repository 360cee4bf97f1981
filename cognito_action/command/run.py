"""Run: users for the time of one command."""

import shlex
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from cognito_action.command.cleaning import counted
from cognito_action.command.context import Context
from cognito_action.command.session import Session
from cognito_action.naming import owner_of
from cognito_action.terminal.console import CommandHost
from cognito_action.terminal.place import in_github
from cognito_action.terminal.process import Signals, find_program

if TYPE_CHECKING:
    from cognito_action.inputs.main import MainInputs
    from cognito_action.users.batch import ReadyUser

NO_USER = 125
"""The status if no user could be made, which no command of its own is likely to have."""

LEFT_BEHIND = 1
"""The status in place of 0 if a user could not be deleted and `cleanup-failure` is `error`."""

TITLE = "failed"

OUTPUTS = (
    *("username", "password", "email", "sub", "access-token", "id-token", "refresh-token", "totp-secret"),
    *("identity-id", "aws-access-key-id", "aws-secret-access-key", "aws-session-token", "users", "storage-state"),
)
"""The outputs of the action, which are handed over as variables."""


def run(context: Context, signals: Signals) -> int:
    """Create the users, run the command, delete the users, and return the exit status.

    That is the command's own, 128 + n if signal n has ended it. Raises `CommandNotStartedError`, and `ActionError` and
    `HostFileError` if there were no users to run it with.
    """
    from cognito_action.inputs.main import MainInputs  # noqa: PLC0415 - a mistake in the command line needs no pydantic

    inputs = context.read_inputs(MainInputs)
    if not in_github(context.environ):
        inputs = inputs.model_copy(update={"mask_username": False})  # there is no log that others read
    session = Session(inputs, context)
    find_program(context.options.command[0], context.environ)
    with session.users() as users:
        status = run_command(context, signals)
        if signals.has_run:
            _keep_if_asked(session, users.values(), inputs, context.host)
    if status == 0 and session.left_behind and inputs.cleanup_failure == "error":
        return LEFT_BEHIND
    return status


def _keep_if_asked(session: Session, users: "Collection[ReadyUser]", inputs: "MainInputs", host: CommandHost) -> None:
    """Have the users stay if that is asked for, and say how to delete them.

    A number is no name, and a name that is hidden stays so.
    """
    if inputs.cleanup:
        return
    session.keep()
    names = [user.credentials.username for user in users]
    host.say(f"Kept {counted(len(names))} in {inputs.user_pool_id}.")
    for name in () if inputs.mask_username else filter(owner_of, names):
        options = ["--user-pool-id", inputs.user_pool_id, "--username", name]
        host.say(f"To delete it: {shlex.join(['cognito-test-user', 'delete', *options])}")


def run_command(context: Context, signals: Signals) -> int:
    """Run the command with the outputs in its environment, and return its status; raises `CommandNotStartedError`."""
    environ = {**without_outputs(context.environ), **variables(context.host.outputs)}
    return signals.run(context.options.command, environ)


def variables(outputs: Mapping[str, str]) -> dict[str, str]:
    """The environment variables in which outputs are handed over."""
    return {_variable(name): value for name, value in outputs.items()}


def without_outputs(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment without the variables of another run around this one, whose user is another."""
    names = set(map(_variable, OUTPUTS))
    return {name: value for name, value in environ.items() if name not in names}


def _variable(output: str) -> str:
    return f"COGNITO_{output.upper().replace('-', '_')}"
