"""Jobs whose stages are measured as whole processes."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.benchmark.contenders import Contender
from tools.emulator.container import DockerJob
from tools.emulator.job import ROOT, Job

LAUNCH = ROOT / "tools/benchmark/launch.py"


@dataclass(frozen=True)
class Cost:
    """What a process and the processes that it waited for cost."""

    wall: float
    """Seconds from its start to its end."""
    cpu: float
    """Seconds of processor time, including the system's."""
    memory: float
    """Bytes that the largest single process held at its peak."""

    def __add__(self, other: "Cost") -> "Cost":
        """The cost of two that run one after the other."""
        return Cost(self.wall + other.wall, self.cpu + other.cpu, max(self.memory, other.memory))


class MeasuredJob(Job):
    """A job in which main and post of `contender` are measured.

    Args:
        folder: an empty folder for the runner's files.
        environ: the job's environment, apart from the runner's own variables.
        contender: the contender whose commands run.
    """

    def __init__(self, folder: Path, environ: Mapping[str, str], contender: Contender) -> None:
        super().__init__(folder, environ)
        self.contender = contender

    def cost(self, stage: str) -> Cost:
        """What a finished stage cost."""
        return _read(_report(self, stage))

    def _launch(self, stage: str, variables: Mapping[str, str], files: Mapping[str, Path]) -> "subprocess.Popen[bytes]":
        path = os.pathsep.join([*map(str, self.contender.path), os.environ["PATH"]])
        return subprocess.Popen(
            [sys.executable, "-I", "-S", LAUNCH, _report(self, stage), *self.contender.stages[stage]],
            cwd=self.workspace,
            env={
                **variables,
                **{name: str(file) for name, file in files.items()},
                "PATH": path,
                "HOME": str(self.folder),
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )


class MeasuredDockerJob(DockerJob):
    """A job in which main and post of the action are measured: their processes in the containers, not these."""

    def __init__(self, folder: Path, environ: Mapping[str, str], image: str) -> None:
        super().__init__(folder, environ, image)
        self.further_mounts.append(f"{LAUNCH}:/launch.py:ro")

    def cost(self, stage: str) -> Cost:
        """What a finished stage cost."""
        return _read(_report(self, stage))

    def entrypoint(self, stage: str) -> str:  # noqa: ARG002 - the same for both
        """What starts and measures them."""
        return "/venv/bin/python"

    def arguments(self, stage: str) -> Sequence[str]:
        """What it starts, and where it reports."""
        started = [super().entrypoint(stage), *super().arguments(stage)]
        return ["-I", "-S", "/launch.py", self.in_container(str(_report(self, stage))), *started]


def _report(job: Job, stage: str) -> Path:
    return job.folder / f"cost_of_{stage}"


def _read(report: Path) -> Cost:
    wall, cpu, memory = report.read_text(encoding="ascii").split()
    return Cost(float(wall), float(cpu), float(memory))
