"""The errors if an identity pool gives no AWS credentials."""

import pytest

from cognito_action.diagnostics.identity_pool import IdentityPoolAccess, identity_pool_refused
from cognito_action.errors import NO_HOST, ActionError, CallError
from cognito_action.network.endpoint import AWS, Endpoint
from tests.support.examples import POOL_ID

ID = "eu-west-1:1a2b3c4d-1111-2222-3333-444455556666"
PROVIDER = f"cognito-idp.eu-central-1.amazonaws.com/{POOL_ID}"


def error_for(code: str, message: str = "no", operation: str = "GetId", endpoint: Endpoint = AWS) -> ActionError:
    """The error for one refusal."""
    access = IdentityPoolAccess(ID, "eu-west-1", POOL_ID, endpoint)
    return identity_pool_refused(CallError(operation, code, message), access, PROVIDER)


@pytest.mark.parametrize(
    ("code", "message", "why", "fix"),
    [
        ("ResourceNotFoundException", f"IdentityPool '{ID}' not found.", "no such identity pool in eu-west-1", "ID"),
        (
            "NotAuthorizedException",
            "Token is not from a supported provider of this identity pool.",
            "does not accept users of this user pool",
            POOL_ID,
        ),
        (
            "NotAuthorizedException",
            "Invalid login token. Incorrect token audience.",
            "does not accept users of this user pool",
            "app client of `client-id`",
        ),
        (
            "InvalidIdentityPoolConfigurationException",
            "Invalid identity pool configuration. Check assigned IAM roles for this pool.",
            "no role for signed-in users",
            "authenticated role",
        ),
        (
            "NotAuthorizedException",
            "Logins don't match. Please include at least one valid login.",
            "does not accept users of this user pool",
            "app client of `client-id`",
        ),
        (
            "NotAuthorizedException",
            "Invalid login token. Token expired: 2 >= 1",
            "had expired when the identity pool got it",
            "five minutes",
        ),
    ],
)
def test_each_refusal_has_its_own_cause(code: str, message: str, why: str, fix: str) -> None:
    """The error says which identity pool it was, and as what it has to know the user pool."""
    error = error_for(code, message)

    assert why in error.why
    assert fix in error.fix
    assert error.details == f"identity pool: {ID}\nprovider: {PROVIDER}"


def test_second_call_is_about_a_role() -> None:
    """By then the identity pool has accepted the user."""
    error = error_for("NotAuthorizedException", "no", "GetCredentialsForIdentity")

    assert "by rules or by the token" in error.why
    assert "rule match this user" in error.fix


def test_trust_policy_to_paste_names_the_identity_pool() -> None:
    """A role that trusts every identity pool would be a hole."""
    paste = error_for("InvalidIdentityPoolConfigurationException").paste

    assert f'"cognito-identity.amazonaws.com:aud": "{ID}"' in paste
    assert '"cognito-identity.amazonaws.com:amr": "authenticated"' in paste


def test_region_that_does_not_exist_points_to_the_input() -> None:
    """The host's name comes from the identity pool's ID."""
    assert "`identity-pool-id`" in error_for(NO_HOST, "no such host").annotation


def test_identity_pool_that_an_emulator_lacks_points_to_the_endpoint() -> None:
    """The calls went to another place than AWS."""
    emulator = Endpoint("http://aws:4566", "AWS_ENDPOINT_URL")

    error = error_for("ResourceNotFoundException", "not found", endpoint=emulator)

    assert "AWS_ENDPOINT_URL" in error.annotation
    assert "http://aws:4566" in error.details


@pytest.mark.parametrize("code", ["TooManyRequestsException", "SomethingNew"])
def test_other_codes_mean_what_they_mean_anywhere(code: str) -> None:
    """Quotas, and what the action does not know."""
    assert error_for(code).why
