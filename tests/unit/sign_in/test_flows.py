"""Signing in: the flow that is open, the challenges on the way, and what starts over."""

import json
import time
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from random import Random

import pytest
from pyotp.totp import TOTP

from cognito_action.concurrency import map_concurrently
from cognito_action.errors import ActionError, CallError
from cognito_action.inputs.sign_in import FLOWS, Flow
from cognito_action.sign_in.app_client import Tokens
from cognito_action.sign_in.challenges import SignedIn
from cognito_action.sign_in.flows import SignIn
from cognito_action.sign_in.srp import PRIME, Srp
from tests.support.app_clients import (
    CLIENT_SECRET,
    TOKENS,
    app_client,
    challenged,
    secret_hash,
    session,
    signed_in,
    user_pool,
)
from tests.support.examples import EMAIL, POOL_ID, SUB
from tests.support.fake_time import FakeTime
from tests.support.scripted_aws import ScriptedAws, cognito_answer, cognito_refusal
from tests.support.scripted_sign_in import (
    ASSOCIATED,
    CLOSED,
    ENROLLMENT,
    FORBIDDEN,
    PASSWORD,
    REFUSED_CODE,
    SECRET_CODE,
    SETUP,
    SPENT,
    SRP_CHALLENGE,
    START,
    VERIFIED,
    WRONG,
    Harness,
    code,
)
from tools.emulator.http import Answer

# The flows


@pytest.mark.parametrize(
    ("flow", "operation"),
    [("USER_PASSWORD_AUTH", "InitiateAuth"), ("ADMIN_USER_PASSWORD_AUTH", "AdminInitiateAuth")],
)
def test_password_flow_takes_one_call(harness: Harness, flow: Flow, operation: str) -> None:
    """The name that a person would type and the password go out, and the tokens come back."""
    harness.aws.on(operation, signed_in())

    result = harness.run(flow)

    assert result == SignedIn(Tokens(TOKENS["AccessToken"], TOKENS["IdToken"], TOKENS["RefreshToken"]), None)
    [call] = harness.aws.calls
    assert call.operation == operation
    assert call.parameters["AuthFlow"] == flow
    assert call.parameters["AuthParameters"] == {"USERNAME": EMAIL, "PASSWORD": PASSWORD}


def test_srp_takes_two_calls_and_sends_no_password(harness: Harness) -> None:
    """The public number goes first, then the proof, which has Cognito's own name of the user."""
    harness.aws.on("InitiateAuth", challenged("PASSWORD_VERIFIER", 0, **SRP_CHALLENGE))
    harness.aws.on("RespondToAuthChallenge", signed_in())

    assert harness.run("USER_SRP_AUTH").tokens.access == TOKENS["AccessToken"]

    expected = Srp(Random(1))
    first, second = (call.parameters for call in harness.aws.calls)
    assert harness.aws.operations == ["InitiateAuth", "RespondToAuthChallenge"]
    assert first["AuthParameters"] == {"USERNAME": EMAIL, "SRP_A": expected.public}
    assert second["ChallengeName"] == "PASSWORD_VERIFIER"
    assert second["ChallengeResponses"] == {
        "USERNAME": SUB,
        **expected.answer(POOL_ID, PASSWORD, SRP_CHALLENGE, datetime.fromtimestamp(START, UTC)),
    }
    assert PASSWORD not in json.dumps([first, second])


@pytest.mark.parametrize("opened", range(4))
def test_auto_continues_while_flows_are_not_enabled(harness: Harness, opened: int) -> None:
    """It tries user password, SRP, choice and admin in this order, up to the one that the app client allows."""
    flow = FLOWS[opened]
    harness.aws.on("InitiateAuth", *[CLOSED[tried] for tried in FLOWS[:opened]])
    if flow in ("USER_SRP_AUTH", "USER_AUTH"):
        harness.aws.on("InitiateAuth", challenged("PASSWORD_VERIFIER", 0, **SRP_CHALLENGE))
        harness.aws.on("RespondToAuthChallenge", signed_in())
    else:
        harness.aws.on("AdminInitiateAuth" if opened == 3 else "InitiateAuth", signed_in())

    assert harness.run(*FLOWS).tokens.access == TOKENS["AccessToken"]
    tried = [call.parameters["AuthFlow"] for call in harness.aws.calls if "AuthFlow" in call.parameters]
    assert tried == list(FLOWS[: opened + 1])
    assert len(harness.log) == opened
    assert all(closed in line for closed, line in zip(FLOWS, harness.log, strict=False))


