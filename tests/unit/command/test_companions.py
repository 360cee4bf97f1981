"""Cleanup, sweep, adopt and delete: for users of this place, and of GitHub's repository in GitHub."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cognito_action.command.companions import cleanup
from cognito_action.naming import Place
from cognito_action.terminal.process import Signals
from cognito_action.users.records import Entry
from tests.support.command_line import PLACE, CommandLine, name_at
from tests.support.examples import NAME, POOL_ID, RUN_ENVIRON, SUB
from tests.support.scripted_aws import cognito_answer, cognito_refusal

POOL = f"--user-pool-id={POOL_ID}"

GITHUB = {**RUN_ENVIRON, "GITHUB_ACTIONS": "true"}

ABSENT = cognito_refusal("UserNotFoundException", "User does not exist.")
DENIED = cognito_refusal("AccessDeniedException", "not authorized")


def own_name(line: CommandLine, number: int = 1) -> str:
    """A name that was generated here, some time ago."""
    origin = line.context("cleanup").origin
    assert isinstance(origin, Place)
    return name_at(Place(origin.id, "20250101000000"), number)


def users(*names: str) -> Any:
    created = (datetime.now(UTC) - timedelta(days=2)).timestamp()
    return cognito_answer(
        {"Users": [{"Username": name, "UserCreateDate": created, "Attributes": []} for name in names]}
    )


# Cleanup


@pytest.mark.parametrize(("answers", "status"), [([], 0), ([DENIED], 1)])
def test_cleanup_fails_if_someone_may_still_exist(line: CommandLine, answers: list[Any], status: int) -> None:
    """So a job can be made of it."""
    line.left(Entry(name=name_at(PLACE)))
    line.aws.on("AdminDeleteUser", *answers)

    assert line("cleanup") == status
    assert len(line.journals) == status


# Sweep


def test_sweep_deletes_old_users_of_this_place(line: CommandLine) -> None:
    """And no one else, whatever the list holds."""
    other = name_at(Place("f" * 16, "20250101000000"))
    line.aws.on("ListUsers", users(own_name(line), other, NAME, "alice"))

    assert line("sweep", POOL, "--older-than=24h") == 0

    assert line.deleted == [own_name(line)]
    origin = line.context("cleanup").origin
    filters = [call.parameters["Filter"] for call in line.aws.all("ListUsers")]
    assert filters == [f'username ^= "{prefix}"' for prefix in origin.search_prefixes]
    assert any("Users of this place that are older than 24h: 1." in text for text in line.said)


def test_sweep_of_a_named_place_deletes_its_users(line: CommandLine) -> None:
    """From any machine."""
    name = f"{line.context('sweep', '--place=nightly').origin.prefix}0123456789abcdef"
    line.aws.on("ListUsers", users(name, own_name(line)))

    assert line("sweep", POOL, "--place=nightly") == 0
    assert line.deleted == [name]


def test_sweep_in_github_deletes_users_of_the_repository(line: CommandLine) -> None:
    """As the action's does."""
    line.aws.on("ListUsers", users(NAME, own_name(line)))
    line.environ |= GITHUB

    assert line("sweep", POOL) == 0
    assert line.deleted == [NAME]


def test_sweep_that_only_lists_deletes_no_one(line: CommandLine) -> None:
    """The switch alone is enough."""
    line.aws.on("ListUsers", users(own_name(line)))

    assert line("sweep", POOL, "--dry-run") == 0
    assert line.deleted == []
    assert any("Would delete user" in text for text in line.said)


def test_sweep_in_a_repository_that_no_one_knows_is_refused(line: CommandLine) -> None:
    """Each of them would be `0`."""
    line.environ |= {"GITHUB_ACTIONS": "true"}

    assert line("sweep", POOL) == 1
    assert line.aws.calls == []


# Delete


def test_delete_deletes_users_of_this_place(line: CommandLine) -> None:
    """Several, one per line."""
    names = [own_name(line, number) for number in (1, 2)]

    assert line("delete", POOL, "--username=" + "\n".join(names)) == 0
    assert sorted(line.deleted) == names


