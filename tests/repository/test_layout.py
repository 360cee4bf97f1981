"""The folders show the architecture: imports go down the list in CONTRIBUTING.md, never up."""

import ast
import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tools.emulator.job import ROOT

PACKAGE = ROOT / "cognito_action"

LONGEST = 200
"""In lines: a longer module holds two ideas."""

SHORTEST = 25
"""In lines: a shorter module is part of another."""

SECTION = (
    (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("\n## Architecture\n")[2].partition("\n## ")[0]
)

LAYERS = [
    re.findall(r"`(\w+)(?:/|\.py)`", row)
    for row in re.findall(r"^\|([^|]*)\|", SECTION.partition("\n\n| around")[0], re.MULTILINE)[2:]
]
"""The folders and modules in the list in CONTRIBUTING.md, from top to bottom."""

FILES = {
    path.relative_to(PACKAGE).with_suffix("").as_posix().replace("/", "."): path
    for path in sorted(PACKAGE.rglob("*.py"))
    if path.name != "__init__.py"
}
"""Every module of the package, with names such as `aws.sdk`."""


def imports(path: Path) -> set[str]:
    """The modules of the package that a module imports anywhere, even if only for types."""
    return set(_imported(ast.parse(path.read_text(encoding="utf-8"))))


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and str(node.module).partition(".")[0] == "cognito_action":
            inside = str(node.module).partition(".")[2]
            for alias in node.names:
                name = f"{inside}.{alias.name}".lstrip(".")
                yield name if name in FILES else inside
        elif isinstance(node, ast.Import):
            for alias in node.names:
                package, _, inside = alias.name.partition(".")
                if package == "cognito_action":
                    yield inside


def layer(module: str) -> int:
    """The place of a module in the list, counted from the top."""
    [number] = [number for number, names in enumerate(LAYERS) if module.partition(".")[0] in names]
    return number


def test_list_names_every_folder_and_module_once() -> None:
    """Nothing is missing, and everything that is named exists."""
    names = [name for names in LAYERS for name in names]

    assert sorted(names) == sorted({module.partition(".")[0] for module in FILES})


def test_imports_are_absolute() -> None:
    """So they can be read here."""
    relative = [
        module
        for module, path in FILES.items()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.level
    ]

    assert relative == []


def test_no_import_goes_up() -> None:
    """A lower layer does not know who uses it."""
    pairs = [(module, imported) for module, path in FILES.items() for imported in imports(path)]

    assert len(pairs) > 100
    assert [f"{module} -> {imported}" for module, imported in pairs if layer(imported) < layer(module)] == []


def test_imports_have_no_cycles() -> None:
    """No two modules need each other, not even indirectly."""
    graph = {module: imports(path) for module, path in FILES.items()}

    assert set().union(*graph.values()) <= set(FILES)
    assert len(list(TopologicalSorter(graph).static_order())) == len(FILES)


@pytest.mark.parametrize("folder", [path.parent for path in PACKAGE.rglob("__init__.py")], ids=lambda path: path.name)
def test_folder_says_what_it_holds_and_imports_nothing(folder: Path) -> None:
    """Importing one of its modules loads only that module."""
    tree = ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))

    assert ast.get_docstring(tree)
    assert len(tree.body) == 1


@pytest.mark.parametrize("module", FILES)
def test_module_holds_one_idea(module: str) -> None:
    """Its docstring says which, and its length is within the limits."""
    text = FILES[module].read_text(encoding="utf-8")

    assert ast.get_docstring(ast.parse(text))
    assert SHORTEST <= len(text.splitlines()) <= LONGEST
