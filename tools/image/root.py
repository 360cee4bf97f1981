"""Gather the root of the image: Python, the action, and of Debian what these need. No shell, no package manager.

Run while the image is built, by the base's Python: `python -X no_debug_ranges -m tools.image.root FOLDER`. The base may have
the official image's Python, in /usr/local, or Debian's, in /usr.
"""

import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from tools.image.byte_code import replace_sources
from tools.image.left_out import is_left_out

FILES = (
    # How Python finds the packages.
    "/venv/pyvenv.cfg",
    # Who root is.
    *("/etc/passwd", "/etc/group"),
    # The public authorities, where OpenSSL and a job's variables look for them.
    *("/etc/ssl/certs/ca-certificates.crt", "/usr/lib/ssl/certs", "/usr/lib/ssl/cert.pem"),
    *("/etc/ssl/openssl.cnf", "/usr/lib/ssl/openssl.cnf"),
    # What scanners go by.
    "/etc/os-release",
)

WRITTEN = {
    Path("/etc/ld.so.conf"): "/usr/local/lib\n",
    Path("/etc/nsswitch.conf"): "hosts: files dns\n",
}
"""Where libraries are beside the system's own folders; that names are looked up in /etc/hosts first."""

GENERATED = {Path("/etc/ssl/certs/ca-certificates.crt"): "ca-certificates"}
"""Files that a package made when it was installed, so that they are in no list of its files."""

DPKG = Path("/var/lib/dpkg")
DOCUMENTATION = Path("/usr/share/doc")


def main(root: Path) -> None:
    """Fill `root`, an empty folder."""
    interpreter = Path("/venv/bin/python")
    library, packages = Path(sysconfig.get_path("stdlib")), Path("/venv/lib")
    for folder in (packages, Path("/action")):
        shutil.copytree(folder, _in(root, folder))
    shutil.copytree(library, _in(root, library), ignore=lambda _, names: set(filter(_is_left_out, names)))
    # Debian has links at the top to the folders in /usr, other ones on each architecture.
    links = [path for path in Path("/").iterdir() if path.is_symlink()]
    for path in (*links, interpreter, *map(Path, FILES)):
        _copy(path, root)
    for path in _libraries([interpreter, *root.rglob("*.so")]):
        _copy(path, root)
    for path, text in WRITTEN.items():
        _write(_in(root, path), text)
    subprocess.run(["ldconfig", "-r", root], check=True)
    _in(root, Path("/tmp")).mkdir()  # noqa: S108 - the image's
    _in(root, Path("/tmp")).chmod(0o1777)  # noqa: S108
    _describe_packages(root)
    for folder in (library, packages):
        replace_sources(_in(root, folder), root)


def _in(root: Path, path: Path) -> Path:
    """Where a file of the base belongs below `root`."""
    return root / path.relative_to("/")


def _copy(path: Path, root: Path) -> None:
    """Copy a file or a link and what it links to, each to the folder that the base really has it in; not a folder."""
    path = path.parent.resolve() / path.name
    target = _in(root, path)
    if not path.is_dir() or path.is_symlink():
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.is_symlink():
            shutil.copy2(path, target, follow_symlinks=False)
    if path.is_symlink():
        _copy(path.parent / path.readlink(), root)


def _is_left_out(name: str) -> bool:
    return name == "__pycache__" or is_left_out(name.partition(".")[0])


def _libraries(users: Iterable[Path]) -> set[Path]:
    """The shared libraries that programs and other libraries need, and the loader."""
    found: set[Path] = set()
    for user in users:
        needed = subprocess.run(["ldd", user], check=True, capture_output=True, text=True).stdout
        found.update(map(Path, re.findall(r"(/\S+) \(0x", needed)))
    return found


def _describe_packages(root: Path) -> None:
    """Have scanners find the Debian packages that the files come from: the status of each, and its license."""
    packages = {**_packages_by_file(), **GENERATED}
    paths = [Path("/", path.relative_to(root)) for path in root.rglob("*") if path.is_file()]
    statuses = _statuses()
    for name in {packages[path] for path in paths if path in packages}:
        _write(_in(root, DPKG / "status.d" / name), f"{statuses[name]}\n")
        _write(_in(root, DOCUMENTATION / name / "copyright"), _license(name, statuses))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _statuses() -> dict[str, str]:
    """What dpkg says of each package that is installed."""
    texts = (DPKG / "status").read_text(encoding="utf-8").strip().split("\n\n")
    return {_field(text, "Package"): text for text in texts}


def _field(status: str, name: str) -> str:
    found = re.search(rf"^{name}: (\S+)", status, re.MULTILINE)
    return found[1] if found else ""


def _license(name: str, statuses: Mapping[str, str]) -> str:
    """The license of a package, which may be with another one that was built from the same source."""
    source = _field(statuses[name], "Source") or name
    related = [other for other in statuses if (_field(statuses[other], "Source") or other) == source]
    texts = [DOCUMENTATION / each / "copyright" for each in (name, *related)]
    return next(path for path in texts if path.exists()).read_text(encoding="utf-8")


@cache
def _packages_by_file() -> dict[Path, str]:
    """The package of each file of the base, by the place where the file really is."""
    return {
        Path(_resolved(folder), name): file.stem.partition(":")[0]
        for file in (DPKG / "info").glob("*.list")
        for folder, _, name in (line.rpartition("/") for line in file.read_text(encoding="utf-8").splitlines())
    }


@cache
def _resolved(folder: str) -> Path:
    return Path(folder or "/").resolve()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
