"""The pre-commit hooks check what `make lint` checks, with the same tools and options."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tools.emulator.job import ROOT

CONFIG = ROOT / ".pre-commit-config.yaml"
TOOLS = Path(sys.executable).parent


def hooks() -> list[dict[str, Any]]:
    [repository] = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))["repos"]
    assert repository["repo"] == "local"
    return list(repository["hooks"])


def without_files(command: str) -> str:
    """A command line without the files that it is given."""
    program, *words = command.split()
    return " ".join(
        [program, *(word for word in words if word.startswith(("-", "vendor.")) or re.fullmatch("[a-z]+", word))]
    )


def test_hooks_match_make_lint() -> None:
    """They leave out nothing that CI would find."""
    dry_run = subprocess.run(["make", "--dry-run", "lint"], cwd=ROOT, capture_output=True, text=True, check=True)
    linters = [without_files(line) for line in dry_run.stdout.splitlines() if line.startswith(".venv/bin/")]

    found = [without_files(hook["entry"].replace(" --force-exclude", "")) for hook in hooks()]
    assert sorted(found) == sorted(line.replace(" --check", "") for line in linters)


@pytest.mark.parametrize("hook", hooks(), ids=lambda hook: hook["id"])
def test_hook_checks_files_that_exist(hook: dict[str, Any]) -> None:
    """A pattern that matches nothing would always pass."""
    paths = [*ROOT.glob("*"), *ROOT.glob("[a-z]*/*"), *ROOT.glob(".github/**/*")]
    files = [path.relative_to(ROOT).as_posix() for path in paths if path.is_file()]

    assert "types" in hook or [name for name in files if re.search(hook["files"], name)]


def test_change_that_a_linter_refuses_is_not_committed(tmp_path: Path) -> None:
    """In a repository with this configuration, where one file is staged."""
    shutil.copy(CONFIG, tmp_path)
    (tmp_path / ".venv").symlink_to(TOOLS.parent)
    (tmp_path / "module.py").write_text("import os\n", encoding="utf-8")
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path / "home"), "PRE_COMMIT_HOME": str(tmp_path / "cache")}
    for command in (["init", "-q"], ["add", "module.py", CONFIG.name]):
        subprocess.run(["git", *command], cwd=tmp_path, env=environ, check=True)

    run = subprocess.run(
        [TOOLS / "pre-commit", "run", "ruff-check"],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 1
    assert "`os` imported but unused" in run.stdout
