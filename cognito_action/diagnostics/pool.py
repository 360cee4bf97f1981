"""What is said if Cognito refuses a call on the user pool."""

import json
import re
from collections.abc import Mapping, Sequence

from cognito_action.diagnostics.common import create_group_command, general_cause
from cognito_action.errors import ActionError, CallError
from cognito_action.naming import region_of

PERMISSIONS = ("AdminCreateUser", "AdminSetUserPassword", "AdminDeleteUser")
"""What main and post need."""

_NEEDED_TOGETHER: Mapping[str, Sequence[str]] = {"AdminRespondToAuthChallenge": ("AdminInitiateAuth",)}
"""Permissions without which another one is useless."""

_SWITCHES: Mapping[str, str] = {
    "AdminAddUserToGroup": "`Groups=true` (Terraform: `groups = true`)",
    "AdminInitiateAuth": "`SignIn=true` (Terraform: `sign_in = true`)",
    "AdminRespondToAuthChallenge": "`SignIn=true` (Terraform: `sign_in = true`)",
    "ListUsers": "`Sweep=true` (Terraform: `sweep = true`)",
}
"""What adds permissions to the role of `infra/`."""

_TRIGGER = (
    "A Lambda trigger of the pool refused or failed; the text after the code is the trigger's own.",
    (
        "Let the trigger accept the users of this action: their names start with `gha-`, and `client-metadata` can carry a "
        "value of yours to it. Its log group in CloudWatch says more."
    ),
)

_TAKEN = (
    "Another user of the pool already has the phone number or the email address. That user was left alone.",
    "Use another `phone-number`, or other values if `attributes` sets an alias such as preferred_username.",
)

_PERHAPS_OURS = (
    "The answer to an earlier attempt was lost, so this may be the user that it created, or someone else.",
    "Run the job again. The post step deletes the user if it carries the generated address.",
)

_CAUSES: Mapping[str, tuple[str, str]] = {
    "ResourceNotFoundException": (
        "There is no such user pool in this account and region.",
        "Check `user-pool-id` ({pool}; its region is {region}), and that the role belongs to the pool's account.",
    ),
    "InvalidParameterException": (
        (
            "Cognito does not accept a value. Usually it is an attribute: unknown to the pool's schema, malformed, or required "
            "and missing."
        ),
        "Set `attributes` to what the pool's schema asks for, one line `name=value` each, custom ones as `custom:name=value`.",
    ),
    "InvalidPasswordException": (
        "The pool's policy refused a password that has every class of character and is as long as any policy can ask for.",
        "Read in the message what the policy asks for, and change the pool's password policy.",
    ),
    "UsernameExistsException": _TAKEN,
    "AliasExistsException": _TAKEN,
    "UserLambdaValidationException": _TRIGGER,
    "UnexpectedLambdaException": _TRIGGER,
    "InvalidLambdaResponseException": _TRIGGER,
    "UserNotFoundException": (
        "The user vanished between two calls: something in the account deletes users, a trigger or a cleanup of your own.",
        "Let it skip users whose names start with `gha-`.",
    ),
    "NotAuthorizedException": (
        "The pool does not allow this to anyone; it may be suspended or protected.",
        "Look at the pool in the Cognito console.",
    ),
}

_ONLY_FOR_CREATION = "InvalidParameterException"
"""The code that has one usual cause for a creation, and any cause for other calls."""


def call_refused(
    error: CallError, pool_id: str, pool_arn: str, permissions: Sequence[str] = PERMISSIONS
) -> ActionError:
    """Cognito refused a call on the pool; `permissions` are all that the action needs."""
    if error.code == "AccessDeniedException":
        return _permission_missing(error, pool_id, pool_arn, permissions)
    other_call = error.code == _ONLY_FOR_CREATION and error.operation != "AdminCreateUser"
    why, fix = (None if other_call else _CAUSES.get(error.code)) or general_cause(error)
    if error.outcome_unknown and (why, fix) == _TAKEN:
        why, fix = _PERHAPS_OURS
    return ActionError(what=error.what, why=why, fix=fix.format(region=region_of(pool_id), pool=pool_id))


def _permission_missing(error: CallError, pool_id: str, pool_arn: str, permissions: Sequence[str]) -> ActionError:
    named = re.search(
        rf"arn:aws[a-z-]*:cognito-idp:[a-z0-9-]+:[0-9]{{12}}:userpool/{re.escape(pool_id)}\b", error.message
    )
    needed = dict.fromkeys((*permissions, *_NEEDED_TOGETHER.get(error.operation, ()), error.operation))
    statement = {
        "Effect": "Allow",
        "Action": [f"cognito-idp:{name}" for name in needed],
        "Resource": named[0] if named else pool_arn,
    }
    return ActionError(
        what=error.what,
        why="The credentials may not make this call on this user pool.",
        fix=f"{_redeploy(error.operation)}Add this statement to a policy of the role; if it is there already, look for a "
        "permissions boundary, a service control policy or a denial:",
        paste=json.dumps(statement, indent=2),
        language="json",
    )


def _redeploy(operation: str) -> str:
    """What to do first if the template or the module made the role."""
    switch = _SWITCHES.get(operation)
    return (
        f"If the role was made by the action's `infra/`, deploy it again with {switch}. Otherwise: " if switch else ""
    )


def group_not_found(error: CallError, group: str, pool_id: str) -> ActionError:
    """A group that the user is to join does not exist."""
    return ActionError(
        what=f"The user pool has no group {group}. {error.what}",
        why="`groups` names a group that is not in this pool; names are case-sensitive.",
        fix="Correct the name, or create the group:",
        paste=create_group_command(pool_id, group),
        language="sh",
    )


def lost_user_in_the_way(error: CallError) -> ActionError:
    """The user that an earlier attempt created, whose answer was lost, has what this one was to get."""
    return ActionError(
        what=error.what,
        why="The answer to an earlier attempt was lost, and the user that it created has this name, the phone number, or "
        "another alias that `attributes` sets.",
        fix="Run the job again: the post step deletes that user.",
    )


def email_required(*, or_phone_number: bool) -> ActionError:
    """The pool signs in by email, or by phone number as well, and the step makes no address."""
    other = " or a phone number" if or_phone_number else ""
    return ActionError(
        what=f"This user pool takes only an email address{other} as the username.",
        why="`email-domain` is empty, so the action makes no address.",
        fix=f"{'Set `phone-number`, leave' if or_phone_number else 'Leave'} `email-domain` out, or set it to a domain:",
        paste="with:\n  email-domain: example.com",
        language="yaml",
    )


def phone_number_required() -> ActionError:
    """The pool signs in by phone number, and the step names none."""
    return ActionError(
        what="This user pool takes only a phone number as the username.",
        why="The action can't make up a phone number: it might belong to someone.",
        fix="Set one that no user of the pool has:",
        paste='with:\n  phone-number: "+15555550123"',
        language="yaml",
    )
