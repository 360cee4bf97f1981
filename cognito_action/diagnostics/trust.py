"""What is said if a role's trust policy does not accept the token: the condition to paste, for this very `sub`."""

import json
import re
from collections.abc import Sequence

from cognito_action.claims import Claims
from cognito_action.diagnostics.permissions import JUST_CHANGED
from cognito_action.errors import ActionError, CallError

GITHUB = "token.actions.githubusercontent.com"
"""The host that issues the tokens of github.com; servers and enterprises can have others."""

_SHOWN_CLAIMS = ("sub", "aud", "repository", "ref", "environment")
"""What a trust policy compares, of GitHub's tokens."""

_SHOWN_OF_OTHERS = ("iss", "sub", "aud")
"""The same of all others."""

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

_CHANGING_OF_OTHERS: Sequence[tuple[re.Pattern[str], str]] = (
    (
        re.compile(r"(?P<stays>project_path:.+:ref_type:tag:ref:).+"),
        "This is a pipeline for a tag, so `sub` is another one for each tag.",
    ),
    (
        re.compile(r"(?P<stays>organization:[^:]+:pipeline:[^:]+:).+:commit:.+"),
        "`sub` ends with the ref, the commit and the step, so it is another one for each build.",
    ),
    (
        re.compile(r"(?P<stays>org/[^/]+/project/[^/]+/)user/.+"),
        "`sub` ends with who started the pipeline, so it is another one for each person.",
    ),
)
"""The same of GitLab, Buildkite and CircleCI."""

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
    if not is_of_github(claims):
        return _refused_elsewhere(error, role_arn, claims)
    sub = str(claims.get("sub", ""))
    form = (
        " Its `sub` has the immutable form (`repo:org@id/repo@id:…`); a condition that names the repository the older way "
        "(`repo:org/repo:…`) does not match it."
        if _IMMUTABLE_SUB.match(sub)
        else ""
    )
    why = f"The role's trust policy does not accept this token, or the role does not exist.{form}"
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
        fix="Check that the role exists. If it was made by `infra/`, deploy it again with this `sub` in `GitHubSubjects` (Terraform: "
        "`github_subjects`). Otherwise the role's trust policy has to hold this condition; if it names another `sub` already, "
        "make a list of both:",
        paste=_condition(claims, "StringEquals", sub or "<sub>"),
        language="json",
    )


def _refused_elsewhere(error: CallError, role_arn: str, claims: Claims) -> ActionError:
    """The same for a token that is not GitHub's."""
    sub = str(claims.get("sub", ""))
    why = "The role's trust policy does not accept this token, or the role does not exist."
    fix = "Check that the role exists. Its trust policy has to hold this condition"
    for pattern, reason in _CHANGING_OF_OTHERS:
        if found := pattern.fullmatch(sub):
            return ActionError(
                what=error.what,
                why=f"{why} {reason}",
                details=_details(role_arn, claims),
                fix=f"{fix}, which trusts whatever starts like this:",
                paste=_condition(claims, "StringLike", f"{found['stays']}*"),
                language="json",
            )
    return ActionError(
        what=error.what,
        why=f"{why} {JUST_CHANGED}",
        details=_details(role_arn, claims),
        fix=f"{fix}; if it names another `sub` already, make a list of both:",
        paste=_condition(claims, "StringEquals", sub),
        language="json",
    )


def is_of_github(claims: Claims) -> bool:
    """Whether a token is one of GitHub's, or of an enterprise's own server; yes if it says nothing else."""
    sub = str(claims.get("sub", ""))
    return is_issued_by_github(claims) or "repository" in claims or not sub or sub.startswith("repo:")


def is_issued_by_github(claims: Claims) -> bool:
    """Whether GitHub itself issued the token: for github.com, or for an enterprise on ghe.com."""
    host = issuer_of(claims).partition("/")[0]
    return host == GITHUB or host.endswith(".ghe.com")


def issuer_of(claims: Claims) -> str:
    """Who issued the token, without the scheme, as IAM's keys and ARNs have it."""
    return str(claims.get("iss") or f"https://{GITHUB}").removeprefix("https://")


def shown(claims: Claims, name: str) -> str:
    """A claim as text."""
    return str(claims.get(name, "(none)"))


def _details(role_arn: str, claims: Claims) -> str:
    names = _SHOWN_CLAIMS if is_of_github(claims) else _SHOWN_OF_OTHERS
    return "\n".join([f"role: {role_arn}", *(f"{name}: {shown(claims, name)}" for name in names)])


def _condition(claims: Claims, operator: str, sub: str) -> str:
    """A condition on the audience, and with `operator` on `sub`; keys of IAM start with the issuer."""
    issuer = issuer_of(claims)
    condition = {"StringEquals": {f"{issuer}:aud": str(claims.get("aud", "sts.amazonaws.com"))}}
    condition.setdefault(operator, {})[f"{issuer}:sub"] = sub
    return '"Condition": ' + json.dumps(condition, indent=2, ensure_ascii=False)
