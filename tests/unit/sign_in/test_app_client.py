"""The app client: each call on the wire as Cognito expects it, and what is read from its answers."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from cognito_action.errors import FOREIGN_ANSWER, CallError
from cognito_action.inputs.sign_in import FLOWS, Flow
from cognito_action.sign_in.app_client import Answer, AppClient, Tokens
from tests.support.app_clients import (
    CLIENT_ID,
    CLIENT_SECRET,
    KEY_ID,
    TOKENS,
    app_client,
    challenged,
    is_signed,
    secret_hash,
    session,
    signed_in,
)
from tests.support.examples import EMAIL, POOL_ID, SUB
from tests.support.fake_time import FakeTime
from tests.support.recorder import Recorder
from tests.support.scripted_aws import ScriptedAws, cognito_answer, cognito_refusal

ADMIN: Flow = "ADMIN_USER_PASSWORD_AUTH"
PUBLIC: list[Flow] = ["USER_PASSWORD_AUTH", "USER_SRP_AUTH"]

METADATA = {"source": "ci"}
SECRET_CODE = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@pytest.fixture
def masks() -> list[str]:
    return []


@pytest.fixture
def client(aws: ScriptedAws, time: FakeTime, masks: list[str]) -> AppClient:
    """An app client without a secret."""
    return app_client(aws, time.retry(), metadata=METADATA, mask=masks.append)


@pytest.fixture
def confidential(aws: ScriptedAws, time: FakeTime, masks: list[str]) -> AppClient:
    """An app client with a secret."""
    return app_client(aws, time.retry(), secret=CLIENT_SECRET, mask=masks.append)


# The calls


def test_public_flows_are_tried_first() -> None:
    """In the order of `auto`, the flows that need no permission come before the one that does."""
    assert FLOWS == ("USER_PASSWORD_AUTH", "USER_SRP_AUTH", "USER_AUTH", "ADMIN_USER_PASSWORD_AUTH")


@pytest.mark.parametrize("flow", PUBLIC)
def test_public_sign_in_starts_unsigned(aws: ScriptedAws, client: AppClient, flow: Flow) -> None:
    """`InitiateAuth` carries no credentials, and no more than Cognito needs."""
    aws.on("InitiateAuth", signed_in())

    client.initiate(flow, EMAIL, {"PASSWORD": "pass"})

    [call] = aws.calls
    assert call.operation == "InitiateAuth"
    assert not is_signed(call)
    assert call.parameters == {
        "ClientId": CLIENT_ID,
        "AuthFlow": flow,
        "AuthParameters": {"USERNAME": EMAIL, "PASSWORD": "pass"},
        "ClientMetadata": METADATA,
    }


def test_admin_sign_in_starts_signed(aws: ScriptedAws, client: AppClient) -> None:
    """`AdminInitiateAuth` names the pool and is signed with the session's credentials."""
    aws.on("AdminInitiateAuth", signed_in())

    client.initiate(ADMIN, EMAIL, {"PASSWORD": "pass"})

    [call] = aws.calls
    assert call.operation == "AdminInitiateAuth"
    assert is_signed(call)
    assert f"Credential={KEY_ID}/" in call.headers["Authorization"]
    assert call.parameters == {
        "UserPoolId": POOL_ID,
        "ClientId": CLIENT_ID,
        "AuthFlow": ADMIN,
        "AuthParameters": {"USERNAME": EMAIL, "PASSWORD": "pass"},
        "ClientMetadata": METADATA,
    }


