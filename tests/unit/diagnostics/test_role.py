"""The errors if the role can't be assumed: the cause, and lines to paste that fit this token."""

import json
import shlex

import pytest
from hypothesis import given

from cognito_action.diagnostics.common import general_cause
from cognito_action.diagnostics.role import (
    credentials_unusable,
    no_credentials,
    partitions_differ,
    role_refused,
    sdk_misconfigured,
)
from cognito_action.errors import CONNECTION_CODES, ActionError, CallError
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
    return role_refused(CallError(operation, code, message), ROLE_ARN, "eu-central-1", known)


# The trust policy


def test_refused_token_is_compared_with_the_trust_policy() -> None:
    """The error has the claims that a trust policy compares, and the condition with their real values."""
    error = refused("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")

    assert error.what == (
        "AssumeRoleWithWebIdentity failed with AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity"
    )
    assert error.why == "The role's trust policy does not accept this job's token, or the role does not exist."
    assert error.details.split("\n") == [
        "role: arn:aws:iam::123456789012:role/ci",
        "sub: repo:octo-org/octo-app:ref:refs/heads/main",
        "aud: sts.amazonaws.com",
        "repository: octo-org/octo-app",
        "ref: refs/heads/main",
        "environment: (none)",
    ]
    assert error.fix == (
        "If the role was made by the action's `infra/`, deploy it again with this `sub` in `GitHubSubjects` (Terraform: `github_subjects`). Otherwise "
        "the role's trust policy has to hold this condition; if it names another `sub` already, make a list of both:"
    )
    assert json.loads("{" + error.paste + "}") == {
        "Condition": {
            "StringEquals": {
                "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
                "token.actions.githubusercontent.com:sub": "repo:octo-org/octo-app:ref:refs/heads/main",
            }
        }
    }


def test_condition_has_the_prefix_of_the_tokens_own_issuer() -> None:
    """An enterprise can have its own issuer, and IAM's keys start with it."""
    error = refused("AccessDenied", iss="https://token.actions.githubusercontent.com/octo-enterprise")

    assert '"token.actions.githubusercontent.com/octo-enterprise:sub"' in error.paste
    assert '"token.actions.githubusercontent.com/octo-enterprise:aud"' in error.paste


@pytest.mark.parametrize(
    ("sub", "immutable"),
    [
        ("repo:octo-org@1/octo-app@2:ref:refs/heads/main", True),
        ("repo:octo-org@1234567/octo-app@7654321:environment:a:b", True),
        ("repo:octo-org/octo-app:ref:refs/heads/main", False),
        ("repo:octo-org/octo-app:environment:a@1/b@2:c", False),
        ("repo:octo-org@x/octo-app@2:ref:refs/heads/main", False),
        ("repository_owner:octo-org", False),
    ],
)
def test_immutable_form_of_the_sub_is_named(sub: str, *, immutable: bool) -> None:
    """If the token has the newer form, a condition of the older form is the likeliest cause."""
    error = refused("AccessDenied", sub=sub)

    assert ("Its `sub` has the immutable form" in error.why) is immutable
    assert json.dumps(sub) in error.paste


def test_missing_claims_are_shown_as_missing() -> None:
    """A token that could not be read leaves placeholders to fill in."""
    error = role_refused(CallError("AssumeRoleWithWebIdentity", "AccessDenied", ""), ROLE_ARN, "eu-central-1", {})

    assert error.what == "AssumeRoleWithWebIdentity failed with AccessDenied: (no message)"
    assert "sub: (none)\naud: (none)" in error.details
    assert json.loads("{" + error.paste + "}")["Condition"]["StringEquals"] == {
        "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
        "token.actions.githubusercontent.com:sub": "<sub>",
    }


