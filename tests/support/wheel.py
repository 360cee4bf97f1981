"""The wheel, and environments that it is installed in."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import which

from tools.emulator.job import ROOT


def pip(*arguments: str, python: str = sys.executable) -> None:
    process = subprocess.run(
        [python, "-m", "pip", "--disable-pip-version-check", *arguments], capture_output=True, text=True, check=False
    )
    assert process.returncode == 0, process.stderr


def build_wheel(folder: Path) -> Path:
    """Build the wheel with the locked build backend, which downloads nothing."""
    pip("wheel", "--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", str(folder), str(ROOT))
    [path] = folder.iterdir()
    return path


def new_environment(python: str, folder: Path, wheel: Path) -> Path:
    """Make an environment with the wheel and what is locked for it, and return the folder of its programs."""
    subprocess.run([python, "-m", "venv", folder], check=True, capture_output=True)
    programs = folder / "bin"
    pip(
        "install",
        "--no-compile",
        "-r",
        str(ROOT / "requirements/runtime.txt"),
        "--require-hashes",
        python=str(programs / "python"),
    )
    pip("install", "--no-deps", "--no-index", str(wheel), python=str(programs / "python"))
    return programs


def find_python(version: str) -> str | None:
    """An interpreter of this version, if the machine has one."""
    return next((path for path in _candidates(version) if _version(path) == version), None)


def _candidates(version: str) -> Iterator[str]:
    yield sys.executable
    if path := which(f"python{version}"):
        yield path
    root = os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv"
    yield from map(str, sorted(Path(root, "versions").glob(f"{version}.*/bin/python")))


def _version(path: str) -> str:
    code = "import sys; print('.'.join(map(str, sys.version_info[:2])))"
    return subprocess.run([path, "-c", code], capture_output=True, text=True, check=False).stdout.strip()
