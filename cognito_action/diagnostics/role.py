"""What is said where the role can't be assumed, or no credentials are there."""

import json
import re
import shlex
from collections.abc import Mapping

from cognito_action.diagnostics.common import general
from cognito_action.errors import DEADLINE, NETWORK, TLS, ActionError, Failure, refusal
from cognito_action.github.oidc import OPERATION as TOKEN_REQUEST
from cognito_action.github.oidc import Claims
from cognito_action.text import quoted

_IMMUTABLE_SUB = re.compile(r"repo:[^/@]+@[0-9]+/[^:@]+@[0-9]+:")


_ROLE: Mapping[str, tuple[str, str]] = {
    "ExpiredTokenException": (
        "STS took the ID token for expired each time, although it was new.",
        "On a self-hosted runner, check its clock.",
    ),
    "IDPRejectedClaim": (
        "The identity provider rejected a claim of the token.",
        "Run the job again; where it keeps happening, create the identity provider anew.",
    ),
    "InvalidIdentityToken": (
        "AWS could not check the token, though it is new; GitHub's keys may not have reached it.",
        "Run the job again later.",
    ),
    "RegionDisabledException": (
        "STS is switched off in {region}, the region of the user pool.",
        "Switch it on: IAM console, Account settings, Security Token Service, {region}.",
    ),
    "ValidationError": (
        "STS does not take a parameter as it is.",
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
        fix="Name the role to assume, and let the job have an ID token:",
        paste="permissions:\n  id-token: write\n  contents: read\n\nwith:\n  role-to-assume: arn:aws:iam::<account>:role/<name>",
        language="yaml",
    )


def credentials_refused(failure: Failure) -> ActionError:
    """The credentials of the environment can't be read."""
    return ActionError(
        what=refusal(failure),
        why="Without `role-to-assume` the action uses the credentials that the environment holds (`AWS_*` variables, "
        "`~/.aws`, the machine's role), and these can't be used.",
        fix="Set `role-to-assume`, or mend the variables; `AWS_PROFILE` must name a profile that exists inside the container.",
    )


def role_refused(failure: Failure, role_arn: str, region: str, claims: Claims) -> ActionError:
    """GitHub gave no token, or STS took none."""
    if failure.operation == TOKEN_REQUEST:
        return _no_token(failure)
    if failure.code == "AccessDenied":
        return _trust_refused(failure, role_arn, claims)
    if failure.code == "InvalidIdentityToken" and "No OpenIDConnect provider" in failure.message:
        return _no_provider(failure, role_arn, claims)
    if failure.code == "InvalidIdentityToken" and "audience" in failure.message:
        return ActionError(
            what=refusal(failure),
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
    why, fix = _ROLE.get(failure.code) or general(failure)
    return ActionError(
        what=refusal(failure), why=why.format(region=region), fix=fix.format(region=region, role=role_arn)
    )


def _no_token(failure: Failure) -> ActionError:
    if failure.code == NETWORK:
        why = "GitHub's token service could not be reached, or broke the connection off."
        fix = (
            "On a self-hosted runner let it reach the host of `ACTIONS_ID_TOKEN_REQUEST_URL`, and set `https_proxy` where "
            "it needs one."
        )
    elif failure.code == TLS:
        why = "The certificate of GitHub's token service could not be checked: a proxy with its own authority stands between."
        fix = (
            "Let `SSL_CERT_FILE` name a file with that authority below the workspace, by its path in the container "
            "(/github/workspace/…). The calls to AWS need `AWS_CA_BUNDLE` in the same way."
        )
    elif failure.code in ("401", "403"):
        why = "GitHub's token service refused the job's own request token, which it does once the job is over."
        fix = "Run the job again; where it keeps happening, look at GitHub's status page."
    elif failure.transient or failure.code == DEADLINE:
        why, fix = general(failure)
    else:
        why = "The action knows no cause for this refusal."
        fix = "Read the message above, and look at GitHub's status page."
    return ActionError(what=refusal(failure), why=why, fix=fix)


def other_partition(role_arn: str, region: str) -> ActionError:
    """The role and the pool are in parts of AWS that know nothing of each other."""
    return ActionError(
        what=f"The role {role_arn} and a user pool in {region} can't work together.",
        why="They are in different partitions of AWS (the commercial regions, China, GovCloud), which share nothing.",
        fix="Check `role-to-assume` and `user-pool-id`: both have to be of one partition.",
    )


def sdk_not_configured(error: Exception) -> ActionError:
    """A variable of the job makes the SDK refuse to work at all."""
    return ActionError(
        what=f"The AWS SDK can't be set up: {quoted(str(error))}",
        why="An `AWS_*` variable of the job has a value that the SDK does not take, `AWS_ENDPOINT_URL` for one.",
        fix="Look for `env:` in the workflow, and for steps that write to `GITHUB_ENV`.",
    )


def _trust_refused(failure: Failure, role_arn: str, claims: Claims) -> ActionError:
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
        what=refusal(failure),
        why=f"The trust policy of the role does not take this job's token, or the role does not exist. {form}".rstrip(),
        details=f"role: {role_arn}\n{described}",
        fix="Where `infra/` of the action made the role, deploy it again with this `sub` in `GitHubSubjects`. Otherwise the "
        "role's trust policy has to hold this condition; where it names another `sub` already, make a list of both:",
        paste='"Condition": ' + json.dumps({"StringEquals": condition}, indent=2, ensure_ascii=False),
        language="json",
    )


def _no_provider(failure: Failure, role_arn: str, claims: Claims) -> ActionError:
    return ActionError(
        what=refusal(failure),
        why=f"The role's account, {role_arn.split(':')[4]}, does not know GitHub as an identity provider, or knows it by "
        "another issuer.",
        fix="Create the provider, once for the account:",
        paste=shlex.join(
            [
                *("aws", "iam", "create-open-id-connect-provider"),
                *("--url", f"https://{_issuer(claims)}"),
                *("--client-id-list", _shown(claims, "aud")),
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
