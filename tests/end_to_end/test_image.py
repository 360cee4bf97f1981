"""What is in the image, and what is not."""

import json
import re
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from tests.support.locks import pinned
from tools.benchmark.image import Contents, contents
from tools.emulator.container import docker
from tools.emulator.job import ROOT, action
from tools.image.left_out import MODULES, is_left_out

SUPPLY_CHAIN = (ROOT / "docs/supply-chain.md").read_text(encoding="utf-8")

DISTRIBUTIONS = """\
import csv, importlib.metadata, json, pathlib, platform, sys
def size(distribution):
    rows = csv.reader(distribution.read_text("RECORD").splitlines())
    files = [pathlib.Path(distribution.locate_file(name)) for name, *_ in rows]
    there = {path for file in files for path in (file, file.with_suffix(".pyc")) if path.exists()}
    return sum(path.stat().st_size for path in there)
print(json.dumps({
    "found": [(each.name, each.version, size(each)) for each in importlib.metadata.distributions()],
    "environment": {"python_full_version": platform.python_version(), "sys_platform": sys.platform},
}))
"""

EVERYTHING = """\
import importlib, json, pkgutil, sys
failed = {}
def load(path, prefix=""):
    for module in pkgutil.iter_modules(path):
        name = prefix + module.name
        try:
            package = importlib.import_module(name)
        except ImportError as error:
            failed[name] = error.name or name
        else:
            if module.ispkg:
                load(package.__path__, f"{name}.")
load(None)
print(json.dumps({"failed": failed, "imported": sorted(sys.modules)}))
"""


def _run(image: str, *arguments: str) -> str:
    """Run the image's Python, isolated as the action is."""
    return docker("run", "--rm", "--network", "none", "--entrypoint", "/venv/bin/python", image, "-I", *arguments)


@pytest.fixture(scope="module")
def files(image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[tarfile.TarInfo]]:
    """Everything in the image's file system."""
    container = docker("create", image).strip()
    archive = tmp_path_factory.mktemp("image") / "root.tar"
    try:
        docker("export", "--output", str(archive), container)
    finally:
        docker("rm", container)
    with tarfile.open(archive) as root:
        yield list(root)


def test_python_and_the_action_are_the_only_programs(files: list[tarfile.TarInfo]) -> None:
    """No shell, no package manager, no installer: nothing in the image downloads, builds or starts more code."""
    programs = [file.name for file in files if file.isfile() and file.mode & 0o111 and ".so" not in file.name]
    ours = {f"action/{folder}entrypoint.py" for folder in ("", "adopt/", "delete/", "sweep/")}

    left = set(programs) - ours - {"action/post_entrypoint.py", ".dockerenv", "etc/hosts", "etc/hostname"}
    left -= {"etc/resolv.conf", "dev/console"}
    assert [re.sub(r"[\d.]+$", "", name) for name in left] in (["usr/bin/python"], ["usr/local/bin/python"])
    assert [file.name for file in files if re.search(r"/(pip|ensurepip|setuptools|venv)\b/", file.name)] == []


def test_what_is_left_out_is_not_there(image: str, files: list[tarfile.TarInfo]) -> None:
    """Of the standard library, and of nothing else: no module lacks what the list has no reason for."""
    library = _run(image, "-c", "import os; print(os.path.dirname(os.__file__))").strip().lstrip("/")
    top = {file.name.removeprefix(f"{library}/").split("/")[0] for file in files if file.name.startswith(f"{library}/")}
    extensions = {Path(file.name).name for file in files if f"{library}/lib-dynload/" in file.name}

    assert [name for name in top | extensions if is_left_out(name.partition(".")[0])] == []
    script = "import json, sys; print(json.dumps(sorted(sys.stdlib_module_names)))"
    expected = {name for name in json.loads(_run(image, "-c", script)) if not is_left_out(name)}
    missing = json.loads(_run(image, "-c", _importing(sorted(expected))))
    assert {name for name in missing if name not in ELSEWHERE} == set()
    assert all(reason.endswith(".") and patterns for reason, patterns in MODULES.items())


ELSEWHERE = {"_msi", "_overlapped", "_scproxy", "_winapi", "_wmi", "msvcrt", "nt", "winreg", "winsound"}
"""Modules that Python has on other systems only."""


def _importing(names: list[str]) -> str:
    return (
        "import importlib, json\nfailed = []\n"
        f"for name in {names!r}:\n"
        "    try:\n        importlib.import_module(name)\n    except ImportError as error:\n        failed.append(name)\n"
        "print(json.dumps(failed))"
    )


