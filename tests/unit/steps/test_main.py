"""Main: from inputs to outputs, and what it leaves for post."""

import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from threading import Event
from typing import Any

import pytest

from cognito_action.claims import claims_of
from cognito_action.errors import ActionError
from cognito_action.naming import Run, owner_of
from cognito_action.steps.main import LIMITS
from cognito_action.steps.main import main as main_step
from tests.support.examples import CLAIMED, POOL_ID, ROLE_ARN, RUN_ENVIRON, SUB
from tests.support.fake_time import FakeTime
from tests.support.inputs import input_variables
from tests.support.recorder import Recorder
from tests.support.scripted_aws import DONE, ScriptedAws, cognito_answer, cognito_refusal
from tools.emulator.github import TokenService
from tools.emulator.http import Answer

OTHER_SUB = "22222222-3333-4444-5555-666666666666"


@dataclass
class Main:
    """A step's main, with GitHub and AWS on loopback."""

    recorder: Recorder
    aws: ScriptedAws
    github: TokenService
    time: FakeTime
    environ: dict[str, str] = field(default_factory=dict)
    elapsed: float = 0
    """Seconds that have passed when main starts."""

    def run(self, **inputs: str) -> int:
        """Run main, with a role unless these inputs say otherwise; `_` in names stands for `-`."""
        named = {"user_pool_id": POOL_ID, "role_to_assume": ROLE_ARN, **inputs}
        given = input_variables(**named)
        environ = {**RUN_ENVIRON, "AWS_ENDPOINT_URL": self.aws.url, **self.github.environ, **self.environ, **given}
        retry = self.time.retry(LIMITS)
        self.time.now += self.elapsed
        return main_step(environ, self.recorder.runner, retry, Random(1))

    @property
    def setup(self) -> dict[str, Any]:
        """What post will work with."""
        read: dict[str, Any] = json.loads(self.recorder.stage.state["setup"])
        return read


def created(sub: str) -> Answer:
    """The answer to a create call in a pool that signs people in by email."""
    return cognito_answer({"User": {"Username": sub, "Attributes": [{"Name": "sub", "Value": sub}]}})


@pytest.fixture
def main(recorder: Recorder, aws: ScriptedAws, github: TokenService, time: FakeTime) -> Main:
    aws.on("AdminCreateUser", created(SUB))
    return Main(recorder, aws, github, time)


def test_user_is_returned_in_four_outputs(main: Main) -> None:
    """A later step signs in with name, password, address and id."""
    assert main.run() == 0

    outputs = main.recorder.stage.outputs
    assert list(outputs) == ["username", "password", "email", "sub"]
    assert owner_of(outputs["username"]) == Run("123456789", "9876543210", "1")
    assert outputs["email"] == outputs["username"]
    assert outputs["password"] == main.aws.all("AdminSetUserPassword")[0].parameters["Password"]
    assert outputs["sub"] == SUB


def test_user_takes_three_aws_calls(main: Main) -> None:
    """One call opens a session that allows two calls, and these two follow."""
    main.run()

    assert main.aws.operations == ["AssumeRoleWithWebIdentity", "AdminCreateUser", "AdminSetUserPassword"]
    assert json.loads(main.aws.calls[0].parameters["Policy"])["Statement"][0]["Action"] == [
        "cognito-idp:AdminCreateUser",
        "cognito-idp:AdminSetUserPassword",
    ]


def test_secrets_are_shown_nowhere(main: Main) -> None:
    """Log, summary and state never contain a password, a token or a session value in plain text."""
    main.run()

    stage = main.recorder.stage
    passwords = [main.aws.calls[1].parameters["TemporaryPassword"], stage.outputs["password"]]
    for secret in [*passwords, *main.github.tokens, "session-secret-access-key", "session-token"]:
        assert secret in stage.masks.secrets
        assert secret not in "\n".join([*stage.log, stage.files["GITHUB_STEP_SUMMARY"], stage.files["GITHUB_STATE"]])


