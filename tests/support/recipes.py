"""The recipes of docs/recipes, as a reader would paste them."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.support.world import World
from tools.emulator.account import PERMISSIONS
from tools.emulator.job import ROOT, Job, Stage

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


def own_inputs(world: World, kind: str = "email") -> dict[str, str]:
    """What a reader has to adapt in a step: a pool, an app client for SRP only, and a role."""
    pool = world.pool(kind)
    for group in ("admins", "editors", "viewers"):
        world.account.cognito.create_group(UserPoolId=pool, GroupName=group)
    world.account.cognito.add_custom_attributes(
        UserPoolId=pool, CustomAttributes=[{"Name": "team", "AttributeDataType": "String"}]
    )
    return {
        "user-pool-id": pool,
        "role-to-assume": world.role(pool, [*PERMISSIONS, "AdminAddUserToGroup"]),
        "client-id": world.app_client(pool),
    }


def run_step(world: World, step: Mapping[str, Any], own: Mapping[str, str] | None = None) -> tuple[Job, Stage]:
    """Run the action as the step of a recipe says, with these inputs in place of the recipe's."""
    job = world.job()
    given = {name: str(value).lower() if isinstance(value, bool) else value for name, value in step["with"].items()}
    stage = job.main({**given, **(own or own_inputs(world))})
    assert stage.exit_code == 0, stage.log
    return job, stage


def environ_of(step: Mapping[str, Any], stage: Stage, **others: Mapping[str, str]) -> dict[str, str]:
    """The `env:` of a step, with the two forms of expressions that the recipes use.

    Args:
        step: the step.
        stage: the action's own step.
        others: the outputs of further steps, by their IDs.
    """

    def value(expression: str) -> str:
        if "${{" not in expression:
            return expression
        found = re.fullmatch(r"\$\{\{ steps\.(\w+)\.outputs\.([\w-]+) \}\}", expression)
        if found:
            return others.get(found[1], stage.outputs)[found[2]]
        found = re.fullmatch(r"\$\{\{ fromJSON\(steps\.\w+\.outputs\.([\w-]+)\)\.(\w+)\.([\w-]+) \}\}", expression)
        assert found, expression
        return str(json.loads(stage.outputs[found[1]])[found[2]][found[3]])

    return {name: value(expression) for name, expression in step["env"].items()}


def _page(name: str) -> str:
    return (FOLDER / f"{name}.md").read_text(encoding="utf-8")


def run_pytest(folder: Path, code: str, environ: Mapping[str, str]) -> str:
    """Run a piece of a recipe as a test file, in its own process."""
    (folder / "test_recipe.py").write_text(code, encoding="utf-8")
    process = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_recipe.py"],
        cwd=folder,
        env={"PATH": os.environ["PATH"], **environ},
        capture_output=True,
        text=True,
        check=False,
    )
    return process.stdout.strip().splitlines()[-1].partition(" in ")[0]