@pytest.mark.parametrize("first", [CLOSED["USER_PASSWORD_AUTH"], FORBIDDEN], ids=["not enabled", "web ACL"])
@pytest.mark.parametrize("second", [CLOSED["USER_SRP_AUTH"], FORBIDDEN], ids=["not enabled", "web ACL"])
def test_next_user_is_signed_in_by_the_flow_that_was_open(harness: Harness, first: Answer, second: Answer) -> None:
    """The other users skip the flows that were closed to the first one."""
    sign_in = harness.sign_in(*FLOWS)
    harness.aws.on("InitiateAuth", first, second, CLOSED["USER_AUTH"])
    harness.aws.on("AdminInitiateAuth", signed_in(), signed_in(AccessToken="another.access.token"))
    sign_in(EMAIL, PASSWORD)
    harness.aws.calls.clear()

    assert sign_in("another", PASSWORD).tokens.access == "another.access.token"

    assert harness.aws.operations == ["AdminInitiateAuth"]


def test_others_wait_until_one_has_found_the_flow(harness: Harness) -> None:
    """Users who are signed in at the same time don't each try the flows that are closed."""

    class SlowLog(list[str]):
        def append(self, line: str) -> None:
            super().append(line)
            time.sleep(0.1)

    harness.log = SlowLog()
    sign_in = harness.sign_in(*FLOWS)
    harness.aws.on("InitiateAuth", *(CLOSED[flow] for flow in FLOWS[:3]))
    harness.aws.on("AdminInitiateAuth", *[signed_in() for _ in range(8)])

    map_concurrently(lambda number: sign_in(f"user-{number}", PASSWORD), range(8))

    assert sorted(harness.aws.operations) == ["AdminInitiateAuth"] * 8 + ["InitiateAuth"] * 3


def test_web_acl_that_closes_a_flow_later_moves_the_next_user_on(harness: Harness) -> None:
    """A web ACL can count: a flow may be open to the first user but not to the twentieth, who gets the next flow."""
    sign_in = harness.sign_in(*FLOWS)
    harness.aws.on("InitiateAuth", signed_in(), FORBIDDEN, FORBIDDEN, FORBIDDEN)
    harness.aws.on("AdminInitiateAuth", signed_in(AccessToken="another.access.token"))
    sign_in(EMAIL, PASSWORD)

    assert sign_in("another", PASSWORD).tokens.access == "another.access.token"


def test_web_acl_at_the_second_factor_is_final(harness: Harness) -> None:
    """Another flow would be forbidden there too, after another proof of the password."""
    harness.aws.on("InitiateAuth", SETUP)
    harness.aws.on("AssociateSoftwareToken", FORBIDDEN)

    assert "public in every flow" in harness.fail(*FLOWS).why
    assert harness.aws.operations == ["InitiateAuth", "AssociateSoftwareToken"]


def test_flow_that_failed_is_not_remembered(harness: Harness) -> None:
    """After a user whom no flow signed in, the next user tries all flows again."""
    sign_in = harness.sign_in(*FLOWS)
    harness.aws.on("InitiateAuth", WRONG, signed_in())
    with pytest.raises(ActionError):
        sign_in(EMAIL, PASSWORD)

    assert sign_in("another", PASSWORD).tokens.access == TOKENS["AccessToken"]
    assert [call.parameters["AuthFlow"] for call in harness.aws.calls] == ["USER_PASSWORD_AUTH"] * 2


@pytest.mark.parametrize(
    "refusal",
    [
        ("NotAuthorizedException", "Incorrect username or password."),
        ("NotAuthorizedException", "Unable to verify secret hash for client 1example23456789"),
        ("UserNotFoundException", "User does not exist."),
        ("InvalidParameterException", "Custom auth lambda trigger is not configured for the user pool."),
        ("InvalidParameterException", "Missing required parameter USERNAME"),
        ("ResourceNotFoundException", "User pool client 1example23456789 does not exist."),
        ("UserLambdaValidationException", "PreAuthentication failed with error not enabled for this client."),
        ("AccessDeniedException", "not authorized to perform: cognito-idp:InitiateAuth"),
    ],
    ids=lambda refusal: f"{refusal[0]}: {refusal[1][:30]}",
)
@pytest.mark.parametrize("before", [[], [FORBIDDEN]], ids=["at first", "after a web ACL"])
def test_all_other_refusals_are_final(harness: Harness, refusal: tuple[str, str], before: list[Answer]) -> None:
    """Each flow that is tried makes one request, since five wrong passwords lock the user."""
    code, message = refusal
    harness.aws.on("InitiateAuth", *before, cognito_refusal(code, message))

    error = harness.fail(*FLOWS)

    assert harness.aws.operations == ["InitiateAuth"] * (1 + len(before))
    assert error.what.splitlines()[-1] == f"{FLOWS[len(before)]}: InitiateAuth failed with {code}: {message}"