def test_session_is_named_after_the_run(main: Main) -> None:
    """CloudTrail shows which run it was; the audience is the one for the partition."""
    main.run()

    assert main.aws.calls[0].parameters["RoleSessionName"] == "cognito-9876543210-1"
    assert claims_of(main.github.tokens[0])["aud"] == "sts.amazonaws.com"
    assert main.setup == {
        "pool_id": "eu-central-1_AbCdEfGhI",
        "region": "eu-central-1",
        "role": {
            "arn": "arn:aws:iam::123456789012:role/ci",
            "session_name": "cognito-9876543210-1",
            "audience": "sts.amazonaws.com",
        },
        "credentials": "",
        "endpoints": {
            "cognito_idp": main.aws.url,
            "sts": main.aws.url,
            "fips": False,
            "dual_stack": False,
            "cognito_idp_source": "AWS_ENDPOINT_URL",
            "sts_source": "AWS_ENDPOINT_URL",
            "cognito_identity": main.aws.url,
            "cognito_identity_source": "AWS_ENDPOINT_URL",
        },
        "proxies": "",
        "cleanup_failure": "warning",
        "identity_pool_id": "",
    }


def test_given_names_are_used(main: Main) -> None:
    """Session name, audience and failure level come from the inputs, for post too."""
    main.run(role_session_name="my-session", audience="my-audience", cleanup_failure="error")

    assert main.aws.calls[0].parameters["RoleSessionName"] == "my-session"
    assert claims_of(main.github.tokens[0])["aud"] == "my-audience"
    assert (main.setup["role"]["session_name"], main.setup["role"]["audience"]) == ("my-session", "my-audience")
    assert main.setup["cleanup_failure"] == "error"


@pytest.mark.usefixtures("ambient")
def test_environment_credentials_leave_a_fingerprint(main: Main) -> None:
    """Without a role, post can tell whether the credentials are the same, and the key's id appears nowhere."""
    main.run(role_to_assume="")

    assert main.aws.operations == ["AdminCreateUser", "AdminSetUserPassword"]
    assert (main.setup["role"], main.setup["credentials"]) == (None, "8be7c771f5111405")
    assert "AKIAAMBIENTEXAMPLE00" not in "".join([main.recorder.stage.stdout, *main.recorder.stage.files.values()])


@pytest.mark.parametrize(
    ("cleanup", "kept", "last_line", "summary"),
    [
        ("true", None, "The post step deletes the user when the job ends.", "; is deleted when the job ends."),
        (
            "false",
            "user-1",
            "The post step leaves the user when the job ends, since cleanup is false.",
            "; stays when the job ends (`cleanup: false`).",
        ),
    ],
)
def test_reader_is_told_what_happens_to_the_user(
    main: Main, cleanup: str, kept: str | None, last_line: str, summary: str
) -> None:
    """Log, summary and state agree; the summary shows the `sub`."""
    assert main.run(cleanup=cleanup) == 0

    assert main.recorder.stage.log[-1] == last_line
    assert (main.recorder.stage.state["keep"] or None) == kept
    assert main.recorder.stage.summary == (
        f"### Cognito test user\n\nCreated in `eu-central-1_AbCdEfGhI`{summary} The user's `sub`:\n\n```\n{SUB}\n```\n\n"
    )


def test_failed_main_does_not_keep_its_user(main: Main) -> None:
    """Whatever `cleanup` says, post deletes the user of a failed step, and no output is set."""
    main.aws.on("AdminSetUserPassword", cognito_refusal("NotAuthorizedException"))

    with pytest.raises(ActionError):
        main.run(cleanup="false")

    assert main.recorder.stage.state["keep"] == ""
    assert json.loads(main.recorder.stage.state["user-1"])["sub"] == SUB
    assert main.recorder.stage.outputs == {}


def test_proxies_are_saved_for_post_without_passwords(main: Main) -> None:
    """If post can't connect, it can tell whether a later step of the job has changed them."""
    main.environ |= {"HTTPS_PROXY": "http://user:geheim@proxy.example:3128", "no_proxy": "127.0.0.1,.internal"}

    assert main.run() == 0

    assert main.setup["proxies"] == "https_proxy=http://proxy.example:3128, no_proxy=127.0.0.1,.internal"
    assert "geheim" not in main.recorder.stage.files["GITHUB_STATE"]


# Sign-ups

SIGNS_UP = {"client_id": "1example23456789", "sign_up": "true", "auth_flow": "none"}


