"""A whole step in this process, with its pauses skipped, and what a reader and the runner see of it."""

import gc
import re
from collections.abc import Iterable, Mapping
from contextlib import redirect_stderr
from io import BytesIO, StringIO
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from warnings import catch_warnings, simplefilter

from cognito_action.github.runner import Runner
from cognito_action.retry import Limits, Retry
from cognito_action.steps.run import Step, exit_status_of
from cognito_action.text import visible
from tests.support.fake_services import BEARER
from tests.support.fake_time import FakeTime, at_once
from tools.emulator.job import FILE_COMMANDS, Stage
from tools.emulator.workflow_commands import Command, Masks, lines_of, parse_line

STEPS_AT_A_TIME = 16
"""Each holds some megabytes."""

_ENDED = count(1)

MIN_SECRET_LENGTH = 8
"""A shorter secret can't be distinguished from the log's own words."""


def play(step: Step, limits: Limits, environ: Mapping[str, str]) -> Stage:
    """Run the step as its executable does, and read what it leaves as the runner does."""
    with TemporaryDirectory() as folder, redirect_stderr(StringIO()) as stderr, catch_warnings():
        simplefilter("always", UserWarning)  # a process prints them, to stderr
        files = {name: Path(folder, name) for name in FILE_COMMANDS}
        for path in files.values():
            path.touch()
        temp = {"RUNNER_TEMP": folder, "RUNNER_WORKSPACE": f"{folder}/octo-app"}
        environ = {**temp, **{name: str(path) for name, path in files.items()}, **environ}
        stdout, time = BytesIO(), FakeTime()
        runner = Runner(environ, stdout)
        retry = Retry(limits, runner.log, time.clock, time.sleep, time.uniform, at_once, runner.redactor)
        status = exit_status_of(lambda: step(environ, runner, retry), runner)
        end_of_process()
        masks = Masks()
        masks.add(BEARER)  # the runner masks it on its own
        written = {name: path.read_bytes().decode() for name, path in files.items()}
        return Stage(status, stdout.getvalue().decode(), stderr.getvalue(), masks, written)


def end_of_process() -> None:
    """Free what processes would take with them at their end: a step keeps all that there is from being collected.

    To look at all objects takes longer than the step itself, so it is done for several steps at a time.
    """
    if next(_ENDED) % STEPS_AT_A_TIME == 0:
        gc.unfreeze()
        gc.collect()


def obeys_nobody(stage: Stage, *, annotations: int, outputs: Iterable[str] = (), state: str = "") -> None:
    """The runner executes only what the step intends, reads only the step's keys, and the reader gets plain text."""
    debugging = "debug" in stage.executed
    assert stage.exit_code in (0, 1)
    assert stage.stderr == ""
    assert set(stage.executed) <= {"add-mask", "error", "warning", "notice", "debug"}
    assert len(stage.annotations) <= annotations
    assert stage.files["GITHUB_ENV"] == stage.files["GITHUB_PATH"] == ""
    assert set(stage.outputs) <= set(outputs)
    assert not [key for key in stage.state if not re.fullmatch(state, key)]
    for command in commands(stage):
        assert set(command.properties) <= {"title"}
        assert re.fullmatch("[A-Za-z:* -]*", command.properties.get("title", ""))  # stars: a mask of a few letters
    plain = "\n".join(line for line in lines_of(stage.stdout) if not line.startswith("::add-mask::"))
    for text in (plain, stage.files["GITHUB_STEP_SUMMARY"]):
        assert visible(text) == text
    assert "bug of the action" not in stage.stdout + stage.files["GITHUB_STEP_SUMMARY"]
    assert debugging or "Traceback" not in stage.stdout
    assert stage.exit_code == 0 or [one for one in stage.annotations if one.level == "error" and one.message]


def shows_no_secret(stage: Stage, secrets: Iterable[str]) -> None:
    """Each secret first appears as a mask, no reader sees it, and it is not in the state."""
    texts = [command.data if (command := parse_line(line)) else line for line in lines_of(stage.stdout)]
    shown = "\n".join([*stage.log, stage.summary, *(one.message for one in stage.annotations)])
    for secret in secrets:
        if len(secret) < MIN_SECRET_LENGTH or "*" in secret or secret == BEARER:
            continue
        assert secret not in shown
        assert secret not in stage.files["GITHUB_STATE"]
        if found := [number for number, text in enumerate(texts) if secret in text]:
            first = parse_line(lines_of(stage.stdout)[found[0]])
            assert first
            assert first.name == "add-mask"


def commands(stage: Stage) -> list[Command]:
    """All commands that the runner executes."""
    return [command for line in lines_of(stage.stdout) if (command := parse_line(line))]
