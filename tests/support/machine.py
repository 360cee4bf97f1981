"""A machine on which the command is used: a laptop, a runner of another CI, or a `run:` step of GitHub."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.world import World
from tools.emulator.github import REPOSITORY, REPOSITORY_ID, RUN_ID
from tools.emulator.job import Stage
from tools.emulator.workflow_commands import Masks

PROGRAM = "from cognito_action.command.main import main; main()"
"""What the installed command starts."""

SHOW = f"{sys.executable} -c 'import json, os, sys; json.dump(dict(os.environ), sys.stdout)'"
"""A command that prints its environment."""


AS_A_SHELL_DOES = ("env", "--default-signal=INT")
"""Starts a program that a signal can interrupt, even if the tests run in the background, where SIGINT is ignored."""


@dataclass
class Ended:
    """What became of one use of the command."""

    status: int
    stdout: str
    stderr: str

    @property
    def handed_over(self) -> dict[str, str]:
        """The variables `COGNITO_…` of a command that was `SHOW`."""
        return {name: value for name, value in json.loads(self.stdout).items() if name.startswith("COGNITO_")}

    def as_step(self, folder: Path) -> Stage:
        """The same as GitHub's runner reads it; `folder` has the file with the summary."""
        files = {"GITHUB_STEP_SUMMARY": (folder / "summary").read_text()}
        return Stage(self.status, self.stdout, self.stderr, Masks(), files)


@dataclass
class Started:
    """A use of the command that goes on."""

    process: "subprocess.Popen[bytes]"

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def kill(self) -> None:
        """End the process as a crash would, and nothing that it has started."""
        self.process.kill()
        self.process.wait(30)

    def finish(self) -> Ended:
        stdout, stderr = self.process.communicate(timeout=90)
        return Ended(self.process.returncode, stdout.decode(), stderr.decode())


@dataclass
class Machine:
    """A machine with a home folder, whose AWS is that of `world`."""

    world: World
    home: Path
    environ: dict[str, str] = field(default_factory=dict)
    program: Sequence[str] = (sys.executable, "-I", "-c", PROGRAM)

    def __post_init__(self) -> None:
        self.environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            **self.world.bare_environ,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            **self.environ,
        }

    def start(self, *arguments: str, **environ: str) -> Started:
        return Started(
            subprocess.Popen(
                [*AS_A_SHELL_DOES, *self.program, *arguments],
                env={**self.environ, **environ},
                cwd=self.home,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        )

    def use(self, *arguments: str, **environ: str) -> Ended:
        return self.start(*arguments, **environ).finish()

    def run(self, pool: str, command: str = "true", *options: str, **environ: str) -> Ended:
        """Run a line of the shell with a user of the pool."""
        return self.use("run", "--user-pool-id", pool, *options, "--", "sh", "-c", command, **environ)

    def start_run(self, pool: str, command: str, *options: str, **environ: str) -> Started:
        return self.start("run", "--user-pool-id", pool, *options, "--", "sh", "-c", command, **environ)

    @property
    def state(self) -> Path:
        return self.home / ".local/state/cognito-test-user"

    @property
    def journals(self) -> Sequence[Path]:
        return sorted(self.state.glob("*.journal"))


def laptop(world: World, **environ: str) -> Machine:
    """A machine with credentials of its own."""
    home = world.folder / f"home-{len(list(world.folder.iterdir()))}"
    home.mkdir()
    return Machine(world, home, dict(environ))


def other_ci(world: World, **environ: str) -> Machine:
    """A machine without credentials, on which the jobs of one GitLab project run."""
    project = {"CI_SERVER_URL": "https://gitlab.example", "CI_PROJECT_ID": "4711"}
    machine = laptop(world, **{**project, **environ})
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        del machine.environ[name]
    return machine


def run_step(world: World, environ: Mapping[str, str] | None = None) -> Machine:
    """A `run:` step of a job on GitHub, with `id-token: write`."""
    machine = other_ci(world)
    del machine.environ["CI_SERVER_URL"], machine.environ["CI_PROJECT_ID"]
    (machine.home / "summary").touch()
    machine.environ |= {
        **world.github.environ,
        "GITHUB_ACTIONS": "true",
        "CI": "true",
        "GITHUB_REPOSITORY": REPOSITORY,
        "GITHUB_REPOSITORY_ID": REPOSITORY_ID,
        "GITHUB_RUN_ID": RUN_ID,
        "GITHUB_RUN_ATTEMPT": "1",
        "GITHUB_STEP_SUMMARY": str(machine.home / "summary"),
        **(environ or {}),
    }
    return machine
