"""What main outputs: the single outputs, the output `users`, and the summary."""

import json
from types import SimpleNamespace
from typing import Any, cast

import pytest

from cognito_action.inputs.main import MainInputs
from cognito_action.sign_in.app_client import Tokens
from cognito_action.sign_in.challenges import SignedIn
from cognito_action.terminal.console import StepConsole
from cognito_action.terminal.id_tokens import TokenSource
from cognito_action.users.batch import ReadyUser
from cognito_action.users.creation import UserCredentials
from cognito_action.users.outputs import write_outputs, write_subs
from tests.support.examples import POOL_ID, SUB
from tests.support.inputs import input_variables, no_warning
from tests.support.recorder import Recorder

OTHER_SUB = "22222222-3333-4444-5555-666666666666"
CREDENTIALS = ["username", "password", "email", "sub"]
TOKENS = ["access-token", "id-token", "refresh-token"]


def inputs(**given: str) -> MainInputs:
    """The inputs of a step; `_` in names stands for `-`."""
    named = {"user_pool_id": POOL_ID, **given}
    return MainInputs.from_environ(input_variables(**named), no_warning)


def person(name: str, sub: str = SUB, signed_in: SignedIn | None = None, storage_state: str = "") -> ReadyUser:
    """A user whose values show whose they are."""
    user = UserCredentials(f"{name}'s name", f"{name}'s password", f"{name}'s address", sub, "internal", "user-1")
    return ReadyUser(user, signed_in, storage_state)


def password(text: str) -> ReadyUser:
    """A user with this password."""
    return ReadyUser(UserCredentials("", text, "", SUB, "", ""), None, "")


def signed_in(secret: str = "") -> SignedIn:
    """Tokens, and a device if there is a secret."""
    return SignedIn(Tokens("access", "id", "refresh"), cast("Any", SimpleNamespace(secret=secret)) if secret else None)


# The fields of a user


@pytest.mark.parametrize(
    ("user", "fields"),
    [
        (person("ada"), CREDENTIALS),
        (person("ada", ""), ["username", "password", "email"]),
        (person("ada", signed_in=signed_in()), [*CREDENTIALS, *TOKENS]),
        (person("ada", signed_in=signed_in("secret")), [*CREDENTIALS, *TOKENS, "totp-secret"]),
        (person("ada", signed_in=signed_in(), storage_state="/x"), [*CREDENTIALS, *TOKENS, "storage-state"]),
    ],
)
def test_user_has_only_the_fields_that_apply(user: ReadyUser, fields: list[str]) -> None:
    """They have the names of the outputs; a field that would be empty because an input is missing is left out."""
    assert list(user.outputs) == fields


def test_fields_contain_what_they_say() -> None:
    """No field is mixed up with another."""
    assert person("ada", signed_in=signed_in("secret"), storage_state="/temp/x").outputs == {
        "username": "ada's name",
        "password": "ada's password",
        "email": "ada's address",
        "sub": SUB,
        "access-token": "access",
        "id-token": "id",
        "refresh-token": "refresh",
        "totp-secret": "secret",
        "storage-state": "/temp/x",
    }


# Outputs


def test_one_user_does_not_set_the_output_users(recorder: Recorder) -> None:
    """A step without `users` sets the outputs that it has always set."""
    write_outputs({"": person("ada")}, inputs(), recorder.runner)

    assert recorder.stage.outputs == person("ada").outputs


def test_single_outputs_are_the_first_users(recorder: Recorder) -> None:
    """The output `users` contains the same fields, by key, in the order of the workflow."""
    people = {"viewer": person("viewer", OTHER_SUB, signed_in()), "admin": person("admin")}

    write_outputs(people, inputs(users="viewer:\nadmin:"), recorder.runner)

    outputs = recorder.stage.outputs
    assert outputs | {"users": ""} == {**people["viewer"].outputs, "users": ""}
    users = json.loads(outputs["users"])
    assert list(users) == ["viewer", "admin"]
    assert users == {key: user.outputs for key, user in people.items()}


