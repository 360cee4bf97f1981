"""The journal: on disk before Cognito is asked, and worked off by one cleanup, once its process is dead."""

import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cognito_action.host import HostFileError
from cognito_action.naming import Origin, Place, Run
from cognito_action.terminal.journal import Journal
from cognito_action.terminal.state_folder import StateFolder
from tests.support.examples import ANY_TEXT
from tools.emulator.job import ROOT

NOW = datetime(2026, 11, 24, 12, 0, 5, tzinfo=UTC)

PLACE = Place("0123456789abcdef", "20261124120005")


def begin(folder: StateFolder, origin: Origin = PLACE) -> Journal:
    return Journal.create(folder, origin, NOW, Random())


def abandoned(folder: StateFolder) -> list[str]:
    """The paths of the abandoned journals, which stay so."""
    paths = []
    for journal in Journal.abandoned(folder, print):
        paths.append(journal.path)
        journal.close()
    return paths


def left(folder: StateFolder, **values: str) -> str:
    """A journal that its run has left, by its path."""
    journal = begin(folder)
    if values:
        journal.write(**values)
    journal.close()
    return journal.path


HOLD = """
import os, subprocess, sys, time
from datetime import datetime, UTC
from random import Random
from cognito_action.naming import Place
from cognito_action.terminal.journal import Journal
from cognito_action.terminal.state_folder import StateFolder
journal = Journal.create(StateFolder(sys.argv[1]), Place("0123456789abcdef", "20261124120005"), datetime.now(UTC), Random())
journal.write(users="1")
child = 0
if sys.argv[2] == "exec":
    child = subprocess.Popen(["sleep", "60"], close_fds=False).pid
if sys.argv[2] == "fork":
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.write(writing, b"x")
        time.sleep(60)
    os.read(reading, 1)
print(child, journal.path, flush=True)
time.sleep(60)
"""
"""A run that comes to no end, perhaps with a child that outlives it."""


@contextmanager
def running(folder: StateFolder, child: str = "") -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Such a run, and the path of its journal."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, folder.path, child], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    pid, _, path = process.stdout.readline().strip().partition(" ")
    try:
        yield process, path
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        if int(pid):
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)


# What is written


def test_what_was_written_is_read_again(folder: StateFolder) -> None:
    """The last value of a name counts, and the origin is told apart from the values."""
    journal = begin(folder)
    journal.write(users="1", **{"user-1": "a"})
    journal.write(users="2", **{"user-2": "line\nbreak\r\u2028 and \x00"})

    assert journal.read() == (PLACE, {"users": "2", "user-1": "a", "user-2": "line\nbreak\r\u2028 and \x00"})
    assert not journal.is_empty
    journal.write(users="3")
    assert journal.read()[1]["users"] == "3"


@settings(max_examples=10)  # each write waits for the disk
@given(values=st.lists(st.dictionaries(ANY_TEXT.filter(lambda name: name != "origin"), ANY_TEXT), max_size=2))
def test_any_text_is_read_again(tmp_path_factory: pytest.TempPathFactory, values: list[dict[str, str]]) -> None:
    """Also what no UTF-8 can hold."""
    journal = begin(StateFolder(str(tmp_path_factory.getbasetemp() / "any-text")))
    expected: dict[str, str] = {}
    for each in values:
        journal.write(**each)
        expected |= each

    assert journal.read() == (PLACE, expected)
    journal.remove()


@pytest.mark.parametrize("origin", [PLACE, Run("123456789", "9876543210", "2")])
def test_journal_tells_whose_names_are_in_it(folder: StateFolder, origin: Origin) -> None:
    """A cleanup at another place, or in another run, recognizes them by that."""
    assert begin(folder, origin).read() == (origin, {})


def test_journal_is_for_its_owner_alone(folder: StateFolder) -> None:
    """Its name tells when it was begun."""
    path = Path(begin(folder).path)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert path.name.startswith("20261124T120005-")
    assert path.name.endswith(".journal")