@pytest.mark.parametrize("flow", FLOWS)
def test_flow_that_was_asked_for_is_the_only_one(harness: Harness, flow: Flow) -> None:
    """Without `auto`, a flow that is not enabled ends the sign-in."""
    operation = "AdminInitiateAuth" if flow.startswith("ADMIN") else "InitiateAuth"
    harness.aws.on(operation, CLOSED[flow])

    error = harness.fail(flow)

    assert harness.aws.operations == [operation]
    assert f"`ALLOW_{flow}`" in error.fix


def test_all_answers_are_in_the_error(harness: Harness) -> None:
    """If the last flow is refused too, the reader sees the answer to each."""
    harness.aws.on("InitiateAuth", CLOSED["USER_PASSWORD_AUTH"], FORBIDDEN, CLOSED["USER_AUTH"])
    harness.aws.on("AdminInitiateAuth", CLOSED["ADMIN_USER_PASSWORD_AUTH"])

    error = harness.fail(*FLOWS)

    assert error.what.splitlines() == [
        (
            "USER_PASSWORD_AUTH: InitiateAuth failed with InvalidParameterException: "
            "USER_PASSWORD_AUTH flow not enabled for this client"
        ),
        "USER_SRP_AUTH: InitiateAuth failed with ForbiddenException: Request not allowed due to WAF block.",
        "USER_AUTH: InitiateAuth failed with InvalidParameterException: USER_AUTH flow not enabled for this client",
        (
            "ADMIN_USER_PASSWORD_AUTH: AdminInitiateAuth failed with InvalidParameterException: "
            "Auth flow not enabled for this client"
        ),
    ]
    assert isinstance(error.__cause__, CallError)


def test_unsafe_srp_challenge_is_not_answered(harness: Harness) -> None:
    """No other flow is tried either: a server that answers like this must not get the password itself."""
    unsafe = {**SRP_CHALLENGE, "SRP_B": f"{PRIME:x}"}
    harness.aws.on("InitiateAuth", challenged("PASSWORD_VERIFIER", 0, **unsafe))

    error = harness.fail("USER_SRP_AUTH", "ADMIN_USER_PASSWORD_AUTH")

    assert "PASSWORD_VERIFIER" in error.what
    assert "proxy" in error.fix
    assert harness.aws.operations == ["InitiateAuth"]


def test_wrong_password_is_sent_once_by_srp(harness: Harness) -> None:
    """A refused proof is as final as a refused password."""
    harness.aws.on("InitiateAuth", challenged("PASSWORD_VERIFIER", 0, **SRP_CHALLENGE))
    harness.aws.on("RespondToAuthChallenge", WRONG)

    error = harness.fail("USER_SRP_AUTH", "ADMIN_USER_PASSWORD_AUTH")

    assert harness.aws.operations == ["InitiateAuth", "RespondToAuthChallenge"]
    assert error.what == (
        "USER_SRP_AUTH: RespondToAuthChallenge failed with NotAuthorizedException: Incorrect username or password."
    )


@pytest.mark.parametrize("named", [{"USER_ID_FOR_SRP": SUB}, {"USER_ID_FOR_SRP": ""}, {}])
def test_answers_carry_the_name_of_the_challenge_and_its_hash(harness: Harness, named: Mapping[str, str]) -> None:
    """An alias stands for another name; if the challenge gives none, the typed one is used."""
    harness.secret = CLIENT_SECRET
    name = named.get("USER_ID_FOR_SRP") or EMAIL
    harness.aws.on("InitiateAuth", challenged("MFA_SETUP", 1, **named))
    harness.aws.on("AssociateSoftwareToken", ASSOCIATED)
    harness.aws.on("VerifySoftwareToken", VERIFIED)
    harness.aws.on("RespondToAuthChallenge", signed_in())

    harness.run("USER_PASSWORD_AUTH")

    first, last = harness.aws.calls[0].parameters, harness.aws.calls[-1].parameters
    assert first["AuthParameters"]["SECRET_HASH"] == secret_hash(EMAIL)
    assert last["ChallengeResponses"] == {"USERNAME": name, "SECRET_HASH": secret_hash(name)}


# The second factor


