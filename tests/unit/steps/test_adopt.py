"""Adopt: a new password, and tokens if they are requested."""

from functools import partial
from random import Random

import pytest

from cognito_action.steps.adopt import LIMITS, adopt
from tests.support.companions import Companion
from tests.support.examples import EMAIL, NAME, SUB
from tests.support.fake_time import FakeTime
from tests.support.recorder import Recorder
from tests.support.scripted_aws import ScriptedAws, cognito_answer, cognito_refusal
from tools.emulator.github import TokenService, id_token
from tools.emulator.http import Answer

CLIENT = {"client_id": "1example23456789", "auth_flow": "USER_PASSWORD_AUTH"}
TOO_WEAK = cognito_refusal("InvalidPasswordException", "Password did not conform with policy: Password not long enough")


def signed_in(access: str = id_token({"sub": SUB})) -> Answer:
    tokens = {"AccessToken": access, "IdToken": "the.id.token", "RefreshToken": "the.refresh.token"}
    return cognito_answer({"AuthenticationResult": tokens})


@pytest.fixture
def step(recorder: Recorder, aws: ScriptedAws, github: TokenService, time: FakeTime) -> Companion:
    return Companion(partial(adopt, random=Random(1)), LIMITS, recorder, aws, github, time)


@pytest.mark.parametrize("username", [NAME, EMAIL, NAME.replace("-1-", "-7-")])
def test_user_gets_a_new_permanent_password(step: Companion, username: str) -> None:
    """By the name that an earlier job passed on, from any attempt; no other AWS call is made."""
    assert step.run(username=username) == 0

    [call] = step.parameters("AdminSetUserPassword")
    assert step.aws.operations == ["AssumeRoleWithWebIdentity", "AdminSetUserPassword"]
    assert (call["Username"], call["Permanent"]) == (username, True)
    assert step.recorder.stage.outputs == {"username": username, "password": call["Password"]}
    assert len(call["Password"]) == 32
    assert step.allowed == ["AdminSetUserPassword"]


def test_password_is_masked_before_cognito_gets_it(step: Companion) -> None:
    """The name is not a secret: the author let it pass between jobs."""
    step.run(username=EMAIL)

    stage = step.recorder.stage
    password = stage.outputs["password"]
    assert password in stage.masks.secrets
    assert EMAIL not in stage.masks.secrets
    assert password not in "\n".join([*stage.log, stage.summary])
    assert stage.state == {}


def test_tokens_and_id_come_with_an_app_client(step: Companion) -> None:
    """The id comes from the token: setting a password does not return it."""
    step.aws.on("InitiateAuth", signed_in())

    assert step.run(username=EMAIL, **CLIENT, client_metadata="source=ci") == 0

    outputs = step.recorder.stage.outputs
    assert list(outputs) == ["username", "password", "sub", "access-token", "id-token", "refresh-token"]
    assert outputs["sub"] == SUB
    [call] = step.parameters("InitiateAuth")
    assert call["AuthParameters"] == {"USERNAME": EMAIL, "PASSWORD": outputs["password"]}
    assert call["ClientMetadata"] == {"source": "ci"}
    assert step.allowed == ["AdminSetUserPassword"]


@pytest.mark.parametrize("flow", ["auto", "ADMIN_USER_PASSWORD_AUTH"])
def test_admin_flow_is_allowed_if_it_can_be_tried(step: Companion, flow: str) -> None:
    """Its two calls are signed."""
    step.aws.on("InitiateAuth", signed_in())
    step.aws.on("AdminInitiateAuth", signed_in())

    assert step.run(username=EMAIL, client_id="1example23456789", auth_flow=flow) == 0
    assert step.allowed == ["AdminSetUserPassword", "AdminInitiateAuth", "AdminRespondToAuthChallenge"]


def test_token_that_cannot_be_read_has_no_id(step: Companion) -> None:
    """The tests can still work with it."""
    step.aws.on("InitiateAuth", signed_in("opaque"))

    assert step.run(username=EMAIL, **CLIENT) == 0
    assert step.recorder.stage.outputs["sub"] == ""


def test_app_client_secret_is_masked_first(step: Companion) -> None:
    """It appears nowhere else."""
    step.aws.on("InitiateAuth", signed_in())

    assert step.run(username=EMAIL, **CLIENT, client_secret="secret_of_the_app_client") == 0
    before, masked, after = step.recorder.stdout.getvalue().partition(b"::add-mask::secret_of_the_app_client\n")
    assert masked
    assert b"secret_of_the_app_client" not in before + after
    assert all(line.startswith(b"::add-mask::") for line in before.splitlines())  # the ID token's, from another thread


