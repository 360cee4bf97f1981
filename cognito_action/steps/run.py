"""A phase from its start to its exit status, and never to a traceback that nobody asked for."""

import logging
import traceback
from collections.abc import Callable, Mapping
from typing import BinaryIO

from cognito_action.errors import ActionError, unexpected
from cognito_action.github.runner import Runner
from cognito_action.retry import Limits, Retry

Phase = Callable[[Mapping[str, str], Runner, Retry], int]


TITLE = "Cognito test user: failed"


def start(phase: Phase, environ: Mapping[str, str], stdout: BinaryIO, limits: Limits) -> int:
    """Run `phase` in a step's process, and return the exit status."""
    logging.disable()  # the SDK's own log holds passwords and keys, whoever listens to it
    runner = Runner(environ, stdout)
    retry = Retry(limits, runner.log)
    return run_phase(lambda: phase(environ, runner, retry), runner)


def run_phase(phase: Callable[[], int], runner: Runner) -> int:
    """Return the exit status of `phase`; report what it raises, with the traceback where debug logging is on."""
    try:
        return phase()
    except Exception as error:  # noqa: BLE001 - the last one before the runner: a traceback would be parsed for commands
        report = error if isinstance(error, ActionError) else unexpected(error)
        runner.debug(traceback.format_exc())
    runner.error(report.annotation, TITLE)
    runner.summary(report.markdown)
    return 1
