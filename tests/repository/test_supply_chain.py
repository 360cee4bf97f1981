"""Only locked packages are installed, and all of them are audited."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.locks import LOCKS, lines, pinned
from tools.emulator.http import Answer, Request, serving
from tools.emulator.job import ROOT

LINE = re.compile(r"[a-z0-9-]+(\[[^\]]+\])?==[^\s*]+( ; [^\\@]+?)?( --hash=sha256:[0-9a-f]{64})+")


@pytest.mark.parametrize("lock", LOCKS)
def test_packages_are_locked_to_one_version_and_its_hashes(lock: str) -> None:
    """Nothing else is in a lock file: no unpinned version, no address, no option."""
    assert lines(lock)
    assert [line for line in lines(lock) if not LINE.fullmatch(line)] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_names_no_address(lock: str) -> None:
    """Not even in its comments, where the tool that writes the lock may note an index."""
    assert "://" not in (ROOT / lock).read_text(encoding="utf-8")


@pytest.mark.parametrize("folder", ["tools/benchmark/node", "tests/javascript", "tests/javascript/nextjs"])
def test_javascript_is_locked_by_hashes_and_names_no_address(folder: str) -> None:
    """npm gets each package from whatever registry it is configured with, and checks its hash."""
    content = json.loads((ROOT / folder / "package-lock.json").read_text(encoding="utf-8"))
    packages = {path: package for path, package in content["packages"].items() if path}

    assert packages
    assert [path for path, package in packages.items() if not package.get("integrity", "").startswith("sha512-")] == []
    assert [path for path, package in packages.items() if "resolved" in package] == []


@pytest.mark.parametrize(("file", "count"), [("Makefile", 3), ("Dockerfile", 1)])
def test_pip_installs_only_by_hashes(file: str, count: int) -> None:
    """There is no exception: the project itself needs no installation."""
    text = (ROOT / file).read_text(encoding="utf-8")
    commands = re.findall(r"^.*\bpip\b.*\binstall\b.*$", text, re.MULTILINE | re.IGNORECASE)

    assert len(commands) == count
    assert all("--require-hashes -r" in command for command in commands)


def test_audit_asks_about_every_locked_package(tmp_path: Path) -> None:
    """It asks a fake service about those of this platform; a package with an advisory fails the audit."""
    asked = set()

    def respond(request: Request) -> Answer:
        query = json.loads(request.body)
        name = query["package"]["name"]
        asked.add(f"{name}=={query['version']}")
        advisory = {"id": "X", "published": "2026-01-01T00:00:00Z", "summary": "", "affected": []}
        return Answer(200, json.dumps({"vulns": [advisory] if name == "ministack" else []}).encode())

    dry_run = subprocess.run(["make", "--dry-run", "audit"], cwd=ROOT, capture_output=True, text=True, check=True)
    commands = [shlex.split(line) for line in dry_run.stdout.splitlines() if "pip-audit" in line]
    with serving(respond) as url:
        codes = [
            subprocess.run(
                [
                    Path(sys.executable).parent / "pip-audit",
                    *options,
                    "--vulnerability-service=osv",
                    f"--osv-url={url}",
                ],
                cwd=ROOT,
                env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
                capture_output=True,
                check=False,
            ).returncode
            for _, *options in commands
        ]

    assert codes == [0, 1, 0]
    assert asked == set.union(*(pinned(lock) for lock in LOCKS))