@pytest.mark.parametrize("admin", ["", "Admin"])
def test_authenticator_is_set_up_with_the_previous_code(harness: Harness, admin: str) -> None:
    """Each call gets the newest session, and the code of the current window is left to the tests."""
    harness.aws.on(f"{admin}InitiateAuth", SETUP)
    harness.aws.on("AssociateSoftwareToken", ASSOCIATED)
    harness.aws.on("VerifySoftwareToken", VERIFIED)
    harness.aws.on(f"{admin}RespondToAuthChallenge", signed_in())

    result = harness.run("ADMIN_USER_PASSWORD_AUTH" if admin else "USER_PASSWORD_AUTH")

    assert harness.aws.operations == [
        f"{admin}InitiateAuth",
        "AssociateSoftwareToken",
        "VerifySoftwareToken",
        f"{admin}RespondToAuthChallenge",
    ]
    assert harness.sessions == [session(1), session(2), session(3)]
    assert harness.codes == [code(-1)]
    assert harness.watch.pauses == []
    assert result.tokens.access == TOKENS["AccessToken"]
    assert result.authenticator
    assert (result.authenticator.secret, result.authenticator.seconds_until_fresh) == (SECRET_CODE, 0.0)


def test_authenticator_is_set_up_after_a_proof(harness: Harness) -> None:
    """With SRP the setup is the second challenge."""
    harness.aws.on("InitiateAuth", challenged("PASSWORD_VERIFIER", 0, **SRP_CHALLENGE))
    harness.aws.on("RespondToAuthChallenge", SETUP, signed_in())
    harness.aws.on("AssociateSoftwareToken", ASSOCIATED)
    harness.aws.on("VerifySoftwareToken", VERIFIED)

    assert harness.run("USER_SRP_AUTH").authenticator

    assert [call.parameters["ChallengeName"] for call in harness.aws.all("RespondToAuthChallenge")] == [
        "PASSWORD_VERIFIER",
        "MFA_SETUP",
    ]
    assert harness.sessions == [session(1), session(2), session(3)]


@pytest.mark.parametrize(
    "refused", ["EnableSoftwareTokenMFAException", "CodeMismatchException", "ExpiredCodeException"]
)
def test_current_code_is_sent_if_the_previous_one_is_refused(harness: Harness, refused: str) -> None:
    """Then someone else's first code has to wait for the next window."""
    harness.aws.on("InitiateAuth", SETUP)
    harness.aws.on("AssociateSoftwareToken", ASSOCIATED)
    harness.aws.on("VerifySoftwareToken", cognito_refusal(refused), VERIFIED)
    harness.aws.on("RespondToAuthChallenge", signed_in())

    result = harness.run("USER_PASSWORD_AUTH")

    assert harness.codes == [code(-1), code(0)]
    assert harness.sessions == [session(1), session(2), session(2), session(3)]
    assert harness.watch.pauses == []
    assert result.authenticator
    assert result.authenticator.seconds_until_fresh == 18


def test_refused_code_that_costs_the_session(harness: Harness) -> None:
    """The sign-in starts over, and does not lose the new session to the same code."""
    again = cognito_answer({"SecretCode": SECRET_CODE[::-1], "Session": session(5)})
    harness.aws.on("InitiateAuth", SETUP, challenged("MFA_SETUP", 4))
    harness.aws.on("AssociateSoftwareToken", ASSOCIATED, again)
    harness.aws.on("VerifySoftwareToken", REFUSED_CODE, SPENT, VERIFIED)
    harness.aws.on("RespondToAuthChallenge", signed_in())

    result = harness.run("USER_PASSWORD_AUTH")

    assert result.authenticator
    assert result.authenticator.secret == SECRET_CODE[::-1]
    assert harness.codes == [code(-1), code(0), TOTP(SECRET_CODE[::-1]).generate_otp(1000)]
    assert harness.sessions == [session(number) for number in (1, 2, 2, 4, 5, 3)]


def test_codes_that_are_both_refused(harness: Harness) -> None:
    """Two codes are tried, and the error points to the clock."""
    harness.aws.on("InitiateAuth", SETUP)
    harness.aws.on("AssociateSoftwareToken", ASSOCIATED)
    harness.aws.on("VerifySoftwareToken", REFUSED_CODE, REFUSED_CODE)

    error = harness.fail(*FLOWS)

    assert "clock" in error.fix
    assert harness.aws.operations == [*ENROLLMENT[:3], "VerifySoftwareToken"]