def test_line_is_in_the_file_when_the_write_returns(folder: StateFolder) -> None:
    """Whoever is killed after that has left it to others."""
    journal = begin(folder)

    journal.write(users="1")

    assert Path(journal.path).read_bytes() == (b'{"origin":"ctu-0123456789abcdef-20261124120005-"}\n{"users":"1"}\n')


def test_line_that_does_not_reach_the_disk_is_an_error(folder: StateFolder) -> None:
    """A pipe takes each write, and can't have it on disk."""
    reading, writing = os.pipe()
    journal = Journal(folder, "the pipe", writing)

    with pytest.raises(HostFileError) as caught:
        journal.write(users="1")

    assert (caught.value.file, caught.value.reason) == ("The journal the pipe", "Invalid argument")
    journal.close()
    os.close(reading)


def test_full_device_takes_no_further_write(folder: StateFolder) -> None:
    """The reason is the system's, each time."""
    journal = Journal(folder, "/dev/full", os.open("/dev/full", os.O_RDWR))

    for _ in range(2):
        with pytest.raises(HostFileError) as caught:
            journal.write(users="1")
        assert caught.value.reason == "No space left on device"
    journal.close()


def test_write_that_finds_too_little_room_leaves_no_half_line(folder: StateFolder) -> None:
    """At each byte: the file is as it was, and takes no further write even when there is room again."""
    script = """
import os, sys
from datetime import datetime, UTC
from random import Random
from cognito_action.host import HostFileError
from cognito_action.naming import Run
from cognito_action.terminal.journal import Journal
from cognito_action.terminal.state_folder import StateFolder
from tests.support.full_disk import limit_file_size
def failed(journal):
    try:
        journal.write(users="1", user="x")
    except HostFileError as error:
        return error.reason
for room in range(len('{"users":"1","user":"x"}') + 1):
    journal = Journal.create(StateFolder(sys.argv[1]), Run("1", "2", "3"), datetime.now(UTC), Random())
    size = os.path.getsize(journal.path)
    limit_file_size(size + room)
    first = failed(journal)
    limit_file_size(None)
    assert first == failed(journal) == "File too large", first
    assert os.path.getsize(journal.path) == size
    assert journal.read() == (Run("1", "2", "3"), {})
print(room)
"""
    done = subprocess.run([sys.executable, "-c", script, folder.path], cwd=ROOT, capture_output=True, check=False)

    assert (done.stdout, done.stderr) == (b"24\n", b"")


