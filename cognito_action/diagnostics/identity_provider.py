"""What is said of the identity provider in the role's account: the command that mends it."""

import shlex

from cognito_action.claims import Claims
from cognito_action.diagnostics.trust import is_of_github, issuer_of, shown
from cognito_action.errors import ActionError, CallError

_UPDATE_THUMBPRINT = """\
aws iam update-open-id-connect-provider-thumbprint --open-id-connect-provider-arn {arn} \\
  --thumbprint-list "$(openssl s_client -connect {host}:{port} -servername {host} -showcerts </dev/null 2>/dev/null |
    awk '/BEGIN CERT/ {{pem = ""}} {{pem = pem $0 "\\n"}} /END CERT/ {{last = pem}} END {{printf "%s", last}}' |
    openssl x509 -noout -fingerprint -sha1 | sed 's/.*=//; s/://g' | tr A-F a-f)\""""
"""Reads the last certificate that the issuer shows: its fingerprint is what IAM compares."""


def no_provider(error: CallError, role_arn: str, claims: Claims) -> ActionError:
    """The account has none for the token's issuer."""
    return ActionError(
        what=error.what,
        why=f"The role's account, {role_arn.split(':')[4]}, does not know {_issuer(claims)} as an identity provider, or knows "
        "it under another issuer URL.",
        fix="Check the account in `role-to-assume`. If it is the right one, create the provider there, once:",
        paste=shlex.join(
            [
                *("aws", "iam", "create-open-id-connect-provider"),
                *("--url", f"https://{issuer_of(claims)}"),
                *("--client-id-list", shown(claims, "aud")),
            ]
        ),
        language="sh",
    )


def audience_unknown(error: CallError, role_arn: str, claims: Claims) -> ActionError:
    """It does not list the token's audience."""
    return ActionError(
        what=error.what,
        why="The account's identity provider does not list the token's audience.",
        details=f"aud: {shown(claims, 'aud')}",
        fix="Leave `audience` out, or add the value to the provider:"
        if is_of_github(claims)
        else "Have the token made for an audience that the provider lists, or add this one to it:",
        paste=shlex.join(
            [
                *("aws", "iam", "add-client-id-to-open-id-connect-provider"),
                *("--open-id-connect-provider-arn", _provider_arn(role_arn, claims)),
                *("--client-id", shown(claims, "aud")),
            ]
        ),
        language="sh",
    )


def thumbprint_differs(error: CallError, role_arn: str, claims: Claims) -> ActionError:
    """It has the thumbprints of other certificates than the issuer's."""
    host, _, port = issuer_of(claims).partition("/")[0].partition(":")
    return ActionError(
        what=error.what,
        why="The account's identity provider has the thumbprints of other certificates than the token's issuer shows.",
        fix="Give the provider the one of today:",
        paste=_UPDATE_THUMBPRINT.format(
            arn=shlex.quote(_provider_arn(role_arn, claims)), host=shlex.quote(host), port=shlex.quote(port or "443")
        ),
        language="sh",
    )


def _issuer(claims: Claims) -> str:
    return "GitHub" if is_of_github(claims) else "the issuer of the token"


def _provider_arn(role_arn: str, claims: Claims) -> str:
    _, partition, _, _, account, _ = role_arn.split(":", 5)
    return f"arn:{partition}:iam::{account}:oidc-provider/{issuer_of(claims)}"
