"""What the tests of the terminal share."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cognito_action.terminal.state_folder import StateFolder
from tools.emulator.job import ROOT


@pytest.fixture
def strangers_file(tmp_path: Path) -> Path:
    """A file of another user that this one can read: root's, or for root someone's."""
    if os.geteuid():
        return Path("/etc/passwd")
    path = tmp_path / "strangers"
    path.touch(0o644)
    os.chown(path, 12345, 12345)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> StateFolder:
    """The folder of the journals, which does not exist yet."""
    return StateFolder(str(tmp_path / "state"))


@pytest.fixture
def unknown_user(tmp_path: Path) -> str:
    """What a process says of its user if neither a variable nor the system tells it."""
    script = """
import os, sys
for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
    os.environ.pop(name, None)
sys.modules["pwd"] = None
from cognito_action.terminal.place import user_and_machine
print(user_and_machine())
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()
