"""What runs have left: worked off journal by journal, and kept as long as anyone may still be there."""

import json
import os
import time
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from cognito_action.aws.iam import Role
from cognito_action.command.cleaning import LIMITS, SETTLED, clean_up_abandoned, counted, delete_users_of
from cognito_action.naming import Place, Run
from cognito_action.terminal.journal import Journal
from cognito_action.users.records import Entry
from tests.support.command_line import PLACE, CommandLine, name_at
from tests.support.examples import NAME, POOL_ID, ROLE_ARN, RUN_ENVIRON
from tests.support.scripted_aws import DONE, cognito_refusal

ABSENT = cognito_refusal("UserNotFoundException", "User does not exist.")
DENIED = cognito_refusal("AccessDeniedException", "not authorized")

RUN = Run.from_environ(RUN_ENVIRON)

FIRST, SECOND = name_at(PLACE, 1), name_at(PLACE, 2)


def clean_up(line: CommandLine) -> bool:
    return all(clean_up_abandoned(line.context("cleanup")))


def test_nothing_is_left_where_nothing_ever_was(line: CommandLine) -> None:
    """No one is asked, and no folder made."""
    assert clean_up(line)
    assert (line.said, line.aws.calls) == ([], [])
    assert not Path(line.folder.path).exists()


def test_users_are_deleted_and_then_the_journal(line: CommandLine) -> None:
    """The reader learns how many."""
    line.left(Entry(name=FIRST), Entry(name=SECOND))

    assert clean_up(line)

    assert sorted(line.deleted) == [FIRST, SECOND]
    assert line.journals == []
    assert line.said[-1] == f"cognito-test-user: Deleted 2 users of {POOL_ID}, left by an earlier run."


@pytest.mark.parametrize(("users", "words"), [(0, "0 users"), (1, "1 user"), (2, "2 users")])
def test_users_are_counted(users: int, words: str) -> None:
    """In words."""
    assert counted(users) == words


@pytest.mark.parametrize(
    "origin", [PLACE, Place("fedcba9876543210", "20200101000000"), Run("123456789", "9876543210", "1")]
)
def test_journal_of_another_place_is_worked_off_as_well(line: CommandLine, origin: Place | Run) -> None:
    """The folder may have moved, or the project has another name by now: the journal tells whose users they are."""
    name = f"{origin.prefix}0123456789abcdef"
    line.left(Entry(name=name), origin=origin)

    assert clean_up(line)
    assert line.deleted == [name]
    assert line.journals == []


def test_user_who_is_gone_is_no_failure(line: CommandLine) -> None:
    """Someone has deleted them by hand, or a cleanup that was killed."""
    line.left(Entry(name=FIRST))
    line.aws.on("AdminDeleteUser", ABSENT)

    assert clean_up(line)
    assert line.journals == []
    assert not any("Deleted" in text for text in line.said)


@pytest.mark.parametrize("failure", ["warning", "error"])
def test_user_who_can_not_be_deleted_keeps_the_journal(line: CommandLine, failure: str) -> None:
    """That is no reason to stop before the next, and it is a warning, whatever that run wanted for its own."""
    first = line.left(Entry(name=FIRST), setup=line.setup(failure))
    first = str(Path(first).rename(Path(first).with_name("0.journal")))
    line.left(Entry(name=SECOND))
    line.aws.about(FIRST, DENIED)

    assert not clean_up(line)

    assert line.deleted == [FIRST, SECOND]
    assert line.journals == [first]
    assert any(text.startswith("cognito-test-user: warning: 1 user may still exist") for text in line.said)
    assert any(first in text for text in line.said)
    assert "error" not in "\n".join(line.said)
    assert clean_up(line)
    assert line.journals == []


def test_journal_that_was_only_begun_is_removed(line: CommandLine) -> None:
    """No one was created before its first line was there; nor before the first user."""
    path = line.left()
    Path(path).with_name("0.journal").touch(0o600)

    assert clean_up(line)
    assert (line.said, line.aws.calls, line.journals) == ([], [], [])


@pytest.mark.parametrize(
    "content", [b"x", b'{"origin":"ctu-1-"}\n{"users":"1"}\n', b"\xff\n", b'{"origin":"alice"}\n', b"\n"]
)
def test_journal_that_no_one_can_read_stays(line: CommandLine, content: bytes) -> None:
    """Its users may exist; the next one is worked off all the same."""
    line.left(Entry(name=FIRST))
    path = Path(line.folder.path, "0.journal")
    path.write_bytes(content)
    path.chmod(0o600)

    assert not clean_up(line)

    assert line.deleted == [FIRST]
    assert path.read_bytes() == content
    assert any("warning" in text and str(path) in text for text in line.said)


@pytest.mark.parametrize(
    "text", [json.dumps({"name": FIRST, "new-in-version-9": 1}), "x", Entry(name=NAME).text, Entry(name="alice").text]
)
def test_entry_that_this_version_can_not_read_keeps_the_journal(line: CommandLine, text: str) -> None:
    """Its user may exist; the others are deleted, and it is left alone."""
    journal, state = line.begin(Entry(name=FIRST))
    state.add("user", text)
    journal.close()

    assert not clean_up(line)

    assert line.deleted == [FIRST]
    assert line.journals == [journal.path]
    assert any("user-2" in text for text in line.said)


