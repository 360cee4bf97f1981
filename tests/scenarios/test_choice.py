"""Choice-based sign-in, as far as its rules are known from the service model: the emulator does not have it."""

import pytest

from cognito_action.claims import claims_of
from tests.support.choices import offer_choice
from tests.support.sign_in import app_client, step_inputs
from tests.support.world import MAIN_CALLS, World


@pytest.mark.parametrize("ways", [("PASSWORD_SRP", "PASSWORD"), ("EMAIL_OTP", "PASSWORD")], ids="/".join)
@pytest.mark.parametrize("kind", ["plain", "email"])
def test_user_is_signed_in_by_the_best_way_that_is_offered(world: World, kind: str, ways: tuple[str, ...]) -> None:
    """By SRP, or by the password where there is only that; either takes two public calls."""
    pool = world.pool(kind)
    client = world.account.create_app_client(pool, "ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH")
    offer_choice(world, *ways)
    job = world.job()

    main = job.main(world.inputs(pool, client_id=client, auth_flow="USER_AUTH"))

    assert (main.exit_code, main.annotations) == (0, []), main.log
    assert world.aws.calls == [*MAIN_CALLS, "InitiateAuth", "RespondToAuthChallenge"]
    assert claims_of(main.outputs["access-token"])["sub"] == main.outputs["sub"]
    sent = [call.request.body.decode() for call in world.aws.log if "Auth" in call.operation]
    assert (main.outputs["password"] in "".join(sent)) is ("PASSWORD_SRP" not in ways)
    assert not [call for call in world.aws.log if "Auth" in call.operation and "Authorization" in call.request.headers]
    assert job.post().exit_code == 0
    assert world.account.users(pool) == []


def test_pool_without_passwords_is_named(world: World) -> None:
    """The step fails before anyone is sent a code, and the user is deleted."""
    pool = world.pool()
    client = world.account.create_app_client(pool, "ALLOW_USER_SRP_AUTH")
    offer_choice(world, "EMAIL_OTP", "WEB_AUTHN")
    job = world.job()

    main = job.main(world.inputs(pool, client_id=client, auth_flow="USER_AUTH"))

    [annotation] = main.annotations
    assert annotation.message.startswith(
        "USER_AUTH: InitiateAuth failed with PasswordNotOffered: Cognito offers EMAIL_OTP, WEB_AUTHN\n"
    )
    assert annotation.message.endswith("with:\n  auth-flow: none")
    assert world.aws.calls[len(MAIN_CALLS) :] == ["InitiateAuth"]
    assert job.post().exit_code == 0
    assert world.account.users(pool) == []


def test_advice_of_that_error_works(world: World) -> None:
    """With `auth-flow: none` no one is signed in, although there is an app client."""
    pool = world.pool()
    client = world.account.create_app_client(pool, "ALLOW_USER_SRP_AUTH")

    main = world.job().main(world.inputs(pool, client_id=client, auth_flow="none"))

    assert main.exit_code == 0
    assert world.aws.calls == MAIN_CALLS
    assert set(main.outputs) == {"username", "password", "email", "sub"}


def test_auto_gets_past_an_emulator_that_has_no_choice(world: World) -> None:
    """Only ADMIN_USER_PASSWORD_AUTH is enabled, which comes last."""
    pool = world.pool()
    inputs = step_inputs(world, pool, "ADMIN_USER_PASSWORD_AUTH")

    main = world.job().main({**inputs, **app_client(world, pool, "ADMIN_USER_PASSWORD_AUTH")})

    assert main.exit_code == 0, main.log
    assert world.aws.calls[len(MAIN_CALLS) :] == [*["InitiateAuth"] * 3, "AdminInitiateAuth"]
    assert [call["AuthFlow"] for call in world.aws.parameters("InitiateAuth")] == [
        *("USER_PASSWORD_AUTH", "USER_SRP_AUTH", "USER_AUTH"),
    ]


def test_adopted_user_need_not_be_signed_in(world: World) -> None:
    """The companion action reads the input in the same way."""
    pool = world.pool()
    created = world.job().main(world.inputs(pool, mask_username="false"))
    client = world.account.create_app_client(pool, "ALLOW_USER_SRP_AUTH")
    inputs = {
        **world.inputs(pool, client_id=client, auth_flow="none", username=created.outputs["username"]),
        "role-to-assume": world.role(pool, ["AdminSetUserPassword"]),
    }
    world.aws.calls.clear()

    adopted = world.run("adopt", inputs)

    assert adopted.exit_code == 0, adopted.log
    assert set(adopted.outputs) == {"username", "password"}
    assert not [call for call in world.aws.calls if "Auth" in call]
