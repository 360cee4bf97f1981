"""Run: a user for the time of one command, whatever becomes of either."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cognito_action.aws.iam import LONG_SESSION_SECONDS, SESSION_SECONDS
from cognito_action.command.run import OUTPUTS, variables, without_outputs
from cognito_action.command.session import Session
from cognito_action.inputs.main import MainInputs
from cognito_action.naming import Place, owner_of
from cognito_action.users.records import Entry
from tests.support.command_line import PLACE, CommandLine, name_at
from tests.support.examples import POOL_ID, ROLE_ARN, SUB
from tests.support.scripted_aws import cognito_answer, cognito_refusal, sts_refusal
from tools.emulator.http import Answer, Request, serving

TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"

ASSUME = "AssumeRoleWithWebIdentity"
CREATE = ["AdminCreateUser", "AdminSetUserPassword"]
DELETE = "AdminDeleteUser"

DENIED = cognito_refusal("AccessDeniedException", "not authorized")


def created(sub: str = SUB) -> Answer:
    return cognito_answer({"User": {"Username": sub, "Attributes": [{"Name": "sub", "Value": sub}]}})


@pytest.fixture
def line(line: CommandLine) -> CommandLine:
    line.aws.on("AdminCreateUser", created())
    return line


@pytest.fixture
def token(tmp_path: Path) -> str:
    """The option that names a file with a token."""
    (tmp_path / "token").write_text(TOKEN)
    return f"--web-identity-token-file={tmp_path / 'token'}"


def test_user_lives_as_long_as_the_command(line: CommandLine) -> None:
    """It is told what the user is, and the reader that there was one; nothing else is left."""
    script = f'printf "%s\\n" "$COGNITO_USERNAME" "$COGNITO_PASSWORD" "$COGNITO_EMAIL" "$COGNITO_SUB" > "$OUT"; ls {line.folder.path} >> "$OUT"; exit 3'

    assert line.run(script) == 3

    username, password, email, sub, journal = line.out.splitlines()
    assert line.aws.operations == [*CREATE, DELETE]
    assert isinstance(owner_of(username), Place)
    assert line.context("cleanup").origin.generated(username)
    assert (email, sub) == (username, SUB)
    assert line.aws.all("AdminSetUserPassword")[0].parameters["Password"] == password
    assert journal.endswith(".journal")
    assert line.journals == []
    assert line.said == [
        f"cognito-test-user: Created 1 user in {POOL_ID}.",
        f"cognito-test-user: Deleted 1 user of {POOL_ID}.",
    ]


@pytest.mark.parametrize("status", [0, 1, 3, 125, 126, 127, 255])
def test_status_is_the_commands(line: CommandLine, status: int) -> None:
    """The user is deleted in any case."""
    assert line.run(f"exit {status}") == status
    assert line.aws.operations == [*CREATE, DELETE]


def test_user_can_stay(line: CommandLine) -> None:
    """There is nothing for a cleanup to do, either."""
    assert line.run("exit 0", "--cleanup=false") == 0

    assert line.aws.operations == CREATE
    assert line.journals == []
    assert line("cleanup") == 0
    assert line.aws.operations == CREATE


def test_user_is_in_the_journal_before_cognito_is_asked(line: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The name that is sent is there, and so is the pool; no password ever is."""
    journals: list[str] = []

    def respond(request: Request) -> Answer | None:
        journals.extend(Path(path).read_text() for path in line.journals)
        return line.aws.respond(request)

    with serving(respond) as url:
        line.environ["AWS_ENDPOINT_URL"] = url
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        assert line.run("exit 0") == 0

    name = line.aws.all("AdminCreateUser")[0].parameters["Username"]
    assert len(journals) == 3
    assert all(name in journal and POOL_ID in journal for journal in journals)
    assert all(line.aws.all("AdminSetUserPassword")[0].parameters["Password"] not in journal for journal in journals)


# Whom earlier runs have left


def test_users_of_dead_runs_are_deleted_first(line: CommandLine) -> None:
    """Nobody has to think of them; those of a live run are left alone."""
    live, _ = line.begin(Entry(name=name_at(PLACE, 1)))
    line.left(Entry(name=name_at(PLACE, 2)))

    assert line.run("exit 0") == 0

    assert line.aws.operations == [DELETE, *CREATE, DELETE]
    assert line.deleted[0] == name_at(PLACE, 2)
    assert line.journals == [live.path]
    live.close()


