"""How a failure reaches its reader: one annotation, and a longer form in the job summary."""

import traceback
from collections.abc import Callable

from cognito_action.diagnostics.command import file_not_written
from cognito_action.diagnostics.runner import runner_file_not_written
from cognito_action.errors import ActionError
from cognito_action.github.runner import RunnerFileError
from cognito_action.host import Host, HostFileError
from cognito_action.words import Words


def in_words(error: Exception) -> ActionError:
    """Put an exception into words: those that it has already, those for the host's files, or those for a bug."""
    match error:
        case ActionError():
            return error
        case RunnerFileError():
            return runner_file_not_written(error)
        case HostFileError():
            return file_not_written(error)
        case _:
            return unexpected(error)


def unexpected(error: Exception) -> ActionError:
    """Describe a bug of the action only by its place: the text of an unknown exception may hold anything."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    file = "/".join(place.filename.rsplit("/", 2)[-2:])
    return ActionError(
        what=f"Unexpected {type(error).__name__} in {place.name} ({file}, line {place.lineno}).",
        why="This is a bug, or something in the environment that is not known here.",
        fix=Words(
            "Report it as an issue in the action's repository, with the traceback that a run with step debug logging prints "
            "(secret ACTIONS_STEP_DEBUG: true).",
            "Report it as an issue of `cognito-test-user`, with the traceback that it prints after:",
        ),
        paste=Words("", "export RUNNER_DEBUG=1"),
    )


def report(error: ActionError, title: str, annotate: Callable[[str, str], None], host: Host) -> None:
    """Show `error` by `host.error` or `host.warning`, and in the job summary."""
    annotate(shown_by(host, error), title)
    add_to_summary(f"### {host.name}\n\n{error.told(host.kind).markdown}", host)


def shown_by(host: Host, error: ActionError) -> str:
    """The text of an error in the words that its reader needs: nothing else decides which."""
    return error.told(host.kind).text


def add_to_summary(markdown: str, host: Host) -> None:
    """Add `markdown` to the job summary; if that can't be done, a warning says so."""
    try:
        host.summary(markdown)
    except HostFileError as error:
        host.warning(shown_by(host, in_words(error)), "no summary")
