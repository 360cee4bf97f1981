"""The errors if the role can't be assumed: the cause, and lines to paste that fit this token."""

import re
import shlex

import pytest
from hypothesis import given

from cognito_action.diagnostics.common import any_call_failed
from cognito_action.diagnostics.credentials import OF_ROLE
from cognito_action.diagnostics.role import can_change, partitions_differ, role_refused
from cognito_action.errors import CONNECTION_CODES, ActionError, CallError
from cognito_action.network.endpoint import AWS
from tests.support.examples import ROLE_ARN, TEXT

CLAIMS = {
    "iss": "https://token.actions.githubusercontent.com",
    "aud": "sts.amazonaws.com",
    "sub": "repo:octo-org/octo-app:ref:refs/heads/main",
    "repository": "octo-org/octo-app",
    "ref": "refs/heads/main",
}

UNKNOWN = "Read the message above; AWS's reference lists the errors of each operation."
NO_PROVIDER = "No OpenIDConnect provider found in your account for https://token.actions.githubusercontent.com"


def refused(
    code: str, message: str = "no", operation: str = "AssumeRoleWithWebIdentity", **claims: object
) -> ActionError:
    """The error for a refusal by STS of a token with these claims instead of the usual ones."""
    known = {name: value for name, value in {**CLAIMS, **claims}.items() if value is not None}
    return role_refused(CallError(operation, code, message), ROLE_ARN, "eu-central-1", known, AWS)


# The provider


def test_missing_provider_is_created_by_one_command() -> None:
    """The account is named, and the command has the token's issuer and audience."""
    error = refused("InvalidIdentityToken", NO_PROVIDER)

    assert "The role's account, 123456789012, does not know GitHub as an identity provider" in error.why
    assert error.paste == (
        "aws iam create-open-id-connect-provider --url https://token.actions.githubusercontent.com "
        "--client-id-list sts.amazonaws.com"
    )


def test_wrong_audience_is_added_by_one_command() -> None:
    """The audience of the token is shown, and the provider's ARN is the account's."""
    error = refused("InvalidIdentityToken", "Incorrect token audience", aud="https://example.com")

    assert error.details == "aud: https://example.com"
    assert error.fix.startswith("Leave `audience` out")
    assert error.paste == (
        "aws iam add-client-id-to-open-id-connect-provider --open-id-connect-provider-arn "
        "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com --client-id https://example.com"
    )


@pytest.mark.parametrize("message", [NO_PROVIDER, "Incorrect token audience"])
@given(audience=TEXT)
def test_audience_is_one_word_of_the_command(message: str, audience: str) -> None:
    """Whatever the input holds, pasting the command runs nothing else."""
    error = refused("InvalidIdentityToken", message, aud=audience)

    assert shlex.split(error.paste)[-1] == audience


# Other refusals


@pytest.mark.parametrize(
    ("code", "why", "fix"),
    [
        (
            "ExpiredTokenException",
            "Each attempt had asked for a new token, and got one that STS considers expired",
            "have it keep no answers",
        ),
        (
            "IDPRejectedClaim",
            "STS rejected a claim of the token as invalid, expired or revoked.",
            "leave `audience` out",
        ),
        ("InvalidIdentityToken", "AWS could not get the keys", "Run it again later."),
        (
            "RegionDisabledException",
            "STS is disabled in eu-central-1, the region of the user pool.",
            "Security Token Service.",
        ),
        (
            "ValidationError",
            "STS does not accept a parameter.",
            "Check `role-to-assume` (arn:aws:iam::123456789012:role/ci)",
        ),
        ("PackedPolicyTooLarge", "The session policy is too large.", "Report this"),
        ("IDPCommunicationError", "AWS could not get the keys", "Run it again later."),
        ("SomethingNew", "This error is not known here.", UNKNOWN),
    ],
)
def test_refusal_of_sts_is_explained(code: str, why: str, fix: str) -> None:
    """Each known code has its cause and its fix, with the real names in them."""
    error = refused(code, "Couldn't retrieve verification key")

    assert error.what == f"AssumeRoleWithWebIdentity failed with {code}: Couldn't retrieve verification key"
    assert error.why.startswith(why)
    assert fix in error.fix
    assert "{" not in error.annotation


@pytest.mark.parametrize("code", sorted(CONNECTION_CODES))
def test_failure_on_the_way_to_sts_is_none_of_the_role(code: str) -> None:
    """What stands between is the same for every call."""
    error = refused(code, "what happened")

    expected = any_call_failed(
        CallError("AssumeRoleWithWebIdentity", code, "what happened"), AWS, "eu-central-1", OF_ROLE
    )
    assert error.annotation == expected.annotation
    assert ROLE_ARN not in error.annotation


GHES = {"iss": "https://ghes.example.com/_services/token"}


@pytest.mark.parametrize("code", ["InvalidIdentityToken", "IDPCommunicationError"])
def test_keys_of_another_issuer_have_to_be_on_the_internet(code: str) -> None:
    """AWS fetches them itself, and a server of one's own is often not reached from outside."""
    error = refused(code, "Couldn't retrieve verification key from your identity provider", **GHES)

    assert "from the internet" in error.why
    assert error.paste == "https://ghes.example.com/_services/token/.well-known/openid-configuration"


