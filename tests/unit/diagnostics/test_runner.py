"""The errors about the runner's files and its temp folder."""

import pytest

from cognito_action.diagnostics.runner import (
    browser_state_not_removed,
    browser_state_not_written,
    runner_file_not_written,
    temp_folder_missing,
)
from cognito_action.github.runner import RunnerFileError
from cognito_action.github.temp_files import TempFolderMissingError

NO_SPACE = OSError(28, "No space left on device")


def test_file_that_cannot_be_written_is_named_with_the_reason() -> None:
    """The error names the variable, which a reader can look for."""
    error = runner_file_not_written(RunnerFileError("GITHUB_STATE", "Is a directory"))

    assert error.what == "The runner's file GITHUB_STATE could not be written: Is a directory."
    assert "_temp folder" in error.fix


@pytest.mark.parametrize(
    ("reason", "why"),
    [
        ("Permission denied", "SELinux and a rootless Docker"),
        ("Read-only file system", "SELinux and a rootless Docker"),
        ("No such file or directory", "started by hand"),
        ("No space left on device", "full or broken"),
        ("Input/output error", "full or broken"),
    ],
)
def test_reason_tells_the_cause(reason: str, why: str) -> None:
    """A full disk, a forbidden folder and a missing one are three things."""
    assert why in runner_file_not_written(RunnerFileError("GITHUB_OUTPUT", reason)).why


def test_temp_folder_that_is_not_mounted_is_shown_with_the_variables() -> None:
    """The error names an older runner or another engine as the cause, and the input to leave out."""
    error = temp_folder_missing(TempFolderMissingError("/home/runner/_work/_temp", ""))

    assert error.what.startswith("The runner's temp folder is not in the container, ")
    assert " (RUNNER_TEMP is /home/runner/_work/_temp, RUNNER_WORKSPACE is not set.)" in error.what
    assert "2.329.0" in error.why
    assert "leave `storage-state-origin` out" in error.fix


def test_browser_state_that_cannot_be_written_is_named_with_the_reason() -> None:
    """So is an exception without a message from the system."""
    error = browser_state_not_written("/github/runner_temp", NO_SPACE)

    assert error.what == "The browser state could not be written to /github/runner_temp: No space left on device."
    assert "_temp folder" in error.fix
    assert browser_state_not_written("/x", OSError("odd")).what.endswith(": odd.")


def test_browser_state_that_cannot_be_removed_is_a_file_with_tokens() -> None:
    """The error says that tokens remain, and where."""
    error = browser_state_not_removed("state.json", NO_SPACE)

    assert error.what == "The browser state state.json could not be removed: No space left on device."
    assert "with a user's tokens in it" in error.why
    assert browser_state_not_removed("x", OSError("odd")).what.endswith(": odd.")