def test_entry_that_was_taken_back_is_none(line: CommandLine) -> None:
    """Cognito did not create this user."""
    journal, state = line.begin()
    user = state.new_user()
    user.save(Entry(name=FIRST))
    user.discard()
    journal.close()

    assert clean_up(line)
    assert (line.aws.calls, line.journals, line.said) == ([], [], [])


@pytest.mark.parametrize("text", ["", "x", '{"pool_id": 1}'])
def test_users_without_a_pool_keep_the_journal(line: CommandLine, text: str) -> None:
    """They are named."""
    journal, _ = line.begin(Entry(name=FIRST, sub="11111111-2222-3333-4444-555555555555"))
    journal.write(setup=text)
    journal.close()

    assert not clean_up(line)
    assert (line.aws.calls, line.journals) == ([], [journal.path])
    assert any("11111111-2222-3333-4444-555555555555" in text for text in line.said)


def test_users_who_are_to_stay_stay(line: CommandLine) -> None:
    """The others do not, and the journal has done its work."""
    journal, state = line.begin(Entry(name=FIRST), Entry(name=SECOND))
    state.keep(["user-1"])
    journal.close()

    assert clean_up(line)
    assert line.deleted == [SECOND]
    assert line.journals == []


def test_files_of_a_run_are_removed(line: CommandLine) -> None:
    """They hold secrets; other files of the folder are left alone."""
    journal, state = line.begin()
    names = [state.new_file(Random(number)) for number in range(3)]
    state.add("file", "other")
    for name in (*names[:2], "other"):
        line.folder.write(name, "text")
    journal.write(**{"file-4": ""})
    journal.close()

    assert clean_up(line)
    assert [path.name for path in Path(line.folder.path).iterdir()] == ["other"]


def test_file_that_can_not_be_removed_keeps_the_journal(line: CommandLine) -> None:
    """The users are deleted all the same."""
    journal, state = line.begin(Entry(name=FIRST))
    name = state.new_file(Random(1))
    Path(line.folder.path, name).mkdir()
    journal.close()

    assert not clean_up(line)

    assert line.deleted == [FIRST]
    assert line.journals == [journal.path]
    assert any("warning" in text and name in text for text in line.said)
    Path(line.folder.path, name).rmdir()
    assert clean_up(line)


# Creations without an answer


@pytest.mark.parametrize(("ago", "gone"), [(30, False), (SETTLED - 5, False), (SETTLED + 5, True), (10**6, True)])
def test_creation_without_an_answer_is_over_after_a_while(line: CommandLine, ago: int, *, gone: bool) -> None:
    """One look is enough then; before, its user may still come, and the journal stays."""
    entry = Entry(name=FIRST, unanswered=1, last_unanswered=int(time.time()) - ago)
    path = line.left(entry)
    line.aws.on("AdminDeleteUser", ABSENT)

    assert clean_up(line) == gone

    assert line.deleted == [FIRST]
    assert line.journals == ([] if gone else [path])
    assert any("may still come" in text for text in line.said) != gone


def test_clock_that_was_set_back_makes_no_creation_over(line: CommandLine) -> None:
    """It seems to lie in the future."""
    entry = Entry(name=FIRST, unanswered=1, last_unanswered=1000)
    line.left(entry)
    [journal] = Journal.abandoned(line.folder, print)
    context = line.context("cleanup")
    context.stopper.stop()

    assert not delete_users_of(journal, context, context.stopper.retry(LIMITS, context.host), lambda: 0.0)


# Stopped


def test_cleanup_that_is_stopped_keeps_what_it_has_not_done(line: CommandLine) -> None:
    """The next one goes on there."""
    paths = [line.left(Entry(name=FIRST)), line.left(Entry(name=SECOND))]
    context = line.context("cleanup")
    context.stopper.stop()

    assert clean_up_abandoned(context) == [False, False]

    assert line.deleted == []
    assert line.journals == sorted(paths)
    line.aws.on("AdminDeleteUser", DONE, DONE)
    assert clean_up(line)


def test_journal_that_can_not_be_believed_is_told_and_fails_the_cleanup(line: CommandLine) -> None:
    """It may name users, so it is not left out in silence; the next one is worked off."""
    path = line.left(Entry(name=FIRST))
    line.left(Entry(name=SECOND))
    os.chmod(path, 0o620)

    assert sorted(clean_up_abandoned(line.context("cleanup"))) == [False, True]

    assert any(f"The journal {path} can't be used: others can write to it" in text for text in line.said)
    assert line.deleted == [SECOND]
    assert line.journals == [path]


@pytest.mark.parametrize(("origin", "touched"), [(RUN, True), (Run("999", "1", "1"), False)])
def test_journal_of_another_repository_with_a_role_is_left_to_it(
    line: CommandLine, origin: Run, *, touched: bool
) -> None:
    """Its role trusts no token of this one, and advice to change that would be wrong."""
    line.environ |= {**RUN_ENVIRON, "GITHUB_ACTIONS": "true"}
    setup = replace(line.setup(), role=Role(ROLE_ARN, "session", "sts.amazonaws.com"))
    path = line.left(Entry(name=origin.new_name(Random())), origin=origin, setup=setup)

    assert clean_up_abandoned(line.context("cleanup")) == [False] * touched

    assert any("left to its own cleanup" in text for text in line.said) != touched
    assert line.journals == [path]
