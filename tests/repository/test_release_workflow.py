"""The commands of release.yml, with a fake docker and gh that only record their arguments."""

import itertools
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.releases import new_checkout
from tools.emulator.job import ROOT
from tools.emulator.workflow_commands import parse_file

DIGEST = f"sha256:{'0123456789abcdef' * 4}"

# Each records its arguments; docker also writes what the real one would write.
DOCKER = """\
#!/usr/bin/env bash
printf '%s\\n' "${*@Q}" >> "$CALLS"
case "$1 $2" in
  "login ghcr.io") test "$(cat)" = secret ;;
  "buildx build") echo "$METADATA" > "${@: -1}" ;;
  "buildx imagetools") test "$3" != inspect || case "${@: -1}" in *SBOM*) echo "$SBOM" ;; *) echo "$MANIFEST" ;; esac ;;
esac
"""

RECORD = """\
#!/usr/bin/env bash
printf '%s\\n' "${*@Q}" >> "$CALLS"
"""

# Like the runner's own Python, which has no packages.
PYTHON = f"""\
#!/bin/sh
PYTHONPATH={ROOT} PYTHONDONTWRITEBYTECODE=1 exec {sys.executable} -S "$@"
"""


def sbom(*, without: str = "") -> str:
    """What docker says about the contents of an image for two architectures."""
    names = [
        *re.findall(r"^([\w.-]+)==", (ROOT / "requirements/runtime.txt").read_text(encoding="utf-8"), re.MULTILINE)
    ]
    packages = [{"name": name} for name in (*names, "libc6", "libssl3t64", "cognito-test-user") if name != without]
    full = [{"name": name} for name in (*names, "libc6", "libssl3")]
    return json.dumps({"linux/amd64": {"SPDX": {"packages": full}}, "linux/arm64": {"SPDX": {"packages": packages}}})


ENVIRON = {
    "TOKEN": "secret",
    "GITHUB_ACTOR": "octocat",
    "GITHUB_REPOSITORY": "Octo-Org/Cognito-Test-User",
    "GITHUB_RUN_ID": "9876543210",
    "MANIFEST": json.dumps({"mediaType": "x", "digest": DIGEST, "size": 1}),
    "SBOM": sbom(),
    "METADATA": json.dumps({"containerimage.digest": DIGEST}),
}

IMAGE = "ghcr.io/octo-org/cognito-test-user"


def workflow(name: str) -> Mapping[str, Any]:
    content: Mapping[str, Any] = yaml.safe_load((ROOT / f".github/workflows/{name}").read_text(encoding="utf-8"))
    return content


class Machine:
    """A runner with fake tools.

    Args:
        folder: an empty folder.
        workspace: the checkout.
    """

    def __init__(self, folder: Path, workspace: Path = ROOT) -> None:
        self.folder = folder
        self.workspace = workspace
        self.output = folder / "output"
        self.output.touch()
        for name, script in (
            ("docker", DOCKER),
            ("gh", RECORD),
            ("make", RECORD),
            ("sudo", RECORD),
            ("python3", PYTHON),
        ):
            path = folder / "tools" / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(script, encoding="utf-8")
            path.chmod(0o755)

    def run(self, step: Mapping[str, Any], **environ: str) -> "subprocess.CompletedProcess[str]":
        """Run a step as GitHub does if the shell is named explicitly."""
        variables = {
            **ENVIRON,
            "PATH": f"{self.folder / 'tools'}:{os.environ['PATH']}",
            "CALLS": str(self.folder / "calls"),
            "RUNNER_TEMP": str(self.folder),
            "GITHUB_OUTPUT": str(self.output),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
        }
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=self.workspace,
            env={**variables, **environ},
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def calls(self) -> list[list[str]]:
        """The arguments of each call of a tool, in order."""
        return [shlex.split(line) for line in (self.folder / "calls").read_text().splitlines()]

    @property
    def outputs(self) -> dict[str, str]:
        """The outputs of the steps."""
        return parse_file(self.output.read_text())


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def steps(job: str) -> list[Mapping[str, Any]]:
    """The steps of a job that run commands."""
    return [step for step in workflow("release.yml")["jobs"][job]["steps"] if "run" in step]


