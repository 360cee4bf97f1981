"""What is said if STS gives no session for the role."""

import re
import shlex
from collections.abc import Callable, Sequence

from cognito_action.diagnostics.causes import Cause, cause_of
from cognito_action.diagnostics.common import any_call_failed, at_endpoint
from cognito_action.diagnostics.credentials import KeyFacts
from cognito_action.diagnostics.trust import GITHUB, issuer_of, shown, trust_refused
from cognito_action.errors import ActionError, CallError
from cognito_action.github.oidc import Claims
from cognito_action.network.endpoint import Endpoint

_KEYS = ("InvalidIdentityToken", "IDPCommunicationError")

_GITHUBS: Sequence[Cause] = (
    Cause(
        "AWS could not get the keys with which GitHub's token is to be verified, several times.",
        "Run the job again later.",
        codes=_KEYS,
    ),
    Cause(
        "Each attempt had asked for a new token, and got one that STS considers expired: something between the runner and "
        "GitHub keeps answers.",
        "Have the proxy keep no answers of GitHub's token service.",
        codes=("ExpiredTokenException",),
    ),
)
"""What is the matter if the token is one of github.com's."""

_OTHERS: Sequence[Cause] = (
    Cause(
        "AWS could not get the keys with which the token is to be verified. It asks the issuer of the token, which is not "
        "github.com, from the internet.",
        "Let the internet reach the address below, and the one of the keys that it names:",
        codes=_KEYS,
    ),
    Cause(
        "Each attempt had a new token, and STS considered it expired: the token's issuer, which is not github.com, signs it "
        "by a clock of its own.",
        "Correct the clock of GitHub Enterprise Server.",
        codes=("ExpiredTokenException",),
    ),
)
"""The same if someone else issued it."""

_CAUSES: Sequence[Cause] = (
    Cause(
        "STS wants a claim that the token lacks. GitHub's own tokens have it, unless the form of `sub` was changed for this "
        "repository or organization.",
        "Take the customization of `sub` back: `gh api repos/OWNER/REPO/actions/oidc/customization/sub` shows it.",
        codes=("InvalidIdentityToken",),
        message="required claim",
    ),
    Cause(
        "The identity provider rejected a claim of the token.",
        "Run the job again; if it keeps happening, create a new identity provider.",
        codes=("IDPRejectedClaim",),
    ),
    Cause(
        "STS is disabled in {region}, the region of the user pool.",
        "Enable it: IAM console, Account settings, Security Token Service, {region}.",
        codes=("RegionDisabledException",),
    ),
    Cause(
        "STS does not accept a parameter.",
        "Check `role-to-assume` ({role}) and `role-session-name`.",
        codes=("ValidationError",),
    ),
    Cause(
        "The identity provider adds session tags, which are too large together with the session policy of the action.",
        "Let the provider add fewer tags, or shorter ones.",
        codes=("PackedPolicyTooLarge",),
        message="[Tt]ag",
    ),
    Cause(
        "The session policy is too large.",
        "Report this: the session policy of this action is a few hundred characters long.",
        codes=("PackedPolicyTooLarge",),
    ),
    Cause(
        "The identity provider adds session tags, and the role's trust policy does not allow that.",
        "Add `sts:TagSession` to the actions of the statement in the role's trust policy.",
        codes=("AccessDenied",),
        message="sts:TagSession",
    ),
)

_CERTIFICATE_OF = """\
aws iam update-open-id-connect-provider-thumbprint --open-id-connect-provider-arn {arn} \\
  --thumbprint-list "$(openssl s_client -connect {host}:{port} -servername {host} -showcerts </dev/null 2>/dev/null |
    awk '/BEGIN CERT/ {{pem = ""}} {{pem = pem $0 "\\n"}} /END CERT/ {{last = pem}} END {{printf "%s", last}}' |
    openssl x509 -noout -fingerprint -sha1 | sed 's/.*=//; s/://g' | tr A-F a-f)\""""
"""Reads the last certificate that the issuer shows: its fingerprint is what IAM compares."""


