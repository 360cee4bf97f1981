"""The recipes of docs/recipes, as a reader would paste them."""

import re
from dataclasses import dataclass
from typing import Any

import yaml

from tools.emulator.job import ROOT

README = ROOT / "README.md"

FOLDER = ROOT / "docs/recipes"

PAGES = sorted(FOLDER.glob("*.md"))


@dataclass(frozen=True)
class Recipe:
    """The code of one recipe: its workflow steps, and what they run."""

    steps: list[dict[str, Any]]
    python: list[str]
    javascript: list[str]


def blocks(text: str, language: str) -> list[str]:
    """The code blocks in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def recipe(name: str) -> Recipe:
    """The recipe on the page with this name."""
    text = _page(name)
    steps, python, javascript = (blocks(text, language) for language in ("yaml", "python", "js"))
    return Recipe([step for block in steps for step in yaml.safe_load(block)], python, javascript)


def workflow(name: str) -> str:
    """The only workflow on the page with this name."""
    [text] = blocks(_page(name), "yaml")
    return text


def _page(name: str) -> str:
    return (FOLDER / f"{name}.md").read_text(encoding="utf-8")
