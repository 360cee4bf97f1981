"""The public sign-up, and the proof that the app client is the pool's: whatever is not certainly a yes ends the step."""

from typing import Any

import pytest

from cognito_action.errors import CONNECTION_CODES, CREDENTIAL_CODES, DEADLINE, THROTTLING_CODES, CallError
from cognito_action.sign_in.sign_up import SignedUp
from tests.support.app_clients import CLIENT_ID, CLIENT_SECRET, is_signed, secret_hash, session, sign_up_client
from tests.support.examples import EMAIL, NAME, POOL_ID, SUB
from tests.support.fake_time import FakeTime
from tests.support.scripted_aws import DONE, ScriptedAws, cognito_answer, cognito_refusal
from tests.support.scripted_cognito import EXISTS, NO_SUCH_TOKEN, ScriptedCognito, lost_answer, refusal
from tools.emulator.http import Answer

PASSWORD = "Passw0rd-of-the-user"

THROTTLED = refusal("TooManyRequestsException", "Rate exceeded")
BROKEN = refusal("InternalErrorException", "", 500)


def signed_up(**changes: Any) -> Answer:
    """Cognito's answer to a sign-up."""
    return cognito_answer({"UserSub": SUB, "UserConfirmed": False, **changes})


def nobody(_: CallError | None) -> None:
    """Take the place of what is told of each attempt."""


def prove(time: FakeTime, *script: Any) -> ScriptedCognito:
    """Ask a pool that answers like this whose the app client is."""
    client = ScriptedCognito(prove=list(script))
    client.sign_up_client(time.retry()).require_pool()
    return client


def unproven(time: FakeTime, *script: Any) -> CallError:
    """The failure if the answers are not a yes."""
    with pytest.raises(CallError) as caught:
        prove(time, *script)
    return caught.value


# The proof


def test_proof_is_one_signed_call_that_names_both_and_can_do_nothing(aws: ScriptedAws, time: FakeTime) -> None:
    """It shows a refresh token that no one has, and neither the secret nor a username."""
    aws.on("AdminInitiateAuth", cognito_refusal("NotAuthorizedException", "Invalid Refresh Token"))

    sign_up_client(aws, time.retry(), secret=CLIENT_SECRET, metadata={"source": "ci"}).require_pool()

    [call] = aws.calls
    assert (call.operation, is_signed(call)) == ("AdminInitiateAuth", True)
    assert call.parameters == {
        "UserPoolId": POOL_ID,
        "ClientId": CLIENT_ID,
        "AuthFlow": "REFRESH_TOKEN_AUTH",
        "AuthParameters": {"REFRESH_TOKEN": "made-up"},
    }


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("NotAuthorizedException", "Invalid Refresh Token"),
        (
            "NotAuthorizedException",
            "Client 1example23456789 is configured with secret but SECRET_HASH was not received",
        ),
        ("NotAuthorizedException", "Refresh Token has been revoked"),
        ("InvalidParameterException", "ADMIN REFRESH_TOKEN_AUTH flow not enabled for this client"),
        ("UserNotFoundException", "User does not exist."),
        ("UserLambdaValidationException", "PreAuthentication failed with error no."),
        ("InvalidUserPoolConfigurationException", "no"),
        ("SomethingNewException", "no"),
        ("PasswordResetRequiredException", "no"),
    ],
)
def test_any_other_refusal_is_a_yes(time: FakeTime, code: str, message: str) -> None:
    """Cognito looks for the app client before it looks at what it is shown."""
    assert prove(time, refusal(code, message)).operations == ["prove"]


def test_success_is_a_yes(aws: ScriptedAws, time: FakeTime) -> None:
    """An emulator may take any token; what it returns is not looked at."""
    aws.on("AdminInitiateAuth", DONE)

    sign_up_client(aws, time.retry()).require_pool()

    assert len(aws.calls) == 1


