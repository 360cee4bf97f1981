"""A second factor: a user of a pool that requires one is signed in, and the tests can generate codes."""

import pytest
from pyotp.totp import TOTP

from cognito_action.claims import claims_of
from tests.support.mfa_pool import MfaPool
from tests.support.sign_in import app_client
from tests.support.world import MAIN_CALLS, World
from tools.emulator.account import PERMISSIONS
from tools.emulator.job import Stage
from tools.emulator.proxy import refusing
from tools.emulator.workflow_commands import lines_of, parse_line

SETUP = ["AssociateSoftwareToken", "VerifySoftwareToken"]
CALLS = {
    "USER_PASSWORD_AUTH": ["InitiateAuth", *SETUP, "RespondToAuthChallenge"],
    "USER_SRP_AUTH": ["InitiateAuth", "RespondToAuthChallenge", *SETUP, "RespondToAuthChallenge"],
    "ADMIN_USER_PASSWORD_AUTH": ["AdminInitiateAuth", *SETUP, "AdminRespondToAuthChallenge"],
}
TOKENS = {"access-token", "id-token", "refresh-token"}


def inputs_of(world: World, pool: str, flow: str, client: dict[str, str]) -> dict[str, str]:
    """The inputs of a step with the permissions that this flow needs."""
    admin = ["AdminInitiateAuth", "AdminRespondToAuthChallenge"] if flow.startswith("ADMIN") else []
    role = world.role(pool, [*PERMISSIONS, *admin])
    return {"user-pool-id": pool, "role-to-assume": role, "auth-flow": flow, **client}


def guarded(client: dict[str, str], *, earlier: int = 1, costly: bool = False) -> MfaPool:
    return MfaPool(client["client-id"], client.get("client-secret", ""), earlier, costly)


@pytest.mark.parametrize(
    ("flow", "kind", "secret"),
    [
        ("USER_PASSWORD_AUTH", "plain", False),
        ("USER_PASSWORD_AUTH", "email", True),
        ("USER_SRP_AUTH", "email", False),
        ("ADMIN_USER_PASSWORD_AUTH", "plain", True),
        ("ADMIN_USER_PASSWORD_AUTH", "email", False),
    ],
)
def test_first_code_of_a_test_is_accepted(world: World, flow: str, kind: str, *, secret: bool) -> None:
    """Each flow sets up an authenticator, and from then on its codes are the tests' own, without a wait."""
    pool = world.pool(kind)
    client = app_client(world, pool, flow, secret=secret)
    mfa = guarded(client)
    mfa.guard(world.aws)
    job = world.job()

    main = job.main(inputs_of(world, pool, flow, client))

    code = TOTP(main.outputs["totp-secret"]).now()
    _is_signed_in(main)
    assert main.outputs["totp-secret"] == mfa.secret
    assert mfa.accepts(code)
    assert not mfa.accepts(code)
    assert world.aws.calls == [*MAIN_CALLS, *CALLS[flow]]
    assert not [line for line in main.log if line.startswith("Waiting ")]
    _shows_no_secret(main, mfa)
    assert job.post().exit_code == 0
    assert world.account.users(pool) == []


def test_pool_that_accepts_only_the_current_code(world: World) -> None:
    """The sign-in succeeds although the refused code used up a session; then main waits for the next window."""
    pool = world.pool()
    client = app_client(world, pool, "USER_PASSWORD_AUTH")
    mfa = guarded(client, earlier=0, costly=True)
    mfa.guard(world.aws)

    main = world.job().main(inputs_of(world, pool, "USER_PASSWORD_AUTH", client))

    code = TOTP(main.outputs["totp-secret"]).now()
    _is_signed_in(main)
    assert main.outputs["totp-secret"] == mfa.secret
    assert world.aws.parameters("VerifySoftwareToken")[-1]["UserCode"] in mfa.used
    assert mfa.accepts(code)
    assert [line for line in main.log if line.startswith("Waiting ")]


