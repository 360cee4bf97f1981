"""The errors if a user can't be signed in: the answer to each flow, the cause, and lines to paste."""

import json

import pytest
from hypothesis import given

from cognito_action.diagnostics.pool import call_refused
from cognito_action.diagnostics.sign_in import is_flow_unavailable, sign_in_refused
from cognito_action.errors import ActionError, CallError
from tests.support.examples import ACCESS, POOL_ARN, POOL_ID, TEXT

PUBLIC, SRP, ADMIN = "USER_PASSWORD_AUTH", "USER_SRP_AUTH", "ADMIN_USER_PASSWORD_AUTH"

CLOSED = {
    PUBLIC: CallError(
        "InitiateAuth", "InvalidParameterException", "USER_PASSWORD_AUTH flow not enabled for this client"
    ),
    SRP: CallError("InitiateAuth", "InvalidParameterException", "USER_SRP_AUTH is not enabled for the client."),
    ADMIN: CallError("AdminInitiateAuth", "InvalidParameterException", "Auth flow not enabled for this client"),
}
FORBIDDEN = CallError("InitiateAuth", "ForbiddenException", "Request not allowed due to WAF block.")
DENIED = CallError(
    "AdminInitiateAuth",
    "AccessDeniedException",
    f"User: arn is not authorized to perform: cognito-idp:AdminInitiateAuth on resource: {POOL_ARN}",
)


def error_for(*answers: tuple[str, CallError]) -> ActionError:
    """The error after these answers to the flows."""
    return sign_in_refused(answers, POOL_ID, call_refused(answers[-1][1], ACCESS))


def error_for_code(code: str, message: str = "no", operation: str = "InitiateAuth") -> ActionError:
    """The error for one refusal."""
    return error_for((PUBLIC, CallError(operation, code, message)))


# Flows that are not open


@pytest.mark.parametrize("flow", CLOSED)
def test_flow_that_is_not_enabled_is_recognized_by_its_message(flow: str) -> None:
    """Cognito has different words for each flow, and the same code for much else."""
    assert is_flow_unavailable(flow, CLOSED[flow])
    assert not is_flow_unavailable(flow, CallError("InitiateAuth", "NotAuthorizedException", CLOSED[flow].message))
    assert not is_flow_unavailable(
        flow, CallError("InitiateAuth", "InvalidParameterException", "Missing required parameter")
    )


@pytest.mark.parametrize("operation", ["AssociateSoftwareToken", "VerifySoftwareToken"])
def test_web_acl_closes_a_flow_but_not_what_all_flows_share(operation: str) -> None:
    """Setting up a second factor is public in every flow, so no flow gets around the web ACL."""
    assert is_flow_unavailable("USER_PASSWORD_AUTH", FORBIDDEN)
    assert not is_flow_unavailable("USER_PASSWORD_AUTH", CallError(operation, "ForbiddenException", FORBIDDEN.message))


@pytest.mark.parametrize("flow", CLOSED)
def test_flow_that_was_asked_for_names_its_flag(flow: str) -> None:
    """The error names the flag to set on the app client, where to set it, and what not to do."""
    error = error_for((flow, CLOSED[flow]))

    assert error.what == f"{flow}: {CLOSED[flow].operation} failed with {CLOSED[flow].code}: {CLOSED[flow].message}"
    assert error.why == "The app client does not allow this way to sign in."
    assert error.fix.startswith(f"Enable `ALLOW_{flow}` on the app client: ")
    assert "ExplicitAuthFlows" in error.fix
    assert error.paste == ""


def test_no_flow_is_enabled() -> None:
    """The error has all answers and all flags; one flag is enough."""
    error = error_for(*CLOSED.items())

    assert [line.partition(":")[0] for line in error.what.splitlines()] == [PUBLIC, SRP, ADMIN]
    assert error.fix.startswith(
        "Enable one of `ALLOW_USER_PASSWORD_AUTH`, `ALLOW_USER_SRP_AUTH`, `ALLOW_ADMIN_USER_PASSWORD_AUTH` on"
    )
    assert error.paste == ""


def test_flow_for_which_the_permission_is_missing() -> None:
    """Either the client has to allow a public flow, or the role the signed one; the statement is ready to paste."""
    error = error_for((PUBLIC, CLOSED[PUBLIC]), (SRP, CLOSED[SRP]), (ADMIN, DENIED))

    assert "the role may not use the one that is signed" in error.why
    assert error.fix.startswith("Enable one of `ALLOW_USER_PASSWORD_AUTH`, `ALLOW_USER_SRP_AUTH` on the app client")
    assert error.fix.count("ALLOW_ADMIN_USER_PASSWORD_AUTH") == 1
    _grants_the_admin_flow(error.paste)
    assert error.language == "json"


