"""The wheel in a fresh environment of each Python that it supports: the command and the pytest plugin are there."""

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.machine import SHOW, laptop
from tests.support.wheel import build_wheel, find_python, new_environment
from tests.support.world import World


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13"])
def test_installed_command_runs(world: World, wheel: Path, tmp_path: Path, version: str) -> None:
    """`cognito-test-user run` from outside of the repository, with nothing but what the wheel depends on."""
    python = find_python(version)
    if python is None:
        pytest.skip(f"There is no Python {version} here.")
    pool = world.pool("email")
    programs = new_environment(python, tmp_path / "env", wheel)
    machine = replace(laptop(world), program=(str(programs / "cognito-test-user"),))

    ended = machine.run(pool, SHOW, "--client-id", world.app_client(pool), "--users", "admin:\nviewer:\n")

    assert (ended.status, world.account.users(pool)) == (0, [])
    assert {"COGNITO_USERS", "COGNITO_ACCESS_TOKEN"} <= set(ended.handed_over)
    assert re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+\n", machine.use("--version").stdout)
    listed = subprocess.run([programs / "python", "-m", "pip", "check"], capture_output=True, text=True, check=False)
    assert (listed.returncode, listed.stdout.strip()) == (0, "No broken requirements found.")
