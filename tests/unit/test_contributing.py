"""CONTRIBUTING.md shows the house as it is."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.job import ROOT

PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")

HOUSE = PAGE.partition("\n## The house\n")[2].partition("\n## ")[0]

PARTS = [
    re.findall(r"`(\w+)`", "".join(re.findall(r"^\|([^|]*)\|", part, re.MULTILINE))) for part in HOUSE.split("\n**")[1:]
]
"""The modules of each part of the map, from the top down."""

MODULES = {path.stem: path for path in (ROOT / "cognito_action").glob("*.py") if path.stem != "__init__"}


def imported(node: ast.AST) -> Iterator[str]:
    """The modules that are imported below a node, but for those that only the type checker sees."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        if isinstance(child, ast.ImportFrom) and child.module == "cognito_action":
            yield from (alias.name for alias in child.names)
        elif isinstance(child, ast.ImportFrom) and child.module:
            yield child.module.removeprefix("cognito_action.")
        yield from imported(child)


def test_map_has_every_module_once() -> None:
    """None is missing, and none is named that is not there."""
    assert sorted(name for part in PARTS for name in part) == sorted(MODULES)


@pytest.mark.parametrize("name", sorted(MODULES))
def test_module_imports_from_its_own_part_or_from_below(name: str) -> None:
    """Nothing that lies below knows who uses it."""
    [place] = [number for number, part in enumerate(PARTS) if name in part]
    above = {other for part in PARTS[:place] for other in part}

    assert above & set(imported(ast.parse(MODULES[name].read_text(encoding="utf-8")))) == set()


def test_files_that_are_named_are_there() -> None:
    """Tests, folders and modules, by their paths."""
    paths = re.findall(r"[` (]((?:tests|demo|cognito_action|docs)/[\w./-]+)", PAGE)

    assert len(paths) > 10
    assert [path for path in paths if not Path(ROOT, path).exists()] == []


def test_commands_that_are_named_are_there() -> None:
    """Each `make` has a target of that name."""
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))

    named = set(re.findall(r"(?:^|`)make (\w+)", PAGE, re.MULTILINE))
    assert {"demo", "test", "lint", "soak", "bench", "lock"} <= named <= targets
