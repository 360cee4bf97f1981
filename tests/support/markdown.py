"""The repository's Markdown files, as GitHub shows them: headings, their anchors, and links."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.emulator.job import ROOT

_FENCED = re.compile(r"^(`{3,}|~{3,})[^`\n]*\n.*?^\1`*$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^(#{1,6}) +(.+?)(?: +#+)?$", re.MULTILINE)
_CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_LINK = re.compile(r"\[(?:[^\[\]]|\[[^\[\]]*\])*\]\(<?([^()\s>]+)>?(?: +\"[^\"]*\")?\)")
_NO_PAGES = {"node_modules", ".venv", ".venv-emulator", ".venv-aws-cli", ".git", ".pytest_cache"}


@dataclass(frozen=True)
class Heading:
    """One heading: its level, and the text that a reader sees."""

    level: int
    text: str


def pages() -> list[Path]:
    """All of the repository's own Markdown files."""
    return sorted(path for path in ROOT.rglob("*.md") if not _NO_PAGES & set(path.relative_to(ROOT).parts))


def headings(page: str) -> list[Heading]:
    """The headings of a page."""
    found = _HEADING.findall(_FENCED.sub("", page))
    return [Heading(len(marks), _plain(text)) for marks, text in found]


def anchors(page: str) -> set[str]:
    """The anchors that a link can name: lower case, punctuation dropped, hyphens for spaces, repetitions numbered."""
    seen: Counter[str] = Counter()
    found = set()
    for heading in headings(page):
        anchor = re.sub(r"[^\w\- ]", "", heading.text.lower()).replace(" ", "-")
        found.add(f"{anchor}-{seen[anchor]}" if seen[anchor] else anchor)
        seen[anchor] += 1
    return found


def links(page: str) -> Iterator[str]:
    """The targets of a page's links, except those in code."""
    for found in _LINK.finditer(_CODE.sub("code", _FENCED.sub("", page))):
        yield found[1]


def _plain(text: str) -> str:
    """A heading without code and link markup; like GitHub, it drops one space at each end of code."""
    text = re.sub(r"\[(.*?)\]\(.*?\)", r"\1", text)
    return _CODE.sub(lambda code: re.sub(r"^ (.*) $", r"\1", code[2]), text)
