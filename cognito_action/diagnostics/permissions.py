"""What is said if IAM does not allow a call on the user pool."""

import json
import re
from collections.abc import Mapping, Sequence

from cognito_action.diagnostics.access import PoolAccess
from cognito_action.errors import ActionError, CallError
from cognito_action.words import Words

JUST_CHANGED = "If that was changed a moment ago, run it again: a change takes up to a minute to reach every place."
"""True of trust policies and of permissions (IAM is eventually consistent)."""

_NEEDED_TOGETHER: Mapping[str, Sequence[str]] = {"AdminRespondToAuthChallenge": ("AdminInitiateAuth",)}
"""Permissions without which another one is useless."""

_SIGN_UP = "`SignUp=true` (Terraform: `sign_up = true`)"

_SWITCHES: Mapping[str, str] = {
    "AdminAddUserToGroup": "`Groups=true` (Terraform: `groups = true`)",
    "AdminConfirmSignUp": _SIGN_UP,
    "AdminUpdateUserAttributes": _SIGN_UP,
    "AdminInitiateAuth": "`SignIn=true` (Terraform: `sign_in = true`)",
    "AdminRespondToAuthChallenge": "`SignIn=true` (Terraform: `sign_in = true`)",
    "ListUsers": "`Sweep=true` (Terraform: `sweep = true`)",
}
"""What adds permissions to the role of `infra/`."""

_DENIAL = re.compile(
    "with an explicit deny in an? (service control policy|resource control policy|permissions boundary|VPC endpoint policy|"
    "session policy|identity-based policy|resource-based policy)"
)
"""How AWS names the policy that denies: what allows the call elsewhere does not help."""

_WHERE = Words(
    "Add this statement to a policy of the role:", "Add this statement to a policy of the role, or the user:"
)

_AT_BOUNDARY = Words.of(lambda _: "Add this statement to the permissions boundary:")

_NO_BOUNDARY = "no permissions boundary allows"


def permission_missing(error: CallError, access: PoolAccess) -> ActionError:
    """The credentials may not make this call."""
    if denial := _DENIAL.search(error.message):
        return ActionError(
            what=error.what,
            why=f"A {denial[1]} denies this call, whatever other policies allow. {JUST_CHANGED}",
            fix=f"Have whoever manages that policy except these credentials or this pool from its denial of "
            f"`cognito-idp:{error.operation}`: a statement that allows it elsewhere does not help.",
        )
    who, where = "The credentials", _WHERE.within(f"{_redeploy(error.operation, access)}{{}}")
    if _NO_BOUNDARY in error.message:
        who, where = "By their permissions boundary, the credentials", _AT_BOUNDARY
    return ActionError(
        what=error.what,
        why=f"{who} may not make this call on this user pool. {JUST_CHANGED}",
        fix=where,
        paste=json.dumps(_statement(error, access), indent=2),
        language="json",
    )


def _statement(error: CallError, access: PoolAccess) -> Mapping[str, object]:
    named = re.search(
        rf"arn:aws[a-z-]*:cognito-idp:[a-z0-9-]+:[0-9]{{12}}:userpool/{re.escape(access.id)}\b", error.message
    )
    needed = dict.fromkeys((*access.permissions, *_NEEDED_TOGETHER.get(error.operation, ()), error.operation))
    return {
        "Effect": "Allow",
        "Action": [f"cognito-idp:{name}" for name in needed],
        "Resource": named[0] if named else access.arn,
    }


def _redeploy(operation: str, access: PoolAccess) -> str:
    """What to do first if the template or the module made the role; a permission can belong to the step's sign-ups."""
    switch = _SIGN_UP if "AdminConfirmSignUp" in access.permissions and operation in access.permissions else ""
    switch = switch if operation != "AdminDeleteUser" and switch else _SWITCHES.get(operation, "")
    return f"If the role was made by `infra/`, deploy it again with {switch}. Otherwise: " if switch else ""