def test_weak_password_is_regenerated_once(step: Companion) -> None:
    """This works as in main."""
    step.aws.on("AdminSetUserPassword", TOO_WEAK)

    assert step.run(username=EMAIL, password_length="12") == 0

    first, second = (call["Password"] for call in step.parameters("AdminSetUserPassword"))
    assert (len(first), len(second)) == (12, 99)
    assert {first, second} <= step.recorder.stage.masks.secrets
    assert step.recorder.stage.outputs["password"] == second


def test_policy_that_refuses_every_password(step: Companion) -> None:
    """Two attempts are enough."""
    step.aws.on("AdminSetUserPassword", TOO_WEAK, TOO_WEAK)

    assert "InvalidPasswordException" in step.fail(username=EMAIL).what
    assert len(step.parameters("AdminSetUserPassword")) == 2
    assert step.recorder.stage.outputs == {}


def test_call_whose_answer_was_lost_is_repeated(step: Companion) -> None:
    """The password is the same; if the history refuses it, it is already set."""
    step.aws.on("AdminSetUserPassword", None, cognito_refusal("PasswordHistoryPolicyViolationException"))

    assert step.run(username=EMAIL) == 0
    assert len({call["Password"] for call in step.parameters("AdminSetUserPassword")}) == 1


def test_user_who_does_not_exist(step: Companion) -> None:
    """The most common cause comes first, with the lines to paste."""
    step.aws.on("AdminSetUserPassword", cognito_refusal("UserNotFoundException", "User does not exist."))

    error = step.fail(username=EMAIL)

    assert error.what == "AdminSetUserPassword failed with UserNotFoundException: User does not exist."
    assert "cleanup: false" in error.paste
    assert step.recorder.stage.outputs == {}


def test_missing_permission_is_the_only_one_to_paste(step: Companion) -> None:
    """What main needs is not needed here."""
    step.aws.on("AdminSetUserPassword", cognito_refusal("AccessDeniedException"))

    assert '"Action": [\n    "cognito-idp:AdminSetUserPassword"\n  ]' in step.fail(username=EMAIL).paste


def test_adopt_waits_until_codes_are_fresh(step: Companion) -> None:
    """If it set up a second factor, a test never generates a code that was already used here."""
    challenge = {"ChallengeName": "MFA_SETUP", "Session": "s" * 20, "ChallengeParameters": {}}
    step.aws.on("InitiateAuth", cognito_answer(challenge))
    step.aws.on("AssociateSoftwareToken", cognito_answer({"SecretCode": "JBSWY3DPEHPK3PXP", "Session": "t" * 20}))
    # The previous window's code is refused, so the current one has to be given and is used up.
    step.aws.on("VerifySoftwareToken", cognito_refusal("EnableSoftwareTokenMFAException"))
    step.aws.on("VerifySoftwareToken", cognito_answer({"Status": "SUCCESS", "Session": "u" * 20}))
    step.aws.on("RespondToAuthChallenge", signed_in())

    assert step.run(username=EMAIL, **CLIENT) == 0

    assert step.recorder.stage.outputs["totp-secret"] == "JBSWY3DPEHPK3PXP"
    assert 0 < step.time.pauses[-1] <= 30
    assert step.recorder.stage.log[-1].startswith("Waiting ")


def test_sign_in_that_fails_sets_no_output(step: Companion) -> None:
    """The error says that another job may have adopted the same user."""
    step.aws.on("InitiateAuth", cognito_refusal("NotAuthorizedException", "Incorrect username or password."))

    error = step.fail(username=EMAIL, **CLIENT)

    assert "such as a second `adopt` of the same user" in error.why
    assert step.recorder.stage.outputs == {}


@pytest.mark.parametrize(
    "username",
    [
        *("alice", "+15555550123", SUB, NAME[:-1]),
        *(NAME.replace("9876543210", "1"), NAME.replace("123456789", "987654321")),
    ],
)
def test_stranger_is_refused_before_any_call(step: Companion, username: str) -> None:
    """Nor is any role assumed."""
    error = step.fail(username=username)

    assert error.what.startswith(
        f"`username` has to be of a user that an earlier job of this run created:\n- {username}: "
    )
    assert step.aws.calls == []


def test_no_call_is_made_without_a_repository(step: Companion) -> None:
    """Every name with a zero for the repository would look like ours."""
    step.environ["GITHUB_REPOSITORY_ID"] = ""

    assert "GITHUB_REPOSITORY_ID" in step.fail(username=NAME.replace("123456789", "0")).what
    assert step.aws.calls == []


def test_summary_names_the_user(step: Companion) -> None:
    """It says who was adopted and in which pool."""
    step.run(username=EMAIL)

    assert step.recorder.stage.summary == (
        f"### Cognito test user - adopt\n\nAdopted in `eu-central-1_AbCdEfGhI`, with a new password:\n\n```\n{EMAIL}\n```\n\n"
    )
