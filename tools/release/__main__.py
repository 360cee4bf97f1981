"""The steps of release.yml: `python3 -m tools.release STEP ...`."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from tools.release import Refused
from tools.release.changelog import notes
from tools.release.contents import check_contents
from tools.release.image import FILES, digest_in, point, pointed_at
from tools.release.repository import Repository
from tools.release.version import check, released

FOLDER = Path.cwd()
REPOSITORY = Repository(FOLDER)


def _read(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def check_version(version: str) -> None:
    """Refuse a version that can't be released from this commit."""
    check(version, _read("pyproject.toml"), REPOSITORY.tags())
    notes(_read("CHANGELOG.md"), version)


def print_notes(version: str) -> None:
    """Print what CHANGELOG.md says about a version."""
    print(notes(_read("CHANGELOG.md"), version), end="")


def print_digest(key: str) -> None:
    """Print the digest that docker reports for the pushed image."""
    print(digest_in(sys.stdin.read(), key))


def check_sbom() -> None:
    """Refuse an image whose list of contents, on stdin, does not have what is in it."""
    check_contents(sys.stdin.read(), _read("requirements/runtime.txt"))


def point_actions(image: str) -> None:
    """Point all actions at an image. Either all of them are rewritten, or none."""
    pointed = {name: point(_read(name), image) for name in FILES}
    for name, text in pointed.items():
        (FOLDER / name).write_text(text, encoding="utf-8")


def print_images() -> None:
    """Print the image of each release, oldest first."""
    for version in released(REPOSITORY.tags()):
        for image in sorted({pointed_at(REPOSITORY.file(f"v{version}", name)) for name in FILES}):
            print(image)


STEPS: Mapping[str, Callable[..., None]] = {
    "check": check_version,
    "contents": check_sbom,
    "digest": print_digest,
    "images": print_images,
    "notes": print_notes,
    "point": point_actions,
    "tag": REPOSITORY.tag,
}

try:
    STEPS[sys.argv[1]](*sys.argv[2:])
except Refused as refused:
    sys.exit(f"::error::{str(refused).replace('%', '%25').replace(chr(10), '%0A')}")
