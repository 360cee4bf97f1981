"""What is said if STS gives no session for the role."""

import re
from collections.abc import Callable, Sequence

from cognito_action.claims import Claims
from cognito_action.diagnostics.causes import Cause, cause_of
from cognito_action.diagnostics.common import any_call_failed, at_endpoint
from cognito_action.diagnostics.credentials import KeyFacts
from cognito_action.diagnostics.identity_provider import audience_unknown, no_provider, thumbprint_differs
from cognito_action.diagnostics.trust import is_issued_by_github, is_of_github, issuer_of, trust_refused
from cognito_action.errors import ActionError, CallError
from cognito_action.network.endpoint import Endpoint

_KEYS = ("InvalidIdentityToken", "IDPCommunicationError")

_NO_KEYS = "verification key|[Cc]ommunicat|[Tt]imed? ?out"
"""What STS says if it could not get the keys of the token's issuer."""

_GITHUBS: Sequence[Cause] = (
    Cause(
        "AWS could not get the keys with which GitHub's token is to be verified, several times.",
        "Run it again later.",
        codes=_KEYS,
    ),
    Cause(
        "Each attempt had asked for a new token, and got one that STS considers expired.",
        "Run it again. If it keeps happening, and a proxy decrypts this machine's traffic, have it keep no answers of GitHub's "
        "token service.",
        codes=("ExpiredTokenException",),
    ),
)
"""What is the matter if the token is one of github.com's."""

_UNREACHED = Cause(
    "AWS could not get the keys with which the token is to be verified. It asks the issuer of the token, which is not "
    "github.com, from the internet.",
    "Let the internet reach the address below, and the one of the keys that it names:",
    codes=_KEYS,
    paste="https://{issuer}/.well-known/openid-configuration",
    language="text",
)

_SERVERS: Sequence[Cause] = (
    _UNREACHED,
    Cause(
        "Each attempt had a new token, and STS considered it expired: the token's issuer, which is not github.com, signs it "
        "by a clock of its own.",
        "Correct the clock of GitHub Enterprise Server.",
        codes=("ExpiredTokenException",),
    ),
)
"""The same if GitHub Enterprise Server issued it."""

_OTHERS: Sequence[Cause] = (
    _UNREACHED,
    Cause(
        "The token that was given is too old: most are valid for minutes, and STS checks that.",
        "Let `--web-identity-token-command` print a new one each time. Or write a new one to the file right before.",
        codes=("ExpiredTokenException",),
    ),
)
"""The same if it is not GitHub's."""

_CLAIMS_OF_OTHERS: Sequence[Cause] = (
    Cause(
        "STS wants a claim that the token lacks.",
        "Give the token that this CI issues for AWS: a signed one (JWT) with `iss`, `sub`, `aud` and `exp`.",
        codes=("InvalidIdentityToken",),
        message="required claim",
    ),
    Cause(
        "STS rejected a claim of the token as invalid, expired or revoked.",
        "Give a new token: let `--web-identity-token-command` print one each time.",
        codes=("IDPRejectedClaim",),
    ),
)
"""What is the matter with the claims of such a token."""

_CLAIMS_OF_GITHUB: Sequence[Cause] = (
    Cause(
        "STS wants a claim that the token lacks, and GitHub's own tokens have it: something else answers in place of GitHub's "
        "token service.",
        "Look at what `ACTIONS_ID_TOKEN_REQUEST_URL` leads to on this machine.",
        codes=("InvalidIdentityToken",),
        message="required claim",
    ),
    Cause(
        "STS rejected a claim of the token as invalid, expired or revoked.",
        "Run it again; if it keeps happening, leave `audience` out, and look at GitHub's status page.",
        codes=("IDPRejectedClaim",),
    ),
)
"""The same if the token is GitHub's, whichever server has issued it."""

_CAUSES: Sequence[Cause] = (
    Cause(
        "STS is disabled in {region}, the region of the user pool.",
        "Enable it in the role's account: a region that has to be enabled as a whole under Account, AWS Regions; otherwise in "
        "the IAM console under Account settings, Security Token Service.",
        codes=("RegionDisabledException",),
    ),
    Cause(
        "STS does not accept a parameter.",
        "Check `role-to-assume` ({role}) and `role-session-name`.",
        codes=("ValidationError",),
    ),
    Cause(
        "The identity provider adds session tags, which are too large together with the session policy that is used here.",
        "Let whoever issues the token add fewer tags, or shorter ones.",
        codes=("PackedPolicyTooLarge",),
        message="[Tt]ag",
    ),
    Cause(
        "The session policy is too large.",
        "Report this: the session policy that is used here is a few hundred characters long.",
        codes=("PackedPolicyTooLarge",),
    ),
    Cause(
        "The identity provider adds session tags, and the role's trust policy does not allow that.",
        "Add `sts:TagSession` to the actions of the statement in the role's trust policy.",
        codes=("AccessDenied",),
        message="sts:TagSession",
    ),
)

_WITH_LINES: Sequence[tuple[str, str, Callable[[CallError, str, Claims], ActionError]]] = (
    ("AccessDenied", "", trust_refused),
    ("InvalidIdentityToken", "No OpenIDConnect provider", no_provider),
    ("InvalidIdentityToken", "audience", audience_unknown),
    ("InvalidIdentityToken", "thumbprint", thumbprint_differs),
)
"""Code, part of the message, and what has lines to paste that depend on the token."""

_INVALID = Cause("STS could not validate the token, and its message says why.", "Run it again.")


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
    if cause := cause_of(error, (*_CAUSES, *(_CLAIMS_OF_GITHUB if is_of_github(claims) else _CLAIMS_OF_OTHERS))):
        return cause.told(error, region=region, role=role_arn)
    for code, message, tell in _WITH_LINES:
        if error.code == code and message in error.message:
            return tell(error, role_arn, claims)
    if error.code == "InvalidIdentityToken" and not re.search(_NO_KEYS, error.message):
        return _INVALID.told(error)
    if cause := cause_of(error, _by_issuer(claims)):
        return cause.told(error, issuer=issuer_of(claims))
    return any_call_failed(error, endpoint, region, KeyFacts())


def _by_issuer(claims: Claims) -> Sequence[Cause]:
    if is_issued_by_github(claims):
        return _GITHUBS
    return _SERVERS if is_of_github(claims) else _OTHERS