def test_users_who_stay_left_are_no_reason_not_to_start(line: CommandLine) -> None:
    """They were told of, and the command's status counts."""
    path = line.left(Entry(name=name_at(PLACE, 2)))
    line.aws.about(name_at(PLACE, 2), DENIED)

    assert line.run("exit 3", "--cleanup-failure=error") == 3
    assert line.journals == [path]


# What fails


@pytest.mark.parametrize(("program", "status"), [("no-such-command", 127), ("/", 126)])
def test_command_that_is_not_there_needs_no_user(line: CommandLine, program: str, status: int) -> None:
    """It is looked for first, and the status is that of a shell."""
    assert line("run", "--user-pool-id", POOL_ID, "--", program) == status

    assert line.aws.calls == []
    assert line.said[0].startswith("cognito-test-user: error: ")
    assert program in line.said[0]


def test_command_that_the_system_does_not_start_leaves_no_user(line: CommandLine, tmp_path: Path) -> None:
    """That is known only when it is tried."""
    (tmp_path / "broken").write_bytes(b"\x7fELF")
    (tmp_path / "broken").chmod(0o700)

    assert line("run", "--user-pool-id", POOL_ID, "--", str(tmp_path / "broken")) == 126
    assert line.aws.operations == [*CREATE, DELETE]
    assert line.journals == []


@pytest.mark.parametrize(
    ("answers", "operations"),
    [
        ({"AdminCreateUser": DENIED}, ["AdminCreateUser"]),
        ({"AdminSetUserPassword": DENIED}, [*CREATE, DELETE]),
    ],
)
def test_user_who_can_not_be_made_is_none(line: CommandLine, answers: dict[str, Answer], operations: list[str]) -> None:
    """The command is not run, half a user is deleted, and the status is one that few commands have."""
    line.aws.scripts.clear()
    for operation in CREATE:
        line.aws.on(operation, answers.get(operation, created()))

    assert line.run('touch "$OUT"') == 125

    assert line.aws.operations == operations
    assert not (line.tmp_path / "out").exists()
    assert line.journals == []
    assert any(text.startswith("cognito-test-user: error: Admin") for text in line.said)


@pytest.mark.parametrize(
    ("option", "status", "result", "level"),
    [
        ("warning", 0, 0, "warning"),
        ("error", 0, 1, "error"),
        ("error", 3, 3, "error"),
        ("warning", 3, 3, "warning"),
    ],
)
def test_user_who_can_not_be_deleted_is_told(
    line: CommandLine, option: str, status: int, result: int, level: str
) -> None:
    """It fails the run only if that is asked for, and never hides the command's own status."""
    line.aws.on(DELETE, DENIED)

    assert line.run(f"exit {status}", f"--cleanup-failure={option}") == result

    [path] = line.journals
    assert any(f"{level}: 1 user may still exist" in text for text in line.said)
    assert any(path in text for text in line.said)
    assert line("cleanup") == 0
    assert line.journals == []


def test_bad_option_is_told_before_any_call(line: CommandLine) -> None:
    """All of them at once."""
    assert line.run("exit 0", "--password-length=1", "--groups=a b\tc", "--cleanup=perhaps") == 125

    text = "\n".join(line.said)
    assert "password-length" in text
    assert "cleanup" in text
    assert line.aws.calls == []
    assert line.journals == []


def test_journal_that_can_not_be_written_ends_the_run_before_any_call(line: CommandLine) -> None:
    """No user is created whom no one would find."""
    assert line.run("exit 0", "--state-dir=/dev/null/x") == 125

    assert line.aws.calls == []
    assert "/dev/null/x" in line.said[0]
    assert "Not a directory" in line.said[0]


# What the command gets


def test_outputs_are_variables() -> None:
    """Their names are those of the outputs."""
    assert variables({"username": "a", "aws-access-key-id": "b"}) == {
        "COGNITO_USERNAME": "a",
        "COGNITO_AWS_ACCESS_KEY_ID": "b",
    }


