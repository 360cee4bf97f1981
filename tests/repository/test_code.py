"""Rules for the code that no linter checks."""

import ast
from collections.abc import Iterator

import pytest

from tools.emulator.job import ROOT

MODULES = sorted((ROOT / "cognito_action").rglob("*.py"))

STARTS_THREADS = {
    "in_background",
    "map_concurrently",
    "start_new_thread",
    "run_with_timeout",
    "submit",
    "start",
    "prefetch",
}

CLASSES = [
    pytest.param(node, id=f"{path.stem}.{node.name}")
    for path in MODULES
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    if isinstance(node, ast.ClassDef)
]


def methods(node: ast.ClassDef) -> Iterator[ast.FunctionDef]:
    yield from (child for child in node.body if isinstance(child, ast.FunctionDef))


def assigned(tree: ast.AST) -> set[str]:
    """The attributes of `self` that are assigned somewhere below a node."""
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and getattr(node.value, "id", "") == "self"
    }


@pytest.mark.parametrize("node", CLASSES)
def test_attribute_is_assigned_in_the_constructor(node: ast.ClassDef) -> None:
    """A reader sees there everything that an object can hold; the fields of a dataclass are above its methods."""
    fields = {
        child.target.id
        for child in node.body
        if isinstance(child, ast.AnnAssign) and isinstance(child.target, ast.Name)
    }
    known = fields.union(*(assigned(method) for method in methods(node) if method.name == "__init__"))

    assert assigned(node) - known == set()


@pytest.mark.parametrize("node", CLASSES)
def test_constructor_starts_no_thread(node: ast.ClassDef) -> None:
    """Whoever creates an object decides when work starts."""
    constructors = [method for method in methods(node) if method.name in ("__init__", "__post_init__")]
    calls = [call.func for method in constructors for call in ast.walk(method) if isinstance(call, ast.Call)]
    names = {call.attr if isinstance(call, ast.Attribute) else getattr(call, "id", "") for call in calls}

    assert names & STARTS_THREADS == set()


def test_rules_find_what_they_forbid() -> None:
    """Both find a class that breaks them."""
    code = "class C:\n    def __init__(self):\n        in_background(f)\n    def m(self):\n        self.late = 1\n"
    [node] = ast.parse(code).body
    assert isinstance(node, ast.ClassDef)

    with pytest.raises(AssertionError):
        test_attribute_is_assigned_in_the_constructor(node)
    with pytest.raises(AssertionError):
        test_constructor_starts_no_thread(node)


TESTS = [path for path in sorted((ROOT / "tests").rglob("*.py")) if "node_modules" not in path.parts]


def test_no_test_imports_from_a_test() -> None:
    """Shared code is in tests/support."""
    for path in TESTS:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        imported = [
            name
            for node in ast.walk(tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
            for name in ([alias.name for alias in node.names] if isinstance(node, ast.Import) else [str(node.module)])
        ]

        assert [name for name in imported if name.startswith("tests.") and "tests.support" not in name] == [], path


def test_helpers_are_in_one_place() -> None:
    """Outside tests/support there are only tests and fixtures."""
    elsewhere = [path for path in TESTS if path.parent != ROOT / "tests/support"]

    assert {path.name for path in elsewhere if not path.name.startswith("test_")} == {"__init__.py", "conftest.py"}


def test_unit_tests_mirror_the_package() -> None:
    """Each file tests the module whose name its own name starts with, in the same folder."""
    unit = ROOT / "tests/unit"
    for path in unit.rglob("test_*.py"):
        folder = ROOT / "cognito_action" / path.parent.relative_to(unit)
        modules = [module.stem for module in folder.glob("*.py") if module.stem != "__init__"]

        about = [name for name in modules if f"{path.stem}_".startswith(f"test_{name}_")]
        assert about, path
