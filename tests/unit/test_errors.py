"""The one exception that a step ends with, as an annotation and as a summary."""

from cognito_action.errors import ActionError


def test_annotation_says_what_why_details_fix_and_paste_in_this_order() -> None:
    """The failure comes first, and the lines to paste last."""
    error = ActionError("What.", "Why.", "Fix:", details="Details.", paste="a: b\nc: d", language="yaml")

    assert error.annotation == "What.\nWhy.\nDetails.\nFix:\na: b\nc: d"
    assert str(error) == "What."


def test_annotation_leaves_out_what_is_empty() -> None:
    """There are no blank lines in an annotation."""
    assert ActionError("What.", "Why.", "Fix.").annotation == "What.\nWhy.\nFix."


def test_summary_holds_text_from_outside_in_code_blocks() -> None:
    """The failure, the facts and the lines to paste are fenced; the action's own words are not."""
    error = ActionError("What.", "Why.", "Fix:", details="Details.", paste="a: b", language="yaml")

    assert error.markdown == (
        "### Cognito test user\n\n```\nWhat.\n```\n\nWhy.\n\n```\nDetails.\n```\n\nFix:\n\n```yaml\na: b\n```"
    )


def test_summary_leaves_out_what_is_empty() -> None:
    """There are no empty blocks in a summary."""
    assert ActionError("What.", "Why.", "Fix.").markdown == "### Cognito test user\n\n```\nWhat.\n```\n\nWhy.\n\nFix."


def test_failure_can_be_about_someone() -> None:
    """The one it happened to comes first; everything else is the same."""
    error = ActionError("What.", "Why.", "Fix:", details="Details.", paste="paste", language="json")

    about = error.about("User admin")

    assert about.what == str(about) == "User admin: What."
    assert about.annotation == f"User admin: {error.annotation}"
    assert about.markdown == error.markdown.replace("What.", "User admin: What.")
    assert error.what == "What."
