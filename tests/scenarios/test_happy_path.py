"""The main feature: a user who can sign in, is output masked, and is gone when the job ends."""

import pytest
from pycognito.aws_srp import AWSSRP

from tests.support.world import MAIN_CALLS, POST_CALLS, World
from tools.emulator.proxy import refusing

PHONE = "+15555550123"


@pytest.mark.parametrize("kind", ["plain", "email"])
def test_user_signs_in_between_main_and_post_and_is_gone_after(world: World, kind: str) -> None:
    """Main makes four requests, post three, and the user exists between the two."""
    pool = world.pool(kind)
    job = world.job()
    inputs = world.inputs(pool)

    main = job.main(inputs)

    assert (main.exit_code, main.stderr, main.annotations) == (0, "", [])
    assert world.aws.calls == MAIN_CALLS
    assert world.sign_in(pool, main)["AccessToken"]

    world.aws.calls.clear()
    post = job.post(inputs)

    assert (post.exit_code, post.stderr, post.annotations) == (0, "", [])
    assert world.aws.calls == POST_CALLS
    assert world.account.users(pool) == []


@pytest.mark.parametrize("kind", ["phone", "email or phone", "email alias", "phone alias"])
def test_other_pools_work_with_the_same_three_permissions(world: World, kind: str) -> None:
    """Whatever people sign in with, the user signs in with `username` and is gone after post."""
    pool = world.pool(kind)
    job = world.job()

    main = job.main(world.inputs(pool, phone_number=PHONE))

    assert main.exit_code == 0, main.log
    assert world.sign_in(pool, main)["AccessToken"]
    assert main.outputs["username"] == (PHONE if kind == "phone" else main.outputs["email"])
    assert job.post().exit_code == 0
    assert world.account.users(pool) == []


def test_email_alias_pool_gets_a_plain_name(world: World) -> None:
    """If the address is an alias, Cognito refuses it as the username, and the bare name is tried instead."""
    pool = world.pool("email alias")
    job = world.job()
    refusal = "Username cannot be of email format, since user pool is configured for email alias."
    world.aws.on("AdminCreateUser", refusing("InvalidParameterException", refusal))

    main = job.main(world.inputs(pool))

    assert main.exit_code == 0, main.log
    assert main.outputs["email"] == f"{main.outputs['username']}@example.com"
    assert world.account.users(pool) == [main.outputs["username"]]
    assert world.sign_in(pool, main)["AccessToken"]
    assert job.post().exit_code == 0
    assert world.account.users(pool) == []


def test_independent_client_signs_in_by_srp(world: World) -> None:
    """pycognito proves the password to the pool by SRP, with nothing but the outputs."""
    pool = world.pool("email")
    main = world.job().main(world.inputs(pool))
    client_id = world.app_client(pool)
    username, password = main.outputs["username"], main.outputs["password"]
    cognito = world.account.cognito

    tokens = AWSSRP(username, password, pool, client_id, client=cognito).authenticate_user()

    assert tokens["AuthenticationResult"]["AccessToken"]
    with pytest.raises(cognito.exceptions.NotAuthorizedException):
        AWSSRP(username, f"{password}x", pool, client_id, client=cognito).authenticate_user()


def test_creation_sends_all_that_cognito_needs_and_no_more(world: World) -> None:
    """The creating call sends no message, takes over no alias, and has every attribute and the client metadata."""
    pool = world.pool(Schema=[{"Name": "team", "AttributeDataType": "String"}])
    job = world.job()

    main = job.main(
        world.inputs(
            pool,
            attributes="custom:team=blue\nname = Ada Lovelace\n\nwebsite=https://example.com/?a=b",
            client_metadata="source=ci",
            phone_number=PHONE,
            email_domain="Test.Example.org",
        )
    )

    assert main.exit_code == 0, main.log
    [create] = world.aws.parameters("AdminCreateUser")
    [password] = world.aws.parameters("AdminSetUserPassword")
    assert create["MessageAction"] == "SUPPRESS"
    assert "ForceAliasCreation" not in create
    assert create["ClientMetadata"] == {"source": "ci"}
    assert {attribute["Name"]: attribute["Value"] for attribute in create["UserAttributes"]} == {
        "custom:team": "blue",
        "name": "Ada Lovelace",
        "website": "https://example.com/?a=b",
        "email": main.outputs["email"],
        "email_verified": "true",
        "phone_number": PHONE,
        "phone_number_verified": "true",
    }
    assert main.outputs["email"].endswith("@test.example.org")
    assert password["Permanent"] is True
    assert password["Password"] == main.outputs["password"]
    assert create["TemporaryPassword"] != main.outputs["password"]


def test_user_without_email_address(world: World) -> None:
    """With an empty `email-domain`, the user has a plain name and no address."""
    pool = world.pool()
    job = world.job()

    main = job.main(world.inputs(pool, email_domain=""))

    assert main.exit_code == 0, main.log
    assert main.outputs["email"] == ""
    assert world.aws.parameters("AdminCreateUser")[0]["UserAttributes"] == []
    assert job.post().exit_code == 0
    assert world.account.users(pool) == []


@pytest.mark.parametrize("length", [6, 99])
def test_any_password_policy(world: World, length: int) -> None:
    """The shortest and the longest minimum with all classes required are both met, the longest on a second try."""
    policy = {
        "MinimumLength": length,
        "RequireUppercase": True,
        "RequireLowercase": True,
        "RequireNumbers": True,
        "RequireSymbols": True,
    }
    pool = world.pool(Policies={"PasswordPolicy": policy})
    job = world.job()

    main = job.main(world.inputs(pool, password_length="8"))

    assert main.exit_code == 0, main.log
    assert len(main.outputs["password"]) == (8 if length == 6 else 99)
    assert world.sign_in(pool, main)["AccessToken"]
    assert world.aws.calls.count("AdminCreateUser") == (1 if length == 6 else 2)
    assert job.post().exit_code == 0
    assert world.account.users(pool) == []


def test_policy_that_refuses_the_final_password_only(world: World) -> None:
    """If the second call refuses the password, only that call is repeated, with a longer one that is masked first."""
    pool = world.pool()
    job = world.job()
    world.aws.on("AdminSetUserPassword", refusing("InvalidPasswordException", "Password did not conform with policy"))

    main = job.main(world.inputs(pool))

    assert main.exit_code == 0, main.log
    assert len(main.outputs["password"]) == 99
    assert world.aws.calls == [*MAIN_CALLS, "AdminSetUserPassword"]
    assert world.sign_in(pool, main)["AccessToken"]


def test_user_stays_with_cleanup_false(world: World) -> None:
    """With `cleanup: false`, post says that it keeps the user, and makes no AWS call."""
    pool = world.pool()
    job = world.job()
    main = job.main(world.inputs(pool, cleanup="FALSE"))
    world.aws.calls.clear()

    post = job.post()

    assert (post.exit_code, post.log, world.aws.calls) == (0, ["The users stay, since cleanup is false."], [])
    assert world.account.users(pool) == [main.outputs["username"]]


def test_failed_main_is_cleaned_up_even_with_cleanup_false(world: World) -> None:
    """A main that fails after the creation leaves no user behind, whatever `cleanup` says."""
    pool = world.pool()
    job = world.job()
    world.aws.on("AdminSetUserPassword", refusing("NotAuthorizedException", "no"))

    main = job.main(world.inputs(pool, cleanup="false"))

    assert main.exit_code == 1
    assert len(world.account.users(pool)) == 1
    assert job.post().exit_code == 0
    assert world.account.users(pool) == []
