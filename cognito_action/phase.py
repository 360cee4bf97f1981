"""How a phase ends: with an exit status, and never with a traceback that nobody asked for."""

import traceback
from collections.abc import Callable

from cognito_action.errors import ActionError, unexpected
from cognito_action.runner import Runner

TITLE = "Cognito test user: failed"


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