def test_output_users_is_set_for_a_single_key_too(recorder: Recorder) -> None:
    """A workflow that writes `users` reads `users`."""
    write_outputs({"admin": person("admin")}, inputs(users="admin:"), recorder.runner)

    assert json.loads(recorder.stage.outputs["users"]) == {"admin": person("admin").outputs}


@pytest.mark.parametrize("key", ["é漢😀", '"', "\\", "a: b", "::error::x", "${{ x }}", "<<EOF", "users"])
def test_any_key_is_preserved(recorder: Recorder, key: str) -> None:
    """The JSON contains what the YAML contained, on one line."""
    write_outputs({key: person("x")}, inputs(users=json.dumps({key: ""})), recorder.runner)

    assert list(json.loads(recorder.stage.outputs["users"])) == [key]
    assert "\n" not in recorder.stage.outputs["users"]
    assert recorder.stage.executed == []


@pytest.mark.parametrize("excess", [0, 1])
def test_output_too_long_for_a_variable_is_a_warning(recorder: Recorder, excess: int) -> None:
    """The length is in bytes, with room for the variable's own name; the output is still set."""
    longest = 128 * 1024 - 256
    rest = len(json.dumps({"é": password("").outputs}, ensure_ascii=False).encode())

    write_outputs({"é": password("x" * (longest - rest + excess))}, inputs(users="é:"), recorder.runner)

    assert len(recorder.stage.outputs["users"].encode()) == longest + excess
    assert [annotation.level for annotation in recorder.stage.annotations] == ["warning"] * excess
    assert excess == 0 or "128 KiB" in recorder.stage.annotations[0].message


# The summary


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({}, f"### Cognito test user\n\nCreated in `{POOL_ID}`; is deleted when the job ends. The user's `sub`:"),
        (
            {"cleanup": "false"},
            f"### Cognito test user\n\nCreated in `{POOL_ID}`; stays when the job ends (`cleanup: false`). The user's `sub`:",
        ),
    ],
)
def test_summary_of_one_user(recorder: Recorder, given: dict[str, str], text: str) -> None:
    """It shows only the `sub`, which is not a secret."""
    write_outputs({"": person("ada")}, inputs(**given), recorder.runner)

    assert recorder.stage.summary == f"{text}\n\n```\n{SUB}\n```\n\n"


@pytest.mark.parametrize(
    ("cleanup", "end"),
    [("true", "they are deleted when the job ends"), ("false", "they stay when the job ends (`cleanup: false`)")],
)
def test_summary_of_several_users(recorder: Recorder, cleanup: str, end: str) -> None:
    """It shows each `sub` with its key."""
    people = {"admin": person("admin"), "viewer": person("viewer", OTHER_SUB)}

    write_outputs(people, inputs(users="admin:\nviewer:", cleanup=cleanup), recorder.runner)

    assert recorder.stage.summary == (
        f"### Cognito test users\n\nCreated 2 in `{POOL_ID}`; {end}. The users' `sub`:\n\n"
        f"```\n{SUB}  admin\n{OTHER_SUB}  viewer\n```\n\n"
    )


@pytest.mark.parametrize(
    ("subs", "cleanup", "text"),
    [
        ([""], "true", "user\n\nReady for a test to sign up in `{}`; is deleted when the job ends. The user's `sub`:"),
        (
            [""],
            "false",
            "user\n\nReady for a test to sign up in `{}`; stays when the job ends (`cleanup: false`). The user's `sub`:",
        ),
        (
            ["", ""],
            "true",
            "users\n\nReady for tests to sign up in `{}`; they are deleted when the job ends. The users' `sub`:",
        ),
        (["", SUB], "true", "users\n\nCreated 1 in `{}`; they are deleted when the job ends. The users' `sub`:"),
        (
            [OTHER_SUB, "", SUB],
            "true",
            "users\n\nCreated 2 in `{}`; they are deleted when the job ends. The users' `sub`:",
        ),
    ],
    ids=str,
)
def test_summary_says_who_is_not_created(recorder: Recorder, subs: list[str], cleanup: str, text: str) -> None:
    """Where there is no `sub` there is no user; only those who are there are counted."""
    people = {f"key {number}": person("x", sub) for number, sub in enumerate(subs)}
    keys = "\n".join(f"{key}:" for key in people)

    write_outputs(people, inputs(users=keys, cleanup=cleanup), recorder.runner)

    rows = "\n".join(f"{sub or '(not created)'}  {key}" for sub, key in zip(subs, people, strict=True))
    assert recorder.stage.summary == f"### Cognito test {text.format(POOL_ID)}\n\n```\n{rows}\n```\n\n"


