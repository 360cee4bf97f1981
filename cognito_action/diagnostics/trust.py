"""What is said if a role's trust policy does not accept the token: the condition to paste, for this very `sub`."""

import json
import re
from collections.abc import Sequence

from cognito_action.diagnostics.permissions import JUST_CHANGED
from cognito_action.errors import ActionError, CallError
from cognito_action.github.oidc import Claims

GITHUB = "token.actions.githubusercontent.com"
"""The host that issues the tokens of github.com; servers and enterprises can have others."""

_SHOWN_CLAIMS = ("sub", "aud", "repository", "ref", "environment")
"""What a trust policy compares."""

_IMMUTABLE_SUB = re.compile(r"repo:[^/@]+@[0-9]+/[^:@]+@[0-9]+:")

_CHANGING: Sequence[tuple[re.Pattern[str], str]] = (
    (
        re.compile(r"(?P<stays>.+:ref:refs/heads/gh-readonly-queue/)[^:]*"),
        "This is a run of a merge queue, whose branch is another one each time, and so is `sub`.",
    ),
    (
        re.compile(r"(?P<stays>.+:ref:refs/tags/)[^:]*"),
        "This is a run for a tag, so `sub` is another one for each tag.",
    ),
    (
        re.compile(r"(?P<stays>.+:ref:refs/heads/(dependabot|renovate)/)[^:]*"),
        "This is a run on the branch of an update, which is another one each time, and so is `sub`.",
    ),
)
"""Values of `sub` that no other run will have: what stays of them, and why. If more follows, it limits who is trusted,
and has to stay, too."""

_DENIED = re.compile("with an explicit deny in an? ((service|resource) control policy)")


def trust_refused(error: CallError, role_arn: str, claims: Claims) -> ActionError:
    """STS did not accept the token with these claims for the role, or does not know the role: it says the same."""
    if denied := _DENIED.search(error.message):
        return ActionError(
            what=error.what,
            why=f"A {denied[1]} of the organization denies this, whatever the role's trust policy says.",
            fix="Have the organization's administrators exempt `sts:AssumeRoleWithWebIdentity` for this role.",
            details=_details(role_arn, claims),
        )
    sub = str(claims.get("sub", ""))
    form = (
        " Its `sub` has the immutable form (`repo:org@id/repo@id:…`); a condition that names the repository the older way "
        "(`repo:org/repo:…`) does not match it."
        if _IMMUTABLE_SUB.match(sub)
        else ""
    )
    why = f"The role's trust policy does not accept this job's token, or the role does not exist.{form}"
    for pattern, reason in _CHANGING:
        if found := pattern.fullmatch(sub):
            return ActionError(
                what=error.what,
                why=f"{why} {reason}",
                details=_details(role_arn, claims),
                fix="Give the job an `environment:`, whose name then stands at the end of `sub` whatever the branch or the tag, "
                "and let the role trust that. Or let a role that was made by hand trust whatever starts like this:",
                paste=_condition(claims, "StringLike", f"{found['stays']}*"),
                language="json",
            )
    return ActionError(
        what=error.what,
        why=f"{why} {JUST_CHANGED}",
        details=_details(role_arn, claims),
        fix="Check that the role exists. If it was made by the action's `infra/`, deploy it again with this `sub` in `GitHubSubjects` (Terraform: "
        "`github_subjects`). Otherwise the role's trust policy has to hold this condition; if it names another `sub` already, "
        "make a list of both:",
        paste=_condition(claims, "StringEquals", sub or "<sub>"),
        language="json",
    )


def issuer_of(claims: Claims) -> str:
    """Who issued the token, without the scheme, as IAM's keys and ARNs have it."""
    return str(claims.get("iss") or f"https://{GITHUB}").removeprefix("https://")


def shown(claims: Claims, name: str) -> str:
    """A claim as text."""
    return str(claims.get(name, "(none)"))


def _details(role_arn: str, claims: Claims) -> str:
    return "\n".join([f"role: {role_arn}", *(f"{name}: {shown(claims, name)}" for name in _SHOWN_CLAIMS)])


def _condition(claims: Claims, operator: str, sub: str) -> str:
    """A condition on the audience, and with `operator` on `sub`; keys of IAM start with the issuer."""
    issuer = issuer_of(claims)
    condition = {"StringEquals": {f"{issuer}:aud": str(claims.get("aud", "sts.amazonaws.com"))}}
    condition.setdefault(operator, {})[f"{issuer}:sub"] = sub
    return '"Condition": ' + json.dumps(condition, indent=2, ensure_ascii=False)