@pytest.mark.parametrize(
    ("flow", "operation", "pool"),
    [
        ("USER_PASSWORD_AUTH", "RespondToAuthChallenge", {}),
        ("USER_SRP_AUTH", "RespondToAuthChallenge", {}),
        (ADMIN, "AdminRespondToAuthChallenge", {"UserPoolId": POOL_ID}),
    ],
)
def test_challenge_is_answered_by_the_call_of_its_flow(
    aws: ScriptedAws, client: AppClient, flow: Flow, operation: str, pool: Mapping[str, str]
) -> None:
    """A sign-in that started signed stays signed, and a public one needs no permission at any step."""
    aws.on(operation, signed_in())

    client.respond(flow, "SOFTWARE_TOKEN_MFA", session(1), SUB, {"SOFTWARE_TOKEN_MFA_CODE": "123456"})

    [call] = aws.calls
    assert call.operation == operation
    assert is_signed(call) is (flow == ADMIN)
    assert call.parameters == {
        **pool,
        "ClientId": CLIENT_ID,
        "ChallengeName": "SOFTWARE_TOKEN_MFA",
        "ChallengeResponses": {"USERNAME": SUB, "SOFTWARE_TOKEN_MFA_CODE": "123456"},
        "ClientMetadata": METADATA,
        "Session": session(1),
    }


@pytest.mark.parametrize("flow", FLOWS)
def test_session_is_sent_only_if_there_is_one(aws: ScriptedAws, client: AppClient, flow: Flow) -> None:
    """Cognito returns none with the SRP challenge, and does not accept an empty one."""
    operation = "AdminRespondToAuthChallenge" if flow == ADMIN else "RespondToAuthChallenge"
    aws.on(operation, signed_in())

    client.respond(flow, "PASSWORD_VERIFIER", "", SUB, {})

    assert "Session" not in aws.calls[0].parameters


def test_authenticator_is_set_up_unsigned(aws: ScriptedAws, client: AppClient) -> None:
    """Both calls are public, and each passes on the newest session."""
    aws.on("AssociateSoftwareToken", cognito_answer({"SecretCode": SECRET_CODE, "Session": session(2)}))
    aws.on("VerifySoftwareToken", cognito_answer({"Status": "SUCCESS", "Session": session(3)}))

    secret, second = client.associate(session(1))
    third = client.verify(second, "012345")

    assert (secret, second, third) == (SECRET_CODE, session(2), session(3))
    assert [(call.operation, call.parameters, is_signed(call)) for call in aws.calls] == [
        ("AssociateSoftwareToken", {"Session": session(1)}, False),
        ("VerifySoftwareToken", {"Session": session(2), "UserCode": "012345"}, False),
    ]


def test_session_is_kept_if_no_new_one_comes(aws: ScriptedAws, client: AppClient) -> None:
    """In the service model the session of an answer is optional."""
    aws.on("AssociateSoftwareToken", cognito_answer({"SecretCode": SECRET_CODE}))
    aws.on("VerifySoftwareToken", cognito_answer({"Status": "SUCCESS"}))

    assert client.associate(session(1)) == (SECRET_CODE, session(1))
    assert client.verify(session(1), "012345") == session(1)


def test_verification_without_success_is_a_refusal_of_the_code(aws: ScriptedAws, client: AppClient) -> None:
    """The service model allows an answer that says ERROR instead of an error."""
    aws.on("VerifySoftwareToken", cognito_answer({"Status": "ERROR", "Session": session(3)}))

    with pytest.raises(CallError) as raised:
        client.verify(session(1), "012345")

    assert (raised.value.operation, raised.value.code) == ("VerifySoftwareToken", "EnableSoftwareTokenMFAException")
    assert "ERROR" in raised.value.message
    assert len(aws.calls) == 1


# The secret of the app client


@pytest.mark.parametrize("username", [EMAIL, SUB, "josé@example.com"])
@pytest.mark.parametrize("flow", FLOWS)
def test_secret_hash_is_of_the_user_name_that_the_call_sends(
    aws: ScriptedAws, confidential: AppClient, flow: Flow, username: str
) -> None:
    """Every call of every flow has it, and never the secret itself."""
    admin = "Admin" if flow == ADMIN else ""
    aws.on(f"{admin}InitiateAuth", signed_in())
    aws.on(f"{admin}RespondToAuthChallenge", signed_in())

    confidential.initiate(flow, username, {"PASSWORD": "pass"})
    confidential.respond(flow, "MFA_SETUP", session(1), f"{username}-internal", {})

    first, second = (call.parameters for call in aws.calls)
    assert first["AuthParameters"]["SECRET_HASH"] == secret_hash(username)
    assert second["ChallengeResponses"]["SECRET_HASH"] == secret_hash(f"{username}-internal")
    assert CLIENT_SECRET not in repr(aws.calls)


