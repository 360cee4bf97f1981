"""README.md is for a reader with two minutes: what the action is, the step, and where to go from there."""

import re

from tests.support.recipes import PAGES, README

TEXT = README.read_text(encoding="utf-8")


def test_first_screen_has_the_step() -> None:
    """A reader who stops there knows what to write in a workflow."""
    assert "    role-to-assume: " in "\n".join(TEXT.splitlines()[:15])


def test_page_is_short() -> None:
    """Anything longer belongs on a page of its own."""
    assert len(TEXT.split()) <= 1_600


def test_table_leads_to_each_recipe() -> None:
    """It links to every recipe page, and to no other."""
    table = TEXT.partition("\n## I want")[2].partition("\n## ")[0]

    assert sorted(re.findall(r"\]\(docs/recipes/([\w-]+\.md)\)", table)) == [page.name for page in PAGES]
