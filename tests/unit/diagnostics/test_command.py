"""The errors about the command's own files and options: what failed, why, and what to type."""

import pytest

from cognito_action.diagnostics.command import (
    command_missing,
    command_not_started,
    file_not_written,
    journal_unreadable,
    not_understood,
)
from cognito_action.diagnostics.report import in_words
from cognito_action.errors import ActionError
from cognito_action.host import HostFileError

FULL = HostFileError("The journal /x/y.journal", "No space left on device")


@pytest.mark.parametrize(
    ("error", "what", "paste"),
    [
        (file_not_written(FULL), "The journal /x/y.journal", "--state-dir"),
        (journal_unreadable("/x/y.journal"), "/x/y.journal", ""),
        (command_not_started("npm", "it is not there", not_there=True), "npm", "sh -c"),
        (command_not_started("npm test", "it is not there", not_there=True), "'npm test'", "-- sh -c 'npm test'"),
        (command_not_started("./x", "Permission denied", not_there=False), "./x", "chmod +x ./x"),
        (command_missing("adopt"), "`--`", "cognito-test-user adopt --user-pool-id <pool> -- npm test"),
        (not_understood("something is missing", "run"), "something is missing", "cognito-test-user run --help"),
        (not_understood("something is missing", ""), "something is missing", "cognito-test-user --help"),
    ],
)
def test_each_error_names_its_cause_and_its_fix(error: ActionError, what: str, paste: str) -> None:
    """What to type is a line of its own."""
    assert what in error.what
    assert error.why
    assert error.fix
    assert paste in error.paste


def test_name_of_a_command_is_text_from_outside() -> None:
    """It may hold anything."""
    assert "\x1b" not in command_not_started("\x1b[31m", "it is not there", not_there=True).what


def test_file_of_the_host_is_told_as_such() -> None:
    """Its reason is the system's."""
    assert "No space left on device" in in_words(FULL).what


def test_environment_that_is_too_long_is_told_as_such() -> None:
    """The program is there, and correcting its name would not help."""
    error = command_not_started("npm", "Argument list too long", not_there=False)

    assert "COGNITO_USERS" in error.text
    assert error.text.endswith("--auth-flow none")
    assert "misspelled" not in error.text