def test_user_of_a_run_around_this_one_is_not_handed_over(line: CommandLine) -> None:
    """All else in the environment is, and not one output is forgotten."""
    line.environ |= {**variables(dict.fromkeys(OUTPUTS, "outer")), "COGNITO_OTHER": "kept"}

    assert line.run('env > "$OUT"') == 0

    assert "outer" not in line.out
    assert "COGNITO_OTHER=kept" in line.out.splitlines()
    assert without_outputs({"A": "b", "COGNITO_SUB": "c"}) == {"A": "b"}


def test_several_users_are_handed_over_as_json(line: CommandLine) -> None:
    """The first is in the single variables as well."""
    line.aws.on("AdminCreateUser", created("22222222-3333-4444-5555-666666666666"))

    assert line.run('printf %s "$COGNITO_USERS" > "$OUT"', '--users={"a": {}, "b": {}}') == 0

    users = json.loads(line.out)
    assert list(users) == ["a", "b"]
    assert len(line.deleted) == 2
    assert f"cognito-test-user: Created 2 users in {POOL_ID}." in line.said


def test_secrets_of_a_user_are_said_nowhere(line: CommandLine) -> None:
    """Nor is the secret of the app client, also when Cognito's own words repeat it."""
    secret = "the-secret-of-the-app-client"
    line.environ |= {"RUNNER_DEBUG": "1"}
    line.aws.on("InitiateAuth", cognito_refusal("InvalidParameterException", f"the secret {secret} is wrong"))

    status = line.run("exit 0", "--client-id=abc", f"--client-secret={secret}", "--auth-flow=USER_PASSWORD_AUTH")

    password = line.aws.all("AdminSetUserPassword")[0].parameters["Password"]
    text = "\n".join(line.said)
    assert status == 125
    assert "the secret *** is wrong" in text
    assert secret not in text
    assert password not in text
    assert line.aws.operations[-1] == DELETE


# With which credentials


def test_role_is_assumed_once_with_a_token_that_may_not_come_again(line: CommandLine, token: str) -> None:
    """Its session lasts longer, and may delete as well; the reader learns until when."""
    assert line.run(f"rm {line.tmp_path}/token", token, f"--role-to-assume={ROLE_ARN}") == 0

    assert line.aws.operations == [ASSUME, *CREATE, DELETE]
    [call] = line.aws.all(ASSUME)
    assert int(call.parameters["DurationSeconds"]) == LONG_SESSION_SECONDS == 3600
    assert call.parameters["WebIdentityToken"] == TOKEN
    [statement] = json.loads(call.parameters["Policy"])["Statement"]
    assert statement["Action"] == [f"cognito-idp:{name}" for name in (*CREATE, DELETE)]
    assert any("The users can be deleted until 00:00 UTC" in text for text in line.said)


def test_role_is_assumed_twice_with_a_token_that_comes_again(line: CommandLine) -> None:
    """Each session is as short, and may do as little, as it can be."""
    command = f"printf x >> {line.tmp_path}/count; echo {TOKEN}$(cat {line.tmp_path}/count)"

    assert line.run("exit 0", f"--web-identity-token-command={command}", f"--role-to-assume={ROLE_ARN}") == 0

    assert line.aws.operations == [ASSUME, *CREATE, ASSUME, DELETE]
    calls = line.aws.all(ASSUME)
    assert {int(call.parameters["DurationSeconds"]) for call in calls} == {SESSION_SECONDS}
    assert [call.parameters["WebIdentityToken"] for call in calls] == [f"{TOKEN}x", f"{TOKEN}xx"]
    [statement] = json.loads(calls[0].parameters["Policy"])["Statement"]
    assert statement["Action"] == [f"cognito-idp:{name}" for name in CREATE]
    assert calls[0].parameters["RoleSessionName"].startswith("cognito-")
    assert not any("can be deleted until" in text for text in line.said)


def test_session_that_has_ended_by_then_is_not_used_for_the_deletion(line: CommandLine, token: str) -> None:
    """The file is read anew, where someone may have left another token."""
    context = line.context("run", token, "--", "true")
    inputs = MainInputs.read({"user-pool-id": POOL_ID, "role-to-assume": ROLE_ARN}, {})
    end = datetime(2040, 1, 1, tzinfo=UTC)
    times = iter([datetime.now(UTC), end - timedelta(seconds=30)])
    session = Session(inputs, context, lambda: next(times))

    with session.users():
        (line.tmp_path / "token").write_text(f"{TOKEN}2")

    assert line.aws.operations == [ASSUME, *CREATE, ASSUME, DELETE]
    assert line.aws.all(ASSUME)[1].parameters["WebIdentityToken"] == f"{TOKEN}2"
    assert not session.left_behind
    assert line.journals == []


