"""What is said where Cognito refuses a call, or post can't delete a user."""

import json
import re
from collections.abc import Mapping, Sequence

from cognito_action.diagnostics.common import general
from cognito_action.errors import ActionError, Failure, refusal

PERMISSIONS = ("AdminCreateUser", "AdminSetUserPassword", "AdminDeleteUser")
"""What main and post need."""


_WITH: Mapping[str, Sequence[str]] = {"AdminRespondToAuthChallenge": ("AdminInitiateAuth",)}
"""Permissions that another one is of no use without."""


_SWITCHES: Mapping[str, str] = {
    "AdminAddUserToGroup": "Groups",
    "AdminInitiateAuth": "SignIn",
    "AdminRespondToAuthChallenge": "SignIn",
    "ListUsers": "Sweep",
}
"""The parameters of `infra/` that add permissions."""


_TRIGGER = (
    "A Lambda trigger of the pool refused or broke; the text after the code is the trigger's own.",
    (
        "Let the trigger accept the users of this action: their names begin with `gha-`, and `client-metadata` can carry a "
        "word of yours to it. Its log group in CloudWatch says more."
    ),
)


_TAKEN = (
    "Another user of the pool has the phone number or the e-mail address already. That user was left alone.",
    "Give another `phone-number`, or other values where `attributes` sets an alias such as preferred_username.",
)


_PERHAPS_OURS = (
    "The answer to an earlier attempt was lost, so this may be the user whom it created, or somebody else.",
    "Run the job again. The post step deletes the user if it carries the generated address.",
)


_OF_CREATION = "InvalidParameterException"
"""The code that means one thing for a creation and anything for other calls."""


_COGNITO: Mapping[str, tuple[str, str]] = {
    "ResourceNotFoundException": (
        "There is no such user pool in this account and region.",
        "Check `user-pool-id` ({pool}; its region is {region}), and that the role belongs to the pool's account.",
    ),
    "InvalidParameterException": (
        (
            "Cognito does not take a value as it is. Mostly an attribute: unknown to the pool's schema, of the wrong form, or "
            "required and missing."
        ),
        "Set `attributes` to what the pool's schema asks for, one line `name=value` each, custom ones as `custom:name=value`.",
    ),
    "InvalidPasswordException": (
        "The pool's policy refused a password that has every class of character and is as long as any policy can ask for.",
        "Look at the pool's password policy, and set `password-length` to what it takes.",
    ),
    "UsernameExistsException": _TAKEN,
    "AliasExistsException": _TAKEN,
    "UserLambdaValidationException": _TRIGGER,
    "UnexpectedLambdaException": _TRIGGER,
    "InvalidLambdaResponseException": _TRIGGER,
    "UserNotFoundException": (
        "The user vanished between two calls: something in the account deletes users, a trigger or a clean-up of your own.",
        "Spare users whose names begin with `gha-`.",
    ),
    "NotAuthorizedException": (
        "The pool does not allow this to anybody; it may be suspended or protected.",
        "Look at the pool in the Cognito console.",
    ),
}


def cognito_refused(
    failure: Failure, pool_id: str, pool_arn: str, permissions: Sequence[str] = PERMISSIONS
) -> ActionError:
    """Cognito refused a call on the pool; `permissions` are what the action needs in all."""
    if failure.code == "AccessDeniedException":
        named = re.search(
            rf"arn:aws[a-z-]*:cognito-idp:[a-z0-9-]+:[0-9]{{12}}:userpool/{re.escape(pool_id)}\b", failure.message
        )
        return ActionError(
            what=refusal(failure),
            why="The credentials may not make this call on this user pool.",
            fix=f"{_redeploy(failure.operation)}Add this statement to a policy of the role; where it is there already, look "
            "for a permissions boundary, a service control policy or a denial:",
            paste=json.dumps(
                {
                    "Effect": "Allow",
                    "Action": [
                        f"cognito-idp:{name}"
                        for name in dict.fromkeys((*permissions, *_WITH.get(failure.operation, ()), failure.operation))
                    ],
                    "Resource": named[0] if named else pool_arn,
                },
                indent=2,
            ),
            language="json",
        )
    known = (
        None if failure.code == _OF_CREATION and failure.operation != "AdminCreateUser" else _COGNITO.get(failure.code)
    )
    why, fix = known or general(failure)
    if failure.lost and (why, fix) == _TAKEN:
        why, fix = _PERHAPS_OURS
    return ActionError(what=refusal(failure), why=why, fix=fix.format(region=pool_id.partition("_")[0], pool=pool_id))


