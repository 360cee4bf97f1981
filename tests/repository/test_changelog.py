"""CHANGELOG.md has the format that a release reads."""

import re
from datetime import date
from itertools import pairwise

import pytest

from tests.support.markdown import headings
from tools.emulator.job import ROOT

PAGE = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

KINDS = ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")

VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*) - (\d{4}-\d{2}-\d{2})")


def problems(page: str) -> list[str]:
    """What is wrong with the headings of a changelog."""
    found = headings(page)
    versions = [heading.text for heading in found if heading.level == 2]
    wrong = [] if versions[:1] == ["Unreleased"] else ["Unreleased is not first"]
    releases = []
    for text in versions[1:]:
        if match := VERSION.fullmatch(text):
            releases.append((tuple(map(int, match.groups()[:3])), date.fromisoformat(match[4])))
        else:
            wrong.append(text)
    for (newer, later), (older, earlier) in pairwise(releases):
        if newer <= older or later < earlier:
            wrong.append(f"{newer} does not come after {older}")
    return wrong + [heading.text for heading in found if heading.level > 2 and heading.text not in KINDS]


def test_headings_are_versions_with_their_dates() -> None:
    """Unreleased changes come first, then the releases from newest to oldest, with sections of a few kinds."""
    assert problems(PAGE) == []


@pytest.mark.parametrize(
    ("headings", "wrong"),
    [
        ("## Unreleased\n\n### Added\n\n## 1.10.0 - 2026-12-02\n\n## 1.9.3 - 2026-12-02", 0),
        ("## 1.0.0 - 2026-12-01", 1),
        ("## Unreleased\n\n## v1.0.0 - 2026-12-01", 1),
        ("## Unreleased\n\n## 1.0.0 (2026-12-01)", 1),
        ("## Unreleased\n\n## 1.0 - 2026-12-01", 1),
        ("## Unreleased\n\n### New", 1),
        ("## Unreleased\n\n## 1.9.3 - 2026-12-02\n\n## 1.10.0 - 2026-12-01", 1),
        ("## Unreleased\n\n## 1.1.0 - 2026-12-01\n\n## 1.0.0 - 2026-12-02", 1),
    ],
)
def test_wrong_headings_are_found(headings: str, wrong: int) -> None:
    """A version without a date, with a letter in front, or out of order; a section of an unknown kind."""
    assert len(problems(f"# Changelog\n\n{headings}\n")) == wrong