@given(text=TEXT)
def test_condition_is_json_whatever_the_claims_are(text: str) -> None:
    """No claim breaks out of the lines to paste."""
    error = refused("AccessDenied", sub=text, aud=text)

    condition = json.loads("{" + error.paste + "}")["Condition"]["StringEquals"]
    assert condition["token.actions.githubusercontent.com:aud"] == text
    assert condition["token.actions.githubusercontent.com:sub"] == (text or "<sub>")


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
    assert error.fix.startswith("Leave the input `audience` out")
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
            "STS considered the ID token expired each time, although it was new.",
            "check the clock",
        ),
        (
            "IDPRejectedClaim",
            "The identity provider rejected a claim of the token.",
            "create a new identity provider",
        ),
        ("InvalidIdentityToken", "AWS could not verify the token, although it is new", "Run the job again later."),
        (
            "RegionDisabledException",
            "STS is disabled in eu-central-1, the region of the user pool.",
            "Security Token Service, eu-central-1.",
        ),
        (
            "ValidationError",
            "STS does not accept a parameter.",
            "Check `role-to-assume` (arn:aws:iam::123456789012:role/ci)",
        ),
        ("PackedPolicyTooLarge", "The session policy and the session tags together are too large.", "Report this"),
        ("IDPCommunicationError", "The action does not know this error.", UNKNOWN),
        ("SomethingNew", "The action does not know this error.", UNKNOWN),
    ],
)
def test_refusal_of_sts_is_explained(code: str, why: str, fix: str) -> None:
    """Each known code has its cause and its fix, with the real names in them."""
    error = refused(code, "Couldn't retrieve verification key")

    assert error.what == f"AssumeRoleWithWebIdentity failed with {code}: Couldn't retrieve verification key"
    assert error.why.startswith(why)
    assert fix in error.fix
    assert "{" not in error.annotation


def test_unreachable_sts_points_to_the_pools_region() -> None:
    """A network error from STS points to the input that the region comes from."""
    error = refused("NetworkError", "no address")

    assert error.why == "The service could not be reached, or the connection broke."
    assert error.fix == (
        "If the runner is self-hosted, let it reach AWS, through `https_proxy` if it needs a proxy. If there is no such "
        "host, check `user-pool-id`, which the region is taken from."
    )


@pytest.mark.parametrize("code", sorted(CONNECTION_CODES))
def test_failure_on_the_way_to_sts_is_none_of_the_role(code: str) -> None:
    """What stands between is the same for every call."""
    error = refused(code, "what happened")

    assert (error.why, error.fix) == general_cause(CallError("AdminCreateUser", code, ""))
    assert ROLE_ARN not in error.annotation


# What can't work together, or at all


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


def test_misconfigured_sdk_is_explained() -> None:
    """The error has the SDK's own words, and says where such a variable comes from."""
    error = sdk_misconfigured(CallError("The setup of the AWS SDK", "ValueError", "Invalid endpoint: banana"))

    assert error.what == "The AWS SDK can't be set up: Invalid endpoint: banana"
    assert error.why == (
        "An `AWS_*` variable of the job, such as `AWS_ENDPOINT_URL`, has a value that the SDK does not accept."
    )
    assert error.fix == "Look for `env:` in the workflow, and for steps that write to `GITHUB_ENV`."


# No role


def test_metadata_service_that_does_not_answer_is_the_cause_if_the_sdk_waits() -> None:
    """Nothing else makes it wait before it has a client."""
    error = sdk_misconfigured(CallError("The setup of the AWS SDK", "NetworkError", "no answer within 20 s"))

    assert error.what == "The AWS SDK can't be set up: no answer within 20 s"
    assert "AWS_DEFAULTS_MODE" in error.why
    assert "`role-to-assume`" in error.fix


def test_missing_credentials_are_explained() -> None:
    """Both lines of the `permissions` block are shown along with the input."""
    error = no_credentials()

    assert error.what == "There are no AWS credentials."
    assert error.paste == (
        "permissions:\n  id-token: write\n  contents: read\n\nwith:\n  role-to-assume: arn:aws:iam::<account>:role/<name>"
    )


def test_broken_credentials_are_explained() -> None:
    """The error has the SDK's own words, and says where the credentials come from."""
    error = credentials_unusable(
        CallError("The search for AWS credentials", "ProfileNotFound", "The config profile (x)")
    )

    assert error.what == "The search for AWS credentials failed with ProfileNotFound: The config profile (x)"
    assert "`AWS_PROFILE` must name a profile that exists inside the container" in error.fix
