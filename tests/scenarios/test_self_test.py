"""The self-test that runs on GitHub, with its steps taken from the workflow and run as the runner would."""

import errno
import json
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from tests.support.node import require_node
from tools.emulator.account import Account
from tools.emulator.github import SUBJECT, token_service
from tools.emulator.job import ROOT, Job, action, input_variables
from tools.emulator.workflow_commands import parse_file

# On GitHub, the emulator listens on the address by which containers reach their host; here, on loopback.
DOCKER = """\
#!/bin/sh
test "$*" = "network inspect bridge --format {{(index .IPAM.Config 0).Gateway}}" && echo 127.0.0.1
"""

SETTING_UP = ("actions/checkout@", "make ")

AFTERWARDS = ".github/actions/afterwards"


@dataclass
class Runner:
    """A runner that is set up, and runs one job of the workflow."""

    folder: Path
    environ: Mapping[str, str]
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)
    posts: list[Callable[[], tuple[int, str]]] = field(default_factory=list)
    count: int = 0

    def run(self, step: Mapping[str, Any]) -> tuple[int, str]:
        """Run one step, and return its exit code and what it logged."""
        self.count += 1
        environ = self._evaluated(step.get("env", {}))
        if "run" in step:
            files = self._files("GITHUB_OUTPUT")
            code, log = self._execute(["bash", "-e", "-c", step["run"]], {**environ, **files})
            self.outputs[step.get("id", "")] = parse_file(Path(files["GITHUB_OUTPUT"]).read_text())
            return code, log
        folder = step["uses"].removeprefix("./")
        inputs = self._evaluated(step.get("with", {}))
        return self._run_script(inputs) if folder == AFTERWARDS else self._run_action(step, folder, inputs, environ)

    def end(self) -> list[tuple[int, str]]:
        """End the job: run the post steps, the last one first."""
        return [post() for post in reversed(self.posts)]

    def _run_action(
        self, step: Mapping[str, Any], folder: str, inputs: Mapping[str, str], environ: Mapping[str, str]
    ) -> tuple[int, str]:
        job = Job(self._new_folder(), self.environ, folder)
        stage = job.main(inputs, **environ)
        self.outputs[step.get("id", "")] = stage.outputs
        if "post-entrypoint" in action(folder)["runs"]:

            def post() -> tuple[int, str]:
                stage = job.post(inputs, **environ)
                return stage.exit_code, "\n".join(stage.log)

            self.posts.append(post)
        return stage.exit_code, "\n".join(stage.log)

    def _run_script(self, inputs: Mapping[str, str]) -> tuple[int, str]:
        runs = action(AFTERWARDS)["runs"]
        files = self._files("GITHUB_STATE")
        main = ["node", str(ROOT / AFTERWARDS / runs["main"])]
        code = self._execute(main, {**files, **input_variables(inputs)})
        state = parse_file(Path(files["GITHUB_STATE"]).read_text())
        post = ["node", str(ROOT / AFTERWARDS / runs["post"])]
        self.posts.append(lambda: self._execute(post, {f"STATE_{name}": value for name, value in state.items()}))
        return code

    def _execute(self, command: list[str], environ: Mapping[str, str]) -> tuple[int, str]:
        process = subprocess.run(
            command,
            cwd=ROOT,
            env={**self.environ, **environ, "RUNNER_TEMP": str(self.folder), "HOME": str(self.folder)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return process.returncode, process.stdout

    def _evaluated(self, values: Mapping[str, Any]) -> dict[str, str]:
        return {name: self._evaluate(json.dumps(v) if isinstance(v, bool) else str(v)) for name, v in values.items()}

    def _evaluate(self, text: str) -> str:
        pattern = r"\$\{\{ steps\.([\w-]+)\.outputs\.([\w-]+) \}\}"
        value = re.sub(pattern, lambda match: self.outputs[match[1]].get(match[2], ""), text)
        assert "${{" not in value
        return value

    def _files(self, name: str) -> dict[str, str]:
        path = self._new_folder() / name
        path.touch()
        return {name: str(path)}

    def _new_folder(self) -> Path:
        folder = self.folder / f"{self.count}-{len(list(self.folder.iterdir()))}"
        folder.mkdir()
        return folder


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[Runner]:
    """A runner whose job has `id-token: write`; the emulator that the job starts ends with the test."""
    require_node()
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "docker").write_text(DOCKER, encoding="utf-8")
    (tools / "docker").chmod(0o755)
    folder = tmp_path / "runner"
    folder.mkdir()
    with token_service() as github:
        yield Runner(folder, {**github.environ, "PATH": f"{tools}:{os.environ['PATH']}"})
    emulated = folder / "self-test/emulated_account.json"
    if emulated.exists():
        _end(json.loads(emulated.read_text()))


@pytest.fixture
def steps() -> list[Mapping[str, Any]]:
    """The steps of the workflow, without those that set up what is already here."""
    content = yaml.safe_load((ROOT / ".github/workflows/self-test.yml").read_text(encoding="utf-8"))
    steps = content["jobs"]["emulator"]["steps"]
    return [step for step in steps if not (step.get("uses") or step["run"]).startswith(SETTING_UP)]


def test_self_test_passes(runner: Runner, steps: list[Mapping[str, Any]]) -> None:
    """Every step succeeds, every action is used, and the last post step finds no users."""
    for step in steps:
        code, log = runner.run(step)
        assert code == 0, (step, log)

    (user, deleted), (afterwards, found), *_ = runner.end()

    assert {step.get("uses") for step in steps} >= {"./", "./adopt", "./delete", "./sweep"}
    assert (user, afterwards) == (0, 0)
    assert "Deleted user" in deleted
    assert found == "No one is in the pool.\n"


def test_self_test_fails_if_the_post_step_does_not_run(runner: Runner, steps: list[Mapping[str, Any]]) -> None:
    """The user of the last step is left then, and the step that checks afterwards says so."""
    for step in steps:
        runner.run(step)
    runner.posts.pop()

    (afterwards, found), *_ = runner.end()

    assert afterwards == 1
    assert "::error::The pool should be empty, and has 1 in it." in found


@pytest.mark.parametrize("name", ["PASSWORD", "SUB"])
def test_self_test_fails_if_an_output_is_wrong(runner: Runner, steps: list[Mapping[str, Any]], name: str) -> None:
    """A password that does not work, or the id of someone else."""
    first = next(n for n, step in enumerate(steps) if step.get("id") == "user")
    up, user, signed_in = steps[0], steps[first], steps[first + 1]
    runner.run(up)
    runner.run(user)

    code, log = runner.run({**signed_in, "env": {**signed_in["env"], name: "another"}})

    assert code == 1
    assert "::error::" in log
    assert runner.run(signed_in)[0] == 0


def test_role_of_the_self_test_trusts_its_own_job(runner: Runner, steps: list[Mapping[str, Any]]) -> None:
    """The subject is read from the job's token, which is masked first; the outputs are the inputs for the action."""
    code, log = runner.run(steps[0])

    assert code == 0
    assert log.startswith("::add-mask::")
    outputs = runner.outputs["aws"]
    assert set(outputs) == {"endpoint", "user-pool-id", "role", "client-id"}
    role = Account(outputs["endpoint"]).client("iam").get_role(RoleName=outputs["role"].rpartition("/")[2])["Role"]
    conditions = role["AssumeRolePolicyDocument"]["Statement"][0]["Condition"]["StringEquals"]
    assert SUBJECT in conditions.values()


def test_command_that_cannot_be_run_fails_the_job(runner: Runner) -> None:
    """A check that was not made does not count as passed."""
    runner.run({"uses": f"./{AFTERWARDS}", "with": {"run": "kill -9 $$"}})
    runner.run({"uses": f"./{AFTERWARDS}", "with": {"run": "no-such-command"}})

    assert [code for code, _ in runner.end()] == [127, 1]


def _end(emulated: Mapping[str, Any]) -> None:
    os.kill(emulated["pid"], signal.SIGTERM)
    address = urlsplit(emulated["endpoint"])
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex((str(address.hostname), address.port or 0)) == errno.ECONNREFUSED:
                return
        time.sleep(0.1)
    pytest.fail("The emulator does not end.")
