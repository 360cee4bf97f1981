"""Runs of pytest with the plugin, as processes of their own."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.world import World
from tools.emulator.github import REPOSITORY_ID, RUN_ID
from tools.emulator.job import ROOT

KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}

STEP = {"GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY_ID": REPOSITORY_ID, "GITHUB_RUN_ID": RUN_ID}
"""Variables of a `run:` step."""

KEEP = """
import json, os
from pathlib import Path


def keep(user):
    name = f"{os.environ.get('PYTEST_XDIST_WORKER', '')}-{user.sub}.json"
    Path(__file__).with_name(name).write_text(json.dumps(user.__dict__))
"""
"""The start of a test file: what a test does with a user that the one around it wants to know."""


@dataclass(frozen=True)
class PytestRun:
    """What a run has come to."""

    status: int
    stdout: str
    stderr: str

    @property
    def text(self) -> str:
        return self.stdout + self.stderr


class Project:
    """A folder with tests. Warnings are errors there, and pytest keeps no cache.

    Args:
        world: whose AWS is used.
        pool: that its `pytest.ini` names; none if empty.
        tests: the content of its test file.
    """

    def __init__(self, world: World, pool: str, tests: str, ini: str = "") -> None:
        self.folder = world.folder / "project"
        self.folder.mkdir()
        self.world = world
        named = f"cognito_user_pool_id = {pool}\n" if pool else ""
        (self.folder / "pytest.ini").write_text(f"[pytest]\naddopts = -p no:cacheprovider -W error\n{named}{ini}")
        (self.folder / "test_it.py").write_text(KEEP + tests)

    @property
    def environ(self) -> dict[str, str]:
        """The variables of a machine whose credentials are the account's own."""
        return {
            "PATH": os.environ["PATH"],
            **self.world.bare_environ,
            **KEYS,
            "HOME": str(self.folder),
            "PYTHONPATH": str(ROOT),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        }

    @property
    def users(self) -> list[dict[str, Any]]:
        """Whom the tests have kept."""
        return [json.loads(path.read_text()) for path in sorted(self.folder.glob("*.json"))]

    @property
    def journals(self) -> list[Path]:
        return sorted((self.folder / ".local/state/cognito-test-user").glob("*.journal"))

    def start(
        self, *arguments: str, environ: Mapping[str, str] | None = None, plugin: bool = True
    ) -> "subprocess.Popen[bytes]":
        """Start pytest, which is told of the plugin if it is not installed, and return at once."""
        return subprocess.Popen(
            [sys.executable, "-m", "pytest", *(("-p", "cognito_action.pytest_plugin") * plugin), *arguments],
            cwd=self.folder,
            env=self.environ if environ is None else dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def run(self, *arguments: str, **environ: str) -> PytestRun:
        """Run pytest to its end, with further variables."""
        return finish(self.start(*arguments, environ={**self.environ, **environ}))


def finish(process: "subprocess.Popen[bytes]") -> PytestRun:
    """Wait for the end of a run."""
    try:
        stdout, stderr = process.communicate(timeout=30)
    finally:
        process.kill()
    return PytestRun(process.returncode, stdout.decode(), stderr.decode())