def test_end_of_a_session_of_an_identity_pool_may_delete_identities(line: CommandLine, token: str) -> None:
    """That is what these inputs can lead to."""
    identity_pool = "eu-central-1:1a2b3c4d-1111-2222-3333-444455556666"
    line.aws.on(ASSUME, sts_refusal("InvalidIdentityToken", "Incorrect token audience"))

    line.run("exit 0", token, f"--role-to-assume={ROLE_ARN}", "--client-id=abc", f"--identity-pool-id={identity_pool}")

    policy = line.aws.all(ASSUME)[0].parameters["Policy"]
    assert "cognito-identity:DeleteIdentities" in policy


def test_role_without_a_token_is_told_before_any_call(line: CommandLine) -> None:
    """On a laptop a profile does it."""
    assert line.run("exit 0", f"--role-to-assume={ROLE_ARN}") == 125

    assert line.aws.calls == []
    assert "--web-identity-token-file" in "\n".join(line.said)


def test_end_of_the_credentials_of_the_environment_is_told(line: CommandLine) -> None:
    """If it is known."""
    line.environ["AWS_CREDENTIAL_EXPIRATION"] = "2040-01-01T00:00:00Z"

    assert line.run("exit 0") == 0
    assert any("until 2040-01-01T00:00:00Z" in text for text in line.said)


def test_browser_state_is_a_file_by_its_whole_path(
    line: CommandLine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A test may run in another folder than the command was typed in."""
    monkeypatch.chdir(tmp_path)

    assert line.context("cleanup", "--state-dir=here").folder.path == os.path.join(tmp_path.resolve(), "here")


def test_variable_of_no_option_is_told(line: CommandLine) -> None:
    """It is not an error, since another version may have the option; those of other subcommands mean something."""
    line.environ |= {"COGNITO_TEST_USER_GROUP": "admins", "COGNITO_TEST_USER_OLDER_THAN": "1h"}

    assert line.run("true") == 0
    assert any("- COGNITO_TEST_USER_GROUP: did you mean COGNITO_TEST_USER_GROUPS?" in text for text in line.said)
    assert not any("OLDER_THAN" in text for text in line.said)


def test_end_of_the_session_is_not_said_of_a_user_who_stays(line: CommandLine, token: str) -> None:
    """No one wants to delete that one."""
    assert line.run("true", token, f"--role-to-assume={ROLE_ARN}", "--cleanup=false") == 0
    assert not any("until" in text for text in line.said)


@pytest.mark.parametrize("name", ["file", "command"])
def test_token_that_no_role_needs_is_an_error(line: CommandLine, name: str) -> None:
    """Whoever gives it wants a role to be assumed."""
    assert line.run("true", f"--web-identity-token-{name}=x") == 125
    assert any(f"- web-identity-token-{name}: needs role-to-assume" in text for text in line.said)
    assert line.aws.calls == []


def test_user_who_would_stay_is_deleted_if_no_one_got_to_know(line: CommandLine, tmp_path: Path) -> None:
    """The command did not start, so its name is nowhere."""
    (tmp_path / "garbage").write_bytes(b"\x00\x01")
    (tmp_path / "garbage").chmod(0o755)

    assert line("run", "--user-pool-id", POOL_ID, "--cleanup=false", "--", str(tmp_path / "garbage")) == 126
    assert line.aws.operations == [*CREATE, DELETE]
    assert not any("Kept" in text for text in line.said)


def test_credentials_that_are_renewed_are_asked_for_once(
    line: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Someone may have typed something for them, who is not asked again at the end."""
    program = tmp_path / "credentials"
    answer = {"Version": 1, "AccessKeyId": "a", "SecretAccessKey": "b", "Expiration": "2040-01-01T00:00:00Z"}
    program.write_text(f"#!/bin/sh\necho >> {tmp_path}/asked\necho '{json.dumps(answer)}'\n")
    program.chmod(0o755)
    (tmp_path / "config").write_text(f"[profile x]\ncredential_process = {program}\n")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_PROFILE", "x")

    assert line.run("true") == 0
    assert line.aws.operations == [*CREATE, DELETE]
    assert (tmp_path / "asked").read_text() == "\n"