def test_permission_for_the_admin_flow_alone() -> None:
    """If the workflow asks for that flow, only the statement is missing."""
    error = error_for((ADMIN, DENIED))

    assert error.why.startswith("The credentials may not make this call on this user pool.")
    _grants_the_admin_flow(error.paste)
    assert error.language == "json"


# A web ACL


def test_web_acl_forbids_the_public_flow() -> None:
    """The way past it is the signed flow, with the flag, the permission and the input."""
    error = error_for((PUBLIC, FORBIDDEN))

    assert "AWS WAF" in error.why
    assert "`ALLOW_ADMIN_USER_PASSWORD_AUTH`" in error.fix
    assert "`cognito-idp:AdminInitiateAuth`" in error.fix
    assert error.paste == "with:\n  auth-flow: ADMIN_USER_PASSWORD_AUTH"


@pytest.mark.parametrize("last", [CLOSED[ADMIN], DENIED], ids=["not enabled", "no permission"])
@pytest.mark.parametrize("first", [CLOSED[PUBLIC], FORBIDDEN], ids=["not enabled", "web ACL"])
def test_web_acl_and_an_admin_flow_that_is_not_open(first: CallError, last: CallError) -> None:
    """The web ACL is the cause, and what the admin flow lacks is added."""
    error = error_for((PUBLIC, first), (SRP, FORBIDDEN), (ADMIN, last))

    assert len(error.what.splitlines()) == 3
    assert "AWS WAF" in error.why
    lines, _, statement = error.paste.partition("\n\n")
    assert lines == "with:\n  auth-flow: ADMIN_USER_PASSWORD_AUTH"
    if last is DENIED:
        _grants_the_admin_flow(statement)
    else:
        assert statement == ""


@pytest.mark.parametrize("earlier", [[], [(PUBLIC, CLOSED[PUBLIC])], [(PUBLIC, FORBIDDEN)]])
def test_web_acl_at_the_second_factor_is_not_bypassed_by_another_flow(earlier: list[tuple[str, CallError]]) -> None:
    """The error suggests no flow in which the same call is forbidden."""
    error = error_for(*earlier, (ADMIN, CallError("AssociateSoftwareToken", "ForbiddenException", FORBIDDEN.message)))

    assert "public in every flow" in error.why
    assert error.fix.startswith("Let the web ACL allow them to this machine")
    assert error.paste == ""


def test_wrong_password_after_a_web_acl_is_about_the_password() -> None:
    """If the last flow was open, its answer is the cause."""
    error = error_for(
        (PUBLIC, FORBIDDEN), (SRP, CallError("RespondToAuthChallenge", "NotAuthorizedException", "Incorrect"))
    )

    assert "ForbiddenException" in error.what
    assert "another pool" in error.why


def test_wrong_password_after_a_flow_that_is_not_enabled_is_about_the_password() -> None:
    """No flag of the app client would change it."""
    error = error_for(
        (PUBLIC, CLOSED[PUBLIC]), (SRP, CallError("RespondToAuthChallenge", "NotAuthorizedException", "Wrong"))
    )

    assert "flow not enabled" in error.what
    assert "another pool" in error.why
    assert "ALLOW_" not in error.annotation


# Other refusals