@pytest.mark.parametrize("operation", ["AssociateSoftwareToken", "VerifySoftwareToken"])
def test_other_refusal_of_the_setup_is_not_a_refused_code(harness: Harness, operation: str) -> None:
    """No second code is tried."""
    harness.aws.on("InitiateAuth", SETUP)
    harness.aws.on("AssociateSoftwareToken", ASSOCIATED)
    harness.aws.scripts[operation] = deque([cognito_refusal("SoftwareTokenMFANotFoundException", "not enabled")])

    error = harness.fail("USER_PASSWORD_AUTH")

    assert harness.aws.operations[-1] == operation
    assert harness.aws.operations.count(operation) == 1
    assert "authenticator apps" in error.fix


@pytest.mark.parametrize(("verified_by", "wait"), [("previous", []), ("current", [18])])
def test_code_after_the_setup_is_a_fresh_one(harness: Harness, verified_by: str, wait: list[float]) -> None:
    """Cognito may ask for a code right away, and accepts none twice."""
    harness.aws.on("InitiateAuth", SETUP)
    harness.aws.on("AssociateSoftwareToken", ASSOCIATED)
    harness.aws.on("VerifySoftwareToken", *([REFUSED_CODE] if verified_by == "current" else []), VERIFIED)
    harness.aws.on(
        "RespondToAuthChallenge",
        challenged("SELECT_MFA_TYPE", 4, MFAS_CAN_CHOOSE='["SMS_MFA","SOFTWARE_TOKEN_MFA"]'),
        challenged("SOFTWARE_TOKEN_MFA", 5, FRIENDLY_DEVICE_NAME="x"),
        signed_in(),
    )

    result = harness.run("USER_PASSWORD_AUTH")

    answers = [call.parameters["ChallengeResponses"] for call in harness.aws.all("RespondToAuthChallenge")]
    fresh = code(1 if wait else 0)
    assert answers == [
        {"USERNAME": SUB},
        {"USERNAME": SUB, "ANSWER": "SOFTWARE_TOKEN_MFA"},
        {"USERNAME": SUB, "SOFTWARE_TOKEN_MFA_CODE": fresh},
    ]
    assert harness.sessions[-2:] == [session(4), session(5)]
    assert harness.watch.pauses == wait
    assert len(set(harness.codes)) == len(harness.codes)
    assert result.authenticator
    assert result.authenticator.seconds_until_fresh == (30 if wait else 18)


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"MFAS_CAN_SETUP": '["SOFTWARE_TOKEN_MFA"]'},
        {"MFAS_CAN_SETUP": '["SMS_MFA", "EMAIL_OTP", "SOFTWARE_TOKEN_MFA"]'},
        {"MFAS_CAN_SETUP": "no JSON"},
        {"MFAS_CAN_SETUP": "null"},
        {"MFAS_CAN_SETUP": "[" * 50_000},
    ],
    ids=lambda parameters: str(parameters)[:60],
)
def test_authenticator_is_tried_unless_the_pool_rules_it_out(harness: Harness, parameters: Mapping[str, str]) -> None:
    """If the challenge does not say what can be set up, the next call does."""
    harness.aws.on("InitiateAuth", challenged("MFA_SETUP", 1, **parameters))
    harness.aws.on("AssociateSoftwareToken", ASSOCIATED)
    harness.aws.on("VerifySoftwareToken", VERIFIED)
    harness.aws.on("RespondToAuthChallenge", signed_in())

    assert harness.run("USER_PASSWORD_AUTH").authenticator
    assert harness.aws.operations == ENROLLMENT


@pytest.mark.parametrize("factors", ["[]", '["SMS_MFA"]', '["EMAIL_OTP", "SMS_MFA"]'])
def test_pool_without_authenticators_is_named(harness: Harness, factors: str) -> None:
    """Nothing is set up if that can't lead to tokens."""
    harness.aws.on("InitiateAuth", challenged("MFA_SETUP", 1, MFAS_CAN_SETUP=factors))

    error = harness.fail(*FLOWS)

    assert "authenticator apps" in error.why + error.fix
    assert harness.aws.operations == ["InitiateAuth"]


@pytest.mark.parametrize("secret", ["AAAAAAAA", "no base32 at all", "GEZDGNBVGY3TQOJ1"])
def test_secret_that_makes_no_codes_is_reported(harness: Harness, secret: str) -> None:
    """It is an unusable answer, not a bug of the action, and it is not shown."""
    harness.aws.on("InitiateAuth", SETUP)
    harness.aws.on("AssociateSoftwareToken", cognito_answer({"SecretCode": secret, "Session": session(2)}))

    error = harness.fail(*FLOWS)

    assert "base32" in error.what
    assert secret not in error.annotation
    assert harness.aws.operations == ["InitiateAuth", "AssociateSoftwareToken"]


# What can't be answered


