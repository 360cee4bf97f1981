"""The command that is run: its status is ours, signals reach it, and a terminal's reach it once."""

import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from cognito_action.terminal.process import NOT_EXECUTABLE, NOT_FOUND, CommandNotStartedError, Signals, find_program
from tools.emulator.job import ROOT

PATH = {"PATH": "/usr/bin:/bin"}

WRAP = """
import os, sys
from cognito_action.terminal.process import Signals
signals = Signals(lambda: print("stopped", flush=True))
with signals.handled():
    status = signals.run(sys.argv[1:], os.environ)
print("received", signals.received, flush=True)
sys.exit(status)
"""
"""A process that runs a command, as ours does."""

CHILD = """
import signal, sys, time
got = []
for name in ("SIGINT", "SIGTERM", "SIGHUP"):
    if signal.getsignal(getattr(signal, name)) is not signal.SIG_IGN:
        signal.signal(getattr(signal, name), lambda number, _: got.append(signal.Signals(number).name))
print("ready", flush=True)
end = time.monotonic() + 20
while not got and time.monotonic() < end:
    time.sleep(0.01)
time.sleep(0.3)
print(*got, flush=True)
sys.exit(7)
"""
"""A command that says which signals have reached it."""


def wrapped(*command: str, ignored: Sequence[int] = ()) -> subprocess.Popen[str]:
    """Start a process that runs `command`; in a session of its own it has no terminal."""

    numbers = " ".join(str(int(number)) for number in ignored)
    return subprocess.Popen(
        ["sh", "-c", f'trap "" {numbers} EXIT; exec "$@"', "sh", sys.executable, "-c", WRAP, *command],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def run(*command: str, environ: Mapping[str, str] = PATH) -> int:
    return Signals().run(command, environ)


# Statuses


@pytest.mark.parametrize("status", [0, 1, 3, 126, 127, 130, 255])
def test_status_is_the_commands(status: int) -> None:
    """Whatever it means to it."""
    assert run("sh", "-c", f"exit {status}") == status


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGSEGV])
def test_command_that_a_signal_has_ended_has_the_status_of_a_shell(number: signal.Signals) -> None:
    """That is 128 and the signal's number."""
    assert run("sh", "-c", f"kill -{number.value} $$") == 128 + number


def refused(name: str, environ: Mapping[str, str] = PATH) -> tuple[int, str]:
    with pytest.raises(CommandNotStartedError) as caught:
        run(name, environ=environ)
    return caught.value.status, caught.value.reason


def test_command_that_can_not_be_run_is_told_with_the_status_of_a_shell(tmp_path: Path) -> None:
    """Not there, or there and no program."""
    file, script, broken = tmp_path / "file", tmp_path / "script", tmp_path / "broken"
    file.write_text("x")
    script.write_text("#!/no/such/interpreter\n")
    broken.write_bytes(b"\x7fELF")
    for program in (script, broken):
        program.chmod(0o700)

    assert refused("no-such-command")[0] == NOT_FOUND == 127
    assert refused("")[0] == NOT_FOUND
    assert refused(str(tmp_path / "no-such-file"))[0] == NOT_FOUND
    assert refused("ls", {"PATH": str(tmp_path)})[0] == NOT_FOUND
    assert refused(str(file))[0] == NOT_EXECUTABLE == 126
    assert refused(str(tmp_path))[0] == NOT_EXECUTABLE
    assert refused(str(script)) == (NOT_EXECUTABLE, "No such file or directory")
    assert refused(str(broken)) == (NOT_EXECUTABLE, "Exec format error")