def signed_up(sub: str = SUB) -> Answer:
    """Cognito's answer to a sign-up."""
    return cognito_answer({"UserSub": sub, "UserConfirmed": False})


def test_user_who_signs_up_takes_five_aws_calls(main: Main) -> None:
    """The session allows three of them, and the sign-up itself is public: none of an administrator's is made."""
    main.aws.on("SignUp", signed_up())

    assert main.run(**SIGNS_UP, client_metadata="source=ci", attributes="name=Ada") == 0

    assert main.aws.operations == [
        "AssumeRoleWithWebIdentity",
        "AdminInitiateAuth",
        "SignUp",
        "AdminConfirmSignUp",
        "AdminUpdateUserAttributes",
    ]
    [statement] = json.loads(main.aws.calls[0].parameters["Policy"])["Statement"]
    assert statement["Action"] == [
        "cognito-idp:AdminConfirmSignUp",
        "cognito-idp:AdminUpdateUserAttributes",
        "cognito-idp:AdminInitiateAuth",
    ]
    [call] = main.aws.all("SignUp")
    assert call.parameters["ClientMetadata"] == {"source": "ci"}
    assert "SecretHash" not in call.parameters


def test_user_who_signed_up_is_returned_in_the_same_outputs(main: Main) -> None:
    """The password is the one of the sign-up; the address takes mail, and the state names the user by its `sub`."""
    main.aws.on("SignUp", signed_up())

    main.run(**SIGNS_UP, client_secret="the-secret-of-the-app-client")

    [call] = main.aws.all("SignUp")
    outputs = main.recorder.stage.outputs
    assert list(outputs) == ["username", "password", "email", "sub"]
    assert (outputs["password"], outputs["sub"]) == (call.parameters["Password"], SUB)
    assert outputs["email"] == outputs["username"] == call.parameters["Username"]
    assert outputs["email"].endswith("@simulator.amazonses.com")
    assert {outputs["password"], outputs["email"], call.parameters["SecretHash"], "the-secret-of-the-app-client"} <= (
        main.recorder.stage.masks.secrets
    )
    assert json.loads(main.recorder.stage.state["user-1"])["sub"] == SUB


def test_user_who_got_no_message_ends_a_step_without_a_sign_in(main: Main) -> None:
    """It stays in the state by its name."""
    main.aws.on("SignUp", cognito_refusal("LimitExceededException", "Exceeded daily email limit"))

    with pytest.raises(ActionError, match="SignUp failed with LimitExceededException"):
        main.run(**SIGNS_UP)

    assert main.recorder.stage.outputs == {}
    assert json.loads(main.recorder.stage.state["user-1"])["name"] == main.aws.all("SignUp")[0].parameters["Username"]


def test_sub_of_a_user_whose_trigger_failed_is_output(main: Main) -> None:
    """The trigger may have written a row by then, which a later step can delete."""
    main.aws.on("SignUp", signed_up())
    main.aws.on(
        "AdminConfirmSignUp", cognito_refusal("UserLambdaValidationException", "PostConfirmation failed with error no.")
    )

    with pytest.raises(ActionError, match="PostConfirmation failed"):
        main.run(**SIGNS_UP)

    assert main.recorder.stage.outputs == {"sub": SUB}


def test_missing_permission_of_a_sign_up_is_told_with_its_switch(main: Main) -> None:
    """The statement has what the step and post need, and nothing of a creation."""
    main.aws.on("AdminInitiateAuth", cognito_refusal("AccessDeniedException"))

    with pytest.raises(ActionError) as caught:
        main.run(**SIGNS_UP)

    assert "`SignUp=true`" in caught.value.fix
    assert json.loads(caught.value.paste)["Action"][-1] == "cognito-idp:AdminDeleteUser"
    assert "AdminCreateUser" not in caught.value.paste
    assert [text for key, text in main.recorder.stage.state.items() if key == "user-1"] == [""]


# Users whom nobody creates