@pytest.mark.parametrize(
    "before", [[THROTTLED], [BROKEN], [lost_answer()], [THROTTLED, BROKEN, lost_answer()]], ids=str
)
def test_proof_is_asked_for_again_until_there_is_an_answer(time: FakeTime, before: list[Exception]) -> None:
    """The call has no effect, so an answer that was lost is no reason to doubt the next."""
    time.share = 0.01

    assert len(prove(time, *before, NO_SUCH_TOKEN).calls) == 1 + len(before)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("ResourceNotFoundException", "User pool client 1example23456789 does not exist."),
        ("ResourceNotFoundException", f"User pool {POOL_ID} does not exist."),
        ("AccessDeniedException", "User: x is not authorized to perform: cognito-idp:AdminInitiateAuth"),
        *((code, "no") for code in sorted(CREDENTIAL_CODES)),
        *((code, "no") for code in ("AccessDenied", "403", "Unsupported", "Unknown")),
        *((code, "no") for code in ("UnknownOperationException", "ValidationException")),
    ],
)
def test_refusal_that_does_not_come_from_the_app_client_is_raised(time: FakeTime, code: str, message: str) -> None:
    """The first is a no; the others come before the app client was looked for."""
    error = unproven(time, refusal(code, message))

    assert (error.operation, error.code, error.message) == ("AdminInitiateAuth", code, message)


@pytest.mark.parametrize("code", sorted({*CONNECTION_CODES, *THROTTLING_CODES, DEADLINE}))
def test_call_that_the_service_did_not_answer_is_raised(time: FakeTime, code: str) -> None:
    """Whatever was in its way; a quota is one of these."""
    time.share = 10
    retryable = code in THROTTLING_CODES

    assert unproven(time, CallError("AdminInitiateAuth", code, "no", retryable=retryable)).code == code


@pytest.mark.parametrize("failure", [THROTTLED, BROKEN, refusal("ServiceUnavailable", "", 503), lost_answer()], ids=str)
def test_failure_that_lasts_until_the_deadline_is_raised(time: FakeTime, failure: Exception) -> None:
    """No answer is not a yes."""
    assert unproven(time, *[failure] * 40).retryable


def test_answer_that_is_not_known_is_raised_even_if_it_can_not_change(time: FakeTime) -> None:
    """It may come from something else than the service, and what it says is not believed."""
    assert unproven(time, CallError("AdminInitiateAuth", "SomethingNew", "no", unanswered=True)).unanswered


def test_proof_without_time_is_raised(time: FakeTime) -> None:
    """No call was made that could have been answered."""
    retry = time.retry()
    client = ScriptedCognito()
    time.now = 10

    with pytest.raises(CallError, match=DEADLINE):
        client.sign_up_client(retry).require_pool()

    assert client.calls == []


# The sign-up


def test_sign_up_is_one_public_call(aws: ScriptedAws, time: FakeTime) -> None:
    """It carries these parameters and no others, and no credentials."""
    aws.on("SignUp", signed_up())

    user = sign_up_client(aws, time.retry(), metadata={"source": "ci"}).sign_up(
        EMAIL, PASSWORD, {"email": EMAIL, "custom:team": "blue"}, nobody
    )

    [call] = aws.calls
    assert (call.operation, is_signed(call)) == ("SignUp", False)
    assert call.parameters == {
        "ClientId": CLIENT_ID,
        "Username": EMAIL,
        "Password": PASSWORD,
        "UserAttributes": [{"Name": "email", "Value": EMAIL}, {"Name": "custom:team", "Value": "blue"}],
        "ClientMetadata": {"source": "ci"},
    }
    assert user == SignedUp(SUB, confirmed=False)


@pytest.mark.parametrize("confirmed", [True, False])
def test_answer_says_whether_a_trigger_has_confirmed_the_user(
    aws: ScriptedAws, time: FakeTime, *, confirmed: bool
) -> None:
    """A pre sign-up trigger can."""
    aws.on("SignUp", signed_up(UserConfirmed=confirmed))

    assert sign_up_client(aws, time.retry()).sign_up(NAME, PASSWORD, {}, nobody).confirmed is confirmed


@pytest.mark.parametrize("username", [EMAIL, NAME, "+15555550123"])
def test_hash_of_the_secret_is_that_of_the_username(aws: ScriptedAws, time: FakeTime, username: str) -> None:
    """It is masked before it is sent, and the secret itself is not sent."""
    masked: list[tuple[str, int]] = []
    aws.on("SignUp", signed_up())
    client = sign_up_client(
        aws, time.retry(), secret=CLIENT_SECRET, mask=lambda text: masked.append((text, len(aws.calls)))
    )

    client.sign_up(username, PASSWORD, {}, nobody)

    [call] = aws.calls
    assert call.parameters["SecretHash"] == secret_hash(username)
    assert masked == [(secret_hash(username), 0)]
    assert CLIENT_SECRET not in str(call)


