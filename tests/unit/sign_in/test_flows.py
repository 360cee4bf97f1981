"""Signing in: the flow that is open, the challenges on the way, and what is begun anew."""

import json
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random

import pytest
from pyotp.totp import TOTP

from cognito_action.errors import ActionError, CallError
from cognito_action.inputs.sign_in import FLOWS, Flow
from cognito_action.sign_in.app_client import Tokens
from cognito_action.sign_in.challenges import SignedIn
from cognito_action.sign_in.flows import SignIn
from cognito_action.sign_in.srp import PRIME, Srp
from cognito_action.sign_in.totp import WINDOW
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
from tools.emulator.http import Answer

PASSWORD = "Passw0rd-of-the-user"
SECRET_CODE = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
START = 1000 * WINDOW + 12
"""Seconds since 1970."""
"""When a sign-in begins, on the clock of the authenticator: 18 s before the next window."""

CLOSED: Mapping[Flow, Answer] = {
    "USER_PASSWORD_AUTH": cognito_refusal(
        "InvalidParameterException", "USER_PASSWORD_AUTH flow not enabled for this client"
    ),
    "USER_SRP_AUTH": cognito_refusal("InvalidParameterException", "USER_SRP_AUTH is not enabled for the client."),
    "ADMIN_USER_PASSWORD_AUTH": cognito_refusal("InvalidParameterException", "Auth flow not enabled for this client"),
}
"""How Cognito says that the app client does not allow a flow: each time in other words."""

FORBIDDEN = cognito_refusal("ForbiddenException", "Request not allowed due to WAF block.", 403)
WRONG = cognito_refusal("NotAuthorizedException", "Incorrect username or password.")
SPENT = cognito_refusal("NotAuthorizedException", "Invalid session for the user, session can only be used once.")
REFUSED_CODE = cognito_refusal("EnableSoftwareTokenMFAException", "Code mismatch and fail enable Software Token MFA")

SRP_CHALLENGE = {"USER_ID_FOR_SRP": SUB, "USERNAME": SUB, "SALT": "abc123", "SRP_B": "1234abcd", "SECRET_BLOCK": "YQ=="}

SET_UP = challenged("MFA_SETUP", 1, MFAS_CAN_SETUP='["SOFTWARE_TOKEN_MFA"]', USER_ID_FOR_SRP=SUB)
ASSOCIATED = cognito_answer({"SecretCode": SECRET_CODE, "Session": session(2)})
VERIFIED = cognito_answer({"Status": "SUCCESS", "Session": session(3)})

ENROLMENT = ["InitiateAuth", "AssociateSoftwareToken", "VerifySoftwareToken", "RespondToAuthChallenge"]


def code(offset: int) -> str:
    """The code of the window that lies so many after the one of `START`."""
    return TOTP(SECRET_CODE).generate_otp(1000 + offset)


@dataclass
class Stand:
    """What a sign-in is given, and what it did."""

    aws: ScriptedAws
    time: FakeTime
    watch: FakeTime = field(default_factory=lambda: FakeTime(now=START))
    """The clock of the authenticator, which the pauses between calls don't move."""
    log: list[str] = field(default_factory=list)
    secret: str = ""

    def sign_in(self, *flows: Flow) -> SignIn:
        """A sign-in that may try these flows."""
        client = app_client(self.aws, self.time.retry(100), secret=self.secret, metadata={"source": "ci"})
        retry = self.watch.retry(100)
        return SignIn(client, user_pool(self.aws, retry), flows, retry, Random(1), self.log.append, self.watch.clock)

    def run(self, *flows: Flow) -> SignedIn:
        return self.sign_in(*flows)(EMAIL, PASSWORD)

    def fail(self, *flows: Flow) -> ActionError:
        """What is said of a sign-in that fails."""
        with pytest.raises(ActionError) as raised:
            self.run(*flows)
        assert PASSWORD not in raised.value.annotation
        return raised.value

    @property
    def codes(self) -> list[str]:
        """The codes that Cognito was sent, in order."""
        return [
            call.parameters.get("UserCode") or call.parameters["ChallengeResponses"]["SOFTWARE_TOKEN_MFA_CODE"]
            for call in self.aws.calls
            if "UserCode" in call.parameters
            or "SOFTWARE_TOKEN_MFA_CODE" in call.parameters.get("ChallengeResponses", {})
        ]

    @property
    def sessions(self) -> list[str]:
        """The sessions that Cognito was sent, in order."""
        return [call.parameters["Session"] for call in self.aws.calls if "Session" in call.parameters]


