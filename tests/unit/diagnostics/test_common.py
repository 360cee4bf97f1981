"""What applies to any call to AWS."""

import pytest

from cognito_action.diagnostics.common import any_call_failed, at_endpoint
from cognito_action.diagnostics.connections import not_reached
from cognito_action.diagnostics.credentials import OF_ROLE, credentials_refused
from cognito_action.errors import (
    CONNECTION_CODES,
    CREDENTIAL_CODES,
    DEADLINE,
    THROTTLING_CODES,
    ActionError,
    CallError,
)
from cognito_action.network.endpoint import AWS, Endpoint

EMULATOR = Endpoint("http://user:password@aws:4566/path", "AWS_ENDPOINT_URL_STS")


def told(code: str, endpoint: Endpoint = AWS, *, retryable: bool = False) -> ActionError:
    """The error for a call that failed."""
    return any_call_failed(CallError("AnyCall", code, "no", retryable=retryable), endpoint, "eu-central-1", OF_ROLE)


@pytest.mark.parametrize("code", sorted(CONNECTION_CODES))
@pytest.mark.parametrize("retryable", [True, False])
def test_failure_on_the_way_has_its_own_cause(code: str, *, retryable: bool) -> None:
    """Whether it was tried until the deadline or once, the same has to be changed."""
    expected = not_reached(CallError("AnyCall", code, "no"), AWS, "`user-pool-id`")

    assert told(code, retryable=retryable).annotation == expected.annotation


@pytest.mark.parametrize("code", sorted(CREDENTIAL_CODES))
def test_credentials_that_are_bad(code: str) -> None:
    """They have causes of their own."""
    expected = credentials_refused(CallError("AnyCall", code, "no"), OF_ROLE, AWS, "eu-central-1")

    assert told(code).annotation == expected.annotation


@pytest.mark.parametrize("code", sorted(THROTTLING_CODES))
def test_quota_that_stays_exhausted(code: str) -> None:
    """It is shared by all that the account does in the region."""
    assert told(code, retryable=True).why.startswith("The quota belongs to the account in this region")


def test_time_that_was_used_up() -> None:
    """The cause is in the log."""
    assert "the log shows what was retried" in told(DEADLINE).fix


def test_feature_that_the_plan_lacks() -> None:
    """Cognito has a code for it."""
    assert "its plan does not include" in told("FeatureUnavailableInTierException").why


def test_other_failures() -> None:
    """Nothing is guessed about them."""
    assert told("InternalErrorException", retryable=True).fix == "Run it again later."
    assert told("SomethingNew").why == "This error is not known here."


def test_unknown_error_of_another_place_is_that_places() -> None:
    """An emulator of other services answers with codes that Cognito does not have."""
    error = told("UnknownOperationException", EMULATOR)

    assert "`AWS_ENDPOINT_URL_STS` names another place than AWS" in error.why
    assert "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS" in error.paste


@pytest.mark.parametrize(
    ("details", "expected"), [("", "endpoint: "), ("role: x\nsub: y", "role: x\nsub: y\nendpoint: ")]
)
def test_every_error_says_where_its_call_went(details: str, expected: str) -> None:
    """That is, if the job has decided it; the URL is shown without its password."""
    error = ActionError("What.", "Why.", "Fix.", details=details)

    assert at_endpoint(error, AWS).details == details
    assert at_endpoint(error, EMULATOR).details == f"{expected}http://aws:4566/path (AWS_ENDPOINT_URL_STS)"