def test_client_without_secret_sends_no_hash(aws: ScriptedAws, client: AppClient) -> None:
    """Cognito refuses a hash that it did not ask for."""
    aws.on("InitiateAuth", signed_in())

    client.initiate("USER_PASSWORD_AUTH", EMAIL, {})

    assert set(aws.calls[0].parameters["AuthParameters"]) == {"USERNAME"}


# The answers


def test_tokens_are_read(aws: ScriptedAws, client: AppClient) -> None:
    """A completed sign-in has three tokens and nothing left to answer."""
    aws.on("InitiateAuth", signed_in())

    answer = client.initiate("USER_PASSWORD_AUTH", EMAIL, {})

    assert answer == Answer(Tokens("an.access.token", "an.id.token", "a.refresh.token"), "", "", {})


def test_challenge_is_read(aws: ScriptedAws, client: AppClient) -> None:
    """A challenge has a name, a session and parameters; there are no tokens yet."""
    aws.on("InitiateAuth", challenged("MFA_SETUP", 1, USER_ID_FOR_SRP=SUB))

    answer = client.initiate("USER_PASSWORD_AUTH", EMAIL, {})

    assert answer == Answer(None, "MFA_SETUP", session(1), {"USER_ID_FOR_SRP": SUB})


def test_challenge_without_session_and_parameters_is_read(aws: ScriptedAws, client: AppClient) -> None:
    """In the service model both are optional."""
    aws.on("InitiateAuth", cognito_answer({"ChallengeName": "PASSWORD_VERIFIER"}))

    assert client.initiate("USER_SRP_AUTH", EMAIL, {}) == Answer(None, "PASSWORD_VERIFIER", "", {})


@pytest.mark.parametrize(
    "content",
    [{}, {"AuthenticationResult": {}}, {"AuthenticationResult": {**TOKENS, "IdToken": None}}],
    ids=["nothing", "no tokens", "a token is missing"],
)
def test_answer_without_its_tokens_is_unreadable(
    aws: ScriptedAws, client: AppClient, time: FakeTime, content: Mapping[str, Any]
) -> None:
    """The call is retried, and the failure quotes nothing of the answer."""
    aws.on("InitiateAuth", *[cognito_answer(content)] * 100)

    with pytest.raises(CallError) as raised:
        client.initiate("USER_PASSWORD_AUTH", EMAIL, {})

    assert (raised.value.code, raised.value.outcome_unknown) == (FOREIGN_ANSWER, True)
    assert "token" not in str(raised.value) + "".join(time.reports)
    assert len(aws.calls) > 1


# What must stay secret


def test_all_secrets_are_masked_before_they_are_returned(
    aws: ScriptedAws, confidential: AppClient, masks: list[str]
) -> None:
    """Hashes are masked before they are sent; tokens, sessions and the TOTP secret before they are returned."""
    aws.on("InitiateAuth", challenged("MFA_SETUP", 1))
    aws.on("AssociateSoftwareToken", cognito_answer({"SecretCode": SECRET_CODE, "Session": session(2)}))
    aws.on("VerifySoftwareToken", cognito_answer({"Status": "SUCCESS", "Session": session(3)}))
    aws.on("RespondToAuthChallenge", signed_in())

    steps: list[Callable[[], object]] = [
        lambda: confidential.initiate("USER_PASSWORD_AUTH", EMAIL, {}),
        lambda: confidential.associate(session(1)),
        lambda: confidential.verify(session(2), "012345"),
        lambda: confidential.respond("USER_PASSWORD_AUTH", "MFA_SETUP", session(3), SUB, {}),
    ]
    masked = []
    for step in steps:
        masks.clear()
        step()
        masked.append(list(masks))

    assert masked == [
        [secret_hash(EMAIL), session(1)],
        [SECRET_CODE, session(2)],
        [session(3)],
        [secret_hash(SUB), *TOKENS.values()],
    ]


