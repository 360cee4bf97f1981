"""`pip install .` installs the package with its folders, and nothing else."""

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.support.wheel import build_wheel, pip
from tools.emulator.job import ROOT

FILES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in (ROOT / "cognito_action").rglob("*")
    if path.is_file() and path.suffix != ".pyc"
)
MODULES = [name for name in FILES if name.endswith(".py")]

IMPORT_ALL = """
import importlib, pkgutil, sys
sys.path.insert(0, sys.argv[1])
import cognito_action
for found in pkgutil.walk_packages(cognito_action.__path__, "cognito_action."):
    module = importlib.import_module(found.name)
    assert module.__file__.startswith(sys.argv[1]), module
    print(found.name)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(tmp_path_factory.mktemp("wheel"))


def test_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    """Every file of every folder, and the wheel's own metadata."""
    names = sorted(name for name in ZipFile(wheel).namelist() if ".dist-info/" not in name)

    assert wheel.name.startswith("cognito_test_user-")
    assert wheel.name.endswith("-py3-none-any.whl")
    assert names == FILES


def test_wheel_can_be_installed_and_imported(wheel: Path, tmp_path: Path) -> None:
    """Each module is imported from where it was installed."""
    pip("install", "--no-deps", "--no-index", "--target", str(tmp_path), str(wheel))

    process = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL, str(tmp_path)], capture_output=True, text=True, cwd=tmp_path, check=False
    )

    assert process.returncode == 0, process.stderr
    assert len(process.stdout.split()) + 1 == len(MODULES)
