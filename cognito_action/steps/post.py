"""Post: delete every user that main may have created, whatever became of the job."""

import time
from collections.abc import Callable, Mapping

from cognito_action.diagnostics.deletion import foreign_state_entries, setup_missing
from cognito_action.diagnostics.runner import browser_state_not_removed
from cognito_action.github.runner import Runner
from cognito_action.github.temp_files import remove_temp_file
from cognito_action.naming import Run
from cognito_action.retry import Limits, Retry
from cognito_action.users.cleanup import Cleanup
from cognito_action.users.deletion import TITLE
from cognito_action.users.state import SavedState

LIMITS = Limits(seconds=30.0, attempt_seconds=10.0)
"""The deadline is half a second later for each user after the first (`SECONDS_PER_USER`); no Lambda trigger makes a
deletion wait."""


def post(environ: Mapping[str, str], runner: Runner, retry: Retry, clock: Callable[[], float] = time.time) -> int:
    """Run post from the state alone, and return the exit status."""
    saved = SavedState.from_environ(environ, Run.from_environ(environ))
    if saved.foreign:
        runner.warning(foreign_state_entries(saved.foreign).annotation, TITLE)
    for name in saved.files:
        _remove_file(name, environ, runner)
    if saved.kept:
        runner.log("The users stay, since cleanup is false.")
    if not saved.entries:
        if not saved.kept and not saved.foreign:
            runner.log("There is no user to delete.")
    elif saved.setup is None:
        runner.warning(setup_missing([entry.shown for entry in saved.entries]).annotation, TITLE)
    else:
        return Cleanup(saved.setup, environ, runner, retry, clock).run(saved.entries)
    return 0


def _remove_file(name: str, environ: Mapping[str, str], runner: Runner) -> None:
    try:
        remove_temp_file(environ, name)
    except OSError as error:
        runner.warning(browser_state_not_removed(name, error).annotation, "file not removed")
    else:
        runner.log(f"The browser state {name} is gone.")