def needed_by(job: str) -> set[str]:
    """The jobs that have passed when a job starts."""
    needs = workflow("release.yml")["jobs"][job].get("needs", [])
    direct = {needs} if isinstance(needs, str) else set(needs)
    return direct.union(*(needed_by(each) for each in direct))


def test_each_architecture_is_pushed_by_its_digest(machine: Machine) -> None:
    """Without a tag, but with an SBOM and its provenance; the name has to be in lower case."""
    [push] = steps("build")

    process = machine.run(push, ARCHITECTURE="arm64")

    assert process.returncode == 0, process.stderr
    [login, _, build] = machine.calls
    assert login == ["login", "ghcr.io", "--username", "octocat", "--password-stdin"]
    assert {"--platform", "linux/arm64", "--sbom=true", "--provenance=mode=max"} <= set(build)
    [output] = [build[n + 1] for n, option in enumerate(build) if option == "--output"]
    assert output == f"type=image,name={IMAGE},push-by-digest=true,name-canonical=true,push=true"
    assert "--tag" not in build
    assert machine.outputs == {"arm64": DIGEST}


def test_image_without_a_digest_ends_the_release(machine: Machine) -> None:
    """There is nothing to join."""
    [push] = steps("build")

    assert machine.run(push, ARCHITECTURE="amd64", METADATA="{}").returncode != 0
    assert machine.outputs == {}


def test_architectures_are_joined_into_one_image(machine: Machine) -> None:
    """Its digest comes from the registry; the tag, which is no version, keeps cleanups of untagged images away."""
    [push] = steps("join")

    process = machine.run(push, AMD64="sha256:1", ARM64="sha256:2")

    assert process.returncode == 0, process.stderr
    tag = f"{IMAGE}:run-9876543210"
    create = ["buildx", "imagetools", "create", "--tag", tag, f"{IMAGE}@sha256:1", f"{IMAGE}@sha256:2"]
    assert create in machine.calls
    assert machine.outputs == {"name": IMAGE, "digest": DIGEST}


@pytest.mark.parametrize("without", ["libc6", "libssl3t64", "botocore", "pydantic-core"])
def test_image_whose_contents_scanners_do_not_see_is_not_released(machine: Machine, without: str) -> None:
    """For one of the architectures is enough."""
    [push] = steps("join")

    process = machine.run(push, AMD64="sha256:1", ARM64="sha256:2", SBOM=sbom(without=without))

    assert process.returncode != 0
    assert "contents linux/arm64 lacks " in process.stderr
    assert machine.outputs == {}


@pytest.mark.parametrize("answer", ["null", "{}"])
def test_image_without_a_list_of_contents_is_not_released(machine: Machine, answer: str) -> None:
    """As it is if the builder could not make one."""
    [push] = steps("join")

    assert machine.run(push, AMD64="sha256:1", ARM64="sha256:2", SBOM=answer).returncode != 0
    assert machine.outputs == {}


def test_image_is_tested_by_its_digest_and_without_a_login(machine: Machine) -> None:
    """It is pulled as a user's runner pulls it, before anything points at it."""
    [step] = steps("try")
    name = step["env"]["IMAGE_UNDER_TEST"]

    process = machine.run(step, IMAGE=f"{IMAGE}@{DIGEST}", IMAGE_UNDER_TEST=name)

    assert process.returncode == 0, process.stderr
    assert machine.calls == [
        ["pull", f"{IMAGE}@{DIGEST}"],
        ["tag", f"{IMAGE}@{DIGEST}", name],
        ["sysctl", "net.ipv4.ip_unprivileged_port_start=443"],
        ["image"],
    ]


