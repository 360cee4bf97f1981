"""What of Python the image does not have, and why: one list, which `tests/end_to_end/test_image.py` checks."""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

MODULES: Mapping[str, Sequence[str]] = {
    "Tests and examples of Python itself.": (
        *("test", "_test*", "_ctypes_test", "xx*", "_xx*", "__hello__", "__phello__", "antigravity", "this"),
        *("turtle", "turtledemo"),
    ),
    "Installers: an action that holds credentials should not contain tools that install software.": (
        *("dist-packages", "site-packages", "ensurepip", "venv", "zipapp", "lib2to3"),
    ),
    "What builds programs that embed Python.": ("config-*",),
    "For a developer at a terminal.": (
        *("idlelib", "pydoc", "pydoc_data", "pdb", "bdb", "cmd", "code", "doctest", "_pyrepl", "rlcompleter"),
        *("readline", "curses", "_curses*", "pty", "tabnanny", "pyclbr", "modulefinder"),
    ),
    "Profilers and coverage.": ("cProfile", "profile", "pstats", "_lsprof", "trace"),
    "Windows on a screen.": ("tkinter", "_tkinter", "webbrowser"),
    "Test frameworks.": ("unittest",),
    "Databases.": ("sqlite3", "_sqlite3", "dbm", "_dbm", "_gdbm", "shelve"),
    "Several processes: a step is one, with threads.": ("multiprocessing", "_multiprocessing", "_posixshmem"),
    "Several interpreters.": ("_inter*",),
    "An event loop: a step has threads.": ("asyncio", "_asyncio"),
    "Compression that no service answers with: only gzip is asked for.": ("bz2", "_bz2", "lzma", "_lzma"),
    "Protocols and formats that the action has nothing to do with.": (
        *("ftplib", "imaplib", "poplib", "smtplib", "mailbox", "xmlrpc", "wsgiref", "wave", "colorsys", "plistlib"),
    ),
    "East Asian encodings other than UTF-8: all that the action reads is UTF-8.": (*("_codecs_*", "_multibytecodec"),),
    "Functions of C libraries by their names.": ("ctypes", "_ctypes"),
    "Other systems than Linux.": ("_aix_support", "_android_support", "_apple_support", "_ios_support", "_osx_support"),
    "Debian's hook for reports of crashes to Ubuntu.": ("sitecustomize",),
}
"""Modules of the standard library, as patterns of their names, by the reason."""


def is_left_out(name: str) -> bool:
    """Whether the image lacks the module or folder of this name, at the top of the standard library."""
    return any(fnmatchcase(name, pattern) for patterns in MODULES.values() for pattern in patterns)
