"""What is said of the runner's files and its temp folder."""

import re
from collections.abc import Sequence

from cognito_action.errors import ActionError
from cognito_action.github.runner import RunnerFileError
from cognito_action.github.temp_files import TempFolderMissingError
from cognito_action.words import Words

_REASONS: Sequence[tuple[str, str, str]] = (
    (
        "Permission denied|not permitted|Read-only",
        (
            "The container may not write to the files that GitHub's runner has made for this step. SELinux and a rootless "
            "Docker keep containers from that."
        ),
        "On the self-hosted runner, let containers write to its _temp folder.",
    ),
    (
        "No such file|Is a directory|Bad address",
        (
            "GitHub's runner makes this file for each step. It is missing if the container is started by hand, or if the "
            "runner's folders are not mounted, as in ARC's Kubernetes mode."
        ),
        "Run the action as a step of a workflow, on a runner that has Docker and whose _temp folder containers can mount.",
    ),
)
"""In the system's words: why, and what to change."""

_OTHER_REASON = (
    "",
    "The disk of the runner is full or broken.",
    "Free space in an earlier step; on a self-hosted runner, check the disk that holds its _temp folder.",
)


def runner_file_not_written(error: RunnerFileError) -> ActionError:
    """A file through which the runner takes outputs, state or the summary refuses the write."""
    _, why, fix = next((each for each in _REASONS if re.search(each[0], error.reason)), _OTHER_REASON)
    return ActionError(what=f"The runner's file {error.file} could not be written: {error.reason}.", why=why, fix=fix)


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
        why="The disk is full, or this folder may not be written to.",
        fix=Words(
            "On a self-hosted runner, check the disk and the owner of its _temp folder.",
            "Free space, or see who owns the folder.",
        ),
    )


def browser_state_not_removed(name: str, error: OSError) -> ActionError:
    """The file with the browser state stays in the temp folder."""
    return ActionError(
        what=f"The browser state {name} could not be removed: {error.strerror or error}.",
        why=Words(
            "It stays in the runner's temp folder, with a user's tokens in it.", "It stays, with a user's tokens in it."
        ),
        fix=Words(
            "On a self-hosted runner, remove it from the _temp folder; GitHub-hosted runners vanish with the job.",
            "Remove it by hand.",
        ),
    )
