"""The errors about users who could not be deleted, and about a state that does not say whom to delete."""

import pytest

from cognito_action.diagnostics.deletion import (
    creation_unanswered,
    credentials_changed,
    foreign_state_entries,
    phone_user_not_listed,
    phone_user_unknown,
    proxies_changed,
    setup_missing,
    users_left_behind,
)
from cognito_action.errors import NETWORK, ActionError, CallError
from cognito_action.words import HostKind, Variable, Words
from tests.support.examples import POOL_ID, SUB


@pytest.mark.parametrize(
    ("error", "what", "fix"),
    [
        (
            foreign_state_entries(["user-1", "user-x"]),
            "they were left alone: user-1, user-x",
            "Use one version of the action",
        ),
        (
            setup_missing([SUB]),
            "does not say which user pool its users are in; they were not deleted.",
            "Delete them by hand.",
        ),
        (credentials_changed(), "are not those with which the users were created", "Set `role-to-assume`"),
        (phone_user_unknown(), "is not known", "Keep `email-domain` set"),
        (
            phone_user_not_listed(),
            "is taken, and lists no user who has it",
            "an address that starts with `gha-` or `success+gha-`",
        ),
        (creation_unanswered(1, POOL_ID, ["command"]), "may still come to be in eu-central-1_AbCdEfGhI", "`sweep/`"),
        (
            proxies_changed(CallError("AdminDeleteUser", NETWORK, "refused"), "", "http_proxy=http://proxy"),
            "AdminDeleteUser failed with NetworkError: refused",
            "`GITHUB_ENV`",
        ),
    ],
)
def test_each_error_names_its_cause_and_its_fix(error: ActionError, what: str, fix: str) -> None:
    """The text says what a reader has to know and do."""
    assert what in error.what
    assert error.why
    assert fix in error.fix


def test_users_without_a_setup_are_named_by_their_subs() -> None:
    """Each has its own line, and without any there is no empty line."""
    assert setup_missing([SUB, "a-b"]).details == f"{SUB}\na-b"
    assert setup_missing([SUB, "a-b"]).annotation.split("\n")[2:4] == [SUB, "a-b"]
    assert setup_missing([]).details == ""
    assert setup_missing([]).annotation.count("\n") == 2


# Users who may still come


@pytest.mark.parametrize(("users", "who"), [(1, "1 user may"), (2, "2 users may")])
def test_users_who_may_come_are_counted_with_the_commands_that_find_them(users: int, who: str) -> None:
    """The commands are lines to paste."""
    error = creation_unanswered(users, POOL_ID, ["first command", "second command"])

    assert error.what.startswith(who)
    assert (error.paste, error.language) == ("first command\nsecond command", "sh")


@pytest.mark.parametrize(
    ("before", "now", "details"),
    [
        ("", "http_proxy=http://a", "when the users were created: no proxy\nnow: http_proxy=http://a"),
        ("http_proxy=http://a", "", "when the users were created: http_proxy=http://a\nnow: no proxy"),
        ("x", "y", "when the users were created: x\nnow: y"),
    ],
)
def test_proxies_are_shown_as_they_were_and_as_they_are(before: str, now: str, details: str) -> None:
    """They may hold text from outside, so they are details and not part of the advice."""
    error = proxies_changed(CallError("ListUsers", NETWORK, "refused"), before, now)

    assert error.details == details
    assert "http_proxy=" not in error.why + error.fix


# Users who are left behind


def test_users_left_behind_are_counted_with_cause_and_commands() -> None:
    """The commands come before the cause's own advice, so that nothing cuts them off; its details come last."""
    cause = ActionError("What.", "Why.", "Fix:", details="Details.", paste="Paste.", language="json")
    error = users_left_behind(cause, POOL_ID, 2, ["first command", "second command"])

    assert error.annotation == (
        "2 users may still exist in eu-central-1_AbCdEfGhI. What.\n"
        "To delete by hand:\nfirst command\nsecond command\nWhy. Fix:\nPaste.\n\nDetails."
    )


@pytest.mark.parametrize(
    ("details", "paste", "pasted"), [("", "Paste.", "Paste."), ("Details.", "", "Details."), ("", "", "")]
)
def test_missing_parts_of_the_cause_are_left_out(details: str, paste: str, pasted: str) -> None:
    """There are no blank lines for what the cause does not have."""
    error = users_left_behind(
        ActionError("What.", "Why.", "Fix:", details=details, paste=paste), POOL_ID, 1, ["command"]
    )

    assert (error.details, error.fix, error.paste) == ("command", "Why. Fix:", pasted)
    assert bool(error.language) == bool(pasted)


def test_one_user_left_behind_is_counted_as_one() -> None:
    """If the cause has neither details nor lines to paste, nothing takes their place."""
    error = users_left_behind(ActionError("What.", "Why.", "Fix."), POOL_ID, 1, ["command"])

    assert error.what == "1 user may still exist in eu-central-1_AbCdEfGhI. What."
    assert error.paste == ""


def test_journal_is_named_where_there_is_no_state() -> None:
    """The command has no state, and no one deletes by `STATE_…` variables."""
    foreign = foreign_state_entries(["user-1"], HostKind.COMMAND)
    missing = setup_missing(["a", "b"], HostKind.COMMAND)

    assert foreign.what == "The journal holds entries that are not its own; they were left alone: user-1"
    assert missing.what.startswith("The journal does not say which user pool")
    assert missing.details == "a\nb"


@pytest.mark.parametrize("in_journal", [True, False])
def test_command_says_what_deletes_users_of_its_journal(*, in_journal: bool) -> None:
    """Not of users who are none of its own."""
    cause = ActionError("What.", "Why.", Words("Fix the step.", "Fix it."), details="Details.", paste=Variable("X"))

    error = users_left_behind(cause, "pool", 2, ["command"], in_journal=in_journal)

    first = "Mend that, and run `cognito-test-user cleanup`. Or delete by hand:" if in_journal else "To delete by hand:"
    assert error.annotation == (
        '2 users may still exist in pool. What.\nTo delete by hand:\ncommand\nWhy. Fix the step.\nenv:\n  X: ""\n\nDetails.'
    )
    assert error.text == (
        f"2 users may still exist in pool. What.\n{first}\ncommand\nWhy. Fix it.\nunset X\n\nDetails."
    )