def test_step_in_which_nobody_is_created_asks_cognito_nothing(main: Main) -> None:
    """Its session may do nothing; post has all that it needs, and the outputs are what a form asks for."""
    assert main.run(users="form: {create: false}") == 0

    [call] = main.aws.calls
    assert [statement["Effect"] for statement in json.loads(call.parameters["Policy"])["Statement"]] == ["Deny"]
    outputs = main.recorder.stage.outputs
    assert list(outputs) == ["username", "password", "email", "users"]
    assert outputs["email"] == f"success+{outputs['username']}@simulator.amazonses.com"
    assert json.loads(main.recorder.stage.state["user-1"])["name"] == outputs["email"]
    assert main.setup["pool_id"] == POOL_ID


@pytest.mark.parametrize(("cleanup", "kept"), [("true", ""), ("false", "user-2 user-1")])
def test_user_whom_nobody_creates_is_kept_with_the_others(main: Main, cleanup: str, kept: str) -> None:
    """Whoever signs up by its name stays if `cleanup` is false."""
    main.run(users="form: {create: false}\na:", cleanup=cleanup)

    assert main.recorder.stage.state["keep"] == kept
    assert json.loads(main.recorder.stage.state["user-2"])["expected"] is True


# Several users


def test_several_users_are_output_by_key(main: Main) -> None:
    """Each has the shared attributes and its own; the single outputs are the first user's values."""
    main.aws.on("AdminCreateUser", created(OTHER_SUB))

    assert main.run(users="a:\nb: {attributes: {name: Bob}}", attributes="name=Test\nlocale=en") == 0

    outputs = main.recorder.stage.outputs
    users = json.loads(outputs.pop("users"))
    assert list(users) == ["a", "b"]
    assert users["a"] == outputs
    named = [
        {attribute["Name"]: attribute["Value"] for attribute in call.parameters["UserAttributes"]}
        for call in main.aws.all("AdminCreateUser")
    ]
    assert [(user["name"], user["locale"]) for user in named] == [("Test", "en"), ("Bob", "en")]
    assert list(main.recorder.stage.state) == [*CLAIMED, "user-1", "user-2"]


def test_every_secret_of_several_users_is_masked_separately(main: Main) -> None:
    """The runner does not mask JSON: each password has its own command, before the output is written."""
    main.aws.on("AdminCreateUser", *[created(OTHER_SUB)] * 2)
    main.run(users="a:\nb:\nc:")

    users = json.loads(main.recorder.stage.outputs["users"])
    for user in users.values():
        assert {user["username"], user["password"]} <= main.recorder.stage.masks.secrets
    shown = main.recorder.stage.masks.apply(main.recorder.stage.outputs["users"])
    assert not [user["password"] for user in users.values() if user["password"] in shown]


@pytest.mark.parametrize(
    ("cleanup", "last_line", "kept"),
    [
        ("true", "The post step deletes the 2 users when the job ends.", None),
        ("false", "The post step leaves the 2 users when the job ends, since cleanup is false.", "user-1 user-2"),
    ],
)
def test_reader_is_told_what_happens_to_several_users(
    main: Main, cleanup: str, last_line: str, kept: str | None
) -> None:
    """Log and state agree."""
    main.aws.on("AdminCreateUser", created(OTHER_SUB))

    main.run(users="a:\nb:", cleanup=cleanup)

    assert main.recorder.stage.log[-1] == last_line
    assert (main.recorder.stage.state["keep"] or None) == kept


def test_failure_names_the_key_and_sets_no_output(main: Main) -> None:
    """The users are left to post, even with `cleanup: false`."""
    main.aws.on("AdminCreateUser", created(OTHER_SUB))
    main.aws.on("AdminSetUserPassword", DONE, cognito_refusal("NotAuthorizedException"))

    with pytest.raises(ActionError, match=r"User [ab]: AdminSetUserPassword failed with NotAuthorizedException"):
        main.run(users="a:\nb:", cleanup="false")

    assert main.recorder.stage.outputs == {}
    assert main.recorder.stage.state["keep"] == ""
    assert len([key for key, value in main.recorder.stage.state.items() if key.startswith("user-") and value]) == 2


def test_several_users_get_more_time(main: Main) -> None:
    """Half a second more for each after the first; one user still has forty seconds."""
    main.aws.on("AdminCreateUser", *[created(OTHER_SUB)] * 2)

    main.elapsed = 40.5

    assert main.run(users="a:\nb:\nc:") == 0
    with pytest.raises(ActionError, match="DeadlineExceeded"):
        main.run()


