"""The example test in CONTRIBUTING.md, as a contributor would add it."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.support.world import World
from tools.emulator.job import ROOT

[EXAMPLE] = re.findall(r"```python\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.DOTALL)


def test_example_passes(world: World) -> None:
    """It is a complete file with one test, which passes."""
    names: dict[str, Any] = {"__name__": "example"}
    exec(compile(EXAMPLE, "CONTRIBUTING.md", "exec"), names)

    [test] = [value for name, value in names.items() if name.startswith("test_")]
    test(world)


def test_example_passes_the_linters() -> None:
    """At the path where it would be saved, and formatted like the rest."""
    ruff = Path(sys.executable).parent / "ruff"
    for command in (["check"], ["format", "--check"]):
        run = subprocess.run(
            [ruff, *command, "--no-cache", "--stdin-filename", "tests/scenarios/test_example.py", "-"],
            input=EXAMPLE,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, run.stdout + run.stderr