@pytest.fixture
def stand(aws: ScriptedAws, time: FakeTime) -> Stand:
    time.share = 0
    return Stand(aws, time)


# The flows


@pytest.mark.parametrize(
    ("flow", "operation"),
    [("USER_PASSWORD_AUTH", "InitiateAuth"), ("ADMIN_USER_PASSWORD_AUTH", "AdminInitiateAuth")],
)
def test_password_flow_takes_one_call(stand: Stand, flow: Flow, operation: str) -> None:
    """The name that a person would type and the password go, and the tokens come."""
    stand.aws.on(operation, signed_in())

    result = stand.run(flow)

    assert result == SignedIn(Tokens(TOKENS["AccessToken"], TOKENS["IdToken"], TOKENS["RefreshToken"]), None)
    [call] = stand.aws.calls
    assert call.operation == operation
    assert call.parameters["AuthFlow"] == flow
    assert call.parameters["AuthParameters"] == {"USERNAME": EMAIL, "PASSWORD": PASSWORD}


def test_srp_takes_two_calls_and_sends_no_password(stand: Stand) -> None:
    """The public number begins, the proof follows, and Cognito's own name of the user is in it."""
    stand.aws.on("InitiateAuth", challenged("PASSWORD_VERIFIER", 0, **SRP_CHALLENGE))
    stand.aws.on("RespondToAuthChallenge", signed_in())

    assert stand.run("USER_SRP_AUTH").tokens.access == TOKENS["AccessToken"]

    expected = Srp(Random(1))
    first, second = (call.parameters for call in stand.aws.calls)
    assert stand.aws.operations == ["InitiateAuth", "RespondToAuthChallenge"]
    assert first["AuthParameters"] == {"USERNAME": EMAIL, "SRP_A": expected.public}
    assert second["ChallengeName"] == "PASSWORD_VERIFIER"
    assert second["ChallengeResponses"] == {
        "USERNAME": SUB,
        **expected.answer(POOL_ID, PASSWORD, SRP_CHALLENGE, datetime.fromtimestamp(START, UTC)),
    }
    assert PASSWORD not in json.dumps([first, second])


@pytest.mark.parametrize("opened", range(3))
def test_auto_goes_on_while_flows_are_not_enabled(stand: Stand, opened: int) -> None:
    """User password, SRP, admin: in this order, up to the one that the app client allows."""
    flow = FLOWS[opened]
    stand.aws.on("InitiateAuth", *[CLOSED[tried] for tried in FLOWS[:opened]])
    if flow == "USER_SRP_AUTH":
        stand.aws.on("InitiateAuth", challenged("PASSWORD_VERIFIER", 0, **SRP_CHALLENGE))
        stand.aws.on("RespondToAuthChallenge", signed_in())
    else:
        stand.aws.on("AdminInitiateAuth" if opened == 2 else "InitiateAuth", signed_in())

    assert stand.run(*FLOWS).tokens.access == TOKENS["AccessToken"]
    tried = [call.parameters["AuthFlow"] for call in stand.aws.calls if "AuthFlow" in call.parameters]
    assert tried == list(FLOWS[: opened + 1])
    assert len(stand.log) == opened
    assert all(closed in line for closed, line in zip(FLOWS, stand.log, strict=False))


@pytest.mark.parametrize("first", [CLOSED["USER_PASSWORD_AUTH"], FORBIDDEN], ids=["not enabled", "web ACL"])
@pytest.mark.parametrize("second", [CLOSED["USER_SRP_AUTH"], FORBIDDEN], ids=["not enabled", "web ACL"])
def test_next_user_is_signed_in_by_the_flow_that_was_open(stand: Stand, first: Answer, second: Answer) -> None:
    """What the first user met, the others need not try."""
    sign_in = stand.sign_in(*FLOWS)
    stand.aws.on("InitiateAuth", first, second)
    stand.aws.on("AdminInitiateAuth", signed_in(), signed_in(AccessToken="another.access.token"))
    sign_in(EMAIL, PASSWORD)
    stand.aws.calls.clear()

    assert sign_in("another", PASSWORD).tokens.access == "another.access.token"

    assert stand.aws.operations == ["AdminInitiateAuth"]


def test_web_acl_that_closes_later_leads_the_next_user_on(stand: Stand) -> None:
    """A web ACL can count: what was open to the first user is not to the twentieth, and the flows after it are there."""
    sign_in = stand.sign_in(*FLOWS)
    stand.aws.on("InitiateAuth", signed_in(), FORBIDDEN, FORBIDDEN)
    stand.aws.on("AdminInitiateAuth", signed_in(AccessToken="another.access.token"))
    sign_in(EMAIL, PASSWORD)

    assert sign_in("another", PASSWORD).tokens.access == "another.access.token"


