"""The runner's temp folder: the one place where a container can leave a file that only later steps of the job read."""

import errno
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from cognito_action.errors import ActionError


@dataclass(frozen=True)
class RunnerTemp:
    """The folder, by its path in the container and by its path on the host, which the later steps know it by."""

    path: str
    host_path: str

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Find the folder; raises `ActionError` where the runner has not mounted it.

        The runner rewrites `RUNNER_TEMP` to the container's path, but not `RUNNER_WORKSPACE`, which lies beside the
        folder. Runners before 2.329.0 don't mount it, and name a folder that is not in the container.
        """
        path, workspace = environ.get("RUNNER_TEMP", ""), environ.get("RUNNER_WORKSPACE", "")
        if not os.path.isdir(path) or not workspace:
            raise ActionError(
                what="The runner's temp folder is not in the container, so the browser state has no place to go. "
                f"(RUNNER_TEMP is {path or 'not set'}, RUNNER_WORKSPACE is {workspace or 'not set'}.)",
                why="Runners before version 2.329.0 do not mount it, nor do other workflow engines.",
                fix="Update the self-hosted runner, or leave `storage-state-origin` out and write the browser state in your "
                "tests, from the tokens.",
            )
        return cls(path, os.path.join(os.path.dirname(workspace), "_temp"))

    def write(self, name: str, text: str) -> str:
        """Write a new file that only the folder's owner can read, and return its path on the host.

        The container writes as root; later steps run as the folder's owner. Raises `ActionError`.
        """
        try:
            descriptor = os.open(
                os.path.join(self.path, name), os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600
            )
            with open(descriptor, "w", encoding="utf-8") as file:
                os.fchown(descriptor, os.stat(self.path).st_uid, -1)
                file.write(text)
        except OSError as error:
            raise ActionError(
                what=f"The browser state could not be written to {self.path}: {error.strerror or error}.",
                why="The disk is full, or the runner's temp folder is not the action's to write to.",
                fix="On a self-hosted runner check the disk and the owner of its _temp folder.",
            ) from error
        return os.path.join(self.host_path, name)


def remove(environ: Mapping[str, str], name: str) -> None:
    """Remove the file `name` of the folder; one that is not there is no matter. Raises `ActionError`."""
    path = environ.get("RUNNER_TEMP", "")
    try:
        if not os.path.isabs(path):
            raise NotADirectoryError(errno.ENOTDIR, "RUNNER_TEMP names no folder")
        with suppress(FileNotFoundError):
            os.unlink(os.path.join(path, name))
    except OSError as error:
        raise ActionError(
            what=f"The browser state {name} could not be removed: {error.strerror or error}.",
            why="It stays in the runner's temp folder, with the tokens of a user in it.",
            fix="On a self-hosted runner remove it from the _temp folder; GitHub's own machines vanish with the job.",
        ) from error