def test_single_outputs_are_the_first_users_even_if_nobody_creates_it(recorder: Recorder) -> None:
    """What it lacks is not set, and so is empty; those of the others are in the output `users`."""
    people = {"form": person("form", ""), "admin": person("admin", SUB, signed_in())}

    write_outputs(people, inputs(users="form:\nadmin:"), recorder.runner)

    outputs = recorder.stage.outputs
    assert list(outputs) == ["username", "password", "email", "users"]
    assert json.loads(outputs["users"])["admin"]["id-token"] == "id"


def test_failed_sign_up_has_the_ids_of_who_exists(recorder: Recorder) -> None:
    """A trigger may have made something for them; nothing else is output, and no one whose ID is not known."""
    given = inputs(users="first:\nsecond:\nform: {create: false}", client_id="1example23456789", sign_up="true")

    write_subs({"first": SUB, "second": OTHER_SUB}, given, recorder.runner)

    outputs = recorder.stage.outputs
    assert list(outputs) == ["sub", "users"]
    assert outputs["sub"] == SUB
    assert json.loads(outputs["users"]) == {"first": {"sub": SUB}, "second": {"sub": OTHER_SUB}}


@pytest.mark.parametrize(
    ("users", "subs", "expected"),
    [
        ("", {}, {}),
        ("", {"": SUB}, {"sub": SUB}),
        ("first:\nsecond:", {}, {}),
        ("first:\nsecond:", {"second": SUB}, {"users": json.dumps({"second": {"sub": SUB}})}),
    ],
)
def test_failed_sign_up_outputs_only_what_is_known(
    recorder: Recorder, users: str, subs: dict[str, str], expected: dict[str, str]
) -> None:
    """The single output is the first user's, and empty if that one is not there."""
    write_subs(subs, inputs(users=users), recorder.runner)

    assert recorder.stage.outputs == expected


def test_failed_sign_up_keeps_its_error_if_nothing_can_be_written(recorder: Recorder) -> None:
    """The file of the outputs is gone, and no second error hides the first."""
    recorder.paths["GITHUB_OUTPUT"].unlink()
    recorder.paths["GITHUB_OUTPUT"].mkdir()

    write_subs({"": SUB}, inputs(), recorder.runner)


def test_key_cannot_escape_its_block(recorder: Recorder) -> None:
    """A key is the workflow's own text and may contain anything."""
    write_outputs({"```": person("x"), "## evil": person("y")}, inputs(users="'```':\n'## evil':"), recorder.runner)

    assert recorder.stage.summary.count("````\n") == 2
    assert f"{SUB}  ```\n{SUB}  ## evil\n````\n" in recorder.stage.summary


def test_summary_contains_only_subs_and_keys(recorder: Recorder) -> None:
    """Names, passwords, tokens and secrets are only in the outputs."""
    user = person("ada", signed_in=signed_in("totp"), storage_state="/temp/x")

    write_outputs({"ada": user}, inputs(users="ada:"), recorder.runner)

    assert [value for value in user.outputs.values() if value in recorder.stage.files["GITHUB_STEP_SUMMARY"]] == [SUB]
    assert recorder.stage.stdout == ""


def test_summary_of_the_command_says_when_it_has_ended(recorder: Recorder) -> None:
    """The job goes on; and a value that is too long shows when the command is to start."""
    host = StepConsole(recorder.environ, recorder.stdout, TokenSource(), logs=False)

    write_outputs({"key": password("x" * 200_000)}, inputs(users="key:"), host)

    assert "is deleted when the command has ended" in recorder.stage.summary
    assert recorder.stage.annotations == []