def partitions_differ(role_arn: str, region: str) -> ActionError:
    """The role and the pool are in parts of AWS that know nothing of each other."""
    return ActionError(
        what=f"The role {role_arn} and a user pool in {region} can't work together.",
        why="They are in different partitions of AWS (the commercial regions, China, GovCloud), which share nothing.",
        fix="Check `role-to-assume` and `user-pool-id`: both have to be in one partition.",
    )


def role_refused(error: CallError, role_arn: str, region: str, claims: Claims, endpoint: Endpoint) -> ActionError:
    """STS did not give a session for the token with these claims."""
    return at_endpoint(_told(error, role_arn, region, claims, endpoint), endpoint)


def can_change(error: CallError) -> bool:
    """Whether a new token may help: not if the account's settings are at odds with every token."""
    if error.code == "InvalidIdentityToken":
        return not re.search("No OpenIDConnect provider|audience|thumbprint|required claim", error.message)
    return error.code in ("IDPCommunicationError", "ExpiredTokenException")


def _told(error: CallError, role_arn: str, region: str, claims: Claims, endpoint: Endpoint) -> ActionError:
    if cause := cause_of(error, _CAUSES):
        return cause.told(error, region=region, role=role_arn)
    for code, message, tell in _WITH_LINES:
        if error.code == code and message in error.message:
            return tell(error, role_arn, claims)
    if cause := cause_of(error, _GITHUBS if issuer_of(claims).startswith(GITHUB) else _OTHERS):
        told = cause.told(error)
        if cause is _OTHERS[0]:
            told.paste, told.language = f"https://{issuer_of(claims)}/.well-known/openid-configuration", "text"
        return told
    return any_call_failed(error, endpoint, region, KeyFacts())


def _no_provider(error: CallError, role_arn: str, claims: Claims) -> ActionError:
    return ActionError(
        what=error.what,
        why=f"The role's account, {role_arn.split(':')[4]}, does not know GitHub as an identity provider, or knows it "
        "under another issuer URL.",
        fix="Create the provider, once per account:",
        paste=shlex.join(
            [
                *("aws", "iam", "create-open-id-connect-provider"),
                *("--url", f"https://{issuer_of(claims)}"),
                *("--client-id-list", shown(claims, "aud")),
            ]
        ),
        language="sh",
    )


def _audience_unknown(error: CallError, role_arn: str, claims: Claims) -> ActionError:
    return ActionError(
        what=error.what,
        why="The account's identity provider does not list the token's audience.",
        details=f"aud: {shown(claims, 'aud')}",
        fix="Leave the input `audience` out, or add the value to the provider:",
        paste=shlex.join(
            [
                *("aws", "iam", "add-client-id-to-open-id-connect-provider"),
                *("--open-id-connect-provider-arn", _provider_arn(role_arn, claims)),
                *("--client-id", shown(claims, "aud")),
            ]
        ),
        language="sh",
    )


def _thumbprint_differs(error: CallError, role_arn: str, claims: Claims) -> ActionError:
    host, _, port = issuer_of(claims).partition("/")[0].partition(":")
    return ActionError(
        what=error.what,
        why="The account's identity provider has the thumbprints of other certificates than the token's issuer shows.",
        fix="Give the provider the one of today:",
        paste=_CERTIFICATE_OF.format(
            arn=shlex.quote(_provider_arn(role_arn, claims)), host=shlex.quote(host), port=shlex.quote(port or "443")
        ),
        language="sh",
    )


def _provider_arn(role_arn: str, claims: Claims) -> str:
    _, partition, _, _, account, _ = role_arn.split(":", 5)
    return f"arn:{partition}:iam::{account}:oidc-provider/{issuer_of(claims)}"


_WITH_LINES: Sequence[tuple[str, str, Callable[[CallError, str, Claims], ActionError]]] = (
    ("AccessDenied", "", trust_refused),
    ("InvalidIdentityToken", "No OpenIDConnect provider", _no_provider),
    ("InvalidIdentityToken", "audience", _audience_unknown),
    ("InvalidIdentityToken", "thumbprint", _thumbprint_differs),
)
"""Code, part of the message, and what has lines to paste that depend on the token."""
