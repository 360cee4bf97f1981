"""A file system that is full: a write to one of the runner's files is all or none, and the last one if it fails."""

import json

import pytest

from tools.emulator.container import docker
from tools.emulator.job import ROOT

SCRIPT = (ROOT / "tests/support/full_disk.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("method", ["state", "output"])
def test_write_that_a_full_disk_stops_at_any_byte_leaves_the_file_as_it_was(image: str, method: str) -> None:
    """The process writes no more to it, even with space again, and another one does."""
    command = ["run", "--rm", "--network", "none", "--tmpfs", "/small:size=1m", "--entrypoint", "/venv/bin/python"]
    outcomes = json.loads(docker(*command, image, "-I", "-c", SCRIPT, "every byte", method, "full disk", "/small"))

    full = "No space left on device"
    assert len(outcomes) > 50
    assert [each for each in outcomes if each != [full, full, True, ""]] == []
