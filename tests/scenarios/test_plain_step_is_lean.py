"""A step with none of the additional inputs: what they need is neither requested nor imported."""

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.examples import CLAIMED
from tests.support.world import MAIN_CALLS, POST_CALLS, World
from tools.emulator.job import ROOT, Job, Stage

ADDITIONAL = {"pyotp", "yaml"}
"""Packages that only the additional inputs need."""


class WatchedJob(Job):
    """A job whose stages report on stderr what they import."""

    def _launch(self, stage: str, variables: Mapping[str, str], files: Mapping[str, Path]) -> "subprocess.Popen[bytes]":
        entrypoint = ROOT / self.entrypoint(stage).removeprefix("/action/")
        return subprocess.Popen(
            [sys.executable, "-I", "-X", "importtime", entrypoint],
            cwd=self.workspace,
            env={**variables, **{name: str(path) for name, path in files.items()}, "HOME": str(self.folder)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )


def imported(stage: Stage) -> set[str]:
    """The names of all modules that were imported."""
    # Where two threads import at once, a time can come out negative.
    return set(re.findall(r"^import time: +-?\d+ \| +-?\d+ \| +(\S+)$", stage.stderr, re.MULTILINE))


def third_party(stage: Stage) -> set[str]:
    """Those that are neither Python's own nor the action's."""
    ours = {*sys.stdlib_module_names, "cognito_action", "__main__"}
    return {name for name in imported(stage) if name.partition(".")[0] not in ours}


@pytest.fixture
def job(world: World) -> WatchedJob:
    return WatchedJob(world.folder, world.environ)


def test_plain_step_makes_only_the_basic_calls(world: World, job: WatchedJob) -> None:
    """Main makes four and post three, in sessions with two permissions and one."""
    pool = world.pool()

    main = job.main(world.inputs(pool))
    post = job.post()

    assert (main.exit_code, post.exit_code) == (0, 0)
    assert world.aws.calls == [*MAIN_CALLS, *POST_CALLS]
    policies = [json.loads(call["Policy"]) for call in world.aws.parameters("AssumeRoleWithWebIdentity")]
    resource = f"arn:aws:cognito-idp:us-east-1:000000000000:userpool/{pool}"
    assert [policy["Statement"] for policy in policies] == [
        [{"Effect": "Allow", "Action": [f"cognito-idp:{name}" for name in names], "Resource": resource}]
        for names in (["AdminCreateUser", "AdminSetUserPassword"], ["AdminDeleteUser"])
    ]
    assert list(main.outputs) == ["username", "password", "email", "sub"]
    assert list(main.state) == [*CLAIMED, "user-1"]


def test_connection_is_kept_for_the_next_call(world: World, job: WatchedJob) -> None:
    """Calls to Cognito go through one connection, one after the other."""
    job.main(world.inputs(world.pool()))

    ports = {call.operation: call.request.port for call in world.aws.log}
    assert ports["AdminCreateUser"] == ports["AdminSetUserPassword"] != 0


def test_plain_step_imports_nothing_that_only_others_need(world: World, job: WatchedJob) -> None:
    """Neither main nor post does: a job waits for both."""
    main = job.main(world.inputs(world.pool()))
    post = job.post()

    assert (main.exit_code, post.exit_code) == (0, 0)
    assert {"botocore", "pydantic"} <= imported(main)
    assert "botocore" in imported(post)
    assert imported(main) & ADDITIONAL == set()
    assert imported(post) & {*ADDITIONAL, "pydantic"} == set()


@pytest.mark.parametrize(("stage", "most"), [("main", 195), ("post", 145)])
def test_plain_step_imports_few_modules(world: World, job: WatchedJob, stage: str, most: int) -> None:
    """Imports are most of what a step waits for.

    Only those of other projects are counted: our own are small, and Python's own differ from version to version.
    `make bench` measures the time of all of them.
    """
    stages = {"main": job.main(world.inputs(world.pool())), "post": job.post()}

    assert [each.exit_code for each in stages.values()] == [0, 0]
    assert len(third_party(stages[stage])) <= most


def test_step_with_all_inputs_imports_what_they_need(world: World, job: WatchedJob) -> None:
    """The names above are those of packages that exist."""
    pool = world.pool()
    additional = {"users": "a:", "client-id": world.app_client(pool), "auth-flow": "USER_SRP_AUTH"}

    main = job.main({**world.inputs(pool), **additional, "storage-state-origin": "https://app.example.com"})
    post = job.post()

    assert (main.exit_code, post.exit_code) == (0, 0), main.log
    assert imported(main) & ADDITIONAL == ADDITIONAL
    assert imported(post) & ADDITIONAL == set()


@pytest.mark.parametrize("step", ["main", "adopt", "delete", "sweep"])
def test_pydantic_is_imported_while_the_token_is_on_its_way(step: str) -> None:
    """So no step imports it before it runs: its first line asks for the token."""
    script = f"import sys; from cognito_action.steps import {step}; print('pydantic' in sys.modules)"

    assert subprocess.check_output([sys.executable, "-I", "-c", script], text=True) == "False\n"
