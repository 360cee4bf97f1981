"""The lock: held by one open file at a time, on POSIX and as Windows has it."""

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cognito_action.terminal.file_lock import try_lock


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_text("content")
    return path


@pytest.fixture
def opened(file: Path) -> Iterator[Callable[[], int]]:
    """Open the file once more, as another process would."""
    descriptors: list[int] = []

    def new() -> int:
        descriptors.append(os.open(file, os.O_RDWR | os.O_APPEND))
        return descriptors[-1]

    yield new
    for descriptor in descriptors:
        os.close(descriptor)


def test_lock_is_held_by_one_open_file(opened: Callable[[], int]) -> None:
    """Another one of the same process does not get it, and the one that has it keeps it."""
    first, second = opened(), opened()

    assert try_lock(first)
    assert not try_lock(second)
    assert try_lock(first)


def test_lock_ends_with_the_open_file(file: Path, opened: Callable[[], int]) -> None:
    """Nothing else has to be done."""
    descriptor = os.open(file, os.O_RDWR)
    assert try_lock(descriptor)
    os.close(descriptor)

    assert try_lock(opened())


def on_windows(locking: Callable[[int, int, int], None]) -> Callable[[str], Any]:
    """The import of a system that has no `fcntl`."""

    def import_module(name: str) -> Any:
        if name == "msvcrt":
            return SimpleNamespace(locking=locking, LK_NBLCK=2)
        raise ModuleNotFoundError(name)

    return import_module


def test_windows_locks_a_byte_that_no_one_reads(opened: Callable[[], int], file: Path) -> None:
    """A lock there keeps others from reading what is locked, and appending goes on at the end."""
    calls: list[tuple[int, int, int, int]] = []
    descriptor = opened()

    def locking(file: int, mode: int, size: int) -> None:
        calls.append((file, mode, size, os.lseek(file, 0, os.SEEK_CUR)))

    assert try_lock(descriptor, on_windows(locking))

    assert calls == [(descriptor, 2, 1, 1 << 30)]
    os.write(descriptor, b" and more")
    assert file.read_text() == "content and more"


@pytest.mark.parametrize("code", [errno.EACCES, errno.EDEADLK])
def test_windows_tells_of_a_lock_by_an_error(opened: Callable[[], int], code: int) -> None:
    """Someone else has it."""

    def locking(*_: int) -> None:
        raise OSError(code, "Permission denied")

    assert not try_lock(opened(), on_windows(locking))


@pytest.mark.parametrize("code", [errno.EINVAL, errno.EBADF, errno.ENOLCK])
def test_file_system_without_locks_is_an_error(opened: Callable[[], int], code: int) -> None:
    """Whoever took it for the lock of someone else would try forever."""

    def locking(*_: int) -> None:
        raise OSError(code, "no locks here")

    with pytest.raises(OSError, match="no locks here"):
        try_lock(opened(), on_windows(locking))


def test_file_that_is_not_open_is_an_error() -> None:
    """It is not taken for one that someone else has locked."""
    with pytest.raises(OSError, match="descriptor"):
        try_lock(10_000)
