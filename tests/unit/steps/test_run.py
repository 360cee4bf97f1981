"""How a step ends: with a status, and with one annotation if it fails."""

import logging
import time
from collections.abc import Mapping
from io import BytesIO, StringIO
from pathlib import Path

import pytest

from cognito_action.errors import DEADLINE, ActionError, CallError
from cognito_action.github.runner import Runner
from cognito_action.retry import Limits, Retry
from cognito_action.steps.run import exit_status_of, run
from tests.support.recorder import Recorder


@pytest.mark.parametrize("status", [0, 1])
def test_status_of_the_step_is_returned(recorder: Recorder, status: int) -> None:
    """A step that ends by itself has already reported what it had to."""
    assert exit_status_of(lambda: status, recorder.runner) == status
    assert recorder.stage.stdout == ""
    assert recorder.stage.summary == ""


def test_failure_is_one_annotation_and_a_longer_summary(recorder: Recorder) -> None:
    """The explained error goes to both, and the step fails."""

    def step() -> int:
        raise ActionError("What.", "Why.", "Fix.")

    assert exit_status_of(step, recorder.runner) == 1

    [annotation] = recorder.stage.annotations
    assert (annotation.level, annotation.title) == ("error", "Cognito test user: failed")
    assert annotation.message == "What.\nWhy.\nFix."
    assert recorder.stage.summary == "### Cognito test user\n\n```\nWhat.\n```\n\nWhy.\n\nFix.\n\n"
    assert recorder.stage.executed == ["error"]


def test_step_gets_the_environment_a_runner_and_a_deadline(tmp_path: Path) -> None:
    """An executable sets this up: the runner writes to the stream, and retries end in time and keep to the rate."""
    stdout = BytesIO()
    environ = {"GITHUB_OUTPUT": str(tmp_path / "output"), "ANY": "thing"}
    started: list[float] = []

    def step(given: Mapping[str, str], runner: Runner, retry: Retry) -> int:
        assert given is environ
        runner.log("The phase runs.")
        runner.output("name", "value")
        for _ in range(3):
            retry("Op", lambda: started.append(time.monotonic()))
        time.sleep(0.6)
        with pytest.raises(CallError, match=DEADLINE):
            retry("Late", lambda: None)
        return 7

    assert run(step, environ, stdout, Limits(1.25, attempt_seconds=0.25, calls_per_second=5)) == 7
    assert stdout.getvalue() == b"The phase runs.\n"
    assert "value" in (tmp_path / "output").read_text()
    assert 0.3 < started[-1] - started[0] < 1


def test_sdk_log_is_off_while_a_step_runs(tmp_path: Path) -> None:
    """It contains passwords and keys, and no handler receives it."""
    logged = StringIO()
    handler = logging.StreamHandler(logged)
    logger = logging.getLogger("botocore.parsers")
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)

    def step(*_: object) -> int:
        for level in (logging.DEBUG, logging.WARNING, logging.CRITICAL):
            logger.log(level, "a password")
        return 0

    assert run(step, {"GITHUB_STEP_SUMMARY": str(tmp_path / "summary")}, BytesIO(), Limits(30)) == 0
    assert logged.getvalue() == ""
    logger.removeHandler(handler)


def test_step_that_fails_is_reported_to_the_stream(tmp_path: Path) -> None:
    """It ends the same way as every step."""
    stdout = BytesIO()

    def step(*_: object) -> int:
        raise ActionError("What.", "Why.", "Fix.")

    assert run(step, {"GITHUB_STEP_SUMMARY": str(tmp_path / "summary")}, stdout, Limits(1)) == 1
    assert stdout.getvalue().startswith(b"::error title=Cognito test user%3A failed::What.%0AWhy.%0AFix.")


def broken() -> int:
    """A step with a bug, and with a secret in its exception."""
    raise LookupError("the-secret\n::add-mask::x")


def test_bug_is_described_only_by_its_location(recorder: Recorder) -> None:
    """Neither the text of an unknown exception nor a traceback is shown."""
    assert exit_status_of(broken, recorder.runner) == 1

    [annotation] = recorder.stage.annotations
    assert annotation.message.startswith("Unexpected LookupError in broken (steps/test_run.py, line ")
    assert annotation.message.split("\n")[1:] == [
        "This is a bug, or something in the environment that is not known here.",
        "Report it as an issue in the action's repository, with the traceback that a run with step debug logging prints (secret ACTIONS_STEP_DEBUG: true).",
    ]
    assert recorder.stage.executed == ["error"]
    assert "the-secret" not in recorder.stage.stdout + recorder.stage.summary
    assert "Traceback" not in recorder.stage.stdout + recorder.stage.summary


def test_failure_shows_its_traceback_in_debug_mode(tmp_path: Path) -> None:
    """With step debug logging, the cause of an explained error can be seen as well."""
    recorder = Recorder(tmp_path, RUNNER_DEBUG="1")

    def step() -> int:
        raise ActionError("What.", "Why.", "Fix.") from LookupError("the cause")

    assert exit_status_of(step, recorder.runner) == 1

    assert recorder.stage.executed == ["debug", "error"]
    assert "##[debug]LookupError: the cause" in recorder.stage.log
    assert recorder.stage.annotations[0].message == "What.\nWhy.\nFix."


def test_bug_shows_its_traceback_in_debug_mode(tmp_path: Path) -> None:
    """With step debug logging, the traceback is printed as the data of one command."""
    recorder = Recorder(tmp_path, RUNNER_DEBUG="1")

    assert exit_status_of(broken, recorder.runner) == 1

    assert recorder.stage.executed == ["debug", "error"]
    assert recorder.stage.log[0] == "##[debug]Traceback (most recent call last):"
    assert "##[debug]LookupError: the-secret" in recorder.stage.log
    assert "the-secret" not in recorder.stage.annotations[0].message + recorder.stage.summary


def test_failure_without_a_summary_file_is_still_reported(tmp_path: Path) -> None:
    """If the summary can't be written, a warning follows the error."""
    recorder = Recorder(tmp_path)
    recorder.runner = type(recorder.runner)({}, recorder.stdout)

    def step() -> int:
        raise ActionError("What.", "Why.", "Fix.")

    assert exit_status_of(step, recorder.runner) == 1
    assert [annotation.level for annotation in recorder.stage.annotations] == ["error", "warning"]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(3)])
def test_end_of_the_process_is_not_a_failure(recorder: Recorder, error: BaseException) -> None:
    """An exception that ends the process on purpose passes through."""

    def step() -> int:
        raise error

    with pytest.raises(type(error)):
        exit_status_of(step, recorder.runner)

    assert recorder.stage.stdout == ""
