"""What is in the image, and what is not."""

import json
import subprocess

from demo.job import action
from tests.end_to_end.conftest import docker

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


def _run(image: str, entrypoint: str, *arguments: str) -> str:
    return docker("run", "--rm", "--network", "none", "--entrypoint", entrypoint, image, *arguments)


def test_image_holds_no_installer_and_no_compiler(image: str) -> None:
    """Nothing in the image fetches or builds further code."""
    script = """
        for python in python /venv/bin/python; do
            for module in pip ensurepip; do "$python" -c "import $module" 2>/dev/null && echo "$module of $python"; done
        done
        for tool in gcc cc g++ c++ make ld git curl wget; do command -v "$tool"; done
        ls -d /venv/lib/python*/site-packages/pip* /venv/bin/pip* 2>/dev/null
        true
    """
    assert _run(image, "/bin/sh", "-c", script) == ""


def test_every_module_is_compiled_for_good(image: str) -> None:
    """Each start finds byte code that needs no look at its source, the package's own and its dependencies'."""
    found = json.loads(_run(image, "/venv/bin/python", "-I", "-c", COMPILED))

    assert found["own"] > 10
    assert found["slow"] == []


def test_entrypoints_are_executables_for_root(image: str) -> None:
    """The runner can start what action.yml names, also where it starts the image alone, and is root in there."""
    runs = [action(folder)["runs"] for folder in ("", "adopt", "delete", "sweep")]
    config = json.loads(docker("image", "inspect", image))[0]["Config"]

    assert config["Entrypoint"] == [runs[0]["entrypoint"]]
    assert config["User"] in ("", "0", "root")
    for entrypoint in (runs[0]["post-entrypoint"], *(each["entrypoint"] for each in runs)):
        assert _run(image, "/bin/sh", "-c", f"test -x {entrypoint} && id -u") == "0\n"


def test_container_started_by_hand_says_what_is_missing(image: str) -> None:
    """Without a runner around it, the image asks for its inputs and ends with status 1 and no traceback."""
    process = subprocess.run(
        ["docker", "run", "--rm", "--network", "none", image], capture_output=True, text=True, check=False
    )

    assert (process.returncode, process.stderr) == (1, "")
    assert "user-pool-id: is required" in process.stdout.splitlines()[0]
    assert process.stdout.startswith("::error ")
    assert "Traceback" not in process.stdout
