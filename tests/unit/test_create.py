"""Main: from inputs to outputs, and what it leaves for post."""

import json
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest

from cognito_action.create import create
from cognito_action.errors import ActionError
from cognito_action.identity import Run, owner_of
from cognito_action.oidc import claims_of
from demo.github import TokenService
from tests.unit.helpers import (
    POOL_ID,
    ROLE_ARN,
    RUN_ENVIRON,
    SUB,
    Desk,
    FakeTime,
    ScriptedAws,
    cognito_answer,
    cognito_refusal,
)


@dataclass
class Main:
    """A step's main, with GitHub and AWS on loopback."""

    desk: Desk
    aws: ScriptedAws
    github: TokenService
    time: FakeTime

    def run(self, **inputs: str) -> int:
        """Run main, with a role unless these inputs say otherwise; `_` in names stands for `-`."""
        named = {"user_pool_id": POOL_ID, "role_to_assume": ROLE_ARN, **inputs}
        given = {f"INPUT_{name.replace('_', '-').upper()}": value for name, value in named.items()}
        environ = {**RUN_ENVIRON, **self.github.environ, **given}
        return create(environ, self.desk.runner, Random(1), self.time.retry(40))

    @property
    def setup(self) -> dict[str, Any]:
        """What post will work with."""
        read: dict[str, Any] = json.loads(self.desk.stage.state["setup"])
        return read


@pytest.fixture
def main(desk: Desk, aws: ScriptedAws, github: TokenService, time: FakeTime) -> Main:
    user = {"Username": SUB, "Attributes": [{"Name": "sub", "Value": SUB}]}
    aws.on("AdminCreateUser", cognito_answer({"User": user}))
    return Main(desk, aws, github, time)


def test_user_is_handed_over_in_four_outputs(main: Main) -> None:
    """Name, password, address and id are what a later step signs in with."""
    assert main.run() == 0

    outputs = main.desk.stage.outputs
    assert list(outputs) == ["username", "password", "email", "sub"]
    assert owner_of(outputs["username"]) == Run("123456789", "9876543210", "1")
    assert outputs["email"] == outputs["username"]
    assert outputs["password"] == main.aws.all("AdminSetUserPassword")[0].parameters["Password"]
    assert outputs["sub"] == SUB


def test_user_takes_three_calls_of_aws(main: Main) -> None:
    """One session that may make two calls, and these two."""
    main.run()

    assert main.aws.operations == ["AssumeRoleWithWebIdentity", "AdminCreateUser", "AdminSetUserPassword"]
    assert json.loads(main.aws.calls[0].parameters["Policy"])["Statement"][0]["Action"] == [
        "cognito-idp:AdminCreateUser",
        "cognito-idp:AdminSetUserPassword",
    ]


def test_secrets_are_shown_nowhere(main: Main) -> None:
    """Neither log nor summary nor state holds a password, a token or a value of the session in the clear."""
    main.run()

    stage = main.desk.stage
    passwords = [main.aws.calls[1].parameters["TemporaryPassword"], stage.outputs["password"]]
    for secret in [*passwords, *main.github.tokens, "session-secret-access-key", "session-token"]:
        assert secret in stage.masks.secrets
        assert secret not in "\n".join([*stage.log, stage.files["GITHUB_STEP_SUMMARY"], stage.files["GITHUB_STATE"]])


def test_session_is_named_after_the_run(main: Main) -> None:
    """CloudTrail shows which run it was; the audience is that of the partition."""
    main.run()

    assert main.aws.calls[0].parameters["RoleSessionName"] == "cognito-9876543210-1"
    assert claims_of(main.github.tokens[0])["aud"] == "sts.amazonaws.com"
    assert main.setup == {
        "pool_id": "eu-central-1_AbCdEfGhI",
        "role": {
            "arn": "arn:aws:iam::123456789012:role/ci",
            "session_name": "cognito-9876543210-1",
            "audience": "sts.amazonaws.com",
        },
        "credentials": "",
        "cleanup_failure": "warning",
    }


def test_names_that_are_given_are_taken(main: Main) -> None:
    """Session name, audience and what a failure counts come from the inputs, for post too."""
    main.run(role_session_name="my-session", audience="my-audience", cleanup_failure="error")

    assert main.aws.calls[0].parameters["RoleSessionName"] == "my-session"
    assert claims_of(main.github.tokens[0])["aud"] == "my-audience"
    assert (main.setup["role"]["session_name"], main.setup["role"]["audience"]) == ("my-session", "my-audience")
    assert main.setup["cleanup_failure"] == "error"


@pytest.mark.usefixtures("ambient")
def test_credentials_of_the_environment_leave_their_fingerprint(main: Main) -> None:
    """Without a role post can tell whether it meets the same ones, and the key's id is nowhere."""
    main.run(role_to_assume="")

    assert main.aws.operations == ["AdminCreateUser", "AdminSetUserPassword"]
    assert (main.setup["role"], main.setup["credentials"]) == (None, "8be7c771f5111405")
    assert "AKIAAMBIENTEXAMPLE00" not in "".join([main.desk.stage.stdout, *main.desk.stage.files.values()])


@pytest.mark.parametrize(
    ("cleanup", "kept", "last_line", "summary"),
    [
        ("true", None, "The post step deletes the user when the job ends.", "; is deleted when the job ends."),
        (
            "false",
            "user-1",
            "The user stays when the job ends, since cleanup is false.",
            "; stays when the job ends (`cleanup: false`).",
        ),
    ],
)
def test_reader_is_told_what_becomes_of_the_user(
    main: Main, cleanup: str, kept: str | None, last_line: str, summary: str
) -> None:
    """Log, summary and state say the same; the summary names the `sub`."""
    assert main.run(cleanup=cleanup) == 0

    assert main.desk.stage.log[-1] == last_line
    assert main.desk.stage.state.get("keep") == kept
    assert main.desk.stage.summary == (
        f"### Cognito test user\n\nCreated in `eu-central-1_AbCdEfGhI`{summary} Its `sub`:\n\n```\n{SUB}\n```\n\n"
    )


def test_failed_main_does_not_keep_its_user(main: Main) -> None:
    """Whatever `cleanup` says, post deletes the user of a step that failed, and no output is set."""
    main.aws.on("AdminSetUserPassword", cognito_refusal("NotAuthorizedException"))

    with pytest.raises(ActionError):
        main.run(cleanup="false")

    assert "keep" not in main.desk.stage.state
    assert json.loads(main.desk.stage.state["user-1"])["sub"] == SUB
    assert main.desk.stage.outputs == {}


def test_bad_inputs_end_main_before_any_call(main: Main) -> None:
    """Nothing is asked for, and nothing saved."""
    with pytest.raises(ActionError, match="The step's inputs are not right:"):
        main.run(phone_number="x")

    assert (main.aws.calls, main.github.tokens, main.desk.stage.state) == ([], [], {})


def test_setup_is_saved_before_the_first_user(main: Main) -> None:
    """The first entry of the state is what post needs for all others."""
    main.run()

    assert list(main.desk.stage.state) == ["setup", "user-1"]
