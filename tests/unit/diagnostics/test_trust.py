"""A trust policy that does not accept the token: the condition to paste fits this very `sub`, and the next run's."""

import json
import re

import pytest
from hypothesis import given

from cognito_action.diagnostics.trust import trust_refused
from cognito_action.errors import ActionError, CallError
from tests.support.examples import ROLE_ARN, TEXT

CLAIMS = {
    "iss": "https://token.actions.githubusercontent.com",
    "aud": "sts.amazonaws.com",
    "sub": "repo:octo-org/octo-app:ref:refs/heads/main",
    "repository": "octo-org/octo-app",
    "ref": "refs/heads/main",
}

NOT_AUTHORIZED = "Not authorized to perform sts:AssumeRoleWithWebIdentity"


def refused(message: str = NOT_AUTHORIZED, **claims: object) -> ActionError:
    """The error for a token with these claims instead of the usual ones."""
    return trust_refused(
        CallError("AssumeRoleWithWebIdentity", "AccessDenied", message), ROLE_ARN, {**CLAIMS, **claims}
    )


def test_refused_token_is_compared_with_the_trust_policy() -> None:
    """The error has the claims that a trust policy compares, and the condition with their real values."""
    error = refused()

    assert error.what == (
        "AssumeRoleWithWebIdentity failed with AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity"
    )
    assert error.why == (
        "The role's trust policy does not accept this token, or the role does not exist. If that was changed a moment "
        "ago, run it again: a change takes up to a minute to reach every place."
    )
    assert error.details.split("\n") == [
        "role: arn:aws:iam::123456789012:role/ci",
        "sub: repo:octo-org/octo-app:ref:refs/heads/main",
        "aud: sts.amazonaws.com",
        "repository: octo-org/octo-app",
        "ref: refs/heads/main",
        "environment: (none)",
    ]
    assert error.fix == (
        "Check that the role exists. If it was made by `infra/`, deploy it again with this `sub` in `GitHubSubjects` (Terraform: `github_subjects`). Otherwise "
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
    error = refused(iss="https://token.actions.githubusercontent.com/octo-enterprise")

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
    error = refused(sub=sub)

    assert ("Its `sub` has the immutable form" in error.why) is immutable
    assert json.dumps(sub) in error.paste


def test_missing_claims_are_shown_as_missing() -> None:
    """A token that could not be read leaves placeholders to fill in."""
    error = trust_refused(CallError("AssumeRoleWithWebIdentity", "AccessDenied", ""), ROLE_ARN, {})

    assert error.what == "AssumeRoleWithWebIdentity failed with AccessDenied: (no message)"
    assert "sub: (none)\naud: (none)" in error.details
    assert json.loads("{" + error.paste + "}")["Condition"]["StringEquals"] == {
        "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
        "token.actions.githubusercontent.com:sub": "<sub>",
    }


@given(text=TEXT)
def test_condition_is_json_whatever_the_claims_are(text: str) -> None:
    """No claim breaks out of the lines to paste."""
    error = refused(sub=text, aud=text)

    condition = json.loads("{" + error.paste + "}")["Condition"]["StringEquals"]
    assert condition["token.actions.githubusercontent.com:aud"] == text
    assert condition["token.actions.githubusercontent.com:sub"] == (text or "<sub>")


@pytest.mark.parametrize(
    ("sub", "stays", "reason"),
    [
        (
            "repo:octo-org/octo-app:ref:refs/heads/gh-readonly-queue/main/pr-12-79d4a0b2",
            "repo:octo-org/octo-app:ref:refs/heads/gh-readonly-queue/*",
            "merge queue",
        ),
        (
            "repo:octo-org@1/octo-app@2:ref:refs/heads/gh-readonly-queue/main/pr-12-79d4a0b2",
            "repo:octo-org@1/octo-app@2:ref:refs/heads/gh-readonly-queue/*",
            "merge queue",
        ),
        ("repo:octo-org/octo-app:ref:refs/tags/v1.2.3", "repo:octo-org/octo-app:ref:refs/tags/*", "for a tag"),
        (
            "repo:octo-org/octo-app:ref:refs/heads/dependabot/npm_and_yarn/x-1.2",
            "repo:octo-org/octo-app:ref:refs/heads/dependabot/*",
            "the branch of an update",
        ),
    ],
)
def test_sub_that_no_other_run_has_is_not_pasted(sub: str, stays: str, reason: str) -> None:
    """An environment gives the job a `sub` that stays; by hand, the prefix can be trusted."""
    error = refused(sub=sub)

    assert reason in error.why
    assert error.fix.startswith("Give the job an `environment:`")
    assert json.loads("{" + error.paste + "}")["Condition"] == {
        "StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
        "StringLike": {"token.actions.githubusercontent.com:sub": stays},
    }


@pytest.mark.parametrize(
    "end",
    ["pull_request", "ref:refs/heads/main", "environment:gh-readonly-queue/", "ref:refs/tags/v1:job_workflow_ref:x"],
)
def test_sub_that_stays_is_pasted_as_it_is(end: str) -> None:
    """The condition compares the whole of it."""
    error = refused(sub=f"repo:octo-org/octo-app:{end}")

    assert "StringLike" not in error.paste


@pytest.mark.parametrize("policy", ["service control policy", "resource control policy"])
def test_organization_that_denies_is_named(policy: str) -> None:
    """The trust policy has nothing to do with it."""
    error = refused(f"{NOT_AUTHORIZED} with an explicit deny in a {policy}")

    assert error.why.startswith(f"A {policy} of the organization denies this")
    assert not error.paste


@pytest.mark.parametrize(
    ("sub", "operator", "trusted"),
    [
        ("project_path:g/app:ref_type:branch:ref:main", "StringEquals", "project_path:g/app:ref_type:branch:ref:main"),
        ("project_path:g/app:ref_type:tag:ref:v1", "StringLike", "project_path:g/app:ref_type:tag:ref:*"),
        ("org/1/project/2/user/3", "StringLike", "org/1/project/2/*"),
        ("organization:o:pipeline:p:ref:refs/heads/main:commit:c:step:s", "StringLike", "organization:o:pipeline:p:*"),
    ],
)
def test_token_of_another_ci_gets_a_condition_of_its_own(sub: str, operator: str, trusted: str) -> None:
    """Nothing that only GitHub has is proposed."""
    claims = {"iss": "https://ci.example.com", "aud": "aws", "sub": sub}

    error = trust_refused(CallError("AssumeRoleWithWebIdentity", "AccessDenied", "no"), ROLE_ARN, claims)

    condition = json.loads("{" + error.paste + "}")["Condition"]
    assert condition[operator]["ci.example.com:sub"] == trusted
    assert condition["StringEquals"]["ci.example.com:aud"] == "aws"
    assert not re.search("GitHub|environment|infra|repository", error.annotation)
    assert f"iss: https://ci.example.com\nsub: {sub}" in error.details
