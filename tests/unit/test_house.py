"""What holds of the house as a whole."""

import ast
from graphlib import TopologicalSorter

import pytest

from demo.job import ROOT

PACKAGE = ROOT / "cognito_action"
MODULES = {path.stem: ast.parse(path.read_text(encoding="utf-8")) for path in PACKAGE.glob("*.py")}

LINES = 210
"""The design has 200; a few lines over cost less than one more module, which every job would import."""


def _imports(tree: ast.Module) -> set[str]:
    """The modules of the package that one imports, wherever it does, also for types alone."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "cognito_action":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and str(node.module).startswith("cognito_action."):
            found.add(str(node.module).partition(".")[2])
    return found


def test_imports_run_one_way() -> None:
    """No two modules need each other, not even by a detour."""
    graph = {name: _imports(tree) for name, tree in MODULES.items()}

    assert set.union(*graph.values()) <= set(MODULES)
    assert len(list(TopologicalSorter(graph).static_order())) == len(MODULES)


@pytest.mark.parametrize("name", sorted(MODULES))
def test_module_holds_one_idea(name: str) -> None:
    """It says in its docstring which, and a reader sees its end."""
    assert ast.get_docstring(MODULES[name])
    assert len((PACKAGE / f"{name}.py").read_text(encoding="utf-8").splitlines()) <= LINES