OPTIONAL = {
    *("OpenSSL", "h2", "js", "mypy", "socks"),
    "botocore.compat",  # which has names of `awscrt` if that is there
    *("_yaml", "yaml._yaml"),  # PyYAML's parser in C
    *("distutils", "codecs", "six.moves"),  # for older Pythons, and for Windows
}
"""What the packages can use if it is there, and do without."""


def test_every_module_can_be_imported(image: str) -> None:
    """Of Python, of the packages and of the action, unless it is about something that is left out."""
    there = json.loads(_run(image, "-W", "ignore", "-c", EVERYTHING))

    assert {"cognito_action.steps.sweep", "botocore.credentials", "pydantic.types", "yaml.loader"} <= {
        *there["imported"]
    }
    failed = {name: missing for name, missing in there["failed"].items() if not is_left_out(missing.partition(".")[0])}
    assert {name for name, missing in failed.items() if missing not in OPTIONAL} == set()


def test_modules_are_compiled_and_have_no_sources(files: list[tarfile.TarInfo]) -> None:
    """Each start uses the byte code as it is; only what the runner starts is a readable program."""
    names = [file.name for file in files]

    assert [name for name in names if name.endswith(".py") and not name.startswith("action/")] == []
    assert [name for name in names if "__pycache__" in name] == []
    assert sum(name.endswith(".pyc") for name in names) > 400


def test_scanners_find_the_packages_of_debian(files: list[tarfile.TarInfo]) -> None:
    """Each library has the status and the license of the package that it comes from, and the release is named."""
    names = {file.name for file in files}
    packages = {name.rpartition("/")[2] for name in names if name.startswith("var/lib/dpkg/status.d/")}

    assert {"libc6", "libssl3t64", "zlib1g"} <= packages
    assert {name for name in packages if f"usr/share/doc/{name}/copyright" not in names} == set()
    assert names >= {"etc/os-release", "usr/lib/os-release"}
    listed = set(re.findall(r"^\| `([\w.+-]+)` \| Debian", SUPPLY_CHAIN, re.MULTILINE))
    assert listed >= {name for name in packages if "python" not in name}


def test_packages_are_the_locked_and_listed_ones(image: str) -> None:
    """The image has exactly what is locked for its platform, and its list has each package with a current size."""
    content = json.loads(_run(image, "-c", DISTRIBUTIONS))
    found = {canonicalize_name(name): (version, size) for name, version, size in content["found"]}
    rows = re.findall(r"^\| `([\w-]+)` \|.*\| (\d+\.\d) \|$", SUPPLY_CHAIN, re.MULTILINE)

    locked = pinned("requirements/runtime.txt", **content["environment"])
    assert {f"{name}=={version}" for name, (version, _) in found.items()} == locked
    sizes = {name: size / 1e6 for name, (_, size) in found.items()}
    assert {name: float(size) for name, size in rows} == pytest.approx(sizes, rel=0.2, abs=0.06)


@pytest.fixture(scope="module")
def measured(image: str) -> Contents:
    return contents(image)


def test_image_is_as_small_as_documented(measured: Contents) -> None:
    """What a fresh runner pulls is within the documented limits, and about as much as documented."""
    [(stated, limit, files)] = re.findall(
        r"(\d+\.\d) MB to pull.* more than (\d+\.\d) MB\s+or (\d+) files", SUPPLY_CHAIN, re.DOTALL
    )

    assert measured.compressed / 1e6 < float(limit)
    assert measured.files < int(files)
    assert measured.compressed / 1e6 == pytest.approx(float(stated), rel=0.05)


def test_entrypoints_are_executables_for_root(image: str, files: list[tarfile.TarInfo]) -> None:
    """The runner can start what action.yml names, and the image by itself, and is root in the container."""
    runs = [action(folder)["runs"] for folder in ("", "adopt", "delete", "sweep")]
    config = json.loads(docker("image", "inspect", image))[0]["Config"]
    modes = {f"/{file.name}": file.mode for file in files}

    assert config["Entrypoint"] == [runs[0]["entrypoint"]]
    assert config["User"] in ("", "0", "root")
    for entrypoint in (runs[0]["post-entrypoint"], *(each["entrypoint"] for each in runs)):
        assert modes[entrypoint] & 0o100
    assert _run(image, "-c", "import os; print(os.getuid())") == "0\n"


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