def test_release_is_published_from_a_draft_of_its_tag(tmp_path: Path) -> None:
    """The tags of image and commit come first, and the tagged actions run the image; the text is from CHANGELOG.md."""
    checkout = new_checkout(tmp_path)
    machine = Machine(tmp_path, checkout.folder)

    for step in (*steps("check"), *steps("publish")):
        process = machine.run(step, IMAGE=f"{IMAGE}@{DIGEST}", VERSION="1.2.3")
        assert process.returncode == 0, process.stderr

    assert "refs/tags/v1.2.3" in checkout.git("ls-remote", "origin")
    assert f"docker://{IMAGE}@{DIGEST}" in checkout.git("show", "v1.2.3:sweep/action.yml")
    assert (tmp_path / "notes.md").read_text(encoding="utf-8").startswith("### Added\n")
    notes = str(tmp_path / "notes.md")
    assert machine.calls == [
        ["login", "ghcr.io", "--username", "octocat", "--password-stdin"],
        ["buildx", "imagetools", "create", "--tag", f"{IMAGE}:1.2.3", f"{IMAGE}@{DIGEST}"],
        ["buildx", "imagetools", "inspect", f"{IMAGE}:1.2.3", "--format", "{{json .Manifest}}"],
        ["auth", "setup-git"],
        ["release", "create", "v1.2.3", "--draft", "--verify-tag", "--title", "1.2.3", "--notes-file", notes],
        ["release", "edit", "v1.2.3", "--draft=false"],
    ]


def test_image_without_a_digest_is_not_published(tmp_path: Path) -> None:
    """The first step refuses it, and the job ends there."""
    machine = Machine(tmp_path, new_checkout(tmp_path).folder)

    assert machine.run(steps("publish")[0], IMAGE=IMAGE).returncode != 0

    assert not (tmp_path / "calls").exists()


def test_release_of_something_else_than_was_tested_is_not_published(tmp_path: Path) -> None:
    """The version has to be on the digest that was tested; otherwise no commit is tagged."""
    machine = Machine(tmp_path, new_checkout(tmp_path).folder)
    point, tag_image, *_ = steps("publish")
    tested = f"{IMAGE}@{DIGEST}"
    other = DIGEST.replace("0", "f")

    assert machine.run(point, IMAGE=tested).returncode == 0
    process = machine.run(tag_image, IMAGE=tested, VERSION="1.2.3", MANIFEST=json.dumps({"digest": other}))

    assert process.returncode != 0
    assert process.stdout == f"::error::The tag 1.2.3 is on {other}, and {tested} was tested.\n"


def test_release_whose_notes_are_missing_is_not_created(tmp_path: Path) -> None:
    """An error in the first command of the step ends the step."""
    machine = Machine(tmp_path, new_checkout(tmp_path).folder)

    assert machine.run(steps("publish")[-1], VERSION="1.2.4").returncode != 0

    assert not (tmp_path / "calls").exists()


def test_nothing_gets_the_version_before_the_image_was_tested(tmp_path: Path) -> None:
    """No step that can run before `try` has passed tags the image with a version, pushes a tag, or makes a release."""
    checkout = new_checkout(tmp_path)
    machine = Machine(tmp_path, checkout.folder)
    jobs = workflow("release.yml")["jobs"]
    environ = {"AMD64": "sha256:1", "ARM64": "sha256:2", "ARCHITECTURE": "amd64", "IMAGE_UNDER_TEST": "local:image"}

    early = [job for job in jobs if "try" not in needed_by(job)]
    for step in itertools.chain.from_iterable(steps(job) for job in early if "steps" in jobs[job]):
        process = machine.run(step, IMAGE=f"{IMAGE}@{DIGEST}", VERSION="1.2.3", **environ)
        assert process.returncode == 0, process.stderr

    assert early == [job for job in jobs if job != "publish"]
    tags = [call[n + 1] for call in machine.calls for n, option in enumerate(call) if option in ("-t", "--tag")]
    assert tags == [f"{IMAGE}:run-9876543210"]
    assert [call for call in machine.calls if call[0] in ("push", "release", "api")] == []
    assert checkout.git("ls-remote", "--tags", "origin") == ""
    used = {step["uses"].partition("@")[0] for job in early for step in jobs[job].get("steps", []) if "uses" in step}
    assert used == {"actions/checkout", "actions/attest-build-provenance"}


