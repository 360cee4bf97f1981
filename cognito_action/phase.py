"""How a phase ends: with an exit status, and never with a traceback that nobody asked for."""

import traceback
from collections.abc import Callable

from cognito_action.errors import ActionError
from cognito_action.runner import Runner

TITLE = "Cognito test user: failed"


def run_phase(phase: Callable[[], int], runner: Runner) -> int:
    """Return the exit status of `phase`; report what it raises, with the traceback where debug logging is on."""
    try:
        return phase()
    except Exception as error:  # noqa: BLE001 - the last one before the runner: a traceback would be parsed for commands
        report = error if isinstance(error, ActionError) else _unexpected(error)
        runner.debug(traceback.format_exc())
    runner.error(report.annotation, TITLE)
    runner.summary(report.markdown)
    return 1


def _unexpected(error: Exception) -> ActionError:
    """Describe a bug of the action by its place alone: the text of an unknown exception may hold anything."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    file = "/".join(place.filename.rsplit("/", 2)[-2:])
    return ActionError(
        what=f"Unexpected {type(error).__name__} in {place.name} ({file}, line {place.lineno}).",
        why="This is a bug of the action, or something in its environment that it does not know.",
        fix="Report it, with the traceback that a run with step debug logging prints (secret ACTIONS_STEP_DEBUG: true).",
    )
