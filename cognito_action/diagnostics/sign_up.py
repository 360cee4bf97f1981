"""What is said if a user can't sign up, and of app clients that are not right."""

from collections.abc import Sequence

from cognito_action.diagnostics.access import PoolAccess
from cognito_action.diagnostics.app_client import APP_CLIENT
from cognito_action.diagnostics.aws_cli import AwsCli
from cognito_action.diagnostics.causes import Cause, cause_of
from cognito_action.diagnostics.common import at_endpoint
from cognito_action.diagnostics.phrases import DELETED_AT_THE_END
from cognito_action.diagnostics.pool import call_refused, creation_refused
from cognito_action.diagnostics.triggers import trigger_failed
from cognito_action.errors import ActionError, CallError

_CAUSES: Sequence[Cause] = (
    Cause(
        "Only administrators can create users in this pool: its self-service sign-up is off.",
        "Leave `sign-up` out. Or switch it on in the test pool: in the Cognito console under Sign-up, Self-service sign-up; in a "
        "template with",
        codes=("NotAuthorizedException",),
        message="SignUp is not permitted",
        paste="AdminCreateUserConfig:\n  AllowAdminCreateUserOnly: false",
    ),
    Cause(
        "The app client may not write one of the attributes that a sign-up here sets: `email` unless `email-domain` is empty, "
        "`phone_number` with `phone-number`, and those under `attributes`. What an administrator may set, a sign-up may not.",
        "Leave the attribute out, or let the app client write it: in the Cognito console under App clients, the client, "
        "Attribute permissions; in a template as `WriteAttributes`.",
        codes=("NotAuthorizedException",),
        message="unauthorized attribute",
    ),
    *APP_CLIENT,
    Cause(
        "The pool verifies addresses or numbers by itself, and could not send its code. Usually its settings for email or SMS "
        "are not right, or its custom sender trigger failed.",
        "Mend them, or let the pool for tests send nothing to these users (docs/setup.md, Messages of a sign-up).",
        codes=("CodeDeliveryFailureException", "InvalidEmailRoleAccessPolicyException"),
    ),
    Cause(
        "A web ACL (AWS WAF) of the pool blocks `SignUp` from this machine's address; the call is public.",
        "Let the web ACL allow it to this machine, or use a test pool without it.",
        codes=("ForbiddenException",),
    ),
)


_BY_A_TRIGGER: Sequence[Cause] = (
    Cause(
        "The pool's pre sign-up trigger refused or failed; the text after the code is its own.",
        "Let it accept these users, in a pool for tests only: its event has the `triggerSource` PreSignUp_SignUp, which anyone "
        "can cause, and what `client-metadata` says, which anyone can say. Its log group in CloudWatch says more.",
        codes=("UserLambdaValidationException", "UnexpectedLambdaException"),
        message="^PreSignUp",
    ),
)


def sign_up_refused(error: CallError, access: PoolAccess, address: str) -> ActionError:
    """`SignUp` failed; `address` is the email address that was offered, empty if there was none."""
    if cause := cause_of(error, _CAUSES):
        return at_endpoint(cause.told(error, pool=access.id), access.endpoint)
    if told := trigger_failed(error, access, _BY_A_TRIGGER):
        return at_endpoint(told, access.endpoint)
    return creation_refused(error, access, address)


def client_refused(error: CallError, access: PoolAccess) -> ActionError:
    """The call failed that proves whose the app client is; its message tells a missing client from a missing pool."""
    if error.code == "ResourceNotFoundException" and (cause := cause_of(error, APP_CLIENT)):
        return at_endpoint(cause.told(error, pool=access.id), access.endpoint)
    return call_refused(error, access)


def message_limit_reached(error: CallError, access: PoolAccess) -> ActionError:
    """The pool could send a new user no message, and without the user's `sub` nothing can go on."""
    return at_endpoint(
        ActionError(
            what=error.what,
            why=DELETED_AT_THE_END.within(
                "Usually the account has sent all messages that it may: with Cognito's own mail 50 a day in a region. The "
                "user exists then, but Cognito does not say its `sub`, and no sign-in tells it. {}"
            ),
            fix="Let the pool for tests send nothing to these users (docs/setup.md, Messages of a sign-up). If the messages "
            "are mail, the pool can also send them by Amazon SES.",
        ),
        access.endpoint,
    )


def signed_up_elsewhere(error: CallError, client_id: str, sub: str, access: PoolAccess) -> ActionError:
    """A user who has signed up is not in the pool."""
    return at_endpoint(
        ActionError(
            what=error.what,
            why="Usually the app client is another user pool's. This user stays there: it can't be deleted from here.",
            details=_whose(sub, client_id, access),
            fix="Set `client-id` to an app client of this pool, and delete the user in the pool of the other one:",
            paste=AwsCli(f"<pool of {client_id}>", access.region, access.endpoint.shown).delete_user(sub),
            language="sh",
        ),
        access.endpoint,
    )


def limit_creates_nobody(error: CallError, client_id: str, shown: str, access: PoolAccess) -> ActionError:
    """A limit was reached at a sign-up, and it was not one of messages: the user is not there.

    Args:
        error: the refusal of `SignUp`.
        client_id: of the app client.
        shown: what the log may show of the user's name.
        access: the pool.
    """
    return at_endpoint(
        ActionError(
            what=error.what,
            why="No user was created in this pool, so the limit is not that of messages. Usually the pool, or the account, has "
            "as many users as it may. (If the app client is another pool's after all, the user is there, and stays.)",
            details=_whose(f"{shown} (no `sub`)", client_id, access),
            fix="Delete what is no longer needed, or have the limit raised.",
        ),
        access.endpoint,
    )


def _whose(user: str, client_id: str, access: PoolAccess) -> str:
    return f"user: {user}\nsigned up by the app client: {client_id}\nnot in: {access.id}"