@pytest.mark.parametrize(
    ("flow", "lost"),
    [
        ("USER_SRP_AUTH", "InitiateAuth"),
        ("USER_SRP_AUTH", "RespondToAuthChallenge"),
        ("USER_PASSWORD_AUTH", "AssociateSoftwareToken"),
        ("ADMIN_USER_PASSWORD_AUTH", "AdminRespondToAuthChallenge"),
    ],
)
def test_lost_answer_restarts_the_sign_in(world: World, flow: str, lost: str) -> None:
    """A session works only once, so what got lost can't be requested again; the secret in the outputs is valid.

    If the setup was complete, Cognito asks for a code, and main waits until the tests have one of their own.
    """
    pool = world.pool("email")
    client = app_client(world, pool, flow, secret=True)
    mfa = guarded(client)
    mfa.guard(world.aws, lose=lost)
    job = world.job()

    main = job.main(inputs_of(world, pool, flow, client), RUNNER_DEBUG="1")

    code = TOTP(main.outputs["totp-secret"]).now()
    _is_signed_in(main)
    assert main.outputs["totp-secret"] == mfa.secret
    assert mfa.accepts(code)
    _shows_no_secret(main, mfa)
    assert job.post().exit_code == 0
    assert world.account.users(pool) == []


@pytest.mark.parametrize(
    ("operation", "code", "message", "expected"),
    [
        ("AssociateSoftwareToken", "SoftwareTokenMFANotFoundException", "not enabled", "authenticator apps"),
        ("AssociateSoftwareToken", "ForbiddenException", "Request not allowed due to WAF block.", "AWS WAF"),
        ("VerifySoftwareToken", "EnableSoftwareTokenMFAException", "Code mismatch", "clock"),
        ("RespondToAuthChallenge", "UserLambdaValidationException", "PostAuthentication: no", "Lambda trigger"),
        ("RespondToAuthChallenge", "NotAuthorizedException", "Invalid session for the user.", "session"),
    ],
)
def test_failure_in_the_setup_leaves_no_user_and_no_output(
    world: World, operation: str, code: str, message: str, expected: str
) -> None:
    """There is no output for a user who is half signed in, one explained error, and post deletes the user."""
    pool = world.pool()
    client = app_client(world, pool, "USER_PASSWORD_AUTH")
    mfa = guarded(client)
    mfa.guard(world.aws, refuse={operation: refusing(code, message)})
    job = world.job()

    main = job.main(inputs_of(world, pool, "USER_PASSWORD_AUTH", client), RUNNER_DEBUG="1")

    assert (main.exit_code, main.stderr, main.outputs) == (1, "", {})
    [annotation] = main.annotations
    assert f"{operation} failed with {code}: {message}" in annotation.message
    assert expected in annotation.message
    _shows_no_secret(main, mfa)
    assert len(world.account.users(pool)) == 1
    assert job.post().exit_code == 0
    assert world.account.users(pool) == []


def test_answer_to_the_challenge_needs_its_own_permission(world: World) -> None:
    """With the admin flow, the role also has to answer challenges, and the error has the statement."""
    flow = "ADMIN_USER_PASSWORD_AUTH"
    pool = world.pool()
    client = app_client(world, pool, flow)
    guarded(client).guard(world.aws, refuse={"AdminRespondToAuthChallenge": lambda call: call.forward()})
    inputs = inputs_of(world, pool, flow, client)
    inputs["role-to-assume"] = world.role(pool, [*PERMISSIONS, "AdminInitiateAuth"])

    main = world.job().main(inputs)

    assert (main.exit_code, main.outputs) == (1, {})
    message = main.annotations[0].message
    assert "AdminRespondToAuthChallenge failed with AccessDeniedException" in message
    assert '"cognito-idp:AdminRespondToAuthChallenge"' in message


def _is_signed_in(main: Stage) -> None:
    assert (main.exit_code, main.stderr, main.annotations) == (0, "", []), main.log
    assert set(main.outputs) == {"username", "password", "email", "sub", *TOKENS, "totp-secret"}
    assert claims_of(main.outputs["access-token"])["sub"] == main.outputs["sub"]


def _shows_no_secret(main: Stage, mfa: MfaPool) -> None:
    """Tokens, sessions and the authenticator's secret are on stdout only as masks, and in no file but the outputs."""
    secrets = {mfa.secret, *mfa.sessions, *(main.outputs[name] for name in TOKENS if main.outputs)} - {""}
    masked, others = set(), []
    for line in lines_of(main.stdout):
        command = parse_line(line)
        if command and command.name == "add-mask":
            masked.add(command.data)
        else:
            others.append(line)
    kept = [content for name, content in main.files.items() if name != "GITHUB_OUTPUT"]
    seen = "\n".join([*others, *kept, *main.log, main.stderr])
    assert not [secret for secret in secrets if secret in seen]
    assert mfa.sessions[-1] in masked
    assert {main.outputs[name] for name in ("totp-secret", *TOKENS) if main.outputs} <= masked