def test_program_is_looked_for_where_the_shell_would(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the `PATH` of the environment that it gets, and relative to the folder."""
    (tmp_path / "tool").write_text("#!/bin/sh\nexit 5\n")
    (tmp_path / "tool").chmod(0o700)
    monkeypatch.chdir(tmp_path)

    assert run("tool", environ={"PATH": f"/nowhere:{tmp_path}"}) == 5
    assert run("./tool") == 5
    assert find_program("sh", {"PATH": "/bin"}) == "/bin/sh"
    assert find_program("sh", {}).endswith("/sh")


def test_arguments_are_passed_as_they_are(tmp_path: Path) -> None:
    """No shell sees them, and the environment is the one that was given."""
    file = tmp_path / "file"
    arguments = ["", "a b", "$HOME", "*", "--", "é\n", '"']

    script = 'for each; do printf "%s|" "$each"; done > "$FILE"; printf "%s" "$HOME" >> "$FILE"'
    assert run("sh", "-c", script, "sh", *arguments, environ={**PATH, "FILE": str(file)}) == 0

    assert file.read_text() == "".join(f"{each}|" for each in arguments)


def test_streams_are_the_commands() -> None:
    """What is piped into the one goes to the other."""
    process = wrapped("sh", "-c", "cat; echo error >&2; exit 3")

    stdout, stderr = process.communicate("input\n")

    assert (process.returncode, stdout, stderr) == (3, "input\nreceived 0\n", "error\n")


# Signals


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_reaches_the_command_once(number: signal.Signals) -> None:
    """What it does then is its own affair, and its status counts; users are not touched before it has ended."""
    process = wrapped(sys.executable, "-c", CHILD)
    assert process.stdout
    assert process.stdout.readline() == "ready\n"

    process.send_signal(number)
    stdout, stderr = process.communicate()

    assert (process.returncode, stdout, stderr) == (7, f"{number.name}\nreceived {number.value}\n", "")


def test_first_of_several_signals_is_the_one_that_counts() -> None:
    """Each of them reaches the command."""
    process = wrapped(sys.executable, "-c", CHILD)
    assert process.stdout
    process.stdout.readline()

    process.send_signal(signal.SIGTERM)
    time.sleep(0.1)
    process.send_signal(signal.SIGHUP)

    assert process.communicate()[0] == "SIGTERM SIGHUP\nreceived 15\n"


def test_command_that_does_not_handle_a_signal_is_ended_by_it() -> None:
    """We are not."""
    process = wrapped("sh", "-c", "sleep 0.2; echo ready; exec sleep 20")
    assert process.stdout
    process.stdout.readline()

    process.send_signal(signal.SIGTERM)

    assert process.communicate()[0] == "received 15\n"
    assert process.returncode == 128 + 15


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT])
def test_signal_that_is_ignored_stays_so(number: signal.Signals) -> None:
    """As with `nohup`, or in the background of a script; the command ignores it, too."""
    process = wrapped(sys.executable, "-c", CHILD, ignored=[number])
    assert process.stdout
    process.stdout.readline()

    process.send_signal(number)
    time.sleep(0.1)
    process.send_signal(signal.SIGTERM)

    assert process.communicate()[0] == "SIGTERM\nreceived 15\n"


BEFORE = """
import os, signal, sys
from cognito_action.terminal.process import Signals
signals = Signals(lambda: print("stopped", flush=True))
before = signal.getsignal(signal.SIGTERM)
with signals.handled():
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGTERM):
        os.kill(os.getpid(), number)
    print(signals.run(["echo", "never"], os.environ), signals.received)
print(signal.getsignal(signal.SIGTERM) is before, signal.getsignal(signal.SIGINT) is signal.default_int_handler)
"""


def test_signal_before_the_start_stops_the_work_once() -> None:
    """The command is not started any more; afterwards signals do what they did before."""
    done = subprocess.run([sys.executable, "-c", BEFORE], cwd=ROOT, capture_output=True, text=True, check=False)

    assert (done.stdout, done.stderr) == ("stopped\n143 15\nTrue True\n", "")


DURING = """
import os, signal, subprocess, sys
from cognito_action.terminal.process import Signals
class Popen(subprocess.Popen):
    def __init__(self, *arguments, **options):
        os.kill(os.getpid(), signal.SIGTERM)
        super().__init__(*arguments, **options)
signals = Signals(lambda: print("stopped", flush=True), Popen)
with signals.handled():
    print(signals.run(["sleep", "20"], os.environ), signals.received)
"""


def test_signal_while_the_command_starts_reaches_it() -> None:
    """It is sent as soon as there is someone to send it to."""
    done = subprocess.run([sys.executable, "-c", DURING], cwd=ROOT, capture_output=True, text=True, check=False)

    assert (done.stdout, done.stderr) == ("stopped\n143 15\n", "")


STRANGER = """
import os, signal, subprocess, sys
from cognito_action.terminal.process import Signals
class Popen(subprocess.Popen):
    def send_signal(self, number):
        raise PermissionError(1, "Operation not permitted")
signals = Signals(popen=Popen)
with signals.handled():
    print(signals.run(["sh", "-c", "kill -TERM $PPID; sleep 0.2; exit 4"], os.environ), signals.received)
