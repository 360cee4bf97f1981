"""Sign-in: the tokens of the user that the step created, with whichever flow the app client allows."""

from typing import Any

import pytest

from cognito_action.claims import claims_of
from cognito_action.inputs.sign_in import FLOWS as AUTO
from tests.support.sign_in import CALLS, FLOWS, app_client, step_inputs
from tests.support.world import MAIN_CALLS, World
from tools.emulator.job import Job, Stage
from tools.emulator.proxy import Call, losing_answer, refusing
from tools.emulator.workflow_commands import lines_of, parse_line

GROUP = "AdminAddUserToGroup"
TOKENS = ("access-token", "id-token", "refresh-token")


@pytest.mark.parametrize("flow", FLOWS)
@pytest.mark.parametrize("secret", [False, True], ids=["public client", "client with secret"])
@pytest.mark.parametrize("kind", ["plain", "email"])
def test_tokens_are_the_users(world: World, kind: str, flow: str, *, secret: bool) -> None:
    """With each flow, named or found, with the fewest requests and permissions; post deletes the users."""
    pool = world.pool(kind)
    for group in ("admins", "editors", "viewers"):
        world.account.cognito.create_group(UserPoolId=pool, GroupName=group)
    client = app_client(world, pool, flow, secret=secret)
    inputs = {**step_inputs(world, pool, flow, GROUP), **client, "groups": "editors, admins"}
    named, found = world.job(), world.job()

    main = named.main({**inputs, "auth-flow": flow})

    joined = [*MAIN_CALLS, GROUP, GROUP]
    assert world.aws.calls == [*joined, *CALLS[flow]]
    _has_the_users_tokens(world, pool, main, client["client-id"])
    _only_the_admin_flow_is_signed(world, flow)

    world.aws.calls.clear()
    main = found.main(inputs)

    tried = ["InitiateAuth"] * AUTO.index(flow)
    assert world.aws.calls == [*joined, *tried, *CALLS[flow]]
    _has_the_users_tokens(world, pool, main, client["client-id"])

    assert (named.post().exit_code, found.post().exit_code) == (0, 0)
    assert world.account.users(pool) == []


def test_step_without_app_client_signs_nobody_in(world: World) -> None:
    """It makes no more calls and has no more outputs than before, and its session may not sign in."""
    main = world.job().main(world.inputs(world.pool()))

    assert main.exit_code == 0
    assert world.aws.calls == MAIN_CALLS
    assert set(main.outputs) == {"username", "password", "email", "sub"}
    assert "Auth" not in world.aws.parameters("AssumeRoleWithWebIdentity")[0]["Policy"]


def test_metadata_goes_to_the_triggers_of_every_step(world: World) -> None:
    """`client-metadata` is in the creation and in both steps of the sign-in."""
    pool = world.pool()
    client = app_client(world, pool, "USER_SRP_AUTH")

    main = world.job().main(
        {**world.inputs(pool, client_metadata="source=ci\nsuite=smoke"), **client, "auth-flow": "USER_SRP_AUTH"}
    )

    assert main.exit_code == 0, main.log
    for operation in ("AdminCreateUser", "InitiateAuth", "RespondToAuthChallenge"):
        [parameters] = world.aws.parameters(operation)
        assert parameters["ClientMetadata"] == {"source": "ci", "suite": "smoke"}


@pytest.mark.parametrize("debug", ["0", "1"])
@pytest.mark.parametrize("fails", [False, True], ids=["succeeds", "fails"])
def test_nothing_secret_is_in_the_log(world: World, debug: str, *, fails: bool) -> None:
    """Every secret of a sign-in is on stdout only as a mask, and in no file but the outputs."""
    pool = world.pool("email")
    client = app_client(world, pool, "USER_SRP_AUTH", secret=True)
    inputs = {**step_inputs(world, pool, "USER_SRP_AUTH"), **client}
    job = world.job()
    world.aws.on("RespondToAuthChallenge", losing_answer)
    if fails:
        world.aws.on("RespondToAuthChallenge", refusing("InvalidParameterException", "no"))

    main = job.main(inputs, RUNNER_DEBUG=debug)
    post = job.post(RUNNER_DEBUG=debug)

    assert (main.exit_code, post.exit_code) == (int(fails), 0)
    secrets = {client["client-secret"], *(main.outputs[name] for name in TOKENS if not fails)}
    for call in _sign_in_calls(world):
        secrets |= {
            value
            for part in ("AuthParameters", "ChallengeResponses")
            for name, value in call.parameters.get(part, {}).items()
            if name == "SECRET_HASH"
        }
    assert len(secrets) == (3 if fails else 6)
    for stage in (main, post):
        _shows_only_masks_of(stage, secrets | main.masks.secrets)
        kept = "".join(content for name, content in stage.files.items() if name != "GITHUB_OUTPUT")
        assert not [secret for secret in secrets if secret in stage.stderr + kept]


