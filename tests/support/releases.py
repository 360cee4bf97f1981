"""A repository to release from, with the actions of this one."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tools.emulator.job import ROOT
from tools.release.image import FILES

IMAGE = f"ghcr.io/octo-org/cognito-test-user@sha256:{'0123456789abcdef' * 4}"

CHANGELOG = """\
# Changelog

## Unreleased

## 1.2.3 - 2026-12-01

### Added

* A first thing.
* A second one, with `## code`.

## 1.2.2 - 2026-11-30

* Older.
"""

PROJECT = '[project]\nversion = "1.2.3"\n'


@dataclass
class Checkout:
    """A checkout of a repository, and the steps of the workflow in it."""

    folder: Path
    origin: Path

    def git(self, *arguments: str) -> str:
        environ = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        author = ["-c", "user.name=Test", "-c", "user.email=test@example.com"]
        process = subprocess.run(
            ["git", *author, *arguments], cwd=self.folder, env=environ, capture_output=True, text=True, check=True
        )
        return process.stdout.strip()

    def release(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run a step with a Python that has no packages, since the runner's own has none of ours."""
        return subprocess.run(
            [sys.executable, "-S", "-m", "tools.release", *arguments],
            cwd=self.folder,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(ROOT),
                "PYTHONDONTWRITEBYTECODE": "1",
                "GIT_CONFIG_GLOBAL": os.devnull,
                "GIT_CONFIG_NOSYSTEM": "1",
            },
            capture_output=True,
            text=True,
            check=False,
        )


def new_checkout(folder: Path) -> Checkout:
    """A checkout with one commit on main, which its origin also has."""
    checkout = Checkout(folder / "checkout", folder / "origin.git")
    for name in (*FILES, "Dockerfile", "requirements/runtime.txt"):
        (checkout.folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, checkout.folder / name)
    (checkout.folder / "CHANGELOG.md").write_text(CHANGELOG, encoding="utf-8")
    (checkout.folder / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    checkout.git("init", "-q", "--bare", str(checkout.origin))
    checkout.git("init", "-q", "-b", "main")
    checkout.git("add", ".")
    checkout.git("commit", "-qm", "Everything")
    checkout.git("remote", "add", "origin", str(checkout.origin))
    checkout.git("push", "-q", "origin", "main")
    return checkout
