"""README.md is for somebody with two minutes: what it is, the step, and where to go from there."""

import re

from tests.support.recipes import PAGES, README

TEXT = README.read_text(encoding="utf-8")


def test_first_screen_has_the_step() -> None:
    """Whoever reads no further knows what to write in a workflow."""
    assert "    role-to-assume: " in "\n".join(TEXT.splitlines()[:15])


def test_page_is_short() -> None:
    """What is longer belongs to a page of its own."""
    assert len(TEXT.split()) <= 1_600


def test_each_recipe_is_one_of_the_things_to_want() -> None:
    """The table leads to every page, and to no other."""
    table = TEXT.partition("\n## I want")[2].partition("\n## ")[0]

    assert sorted(re.findall(r"\]\(docs/recipes/([\w-]+\.md)\)", table)) == [page.name for page in PAGES]