def test_web_acl_at_the_second_factor_tries_no_other_flow(stand: Stand) -> None:
    """It would be forbidden there as well, after another proof of the password."""
    stand.aws.on("InitiateAuth", SET_UP)
    stand.aws.on("AssociateSoftwareToken", FORBIDDEN)

    assert "public in every flow" in stand.fail(*FLOWS).why
    assert stand.aws.operations == ["InitiateAuth", "AssociateSoftwareToken"]


def test_flow_that_failed_is_not_remembered(stand: Stand) -> None:
    """A user whom no flow signed in leaves all of them to the next one."""
    sign_in = stand.sign_in(*FLOWS)
    stand.aws.on("InitiateAuth", WRONG, signed_in())
    with pytest.raises(ActionError):
        sign_in(EMAIL, PASSWORD)

    assert sign_in("another", PASSWORD).tokens.access == TOKENS["AccessToken"]
    assert [call.parameters["AuthFlow"] for call in stand.aws.calls] == ["USER_PASSWORD_AUTH"] * 2


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
def test_all_other_refusals_are_final(stand: Stand, refusal: tuple[str, str], before: list[Answer]) -> None:
    """One request for each flow that was tried: five wrong passwords lock the user."""
    code, message = refusal
    stand.aws.on("InitiateAuth", *before, cognito_refusal(code, message))

    error = stand.fail(*FLOWS)

    assert stand.aws.operations == ["InitiateAuth"] * (1 + len(before))
    assert error.what.splitlines()[-1] == f"{FLOWS[len(before)]}: InitiateAuth failed with {code}: {message}"


@pytest.mark.parametrize("flow", FLOWS)
def test_flow_that_was_asked_for_is_the_only_one(stand: Stand, flow: Flow) -> None:
    """Without `auto` a flow that is not enabled is the end."""
    operation = "AdminInitiateAuth" if flow.startswith("ADMIN") else "InitiateAuth"
    stand.aws.on(operation, CLOSED[flow])

    error = stand.fail(flow)

    assert stand.aws.operations == [operation]
    assert f"`ALLOW_{flow}`" in error.fix


def test_all_three_answers_are_in_the_error(stand: Stand) -> None:
    """Where the last one is refused too, the reader sees what each flow met."""
    stand.aws.on("InitiateAuth", CLOSED["USER_PASSWORD_AUTH"], FORBIDDEN)
    stand.aws.on("AdminInitiateAuth", CLOSED["ADMIN_USER_PASSWORD_AUTH"])

    error = stand.fail(*FLOWS)

    assert error.what.splitlines() == [
        (
            "USER_PASSWORD_AUTH: InitiateAuth failed with InvalidParameterException: "
            "USER_PASSWORD_AUTH flow not enabled for this client"
        ),
        "USER_SRP_AUTH: InitiateAuth failed with ForbiddenException: Request not allowed due to WAF block.",
        (
            "ADMIN_USER_PASSWORD_AUTH: AdminInitiateAuth failed with InvalidParameterException: "
            "Auth flow not enabled for this client"
        ),
    ]
    assert isinstance(error.__cause__, CallError)


def test_challenge_of_srp_that_is_not_safe_is_not_answered(stand: Stand) -> None:
    """Neither is another flow tried: who answers so must not get the password itself."""
    unsafe = {**SRP_CHALLENGE, "SRP_B": f"{PRIME:x}"}
    stand.aws.on("InitiateAuth", challenged("PASSWORD_VERIFIER", 0, **unsafe))

    error = stand.fail("USER_SRP_AUTH", "ADMIN_USER_PASSWORD_AUTH")

    assert "USER_SRP_AUTH" in error.what
    assert "proxy" in error.fix
    assert stand.aws.operations == ["InitiateAuth"]


def test_wrong_password_is_sent_once_by_srp(stand: Stand) -> None:
    """The refusal of the proof is as final as that of a password."""
    stand.aws.on("InitiateAuth", challenged("PASSWORD_VERIFIER", 0, **SRP_CHALLENGE))
    stand.aws.on("RespondToAuthChallenge", WRONG)

    error = stand.fail("USER_SRP_AUTH", "ADMIN_USER_PASSWORD_AUTH")

    assert stand.aws.operations == ["InitiateAuth", "RespondToAuthChallenge"]
    assert error.what == (
        "USER_SRP_AUTH: RespondToAuthChallenge failed with NotAuthorizedException: Incorrect username or password."
    )


