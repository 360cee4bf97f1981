"""What is said if a user can't be signed in."""

import re
from collections.abc import Sequence

from cognito_action.diagnostics.app_client import APP_CLIENT
from cognito_action.diagnostics.causes import Cause, cause_of
from cognito_action.diagnostics.challenges import NO_AUTHENTICATOR
from cognito_action.diagnostics.phrases import OUR_NAMES
from cognito_action.errors import NO_SUCH_CHOICE, ActionError, CallError
from cognito_action.words import Options, Words

_SET_UP = ("AssociateSoftwareToken", "VerifySoftwareToken")

_BY_ADMIN = Options({"auth-flow": "ADMIN_USER_PASSWORD_AUTH"})

_WHERE_FLOWS_ARE = (
    "in the Cognito console under App clients, the client, Edit, Authentication flows; in a template as "
    "`ExplicitAuthFlows`. (`aws cognito-idp update-user-pool-client` resets every setting that it is not given.)"
)

_SKIP = OUR_NAMES.within("Let it skip users whose username or `email` starts with {}.")

_CAUSES: Sequence[Cause] = (
    *APP_CLIENT,
    Cause(
        "Cognito no longer accepted the session of the sign-in, and starting over did not help. Usually an answer was lost, "
        "and the session had been used.",
        "Run it again. If it keeps happening, look for a proxy that repeats requests.",
        codes=("NotAuthorizedException",),
        message="[Ii]nvalid session",
    ),
    Cause(
        "The pool's threat protection considers a sign-in from this machine a risk, and blocks it.",
        "Use a test pool whose threat protection only audits, or add this machine's addresses to those that it always allows.",
        codes=("NotAuthorizedException",),
        message="security reasons",
    ),
    Cause(
        "Cognito refuses this user's sign-ins for a while, after too many with a wrong password.",
        "Look for what else signs in with this user's name, such as a second `adopt` of the same user; then run it again.",
        codes=("NotAuthorizedException",),
        message="attempts exceeded",
    ),
    Cause(
        "Something in the account has disabled this user, who was made ready to sign in a moment ago.",
        _SKIP,
        codes=("NotAuthorizedException",),
        message="is disabled",
    ),
    Cause(
        "The user is not in the pool of this app client, which then asks its trigger for user migration.",
        "Set `client-id` to an app client of {pool}.",
        message="migrating user",
    ),
    Cause(
        "This very password was set a moment ago. So the app client probably belongs to another pool; or something in the "
        "account changes or deletes users, such as a second `adopt` of the same user.",
        "Set `client-id` to an app client of {pool}.",
        codes=("NotAuthorizedException", "UserNotFoundException"),
    ),
    Cause(
        "This user was made ready to sign in a moment ago. So something in the account has changed it since: a trigger, or "
        "a script that resets or checks users.",
        _SKIP,
        codes=("PasswordResetRequiredException", "UserNotConfirmedException"),
    ),
    Cause(
        "A web ACL (AWS WAF) of the pool blocks the calls that set up a second factor from this machine's address. They are "
        "public in every flow.",
        "Let the web ACL allow them to this machine, or use a test pool without it.",
        codes=("ForbiddenException",),
    ),
    Cause(
        "The pool's choice-based sign-in has no passwords for this user, only ways such as codes by email or passkeys. They "
        "need what no CI has.",
        "Use a test pool that has passwords among the options of choice-based sign-in. If your tests need no tokens, set:",
        codes=(NO_SUCH_CHOICE,),
        paste=Options({"auth-flow": "none"}),
    ),
    Cause(
        "What answers here knows no such flow. Usually it is an emulator of Cognito.",
        "Leave `auth-flow` out, or name one that it knows.",
        codes=("InvalidParameterException",),
        message="Unsupported AuthFlow",
    ),
    Cause(
        "Cognito does not accept this sign-in. Usually the app client asks for more (a custom challenge), or the pool for a "
        "second factor that this user can't have.",
        "Use a test app client that signs in by password or SRP, and a pool that accepts authenticator apps (TOTP).",
        codes=("InvalidParameterException",),
        message="^(?!.*SMS configuration)",
    ),
    Cause(*NO_AUTHENTICATOR, codes=("SoftwareTokenMFANotFoundException",)),
    Cause(
        "Cognito refused the codes of the authenticator that was set up; they depend on the time.",
        Words(
            "Check the clock of a self-hosted runner. Otherwise run the job again.",
            "Check this machine's clock. If it is right, run it again.",
        ),
        codes=("EnableSoftwareTokenMFAException", "CodeMismatchException", "ExpiredCodeException"),
    ),
)


