"""The section of CHANGELOG.md about one version."""

import re
from datetime import date

from tools.release import Refused


def notes(changelog: str, version: str) -> str:
    """The text under a heading such as `## 1.2.3 - 2026-12-01`."""
    for section in re.split(r"^## ", changelog, flags=re.MULTILINE)[1:]:
        heading, _, text = section.partition("\n")
        name, _, day = heading.partition(" - ")
        if name == version:
            _check(day, text, version)
            return f"{text.strip()}\n"
    raise Refused(f"CHANGELOG.md has no section `## {version} - YYYY-MM-DD`.")


def _check(day: str, text: str, version: str) -> None:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", day, re.ASCII) or not _is_date(day):
        raise Refused(f"CHANGELOG.md needs a valid date (YYYY-MM-DD) for {version}, but has {day or 'none'}.")
    if not re.sub(r"^#.*$", "", text, flags=re.MULTILINE).strip():
        raise Refused(f"CHANGELOG.md says nothing about {version}.")


def _is_date(day: str) -> bool:
    try:
        date.fromisoformat(day)
    except ValueError:
        return False
    return True
