"""How a step is run: from its start to its exit status, and never to a traceback that no one asked for."""

import logging
from collections.abc import Callable, Mapping
from typing import BinaryIO

from cognito_action.diagnostics.report import in_words, report
from cognito_action.github.runner import NAME, Runner
from cognito_action.retry import Limits, Retry

Step = Callable[[Mapping[str, str], Runner, Retry], int]

TITLE = "failed"


def run(step: Step, environ: Mapping[str, str], stdout: BinaryIO, limits: Limits, name: str = NAME) -> int:
    """Run `step`, of the action with this name, in its process, and return the exit status."""
    logging.disable()  # the SDK's own log contains passwords and keys, whoever listens to it
    runner = Runner(environ, stdout, name)
    retry = Retry(limits, runner.log, redact=runner.redactor)
    return exit_status_of(lambda: step(environ, runner, retry), runner)


def exit_status_of(step: Callable[[], int], runner: Runner) -> int:
    """Return the exit status of `step`; report what it raises, with the traceback if debug logging is on."""
    try:
        return step()
    except Exception as error:  # noqa: BLE001 - the last one before the runner: a traceback would be parsed for commands
        runner.debug_traceback(error)
        report(in_words(error), TITLE, runner.error, runner)
    return 1