@pytest.mark.parametrize("named", [{"USER_ID_FOR_SRP": SUB}, {"USER_ID_FOR_SRP": ""}, {}])
def test_answers_carry_the_name_of_the_challenge_and_its_hash(stand: Stand, named: Mapping[str, str]) -> None:
    """Behind an alias stands another name; where the challenge gives none, the one that was typed goes on."""
    stand.secret = CLIENT_SECRET
    name = named.get("USER_ID_FOR_SRP") or EMAIL
    stand.aws.on("InitiateAuth", challenged("MFA_SETUP", 1, **named))
    stand.aws.on("AssociateSoftwareToken", ASSOCIATED)
    stand.aws.on("VerifySoftwareToken", VERIFIED)
    stand.aws.on("RespondToAuthChallenge", signed_in())

    stand.run("USER_PASSWORD_AUTH")

    first, last = stand.aws.calls[0].parameters, stand.aws.calls[-1].parameters
    assert first["AuthParameters"]["SECRET_HASH"] == secret_hash(EMAIL)
    assert last["ChallengeResponses"] == {"USERNAME": name, "SECRET_HASH": secret_hash(name)}


# The second factor


@pytest.mark.parametrize("admin", ["", "Admin"])
def test_authenticator_is_set_up_with_the_code_before(stand: Stand, admin: str) -> None:
    """The newest session goes to each call, and the code of the current window is left to the tests."""
    stand.aws.on(f"{admin}InitiateAuth", SET_UP)
    stand.aws.on("AssociateSoftwareToken", ASSOCIATED)
    stand.aws.on("VerifySoftwareToken", VERIFIED)
    stand.aws.on(f"{admin}RespondToAuthChallenge", signed_in())

    result = stand.run("ADMIN_USER_PASSWORD_AUTH" if admin else "USER_PASSWORD_AUTH")

    assert stand.aws.operations == [
        f"{admin}InitiateAuth",
        "AssociateSoftwareToken",
        "VerifySoftwareToken",
        f"{admin}RespondToAuthChallenge",
    ]
    assert stand.sessions == [session(1), session(2), session(3)]
    assert stand.codes == [code(-1)]
    assert stand.watch.pauses == []
    assert result.tokens.access == TOKENS["AccessToken"]
    assert result.authenticator
    assert (result.authenticator.secret, result.authenticator.seconds_until_fresh) == (SECRET_CODE, 0.0)


def test_authenticator_is_set_up_after_a_proof(stand: Stand) -> None:
    """By SRP the demand comes as the second challenge."""
    stand.aws.on("InitiateAuth", challenged("PASSWORD_VERIFIER", 0, **SRP_CHALLENGE))
    stand.aws.on("RespondToAuthChallenge", SET_UP, signed_in())
    stand.aws.on("AssociateSoftwareToken", ASSOCIATED)
    stand.aws.on("VerifySoftwareToken", VERIFIED)

    assert stand.run("USER_SRP_AUTH").authenticator

    assert [call.parameters["ChallengeName"] for call in stand.aws.all("RespondToAuthChallenge")] == [
        "PASSWORD_VERIFIER",
        "MFA_SETUP",
    ]
    assert stand.sessions == [session(1), session(2), session(3)]


@pytest.mark.parametrize(
    "refused", ["EnableSoftwareTokenMFAException", "CodeMismatchException", "ExpiredCodeException"]
)
def test_current_code_goes_where_the_one_before_is_refused(stand: Stand, refused: str) -> None:
    """Then somebody else's first code has to wait for the next window."""
    stand.aws.on("InitiateAuth", SET_UP)
    stand.aws.on("AssociateSoftwareToken", ASSOCIATED)
    stand.aws.on("VerifySoftwareToken", cognito_refusal(refused), VERIFIED)
    stand.aws.on("RespondToAuthChallenge", signed_in())

    result = stand.run("USER_PASSWORD_AUTH")

    assert stand.codes == [code(-1), code(0)]
    assert stand.sessions == [session(1), session(2), session(2), session(3)]
    assert stand.watch.pauses == []
    assert result.authenticator
    assert result.authenticator.seconds_until_fresh == 18


def test_refused_code_that_costs_the_session(stand: Stand) -> None:
    """The sign-in begins anew, and does not lose the new session to the same code."""
    again = cognito_answer({"SecretCode": SECRET_CODE[::-1], "Session": session(5)})
    stand.aws.on("InitiateAuth", SET_UP, challenged("MFA_SETUP", 4))
    stand.aws.on("AssociateSoftwareToken", ASSOCIATED, again)
    stand.aws.on("VerifySoftwareToken", REFUSED_CODE, SPENT, VERIFIED)
    stand.aws.on("RespondToAuthChallenge", signed_in())

    result = stand.run("USER_PASSWORD_AUTH")

    assert result.authenticator
    assert result.authenticator.secret == SECRET_CODE[::-1]
    assert stand.codes == [code(-1), code(0), TOTP(SECRET_CODE[::-1]).generate_otp(1000)]
    assert stand.sessions == [session(number) for number in (1, 2, 2, 4, 5, 3)]


