"""Causes as data: which one is found, and how it is told."""

from cognito_action.diagnostics.causes import Cause, cause_of
from cognito_action.errors import CallError

SPECIAL = Cause(
    "Why {trigger}.", "Fix {pool}:", codes=("A", "B"), message=r"^(?P<trigger>\w+) failed", paste="a: {pool}"
)
OTHER = Cause("Other.", "Nothing.", message="^other")


def test_first_cause_that_fits_is_found() -> None:
    """The code has to be one of its codes, and the message has to match somewhere."""
    assert cause_of(CallError("Create", "A", "X failed"), (SPECIAL, OTHER)) is SPECIAL
    assert cause_of(CallError("Create", "AB", "X failed"), (SPECIAL, OTHER)) is None
    assert cause_of(CallError("Create", "B", "X did not fail"), (SPECIAL, OTHER)) is None
    assert cause_of(CallError("Create", "C", "other"), (SPECIAL, OTHER)) is OTHER
    assert cause_of(CallError("Create", "C", "another"), (SPECIAL, OTHER)) is None


def test_words_are_filled_in() -> None:
    """Fields come from the caller, and from the groups of the message."""
    told = SPECIAL.told(CallError("Create", "A", "PreSignUp failed"), pool="p", unused="")

    assert told.what == "Create failed with A: PreSignUp failed"
    assert (told.why, told.fix, told.paste, told.language) == ("Why PreSignUp.", "Fix p:", "a: p", "yaml")


def test_what_a_field_holds_is_no_field() -> None:
    """Braces in it stay as they are."""
    assert SPECIAL.told(CallError("C", "A", "X failed"), pool="{trigger}").fix == "Fix {trigger}:"


def test_words_of_others_are_redacted() -> None:
    """A secret of the surroundings can be in what a trigger says, also where a name is looked for."""
    error = CallError("C", "A", "Geheim failed")
    error.redact(lambda text: text.replace("Geheim", "***"))

    assert "Geheim" not in SPECIAL.told(error, pool="p").annotation


def test_cause_without_lines_to_paste_has_no_language() -> None:
    """The summary shows no empty block."""
    assert OTHER.told(CallError("DeleteUser", "C", "other")).language == ""
