"""The runner's temp folder: a file that only the job's later steps read, and no other file is touched."""

import os
from pathlib import Path

import pytest

from cognito_action.github.temp_files import TempFolder, TempFolderMissingError, remove_temp_file

NAME = "cognito-test-user-0123456789abcdef0123456789abcdef.json"
RUNNERS_USER = 1001

as_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can change the owner of a file")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "_temp"
    folder.mkdir()
    return folder


def temp(folder: Path) -> TempFolder:
    """The folder as a container finds it; its path on the host is different."""
    return TempFolder.from_environ(
        {"RUNNER_TEMP": str(folder), "RUNNER_WORKSPACE": "/home/runner/_work/octo-app"},
    )


# Where it is


def test_path_on_the_host_is_next_to_the_workspace(folder: Path) -> None:
    """The runner rewrites `RUNNER_TEMP` to the container's path, but not `RUNNER_WORKSPACE`."""
    assert temp(folder) == TempFolder(str(folder), "/home/runner/_work/_temp")


@pytest.mark.parametrize(
    ("environ", "shown"),
    [
        (
            {"RUNNER_TEMP": "/home/runner/_work/_temp", "RUNNER_WORKSPACE": "/home/runner/_work/x"},
            "/home/runner/_work/_temp",
        ),
        ({"RUNNER_WORKSPACE": "/home/runner/_work/x"}, ""),
        ({"RUNNER_TEMP": "", "RUNNER_WORKSPACE": "/home/runner/_work/x"}, ""),
        ({"RUNNER_TEMP": __file__, "RUNNER_WORKSPACE": "/home/runner/_work/x"}, __file__),
        ({"RUNNER_TEMP": "/", "RUNNER_WORKSPACE": ""}, "/"),
        ({"RUNNER_TEMP": "/"}, "/"),
    ],
)
def test_folder_that_is_not_mounted_is_an_error(environ: dict[str, str], shown: str) -> None:
    """On an older runner, or with another engine, the error has the values of the variables."""
    with pytest.raises(TempFolderMissingError) as caught:
        TempFolder.from_environ(environ)

    assert (caught.value.path, caught.value.workspace) == (shown, environ.get("RUNNER_WORKSPACE", ""))


# Writing


def test_file_is_readable_only_by_its_owner(folder: Path) -> None:
    """The text is unchanged, only one user can read it, and the path is that of the host."""
    path = temp(folder).write(NAME, "é\n")

    assert path == f"/home/runner/_work/_temp/{NAME}"
    [file] = folder.iterdir()
    assert (file.name, file.read_bytes()) == (NAME, "é\n".encode())
    assert file.stat().st_mode & 0o7777 == 0o600
    assert file.stat().st_uid == folder.stat().st_uid


def test_file_is_readable_only_by_its_owner_whatever_the_umask(folder: Path) -> None:
    """The mode is set on creation, not after it."""
    before = os.umask(0)
    try:
        temp(folder).write(NAME, "x")
    finally:
        os.umask(before)

    assert (folder / NAME).stat().st_mode & 0o7777 == 0o600


@as_root
def test_file_belongs_to_the_owner_of_the_folder(folder: Path) -> None:
    """The container runs as root, later steps as the runner's user: without this they could not read it."""
    os.chown(folder, RUNNERS_USER, -1)

    temp(folder).write(NAME, "x")

    status = (folder / NAME).stat()
    assert (status.st_uid, status.st_mode & 0o7777) == (RUNNERS_USER, 0o600)


def test_existing_file_is_not_overwritten(folder: Path) -> None:
    """If someone knew the name in advance, their file is kept."""
    (folder / NAME).write_text("before")

    with pytest.raises(FileExistsError):
        temp(folder).write(NAME, "tokens")

    assert (folder / NAME).read_text() == "before"


@pytest.mark.parametrize("exists", [True, False])
def test_link_of_that_name_is_not_followed(folder: Path, tmp_path: Path, *, exists: bool) -> None:
    """Tokens do not go where someone else points, and no file is created or changed there."""
    target = tmp_path / "target"
    if exists:
        target.write_text("before")
    (folder / NAME).symlink_to(target)

    with pytest.raises(OSError, match="File exists") as caught:
        temp(folder).write(NAME, "tokens")

    assert "tokens" not in str(caught.value)
    assert target.exists() is exists
    assert not exists or target.read_text() == "before"


def test_folder_that_cannot_be_written_to_is_an_error(folder: Path) -> None:
    """It is the system's own error, which says why."""
    gone = temp(folder)
    folder.rmdir()

    with pytest.raises(FileNotFoundError) as caught:
        gone.write(NAME, "tokens")

    assert "tokens" not in str(caught.value)


# Removing


def test_file_is_removed_and_nothing_else(folder: Path) -> None:
    """The other files in the folder stay."""
    (folder / NAME).write_text("x")
    (folder / "other.json").write_text("x")

    remove_temp_file({"RUNNER_TEMP": str(folder)}, NAME)

    assert [file.name for file in folder.iterdir()] == ["other.json"]


def test_file_that_is_gone_is_not_a_failure(folder: Path) -> None:
    """A test may have removed it, or main never wrote it."""
    remove_temp_file({"RUNNER_TEMP": str(folder)}, NAME)
    remove_temp_file({"RUNNER_TEMP": str(folder / "none")}, NAME)


def test_link_is_removed_but_not_what_it_points_to(folder: Path, tmp_path: Path) -> None:
    """A later step may have put it there."""
    target = tmp_path / "target"
    target.write_text("x")
    (folder / NAME).symlink_to(target)

    remove_temp_file({"RUNNER_TEMP": str(folder)}, NAME)

    assert target.exists()
    assert list(folder.iterdir()) == []


def test_file_that_cannot_be_removed_is_an_error(folder: Path) -> None:
    """It is the system's own error, which says why."""
    (folder / NAME).mkdir()

    with pytest.raises(IsADirectoryError):
        remove_temp_file({"RUNNER_TEMP": str(folder)}, NAME)


@pytest.mark.parametrize("environ", [{}, {"RUNNER_TEMP": ""}, {"RUNNER_TEMP": "."}])
def test_nothing_is_removed_if_no_folder_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str]
) -> None:
    """This includes the working directory, which is the checkout."""
    (folder / NAME).write_text("x")
    monkeypatch.chdir(folder)

    with pytest.raises(NotADirectoryError, match="RUNNER_TEMP names no folder"):
        remove_temp_file(environ, NAME)

    assert (folder / NAME).exists()