@pytest.mark.parametrize(
    ("code", "message", "why", "fix", "paste"),
    [
        (
            "NotAuthorizedException",
            "Client 1example23456789 is configured with secret but SECRET_HASH was not received",
            "The app client has a secret, and `client-secret` is not set.",
            "Set it, for example from a secret of the repository",
            "with:\n  client-secret: ${{ secrets.COGNITO_CLIENT_SECRET }}",
        ),
        (
            "NotAuthorizedException",
            "Unable to verify secret hash for client 1example23456789",
            "`client-secret` is not that of this app client, or the app client has none.",
            "Set it to what the app client's page",
            "",
        ),
        (
            "InvalidParameterException",
            "App client 1example23456789 is not configured for secret but secret hash was received",
            "The app client has no secret, and `client-secret` is set.",
            "Leave `client-secret` out.",
            "",
        ),
        (
            "NotAuthorizedException",
            "Invalid session for the user, session is expired.",
            "Cognito no longer accepted the session of the sign-in, and starting over did not help.",
            "a proxy that repeats requests",
            "",
        ),
        (
            "NotAuthorizedException",
            "Unable to login because of security reasons.",
            "The pool's threat protection considers a sign-in from this machine a risk, and blocks it.",
            "only audits",
            "",
        ),
        (
            "NotAuthorizedException",
            "Request not allowed due to security reasons.",
            "The pool's threat protection considers a sign-in from this machine a risk, and blocks it.",
            "only audits",
            "",
        ),
        (
            "NotAuthorizedException",
            "Password attempts exceeded",
            "Cognito refuses this user's sign-ins for a while",
            "a second `adopt` of the same user",
            "",
        ),
        (
            "PasswordResetRequiredException",
            "Password reset required for the user",
            "This user was made ready to sign in a moment ago.",
            "Let it skip users whose username or `email` starts with `gha-` or `success+gha-`.",
            "",
        ),
        (
            "UserNotConfirmedException",
            "User is not confirmed.",
            "This user was made ready to sign in a moment ago.",
            "Let it skip users whose username or `email` starts with `gha-` or `success+gha-`.",
            "",
        ),
        (
            "NotAuthorizedException",
            "Incorrect username or password.",
            "This very password was set a moment ago.",
            f"Set `client-id` to an app client of {POOL_ID}.",
            "",
        ),
        (
            "UserNotFoundException",
            "User does not exist.",
            "This very password was set a moment ago.",
            f"Set `client-id` to an app client of {POOL_ID}.",
            "",
        ),
        (
            "ResourceNotFoundException",
            "User pool client 1example23456789 does not exist.",
            "There is no such app client in this pool.",
            f"it is the ID, not the name, of an app client of {POOL_ID}.",
            "",
        ),
        (
            "InvalidParameterException",
            "Custom auth lambda trigger is not configured for the user pool.",
            "Cognito does not accept this sign-in.",
            "signs in by password or SRP",
            "",
        ),
        (
            "SoftwareTokenMFANotFoundException",
            "Software Token MFA has not been enabled by the userPool",
            "The pool requires a second factor but does not accept authenticator apps (TOTP)",
            "Enable authenticator apps",
            "",
        ),
        *(
            (code, "no", "Cognito refused the codes of the authenticator", "Check the clock", "")
            for code in ("EnableSoftwareTokenMFAException", "CodeMismatchException", "ExpiredCodeException")
        ),
    ],
)
def test_refusal_is_explained(code: str, message: str, why: str, fix: str, paste: str) -> None:
    """Each has its cause and its fix, after Cognito's own words."""
    error = error_for_code(code, message)

    assert error.what == f"USER_PASSWORD_AUTH: InitiateAuth failed with {code}: {message}"
    assert error.why.startswith(why)
    assert fix in error.fix
    assert (error.paste, error.language) == (paste, "yaml" if paste else "")
    assert "{" not in error.why + error.fix


@pytest.mark.parametrize("code", ["UserLambdaValidationException", "UnexpectedLambdaException"])
def test_refusal_of_a_trigger_shows_its_text(code: str) -> None:
    """The author of the trigger knows what it means."""
    error = error_for_code(code, "PreAuthentication failed with error only staff on Mondays.")

    assert "PreAuthentication failed with error only staff on Mondays." in error.what
    assert "Lambda trigger" in error.why
    assert "`client-metadata`" in error.fix


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("TooManyRequestsException", "The quota belongs to the account"),
        ("DeadlineExceeded", "The calls before it used up the time for all of them"),
        ("NetworkError", "The connection was not made"),
        ("ExpiredTokenException", "AWS does not accept the session"),
        ("SomethingNew", "This error is not known here."),
    ],
)
def test_failure_unrelated_to_the_sign_in_is_explained_as_for_any_call(code: str, why: str) -> None:
    """Nothing is made up about it."""
    error = error_for_code(code)

    assert error.why.startswith(why)
    assert error.what == f"USER_PASSWORD_AUTH: InitiateAuth failed with {code}: no"


@given(message=TEXT)
def test_text_from_outside_stays_out_of_the_advice(message: str) -> None:
    """Whatever a trigger or a server writes, the advice is the action's own."""
    error = error_for(
        (PUBLIC, FORBIDDEN), (ADMIN, CallError("AdminInitiateAuth", "UserLambdaValidationException", message))
    )

    plain = error_for(
        (PUBLIC, FORBIDDEN), (ADMIN, CallError("AdminInitiateAuth", "UserLambdaValidationException", "no"))
    )
    assert (error.why, error.fix, error.paste, error.details) == (plain.why, plain.fix, plain.paste, plain.details)


def _grants_the_admin_flow(paste: str) -> None:
    statement = json.loads(paste)
    assert statement["Effect"] == "Allow"
    assert statement["Resource"] == POOL_ARN
    assert statement["Action"] == [
        "cognito-idp:AdminCreateUser",
        "cognito-idp:AdminSetUserPassword",
        "cognito-idp:AdminDeleteUser",
        "cognito-idp:AdminInitiateAuth",
    ]
