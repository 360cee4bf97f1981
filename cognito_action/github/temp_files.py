"""The runner's temp folder: the one place where a container can leave a file that only later steps of the job read."""

import errno
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Self


class TempFolderMissingError(Exception):
    """The runner has not mounted its temp folder.

    Args:
        path: what `RUNNER_TEMP` names, empty if it is not set.
        workspace: what `RUNNER_WORKSPACE` names, empty if it is not set.
    """

    def __init__(self, path: str, workspace: str) -> None:
        super().__init__(path, workspace)
        self.path = path
        self.workspace = workspace


@dataclass(frozen=True)
class TempFolder:
    """The folder, by its path in the container and by its path on the host, where the later steps find it."""

    path: str
    host_path: str

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Find the folder; raises `TempFolderMissingError`.

        The runner rewrites `RUNNER_TEMP` to the container's path, but not `RUNNER_WORKSPACE`, which is next to the
        folder. Runners before 2.329.0 don't mount it, and name a folder that is not in the container.
        """
        path, workspace = environ.get("RUNNER_TEMP", ""), environ.get("RUNNER_WORKSPACE", "")
        if not os.path.isdir(path) or not workspace:
            raise TempFolderMissingError(path, workspace)
        return cls(path, os.path.join(os.path.dirname(workspace), "_temp"))

    def write(self, name: str, text: str) -> str:
        """Write a new file that only the folder's owner can read, and return its path on the host; raises `OSError`.

        The container writes as root; later steps run as the folder's owner.
        """
        descriptor = os.open(os.path.join(self.path, name), os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:
            os.fchown(descriptor, os.stat(self.path).st_uid, -1)
            file.write(text)
        return os.path.join(self.host_path, name)


def remove_temp_file(environ: Mapping[str, str], name: str) -> None:
    """Remove the file `name` of the folder, if it is there; raises `OSError`."""
    path = environ.get("RUNNER_TEMP", "")
    if not os.path.isabs(path):
        raise NotADirectoryError(errno.ENOTDIR, "RUNNER_TEMP names no folder")
    with suppress(FileNotFoundError):
        os.unlink(os.path.join(path, name))
