"""A job whose stages run in containers, as GitHub's runner starts them."""

import os
import secrets
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tools.emulator.job import ROOT, Job, action


def docker(*arguments: str, check: bool = True) -> str:
    """Run the docker client and return its stdout. Unless `check` is off, it has to succeed."""
    process = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)
    if check:
        assert process.returncode == 0, process.stderr
    return process.stdout


def engine_answers() -> bool:
    """Whether a Docker engine responds."""
    try:
        return subprocess.run(["docker", "info"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


@contextmanager
def built_image() -> Iterator[str]:
    """The image, built as the runner builds it: from the Dockerfile's folder, and without build arguments."""
    tag = f"{secrets.token_hex(3)}:{secrets.token_hex(16)}"
    docker("build", "--network", "host", "--tag", tag, str(ROOT))
    try:
        yield tag
    finally:
        docker("rmi", tag)


class DockerJob(Job):
    """A job whose stages run in containers, started with the runner's own command line.

    Args:
        folder: an empty folder for the runner's files.
        environ: the job's environment, apart from the runner's own variables.
        image: the image of the action.
        action: the folder of the action in the repository.
    """

    def __init__(self, folder: Path, environ: Mapping[str, str], image: str, action: str = "") -> None:
        super().__init__(folder, environ, action)
        self.image = image
        self.containers: list[str] = []
        """The names of the containers that were started; the last one is the current stage's."""
        self.further_mounts: list[str] = []
        """What a test mounts in addition to the runner's folders, in the syntax of `docker run -v`."""
        self.hosts: dict[str, str] = {}
        """The addresses that host names have in the containers, in addition to what the engine resolves."""
        self.network = "host"
        """The network of the containers. The runner names one only if the job has containers of its own."""
        self.home = self.temp / "_github_home"
        # The runner also mounts the engine's socket. The action does not use it, and here it may be anywhere.
        self.mounts: dict[Path, str] = {
            self.temp: "/github/runner_temp",
            self.home: "/github/home",
            self.temp / "_github_workflow": "/github/workflow",
            self.temp / "_runner_file_commands": "/github/file_commands",
            self.workspace: "/github/workspace",
        }
        for path in self.mounts:
            path.mkdir(exist_ok=True)
        (self.temp / "_github_workflow/event.json").write_text("{}")
        self.folder = self.temp / "_runner_file_commands"

    def _launch(self, stage: str, variables: Mapping[str, str], files: Mapping[str, Path]) -> "subprocess.Popen[bytes]":
        environ = {
            **variables,
            **{name: str(path) for name, path in files.items()},
            "GITHUB_WORKSPACE": str(self.workspace),
            "GITHUB_EVENT_PATH": str(self.temp / "_github_workflow/event.json"),
            "HOME": "/github/home",
        }
        repository, _, _ = self.image.partition(":")
        self.containers.append(f"{repository}_{secrets.token_hex(3)}")
        command = ["docker", "run", "--name", self.containers[-1], "--label", secrets.token_hex(3)]
        command += ["--workdir", "/github/workspace", "--rm"]
        command += [part for name in environ for part in ("-e", name)]
        command += ["-e", "GITHUB_ACTIONS=true", "-e", "CI=true"]
        command += ["--entrypoint", self.entrypoint(stage)]
        command += ["--network", self.network]
        mounts = [*(f"{path}:{target}" for path, target in self.mounts.items()), *self.further_mounts]
        command += [part for mount in mounts for part in ("-v", mount)]
        command += [f"--add-host={name}:{address}" for name, address in self.hosts.items()]
        return subprocess.Popen(
            [*command, self.image, *self.arguments(stage)],
            env={**os.environ, **{name: self.in_container(value) for name, value in environ.items()}},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def arguments(self, stage: str) -> Sequence[str]:  # noqa: ARG002 - the action's are those of each stage
        """What the runner gives to a stage's executable."""
        arguments: Sequence[str] = action(self.action)["runs"]["args"]
        return arguments

    def in_container(self, value: str) -> str:
        """Translate a value that starts with a mounted folder, as the runner does. The innermost folder counts."""
        for path, target in reversed(self.mounts.items()):
            if value == str(path) or value.startswith(f"{path}/"):
                return target + value.removeprefix(str(path))
        return value
