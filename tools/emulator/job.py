"""A job of GitHub's runner as one Docker action sees it: main, post, and what is kept between them."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tools.emulator.github import REPOSITORY, REPOSITORY_ID, RUN_ID
from tools.emulator.workflow_commands import Masks, lines_of, parse_file, parse_line

ROOT = Path(__file__).parent.parent.parent

FILE_COMMANDS = ("GITHUB_OUTPUT", "GITHUB_STATE", "GITHUB_STEP_SUMMARY", "GITHUB_ENV", "GITHUB_PATH")


@dataclass(frozen=True)
class Annotation:
    level: str
    title: str
    message: str


@dataclass
class Stage:
    """The result of one stage of the step, as the runner reads it."""

    exit_code: int
    stdout: str
    stderr: str
    masks: Masks
    """Shared by all stages of the job."""
    files: Mapping[str, str]
    log: list[str] = field(default_factory=list)
    """The lines that people read, masked."""
    annotations: list[Annotation] = field(default_factory=list)
    executed: list[str] = field(default_factory=list)
    """The names of all commands that the runner executed."""

    def __post_init__(self) -> None:
        for line in [*lines_of(self.stderr), *lines_of(self.stdout)]:
            command = parse_line(line)
            if command is None:
                self.log.append(self.masks.apply(line))
                continue
            self.executed.append(command.name)
            if command.name == "add-mask":
                self.masks.add(command.data)
            elif command.name in ("error", "warning", "notice"):
                message = self.masks.apply(command.data)
                self.annotations.append(Annotation(command.name, command.properties.get("title", ""), message))
                self.log += f"{command.name.capitalize()}: {message}".split("\n")
            elif command.name == "debug":
                self.log += [f"##[debug]{self.masks.apply(text)}" for text in command.data.split("\n")]

    @property
    def outputs(self) -> dict[str, str]:
        return parse_file(self.files["GITHUB_OUTPUT"])

    @property
    def state(self) -> dict[str, str]:
        return parse_file(self.files["GITHUB_STATE"])

    @property
    def summary(self) -> str:
        """The job summary as people read it, masked."""
        return self.masks.apply(self.files["GITHUB_STEP_SUMMARY"])


@dataclass
class Running:
    """A stage that has been started."""

    job: "Job"
    process: "subprocess.Popen[bytes]"
    files: Mapping[str, Path]

    def finish(self, timeout: float = 120) -> Stage:
        """Wait for the stage to end and read its result, whether it succeeded, failed or was killed."""
        stdout, stderr = self.process.communicate(timeout=timeout)
        stage = Stage(
            self.process.returncode,
            stdout.decode(),
            stderr.decode(),
            self.job.masks,
            {name: path.read_text() for name, path in self.files.items()},
        )
        self.job.state |= stage.state
        return stage


class Job:
    """A job with one step, which uses the action.

    Args:
        folder: an empty folder for the runner's files.
        environ: the job's environment, apart from the runner's own variables.
        action: the folder of the action in the repository, empty for the root.
    """

    def __init__(self, folder: Path, environ: Mapping[str, str], action: str = "") -> None:
        self.folder = folder
        self.environ = environ
        self.action = action
        self.masks = Masks()
        self.state: dict[str, str] = {}
        self._stages = 0
        self.workspace = folder / "octo-app/octo-app"
        self.workspace.mkdir(parents=True)
        self.temp = folder / "_temp"
        """The runner's temp folder, on the host."""
        self.temp.mkdir()

    def main(self, inputs: Mapping[str, str], **environ: str) -> Stage:
        """Run main with `inputs` as the step's `with:` and `environ` as its `env:`."""
        return self.start("main", inputs, **environ).finish()

    def post(self, inputs: Mapping[str, str] | None = None, **environ: str) -> Stage:
        """Run post with the inputs as they evaluate at the end of the job."""
        return self.start("post", inputs or {}, **environ).finish()

    def start(self, stage: str, inputs: Mapping[str, str], **environ: str) -> Running:
        """Start a stage and return at once."""
        self._stages += 1
        files = {name: self.folder / f"{name.lower()}_{self._stages}" for name in FILE_COMMANDS}
        for path in files.values():
            path.touch()
        variables = {
            **self.environ,
            **environ,
            **{f"STATE_{key}": value for key, value in self.state.items()},
            **input_variables({**_defaults(self.action), **inputs}),
            "GITHUB_ACTIONS": "true",
            "CI": "true",
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_REPOSITORY_ID": REPOSITORY_ID,
            "GITHUB_RUN_ID": RUN_ID,
            "GITHUB_RUN_ATTEMPT": "1",
            "GITHUB_EVENT_NAME": "push",
            "RUNNER_TEMP": str(self.temp),
            "RUNNER_WORKSPACE": str(self.workspace.parent),
        }
        return Running(self, self._launch(stage, variables, files), files)

    def entrypoint(self, stage: str) -> str:
        """The path of a stage's executable in the image."""
        return str(action(self.action)["runs"][{"main": "entrypoint", "post": "post-entrypoint"}[stage]])

    def _launch(self, stage: str, variables: Mapping[str, str], files: Mapping[str, Path]) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, "-I", ROOT / self.entrypoint(stage).removeprefix("/action/")],
            cwd=self.workspace,
            env={
                "PATH": os.environ["PATH"],
                **variables,
                **{name: str(path) for name, path in files.items()},
                "HOME": str(self.folder),
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )


def action(folder: str = "") -> dict[str, Any]:
    """The content of the action.yml in a folder of the repository."""
    with open(ROOT / folder / "action.yml", encoding="utf-8") as file:
        content: dict[str, Any] = yaml.safe_load(file)
    return content


def input_variables(inputs: Mapping[str, str]) -> dict[str, str]:
    """The variables in which the runner passes inputs to a step."""
    return {f"INPUT_{name.replace(' ', '_').upper()}": value for name, value in inputs.items()}


def _defaults(folder: str) -> dict[str, str]:
    return {name: str(settings.get("default", "")) for name, settings in action(folder)["inputs"].items()}