def test_every_released_image_is_pulled_for_both_architectures(machine: Machine) -> None:
    """A missing one fails the run, after the others were tried."""
    [step] = [step for step in workflow("images.yml")["jobs"]["pull"]["steps"] if "run" in step]
    (machine.folder / "tools/python3").write_text("#!/bin/sh\necho one\necho two\n", encoding="utf-8")

    assert machine.run(step).returncode == 0

    platforms = ("linux/amd64", "linux/arm64")
    assert machine.calls == [
        ["pull", "--platform", platform, image] for platform in platforms for image in ("one", "two")
    ]
    (machine.folder / "tools/docker").write_text("#!/bin/sh\ntest $4 != one\n", encoding="utf-8")
    assert machine.run(step).returncode != 0


def test_nothing_is_pulled_before_the_first_release(machine: Machine) -> None:
    """That is not a failure."""
    [step] = [step for step in workflow("images.yml")["jobs"]["pull"]["steps"] if "run" in step]
    (machine.folder / "tools/python3").write_text("#!/bin/sh\n", encoding="utf-8")

    assert machine.run(step).returncode == 0
    assert not (machine.folder / "calls").exists()


def test_newest_release_is_measured_where_jobs_run(machine: Machine) -> None:
    """What it takes to pull and to start, and its size; before the first release there is nothing to measure."""
    [newest] = [step for step in workflow("images.yml")["jobs"]["measure"]["steps"] if "newest" in step.get("name", "")]
    summary = machine.folder / "summary"
    python = machine.folder / "tools/python3"
    python.write_text("#!/bin/sh\ncase $2 in *release) ;; *) exit 1 ;; esac\n", encoding="utf-8")
    assert machine.run(newest, GITHUB_STEP_SUMMARY=str(summary)).returncode == 0
    assert not summary.exists()

    python.write_text("#!/bin/sh\ncase $2 in *release) echo one; echo two ;; *) echo $3 is small ;; esac\n")
    assert machine.run(newest, GITHUB_STEP_SUMMARY=str(summary)).returncode == 0
    assert [call[0] for call in machine.calls] == ["pull", "run"]
    lines = summary.read_text().splitlines()
    assert (lines[0], lines[3]) == ("`two`", "* two is small")
    assert re.fullmatch(r"\* pulled in [0-9.]+ s", lines[1])

    python.write_text("#!/bin/sh\ncase $2 in *release) echo two ;; *) exit 1 ;; esac\n")
    (machine.folder / "tools/docker").write_text("#!/bin/sh\nexit 1\n")
    assert machine.run(newest, GITHUB_STEP_SUMMARY=str(summary)).returncode != 0


def test_jobs_run_in_order() -> None:
    """Nothing is built before the tests pass, nothing tagged before the image is tested, and only main is released."""
    jobs = workflow("release.yml")["jobs"]
    order = ["check", "test", "build", "join", "try", "publish"]

    assert list(jobs) == order
    for before, job in itertools.pairwise(order):
        assert before in jobs[job]["needs"]
    assert jobs["check"]["if"] == "github.ref == 'refs/heads/main'"
    assert [job for job in order if jobs[job]["permissions"].get("contents") == "write"] == ["publish"]


def test_docs_describe_every_job() -> None:
    """In the order in which they run, and after the settings that no file can hold."""
    docs = (ROOT / "docs/releasing.md").read_text(encoding="utf-8")

    assert re.findall(r"^\| `(\w+)` \|", docs, re.MULTILINE) == list(workflow("release.yml")["jobs"])
    assert "`## 1.2.3 - 2026-12-01`" in docs
    assert docs.index("## Before the first release") < docs.index("## How a release is made")


def test_machine_has_the_architecture_that_it_builds() -> None:
    """Each image is built and tested without emulation; the outputs are named after the architectures."""
    release, ci = workflow("release.yml")["jobs"], workflow("ci.yml")["jobs"]
    legs = [job["strategy"]["matrix"]["include"] for job in (release["build"], release["try"], ci["image"])]

    assert legs[0] == legs[1] == legs[2]
    for leg in legs[0]:
        assert leg["machine"].endswith("-arm") == (leg["architecture"] == "arm64")
    assert set(release["build"]["outputs"]) == {leg["architecture"] for leg in legs[0]}
    used = re.findall(r"needs\.build\.outputs\.(\w+)", (ROOT / ".github/workflows/release.yml").read_text())
    assert set(used) == set(release["build"]["outputs"])
