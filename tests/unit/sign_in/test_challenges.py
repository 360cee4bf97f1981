"""Choice-based sign-in: a password is proven in the way that does not send it, if Cognito offers that."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from random import Random

import pytest

from cognito_action.inputs.sign_in import FLOWS
from cognito_action.sign_in.srp import Srp
from tests.support.app_clients import CLIENT_SECRET, TOKENS, challenged, secret_hash, session, signed_in
from tests.support.examples import EMAIL, POOL_ID, SUB
from tests.support.scripted_aws import cognito_answer, cognito_refusal
from tests.support.scripted_sign_in import (
    ASSOCIATED,
    CLOSED,
    PASSWORD,
    SETUP,
    SPENT,
    SRP_CHALLENGE,
    START,
    VERIFIED,
    WRONG,
    Harness,
)
from tools.emulator.http import Answer

VERIFIER = challenged("PASSWORD_VERIFIER", 1, **SRP_CHALLENGE)


def choice(*ways: str) -> Answer:
    """Cognito's answer that lets the user choose."""
    return cognito_answer(
        {"ChallengeName": "SELECT_CHALLENGE", "Session": session(9), "AvailableChallenges": list(ways)}
    )


def test_srp_is_preferred(harness: Harness) -> None:
    """Where Cognito agrees, it takes two calls, and the password is not sent."""
    harness.aws.on("InitiateAuth", VERIFIER)
    harness.aws.on("RespondToAuthChallenge", signed_in())

    assert harness.run("USER_AUTH").tokens.access == TOKENS["AccessToken"]

    expected = Srp(Random(1))
    first, second = (call.parameters for call in harness.aws.calls)
    assert first["AuthFlow"] == "USER_AUTH"
    assert first["AuthParameters"] == {
        "USERNAME": EMAIL,
        "PREFERRED_CHALLENGE": "PASSWORD_SRP",
        "SRP_A": expected.public,
    }
    assert second["ChallengeName"] == "PASSWORD_VERIFIER"
    assert second["ChallengeResponses"] == {
        "USERNAME": SUB,
        **expected.answer(POOL_ID, PASSWORD, SRP_CHALLENGE, datetime.fromtimestamp(START, UTC)),
    }
    assert PASSWORD not in json.dumps([first, second])


@pytest.mark.parametrize("ways", [["PASSWORD", "EMAIL_OTP"], ["WEB_AUTHN", "PASSWORD"], ["PASSWORD"]])
def test_password_is_chosen_where_srp_is_not_offered(harness: Harness, ways: Sequence[str]) -> None:
    """The choice and the password go out in one answer, with the hash of a client that has a secret."""
    harness.secret = CLIENT_SECRET
    harness.aws.on("InitiateAuth", choice(*ways))
    harness.aws.on("RespondToAuthChallenge", signed_in())

    assert harness.run("USER_AUTH").tokens.access == TOKENS["AccessToken"]

    first, second = (call.parameters for call in harness.aws.calls)
    assert first["AuthParameters"]["SECRET_HASH"] == secret_hash(EMAIL)
    assert (second["ChallengeName"], second["Session"]) == ("SELECT_CHALLENGE", session(9))
    assert second["ChallengeResponses"] == {
        "USERNAME": EMAIL,
        "ANSWER": "PASSWORD",
        "PASSWORD": PASSWORD,
        "SECRET_HASH": secret_hash(EMAIL),
    }


def test_srp_is_chosen_where_both_are_offered(harness: Harness) -> None:
    """The public number is sent again, and the proof comes after the choice."""
    harness.aws.on("InitiateAuth", choice("EMAIL_OTP", "PASSWORD", "PASSWORD_SRP"))
    harness.aws.on("RespondToAuthChallenge", VERIFIER, signed_in())

    assert harness.run("USER_AUTH").tokens.access == TOKENS["AccessToken"]

    _, chosen, proven = (call.parameters for call in harness.aws.calls)
    assert chosen["ChallengeResponses"] == {
        "USERNAME": EMAIL,
        "ANSWER": "PASSWORD_SRP",
        "SRP_A": Srp(Random(1)).public,
    }
    assert proven["ChallengeName"] == "PASSWORD_VERIFIER"


@pytest.mark.parametrize(
    ("challenge", "response"),
    [("PASSWORD", {"PASSWORD": PASSWORD}), ("PASSWORD_SRP", {"SRP_A": Srp(Random(1)).public})],
)
def test_challenge_that_is_a_way_already_needs_no_choice(
    harness: Harness, challenge: str, response: dict[str, str]
) -> None:
    """Cognito's model lists both as challenges of their own."""
    harness.aws.on("InitiateAuth", challenged(challenge, 1))
    harness.aws.on("RespondToAuthChallenge", signed_in())

    harness.run("USER_AUTH")

    assert harness.aws.calls[-1].parameters["ChallengeResponses"] == {"USERNAME": EMAIL, **response}


