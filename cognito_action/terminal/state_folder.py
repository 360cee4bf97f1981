"""The folder in which the command keeps its journals, and files for the tests, from run to run."""

import errno
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from cognito_action.host import HostFileError

_NAME = "cognito-test-user"

JOURNAL_SUFFIX = ".journal"


@dataclass(frozen=True)
class StateFolder:
    """The folder, which only its owner can read."""

    path: str

    @classmethod
    def find(cls, environ: Mapping[str, str], platform: str) -> Self:
        """Where users of this system keep what programs remember; `platform` is `sys.platform`'s.

        That is `XDG_STATE_HOME` or `~/.local/state`, on macOS `~/Library/Application Support`, and on Windows
        `LOCALAPPDATA`. Windows knows the home folder as `USERPROFILE`.
        """
        home = environ.get("HOME") or environ.get("USERPROFILE") or os.path.expanduser("~")
        if platform == "win32":
            base = environ.get("LOCALAPPDATA") or os.path.join(home, "AppData", "Local")
        elif platform == "darwin":
            base = os.path.join(home, "Library", "Application Support")
        else:
            base = environ.get("XDG_STATE_HOME", "")
            base = base if os.path.isabs(base) else os.path.join(home, ".local", "state")
        return cls(os.path.join(base, _NAME))

    def create(self, name: str) -> int:
        """Create a file that only its owner can read, and return its descriptor; raises `OSError`."""
        os.makedirs(self.path, mode=0o700, exist_ok=True)
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | getattr(os, "O_BINARY", 0)
        return os.open(os.path.join(self.path, name), flags, 0o600)

    def write(self, name: str, text: str) -> str:
        """Write a new file that only its owner can read, and return its path; raises `OSError`."""
        with open(self.create(name), "w", encoding="utf-8") as file:
            file.write(text)
        return os.path.join(self.path, name)

    def remove(self, name: str) -> None:
        """Remove the file `name`, if it is there; raises `OSError`."""
        with suppress(FileNotFoundError):
            os.unlink(os.path.join(self.path, name))

    def journals(self) -> Iterator[str]:
        """Yield the paths of all journals, the oldest first; raises `HostFileError` if no one can tell."""
        try:
            names = os.listdir(self.path)
        except FileNotFoundError:
            return
        except OSError as error:
            raise HostFileError(f"The folder {self.path}", str(error.strerror or error)) from error
        for name in sorted(names):
            if name.endswith(JOURNAL_SUFFIX):
                yield os.path.join(self.path, name)

    def sync(self) -> None:
        """Have the names of its files outlive a loss of power, where the system can: Windows opens no folders."""
        with suppress(OSError):
            descriptor = os.open(self.path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def is_ours(descriptor: int) -> bool:
    """Whether an open file belongs to this user; raises `OSError` if it does, and others can write to it.

    Windows has no such owners, and says nothing of that.
    """
    if not hasattr(os, "geteuid"):
        return True
    status = os.fstat(descriptor)
    if status.st_uid != os.geteuid():
        return False
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise PermissionError(errno.EPERM, "others can write to it, so it is not believed")
    return True
