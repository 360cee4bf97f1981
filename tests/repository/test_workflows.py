"""The repository's workflows: least privilege, time limits, third-party code by commit, no expressions in shells."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml

from tests.support.locks import LOCKS
from tools.emulator.job import ROOT

WORKFLOWS = sorted(path.name for path in (ROOT / ".github/workflows").iterdir())
USES = re.compile(r"^ *(?:- )?uses: (.*)$", re.MULTILINE)
PINNED = re.compile(r"([\w-]+/[\w./-]+)@([0-9a-f]{40}) # v\d+\.\d+\.\d+")

every_workflow = pytest.mark.parametrize("name", WORKFLOWS)


def text(name: str) -> str:
    return (ROOT / ".github/workflows" / name).read_text(encoding="utf-8")


def jobs(name: str) -> Mapping[str, Any]:
    content: Mapping[str, Any] = yaml.safe_load(text(name))["jobs"]
    return content


def steps(name: str) -> Iterator[Mapping[str, Any]]:
    for job in jobs(name).values():
        yield from job.get("steps", [])


@every_workflow
def test_job_has_only_the_permissions_that_it_names(name: str) -> None:
    """The workflow grants none, and each job says what it needs and what for."""
    assert yaml.safe_load(text(name))["permissions"] == {}
    assert [job for job, content in jobs(name).items() if not content.get("permissions")] == []
    given = re.findall(r"^ +[\w-]+: (?:read|write)\b.*$", text(name), re.MULTILINE)
    assert given
    assert [line for line in given if " # to " not in line] == []


@every_workflow
def test_job_has_a_time_limit(name: str) -> None:
    """GitHub's own limit is six hours; a job that calls a workflow has the limits of that workflow."""
    unlimited = [
        job for job, content in jobs(name).items() if "uses" not in content and "timeout-minutes" not in content
    ]

    assert unlimited == []


@every_workflow
def test_third_party_action_is_pinned(name: str) -> None:
    """By its commit, with a version for people to read and Dependabot to update; our own come from the checkout."""
    for uses in USES.findall(text(name)):
        path = uses.partition(" #")[0]
        if path.startswith("./"):
            assert (ROOT / path).is_file() or (ROOT / path / "action.yml").is_file()
        else:
            assert PINNED.fullmatch(uses), uses


def test_action_has_one_commit_everywhere() -> None:
    """A version that is updated is updated in all workflows."""
    pins = {match.groups() for name in WORKFLOWS for match in PINNED.finditer(text(name))}

    assert len(pins) == len({action for action, _ in pins})


@every_workflow
def test_no_expression_is_run_by_a_shell(name: str) -> None:
    """Its value would be code; an environment variable is text."""
    assert [step["run"] for step in steps(name) if "${{" in step.get("run", "")] == []


@every_workflow
def test_checkout_keeps_no_credentials(name: str) -> None:
    """So later steps of the job can't push."""
    checkouts = [step for step in steps(name) if step.get("uses", "").startswith("actions/checkout@")]

    assert [step for step in checkouts if step["with"].get("persist-credentials") is not False] == []


def test_dependabot_checks_every_lock() -> None:
    """And the bounds in pyproject.toml, and nothing that does not exist."""
    updates = yaml.safe_load((ROOT / ".github/dependabot.yml").read_text(encoding="utf-8"))["updates"]
    folders = {update["package-ecosystem"]: set(update.get("directories", ["/"])) for update in updates}

    assert folders["pip"] == {f"/{path.rpartition('/')[0]}" for path in (*LOCKS, "pyproject.toml")}
    packages = {path.parent for path in ROOT.rglob("package-lock.json") if "node_modules" not in path.parts}
    assert folders["npm"] == {f"/{path.relative_to(ROOT)}" for path in packages}
    assert set(folders) == {"pip", "npm", "docker", "github-actions"}


def test_self_test_and_sweep_use_the_same_account() -> None:
    """They are configured by the same variables, and skipped if these are missing."""
    for name, job in (("self-test.yml", "account"), ("sweep.yml", "sweep")):
        assert jobs(name)[job]["if"].startswith("vars.COGNITO_USER_POOL_ID != ''")
        [inputs] = [step["with"] for step in jobs(name)[job]["steps"] if step.get("uses", "").startswith("./")]
        assert inputs["user-pool-id"] == "${{ vars.COGNITO_USER_POOL_ID }}"
        assert inputs["role-to-assume"] == "${{ vars.COGNITO_ROLE }}"
