"""What `cognito-test-user` starts: from a command line to an exit status, and never to a traceback."""

import logging
import os
import sys
from collections.abc import Mapping, Sequence
from random import Random
from secrets import SystemRandom
from typing import BinaryIO, NoReturn

from cognito_action.command.companions import adopt, cleanup, delete, sweep
from cognito_action.command.context import Context
from cognito_action.command.options import UsageError, read_options
from cognito_action.command.run import NO_USER, TITLE, run
from cognito_action.diagnostics.command import command_not_started
from cognito_action.diagnostics.report import in_words, report
from cognito_action.github.process import exit_process
from cognito_action.terminal.console import new_host
from cognito_action.terminal.id_tokens import TokenSource
from cognito_action.terminal.process import NOT_FOUND, CommandNotStartedError, Signals

USAGE = 2
"""The status of a command line that can't be understood, as argparse has it; of `run` it is `NO_USER`."""

STORIES = {"run": run, "cleanup": cleanup, "sweep": sweep, "adopt": adopt, "delete": delete}


def main() -> NoReturn:
    """Run the command in this process, and end it."""
    logging.disable()  # the SDK's own log contains passwords and keys, whoever listens to it
    exit_process(command(sys.argv[1:], os.environ, _stderr(), SystemRandom()))


def command(arguments: Sequence[str], environ: Mapping[str, str], stderr: BinaryIO, random: Random) -> int:
    """Do what a command line says, and return the exit status."""
    try:
        options = read_options(arguments, environ)
    except UsageError as error:
        host = new_host(environ, stderr, TokenSource())
        report(error.error, TITLE, host.error, host)
        return NO_USER if error.subcommand == "run" else USAGE
    context = Context.new(options, environ, stderr, random)
    signals = Signals(context.stopper.stop)
    with signals.handled():
        try:
            return STORIES[options.subcommand](context, signals)
        except UsageError as error:
            report(error.error, TITLE, context.host.error, context.host)
            return USAGE
        except CommandNotStartedError as error:
            told = command_not_started(options.command[0], error.reason, not_there=error.status == NOT_FOUND)
            report(told, TITLE, context.host.error, context.host)
            return error.status
        except Exception as error:  # noqa: BLE001 - the last one before the user: there is no traceback
            if signals.received:
                return 128 + signals.received
            context.host.debug_traceback(error)
            report(in_words(error), TITLE, context.host.error, context.host)
            return NO_USER if options.subcommand == "run" else 1


def _stderr() -> BinaryIO:
    """Stderr, or nothing if it is closed. A stream of our own: what it can't write is no error when Python ends."""
    try:
        return open(2, "wb", closefd=False)
    except OSError:
        return open(os.devnull, "wb")