def test_threads_write_whole_lines(folder: StateFolder) -> None:
    """No line is inside of another."""
    journal = begin(folder)
    threads = [
        threading.Thread(target=lambda number=number: journal.write(**{f"user-{number}": str(number) * 5000}))
        for number in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert journal.read()[1] == {f"user-{number}": str(number) * 5000 for number in range(20)}


# What is left of it


def test_torn_last_line_is_ignored(folder: StateFolder) -> None:
    """At whichever byte the power went: what was written before it counts, and nothing else."""
    path = left(folder, users="1", **{"user-1": "a"})
    whole = Path(path).read_bytes()
    first, second = (line + b"\n" for line in whole.splitlines())
    for size in range(len(whole) + 1):
        Path(path).write_bytes(whole[:size])
        [journal] = Journal.abandoned(folder, print)

        origin, values = journal.read()

        assert origin == (PLACE if size >= len(first) else None)
        assert values == ({"users": "1", "user-1": "a"} if size == len(first + second) else {})
        assert journal.is_empty == (size == 0)
        journal.close()


@given(
    content=st.binary()
    | st.lists(st.sampled_from([b"{", b"}", b"[", b'"a"', b":", b"1", b"\n", b"\xff"])).map(b"".join)
)
def test_whatever_is_in_a_journal_is_read(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """Damage is no reason for a crash."""
    path = tmp_path_factory.getbasetemp() / "damaged.journal"
    path.write_bytes(content)
    journal = Journal(StateFolder(str(path.parent)), str(path), os.open(path, os.O_RDWR))

    origin, values = journal.read()

    assert origin is None
    assert all(isinstance(value, str) for value in values.values())
    journal.close()


@pytest.mark.parametrize("line", ["[" * 100_000, "1", "null", '["origin"]', '{"users": 1, "keep": null}', "{", ""])
def test_line_that_is_not_ours_is_skipped(folder: StateFolder, line: str) -> None:
    """Lines around it count."""
    path = left(folder, users="1")
    with Path(path).open("a") as file:
        file.write(f'{line}\n{{"user-1": "a"}}\n')
    [journal] = Journal.abandoned(folder, print)

    assert journal.read() == (PLACE, {"users": "1", "user-1": "a"})
    journal.close()


# Whose it is


def test_live_journal_is_left_alone(folder: StateFolder) -> None:
    """Also by a cleanup of the same process."""
    journal = begin(folder)

    assert abandoned(folder) == []
    journal.close()
    assert abandoned(folder) == [journal.path]


@pytest.mark.parametrize("child", ["", "exec", "fork"])
def test_journal_is_abandoned_once_its_process_is_dead(folder: StateFolder, child: str) -> None:
    """A child that outlives it, a server perhaps, holds no lock."""
    with running(folder, child) as (process, path):
        assert abandoned(folder) == []

        process.send_signal(signal.SIGKILL)
        process.wait()

        assert abandoned(folder) == [path]


def test_process_that_was_forked_has_no_journal(folder: StateFolder) -> None:
    """It writes nothing, deletes no one, and leaves the lock and the file to its parent."""
    script = """
import os, sys
from datetime import datetime, UTC
from random import Random
from cognito_action.host import HostFileError
from cognito_action.naming import Run
from cognito_action.terminal.journal import Journal
from cognito_action.terminal.state_folder import StateFolder
folder = StateFolder(sys.argv[1])
journal = Journal.create(folder, Run("1", "2", "3"), datetime.now(UTC), Random())
closed = Journal.create(folder, Run("1", "2", "3"), datetime.now(UTC), Random())
closed.remove()
child = os.fork()
if not child:
    other = os.open(sys.argv[2], os.O_RDWR | os.O_CREAT)
    for use in (lambda: journal.write(users="1"), journal.read):
        try:
            use()
        except (HostFileError, OSError):
            print("refused", flush=True)
    journal.close()
    os._exit(0)
os.waitpid(child, 0)
journal.write(users="2")
print(journal.read()[1], list(Journal.abandoned(folder, print)), os.path.getsize(sys.argv[2]))
"""
    done = subprocess.run(
        [sys.executable, "-c", script, folder.path, f"{folder.path}.other"], cwd=ROOT, capture_output=True, check=False
    )

    assert (done.stdout.decode().splitlines(), done.stderr) == (["refused", "refused", "{'users': '2'} [] 0"], b"")


def test_journal_that_others_can_have_written_is_left_alone(folder: StateFolder, strangers_file: Path) -> None:
    """Whoever could write it could have the users of others deleted."""
    path = Path(left(folder, users="1"))
    path.chmod(0o660)
    path.with_name("0.journal").symlink_to(strangers_file)
    path.with_name("1.journal").symlink_to(path.with_name("nowhere"))
    path.with_name("2.journal").mkdir()
    content = path.read_bytes()

    assert abandoned(folder) == []
    assert path.read_bytes() == content
    path.chmod(0o600)
    assert abandoned(folder) == [str(path)]


def test_journal_is_worked_off_by_one_of_two_cleanups(folder: StateFolder) -> None:
    """Each one is deleted once, whoever is faster."""
    paths = sorted(left(folder, users="1") for _ in range(40))
    worked_off: list[str] = []
    barrier = threading.Barrier(4)

    def clean_up() -> None:
        barrier.wait()
        for journal in Journal.abandoned(folder, print):
            if not journal.is_empty:
                worked_off.append(journal.path)
                time.sleep(0.001)
            journal.remove()

    threads = [threading.Thread(target=clean_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(worked_off) == paths
    assert os.listdir(folder.path) == []


def test_journal_whose_cleanup_gave_up_is_for_the_next(folder: StateFolder) -> None:
    """The lock ends when it is closed, however often that is."""
    path = left(folder)
    [journal] = Journal.abandoned(folder, print)
    assert abandoned(folder) == []

    journal.close()
    other = os.open(path, os.O_RDONLY)
    journal.close()

    assert os.fstat(other)
    os.close(other)
    assert abandoned(folder) == [path]


def test_end_of_a_journal_is_the_end_of_its_file(folder: StateFolder) -> None:
    """That it is gone already is fine."""
    first, second = begin(folder), begin(folder)
    os.unlink(second.path)

    first.remove()
    second.remove()

    assert os.listdir(folder.path) == []


REMOVER = """
import os, sys
from cognito_action.terminal.journal import Journal
from cognito_action.terminal.state_folder import StateFolder
while not os.path.exists(sys.argv[2]):
    for journal in Journal.abandoned(StateFolder(sys.argv[1]), print):
        journal.remove()
"""


def test_no_cleanup_removes_a_journal_that_has_begun(folder: StateFolder, tmp_path: Path) -> None:
    """Several of them race with a process that begins one after the other: each is where its name says."""
    stop = tmp_path / "stop"
    cleaners = [subprocess.Popen([sys.executable, "-c", REMOVER, folder.path, str(stop)], cwd=ROOT) for _ in range(2)]
    try:
        for _ in range(150):
            journal = begin(folder)
            assert os.path.exists(journal.path)
            journal.remove()
    finally:
        stop.touch()
        for cleaner in cleaners:
            assert cleaner.wait(30) == 0


# Begun while someone cleans up


@dataclass(frozen=True)
class Raced(StateFolder):
    """A folder in which a cleanup comes between a new file and its lock, for some of the files."""

    race: Callable[[str], None] = print

    def create(self, name: str) -> int:
        descriptor = super().create(name)
        self.race(name)
        return descriptor


def test_file_that_a_cleanup_removes_before_it_is_locked_is_no_journal(tmp_path: Path) -> None:
    """Another one is begun: no write goes to a file that no one will ever find."""
    raced: list[str] = []

    def race(name: str) -> None:
        raced.append(name)
        if len(raced) <= 3:
            for found in Journal.abandoned(StateFolder(str(tmp_path)), print):
                found.remove()

    journal = begin(Raced(str(tmp_path), race))

    assert len(raced) == 4
    assert os.listdir(tmp_path) == [raced[3]]
    assert (tmp_path / raced[3]).read_bytes() == b'{"origin":"ctu-0123456789abcdef-20261124120005-"}\n'
    assert journal.path == str(tmp_path / raced[3])


def test_file_that_a_cleanup_locks_first_is_no_journal(tmp_path: Path) -> None:
    """The cleanup will remove it."""
    found: list[Journal] = []

    def race(_: str) -> None:
        if not found:
            found.extend(Journal.abandoned(StateFolder(str(tmp_path)), print))

    journal = begin(Raced(str(tmp_path), race))
    [lost] = found

    assert journal.path != lost.path
    assert lost.is_empty
    lost.remove()
    assert os.listdir(tmp_path) == [Path(journal.path).name]


@pytest.mark.parametrize("path", ["/dev/null/state", "/proc/state"])
def test_folder_in_which_nothing_can_be_written_is_told(path: str) -> None:
    """The error names the file, and the system's reason."""
    with pytest.raises(HostFileError) as caught:
        begin(StateFolder(path))

    assert caught.value.file.startswith(f"The journal {path}/2026")
    assert caught.value.reason in ("Not a directory", "No such file or directory")


class Unlockable(StateFolder):
    """A folder on a file system that knows no locks."""

    descriptors: ClassVar[list[int]] = []

    def create(self, name: str) -> int:
        os.close(super().create(name))
        self.descriptors.append(os.open(os.path.join(self.path, name), os.O_PATH))
        return self.descriptors[-1]


@pytest.mark.skipif(not hasattr(os, "O_PATH"), reason="only Linux opens files that can't be locked")
def test_file_system_without_locks_is_told(tmp_path: Path) -> None:
    """No journal is begun that others would take for abandoned, and no file stays open."""
    with pytest.raises(HostFileError) as caught:
        begin(Unlockable(str(tmp_path)))

    assert caught.value.reason == "Bad file descriptor"
    with pytest.raises(OSError, match="descriptor"):
        os.fstat(Unlockable.descriptors[0])