def test_codes_that_are_both_refused(stand: Stand) -> None:
    """Two codes are tried, and the error points to the clock."""
    stand.aws.on("InitiateAuth", SET_UP)
    stand.aws.on("AssociateSoftwareToken", ASSOCIATED)
    stand.aws.on("VerifySoftwareToken", REFUSED_CODE, REFUSED_CODE)

    error = stand.fail(*FLOWS)

    assert "clock" in error.fix
    assert stand.aws.operations == [*ENROLMENT[:3], "VerifySoftwareToken"]


@pytest.mark.parametrize("operation", ["AssociateSoftwareToken", "VerifySoftwareToken"])
def test_other_refusal_of_the_set_up_is_no_refusal_of_a_code(stand: Stand, operation: str) -> None:
    """No second code is spent on it."""
    stand.aws.on("InitiateAuth", SET_UP)
    stand.aws.on("AssociateSoftwareToken", ASSOCIATED)
    stand.aws.scripts[operation] = deque([cognito_refusal("SoftwareTokenMFANotFoundException", "not enabled")])

    error = stand.fail("USER_PASSWORD_AUTH")

    assert stand.aws.operations[-1] == operation
    assert stand.aws.operations.count(operation) == 1
    assert "authenticator apps" in error.fix


@pytest.mark.parametrize(("verified_by", "wait"), [("previous", []), ("current", [18])])
def test_code_that_is_asked_for_after_the_set_up_is_a_fresh_one(
    stand: Stand, verified_by: str, wait: list[float]
) -> None:
    """Cognito may ask for a code at once, and takes none twice."""
    stand.aws.on("InitiateAuth", SET_UP)
    stand.aws.on("AssociateSoftwareToken", ASSOCIATED)
    stand.aws.on("VerifySoftwareToken", *([REFUSED_CODE] if verified_by == "current" else []), VERIFIED)
    stand.aws.on(
        "RespondToAuthChallenge",
        challenged("SELECT_MFA_TYPE", 4, MFAS_CAN_CHOOSE='["SMS_MFA","SOFTWARE_TOKEN_MFA"]'),
        challenged("SOFTWARE_TOKEN_MFA", 5, FRIENDLY_DEVICE_NAME="x"),
        signed_in(),
    )

    result = stand.run("USER_PASSWORD_AUTH")

    answers = [call.parameters["ChallengeResponses"] for call in stand.aws.all("RespondToAuthChallenge")]
    fresh = code(1 if wait else 0)
    assert answers == [
        {"USERNAME": SUB},
        {"USERNAME": SUB, "ANSWER": "SOFTWARE_TOKEN_MFA"},
        {"USERNAME": SUB, "SOFTWARE_TOKEN_MFA_CODE": fresh},
    ]
    assert stand.sessions[-2:] == [session(4), session(5)]
    assert stand.watch.pauses == wait
    assert len(set(stand.codes)) == len(stand.codes)
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
def test_authenticator_is_tried_unless_the_pool_rules_it_out(stand: Stand, parameters: Mapping[str, str]) -> None:
    """Where the challenge does not tell what can be set up, the next call does."""
    stand.aws.on("InitiateAuth", challenged("MFA_SETUP", 1, **parameters))
    stand.aws.on("AssociateSoftwareToken", ASSOCIATED)
    stand.aws.on("VerifySoftwareToken", VERIFIED)
    stand.aws.on("RespondToAuthChallenge", signed_in())

    assert stand.run("USER_PASSWORD_AUTH").authenticator
    assert stand.aws.operations == ENROLMENT


@pytest.mark.parametrize("factors", ["[]", '["SMS_MFA"]', '["EMAIL_OTP", "SMS_MFA"]'])
def test_pool_without_authenticators_is_named(stand: Stand, factors: str) -> None:
    """Nothing is set up where that can't lead to tokens."""
    stand.aws.on("InitiateAuth", challenged("MFA_SETUP", 1, MFAS_CAN_SETUP=factors))

    error = stand.fail(*FLOWS)

    assert "authenticator apps" in error.why + error.fix
    assert stand.aws.operations == ["InitiateAuth"]


