"""The folder of the journals: where each system has it, and who can read it."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from cognito_action.host import HostFileError
from cognito_action.terminal.state_folder import StateFolder, is_ours
from tools.emulator.job import ROOT


@pytest.mark.parametrize(
    ("platform", "environ", "path"),
    [
        ("linux", {"HOME": "/home/a"}, "/home/a/.local/state/cognito-test-user"),
        ("linux", {"HOME": "/home/a", "XDG_STATE_HOME": ""}, "/home/a/.local/state/cognito-test-user"),
        ("linux", {"HOME": "/home/a", "XDG_STATE_HOME": "relative"}, "/home/a/.local/state/cognito-test-user"),
        ("linux", {"HOME": "/home/a", "XDG_STATE_HOME": "/state"}, "/state/cognito-test-user"),
        ("freebsd14", {"HOME": "/home/a"}, "/home/a/.local/state/cognito-test-user"),
        (
            "darwin",
            {"HOME": "/Users/a", "XDG_STATE_HOME": "/x"},
            "/Users/a/Library/Application Support/cognito-test-user",
        ),
        ("win32", {"USERPROFILE": "/u", "LOCALAPPDATA": "/local"}, "/local/cognito-test-user"),
        ("win32", {"USERPROFILE": "/u"}, "/u/AppData/Local/cognito-test-user"),
        ("linux", {}, os.path.expanduser("~/.local/state/cognito-test-user")),
    ],
)
def test_folder_is_where_the_system_has_such(platform: str, environ: dict[str, str], path: str) -> None:
    """It outlives a restart, and is no folder for temporary files."""
    if not environ:
        path = StateFolder.find({"HOME": os.path.expanduser("~")}, platform).path

    assert StateFolder.find(environ, platform).path == path


def test_files_are_for_their_owner_alone_whatever_the_umask(tmp_path: Path) -> None:
    """The folder as well; a file that is there already is not overwritten."""
    script = """
import os, sys
from cognito_action.terminal.state_folder import StateFolder
os.umask(0)
folder = StateFolder(sys.argv[1])
os.close(folder.create("a.journal"))
print(folder.write("b.json", "é"))
try:
    folder.write("b.json", "other")
except FileExistsError:
    print("refused")
"""
    path = tmp_path / "parent" / "state"

    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines() == [str(path / "b.json"), "refused"]
    assert (path / "b.json").read_bytes() == "é".encode()
    modes = [stat.S_IMODE(each.stat().st_mode) for each in (path, path / "a.journal", path / "b.json")]
    assert modes == [0o700, 0o600, 0o600]


def test_file_is_removed_once(tmp_path: Path) -> None:
    """That it is gone already is fine; that it can't be removed is not."""
    folder = StateFolder(str(tmp_path))
    folder.write("file", "text")

    folder.remove("file")
    folder.remove("file")

    assert list(tmp_path.iterdir()) == []
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match=r"directory|permitted"):
        folder.remove("folder")


def test_journals_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    """That is the order of time; other files are none."""
    for name in ("2.journal", "1.journal", "3.json", "journal"):
        (tmp_path / name).touch()

    assert list(StateFolder(str(tmp_path)).journals()) == [str(tmp_path / "1.journal"), str(tmp_path / "2.journal")]


def test_folder_that_is_not_there_has_no_journals(tmp_path: Path) -> None:
    """Nor is it made, and there is nothing to have on disk."""
    folder = StateFolder(str(tmp_path / "none"))

    assert list(folder.journals()) == []
    folder.sync()
    assert not (tmp_path / "none").exists()


def test_folder_that_can_not_be_read_is_told() -> None:
    """There may be journals in it, so it is not taken for an empty one."""
    with pytest.raises(HostFileError) as caught:
        list(StateFolder("/dev/null").journals())

    assert (caught.value.file, caught.value.reason) == ("The folder /dev/null", "Not a directory")


@pytest.mark.parametrize("mode", [0o600, 0o644])
def test_file_that_others_can_read_is_ours(tmp_path: Path, mode: int) -> None:
    """It holds no secret."""
    path = tmp_path / "file"
    path.touch()
    path.chmod(mode)

    with path.open() as file:
        assert is_ours(file.fileno())


@pytest.mark.parametrize("mode", [0o620, 0o602])
def test_file_that_others_can_write_is_not_believed(tmp_path: Path, mode: int) -> None:
    """Nor left out in silence: it may name users."""
    path = tmp_path / "file"
    path.touch()
    path.chmod(mode)

    with path.open() as file, pytest.raises(PermissionError, match="others can write to it"):
        is_ours(file.fileno())


def test_file_of_someone_else_is_not_private(strangers_file: Path) -> None:
    """Whoever owns it can have written it."""
    with strangers_file.open() as file:
        assert not is_ours(file.fileno())
