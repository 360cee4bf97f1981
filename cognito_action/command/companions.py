"""Cleanup, and what sweep, adopt and delete are for users of this place."""

from datetime import UTC, datetime

from cognito_action.aws.prefetch import Prefetch
from cognito_action.command.cleaning import clean_up_abandoned
from cognito_action.command.context import Context
from cognito_action.command.options import UsageError
from cognito_action.command.run import run_command
from cognito_action.diagnostics.command import not_understood
from cognito_action.steps import adopt as adoption
from cognito_action.steps import delete as deletion
from cognito_action.steps import sweep as sweeping
from cognito_action.terminal.process import Signals, find_program


def cleanup(context: Context, signals: Signals) -> int:
    """Delete whom runs have left that never came to their end; return 1 if someone may still exist."""
    done = context.stopper.run(lambda: clean_up_abandoned(context))
    if not done:
        context.host.say("There is nothing to clean up.")
    if signals.received:
        return 128 + signals.received
    return 0 if all(done) else 1


def sweep(context: Context, _: Signals) -> int:
    """Delete old users of this place, or in GitHub of this repository; return 1 if one of them stays."""
    from cognito_action.inputs.sweep import SweepInputs  # noqa: PLC0415 - a mistake in the command line needs no pydantic

    inputs = context.read_inputs(SweepInputs)
    retry = context.stopper.retry(sweeping.LIMITS, context.host)
    early = Prefetch(context.environ, context.host)
    return context.stopper.run(
        lambda: sweeping.sweep_pool(
            inputs,
            context.known_origin,
            early,
            context.host,
            retry,
            lambda: datetime.now(UTC),
            sweeping.url_of_runs(context.environ),
        )
    )


def adopt(context: Context, signals: Signals) -> int:
    """Give a user a new password, run the command with it, and return its status; raises `CommandNotStartedError`."""
    from cognito_action.inputs.adopt import AdoptInputs  # noqa: PLC0415 - as above

    _require_username(context)
    inputs = context.read_inputs(AdoptInputs)
    retry = context.stopper.retry(adoption.LIMITS, context.host)
    early = Prefetch(context.environ, context.host)
    find_program(context.options.command[0], context.environ)
    context.stopper.run(
        lambda: adoption.adopt_user(inputs, context.known_origin, early, context.host, retry, context.random)
    )
    return run_command(context, signals)


def delete(context: Context, _: Signals) -> int:
    """Delete users by their names; return 1 if one of them stays."""
    from cognito_action.inputs.delete import DeleteInputs  # noqa: PLC0415 - as above

    _require_username(context)
    inputs = context.read_inputs(DeleteInputs)
    retry = context.stopper.retry(deletion.LIMITS, context.host)
    early = Prefetch(context.environ, context.host)
    return context.stopper.run(lambda: deletion.delete_users(inputs, context.known_origin, early, context.host, retry))


def _require_username(context: Context) -> None:
    """Raise `UsageError` if no one is named, before the inputs say it in the words of a workflow."""
    if not context.options.inputs.get("username", "").strip():
        subcommand = context.options.subcommand
        raise UsageError(not_understood("--username is missing, or empty", subcommand), subcommand)
