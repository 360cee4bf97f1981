"""What the action is compared with: what a team would use in its place."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tools.emulator.job import ROOT

ACTION = "action"
"""The name of what is compared with them; `MeasuredDockerJob` runs it."""

SHELL = ROOT / ".venv-aws-cli/bin"
NODE = ROOT / "tools/benchmark/node"


@dataclass(frozen=True)
class Contender:
    """Another way to get a user for a job."""

    name: str
    stages: Mapping[str, Sequence[str]]
    """The commands of main and post."""
    needs: Sequence[str]
    """Commands and files that it can't be measured without."""
    path: Sequence[Path] = field(default=())
    """Folders of commands that come before those of the machine."""

    @property
    def missing(self) -> list[str]:
        """What it needs but this machine does not have."""
        return [need for need in self.needs if shutil.which(need) is None and not Path(need).exists()]


BUNDLED = Contender(
    "Node.js, bundled",
    {stage: ["node", str(NODE / f"dist/{stage}.cjs")] for stage in ("main", "post")},
    ["node", str(NODE / "dist/main.cjs")],
)

PEERS = (
    Contender(
        "Node.js",
        {stage: ["node", str(NODE / f"{stage}.js")] for stage in ("main", "post")},
        ["node", str(NODE / "node_modules")],
    ),
    BUNDLED,
    Contender(
        "shell",
        {stage: ["bash", str(ROOT / f"tools/benchmark/shell/{stage}.sh")] for stage in ("main", "post")},
        ["bash", "curl", "sed", "base64", str(SHELL / "aws")],
        [SHELL],
    ),
)