def test_session_of_the_answer_is_masked(aws: ScriptedAws, time: FakeTime) -> None:
    """It would let anyone sign in as a user who is confirmed."""
    masked: list[str] = []
    aws.on("SignUp", signed_up(Session=session(1)))

    user = sign_up_client(aws, time.retry(), mask=masked.append).sign_up(NAME, PASSWORD, {}, nobody)

    assert masked == [session(1)]
    assert session(1) not in repr(user)


def test_answer_without_a_session_masks_nothing(aws: ScriptedAws, time: FakeTime) -> None:
    """An empty mask would hide the whole log."""
    masked: list[str] = []
    aws.on("SignUp", signed_up(Session=""), signed_up())
    client = sign_up_client(aws, time.retry(), mask=masked.append)

    client.sign_up(NAME, PASSWORD, {}, nobody)
    client.sign_up(NAME, PASSWORD, {}, nobody)

    assert masked == []


def test_each_attempt_to_sign_up_is_announced_and_is_the_same_call(time: FakeTime) -> None:
    """With what the one before it met, so that it can be saved before the next call."""
    time.share = 0.01
    client = ScriptedCognito(sign_up=[lost_answer(), THROTTLED, BROKEN])
    announced: list[tuple[str | None, int]] = []

    def announce(last: CallError | None) -> None:
        announced.append((last.code if last else None, len(client.calls)))

    client.sign_up_client(time.retry()).sign_up(EMAIL, PASSWORD, {"email": EMAIL}, announce)

    assert announced == [
        (None, 0),
        ("NetworkError", 1),
        ("TooManyRequestsException", 2),
        ("InternalErrorException", 3),
    ]
    assert all(call == client.calls[0] for call in client.calls)


def test_sign_up_that_cannot_be_announced_is_not_tried(time: FakeTime) -> None:
    """What is raised instead ends the call."""
    client = ScriptedCognito()

    def announce(_: CallError | None) -> None:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        client.sign_up_client(time.retry()).sign_up(EMAIL, PASSWORD, {}, announce)

    assert client.calls == []


@pytest.mark.parametrize("code", ["NotAuthorizedException", "LimitExceededException", "ResourceNotFoundException"])
def test_refusal_of_a_sign_up_is_raised_at_once(time: FakeTime, code: str) -> None:
    """It names the operation."""
    client = ScriptedCognito(sign_up=[refusal(code)])

    with pytest.raises(CallError) as caught:
        client.sign_up_client(time.retry()).sign_up(EMAIL, PASSWORD, {}, nobody)

    assert (caught.value.operation, caught.value.code, caught.value.outcome_unknown) == ("SignUp", code, False)
    assert client.operations == ["sign_up"]


def test_name_that_exists_after_a_lost_answer_is_told_from_one_that_was_taken(time: FakeTime) -> None:
    """The failure says that an earlier attempt may have taken effect."""
    client = ScriptedCognito(sign_up=[lost_answer(), EXISTS])

    with pytest.raises(CallError) as caught:
        client.sign_up_client(time.retry()).sign_up(EMAIL, PASSWORD, {}, nobody)

    assert (caught.value.code, caught.value.outcome_unknown) == ("UsernameExistsException", True)


@pytest.mark.parametrize("answer", [{}, {"UserSub": SUB}, {"UserConfirmed": True}])
def test_answer_that_lacks_something_leaves_the_outcome_unknown(
    aws: ScriptedAws, time: FakeTime, answer: dict[str, Any]
) -> None:
    """The user may be there; the call is made again, and then the name exists."""
    aws.on("SignUp", cognito_answer(answer), cognito_refusal("UsernameExistsException"))

    with pytest.raises(CallError) as caught:
        sign_up_client(aws, time.retry()).sign_up(NAME, PASSWORD, {}, nobody)

    assert (caught.value.code, caught.value.outcome_unknown) == ("UsernameExistsException", True)
    assert len(aws.calls) == 2
