"""The command that is run with the users' credentials: how it starts and ends, and what signals do to it."""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from types import FrameType

NOT_FOUND = 127
NOT_EXECUTABLE = 126
"""Statuses of a command that can't be run, as shells have them."""

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
"""Windows has the first and the last, and the second in part."""

_BY_KEY = ("SIGINT", "SIGBREAK")
"""What a terminal sends."""


class CommandNotStartedError(Exception):
    """The command can't be run; `status` is what a shell would return, `reason` why, in the system's words."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(status, reason)
        self.status = status
        self.reason = reason


class Signals:
    """What asks this process to end, first reaches the command; as long as there is none, it ends the work on users.

    Args:
        stop: ends that work soon, without a user who is not in the journal.
        popen: starts a process.
    """

    def __init__(
        self, stop: Callable[[], None] = lambda: None, popen: type[subprocess.Popen[bytes]] = subprocess.Popen
    ) -> None:
        self.stop = stop
        self._popen = popen
        self.received = 0
        """The first signal of all, by its number; 0 if there was none."""
        self._process: subprocess.Popen[bytes] | None = None
        self._forwarded = False
        self.has_run = False
        """Whether the command was started."""

    @contextmanager
    def handled(self) -> Iterator[None]:
        """Handle signals within this block, on the main thread. One that is ignored (`nohup`) stays so."""
        numbers = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
        before = {number: signal.getsignal(number) for number in numbers}
        for number in numbers:
            if before[number] is not signal.SIG_IGN:
                signal.signal(number, self._handle)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def run(self, command: Sequence[str], environ: Mapping[str, str]) -> int:
        """Run the command to its end and return its status, 128 + n if signal n has ended it.

        Without an effect, and 128 + n, if a signal has been received before. Raises `CommandNotStartedError`.
        """
        program = find_program(command[0], environ)
        if self.received:
            return 128 + self.received
        try:
            self._process = self._popen([program, *command[1:]], env=dict(environ))
            self.has_run = True
        except OSError as error:
            raise CommandNotStartedError(NOT_EXECUTABLE, str(error.strerror or error)) from error
        if self.received and not self._forwarded:
            self._forward(self.received)
        status = self._process.wait()
        self._process = None
        return _exit_status(status)

    def _handle(self, number: int, _: FrameType | None) -> None:
        first, self.received = not self.received, self.received or number
        if self._process:
            self._forward(number)
        elif first:
            self.stop()

    def _forward(self, number: int) -> None:
        self._forwarded = True
        by_key = signal.Signals(number).name in _BY_KEY
        if self._process and not (by_key and _terminal_sends_to_all()):
            with suppress(PermissionError):  # of another user, such as with `sudo`: then it is waited for
                self._process.send_signal(number)


def _exit_status(code: int) -> int:
    """The status for a return code of `Popen`: below zero it is a signal's; Windows has codes beyond what C can return."""
    if code < 0:
        return 128 - code
    return code - (1 << 32) if code >= 1 << 31 else code


def find_program(name: str, environ: Mapping[str, str]) -> str:
    """The path of a program; raises `CommandNotStartedError`."""
    if program := shutil.which(name, path=environ.get("PATH")):
        return program
    if os.path.exists(name) and os.path.dirname(name):
        raise CommandNotStartedError(NOT_EXECUTABLE, "it is there, but it is no program that you may run")
    raise CommandNotStartedError(NOT_FOUND, "it is not there")


def _terminal_sends_to_all() -> bool:
    """Whether Ctrl-C reaches the command by itself: in the foreground of a terminal, and on any console of Windows."""
    if not hasattr(os, "tcgetpgrp"):
        return True
    try:
        with open("/dev/tty", "rb", buffering=0) as terminal:
            return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    except OSError:
        return False
