"""What is said of the runner's files and its temp folder."""

from cognito_action.errors import ActionError
from cognito_action.github.runner import RunnerFileError
from cognito_action.github.temp_files import TempFolderMissingError


def runner_file_not_written(error: RunnerFileError) -> ActionError:
    """A file through which the runner takes outputs, state or the summary refuses the write."""
    return ActionError(
        what=f"The runner's file {error.variable} could not be written: {error.reason}.",
        why="GitHub's runner creates this file for each step; it is missing if the container is started by hand, and full "
        "disks and read-only mounts refuse the write.",
        fix="Run the action as a step of a workflow. On a self-hosted runner, check the disk that holds its _temp folder.",
    )


def temp_folder_missing(error: TempFolderMissingError) -> ActionError:
    """There is no place for the browser state."""
    return ActionError(
        what="The runner's temp folder is not in the container, so there is no place for the browser state. "
        f"(RUNNER_TEMP is {error.path or 'not set'}, RUNNER_WORKSPACE is {error.workspace or 'not set'}.)",
        why="Runners before version 2.329.0 do not mount it, nor do other workflow engines.",
        fix="Update the self-hosted runner, or leave `storage-state-origin` out and write the browser state in your tests, "
        "from the tokens.",
    )


def browser_state_not_written(folder: str, error: OSError) -> ActionError:
    """The temp folder refuses the file with the browser state."""
    return ActionError(
        what=f"The browser state could not be written to {folder}: {error.strerror or error}.",
        why="The disk is full, or the action may not write to the runner's temp folder.",
        fix="On a self-hosted runner, check the disk and the owner of its _temp folder.",
    )


def browser_state_not_removed(name: str, error: OSError) -> ActionError:
    """The file with the browser state stays in the temp folder."""
    return ActionError(
        what=f"The browser state {name} could not be removed: {error.strerror or error}.",
        why="It stays in the runner's temp folder, with a user's tokens in it.",
        fix="On a self-hosted runner, remove it from the _temp folder; GitHub-hosted runners vanish with the job.",
    )
