"""README's recipes and workflows, as a reader would paste them."""

import re
from dataclasses import dataclass
from typing import Any

import yaml

from tools.emulator.job import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Recipe:
    """The code of one recipe: its workflow steps, and what they run."""

    steps: list[dict[str, Any]]
    python: list[str]
    javascript: list[str]


def _section(title: str) -> str:
    return README.partition(f"\n### {title}\n")[2].partition("\n### ")[0].partition("\n## ")[0]


def recipe(title: str) -> Recipe:
    """The recipe under this heading of README."""
    steps, python, javascript = (
        re.findall(rf"```{language}\n(.*?)```", _section(title), re.DOTALL) for language in ("yaml", "python", "js")
    )
    return Recipe([step for block in steps for step in yaml.safe_load(block)], python, javascript)


def workflow(title: str) -> str:
    """The one workflow under this heading of README."""
    [text] = re.findall(r"```yaml\n(name: .*?)```", _section(title), re.DOTALL)
    return str(text)
