"""What is said if a Lambda trigger of the pool refuses, fails, or can't be called."""

import shlex
from collections.abc import Sequence

from cognito_action.diagnostics.access import PoolAccess
from cognito_action.diagnostics.causes import Cause, cause_of
from cognito_action.diagnostics.phrases import FEWER_AT_ONCE, OUR_NAMES
from cognito_action.errors import ActionError, CallError
from cognito_action.words import Words

_CODES = ("UnexpectedLambdaException", "UserLambdaValidationException", "InvalidLambdaResponseException")

_INVOCATION = r"(?P<trigger>\w{1,40}) invocation failed due to "

_CAUSES: Sequence[Cause] = (
    Cause(
        "Cognito may not call the pool's {trigger} function: the function's own policy does not allow it.",
        "Allow it. The name of the function is in what the first command prints:",
        codes=_CODES,
        message=_INVOCATION + "error AccessDenied",
        paste="{show_triggers}\n{allow_call}",
        language="sh",
    ),
    Cause(
        "The pool's {trigger} function took longer than the 5 seconds that Cognito waits, three times.",
        "Let the function finish sooner. More memory also makes it faster, and a cold start shorter.",
        codes=_CODES,
        message=_INVOCATION + r"error .{0,200}([Tt]ime(d )?out|timeout)",
    ),
    Cause(
        "The function that the pool calls for {trigger} does not exist: it was deleted, or renamed.",
        "Deploy the function again, or take the trigger out of the pool's settings.",
        codes=_CODES,
        message=_INVOCATION + "error (ResourceNotFound|.{0,200}[Ff]unction not found)",
    ),
    Cause(
        "The pool's {trigger} function was called more often at once than Lambda allows.",
        FEWER_AT_ONCE.within(
            "{}, or raise the function's reserved concurrency if it has one, and otherwise the account's quota of Lambda."
        ),
        codes=_CODES,
        message=_INVOCATION + "error (TooManyRequests|Throttl|.{0,200}[Rr]ate [Ee]xceeded)",
    ),
    Cause(
        "The sign-in needs a trigger for custom challenges, and the pool has none.",
        "Use an app client and an `auth-flow` that sign in by password or SRP.",
        codes=_CODES,
        message="invocation failed due to configuration",
    ),
    Cause(
        "A Lambda trigger of the pool returned something that Cognito can't read.",
        "Let the trigger return the event that it got, with what it has changed in `response`.",
        codes=("InvalidLambdaResponseException",),
    ),
    Cause(
        Words("The user exists, and the post step deletes it.", "The user exists, and is deleted at the end.").within(
            "The pool's post confirmation trigger refused or failed; the text after the code is its own. {}"
        ),
        "Read the function's log group, and mend what it says. The name of the function is in what the first command prints:",
        codes=_CODES,
        message="^PostConfirmation",
        paste="{show_triggers}\n{read_log}",
        language="sh",
    ),
    Cause(
        "A Lambda trigger of the pool crashed; the text after the code is Lambda's.",
        OUR_NAMES.within(
            "Read the function's log group in CloudWatch, and mend it. If it can't handle users without an application's data, "
            "let it skip those whose username or `email` starts with {}."
        ),
        codes=_CODES,
        message=r"RequestId: |Runtime[. ]\w*|errorType|Task timed out|Unhandled",
    ),
)
"""Causes that the message tells apart whichever call met them."""

_REFUSALS: Sequence[Cause] = (
    Cause(
        "The pool's pre token generation trigger refused or failed; the text after the code is its own. Cognito does not pass "
        "`client-metadata` to this trigger by `USER_PASSWORD_AUTH`.",
        OUR_NAMES.within("Let the trigger accept these users, whose username or `email` starts with {}."),
        codes=_CODES,
        message="^(PreTokenGeneration|TokenGeneration)",
    ),
    Cause(
        "The pool's pre sign-up trigger refused or failed; the text after the code is its own.",
        "Let it accept the `triggerSource` PreSignUp_AdminCreateUser, which only an administrator of the pool can cause. (How "
        "a name starts proves nothing where anyone can sign up.) Its log group in CloudWatch says more.",
        codes=_CODES,
        message="^PreSignUp",
    ),
    Cause(
        "A Lambda trigger of the pool refused or failed; the text after the code is the trigger's own.",
        OUR_NAMES.within(
            "Let the trigger accept these users, whose username or `email` starts with {}; `client-metadata` can carry a value "
            "of yours to it. Its log group in CloudWatch says more."
        ),
        codes=_CODES,
    ),
)


def trigger_failed(error: CallError, access: PoolAccess, own: Sequence[Cause] = ()) -> ActionError | None:
    """Put a failure of a trigger into words; None if `error` is something else.

    `own` are causes that the call at hand has, and that say more than those of any call.
    """
    cause = cause_of(error, (*_CAUSES, *own, *_REFUSALS))
    if cause is None:
        return None
    return cause.told(
        error,
        show_triggers=access.cli.show_triggers(),
        allow_call=_allow_call(access),
        read_log=_read_log(access),
    )


def _read_log(access: PoolAccess) -> str:
    """The command that shows what a function has logged a moment ago."""
    return shlex.join(["aws", "logs", "tail", "/aws/lambda/<function>", "--region", access.region, "--since", "10m"])


def _allow_call(access: PoolAccess) -> str:
    """The command that lets the pool, and no other, call a function."""
    return shlex.join(
        [
            *("aws", "lambda", "add-permission", "--region", access.region, "--function-name", "<function>"),
            *("--statement-id", f"cognito-{access.id}", "--action", "lambda:InvokeFunction"),
            *("--principal", "cognito-idp.amazonaws.com", "--source-arn", access.arn),
        ]
    )
