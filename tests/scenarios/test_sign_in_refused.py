"""A sign-in that fails: every answer of Cognito in one annotation, no output, and no user left after post."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from cognito_action.inputs.sign_in import FLOWS as AUTO
from tests.support.sign_in import CALLS, FLOWS, app_client, step_inputs
from tests.support.world import MAIN_CALLS, World
from tools.emulator.account import PERMISSIONS
from tools.emulator.aws import ACCOUNT
from tools.emulator.http import Answer
from tools.emulator.proxy import Call, Rule, refusing

FORBIDDEN = refusing("ForbiddenException", "Request not allowed due to WAF block.", 403)


def failure(world: World, pool: str, inputs: Mapping[str, str]) -> str:
    """Run a step that fails at the sign-in, and return its one annotation; post deletes the user."""
    job = world.job()

    main = job.main(inputs, RUNNER_DEBUG="1")

    assert (main.exit_code, main.stderr, main.outputs) == (1, "", {})
    [annotation] = main.annotations
    assert annotation.level == "error"
    for line in annotation.message.splitlines():
        assert line in main.summary
    assert len(world.account.users(pool)) == 1
    calls = list(world.aws.calls)
    assert job.post().exit_code == 0
    assert world.account.users(pool) == []
    world.aws.calls[:] = calls
    return annotation.message


# Flows


@pytest.mark.parametrize("flow", FLOWS)
def test_flow_is_not_enabled(world: World, flow: str) -> None:
    """The flag to set on the client is named, and only the requested flow is tried."""
    pool = world.pool()
    other = FLOWS[(FLOWS.index(flow) + 1) % 3]
    client = app_client(world, pool, other)

    message = failure(world, pool, {**step_inputs(world, pool, flow), **client, "auth-flow": flow})

    assert f"`ALLOW_{flow}`" in message
    assert f"{flow}: {CALLS[flow][0]} failed with InvalidParameterException" in message
    assert world.aws.calls == [*MAIN_CALLS, CALLS[flow][0]]


def test_no_flow_is_enabled(world: World) -> None:
    """All answers are shown; that of a choice, which the emulator does not have, names no flag."""
    pool = world.pool()
    client = app_client(world, pool, "CUSTOM_AUTH")

    message = failure(world, pool, {**step_inputs(world, pool, "ADMIN"), **client})

    for flow in FLOWS:
        assert f"{flow}: {CALLS[flow][0]} failed with InvalidParameterException" in message
        assert f"`ALLOW_{flow}`" in message
    assert "USER_AUTH: InitiateAuth failed with InvalidParameterException" in message
    assert "`ALLOW_USER_AUTH`" not in message
    assert world.aws.calls == [*MAIN_CALLS, *["InitiateAuth"] * 3, "AdminInitiateAuth"]


@pytest.mark.parametrize("flow", ["auto", "ADMIN_USER_PASSWORD_AUTH"])
def test_permission_for_the_admin_flow_is_missing(world: World, flow: str) -> None:
    """The statement to paste names the call and the pool's ARN."""
    pool = world.pool()
    client = app_client(world, pool, "ADMIN_USER_PASSWORD_AUTH")

    message = failure(world, pool, {**world.inputs(pool), **client, "auth-flow": flow})

    assert "AdminInitiateAuth failed with AccessDeniedException" in message
    assert json.loads(message[message.index("{") :]) == {
        "Effect": "Allow",
        "Action": [f"cognito-idp:{name}" for name in (*PERMISSIONS, "AdminInitiateAuth")],
        "Resource": f"arn:aws:cognito-idp:us-east-1:{ACCOUNT}:userpool/{pool}",
    }
    assert ("`ALLOW_USER_SRP_AUTH`" in message) is (flow == "auto")


def test_web_acl_leads_to_the_admin_flow(world: World) -> None:
    """With `auto`, the signed call is made if the public ones are forbidden."""
    pool = world.pool()
    client = app_client(world, pool, "ADMIN_USER_PASSWORD_AUTH")
    world.aws.on("InitiateAuth", *[FORBIDDEN] * 3)

    main = world.job().main({**step_inputs(world, pool, "ADMIN"), **client})

    assert (main.exit_code, main.annotations) == (0, []), main.log
    assert main.outputs["access-token"]
    assert world.aws.calls == [*MAIN_CALLS, *["InitiateAuth"] * 3, "AdminInitiateAuth"]


@pytest.mark.parametrize("flow", ["auto", "USER_PASSWORD_AUTH"])
def test_web_acl_is_named(world: World, flow: str) -> None:
    """If the admin flow is not available either, the error says what to allow, with both settings to paste."""
    pool = world.pool()
    client = app_client(world, pool, "USER_PASSWORD_AUTH")
    world.aws.on("InitiateAuth", *[FORBIDDEN] * 3)

    message = failure(world, pool, {**world.inputs(pool), **client, "auth-flow": flow})

    assert "AWS WAF" in message
    assert "with:\n  auth-flow: ADMIN_USER_PASSWORD_AUTH" in message
    assert ('"cognito-idp:AdminInitiateAuth"' in message) is (flow == "auto")


