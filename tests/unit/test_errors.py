"""The exception that one call ends with, and the one that a step ends with, as an annotation and as a summary."""

import pytest

from cognito_action.errors import (
    CONNECTION_CODES,
    CREDENTIAL_CODES,
    DEADLINE,
    NETWORK,
    THROTTLING_CODES,
    ActionError,
    CallError,
)

# One call


def test_call_is_final_and_answered_unless_it_says_otherwise() -> None:
    """Nothing is retried, looked for or waited for by default."""
    error = CallError("Op", "Code", "message")

    assert (error.retryable, error.outcome_unknown, error.unanswered) == (False, False, False)
    assert str(error) == "Op: Code: message"


@pytest.mark.parametrize(("message", "shown"), [("no", "no"), ("", "(no message)")])
def test_failure_is_one_sentence(message: str, shown: str) -> None:
    """A message that is missing is named as such."""
    assert CallError("Op", "Code", message).what == f"Op failed with Code: {shown}"


@pytest.mark.parametrize(
    ("code", "redacted"),
    [
        ("AccessDeniedException", "AccessDeniedException"),
        ("Secret", "Secret"),
        ("401", "***"),
        ("Secret1", "***"),
        ("Secret\n", "***"),
        ("Sécret", "***"),
        ("", "***"),
    ],
)
def test_code_is_redacted_unless_it_is_a_word(code: str, redacted: str) -> None:
    """A secret can be a word as well, but then it is one that no one would look for in the name of an error."""
    error = CallError("Op", code, "message")

    error.redact(lambda _: "***")

    assert error.what == f"Op failed with {redacted}: ***"
    assert str(error) == f"Op: {redacted}: ***"
    assert error.shown == "***"


def test_what_an_error_means_stays_legible() -> None:
    """Decisions depend on the code and the message, whatever a secret is."""
    error = CallError("Op", "Code1", "Username should be a phone number.")

    error.redact(lambda text: text.replace("phone", "***").replace("1", "*"))

    assert (error.code, error.message) == ("Code1", "Username should be a phone number.")
    assert error.what == "Op failed with Code*: Username should be a *** number."


def test_no_code_has_two_causes() -> None:
    """Each of the action's own codes and of AWS's lists says one thing."""
    assert not CONNECTION_CODES & THROTTLING_CODES
    assert not CONNECTION_CODES & CREDENTIAL_CODES
    assert not THROTTLING_CODES & CREDENTIAL_CODES
    assert DEADLINE not in CONNECTION_CODES
    assert NETWORK in CONNECTION_CODES


# A step


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

    assert error.markdown == ("```\nWhat.\n```\n\nWhy.\n\n```\nDetails.\n```\n\nFix:\n\n```yaml\na: b\n```")


def test_summary_leaves_out_what_is_empty() -> None:
    """There are no empty blocks in a summary."""
    assert ActionError("What.", "Why.", "Fix.").markdown == "```\nWhat.\n```\n\nWhy.\n\nFix."


def test_failure_can_be_about_someone() -> None:
    """The one it happened to comes first; everything else is the same."""
    error = ActionError("What.", "Why.", "Fix:", details="Details.", paste="paste", language="json")

    about = error.about("User admin")

    assert about.what == str(about) == "User admin: What."
    assert about.annotation == f"User admin: {error.annotation}"
    assert about.markdown == error.markdown.replace("What.", "User admin: What.")
    assert error.what == "What."
