"""What the inputs of a step change about a sign-up."""

import pytest

from tests.support.sign_up import (
    PERMISSIONS,
    PHONE,
    SENT,
    SESSION,
    SIGN_UP,
    SRP,
    attributes_of,
    sent_attributes,
    session_permissions,
    sign_up_inputs,
    signs_in,
    strict_pool,
)
from tests.support.the_error import the_error
from tests.support.world import World


@pytest.mark.parametrize(
    ("flow", "allowed", "calls"),
    [
        ("none", SENT, []),
        ("USER_SRP_AUTH", SENT, SRP),
        ("ADMIN_USER_PASSWORD_AUTH", sorted([*SENT, "AdminRespondToAuthChallenge"]), ["AdminInitiateAuth"]),
    ],
)
def test_session_may_do_what_the_flow_needs(world: World, flow: str, allowed: list[str], calls: list[str]) -> None:
    """Whatever the role allows."""
    pool = world.pool("email")
    more = ("AdminAddUserToGroup", "AdminRespondToAuthChallenge", "ListUsers", "AdminCreateUser")
    client = world.account.create_app_client(pool, "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH")

    main = world.job().main(sign_up_inputs(world, pool, *more, auth_flow=flow, client_id=client))

    assert (main.exit_code, main.annotations) == (0, []), main.log
    assert session_permissions(world) == allowed
    assert world.aws.calls == [*SESSION, *SIGN_UP, *calls]
    assert ("access-token" in main.outputs) is bool(calls)
    assert signs_in(world, pool, main)


def test_sign_up_sends_all_that_the_workflow_says(world: World) -> None:
    """Attributes, and the client metadata to both triggers; nothing claims that a number or an address is verified."""
    pool = world.pool(Schema=[{"Name": "team", "AttributeDataType": "String"}])
    inputs = sign_up_inputs(world, pool, attributes="custom:team=blue\nname=Ada", client_metadata="source=ci")

    main = world.job().main({**inputs, "email-domain": "Test.Example.org", "phone-number": PHONE})

    assert (main.exit_code, main.annotations) == (0, []), main.log
    [sign_up], [confirm] = world.aws.parameters("SignUp"), world.aws.parameters("AdminConfirmSignUp")
    assert (sign_up["ClientMetadata"], confirm["ClientMetadata"]) == ({"source": "ci"}, {"source": "ci"})
    email = main.outputs["email"]
    assert email.startswith("gha-")
    assert email.endswith("@test.example.org")
    assert sent_attributes(sign_up) == {"custom:team": "blue", "name": "Ada", "email": email, "phone_number": PHONE}
    [update] = world.aws.parameters("AdminUpdateUserAttributes")
    assert sent_attributes(update) == {"email_verified": "true"}


@pytest.mark.parametrize("kind", ["plain", "email alias", "phone", "email or phone"])
def test_user_without_an_address(world: World, kind: str) -> None:
    """There is none to verify, and the role needs one permission less."""
    pool = strict_pool(world, kind)
    permissions = [name for name in PERMISSIONS if name != "AdminUpdateUserAttributes"]
    inputs = sign_up_inputs(world, pool, phone_number=PHONE if "phone" in kind else "", email_domain="")
    job = world.job()

    main = job.main({**inputs, "role-to-assume": world.role(pool, permissions)})

    assert (main.exit_code, main.annotations) == (0, []), main.log
    assert main.outputs["email"] == ""
    assert "AdminUpdateUserAttributes" not in world.aws.calls
    assert "email" not in attributes_of(world, pool, main.outputs["sub"])
    assert job.post().annotations == []
    assert world.account.users(pool) == []


def test_client_with_a_secret(world: World) -> None:
    """Its hash is sent, and the secret is masked."""
    pool = world.pool("email")
    created = world.account.cognito.create_user_pool_client(
        UserPoolId=pool, ClientName="web", GenerateSecret=True, ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH"]
    )["UserPoolClient"]
    client, secret = created["ClientId"], created["ClientSecret"]
    inputs = sign_up_inputs(world, pool, client_id=client)
    job = world.job()

    right = job.main({**inputs, "client-secret": secret})
    missing = the_error(world.job().main(inputs))
    wrong = the_error(world.job().main({**inputs, "client-secret": f"{secret[:-1]}x"}))

    assert (right.exit_code, right.annotations) == (0, []), right.log
    assert secret in right.masks.secrets
    assert missing.startswith("SignUp failed with NotAuthorizedException")
    assert "The app client has a secret, and `client-secret` is not set." in missing
    assert "`client-secret` is not that of this app client" in wrong
    assert len(world.account.users(pool)) == 1
    assert job.post().exit_code == 0
    assert world.account.users(pool) == []


def test_secret_of_a_client_that_has_none(world: World) -> None:
    """The error says to leave it out, and nobody signs up."""
    pool = world.pool("email")

    told = the_error(world.job().main(sign_up_inputs(world, pool, client_secret="x" * 52)))

    assert "Leave `client-secret` out." in told
    assert world.account.users(pool) == []


@pytest.mark.parametrize("length", [6, 99])
def test_any_password_policy(world: World, length: int) -> None:
    """Cognito says at the first try that it wants a longer one."""
    policy = {"MinimumLength": length, **{f"Require{what}": True for what in ("Uppercase", "Numbers", "Symbols")}}
    pool = world.pool("email", Policies={"PasswordPolicy": policy})

    main = world.job().main(sign_up_inputs(world, pool, password_length="8"))

    assert (main.exit_code, main.annotations) == (0, []), main.log
    assert len(main.outputs["password"]) == (8 if length == 6 else 99)
    assert signs_in(world, pool, main)


def test_name_that_crosses_jobs(world: World) -> None:
    """It can be seen, the password and the tokens can't, and post keeps the user."""
    pool = world.pool("email")
    job = world.job()

    main = job.main(sign_up_inputs(world, pool, mask_username="false", cleanup="false"))
    world.aws.calls.clear()
    post = job.post()

    assert (main.exit_code, main.annotations) == (0, []), main.log
    assert main.outputs["username"] not in main.masks.secrets
    assert {main.outputs[name] for name in ("password", "id-token", "access-token", "refresh-token")} <= (
        main.masks.secrets
    )
    assert (post.exit_code, post.log, world.aws.calls) == (0, ["The users stay, since cleanup is false."], [])
    assert world.account.users(pool) == [main.outputs["sub"]]


def test_log_does_not_show_the_name(world: World) -> None:
    """The random part of it is nowhere, nor is the password, even if debugging is on."""
    pool = strict_pool(world, "email alias")

    main = world.job().main(sign_up_inputs(world, pool), RUNNER_DEBUG="1")

    assert main.exit_code == 0, main.log
    random_part = main.outputs["username"][-16:]
    assert not [line for line in main.log if random_part in line]
    assert random_part not in main.summary
    assert main.outputs["sub"] in main.summary