# The app client


@pytest.mark.parametrize("flow", FLOWS)
@pytest.mark.parametrize(
    ("has_secret", "given", "expected"),
    [
        (True, None, "client-secret: ${{ secrets.COGNITO_CLIENT_SECRET }}"),
        (True, "not-the-secret-of-the-client", "`client-secret` is not that of this app client"),
        (False, "a-secret-that-is-not-there", "Leave `client-secret` out."),
    ],
    ids=["missing", "wrong", "too much"],
)
def test_secret_of_the_client(world: World, flow: str, given: str | None, expected: str, *, has_secret: bool) -> None:
    """The error says whether it is missing or wrong, after one request and without quoting it."""
    pool = world.pool()
    client = app_client(world, pool, flow, secret=has_secret)
    client.pop("client-secret", None)
    secret = {"client-secret": given} if given else {}

    message = failure(world, pool, {**step_inputs(world, pool, flow), **client, **secret, "auth-flow": flow})

    assert expected in message
    assert given is None or given not in message
    assert world.aws.calls == [*MAIN_CALLS, CALLS[flow][0]]


def test_unknown_client(world: World) -> None:
    """The error says that the id is not the name."""
    pool = world.pool()

    message = failure(world, pool, {**step_inputs(world, pool, "ADMIN"), "client-id": "nosuchclient"})

    assert "InitiateAuth failed with ResourceNotFoundException" in message
    assert "it is the ID, not the name" in message
    assert world.aws.calls == [*MAIN_CALLS, "InitiateAuth"]


def test_client_of_another_pool(world: World) -> None:
    """Cognito only says that it does not know the user; the error says why that may be."""
    pool = world.pool()
    client = app_client(world, world.pool(), "USER_PASSWORD_AUTH")

    message = failure(world, pool, {**step_inputs(world, pool, "ADMIN"), **client})

    assert f"Set `client-id` to an app client of {pool}." in message
    assert world.aws.calls == [*MAIN_CALLS, "InitiateAuth"]


# The password


@pytest.mark.parametrize("flow", FLOWS)
def test_wrong_password_is_tried_once(world: World, flow: str) -> None:
    """Cognito itself refuses it, including the SRP proof; with `auto`, no later flow is tried with it."""
    pool = world.pool("email")
    client = world.account.create_app_client(pool, *_allowed_from(flow))
    first_call = CALLS[flow][0]
    tried = AUTO.index(flow)
    disabled: list[Rule] = [_forward] * (tried if first_call == "InitiateAuth" else 0)

    def change_password(call: Call) -> Answer:
        [username] = world.account.users(pool)
        world.account.cognito.admin_set_user_password(
            UserPoolId=pool, Username=username, Password="An0ther-password", Permanent=True
        )
        return call.forward()

    world.aws.on(first_call, *disabled, change_password)

    message = failure(world, pool, {**step_inputs(world, pool, "ADMIN"), "client-id": client})

    assert message.splitlines()[tried] == (
        f"{flow}: {CALLS[flow][-1]} failed with NotAuthorizedException: Incorrect username or password."
    )
    assert world.aws.calls == [*MAIN_CALLS, *["InitiateAuth"] * tried, *CALLS[flow]]


# What Cognito asks for


@pytest.mark.parametrize(
    ("challenge", "expected"),
    [
        ("SMS_MFA", "`phone-number`"),
        ("EMAIL_OTP", "`email-domain: ''`"),
        ("SELECT_MFA_TYPE", "authenticator apps"),
        ("CUSTOM_CHALLENGE", "leave `client-id` out"),
        ("NEW_PASSWORD_REQUIRED", "has reset it since"),
        ("SOMETHING_NEW", "leave `client-id` out"),
    ],
)
def test_challenge_that_no_ci_can_answer(world: World, challenge: str, expected: str) -> None:
    """It is named, with what to change in the pool or the step, and no further call is made."""
    pool = world.pool()
    client = app_client(world, pool, "USER_PASSWORD_AUTH")
    world.aws.on("InitiateAuth", _asking_for(challenge))

    message = failure(world, pool, {**step_inputs(world, pool, "ADMIN"), **client})

    assert message.startswith(f"The sign-in asks for {challenge}, which can't be answered here.")
    assert expected in message
    assert world.aws.calls == [*MAIN_CALLS, "InitiateAuth"]


