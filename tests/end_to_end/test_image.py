"""What is in the image, and what is not."""

import json
import re
import subprocess

import pytest
from packaging.utils import canonicalize_name

from tests.support.locks import pinned
from tools.emulator.container import docker
from tools.emulator.job import ROOT, action

SUPPLY_CHAIN = (ROOT / "docs/supply-chain.md").read_text(encoding="utf-8")

COMPILED = """\
import importlib.util, json, pathlib, sysconfig
modules = list(pathlib.Path(sysconfig.get_path("purelib")).rglob("*.py"))
caches = {path: pathlib.Path(importlib.util.cache_from_source(str(path))) for path in modules}
unchecked = [path for path, cache in caches.items() if cache.exists() and cache.read_bytes()[4:8] == b"\\1\\0\\0\\0"]
print(json.dumps({
    "own": len([path for path in modules if "cognito_action" in path.parts]),
    "slow": [str(path) for path in modules if path not in unchecked],
}))
"""

DISTRIBUTIONS = """\
import importlib.metadata, importlib.util, json, pathlib, platform, sys
def size(distribution):
    files = [pathlib.Path(file.locate()) for file in distribution.files]
    caches = [pathlib.Path(importlib.util.cache_from_source(str(path))) for path in files if path.suffix == ".py"]
    return sum(path.stat().st_size for path in files + caches if path.exists())
print(json.dumps({
    "found": [(each.name, each.version, size(each)) for each in importlib.metadata.distributions()],
    "environment": {"python_full_version": platform.python_version(), "sys_platform": sys.platform},
}))
"""


def _run(image: str, entrypoint: str, *arguments: str) -> str:
    return docker("run", "--rm", "--network", "none", "--entrypoint", entrypoint, image, *arguments)


def test_image_holds_no_installer_and_no_compiler(image: str) -> None:
    """Nothing in the image downloads or builds more code."""
    script = """
        for python in python /venv/bin/python; do
            for module in pip ensurepip; do "$python" -c "import $module" 2>/dev/null && echo "$module of $python"; done
        done
        for tool in gcc cc g++ c++ make ld git curl wget; do command -v "$tool"; done
        ls -d /venv/lib/python*/site-packages/pip* /venv/bin/pip* 2>/dev/null
        true
    """
    assert _run(image, "/bin/sh", "-c", script) == ""


def test_packages_are_the_locked_and_listed_ones(image: str) -> None:
    """The image has exactly what is locked for its platform, and its list has each package with a current size."""
    content = json.loads(_run(image, "/venv/bin/python", "-I", "-c", DISTRIBUTIONS))
    found = {canonicalize_name(name): (version, size) for name, version, size in content["found"]}
    rows = re.findall(r"^\| `([\w-]+)` \|.*\| (\d+\.\d) \|$", SUPPLY_CHAIN, re.MULTILINE)

    locked = pinned("requirements/runtime.txt", **content["environment"])
    assert {f"{name}=={version}" for name, (version, _) in found.items()} == locked
    sizes = {name: size / 1e6 for name, (_, size) in found.items()}
    assert {name: float(size) for name, size in rows} == pytest.approx(sizes, rel=0.2, abs=0.06)


def test_image_is_as_small_as_documented(image: str) -> None:
    """What the image adds to its base is within the documented limit, and about as much as documented."""
    [(stated, limit)] = re.findall(r"adds (\d+\.\d) MB .* more than (\d+) MB\.", SUPPLY_CHAIN, re.DOTALL)

    added = sum(int(size) for size in _run(image, "find", "/venv", "/action", "-type", "f", "-printf", "%s\n").split())

    assert added / 1e6 < int(limit)
    assert added / 1e6 == pytest.approx(float(stated), rel=0.05)


def test_every_module_is_precompiled(image: str) -> None:
    """The package and its dependencies have byte code that each start uses without checking the source."""
    found = json.loads(_run(image, "/venv/bin/python", "-I", "-c", COMPILED))

    assert found["own"] > 10
    assert found["slow"] == []


def test_entrypoints_are_executables_for_root(image: str) -> None:
    """The runner can start what action.yml names, and the image by itself, and is root in the container."""
    runs = [action(folder)["runs"] for folder in ("", "adopt", "delete", "sweep")]
    config = json.loads(docker("image", "inspect", image))[0]["Config"]

    assert config["Entrypoint"] == [runs[0]["entrypoint"]]
    assert config["User"] in ("", "0", "root")
    for entrypoint in (runs[0]["post-entrypoint"], *(each["entrypoint"] for each in runs)):
        assert _run(image, "/bin/sh", "-c", f"test -x {entrypoint} && id -u") == "0\n"


def test_container_started_by_hand_says_what_is_missing(image: str) -> None:
    """Without a runner around it, the image says that it is a step of a workflow, and ends with status 1."""
    process = subprocess.run(
        ["docker", "run", "--rm", "--network", "none", image], capture_output=True, text=True, check=False
    )

    assert (process.returncode, process.stderr) == (1, "")
    assert "The runner's file GITHUB_STATE could not be written" in process.stdout.splitlines()[0]
    assert "Run the action as a step of a workflow," in process.stdout.splitlines()[0]
    assert process.stdout.startswith("::error ")
    assert "Traceback" not in process.stdout
