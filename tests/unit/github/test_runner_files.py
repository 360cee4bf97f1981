"""A write to one of the runner's files is all or none, and the last one if it fails."""

import json
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from cognito_action.github.runner import Runner, RunnerFileError
from tests.support import full_disk
from tests.support.recorder import Recorder
from tools.emulator.workflow_commands import parse_file


def run(*arguments: str | Path) -> Any:
    """Run `full_disk.py` in a process of its own, which alone has the limit on file size."""
    command = [sys.executable, "-I", full_disk.__file__, *arguments]
    return json.loads(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout)


@pytest.mark.parametrize(
    ("method", "values"), [("state", {"first": "1", "second": "2\n3"}), ("output", {"first": "1\n2"})]
)
def test_write_that_fails_at_any_byte_leaves_the_file_as_it_was(
    tmp_path: Path, method: str, values: dict[str, str]
) -> None:
    """The process writes no more to it, even with room again, and what another one writes is read."""
    outcomes = run("every byte", method, "size limit", tmp_path)

    assert len(outcomes) > 50
    assert [each for each in outcomes if each != ["File too large", "File too large", True, ""]] == []
    content = parse_file((tmp_path / "file").read_text())
    assert content.pop("before").strip("x") == ""
    assert content == values


def test_threads_behind_a_write_that_failed_write_nothing(tmp_path: Path) -> None:
    """The file has every entry whose write returned, and not one byte of another."""
    file = tmp_path / "file"

    written = run("threads", "20000", file)

    assert 10 < len(written) < 30
    assert parse_file(file.read_text()) == {f"user-{number}": f"{number:02}\n" * 300 for number in written}
    assert file.stat().st_size < 20000


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has /dev/full")
def test_file_that_cannot_be_cut_takes_no_further_write(recorder: Recorder) -> None:
    """A device has no size to go back to, and the reason stays that of the write."""
    path = recorder.paths["GITHUB_STATE"]
    path.unlink()
    path.symlink_to("/dev/full")

    for _ in range(2):
        with pytest.raises(RunnerFileError) as caught:
            recorder.runner.state(name="value")
        assert (caught.value.file, caught.value.reason) == ("GITHUB_STATE", "No space left on device")
        path.unlink()
        path.touch()

    assert recorder.stage.state == {}


def test_other_files_take_writes_as_before(recorder: Recorder) -> None:
    """An error that comes from one file can still be shown in the summary."""
    recorder.paths["GITHUB_STATE"].unlink()
    recorder.paths["GITHUB_STATE"].mkdir()

    with pytest.raises(RunnerFileError):
        recorder.runner.state(name="value")
    recorder.runner.output("name", "value")
    recorder.runner.summary("text")

    recorder.paths["GITHUB_STATE"].rmdir()
    recorder.paths["GITHUB_STATE"].touch()
    assert recorder.stage.outputs == {"name": "value"}
    assert recorder.stage.summary == "text\n\n"


def test_file_that_is_missing_at_first_takes_no_write(tmp_path: Path) -> None:
    """What failed once is not tried again, although it could succeed."""
    folder = tmp_path / "folder"
    runner = Runner({"GITHUB_OUTPUT": str(folder / "file")}, BytesIO())
    with pytest.raises(RunnerFileError, match="No such file or directory"):
        runner.output("name", "value")
    folder.mkdir()

    with pytest.raises(RunnerFileError, match="No such file or directory"):
        runner.output("name", "value")

    assert list(folder.iterdir()) == []
