"""The files and commands that CONTRIBUTING.md names exist."""

import re
from pathlib import Path

from tools.emulator.job import ROOT

PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_named_files_exist() -> None:
    """Tests, folders and modules, by their paths."""
    paths = re.findall(r"[` (]((?:tests|tools|cognito_action|docs)/[\w./-]+)", PAGE)

    assert len(paths) > 10
    assert [path for path in paths if not Path(ROOT, path).exists()] == []


def test_named_commands_exist() -> None:
    """Each `make` command has a target of that name."""
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))

    named = set(re.findall(r"(?:^|`)make (\w+)", PAGE, re.MULTILINE))
    assert {"demo", "test", "lint", "soak", "bench", "lock"} <= named <= targets
