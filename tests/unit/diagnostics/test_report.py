"""How a failure reaches its reader."""

import re
from pathlib import Path

import cognito_action
from cognito_action.diagnostics.report import add_to_summary, in_words, report, shown_by
from cognito_action.errors import ActionError
from cognito_action.github.runner import Runner, RunnerFileError
from cognito_action.host import HostFileError
from cognito_action.words import HostKind, Words
from tests.support.recorder import Recorder

ERROR = ActionError("What.", "Why.", "Fix.")


def test_error_in_words_stays_unchanged() -> None:
    """Nothing is added to it."""
    assert in_words(ERROR) is ERROR


def test_refused_write_is_put_into_words() -> None:
    """It is not a bug of the action."""
    error = in_words(RunnerFileError("GITHUB_STATE", "No space left on device"))

    assert error.what == "The runner's file GITHUB_STATE could not be written: No space left on device."


def test_report_is_an_annotation_and_a_section_of_the_summary(recorder: Recorder) -> None:
    """The annotation has the level that the caller chose."""
    report(ERROR, "A title", recorder.runner.warning, recorder.runner)

    [annotation] = recorder.stage.annotations
    assert (annotation.level, annotation.title, annotation.message) == (
        "warning",
        "Cognito test user: A title",
        ERROR.annotation,
    )
    assert recorder.stage.summary == f"### Cognito test user\n\n{ERROR.markdown}\n\n"


def test_missing_summary_is_only_a_warning(recorder: Recorder) -> None:
    """A missing summary is not worth a failed step."""
    add_to_summary("text", Runner({}, recorder.stdout))

    [annotation] = recorder.stage.annotations
    assert (annotation.level, annotation.title) == ("warning", "Cognito test user: no summary")
    assert annotation.message.startswith("The runner's file GITHUB_STEP_SUMMARY could not be written: ")


def test_reader_decides_the_words(recorder: Recorder) -> None:
    """Also of the warning that says that the summary is missing."""
    error = ActionError("What.", Words("Why in a step.", "Why here."), "Fix.")
    runner = recorder.runner
    assert shown_by(runner, error) == error.annotation

    runner.kind = HostKind.COMMAND

    assert shown_by(runner, error) == error.text
    report(error, "A title", runner.error, runner)
    assert recorder.stage.annotations[0].message == "What.\nWhy here.\nFix."
    assert "Why here." in recorder.stage.summary


def test_file_of_the_command_is_put_into_words() -> None:
    """Its option names another folder."""
    assert in_words(HostFileError("/state/journal", "No space left on device")).paste == "--state-dir <folder>"


def test_no_one_else_decides_the_words() -> None:
    """Whoever shows an error calls `report` or `shown_by`, and both readers get what is for them."""
    package = Path(cognito_action.__file__).parent
    shows = {
        path.name
        for path in package.rglob("*.py")
        if re.search(r"\.(annotation|markdown)\b", path.read_text(encoding="utf-8"))
    }

    assert shows == {"report.py", "words.py"}