@pytest.mark.parametrize("secret", ["AAAAAAAA", "no base32 at all", "GEZDGNBVGY3TQOJ1"])
def test_secret_that_makes_no_codes_is_reported(stand: Stand, secret: str) -> None:
    """It is an answer that can't be worked with, no bug of the action; and it is not shown."""
    stand.aws.on("InitiateAuth", SET_UP)
    stand.aws.on("AssociateSoftwareToken", cognito_answer({"SecretCode": secret, "Session": session(2)}))

    error = stand.fail(*FLOWS)

    assert "base32" in error.what
    assert secret not in error.annotation
    assert stand.aws.operations == ["InitiateAuth", "AssociateSoftwareToken"]


# What can't be answered


@pytest.mark.parametrize(
    "challenge",
    [
        *("SMS_MFA", "EMAIL_OTP", "SELECT_MFA_TYPE", "CUSTOM_CHALLENGE"),
        *("NEW_PASSWORD_REQUIRED", "DEVICE_SRP_AUTH", "SELECT_CHALLENGE", "SOMETHING_NEW"),
    ],
)
def test_challenge_that_can_not_be_answered_is_named(stand: Stand, challenge: str) -> None:
    """Nothing is sent in answer to it, and no other flow is tried: that would ask for the same."""
    stand.aws.on("InitiateAuth", challenged(challenge, 1, CODE_DELIVERY_DESTINATION="+*******0123"))

    error = stand.fail(*FLOWS)

    assert error.what == f"The sign-in asks for {challenge}, which the action can't answer."
    assert stand.aws.operations == ["InitiateAuth"]


@pytest.mark.parametrize(
    ("challenge", "factors"),
    [
        ("SOFTWARE_TOKEN_MFA", {}),
        ("SELECT_MFA_TYPE", {"MFAS_CAN_CHOOSE": '["SMS_MFA","SOFTWARE_TOKEN_MFA"]'}),
        ("SELECT_MFA_TYPE", {"MFAS_CAN_SELECT": '["SOFTWARE_TOKEN_MFA","EMAIL_OTP"]'}),
    ],
)
def test_authenticator_of_another_job_is_named(stand: Stand, challenge: str, factors: dict[str, str]) -> None:
    """A user who has one already was signed in elsewhere, and nobody here can make its codes."""
    stand.aws.on("InitiateAuth", challenged(challenge, 1, **factors))

    error = stand.fail(*FLOWS)

    assert error.what.startswith("The sign-in asks for a code of the user's authenticator (SOFTWARE_TOKEN_MFA)")
    assert "Leave `client-id` out where the user is created" in error.fix
    assert stand.aws.operations == ["InitiateAuth"]


def test_factors_without_an_authenticator_are_not_taken_for_one(stand: Stand) -> None:
    """Codes that Cognito sends are another matter than a secret that stayed elsewhere."""
    stand.aws.on("InitiateAuth", challenged("SELECT_MFA_TYPE", 1, MFAS_CAN_CHOOSE='["SMS_MFA","EMAIL_OTP"]'))

    assert stand.fail(*FLOWS).what == "The sign-in asks for SELECT_MFA_TYPE, which the action can't answer."


@pytest.mark.parametrize(
    ("challenge", "others"),
    [
        (SET_UP, ENROLMENT[1:3]),
        (challenged("PASSWORD_VERIFIER", 1, **SRP_CHALLENGE), []),
    ],
    ids=["MFA_SETUP", "PASSWORD_VERIFIER"],
)
def test_challenge_that_comes_again_ends_the_sign_in(stand: Stand, challenge: Answer, others: Sequence[str]) -> None:
    """A server that asks for ever is not answered for ever."""
    stand.aws.on("InitiateAuth", challenge)
    stand.aws.on("AssociateSoftwareToken", ASSOCIATED)
    stand.aws.on("VerifySoftwareToken", VERIFIED)
    stand.aws.on("RespondToAuthChallenge", *[challenge] * 10)

    stand.fail("USER_SRP_AUTH")

    assert stand.aws.operations == ["InitiateAuth", *others, "RespondToAuthChallenge"]


def test_two_challenges_in_turn_end_the_sign_in(stand: Stand) -> None:
    """Neither is one asked for ever that hides behind another."""
    stand.aws.on("InitiateAuth", SET_UP)
    stand.aws.on("AssociateSoftwareToken", ASSOCIATED)
    stand.aws.on("VerifySoftwareToken", VERIFIED)
    code_wanted, choice = challenged("SOFTWARE_TOKEN_MFA", 4), challenged("SELECT_MFA_TYPE", 5)
    stand.aws.on("RespondToAuthChallenge", *[code_wanted, choice] * 10)

    error = stand.fail("USER_PASSWORD_AUTH")

    assert "SOFTWARE_TOKEN_MFA" in error.what
    assert len(stand.aws.all("RespondToAuthChallenge")) == 3