@pytest.mark.parametrize("name", [NAME, "alice", SUB, name_at(Place("f" * 16, "20250101000000"))])
@pytest.mark.parametrize("subcommand", ["delete", "adopt"])
def test_stranger_is_left_alone(line: CommandLine, subcommand: str, name: str) -> None:
    """No service is called."""
    tail = ["--", "true"] if subcommand == "adopt" else []

    assert line(subcommand, POOL, f"--username={name}", *tail) == 1

    assert line.aws.calls == []
    assert name in "\n".join(line.said)


def test_user_who_can_not_be_deleted_is_a_failure(line: CommandLine) -> None:
    """Someone has asked for it."""
    line.aws.on("AdminDeleteUser", DENIED)

    assert line("delete", POOL, f"--username={own_name(line)}") == 1


# Adopt


def test_adopt_runs_the_command_with_a_new_password(line: CommandLine) -> None:
    """And with nothing of the user of another run around it; the user stays."""
    line.environ |= {"COGNITO_PASSWORD": "old", "COGNITO_SUB": "old"}
    script = 'printf "%s\\n" "$COGNITO_USERNAME" "$COGNITO_PASSWORD" "${COGNITO_SUB-none}" > "$OUT"; exit 3'

    assert line("adopt", POOL, f"--username={own_name(line)}", "--", "sh", "-c", script) == 3

    [call] = line.aws.calls
    assert line.out.splitlines() == [own_name(line), call.parameters["Password"], "none"]
    assert call.parameters["Password"] not in "\n".join(line.said)
    assert line.journals == []


def test_user_of_this_run_is_adopted_in_github(line: CommandLine) -> None:
    """The action may have created it, in another job."""
    line.environ |= GITHUB

    assert line("adopt", POOL, f"--username={NAME}", "--", "true") == 0
    assert [call.parameters["Username"] for call in line.aws.calls] == [NAME]
    assert line.said[1].startswith("::add-mask::")


@pytest.mark.parametrize(("program", "status"), [("no-such-command", 127), ("/", 126)])
def test_command_that_is_not_there_costs_no_password(line: CommandLine, program: str, status: int) -> None:
    """It is looked for first."""
    assert line("adopt", POOL, f"--username={own_name(line)}", "--", program) == status

    assert line.aws.calls == []
    assert program in line.said[0]


def test_user_who_is_not_there_is_not_adopted(line: CommandLine) -> None:
    """The command is not run."""
    line.aws.on("AdminSetUserPassword", ABSENT)

    assert line("adopt", POOL, f"--username={own_name(line)}", "--", "sh", "-c", 'touch "$OUT"') == 1
    assert not (line.tmp_path / "out").exists()


@pytest.mark.parametrize(
    "arguments", [["adopt", POOL, "--", "true"], ["delete", POOL], ["delete", POOL, "--username= "]]
)
def test_missing_name_is_told_in_the_words_of_a_command(line: CommandLine, arguments: list[str]) -> None:
    """Not in those of a workflow, in which an output may be empty for other reasons."""
    assert line(*arguments) == 2

    assert any("--username is missing, or empty" in text for text in line.said)
    assert not any("GitHub" in text for text in line.said)
    assert line.aws.calls == []


def test_cleanup_that_was_interrupted_says_so_by_its_status(line: CommandLine) -> None:
    """Whatever it has got done."""
    signals = Signals()
    signals.received = 2

    assert cleanup(line.context("cleanup"), signals) == 130


def test_name_of_another_run_is_refused_in_the_words_of_the_command(line: CommandLine) -> None:
    """In GitHub as well: there is no `with:`."""
    line.environ |= GITHUB

    assert line("adopt", POOL, "--username=alice", "--", "true") == 1
    assert any("--mask-username false" in text for text in line.said)
    assert not any("steps.user.outputs" in text for text in line.said)
