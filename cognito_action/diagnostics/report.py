"""How a failure reaches its reader: one annotation, and a longer form in the job summary."""

import traceback
from collections.abc import Callable

from cognito_action.diagnostics.runner import runner_file_not_written
from cognito_action.errors import ActionError
from cognito_action.github.runner import Runner, RunnerFileError


def in_words(error: Exception) -> ActionError:
    """Put an exception into words: those that it has already, those for the runner's files, or those for a bug."""
    match error:
        case ActionError():
            return error
        case RunnerFileError():
            return runner_file_not_written(error)
        case _:
            return unexpected(error)


def unexpected(error: Exception) -> ActionError:
    """Describe a bug of the action only by its place: the text of an unknown exception may hold anything."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    file = "/".join(place.filename.rsplit("/", 2)[-2:])
    return ActionError(
        what=f"Unexpected {type(error).__name__} in {place.name} ({file}, line {place.lineno}).",
        why="This is a bug in the action, or something in its environment that it does not know.",
        fix="Report it as an issue in the action's repository, with the traceback that a run with step debug logging prints (secret ACTIONS_STEP_DEBUG: true).",
    )


def report(error: ActionError, title: str, annotate: Callable[[str, str], None], runner: Runner) -> None:
    """Show `error` as an annotation, by `runner.error` or `runner.warning`, and in the job summary."""
    annotate(error.annotation, title)
    add_to_summary(f"### {runner.name}\n\n{error.markdown}", runner)


def add_to_summary(markdown: str, runner: Runner) -> None:
    """Add `markdown` to the job summary; if that can't be done, a warning says so."""
    try:
        runner.summary(markdown)
    except RunnerFileError as error:
        runner.warning(runner_file_not_written(error).annotation, "no summary")