# What is begun anew


@pytest.mark.parametrize("spent_at", ["AssociateSoftwareToken", "VerifySoftwareToken", "RespondToAuthChallenge"])
@pytest.mark.parametrize("lost", [[None], []], ids=["answer lost", "session expired"])
def test_spent_session_begins_the_sign_in_anew(stand: Stand, spent_at: str, lost: list[None]) -> None:
    """After a lost answer Cognito takes the session no more; a new sign-in has new ones."""
    stand.aws.on(spent_at, *lost, SPENT)
    stand.aws.on("InitiateAuth", SET_UP, challenged("MFA_SETUP", 4))
    stand.aws.on("AssociateSoftwareToken", *[ASSOCIATED] * 2)
    stand.aws.on("VerifySoftwareToken", *[VERIFIED] * 2)
    stand.aws.on("RespondToAuthChallenge", signed_in())

    assert stand.run("USER_PASSWORD_AUTH").tokens.access == TOKENS["AccessToken"]

    begun = ENROLMENT[: ENROLMENT.index(spent_at)]
    assert stand.aws.operations == [*begun, *[spent_at] * (len(lost) + 1), *ENROLMENT]
    assert stand.sessions[-3:] == [session(4), session(2), session(3)]


def test_authenticator_that_was_set_up_before_the_answer_was_lost(stand: Stand) -> None:
    """Begun anew, Cognito asks for its code: the one of the same secret, and one that it has not seen."""
    stand.aws.on("InitiateAuth", SET_UP, challenged("SOFTWARE_TOKEN_MFA", 4, USER_ID_FOR_SRP=SUB))
    stand.aws.on("AssociateSoftwareToken", ASSOCIATED)
    stand.aws.on("VerifySoftwareToken", None, SPENT)
    stand.aws.on("RespondToAuthChallenge", signed_in())

    result = stand.run("USER_PASSWORD_AUTH")

    assert stand.aws.operations == [*ENROLMENT[:3], "VerifySoftwareToken", "InitiateAuth", "RespondToAuthChallenge"]
    assert stand.codes == [code(-1), code(-1), code(0)]
    assert result.authenticator
    assert (result.authenticator.secret, result.authenticator.seconds_until_fresh) == (SECRET_CODE, 18)


@pytest.mark.parametrize("refused", ["CodeMismatchException", "ExpiredCodeException"])
def test_code_whose_answer_was_lost_is_followed_by_another(stand: Stand, refused: str) -> None:
    """Cognito has taken the code, so its refusal of the same one again says nothing about the authenticator."""
    wanted = [challenged("SOFTWARE_TOKEN_MFA", number, USER_ID_FOR_SRP=SUB) for number in (4, 5)]
    stand.aws.on("InitiateAuth", SET_UP, wanted[1])
    stand.aws.on("AssociateSoftwareToken", ASSOCIATED)
    stand.aws.on("VerifySoftwareToken", VERIFIED)
    used = cognito_refusal(refused, "Your software token has already been used once.")
    stand.aws.on("RespondToAuthChallenge", wanted[0], None, used, signed_in())

    result = stand.run("USER_PASSWORD_AUTH")

    assert stand.codes == [code(-1), code(0), code(0), code(1)]
    assert result.authenticator
    assert result.authenticator.seconds_until_fresh == 30


def test_code_that_is_refused_with_no_answer_lost_is_final(stand: Stand) -> None:
    """The authenticator and Cognito are not of one mind, and no second sign-in changes that."""
    stand.aws.on("InitiateAuth", SET_UP)
    stand.aws.on("AssociateSoftwareToken", ASSOCIATED)
    stand.aws.on("VerifySoftwareToken", VERIFIED)
    refused = cognito_refusal("CodeMismatchException", "Invalid code received for user")
    stand.aws.on("RespondToAuthChallenge", challenged("SOFTWARE_TOKEN_MFA", 4), refused)

    error = stand.fail(*FLOWS)

    assert "clock" in error.fix
    assert stand.aws.operations == [*ENROLMENT, "RespondToAuthChallenge"]