def _redeploy(operation: str) -> str:
    """What to do first where the template or the module made the role."""
    switch = _SWITCHES.get(operation)
    return (
        f"Where `infra/` of the action made the role, deploy it again with `{switch}=true`. Otherwise: "
        if switch
        else ""
    )


def no_such_group(failure: Failure, group: str, pool_id: str) -> ActionError:
    """A group that the user is to join does not exist."""
    # Main imports this module each time, and has a line to paste for this alone.
    from cognito_action.diagnostics.common import create_group_command  # noqa: PLC0415

    return ActionError(
        what=f"The user pool has no group {group}. {refusal(failure)}",
        why="`groups` names a group that is not in this pool; upper and lower case count.",
        fix="Mend the name, or create the group:",
        paste=create_group_command(pool_id, group),
        language="sh",
    )


def email_wanted(*, or_phone: bool) -> ActionError:
    """The pool signs in by e-mail, or by phone number as well, and the step makes no address."""
    other = " or a phone number" if or_phone else ""
    return ActionError(
        what=f"This user pool takes only an e-mail address{other} as user name.",
        why="`email-domain` is empty, so the action makes no address.",
        fix=f"{'Set `phone-number`, leave' if or_phone else 'Leave'} `email-domain` out, or give it a domain:",
        paste="with:\n  email-domain: example.com",
        language="yaml",
    )


def phone_wanted() -> ActionError:
    """The pool signs in by phone number, and the step names none."""
    return ActionError(
        what="This user pool takes only a phone number as user name.",
        why="The action can't make up a phone number: it might be somebody's.",
        fix="Give it one that no user of the pool has:",
        paste='with:\n  phone-number: "+15555550123"',
        language="yaml",
    )


def foreign_state(keys: Sequence[str]) -> ActionError:
    """The state holds entries that this run did not write."""
    return ActionError(
        what=f"The state of this step holds entries that this run did not write; they were left alone: {', '.join(keys)}",
        why="Another version of the action wrote them, or the workflow sets `STATE_…` variables itself.",
        fix="Use one version of the action, and let nothing set `STATE_…` variables.",
    )


def no_setup(users: Sequence[str]) -> ActionError:
    """The state names users but not their pool."""
    return ActionError(
        what="The state of this step does not say which user pool its users are in; they were not deleted.",
        why="Another version of the action wrote it, or the workflow sets `STATE_…` variables itself.",
        details="\n".join(users),
        fix="Delete them by hand. Use one version of the action, and let nothing set `STATE_…` variables.",
    )


def other_credentials() -> ActionError:
    """Post met other credentials than main."""
    return ActionError(
        what="The AWS credentials in the environment are not the ones that main worked with.",
        why="Without `role-to-assume` the action takes what the environment holds, and a later step changed it, or it renewed them.",
        fix="Set `role-to-assume`: the post step then assumes the role anew.",
    )


def unknown_phone_user() -> ActionError:
    """The creation by phone number never answered, and nothing marks the user as ours."""
    return ActionError(
        what="Whether the user with the phone number of this step was created is not known.",
        why="The answer was lost, and without an e-mail address the user carries no mark of this run: it may be somebody's.",
        fix="Keep `email-domain` set, so that the user carries a generated address, and let the role do `cognito-idp:ListUsers`.",
    )


def left_behind(cause: ActionError, pool_id: str, users: int, commands: Sequence[str]) -> ActionError:
    """Users who could not be deleted, and how to do it by hand; that comes first, whatever is cut off at the end."""
    pasted = "\n\n".join(part for part in (cause.paste, cause.details) if part)
    return ActionError(
        what=f"{users} {'user' if users == 1 else 'users'} may still exist in {pool_id}. {cause.what}",
        why="To delete by hand:",
        details="\n".join(commands),
        fix=f"{cause.why} {cause.fix}",
        paste=pasted,
        language=pasted and "text",
    )