_NO_CHOICE = (
    NO_SUCH_CHOICE,
    "FeatureUnavailableInTierException",
    "InvalidParameterException",
    "OperationNotEnabledException",
    "UnsupportedOperationException",
)
"""Codes of a refused `USER_AUTH` that say nothing against other flows."""


def is_flow_unavailable(flow: str, error: CallError) -> bool:
    """Whether another flow may work: this one is not to be had, or a web ACL blocks its public call."""
    return _is_not_enabled(error) or _is_blocked(error) or (flow == "USER_AUTH" and _is_not_offered(error))


def _is_not_offered(error: CallError) -> bool:
    """Whether this user can't choose a password, or there is no choice: the newest flow, which not all know."""
    return error.code in _NO_CHOICE and error.operation == "InitiateAuth"


def _is_not_enabled(error: CallError) -> bool:
    """Whether Cognito says that the app client does not allow the flow; only the message tells."""
    return error.code == "InvalidParameterException" and bool(
        re.search(r"not enabled for (this|the) client", error.message)
    )


def _is_blocked(error: CallError) -> bool:
    return error.code == "ForbiddenException" and error.operation not in _SET_UP


def sign_in_refused(tried: Sequence[tuple[str, CallError]], pool_id: str, general: ActionError) -> ActionError:
    """No flow led to tokens.

    Args:
        tried: each flow that was tried with Cognito's refusal; the last one was final.
        pool_id: the pool that the app client should belong to.
        general: what is said of the last refusal in any call of the pool.
    """
    flow, last = tried[-1]
    what = "\n".join(f"{flow}: {error.what}" for flow, error in tried)
    if is_flow_unavailable(flow, last) or last.code == "AccessDeniedException":
        if any(_is_blocked(error) for _, error in tried):
            return _blocked(what, general)
        if any(_is_not_enabled(error) for _, error in tried):
            return _not_enabled(what, tried, general)
    cause = cause_of(last, _CAUSES)
    told = cause.told(last, pool=pool_id) if cause else general
    answer = told.saying(what)
    answer.details = general.details
    return answer


def _blocked(what: str, general: ActionError) -> ActionError:
    return ActionError(
        what=what,
        why="A web ACL (AWS WAF) of the pool blocks the public calls of a sign-in from this machine's address. Calls that are "
        "signed with AWS credentials don't pass through it.",
        fix="Enable `ALLOW_ADMIN_USER_PASSWORD_AUTH` on the app client, allow the role `cognito-idp:AdminInitiateAuth`, and "
        "set the flow:",
        paste=Words.of(lambda kind: "\n\n".join(filter(None, (_BY_ADMIN.said(kind), general.told(kind).paste)))),
        language="text" if general.paste else "yaml",
    )


def _not_enabled(what: str, tried: Sequence[tuple[str, CallError]], general: ActionError) -> ActionError:
    flags = [f"`ALLOW_{flow}`" for flow, error in tried if _is_not_enabled(error)]
    several = len(flags) > 1
    fix = f"Enable {'one of ' if several else ''}{', '.join(flags)} on the app client: {_WHERE_FLOWS_ARE}"
    if not general.paste:
        return ActionError(what=what, why="The app client does not allow this way to sign in.", fix=fix)
    return ActionError(
        what=what,
        why="The app client does not allow the public ways to sign in, and the role may not use the one that is signed.",
        fix=f"{fix} Or enable `ALLOW_ADMIN_USER_PASSWORD_AUTH` there, and add this statement to a policy of the role:",
        paste=general.parts.paste,
        language=general.parts.language,
    )