@pytest.mark.parametrize(
    ("first", "named"),
    [
        (choice("EMAIL_OTP", "WEB_AUTHN"), "EMAIL_OTP, WEB_AUTHN"),
        (choice(), "nothing"),
        (challenged("EMAIL_OTP", 1), "EMAIL_OTP"),
        (challenged("WEB_AUTHN", 1), "WEB_AUTHN"),
    ],
)
def test_pool_without_passwords_is_named(harness: Harness, first: Answer, named: str) -> None:
    """No code is asked for, and the error says what to do if the tests need no tokens."""
    harness.aws.on("InitiateAuth", first)

    error = harness.fail("USER_AUTH")

    assert error.what == f"USER_AUTH: InitiateAuth failed with PasswordNotOffered: Cognito offers {named}"
    assert "no passwords for this user" in error.why
    assert "auth-flow: none" in error.paste
    assert harness.aws.operations == ["InitiateAuth"]


def test_code_by_email_after_the_password_is_a_second_factor(harness: Harness) -> None:
    """The same challenge means something else once the password is proven."""
    harness.aws.on("InitiateAuth", choice("PASSWORD"))
    harness.aws.on("RespondToAuthChallenge", challenged("EMAIL_OTP", 2))

    assert "as a second factor" in harness.fail("USER_AUTH").fix


def test_second_factor_is_set_up_after_a_choice(harness: Harness) -> None:
    """What follows the password is the same in each flow."""
    harness.aws.on("InitiateAuth", choice("PASSWORD"))
    harness.aws.on("RespondToAuthChallenge", SETUP, signed_in())
    harness.aws.on("AssociateSoftwareToken", ASSOCIATED)
    harness.aws.on("VerifySoftwareToken", VERIFIED)

    assert harness.run("USER_AUTH").authenticator
    assert harness.sessions == [session(9), session(1), session(2), session(3)]


@pytest.mark.parametrize("first", [choice("PASSWORD"), challenged("PASSWORD", 1), VERIFIER])
def test_wrong_password_is_sent_once(harness: Harness, first: Answer) -> None:
    """Five wrong passwords lock the user."""
    harness.aws.on("InitiateAuth", first)
    harness.aws.on("RespondToAuthChallenge", WRONG)

    assert "belongs to another pool" in harness.fail("USER_AUTH").why
    assert harness.aws.operations == ["InitiateAuth", "RespondToAuthChallenge"]


def test_lost_answer_to_a_choice_starts_over(harness: Harness) -> None:
    """The session was used up by the call whose answer was lost."""
    harness.aws.on("InitiateAuth", choice("PASSWORD"), choice("PASSWORD"))
    harness.aws.on("RespondToAuthChallenge", None, SPENT, signed_in())

    assert harness.run("USER_AUTH").tokens.access == TOKENS["AccessToken"]


@pytest.mark.parametrize(
    "refusal",
    [
        CLOSED["USER_AUTH"],
        cognito_refusal("FeatureUnavailableInTierException", "Not in this tier"),
        cognito_refusal("InvalidParameterException", "Unsupported AuthFlow: USER_AUTH"),
        cognito_refusal("InvalidParameterException", "1 validation error detected: Value 'USER_AUTH' at 'authFlow'"),
        cognito_refusal("UnsupportedOperationException", "no"),
        cognito_refusal("OperationNotEnabledException", "no"),
        choice("EMAIL_OTP"),
        challenged("WEB_AUTHN", 1),
    ],
    ids=["not enabled", "plan", "ministack", "other emulators", "unsupported", "disabled", "choice", "challenge"],
)
def test_auto_gets_past_a_choice_that_is_not_to_be_had(harness: Harness, refusal: Answer) -> None:
    """The one flow that needs a permission comes last."""
    harness.aws.on("InitiateAuth", CLOSED["USER_PASSWORD_AUTH"], CLOSED["USER_SRP_AUTH"], refusal)
    harness.aws.on("AdminInitiateAuth", signed_in())

    assert harness.run(*FLOWS).tokens.access == TOKENS["AccessToken"]


def test_flow_that_an_emulator_does_not_know_is_named(harness: Harness) -> None:
    """It is no question of the app client's settings."""
    harness.aws.on("InitiateAuth", cognito_refusal("InvalidParameterException", "Unsupported AuthFlow: USER_AUTH"))

    error = harness.fail("USER_AUTH")

    assert "an emulator" in error.why
    assert "Leave `auth-flow` out" in error.fix


def test_plan_that_lacks_another_feature_is_final(harness: Harness) -> None:
    """Only choice-based sign-in is a feature of a plan."""
    harness.aws.on("InitiateAuth", cognito_refusal("FeatureUnavailableInTierException"))

    assert "plan" in harness.fail(*FLOWS).why
    assert harness.aws.operations == ["InitiateAuth"]
