"""The runner's side of a step, recorded."""

from io import BytesIO
from pathlib import Path

from cognito_action.github.runner import Runner
from tools.emulator.job import Stage
from tools.emulator.workflow_commands import Masks


class Recorder:
    """The runner's side of one stage: the files and the stdout that `runner` writes to."""

    def __init__(self, folder: Path, **environ: str) -> None:
        self.paths = {name: folder / name for name in ("GITHUB_OUTPUT", "GITHUB_STATE", "GITHUB_STEP_SUMMARY")}
        for path in self.paths.values():
            path.touch()
        self.stdout = BytesIO()
        self.environ = {**{name: str(path) for name, path in self.paths.items()}, **environ}
        self.runner = Runner(self.environ, self.stdout)

    @property
    def stage(self) -> Stage:
        """What the runner has read so far."""
        files = {name: path.read_bytes().decode() for name, path in self.paths.items()}
        return Stage(0, self.stdout.getvalue().decode(), "", Masks(), files)