@pytest.mark.parametrize(
    "challenge",
    [
        *("SMS_MFA", "EMAIL_OTP", "SELECT_MFA_TYPE", "CUSTOM_CHALLENGE"),
        *("NEW_PASSWORD_REQUIRED", "DEVICE_SRP_AUTH", "SELECT_CHALLENGE", "SOMETHING_NEW"),
    ],
)
def test_challenge_that_cannot_be_answered_is_named(harness: Harness, challenge: str) -> None:
    """No answer is sent, and no other flow is tried, since it would ask for the same."""
    harness.aws.on("InitiateAuth", challenged(challenge, 1, CODE_DELIVERY_DESTINATION="+*******0123"))

    error = harness.fail(*FLOWS)

    assert error.what == f"The sign-in asks for {challenge}, which can't be answered here."
    assert harness.aws.operations == ["InitiateAuth"]


@pytest.mark.parametrize(
    ("challenge", "factors"),
    [
        ("SOFTWARE_TOKEN_MFA", {}),
        ("SELECT_MFA_TYPE", {"MFAS_CAN_CHOOSE": '["SMS_MFA","SOFTWARE_TOKEN_MFA"]'}),
        ("SELECT_MFA_TYPE", {"MFAS_CAN_SELECT": '["SOFTWARE_TOKEN_MFA","EMAIL_OTP"]'}),
    ],
)
def test_authenticator_of_another_job_is_named(harness: Harness, challenge: str, factors: dict[str, str]) -> None:
    """A user who already has one was signed in elsewhere, and this step can't make its codes."""
    harness.aws.on("InitiateAuth", challenged(challenge, 1, **factors))

    error = harness.fail(*FLOWS)

    assert error.what.startswith("The sign-in asks for a code of the user's authenticator (SOFTWARE_TOKEN_MFA)")
    assert "Leave `client-id` out where the user is created" in error.fix
    assert harness.aws.operations == ["InitiateAuth"]


def test_factors_without_an_authenticator_do_not_count_as_one(harness: Harness) -> None:
    """Codes that Cognito sends are not the same as a secret that stayed elsewhere."""
    harness.aws.on("InitiateAuth", challenged("SELECT_MFA_TYPE", 1, MFAS_CAN_CHOOSE='["SMS_MFA","EMAIL_OTP"]'))

    assert harness.fail(*FLOWS).what == "The sign-in asks for SELECT_MFA_TYPE, which can't be answered here."


@pytest.mark.parametrize(
    ("challenge", "others"),
    [
        (SETUP, ENROLLMENT[1:3]),
        (challenged("PASSWORD_VERIFIER", 1, **SRP_CHALLENGE), []),
    ],
    ids=["MFA_SETUP", "PASSWORD_VERIFIER"],
)
def test_repeated_challenge_ends_the_sign_in(harness: Harness, challenge: Answer, others: Sequence[str]) -> None:
    """A server that asks forever is not answered forever."""
    harness.aws.on("InitiateAuth", challenge)
    harness.aws.on("AssociateSoftwareToken", ASSOCIATED)
    harness.aws.on("VerifySoftwareToken", VERIFIED)
    harness.aws.on("RespondToAuthChallenge", *[challenge] * 10)

    harness.fail("USER_SRP_AUTH")

    assert harness.aws.operations == ["InitiateAuth", *others, "RespondToAuthChallenge"]


def test_two_alternating_challenges_end_the_sign_in(harness: Harness) -> None:
    """A challenge can't repeat forever behind another one either."""
    harness.aws.on("InitiateAuth", SETUP)
    harness.aws.on("AssociateSoftwareToken", ASSOCIATED)
    harness.aws.on("VerifySoftwareToken", VERIFIED)
    code_wanted, choice = challenged("SOFTWARE_TOKEN_MFA", 4), challenged("SELECT_MFA_TYPE", 5)
    harness.aws.on("RespondToAuthChallenge", *[code_wanted, choice] * 10)

    error = harness.fail("USER_PASSWORD_AUTH")

    assert "SOFTWARE_TOKEN_MFA" in error.what
    assert len(harness.aws.all("RespondToAuthChallenge")) == 3


# What starts over


