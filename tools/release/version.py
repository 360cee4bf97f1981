"""Whether a version may be released: it has to be semantic, new, the highest, and the project's own."""

import re
import tomllib
from collections.abc import Iterable

from tools.release import Refused

VERSION = re.compile(r"(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})", re.ASCII)


def parse(version: str) -> tuple[int, ...]:
    """The three numbers of a version, which compare as versions do."""
    match = VERSION.fullmatch(version)
    if match is None:
        raise Refused(f"{version!r} is not a version of the form 1.2.3.")
    return tuple(map(int, match.groups()))


def released(tags: Iterable[str]) -> list[str]:
    """The versions among a repository's tags, lowest first."""
    versions = (tag.removeprefix("v") for tag in tags if tag.startswith("v"))
    return sorted((version for version in versions if VERSION.fullmatch(version)), key=parse)


def check(version: str, project: str, tags: Iterable[str]) -> None:
    """Refuse a version that is not the next one of the project, whose pyproject.toml is `project`."""
    numbers = parse(version)
    if released(tags) and numbers <= parse(released(tags)[-1]):
        raise Refused(f"{version} is not higher than {released(tags)[-1]}, which is released.")
    own = tomllib.loads(project)["project"]["version"]
    if own != version:
        raise Refused(f"pyproject.toml says {own}, not {version}.")
