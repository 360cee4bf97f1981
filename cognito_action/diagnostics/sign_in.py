"""What is said where a user can't be signed in."""

import re
from collections.abc import Callable, Sequence

from cognito_action.diagnostics import challenges as challenge_errors
from cognito_action.errors import ActionError, Failure, refusal

_SET_UP = ("AssociateSoftwareToken", "VerifySoftwareToken")


_SWITCH = (
    "in the Cognito console under App clients, the client, Edit, Authentication flows; in a template as "
    "`ExplicitAuthFlows`. (`aws cognito-idp update-user-pool-client` resets every setting that it is not given.)"
)


_SECRET_MISSING = (
    "The app client has a secret, and `client-secret` is not set.",
    "Set it, from a secret of the repository for one:",
    "with:\n  client-secret: ${{ secrets.COGNITO_CLIENT_SECRET }}",
)


_SECRET_WRONG = (
    "The app client has a secret, and `client-secret` is another or not set; or it has none, and `client-secret` is set.",
    "Set `client-secret` to what the app client's page in the Cognito console shows, or leave it out where there is none.",
    "",
)


_TOO_RISKY = (
    "The pool's threat protection takes a sign-in from this runner for a risk, and blocks it.",
    (
        "Use a pool for tests whose threat protection only audits, or add the runner's addresses to those that it always "
        "allows."
    ),
    "",
)


_NOT_THIS_POOL = (
    (
        "This very password was set a moment ago. So the app client probably belongs to another pool; or something in the "
        "account changes, disables or deletes users. Another job that adopts the same user does, for one."
    ),
    "Set `client-id` to an app client of {pool}.",
    "",
)


_LOCKED_OUT = (
    "Cognito refuses this user's sign-ins for a while, because too many with a wrong password came before.",
    "Look for what else signs in with this user's name, another job that adopts the same user for one; then run the job again.",
    "",
)


_CHANGED = (
    (
        "This user was made ready to sign in a moment ago. So something in the account has changed it since: a trigger, or "
        "a script that resets or checks users."
    ),
    "Spare users whose names begin with `gha-`.",
    "",
)


_NO_CLIENT = (
    "There is no such app client in this pool.",
    "Check `client-id`: it is the id, not the name, of an app client of {pool}.",
    "",
)


_NOT_TAKEN = (
    (
        "Cognito does not take this sign-in as it is. Mostly the app client asks for more (a custom challenge), or the pool "
        "for a second factor that this user can't have."
    ),
    "Use an app client for tests that signs in by password or SRP, and a pool that takes authenticator apps (TOTP).",
    "",
)


_WEB_ACL = (
    (
        "A web ACL (AWS WAF) of the pool forbids the calls that set up a second factor from this runner's address. They are "
        "public in every flow."
    ),
    "Let the web ACL allow them to this runner, or use a pool for tests without it.",
    "",
)


_CODE_REFUSED = (
    "Cognito refused the codes of the authenticator that the action set up; they depend on the time.",
    "Check the clock of a self-hosted runner. Otherwise run the job again.",
    "",
)


_SESSION_SPENT = (
    "Cognito no longer took the session of the sign-in, and beginning anew did not help.",
    "Run the job again. If it stays so, raise the app client's duration of the authentication flow session.",
    "",
)


_BY_MESSAGE: Sequence[tuple[str, str, tuple[str, str, str]]] = (
    ("NotAuthorizedException", "SECRET_HASH was not received", _SECRET_MISSING),
    (".*", "verify secret hash|not configured for secret", _SECRET_WRONG),
    ("NotAuthorizedException", "[Ii]nvalid session", _SESSION_SPENT),
    ("NotAuthorizedException", "security reasons", _TOO_RISKY),
    ("NotAuthorizedException", "attempts exceeded", _LOCKED_OUT),
    ("NotAuthorizedException|UserNotFoundException", "", _NOT_THIS_POOL),
    ("PasswordResetRequiredException|UserNotConfirmedException", "", _CHANGED),
    ("ResourceNotFoundException", "", _NO_CLIENT),
    ("ForbiddenException", "", _WEB_ACL),
    ("InvalidParameterException", "", _NOT_TAKEN),
    ("SoftwareTokenMFANotFoundException", "", (*challenge_errors.NO_AUTHENTICATOR, "")),
    ("EnableSoftwareTokenMFAException|CodeMismatchException|ExpiredCodeException", "", _CODE_REFUSED),
)
"""Code and message, as patterns, and what they mean: cause, remedy, lines to paste."""


def is_closed(failure: Failure) -> bool:
    """Whether another flow may be open: this one is not enabled, or a web ACL forbids its public call."""
    return _is_not_enabled(failure) or _is_forbidden(failure)


def _is_not_enabled(failure: Failure) -> bool:
    """Whether Cognito says that the app client does not allow the flow; the message alone tells."""
    return failure.code == "InvalidParameterException" and bool(
        re.search(r"not enabled for (this|the) client", failure.message)
    )


def _is_forbidden(failure: Failure) -> bool:
    return failure.code == "ForbiddenException" and failure.operation not in _SET_UP


def refused(
    answers: Sequence[tuple[str, Failure]], pool_id: str, explain: Callable[[Failure], ActionError]
) -> ActionError:
    """No flow led to tokens; `answers` has Cognito's to each that was tried, and the last one was final.

    `explain` puts a failure of the pool into words where nothing about signing in is known of it.
    """
    _, last = answers[-1]
    what = "\n".join(f"{flow}: {refusal(failure)}" for flow, failure in answers)
    if is_closed(last) or last.code == "AccessDeniedException":
        if any(_is_forbidden(failure) for _, failure in answers):
            return _forbidden(what, explain(last))
        if any(_is_not_enabled(failure) for _, failure in answers):
            return _not_enabled(what, answers, explain(last))
    for code, message, (why, fix, paste) in _BY_MESSAGE:
        if re.fullmatch(code, last.code) and re.search(message, last.message):
            return ActionError(what=what, why=why, fix=fix.format(pool=pool_id), paste=paste, language=paste and "yaml")
    error = explain(last)
    return ActionError(what=what, why=error.why, fix=error.fix, paste=error.paste, language=error.language)


def _forbidden(what: str, denied: ActionError) -> ActionError:
    return ActionError(
        what=what,
        why="A web ACL (AWS WAF) of the pool forbids the public calls of a sign-in from this runner's address. Calls that "
        "are signed with AWS credentials don't pass through it.",
        fix="Enable `ALLOW_ADMIN_USER_PASSWORD_AUTH` on the app client, let the role do `cognito-idp:AdminInitiateAuth`, and "
        "set the flow:",
        paste="\n\n".join(filter(None, ("with:\n  auth-flow: ADMIN_USER_PASSWORD_AUTH", denied.paste))),
        language="text" if denied.paste else "yaml",
    )


def _not_enabled(what: str, answers: Sequence[tuple[str, Failure]], denied: ActionError) -> ActionError:
    flags = [f"`ALLOW_{flow}`" for flow, failure in answers if _is_not_enabled(failure)]
    several = len(flags) > 1
    fix = f"Enable {'one of ' if several else ''}{', '.join(flags)} on the app client: {_SWITCH}"
    if not denied.paste:
        return ActionError(what=what, why="The app client does not allow this way to sign in.", fix=fix)
    return ActionError(
        what=what,
        why="The app client does not allow the public ways to sign in, and the role may not use the one that is signed.",
        fix=f"{fix} Or enable `ALLOW_ADMIN_USER_PASSWORD_AUTH` there, and add this statement to a policy of the role:",
        paste=denied.paste,
        language=denied.language,
    )
