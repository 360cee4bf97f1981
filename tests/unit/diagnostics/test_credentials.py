"""Credentials that AWS refuses: the code, the message, the key and the endpoint tell the cause."""

import pytest
import yaml

from cognito_action.diagnostics.credentials import KeyFacts, credentials_refused
from cognito_action.errors import CREDENTIAL_CODES, ActionError, CallError
from cognito_action.network.endpoint import AWS, Endpoint

JOBS_OWN = KeyFacts(has_role=False, key_id="AKIAEXAMPLE")


def told(code: str, message: str = "no", facts: KeyFacts = JOBS_OWN, endpoint: Endpoint = AWS) -> ActionError:
    """The error for credentials that a call was refused with."""
    return credentials_refused(CallError("AdminCreateUser", code, message), facts, endpoint, "eu-central-1")


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("InvalidSignatureException", "Signature expired: 20261129T080000Z is now earlier than 20261129T081000Z"),
        ("InvalidSignatureException", "Signature not yet current: 20261129T083000Z is still later than …"),
        ("SignatureDoesNotMatch", "Signature expired: 20261129T080000Z is now earlier than 20261129T081000Z"),
        ("RequestTimeTooSkewed", "The difference between the request time and the current time is too large."),
        ("RequestExpired", "Request has expired."),
    ],
)
@pytest.mark.parametrize("facts", [JOBS_OWN, KeyFacts()])
def test_wrong_clock_is_neither_key_nor_expiry(code: str, message: str, facts: KeyFacts) -> None:
    """New credentials would be refused as well."""
    error = told(code, message, facts)

    assert error.why == "A signature holds the time, and this machine's clock is minutes away from that of AWS."
    assert error.fix == "Correct the clock of the self-hosted runner."


@pytest.mark.parametrize("code", ["InvalidSignatureException", "SignatureDoesNotMatch"])
def test_other_signature_that_does_not_match_is_the_secret_key(code: str) -> None:
    """AWS's other message says that the signature differs from the one that it calculated."""
    error = told(code, "The request signature we calculated does not match the signature you provided.")

    assert "The secret key does not belong to the access key" in error.why


@pytest.mark.parametrize("code", ["ExpiredToken", "ExpiredTokenException"])
def test_expired_credentials_of_the_job(code: str) -> None:
    """Only a role gets new ones when the job ends."""
    assert "`role-to-assume`" in told(code, "The security token included in the request is expired").fix


@pytest.mark.parametrize("code", ["UnrecognizedClientException", "InvalidClientTokenId"])
@pytest.mark.parametrize(
    ("key_id", "has_token", "paste"),
    [
        ("ASIAEXAMPLE", False, {"AWS_SESSION_TOKEN": "${{ steps.<id>.outputs.aws-session-token }}"}),
        ("AKIAEXAMPLE", True, {"AWS_SESSION_TOKEN": ""}),
        ("ASIAEXAMPLE", True, None),
        ("AKIAEXAMPLE", False, None),
    ],
)
def test_key_tells_what_is_wrong_with_its_token(
    code: str, key_id: str, paste: dict[str, str] | None, *, has_token: bool
) -> None:
    """A temporary key needs one, and a permanent one has none; the key itself is not shown."""
    error = told(
        code,
        "The security token included in the request is invalid.",
        KeyFacts(has_role=False, key_id=key_id, has_token=has_token),
    )

    assert (yaml.safe_load(error.paste or "{}").get("env")) == paste
    assert paste or "does not know the access key" in error.why
    assert key_id not in error.annotation


def test_space_in_a_key() -> None:
    """Whoever stored it has to store it again."""
    assert "such as a space" in told("IncompleteSignature", "must be (key=value), missing equal-sign").why


@pytest.mark.parametrize("code", sorted(CREDENTIAL_CODES - {"RequestExpired", "RequestTimeTooSkewed"}))
def test_session_of_a_role_is_not_the_jobs_business(code: str) -> None:
    """No variable of the job is behind it."""
    error = told(code, facts=KeyFacts())

    assert "the session that it has given for the role" in error.why
    assert not error.paste


@pytest.mark.parametrize("facts", [JOBS_OWN, KeyFacts()])
def test_emulator_that_does_not_know_the_credentials(facts: KeyFacts) -> None:
    """The variable that leads there is named, and the line without it is given."""
    error = told("UnrecognizedClientException", facts=facts, endpoint=Endpoint("http://aws:4566", "AWS_ENDPOINT_URL"))

    assert "`AWS_ENDPOINT_URL`" in error.why
    assert "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS" in error.paste