"""


def test_command_of_another_user_is_waited_for() -> None:
    """No signal reaches what runs under `sudo`; its users are not deleted under it."""
    done = subprocess.run([sys.executable, "-c", STRANGER], cwd=ROOT, capture_output=True, text=True, check=False)

    assert (done.stdout, done.stderr) == ("4 15\n", "")


WITH_CODE = """
import subprocess, sys
from cognito_action.terminal.process import Signals
class Popen(subprocess.Popen):
    def wait(self):
        super().wait()
        return int(sys.argv[1])
print(Signals(popen=Popen).run(["true"], {"PATH": "/usr/bin:/bin"}))
"""


@pytest.mark.parametrize(("code", "status"), [(0xC0000005, -1073741819), (0x7FFFFFFF, 0x7FFFFFFF), (-15, 143)])
def test_code_becomes_a_status_that_c_can_return(code: int, status: int) -> None:
    """On Windows a crash has a code beyond that."""
    done = subprocess.run([sys.executable, "-c", WITH_CODE, str(code)], cwd=ROOT, capture_output=True, check=False)

    assert int(done.stdout) == status


# A terminal


def read_until(terminal: int, text: str, seconds: float = 20) -> str:
    """What comes from a terminal until `text` has come, or the end."""
    read = ""
    end = time.monotonic() + seconds
    while text not in read and time.monotonic() < end:
        if select.select([terminal], [], [], 0.1)[0]:
            try:
                data = os.read(terminal, 4096)
            except OSError:
                break
            if not data:
                break
            read += data.decode()
    return read


AT_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
)


@contextmanager
def at_terminal(*arguments: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Start Python with a terminal of its own, in whose foreground it is; with the other end of the terminal."""
    terminal, stream = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", AT_TERMINAL, sys.executable, *arguments],
        cwd=ROOT,
        stdin=stream,
        stdout=stream,
        stderr=stream,
        start_new_session=True,
    )
    os.close(stream)
    try:
        yield process, terminal
    finally:
        os.close(terminal)
        process.kill()
        process.wait()


@pytest.mark.parametrize("times", [1, 2])
def test_interrupt_at_a_terminal_reaches_the_command_once(times: int) -> None:
    """The terminal sends it to both, so it is not sent on: the command sees as many as there were."""
    with at_terminal("-c", WRAP, sys.executable, "-c", CHILD) as (_, terminal):
        read_until(terminal, "ready")
        for _ in range(times):
            os.write(terminal, b"\x03")
            time.sleep(0.1)
        read = read_until(terminal, "received 2")

    assert read.replace("^C", "").split() == [*["SIGINT"] * times, "received", "2"]


def test_other_signals_are_sent_on_at_a_terminal() -> None:
    """The terminal knows nothing of them."""
    with at_terminal("-c", WRAP, sys.executable, "-c", CHILD) as (process, terminal):
        read_until(terminal, "ready")
        process.send_signal(signal.SIGTERM)
        read = read_until(terminal, "received 15")

    assert read.split() == ["SIGTERM", "received", "15"]


BACKGROUND = """
import os, subprocess, sys, time
process = subprocess.Popen([sys.executable, "-c", *sys.argv[1:]], process_group=0, stdout=subprocess.PIPE, text=True)
print(process.stdout.readline(), end="", flush=True)
process.send_signal(2)
print(process.communicate()[0], "end", flush=True)
time.sleep(20)
"""


def test_interrupt_in_the_background_of_a_terminal_is_sent_on() -> None:
    """The keys go to the foreground, so someone has sent it to us alone."""
    with at_terminal("-c", BACKGROUND, WRAP, sys.executable, "-c", CHILD) as (_, terminal):
        read = read_until(terminal, "end")

    assert read.split() == ["ready", "SIGINT", "received", "2", "end"]


def test_system_without_groups_of_processes_sends_keys_to_all() -> None:
    """As Windows does."""
    script = f"import os\ndel os.tcgetpgrp\n{WRAP}"
    process = subprocess.Popen(
        [sys.executable, "-c", script, "sh", "-c", "sleep 0.2; echo ready; sleep 0.5; exit 6"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout
    process.stdout.readline()

    process.send_signal(signal.SIGINT)

    assert process.communicate()[0] == "received 2\n"
    assert process.returncode == 6
