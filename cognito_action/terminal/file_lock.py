"""A lock on an open file that ends with its process, however that ends."""

import errno
import os
from collections.abc import Callable
from importlib import import_module
from typing import Any

_BEHIND_THE_CONTENT = 1 << 30
"""Where the byte is that Windows locks: it keeps others from reading what is locked."""

_HELD = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)
"""How Windows says that someone else has the lock."""


def try_lock(descriptor: int, import_module: Callable[[str], Any] = import_module) -> bool:
    """Lock the file if no one else has; raises `OSError` if the file system knows no locks.

    The lock belongs to the open file: another one of the same process does not get it either.
    """
    try:
        fcntl = import_module("fcntl")
    except ImportError:
        return _lock_on_windows(descriptor, import_module("msvcrt"))
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _lock_on_windows(descriptor: int, msvcrt: Any) -> bool:  # noqa: ANN401 - a module that is not on this system
    os.lseek(descriptor, _BEHIND_THE_CONTENT, os.SEEK_SET)
    try:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    except OSError as error:
        if error.errno in _HELD:
            return False
        raise
    return True
