"""What is said if the role can't be assumed, or there are no credentials."""

import json
import re
import shlex
from collections.abc import Mapping

from cognito_action.diagnostics.common import general_cause
from cognito_action.errors import NETWORK, ActionError, CallError
from cognito_action.github.oidc import Claims
from cognito_action.text import quoted

_IMMUTABLE_SUB = re.compile(r"repo:[^/@]+@[0-9]+/[^:@]+@[0-9]+:")

_CAUSES: Mapping[str, tuple[str, str]] = {
    "ExpiredTokenException": (
        "STS considered the ID token expired each time, although it was new.",
        "On a self-hosted runner, check the clock.",
    ),
    "IDPRejectedClaim": (
        "The identity provider rejected a claim of the token.",
        "Run the job again; if it keeps happening, create a new identity provider.",
    ),
    "InvalidIdentityToken": (
        "AWS could not verify the token, although it is new; GitHub's keys may not have reached it.",
        "Run the job again later.",
    ),
    "RegionDisabledException": (
        "STS is disabled in {region}, the region of the user pool.",
        "Enable it: IAM console, Account settings, Security Token Service, {region}.",
    ),
    "ValidationError": (
        "STS does not accept a parameter.",
        "Check `role-to-assume` ({role}) and `role-session-name`.",
    ),
    "PackedPolicyTooLarge": (
        "The session policy and the session tags together are too large.",
        "Report this: the session policy of this action is a few hundred characters long.",
    ),
}


def no_credentials() -> ActionError:
    """Neither a role nor credentials in the environment."""
    return ActionError(
        what="There are no AWS credentials.",
        why="`role-to-assume` is not set, and neither the environment nor the machine holds credentials.",
        fix="Name the role to assume, and allow the job to request an ID token:",
        paste="permissions:\n  id-token: write\n  contents: read\n\nwith:\n  role-to-assume: arn:aws:iam::<account>:role/<name>",
        language="yaml",
    )


def credentials_unusable(error: CallError) -> ActionError:
    """The credentials of the environment can't be read."""
    return ActionError(
        what=error.what,
        why="Without `role-to-assume` the action uses the credentials that the environment holds (`AWS_*` variables, "
        "`~/.aws`, the machine's role), and these can't be used.",
        fix="Set `role-to-assume`, or fix the variables; `AWS_PROFILE` must name a profile that exists inside the container.",
    )


def sdk_misconfigured(error: CallError) -> ActionError:
    """A variable of the job makes the SDK refuse to work at all, or ask someone who does not answer."""
    if error.code == NETWORK:
        return ActionError(
            what=f"The AWS SDK can't be set up: {quoted(error.shown)}",
            why="`AWS_DEFAULTS_MODE: auto` has the SDK ask the machine's metadata service where it runs, and there was no "
            "answer in time.",
            fix="Remove `AWS_DEFAULTS_MODE` from `env:` and from steps that write to `GITHUB_ENV`, or set `role-to-assume`: "
            "then it plays no part.",
        )
    return ActionError(
        what=f"The AWS SDK can't be set up: {quoted(error.shown)}",
        why="An `AWS_*` variable of the job, such as `AWS_ENDPOINT_URL`, has a value that the SDK does not accept.",
        fix="Look for `env:` in the workflow, and for steps that write to `GITHUB_ENV`.",
    )


def partitions_differ(role_arn: str, region: str) -> ActionError:
    """The role and the pool are in parts of AWS that know nothing of each other."""
    return ActionError(
        what=f"The role {role_arn} and a user pool in {region} can't work together.",
        why="They are in different partitions of AWS (the commercial regions, China, GovCloud), which share nothing.",
        fix="Check `role-to-assume` and `user-pool-id`: both have to be in one partition.",
    )


def role_refused(error: CallError, role_arn: str, region: str, claims: Claims) -> ActionError:
    """STS did not accept the token with these claims for the role."""
    if error.code == "AccessDenied":
        return _trust_refused(error, role_arn, claims)
    if error.code == "InvalidIdentityToken" and "No OpenIDConnect provider" in error.message:
        return _no_provider(error, role_arn, claims)
    if error.code == "InvalidIdentityToken" and "audience" in error.message:
        return _audience_unknown(error, role_arn, claims)
    why, fix = _CAUSES.get(error.code) or general_cause(error)
    return ActionError(what=error.what, why=why.format(region=region), fix=fix.format(region=region, role=role_arn))


def _trust_refused(error: CallError, role_arn: str, claims: Claims) -> ActionError:
    sub = str(claims.get("sub", ""))
    form = (
        "Its `sub` has the immutable form (`repo:org@id/repo@id:…`); a condition that names the repository the older way "
        "(`repo:org/repo:…`) does not match it. "
        if _IMMUTABLE_SUB.match(sub)
        else ""
    )
    names = ("sub", "aud", "repository", "ref", "environment")
    described = "\n".join(f"{name}: {_shown(claims, name)}" for name in names)
    issuer = _issuer(claims)
    condition = {f"{issuer}:aud": claims.get("aud", "sts.amazonaws.com"), f"{issuer}:sub": sub or "<sub>"}
    return ActionError(
        what=error.what,
        why=f"The role's trust policy does not accept this job's token, or the role does not exist. {form}".rstrip(),
        details=f"role: {role_arn}\n{described}",
        fix="If the role was made by the action's `infra/`, deploy it again with this `sub` in `GitHubSubjects` (Terraform: `github_subjects`). Otherwise "
        "the role's trust policy has to hold this condition; if it names another `sub` already, make a list of both:",
        paste='"Condition": ' + json.dumps({"StringEquals": condition}, indent=2, ensure_ascii=False),
        language="json",
    )


def _no_provider(error: CallError, role_arn: str, claims: Claims) -> ActionError:
    return ActionError(
        what=error.what,
        why=f"The role's account, {role_arn.split(':')[4]}, does not know GitHub as an identity provider, or knows it "
        "under another issuer URL.",
        fix="Create the provider, once per account:",
        paste=shlex.join(
            [
                *("aws", "iam", "create-open-id-connect-provider"),
                *("--url", f"https://{_issuer(claims)}"),
                *("--client-id-list", _shown(claims, "aud")),
            ]
        ),
        language="sh",
    )


def _audience_unknown(error: CallError, role_arn: str, claims: Claims) -> ActionError:
    return ActionError(
        what=error.what,
        why="The account's identity provider does not list the token's audience.",
        details=f"aud: {_shown(claims, 'aud')}",
        fix="Leave the input `audience` out, or add the value to the provider:",
        paste=shlex.join(
            [
                *("aws", "iam", "add-client-id-to-open-id-connect-provider"),
                *("--open-id-connect-provider-arn", _provider_arn(role_arn, claims)),
                *("--client-id", _shown(claims, "aud")),
            ]
        ),
        language="sh",
    )


def _issuer(claims: Claims) -> str:
    return str(claims.get("iss", "https://token.actions.githubusercontent.com")).removeprefix("https://")


def _provider_arn(role_arn: str, claims: Claims) -> str:
    _, partition, _, _, account, _ = role_arn.split(":", 5)
    return f"arn:{partition}:iam::{account}:oidc-provider/{_issuer(claims)}"


def _shown(claims: Claims, name: str) -> str:
    return str(claims.get(name, "(none)"))