# Permissions of the session

MAIN_PERMISSIONS = ["AdminCreateUser", "AdminSetUserPassword"]
SIGN_IN_PERMISSIONS = ["AdminInitiateAuth", "AdminRespondToAuthChallenge"]


@pytest.mark.parametrize(
    ("inputs", "extra"),
    [
        ({}, []),
        ({"users": "a:\nb:"}, []),
        ({"groups": ","}, []),
        ({"groups": "admins"}, ["AdminAddUserToGroup"]),
        ({"users": "a:\nb: {groups: admins}"}, ["AdminAddUserToGroup"]),
        ({"client_id": "x"}, SIGN_IN_PERMISSIONS),
        ({"client_id": "x", "auth_flow": "USER_SRP_AUTH"}, []),
        ({"client_id": "x", "auth_flow": "USER_PASSWORD_AUTH"}, []),
        ({"client_id": "x", "auth_flow": "ADMIN_USER_PASSWORD_AUTH"}, SIGN_IN_PERMISSIONS),
        ({"client_id": "x", "groups": "admins"}, ["AdminAddUserToGroup", *SIGN_IN_PERMISSIONS]),
    ],
)
def test_session_allows_what_the_inputs_may_need(main: Main, inputs: dict[str, str], extra: list[str]) -> None:
    """It allows nothing else: each feature's permission is there only if the feature is used."""
    main.aws.scripts["AdminCreateUser"].appendleft(cognito_refusal("NotAuthorizedException"))

    with pytest.raises(ActionError):
        main.run(**inputs)

    [statement] = json.loads(main.aws.calls[0].parameters["Policy"])["Statement"]
    assert statement["Action"] == [f"cognito-idp:{name}" for name in [*MAIN_PERMISSIONS, *extra]]


def test_groups_are_joined_under_the_returned_name(main: Main) -> None:
    """In a pool that signs in by email, that is the UUID."""
    assert main.run(groups="admins, editors") == 0

    assert [call.parameters for call in main.aws.all("AdminAddUserToGroup")] == [
        {"UserPoolId": POOL_ID, "Username": SUB, "GroupName": group} for group in ("admins", "editors")
    ]


# Tokens

SIGNED_IN = cognito_answer(
    {
        "AuthenticationResult": {
            "AccessToken": "the-access-token",
            "IdToken": "the-id-token",
            "RefreshToken": "the-refresh",
        }
    }
)
CLIENT = {"client_id": "1example23456789"}


def test_tokens_are_output_and_masked(main: Main) -> None:
    """The new user is signed in with the name that was offered; the log shows the `sub`."""
    main.aws.on("InitiateAuth", SIGNED_IN)

    assert main.run(**CLIENT) == 0

    outputs = main.recorder.stage.outputs
    assert list(outputs) == ["username", "password", "email", "sub", "access-token", "id-token", "refresh-token"]
    assert {"the-access-token", "the-id-token", "the-refresh"} <= main.recorder.stage.masks.secrets
    [call] = main.aws.all("InitiateAuth")
    assert call.parameters["AuthParameters"]["USERNAME"] == outputs["username"]
    assert f"Signed {SUB} in." in main.recorder.stage.log
    assert main.time.pauses == []


def test_only_the_named_flow_is_tried(main: Main) -> None:
    """There is no fallback to the others."""
    main.aws.on("AdminInitiateAuth", SIGNED_IN)

    assert main.run(**CLIENT, auth_flow="ADMIN_USER_PASSWORD_AUTH") == 0

    assert "InitiateAuth" not in main.aws.operations
    assert main.recorder.stage.outputs["id-token"] == "the-id-token"


def test_app_client_secret_is_masked_before_anything_else(main: Main) -> None:
    """Nothing is said before its mask command, but for the one of the ID token, which comes when it comes."""
    main.aws.on("InitiateAuth", SIGNED_IN)

    main.run(**CLIENT, client_secret="the-secret-of-the-client")

    before, _, after = main.recorder.stage.stdout.partition("::add-mask::the-secret-of-the-client\n")
    assert after
    assert [line for line in before.splitlines() if not line.startswith("::add-mask::")] == []
    assert main.recorder.stage.stdout.count("the-secret-of-the-client") == 1


