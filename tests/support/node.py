"""The JavaScript clients of Cognito, which the action is tested against: the scripts of `tests/javascript`."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import pytest

from tools.emulator.http import answers

FOLDER = Path(__file__).parent.parent / "javascript"
INSTALLED = FOLDER / "node_modules/ready"


def run_node(script: str, data: Any) -> Any:
    """Run a script with `data` as JSON on its stdin, and return the JSON that it prints.

    If Node or its packages are missing, the test is skipped, or fails with `REQUIRE_NODE=1`.
    """
    require_packages()
    process = subprocess.run(
        ["node", FOLDER / f"{script}.js"],
        input=json.dumps(data),
        env=node_environ(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    return json.loads(process.stdout)


def node_environ() -> dict[str, str]:
    """What Node.js needs of the environment, and nothing else of it."""
    return {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}


def require_node() -> None:
    """Skip the test if Node.js is missing, or fail it with `REQUIRE_NODE=1`."""
    if shutil.which("node") is None:
        _give_up("Node.js is missing.")


def require_packages(installed: Path = INSTALLED, target: str = "test") -> None:
    """Skip the test if Node.js or the packages that `make` installs are missing, or fail it with `REQUIRE_NODE=1`."""
    if shutil.which("node") is None or not installed.exists():
        _give_up(
            f"Node.js or the packages of {installed.parents[1].relative_to(FOLDER.parents[1])} are missing: "
            f"install Node.js 20.9 or later, and `make {target}`."
        )


@contextmanager
def node_server(command: list[str | Path], folder: Path, environ: Mapping[str, str], port: int) -> Iterator[None]:
    """Run a server in `folder`, from its first answer on this port of loopback."""
    log = folder / "log"
    with open(log, "wb") as output:
        process = subprocess.Popen(
            ["node", *command], cwd=folder, env=environ, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
    try:
        deadline = time.monotonic() + 30
        while not answers("127.0.0.1", port, "/"):
            assert process.poll() is None, log.read_text(encoding="utf-8")
            assert time.monotonic() < deadline, log.read_text(encoding="utf-8")
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait()


@dataclass(frozen=True)
class Browser:
    """A Chromium: its executable, and the environment variables that it needs."""

    executable: str
    environ: dict[str, str]


def find_browser() -> Browser:
    """The Chromium in `tests/javascript`, or the installed one if that folder has none for this machine."""
    packaged = INSTALLED.with_name(".chromium")
    if (packaged / "chromium").exists():
        libraries, fonts = packaged / "al2023/lib", packaged / "fonts"
        return Browser(str(packaged / "chromium"), {"LD_LIBRARY_PATH": str(libraries), "FONTCONFIG_PATH": str(fonts)})
    installed = shutil.which("chromium") or shutil.which("google-chrome")
    return Browser(installed, {}) if installed else _give_up("There is no Chromium for this machine.")


def _give_up(reason: str) -> NoReturn:
    if os.environ.get("REQUIRE_NODE") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