@pytest.mark.parametrize("spent_at", ["AssociateSoftwareToken", "VerifySoftwareToken", "RespondToAuthChallenge"])
@pytest.mark.parametrize("lost", [[None], []], ids=["answer lost", "session expired"])
def test_spent_session_restarts_the_sign_in(harness: Harness, spent_at: str, lost: list[None]) -> None:
    """After a lost answer Cognito no longer accepts the session; a new sign-in gets new ones."""
    harness.aws.on(spent_at, *lost, SPENT)
    harness.aws.on("InitiateAuth", SETUP, challenged("MFA_SETUP", 4))
    harness.aws.on("AssociateSoftwareToken", *[ASSOCIATED] * 2)
    harness.aws.on("VerifySoftwareToken", *[VERIFIED] * 2)
    harness.aws.on("RespondToAuthChallenge", signed_in())

    assert harness.run("USER_PASSWORD_AUTH").tokens.access == TOKENS["AccessToken"]

    started = ENROLLMENT[: ENROLLMENT.index(spent_at)]
    assert harness.aws.operations == [*started, *[spent_at] * (len(lost) + 1), *ENROLLMENT]
    assert harness.sessions[-3:] == [session(4), session(2), session(3)]


def test_authenticator_that_was_set_up_before_the_answer_was_lost(harness: Harness) -> None:
    """After the restart Cognito asks for a code; it gets one of the same secret that it has not seen."""
    harness.aws.on("InitiateAuth", SETUP, challenged("SOFTWARE_TOKEN_MFA", 4, USER_ID_FOR_SRP=SUB))
    harness.aws.on("AssociateSoftwareToken", ASSOCIATED)
    harness.aws.on("VerifySoftwareToken", None, SPENT)
    harness.aws.on("RespondToAuthChallenge", signed_in())

    result = harness.run("USER_PASSWORD_AUTH")

    assert harness.aws.operations == [*ENROLLMENT[:3], "VerifySoftwareToken", "InitiateAuth", "RespondToAuthChallenge"]
    assert harness.codes == [code(-1), code(-1), code(0)]
    assert result.authenticator
    assert (result.authenticator.secret, result.authenticator.seconds_until_fresh) == (SECRET_CODE, 18)


@pytest.mark.parametrize("refused", ["CodeMismatchException", "ExpiredCodeException"])
def test_code_whose_answer_was_lost_is_followed_by_another(harness: Harness, refused: str) -> None:
    """Cognito has used the code, so its refusal of the same one says nothing about the authenticator."""
    wanted = [challenged("SOFTWARE_TOKEN_MFA", number, USER_ID_FOR_SRP=SUB) for number in (4, 5)]
    harness.aws.on("InitiateAuth", SETUP, wanted[1])
    harness.aws.on("AssociateSoftwareToken", ASSOCIATED)
    harness.aws.on("VerifySoftwareToken", VERIFIED)
    used = cognito_refusal(refused, "Your software token has already been used once.")
    harness.aws.on("RespondToAuthChallenge", wanted[0], None, used, signed_in())

    result = harness.run("USER_PASSWORD_AUTH")

    assert harness.codes == [code(-1), code(0), code(0), code(1)]
    assert result.authenticator
    assert result.authenticator.seconds_until_fresh == 30


def test_code_that_is_refused_with_no_answer_lost_is_final(harness: Harness) -> None:
    """The authenticator and Cognito disagree, and no second sign-in changes that."""
    harness.aws.on("InitiateAuth", SETUP)
    harness.aws.on("AssociateSoftwareToken", ASSOCIATED)
    harness.aws.on("VerifySoftwareToken", VERIFIED)
    refused = cognito_refusal("CodeMismatchException", "Invalid code received for user")
    harness.aws.on("RespondToAuthChallenge", challenged("SOFTWARE_TOKEN_MFA", 4), refused)

    error = harness.fail(*FLOWS)

    assert "clock" in error.fix
    assert harness.aws.operations == [*ENROLLMENT, "RespondToAuthChallenge"]


def test_proof_whose_answer_was_lost_is_made_again(harness: Harness) -> None:
    """The same proof may be refused the second time although the password is right; a new one has a new secret."""
    harness.aws.on("InitiateAuth", *[challenged("PASSWORD_VERIFIER", 0, **SRP_CHALLENGE)] * 2)
    harness.aws.on("RespondToAuthChallenge", None, WRONG, signed_in())

    assert harness.run("USER_SRP_AUTH").tokens.access == TOKENS["AccessToken"]

    first, second = harness.aws.all("InitiateAuth")
    assert first.parameters["AuthParameters"] != second.parameters["AuthParameters"]
    assert len(harness.aws.all("RespondToAuthChallenge")) == 3


@pytest.mark.parametrize("flow", ["USER_PASSWORD_AUTH", "ADMIN_USER_PASSWORD_AUTH"])
def test_wrong_password_is_final_even_if_an_answer_was_lost(harness: Harness, flow: Flow) -> None:
    """At the first step only the password can be wrong."""
    operation = "AdminInitiateAuth" if flow.startswith("ADMIN") else "InitiateAuth"
    harness.aws.on(operation, None, WRONG)

    harness.fail(flow)

    assert harness.aws.operations == [operation] * 2