def test_main_waits_until_codes_are_fresh(main: Main) -> None:
    """If a second factor was set up, a test never generates a code that was already used here."""
    challenge = {"ChallengeName": "MFA_SETUP", "Session": "s" * 20, "ChallengeParameters": {}}
    main.aws.on("InitiateAuth", cognito_answer(challenge))
    main.aws.on("AssociateSoftwareToken", cognito_answer({"SecretCode": "JBSWY3DPEHPK3PXP", "Session": "t" * 20}))
    main.aws.on("VerifySoftwareToken", cognito_answer({"Status": "SUCCESS", "Session": "u" * 20}))
    main.aws.on("RespondToAuthChallenge", SIGNED_IN)
    # The previous window's code is refused, so the current one has to be given and is used up.
    main.aws.scripts["VerifySoftwareToken"].appendleft(cognito_refusal("EnableSoftwareTokenMFAException"))

    assert main.run(**CLIENT) == 0

    assert main.recorder.stage.outputs["totp-secret"] == "JBSWY3DPEHPK3PXP"
    assert "JBSWY3DPEHPK3PXP" in main.recorder.stage.masks.secrets
    pause = main.time.pauses[-1]
    assert 0 < pause <= 30
    assert main.recorder.stage.log[-2] == (
        f"Waiting {math.ceil(pause)} s for the next code of the second factor: each works only once."
    )


# Browser state

ORIGIN = {**CLIENT, "storage_state_origin": "https://app.example.com"}


def test_browser_state_is_written_to_the_runners_temp_folder(main: Main, tmp_path: Path) -> None:
    """Its name is in the state, its path on the host is in an output, and it contains the tokens."""
    main.aws.on("InitiateAuth", SIGNED_IN)
    folder = tmp_path / "_temp"
    folder.mkdir()
    main.environ |= {"RUNNER_TEMP": str(folder), "RUNNER_WORKSPACE": "/home/runner/_work/octo-app"}

    assert main.run(**ORIGIN) == 0

    [file] = folder.iterdir()
    assert main.recorder.stage.state["file-1"] == file.name
    assert main.recorder.stage.outputs["storage-state"] == f"/home/runner/_work/_temp/{file.name}"
    [origin] = json.loads(file.read_text())["origins"]
    assert origin["origin"] == "https://app.example.com"
    assert "the-refresh" in file.read_text()


def test_browser_state_that_cannot_be_written_fails_main(main: Main) -> None:
    """Main says why; the file's name and the user are in the state by then."""
    main.aws.on("InitiateAuth", SIGNED_IN)
    main.environ |= {"RUNNER_TEMP": "/proc", "RUNNER_WORKSPACE": "/home/runner/_work/octo-app"}

    with pytest.raises(ActionError, match="The browser state could not be written to /proc: ") as caught:
        main.run(**ORIGIN)

    assert "the-refresh" not in caught.value.markdown
    assert {"file-1", "user-1"} <= set(main.recorder.stage.state)


def test_temp_folder_that_is_not_mounted_ends_main_before_any_call(main: Main) -> None:
    """Nothing is requested, no user is created, and nothing is saved."""
    main.environ |= {"RUNNER_TEMP": "/nonexistent/_temp", "RUNNER_WORKSPACE": "/nonexistent/octo-app"}

    with pytest.raises(ActionError, match="The runner's temp folder is not in the container"):
        main.run(**ORIGIN)

    assert (main.aws.calls, main.recorder.stage.state) == ([], CLAIMED)


# The start


def test_bad_inputs_end_main_before_any_call_of_aws(main: Main) -> None:
    """Nothing is saved either. GitHub's ID token is asked for before the inputs are read."""
    asked = Event()
    main.github.respond = lambda _: asked.set()

    with pytest.raises(ActionError, match="The step's inputs are invalid:"):
        main.run(phone_number="x")

    assert asked.wait(5)
    assert (main.aws.calls, main.recorder.stage.state) == ([], CLAIMED)


def test_setup_is_saved_before_the_first_user(main: Main) -> None:
    """The first entry in the state is what post needs for all the others."""
    main.run()

    assert list(main.recorder.stage.state) == [*CLAIMED, "user-1"]
