"""The journal of one run: on disk before Cognito is asked, and held by a lock as long as its process lives."""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from random import Random
from threading import Lock
from typing import Any, Self
from weakref import WeakSet

from cognito_action.host import HostFileError
from cognito_action.naming import Origin, origin_with
from cognito_action.terminal.file_lock import try_lock
from cognito_action.terminal.state_folder import JOURNAL_SUFFIX, StateFolder, is_ours

_ORIGIN = "origin"


class Journal:
    """What main tells the one who deletes the users, as lines of JSON. Threads may share it.

    A line is written as a whole or not at all, and has reached the disk when `write` returns. After a write that failed
    there is no further one: whoever writes before each creating call makes no such call any more.

    Args:
        folder: that it is in.
        path: of its file.
        descriptor: of its open and locked file.
    """

    def __init__(self, folder: StateFolder, path: str, descriptor: int) -> None:
        self.folder = folder
        self.path = path
        self._descriptor = descriptor
        self._lock = Lock()
        self._failed = ""
        _open.add(self)

    @classmethod
    def create(cls, folder: StateFolder, origin: Origin, now: datetime, random: Random) -> Self:
        """Begin a journal; raises `HostFileError`. The names of its users come from `origin`."""
        while True:
            name = f"{now:%Y%m%dT%H%M%S}-{random.getrandbits(64):016x}{JOURNAL_SUFFIX}"
            path = os.path.join(folder.path, name)
            try:
                descriptor = _locked(path, folder.create(name), is_ours)
                folder.sync()
            except OSError as error:
                raise HostFileError(f"The journal {path}", str(error.strerror or error)) from error
            # A cleanup may have found the new file before it was locked, and removed it.
            if descriptor is not None:
                journal = cls(folder, path, descriptor)
                journal.write(**{_ORIGIN: origin.prefix})
                return journal

    @classmethod
    def abandoned(cls, folder: StateFolder, tell: Callable[[HostFileError], None]) -> Iterator[Self]:
        """Yield the journals that no living process holds, each locked until it is closed; not those of other people.

        `tell` gets what is in the way of one of ours.
        """
        for path in folder.journals():
            try:
                descriptor = os.open(path, os.O_RDWR | os.O_APPEND | getattr(os, "O_BINARY", 0))
                locked = _locked(path, descriptor, is_ours)
            except FileNotFoundError:
                continue
            except OSError as error:
                tell(HostFileError(f"The journal {path}", str(error.strerror or error)))
            else:
                if locked is not None:
                    yield cls(folder, path, locked)

    def write(self, **values: str) -> None:
        """Add values, the last of a name counts; all or none, or raise `HostFileError`."""
        line = json.dumps(values, separators=(",", ":")).encode() + b"\n"
        with self._lock:
            if not self._failed:
                try:
                    _append(self._descriptor, line)
                except OSError as error:
                    self._failed = str(error.strerror or error)
            if self._failed:
                raise HostFileError(f"The journal {self.path}", self._failed)

    def read(self) -> tuple[Origin | None, Mapping[str, str]]:
        """Whose names are in it, and what was written. What follows the last line break was never finished.

        The origin is None if the journal is empty, or if this version can't read it.
        """
        with self._lock:
            size = os.fstat(self._descriptor).st_size
            os.lseek(self._descriptor, 0, os.SEEK_SET)
            with open(self._descriptor, "rb", closefd=False) as file:
                *lines, _ = file.read(size).split(b"\n")
        values: dict[str, str] = {}
        for line in lines:
            values |= _texts(line)
        return origin_with(values.pop(_ORIGIN, "")), values

    @property
    def is_empty(self) -> bool:
        """Whether it was begun and nothing more: then no one was created."""
        return os.fstat(self._descriptor).st_size == 0

    def close(self) -> None:
        """Leave the journal to the next cleanup."""
        descriptor, self._descriptor = self._descriptor, -1
        with suppress(OSError):
            os.close(descriptor)

    def remove(self) -> None:
        """End the journal: no one is left."""
        # While it is locked: a new run that gets the lock after this sees that its file is gone. Windows removes no open
        # file, neither this one now nor another's that has it open later.
        try:
            os.unlink(self.path)
        except OSError:
            with suppress(OSError):
                os.ftruncate(self._descriptor, 0)
            self.close()
            with suppress(OSError):
                os.unlink(self.path)
        else:
            self.close()


_open: WeakSet[Journal] = WeakSet()


def _leave_to_the_parent() -> None:
    """Close all journals in a process that was forked: it neither holds their locks nor deletes the parent's users."""
    for journal in list(_open):
        journal.close()


with suppress(AttributeError):  # Windows does not fork
    os.register_at_fork(after_in_child=_leave_to_the_parent)


def _locked(path: str, descriptor: int, is_acceptable: Callable[[int], bool]) -> int | None:
    """The open file, locked; closed, and None, if it is not acceptable, or someone else has locked or removed it."""
    taken = False
    try:
        taken = is_acceptable(descriptor) and try_lock(descriptor) and _is_at(path, descriptor)
    finally:
        if not taken:
            os.close(descriptor)
    return descriptor if taken else None


def _is_at(path: str, descriptor: int) -> bool:
    """Whether the open file still is the one of this path."""
    try:
        return os.path.samestat(os.stat(path), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _append(descriptor: int, data: bytes) -> None:
    """Write at the end of a file, to the disk. After a write that failed, the file is as it was."""
    size = os.fstat(descriptor).st_size
    try:
        while data:
            data = data[os.write(descriptor, data) :]
        os.fsync(descriptor)
    except OSError:
        with suppress(OSError):
            os.ftruncate(descriptor, size)
        raise


def _texts(line: bytes) -> dict[str, str]:
    """The texts of a line; none if it is not one that `write` has written."""
    try:
        content: Any = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(content, dict):
        return {}
    return {name: value for name, value in content.items() if isinstance(value, str)}
