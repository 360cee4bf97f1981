"""How a failure reaches its reader."""

from cognito_action.diagnostics.report import add_to_summary, in_words, report
from cognito_action.errors import ActionError
from cognito_action.github.runner import Runner, RunnerFileError
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
