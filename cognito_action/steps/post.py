"""Post: delete every user that main may have created, whatever became of the job."""

import time
from collections.abc import Callable, Mapping

from cognito_action.diagnostics.deletion import foreign_state_entries, setup_missing
from cognito_action.diagnostics.report import shown_by
from cognito_action.diagnostics.runner import browser_state_not_removed
from cognito_action.github.temp_files import remove_temp_file
from cognito_action.host import Host
from cognito_action.naming import Run
from cognito_action.retry import Limits, Retry
from cognito_action.users.cleanup import Cleanup
from cognito_action.users.deletion import TITLE
from cognito_action.users.state import SavedState

LIMITS = Limits(seconds=30.0, attempt_seconds=10.0)
"""The deadline is half a second later for each user after the first (`SECONDS_PER_USER`); no Lambda trigger makes a
deletion wait."""


def post(environ: Mapping[str, str], host: Host, retry: Retry, clock: Callable[[], float] = time.time) -> int:
    """Run post from the state alone, and return the exit status."""
    saved = SavedState.from_environ(environ, Run.from_environ(environ))
    if saved.foreign:
        host.warning(shown_by(host, foreign_state_entries(saved.foreign, host.kind)), TITLE)
    for name in saved.files:
        _remove_file(name, environ, host)
    if saved.kept:
        host.log("The users stay, since cleanup is false.")
    if not saved.entries:
        if not saved.kept and not saved.foreign:
            host.log("There is no user to delete.")
    elif saved.setup is None:
        users = [entry.shown for entry in saved.entries]
        host.warning(shown_by(host, setup_missing(users, host.kind)), TITLE)
    else:
        return Cleanup(saved.setup, environ, host, retry, clock).run(saved.entries)
    return 0


def _remove_file(name: str, environ: Mapping[str, str], host: Host) -> None:
    try:
        remove_temp_file(environ, name)
    except OSError as error:
        host.warning(shown_by(host, browser_state_not_removed(name, error)), "file not removed")
    else:
        host.log(f"The browser state {name} is gone.")
