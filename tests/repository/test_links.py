"""Each link from one page of the repository to another works."""

from pathlib import Path

import pytest

from tests.support.markdown import anchors, links, pages
from tools.emulator.job import ROOT


def broken_links(page: Path) -> list[str]:
    """The links on a page to files and headings that do not exist."""
    wrong = []
    for link in links(page.read_text(encoding="utf-8")):
        if ":" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target.read_text(encoding="utf-8"))):
            wrong.append(link)
    return wrong


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_on_the_page_work(page: Path) -> None:
    """They lead to a file that exists, and to a heading that is in it."""
    assert broken_links(page) == []


def test_broken_links_are_found(tmp_path: Path) -> None:
    """A missing file, a missing heading, and a heading inside a code block; the others are good."""
    (tmp_path / "other.md").write_text(
        "# One & two\n\n## `a <b>` c\n\n## Same\n\n## Same\n\n```sh\n# no heading\n```\n"
    )
    page = tmp_path / "page.md"
    page.write_text(
        "# Page\n[1](other.md) [2](other.md#one--two) [3](other.md#a-b-c) [4](#page) [`5`](other.md#same-1) [6\n"
        "lines](https://example.com/#x) `[7](nowhere.md)`\n[8](nowhere.md) [9](other.md#no-heading) [10](#one) [11](other.md#same-2)\n"
    )

    assert broken_links(page) == ["nowhere.md", "other.md#no-heading", "#one", "other.md#same-2"]


def test_all_pages_are_checked() -> None:
    """Those in the root and in the folders, but none that were installed."""
    names = {str(page.relative_to(ROOT)) for page in pages()}

    assert {"README.md", "docs/troubleshooting.md"} <= names
    assert not [name for name in names if "node_modules" in name]