@pytest.mark.parametrize("flow", FLOWS)
def test_lost_answers_cost_only_time(world: World, flow: str) -> None:
    """Each call of the sign-in is once carried out without an answer, and once throttled."""
    pool = world.pool("email")
    client = app_client(world, pool, flow, secret=True)
    slow = refusing("TooManyRequestsException", "Rate exceeded")
    for operation in CALLS[flow]:
        world.aws.on(operation, losing_answer, slow)
    job = world.job()

    main = job.main({**step_inputs(world, pool, flow), **client, "auth-flow": flow})

    assert world.aws.calls == [*MAIN_CALLS, *(operation for operation in CALLS[flow] for _ in range(3))]
    _has_the_users_tokens(world, pool, main, client["client-id"], groups=None)
    assert job.post().exit_code == 0
    assert world.account.users(pool) == []


def test_user_of_a_pool_with_phone_numbers_is_signed_in(world: World) -> None:
    """A person would type the number there, and the proof needs Cognito's own name for the user."""
    pool = world.pool("phone")
    client = app_client(world, pool, "USER_SRP_AUTH")
    job: Job = world.job()

    main = job.main({**step_inputs(world, pool, "USER_SRP_AUTH"), **client, "phone-number": "+15555550123"})

    _has_the_users_tokens(world, pool, main, client["client-id"], groups=None)
    first = world.aws.parameters("InitiateAuth")[-1]
    last = world.aws.parameters("RespondToAuthChallenge")[0]
    assert first["AuthParameters"]["USERNAME"] == "+15555550123"
    assert last["ChallengeResponses"]["USERNAME"] == main.outputs["sub"]


def _has_the_users_tokens(
    world: World,
    pool: str,
    main: Stage,
    client_id: str,
    groups: frozenset[str] | None = frozenset({"admins", "editors"}),
) -> None:
    """The three outputs are masked, belong to this user, this client and these groups, and work."""
    assert (main.exit_code, main.stderr, main.annotations) == (0, "", []), main.log
    access, identity, refresh = (main.outputs[name] for name in TOKENS)
    assert {access, identity, refresh} <= main.masks.secrets
    _shows_only_masks_of(main, {access, identity, refresh})
    for token, use in ((access, "access"), (identity, "id")):
        claims = claims_of(token)
        assert claims["sub"] == main.outputs["sub"]
        assert claims["token_use"] == use
        assert claims["client_id" if use == "access" else "aud"] == client_id
        assert str(claims["iss"]).endswith(pool)
        listed: Any = claims.get("cognito:groups")
        assert (None if listed is None else frozenset(listed)) == groups
    user = world.account.cognito.get_user(AccessToken=access)
    assert {"Name": "sub", "Value": main.outputs["sub"]} in user["UserAttributes"]


def _only_the_admin_flow_is_signed(world: World, flow: str) -> None:
    """A public call carries no credentials, and the session policy allows signed ones only if they are used."""
    admin = flow.startswith("ADMIN")
    for call in _sign_in_calls(world):
        assert ("Authorization" in call.request.headers) is admin
        assert ("X-Amz-Security-Token" in call.request.headers) is admin
    [assumed] = world.aws.parameters("AssumeRoleWithWebIdentity")
    assert ("AdminInitiateAuth" in assumed["Policy"]) is admin
    assert ("AdminRespondToAuthChallenge" in assumed["Policy"]) is admin


def _shows_only_masks_of(stage: Stage, secrets: set[str]) -> None:
    """Each line of stdout that holds one of them is a command that masks it."""
    shown = [line for line in lines_of(stage.stdout) if any(secret in line for secret in secrets)]
    for line in shown:
        command = parse_line(line)
        assert command
        assert command.name == "add-mask"
    assert not [secret for secret in secrets if secret in stage.stderr + "\n".join(stage.log)]


def _sign_in_calls(world: World) -> list[Call]:
    calls = [call for call in world.aws.log if "Auth" in call.operation]
    assert calls
    return calls