def test_proof_whose_answer_was_lost_is_made_anew(stand: Stand) -> None:
    """The same proof again may be refused although the password is right; a new one has a new secret."""
    stand.aws.on("InitiateAuth", *[challenged("PASSWORD_VERIFIER", 0, **SRP_CHALLENGE)] * 2)
    stand.aws.on("RespondToAuthChallenge", None, WRONG, signed_in())

    assert stand.run("USER_SRP_AUTH").tokens.access == TOKENS["AccessToken"]

    first, second = stand.aws.all("InitiateAuth")
    assert first.parameters["AuthParameters"] != second.parameters["AuthParameters"]
    assert len(stand.aws.all("RespondToAuthChallenge")) == 3


@pytest.mark.parametrize("flow", ["USER_PASSWORD_AUTH", "ADMIN_USER_PASSWORD_AUTH"])
def test_wrong_password_is_final_even_where_an_answer_was_lost(stand: Stand, flow: Flow) -> None:
    """At the first step nothing but the password can be wrong."""
    operation = "AdminInitiateAuth" if flow.startswith("ADMIN") else "InitiateAuth"
    stand.aws.on(operation, None, WRONG)

    stand.fail(flow)

    assert stand.aws.operations == [operation] * 2


@pytest.mark.parametrize("lost", [[None], []], ids=["answers lost", "sessions expired"])
def test_sign_in_is_begun_anew_once(stand: Stand, lost: list[None]) -> None:
    """A session that is spent twice is no accident, and no other flow is tried after it."""
    stand.aws.on("InitiateAuth", SET_UP, SET_UP)
    stand.aws.on("AssociateSoftwareToken", *lost, SPENT, *lost, SPENT)

    error = stand.fail(*FLOWS)

    assert stand.aws.operations.count("InitiateAuth") == 2
    assert "AdminInitiateAuth" not in stand.aws.operations
    assert "session" in error.why
    assert error.what == (
        "USER_PASSWORD_AUTH: AssociateSoftwareToken failed with NotAuthorizedException: "
        "Invalid session for the user, session can only be used once."
    )


def test_refusal_that_no_new_beginning_helps_is_final(stand: Stand) -> None:
    """Only a session is got anew: a trigger that refuses at the second step is not asked again."""
    stand.aws.on("InitiateAuth", SET_UP)
    stand.aws.on("AssociateSoftwareToken", ASSOCIATED)
    stand.aws.on("VerifySoftwareToken", VERIFIED)
    stand.aws.on(
        "RespondToAuthChallenge",
        cognito_refusal("UserLambdaValidationException", "PostAuthentication failed with error not today."),
    )

    error = stand.fail(*FLOWS)

    assert "PostAuthentication failed with error not today." in error.what
    assert "Lambda trigger" in error.why
    assert stand.aws.operations == ENROLMENT


def test_web_acl_at_a_later_step_leads_to_the_next_flow(stand: Stand) -> None:
    """Where the public answer is forbidden, the signed one may not be; the error shows both."""
    stand.aws.on("InitiateAuth", challenged("PASSWORD_VERIFIER", 0, **SRP_CHALLENGE))
    stand.aws.on("RespondToAuthChallenge", FORBIDDEN)
    stand.aws.on("AdminInitiateAuth", signed_in())

    assert stand.run("USER_SRP_AUTH", "ADMIN_USER_PASSWORD_AUTH").tokens.access == TOKENS["AccessToken"]
    assert stand.aws.operations == ["InitiateAuth", "RespondToAuthChallenge", "AdminInitiateAuth"]


def test_flow_is_closed_in_the_log_with_cognitos_words(stand: Stand) -> None:
    """The reader of the log sees why a flow was passed over."""
    stand.aws.on("InitiateAuth", FORBIDDEN)
    stand.aws.on("AdminInitiateAuth", signed_in())

    stand.run("USER_PASSWORD_AUTH", "ADMIN_USER_PASSWORD_AUTH")

    assert stand.log == [
        "USER_PASSWORD_AUTH is not open to this step, so ADMIN_USER_PASSWORD_AUTH is tried: Request not allowed due to WAF block."
    ]


def test_last_flow_is_closed_by_the_error_alone(stand: Stand) -> None:
    """Nothing is tried after it, and the error has Cognito's words."""
    stand.aws.on("InitiateAuth", FORBIDDEN)

    with pytest.raises(ActionError, match="WAF block"):
        stand.run("USER_PASSWORD_AUTH")

    assert stand.log == []


def test_defaults_are_those_of_the_machine(aws: ScriptedAws) -> None:
    """Without a clock of its own a sign-in has the time in UTC, and its authenticator makes everybody's codes."""
    aws.on("InitiateAuth", challenged("PASSWORD_VERIFIER", 0, **SRP_CHALLENGE))
    aws.on("RespondToAuthChallenge", SET_UP, signed_in())
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