def test_token_that_sts_finds_odd_is_explained() -> None:
    """The reason is none that is known, so another token may do better."""
    assert refused("InvalidIdentityToken", "The ID token is odd").fix == "Run it again."


def test_clock_of_another_issuer_is_not_the_runners() -> None:
    """The token has the time of whoever signs it, and the request for the role has none."""
    error = refused("ExpiredTokenException", "Token expired: current date/time 2 must be before 1", **GHES)

    assert error.fix == "Correct the clock of GitHub Enterprise Server."


@pytest.mark.parametrize(
    ("code", "message", "fix"),
    [
        ("InvalidIdentityToken", "Missing a required claim: sub", "ACTIONS_ID_TOKEN_REQUEST_URL"),
        ("PackedPolicyTooLarge", "Packed size of session tags consumes 142% of allotted space.", "fewer tags"),
        ("AccessDenied", "User: x is not authorized to perform: sts:TagSession", "`sts:TagSession`"),
    ],
)
def test_message_tells_another_cause_of_the_same_code(code: str, message: str, fix: str) -> None:
    """Neither GitHub's keys, nor this action's policy, nor the condition on `sub` is at fault."""
    assert fix in refused(code, message).fix


THUMBPRINT = "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint"


def test_thumbprint_that_does_not_match_is_updated_by_one_command() -> None:
    """The provider's ARN is the account's; `tests/scenarios` runs the command."""
    error = refused("InvalidIdentityToken", THUMBPRINT)

    assert "thumbprints of other certificates" in error.why
    assert error.paste.startswith(
        "aws iam update-open-id-connect-provider-thumbprint --open-id-connect-provider-arn "
        "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com "
    )
    assert "openssl s_client -connect token.actions.githubusercontent.com:443 " in error.paste


@given(host=TEXT)
def test_issuer_is_a_word_of_the_command(host: str) -> None:
    """Whoever signs a token can't have a reader run anything else."""
    error = refused("InvalidIdentityToken", THUMBPRINT, iss=f"https://{host}")

    command = error.paste.partition('"$(')[0].replace("\\\n", " ")
    assert shlex.split(command)[:4] == [
        "aws",
        "iam",
        "update-open-id-connect-provider-thumbprint",
        "--open-id-connect-provider-arn",
    ]
    assert len(shlex.split(command)) == 6


@pytest.mark.parametrize(
    ("code", "message", "expected"),
    [
        ("InvalidIdentityToken", "Couldn't retrieve verification key from your identity provider", True),
        ("InvalidIdentityToken", NO_PROVIDER, False),
        ("InvalidIdentityToken", "Incorrect token audience", False),
        ("InvalidIdentityToken", THUMBPRINT, False),
        ("InvalidIdentityToken", "Missing a required claim: sub", False),
        ("IDPCommunicationError", "", True),
        ("ExpiredTokenException", "", True),
        ("AccessDenied", "", False),
    ],
)
def test_only_what_a_new_token_can_change_is_tried_again(code: str, message: str, *, expected: bool) -> None:
    """The settings of the account are the same at the next try."""
    assert can_change(CallError("AssumeRoleWithWebIdentity", code, message)) is expected


# What can't work together


def test_role_of_another_partition_is_explained() -> None:
    """The error names both, and the two inputs that they come from."""
    error = partitions_differ("arn:aws-us-gov:iam::123456789012:role/ci", "eu-central-1")

    assert error.what == (
        "The role arn:aws-us-gov:iam::123456789012:role/ci and a user pool in eu-central-1 can't work together."
    )
    assert error.why == (
        "They are in different partitions of AWS (the commercial regions, China, GovCloud), which share nothing."
    )
    assert error.fix == "Check `role-to-assume` and `user-pool-id`: both have to be in one partition."


GITLAB = {"iss": "https://gitlab.com", "aud": "aws", "sub": "project_path:group/app:ref_type:branch:ref:main"}


@pytest.mark.parametrize(
    ("code", "message", "words"),
    [
        ("ExpiredTokenException", "Token expired", "The token that was given is too old"),
        ("ExpiredTokenException", "Token expired", "`--web-identity-token-command`"),
        ("IDPRejectedClaim", "no", "Give a new token"),
        ("InvalidIdentityToken", "Missing a required claim: sub", "the token that this CI issues for AWS"),
        ("InvalidIdentityToken", "No OpenIDConnect provider found", "does not know the issuer of the token"),
        ("InvalidIdentityToken", "Incorrect token audience", "for an audience that the provider lists"),
        ("InvalidIdentityToken", "Couldn't retrieve verification key", "https://gitlab.com/.well-known/"),
    ],
)
def test_token_of_another_ci_is_no_matter_of_github(code: str, message: str, words: str) -> None:
    """Each advice can be followed there."""
    error = role_refused(CallError("AssumeRoleWithWebIdentity", code, message), ROLE_ARN, "eu-central-1", GITLAB, AWS)

    assert words in error.text
    assert not re.search("GitHub |Enterprise|job", error.text)