def test_hash_is_masked_before_a_call_that_fails(aws: ScriptedAws, confidential: AppClient, masks: list[str]) -> None:
    """A refusal may quote what was sent."""
    aws.on("InitiateAuth", cognito_refusal("NotAuthorizedException"))

    with pytest.raises(CallError):
        confidential.initiate("USER_PASSWORD_AUTH", EMAIL, {})

    assert masks == [secret_hash(EMAIL)]


@pytest.mark.parametrize("flow", FLOWS)
def test_masks_reach_the_runner_as_commands(recorder: Recorder, aws: ScriptedAws, time: FakeTime, flow: Flow) -> None:
    """With the real `Runner`, GitHub's runner knows every secret once the sign-in returns."""
    aws.on("AdminInitiateAuth" if flow == ADMIN else "InitiateAuth", signed_in(AccessToken="100%.access.token"))

    app_client(aws, time.retry(), mask=recorder.runner.mask).initiate(flow, EMAIL, {})

    assert recorder.stage.masks.secrets == {"100%.access.token", "an.id.token", "a.refresh.token"}


# What goes wrong


def test_calls_are_retried_while_that_can_help(aws: ScriptedAws, client: AppClient, time: FakeTime) -> None:
    """Each call is throttled, meets a service error and loses an answer before it succeeds."""
    time.share = 0.05
    for operation, success in {
        "InitiateAuth": signed_in(),
        "AdminInitiateAuth": signed_in(),
        "RespondToAuthChallenge": signed_in(),
        "AdminRespondToAuthChallenge": signed_in(),
        "AssociateSoftwareToken": cognito_answer({"SecretCode": SECRET_CODE}),
        "VerifySoftwareToken": cognito_answer({"Status": "SUCCESS"}),
    }.items():
        throttled = cognito_refusal("TooManyRequestsException", "Rate exceeded")
        aws.on(operation, throttled, cognito_refusal("InternalErrorException", status=500), None, success)

    client.initiate("USER_SRP_AUTH", EMAIL, {})
    client.initiate(ADMIN, EMAIL, {})
    client.respond("USER_SRP_AUTH", "PASSWORD_VERIFIER", "", SUB, {})
    client.respond(ADMIN, "MFA_SETUP", session(1), SUB, {})
    client.associate(session(1))
    client.verify(session(1), "012345")

    assert len(aws.calls) == 4 * 6
    assert len(time.reports) == 3 * 6


@pytest.mark.parametrize("code", ["NotAuthorizedException", "InvalidParameterException", "ForbiddenException"])
def test_refusal_is_final_and_named(aws: ScriptedAws, client: AppClient, code: str) -> None:
    """What can't change is not retried; the failure has the operation, the code and Cognito's words."""
    aws.on("InitiateAuth", cognito_refusal(code, "in so many words"))

    with pytest.raises(CallError) as raised:
        client.initiate("USER_PASSWORD_AUTH", EMAIL, {})

    failure = raised.value
    assert (failure.operation, failure.code, failure.message) == ("InitiateAuth", code, "in so many words")
    assert len(aws.calls) == 1


def test_refusal_after_a_lost_answer_says_so(aws: ScriptedAws, client: AppClient) -> None:
    """The lost attempt may have used up the session."""
    aws.on("RespondToAuthChallenge", None, cognito_refusal("NotAuthorizedException", "Invalid session for the user."))

    with pytest.raises(CallError) as raised:
        client.respond("USER_SRP_AUTH", "MFA_SETUP", session(1), SUB, {})

    assert (raised.value.code, raised.value.outcome_unknown) == ("NotAuthorizedException", True)