def test_challenge_whose_name_may_be_anything(world: World) -> None:
    """No challenge of Cognito's is called like that, so the text is not repeated."""
    pool = world.pool()
    client = app_client(world, pool, "USER_PASSWORD_AUTH")
    world.aws.on("InitiateAuth", _asking_for("::error::SOMETHING%0ANEW"))

    message = failure(world, pool, {**step_inputs(world, pool, "ADMIN"), **client})

    assert message.startswith("The sign-in asks for something without a name, which can't be answered here.")


def test_pool_whose_second_factor_is_not_an_authenticator(world: World) -> None:
    """Nothing is set up if only a phone could be."""
    pool = world.pool()
    client = app_client(world, pool, "USER_PASSWORD_AUTH")
    world.aws.on("InitiateAuth", _asking_for("MFA_SETUP", MFAS_CAN_SETUP='["SMS_MFA"]'))

    message = failure(world, pool, {**step_inputs(world, pool, "ADMIN"), **client})

    assert "Enable authenticator apps in the pool's settings" in message
    assert world.aws.calls == [*MAIN_CALLS, "InitiateAuth"]


def test_challenge_that_srp_does_not_allow(world: World) -> None:
    """A number that would reveal the password is not answered, and the password itself is not sent either."""
    pool = world.pool()
    client = app_client(world, pool, "USER_SRP_AUTH")
    parameters = {"USER_ID_FOR_SRP": "x", "SALT": "ab", "SRP_B": "0", "SECRET_BLOCK": "YQ=="}
    world.aws.on("InitiateAuth", _forward, _asking_for("PASSWORD_VERIFIER", **parameters))

    message = failure(world, pool, {**step_inputs(world, pool, "ADMIN"), **client})

    assert "not one that SRP allows" in message
    assert world.aws.calls == [*MAIN_CALLS, "InitiateAuth", "InitiateAuth"]


@pytest.mark.parametrize("step", [0, 1])
def test_trigger_refuses(world: World, step: int) -> None:
    """Its own text is shown, whichever step it came from, and can do nothing in the log."""
    pool = world.pool()
    client = app_client(world, pool, "USER_SRP_AUTH")
    text = "PreAuthentication failed with error\n::stop-commands::x\n##[add-mask]e 100%25."
    world.aws.on(CALLS["USER_SRP_AUTH"][step], refusing("UserLambdaValidationException", text))
    inputs = {**step_inputs(world, pool, "USER_SRP_AUTH"), **client, "auth-flow": "USER_SRP_AUTH"}

    message = failure(world, pool, inputs)

    assert text in message
    assert "Lambda trigger" in message
    assert world.aws.calls == [*MAIN_CALLS, *CALLS["USER_SRP_AUTH"][: step + 1]]


def test_text_of_a_flow_that_was_skipped_is_harmless(world: World) -> None:
    """The reason why a flow is not open is logged in the server's words, which the runner must not obey."""
    pool = world.pool()
    client = app_client(world, pool, "USER_SRP_AUTH")
    world.aws.on("InitiateAuth", refusing("ForbiddenException", "no\n::stop-commands::x\r##[add-mask]e", 403))

    main = world.job().main({**step_inputs(world, pool, "USER_SRP_AUTH"), **client})

    assert (main.exit_code, main.annotations) == (0, []), main.log
    assert "stop-commands" not in main.executed
    assert "e" not in main.masks.secrets
    assert [line for line in main.log if "USER_PASSWORD_AUTH is not available here" in line]


@pytest.mark.parametrize("flow", FLOWS)
def test_service_that_fails_at_the_last_step(world: World, flow: str) -> None:
    """A user without tokens is not output, whatever the reason; what can change is tried again first."""
    pool = world.pool("email")
    client = app_client(world, pool, flow)
    slow = refusing("TooManyRequestsException", "Rate exceeded")
    world.aws.on(CALLS[flow][-1], slow, refusing("PasswordResetRequiredException", "Password reset required"))

    message = failure(world, pool, {**step_inputs(world, pool, flow), **client, "auth-flow": flow})

    assert f"{flow}: {CALLS[flow][-1]} failed with PasswordResetRequiredException: Password reset" in message
    assert world.aws.calls == [*MAIN_CALLS, *CALLS[flow], CALLS[flow][-1]]


def _allowed_from(flow: str) -> Any:
    """What an app client allows if it disables all flows before this one, and none after it."""
    return [f"ALLOW_{allowed}" for allowed in FLOWS[FLOWS.index(flow) :]] + ["ALLOW_REFRESH_TOKEN_AUTH"]


def _asking_for(challenge: str, **parameters: str) -> Rule:
    content = {"ChallengeName": challenge, "Session": "session-of-the-sign-in", "ChallengeParameters": parameters}
    answer = Answer(200, json.dumps(content).encode(), {"Content-Type": "application/x-amz-json-1.1"})
    return lambda _: answer


def _forward(call: Call) -> Answer:
    return call.forward()