@pytest.mark.parametrize("lost", [[None], []], ids=["answers lost", "sessions expired"])
def test_sign_in_restarts_once(harness: Harness, lost: list[None]) -> None:
    """A session that is spent twice is not an accident, and no other flow is tried after it."""
    harness.aws.on("InitiateAuth", SETUP, SETUP)
    harness.aws.on("AssociateSoftwareToken", *lost, SPENT, *lost, SPENT)

    error = harness.fail(*FLOWS)

    assert harness.aws.operations.count("InitiateAuth") == 2
    assert "AdminInitiateAuth" not in harness.aws.operations
    assert "session" in error.why
    assert error.what == (
        "USER_PASSWORD_AUTH: AssociateSoftwareToken failed with NotAuthorizedException: "
        "Invalid session for the user, session can only be used once."
    )


def test_refusal_that_a_restart_cannot_fix_is_final(harness: Harness) -> None:
    """The sign-in restarts only for a new session: a trigger that refuses at the second step is not asked again."""
    harness.aws.on("InitiateAuth", SETUP)
    harness.aws.on("AssociateSoftwareToken", ASSOCIATED)
    harness.aws.on("VerifySoftwareToken", VERIFIED)
    harness.aws.on(
        "RespondToAuthChallenge",
        cognito_refusal("UserLambdaValidationException", "PostAuthentication failed with error not today."),
    )

    error = harness.fail(*FLOWS)

    assert "PostAuthentication failed with error not today." in error.what
    assert "Lambda trigger" in error.why
    assert harness.aws.operations == ENROLLMENT


def test_web_acl_at_a_later_step_leads_to_the_next_flow(harness: Harness) -> None:
    """If the public answer is forbidden, the signed one may not be."""
    harness.aws.on("InitiateAuth", challenged("PASSWORD_VERIFIER", 0, **SRP_CHALLENGE))
    harness.aws.on("RespondToAuthChallenge", FORBIDDEN)
    harness.aws.on("AdminInitiateAuth", signed_in())

    assert harness.run("USER_SRP_AUTH", "ADMIN_USER_PASSWORD_AUTH").tokens.access == TOKENS["AccessToken"]
    assert harness.aws.operations == ["InitiateAuth", "RespondToAuthChallenge", "AdminInitiateAuth"]


def test_closed_flow_is_logged_with_cognitos_words(harness: Harness) -> None:
    """The reader of the log sees why a flow was skipped."""
    harness.aws.on("InitiateAuth", FORBIDDEN)
    harness.aws.on("AdminInitiateAuth", signed_in())

    harness.run("USER_PASSWORD_AUTH", "ADMIN_USER_PASSWORD_AUTH")

    assert harness.log == [
        "USER_PASSWORD_AUTH is not available here, so ADMIN_USER_PASSWORD_AUTH is tried: Request not allowed due to WAF block."
    ]


def test_last_closed_flow_is_only_in_the_error(harness: Harness) -> None:
    """Nothing is tried after it, and the error has Cognito's words."""
    harness.aws.on("InitiateAuth", FORBIDDEN)

    with pytest.raises(ActionError, match="WAF block"):
        harness.run("USER_PASSWORD_AUTH")

    assert harness.log == []


def test_default_clock_is_the_systems(aws: ScriptedAws) -> None:
    """Without a clock argument a sign-in uses the time in UTC, and its authenticator makes the usual codes."""
    aws.on("InitiateAuth", challenged("PASSWORD_VERIFIER", 0, **SRP_CHALLENGE))
    aws.on("RespondToAuthChallenge", SETUP, signed_in())
    aws.on("AssociateSoftwareToken", ASSOCIATED)
    aws.on("VerifySoftwareToken", VERIFIED)
    retry = FakeTime().retry()
    client = app_client(aws, retry)

    before = datetime.now(UTC).replace(microsecond=0)
    result = SignIn(client, user_pool(aws, retry), FLOWS[1:2], retry, Random(1), print)(EMAIL, PASSWORD)

    stamp = aws.all("RespondToAuthChallenge")[0].parameters["ChallengeResponses"]["TIMESTAMP"]
    moment = datetime.strptime(stamp, "%a %b %d %H:%M:%S UTC %Y").replace(tzinfo=UTC)
    assert before <= moment <= datetime.now(UTC)
    assert result.authenticator
    assert result.authenticator.seconds_until_fresh == 0
