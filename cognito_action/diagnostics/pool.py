"""What is said if Cognito refuses a call on the user pool."""

from collections.abc import Sequence

from cognito_action.diagnostics.access import PoolAccess
from cognito_action.diagnostics.attributes import attributes_refused
from cognito_action.diagnostics.aws_cli import AwsCli
from cognito_action.diagnostics.causes import Cause, cause_of
from cognito_action.diagnostics.common import any_call_failed, at_endpoint
from cognito_action.diagnostics.permissions import permission_missing
from cognito_action.diagnostics.phrases import OUR_NAMES
from cognito_action.diagnostics.triggers import trigger_failed
from cognito_action.errors import ActionError, CallError
from cognito_action.words import Options, Words

_TAKEN = Cause(
    "Another user of the pool, perhaps of a run at the same time, already has the phone number or the email address. That "
    "user was left alone.",
    "Use another `phone-number`, or other values if `attributes` sets an alias such as preferred_username.",
    codes=("UsernameExistsException", "AliasExistsException"),
)

_PERHAPS_OURS = Cause(
    "The answer to an earlier attempt was lost, so this may be the user that it created, or someone else.",
    Words(
        "Run the job again. The post step deletes the user if it carries the generated address.",
        "Run it again. The user is deleted at the end if it carries the generated address.",
    ),
)

_CAUSES: Sequence[Cause] = (
    Cause(
        "There is no such user pool in this account and region.",
        "Check `user-pool-id` ({pool}; its region is {region}), and that the credentials belong to the pool's account.",
        codes=("ResourceNotFoundException",),
    ),
    Cause(
        "The pool's policy refused a password that has every class of character and is as long as any policy can ask for.",
        "Read in the message what the policy asks for, and change the pool's password policy.",
        codes=("InvalidPasswordException",),
    ),
    _TAKEN,
    Cause(
        "The user vanished between two calls: something in the account deletes users, a trigger or a cleanup of your own.",
        OUR_NAMES.within("Let it skip users whose username or `email` starts with {}."),
        codes=("UserNotFoundException",),
    ),
    Cause(
        "The pool does not allow this to anyone; it may be suspended or protected.",
        "Look at the pool in the Cognito console.",
        codes=("NotAuthorizedException",),
    ),
    Cause(
        "The pool sends text messages, and the IAM role in its settings for SMS may not do so.",
        "Give that role `sns:Publish`, or leave `phone-number` out.",
        codes=("InvalidSmsRoleAccessPolicyException",),
    ),
    Cause(
        "The pool sends text messages, and Cognito may not assume the IAM role in its settings for SMS.",
        "Let that role trust `cognito-idp.amazonaws.com`, with the external ID of the pool, or leave `phone-number` out.",
        codes=("InvalidSmsRoleTrustRelationshipException",),
    ),
    Cause(
        "The pool wants to send a text message, and has no settings for that.",
        "Leave `phone-number` out, or add an IAM role for SMS in the pool's settings.",
        codes=("InvalidParameterException",),
        message="SMS configuration",
    ),
    Cause(
        "The pool wanted to send the new user a message, which it was asked not to do. Usually a sender trigger of the "
        "pool (custom email or SMS) does so all the same, and failed.",
        OUR_NAMES.within("Let the trigger skip users whose username or `email` starts with {}."),
        codes=("CodeDeliveryFailureException",),
    ),
    Cause(
        "The pool, or the account, is at a limit that does not fall with time, such as the number of users or groups.",
        "Delete what is no longer needed, or have the limit raised.",
        codes=("LimitExceededException",),
    ),
)


def call_refused(error: CallError, access: PoolAccess) -> ActionError:
    """A call on the pool failed."""
    return at_endpoint(_told(error, access), access.endpoint)


def _told(error: CallError, access: PoolAccess) -> ActionError:
    if error.code == "AccessDeniedException":
        return permission_missing(error, access)
    if told := trigger_failed(error, access):
        return told
    cause = cause_of(error, _CAUSES)
    if error.outcome_unknown and cause is _TAKEN:
        cause = _PERHAPS_OURS
    if cause and not (access.endpoint.elsewhere and error.code == "ResourceNotFoundException"):
        return cause.told(error, pool=access.id, region=access.region)
    return any_call_failed(error, access.endpoint, access.region, access.key)


def creation_refused(error: CallError, access: PoolAccess, address: str) -> ActionError:
    """The creation of a user failed; `address` is the email address that was offered, empty if there was none."""
    if error.code == "InvalidParameterException" and not cause_of(error, _CAUSES):
        return at_endpoint(attributes_refused(error, address), access.endpoint)
    return call_refused(error, access)


def groups_not_found(error: CallError, groups: Sequence[str], cli: AwsCli) -> ActionError:
    """Groups that the users are to join do not exist; `error` is the refusal of one of them."""
    several = len(groups) > 1
    return ActionError(
        what=f"The user pool has no {'groups' if several else 'group'} {', '.join(groups)}. {error.what}",
        why=f"`groups` names {'groups that are' if several else 'a group that is'} not in this pool; names are case-sensitive.",
        fix=f"Correct the name{'s' if several else ''}, or create the group{'s' if several else ''}:",
        paste="\n".join(cli.create_group(group) for group in groups),
        language="sh",
    )


def lost_user_in_the_way(error: CallError) -> ActionError:
    """The user that an earlier attempt created, whose answer was lost, has what this one was to get."""
    return ActionError(
        what=error.what,
        why="The answer to an earlier attempt was lost, and the user that it created has this name, the phone number, or "
        "another alias that `attributes` sets.",
        fix=Words(
            "Run the job again: the post step deletes that user.", "Run it again: that user is deleted at the end."
        ),
    )


def email_required(*, or_phone_number: bool) -> ActionError:
    """The pool signs in by email, or by phone number as well, and the step makes no address."""
    other = " or a phone number" if or_phone_number else ""
    return ActionError(
        what=f"This user pool takes only an email address{other} as the username.",
        why="`email-domain` is empty, so the user gets no address.",
        fix=f"{'Set `phone-number`, leave' if or_phone_number else 'Leave'} `email-domain` out, or set it to a domain:",
        paste=Options({"email-domain": "example.com"}),
    )


def phone_number_required() -> ActionError:
    """The pool signs in by phone number, and the step names none."""
    return ActionError(
        what="This user pool takes only a phone number as the username.",
        why="No phone number can be made up: it might belong to someone.",
        fix="Set one that no user of the pool has:",
        paste=Options({"phone-number": "+15555550123"}),
    )
