"""Users who sign up, on cognito-local: the app's triggers run for them, as for nobody whom an administrator creates."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.app_functions import AppFunctions, app_functions
from tests.support.cognito_local import EMAIL_POOL, PLAIN_POOL, cognito_local, new_job, world_of
from tests.support.world import World
from tools.emulator.http import Answer
from tools.emulator.proxy import Call, losing_answer

POOLS = [PLAIN_POOL, EMAIL_POOL]

VERIFY = ["AdminUpdateUserAttributes", "AdminUpdateUserAttributes"]
"""cognito-local refuses to verify an address that the call does not name, so the action calls again, and names it."""

FORM = {"users": "visitor: {create: false}"}
"""The users of a step for a test that fills in the sign-up form itself."""


@pytest.fixture(scope="module")
def functions() -> Iterator[AppFunctions]:
    with app_functions() as functions:
        yield functions


@pytest.fixture(scope="module")
def endpoint(functions: AppFunctions, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with cognito_local(tmp_path_factory.mktemp("cognito-local"), functions.url) as url:
        yield url


@pytest.fixture
def world(endpoint: str, tmp_path: Path) -> Iterator[World]:
    with world_of(endpoint, tmp_path) as world:
        yield world


@pytest.fixture
def app(functions: AppFunctions) -> AppFunctions:
    """The app whose functions the triggers run, with an empty table."""
    functions.reset()
    return functions


def app_client(world: World, pool: str) -> str:
    """The ID of a new app client."""
    return world.account.create_app_client(pool, "ALLOW_USER_PASSWORD_AUTH")


def inputs(world: World, pool: str, **more: str) -> dict[str, str]:
    """The inputs of a step whose users sign up and are signed in; `_` in names stands for `-`."""
    named = {name.replace("_", "-"): value for name, value in more.items()}
    client = {"client-id": app_client(world, pool), "auth-flow": "USER_PASSWORD_AUTH"}
    return {"user-pool-id": pool, **client, "sign-up": "true", **named}


def fill_in(world: World, client_id: str, username: str, password: str, email: str) -> str:
    """Sign up as an app's form does, and return the `sub`."""
    answer = world.account.cognito.sign_up(
        ClientId=client_id,
        Username=username,
        Password=password,
        UserAttributes=[{"Name": "email", "Value": email}],
    )
    return answer["UserSub"]


@pytest.mark.parametrize("pool", POOLS)
def test_trigger_has_run_before_the_user_signs_in(world: World, app: AppFunctions, pool: str) -> None:
    """The app knows the user when main signs in, the tokens are those of this user, and post deletes the user."""
    at_sign_in: list[dict[str, str]] = []

    def signing_in(call: Call) -> Answer:
        at_sign_in.append(dict(app.rows))
        return call.forward()

    world.aws.on("InitiateAuth", signing_in)
    job = new_job(world)

    main = job.main(inputs(world, pool))

    assert (main.exit_code, main.stderr, main.annotations) == (0, "", []), main.log
    assert world.aws.calls == ["AdminInitiateAuth", "SignUp", "AdminConfirmSignUp", *VERIFY, "InitiateAuth"]
    row = {main.outputs["sub"]: main.outputs["email"]}
    assert (at_sign_in, app.rows) == ([row], row)
    user = world.account.cognito.get_user(AccessToken=main.outputs["access-token"])
    assert {attribute["Name"]: attribute["Value"] for attribute in user["UserAttributes"]} == {
        "sub": main.outputs["sub"],
        "email": main.outputs["email"],
        "email_verified": "true",
    }
    world.aws.calls.clear()
    post = job.post()
    assert (post.exit_code, post.stderr, post.annotations) == (0, "", []), post.log
    assert world.aws.calls == ["AdminDeleteUser"]
    assert world.account.users(pool) == []


def test_trigger_runs_for_a_plain_name(world: World, app: AppFunctions) -> None:
    """Without an address there is none to verify."""
    job = new_job(world)

    main = job.main(inputs(world, PLAIN_POOL, email_domain=""))

    assert (main.exit_code, main.annotations) == (0, []), main.log
    assert world.aws.calls == ["AdminInitiateAuth", "SignUp", "AdminConfirmSignUp", "InitiateAuth"]
    assert world.account.users(PLAIN_POOL) == [main.outputs["username"]]
    assert list(app.rows) == [main.outputs["sub"]]
    assert job.post().annotations == []
    assert world.account.users(PLAIN_POOL) == []


@pytest.mark.parametrize("pool", POOLS)
def test_trigger_does_not_run_without_sign_up(world: World, app: AppFunctions, pool: str) -> None:
    """A user whom an administrator creates gets tokens too, but the app does not know the user."""
    main = new_job(world).main(inputs(world, pool, sign_up="false"))

    assert (main.exit_code, main.annotations) == (0, []), main.log
    assert main.outputs["access-token"]
    assert app.rows == {}


@pytest.mark.parametrize("pool", POOLS)
def test_trigger_that_confirms(world: World, app: AppFunctions, pool: str) -> None:
    """A user whom the pre sign-up trigger has confirmed is not confirmed again, and the app knows the user as well."""
    app.auto_confirm = True

    main = new_job(world).main(inputs(world, pool))

    assert (main.exit_code, main.annotations) == (0, []), main.log
    assert world.aws.calls == ["AdminInitiateAuth", "SignUp", *VERIFY, "InitiateAuth"]
    assert app.rows == {main.outputs["sub"]: main.outputs["email"]}


@pytest.mark.parametrize("pool", POOLS)
def test_confirmation_without_an_answer(world: World, app: AppFunctions, pool: str) -> None:
    """The second call is refused because the first one has confirmed the user, which is as good as its answer."""
    world.aws.on("AdminConfirmSignUp", losing_answer)

    main = new_job(world).main(inputs(world, pool))

    assert (main.exit_code, main.annotations) == (0, []), main.log
    assert world.aws.calls.count("AdminConfirmSignUp") == 2
    assert app.rows == {main.outputs["sub"]: main.outputs["email"]}


@pytest.mark.parametrize("pool", POOLS)
def test_pre_sign_up_trigger_that_fails(world: World, app: AppFunctions, pool: str) -> None:
    """The error quotes the trigger, and nobody is left."""
    app.errors["PreSignUp"] = "only for invited people"
    job = new_job(world)

    main = job.main(inputs(world, pool))

    assert (main.exit_code, world.aws.calls) == (1, ["AdminInitiateAuth", "SignUp"]), main.log
    [annotation] = main.annotations
    assert annotation.message.startswith("SignUp failed with UserLambdaValidationException: PreSignUp")
    assert "PreSignUp failed with error only for invited people." in annotation.message
    post = job.post()
    assert (post.exit_code, post.annotations) == (0, []), post.log
    assert world.account.users(pool) == []


@pytest.mark.parametrize("pool", POOLS)
def test_post_confirmation_trigger_that_fails(world: World, app: AppFunctions, pool: str) -> None:
    """The error quotes the trigger, and post deletes the user, who is there all the same."""
    app.errors["PostConfirmation"] = "the table is full"

    def confirming(call: Call) -> Answer:
        """cognito-local confirms the user and ignores the error, of which Cognito's answer would tell."""
        assert call.forward().status == 200
        error = f"PostConfirmation failed with error {app.errors['PostConfirmation']}."
        return call.refuse("UserLambdaValidationException", error)

    world.aws.on("AdminConfirmSignUp", confirming)
    job = new_job(world)

    main = job.main(inputs(world, pool))

    assert (main.exit_code, app.rows) == (1, {}), main.log
    assert world.aws.calls == ["AdminInitiateAuth", "SignUp", "AdminConfirmSignUp"]
    [annotation] = main.annotations
    assert annotation.message.startswith(
        "AdminConfirmSignUp failed with UserLambdaValidationException: PostConfirmation"
    )
    assert "PostConfirmation failed with error the table is full." in annotation.message
    assert len(world.account.users(pool)) == 1
    post = job.post()
    assert (post.exit_code, post.annotations) == (0, []), post.log
    assert world.account.users(pool) == []


@pytest.mark.parametrize("confirmed", [True, False], ids=["confirmed", "unconfirmed"])
@pytest.mark.parametrize(("pool", "output"), [(PLAIN_POOL, "username"), (PLAIN_POOL, "email"), (EMAIL_POOL, "email")])
def test_form_is_filled_in(world: World, app: AppFunctions, pool: str, output: str, *, confirmed: bool) -> None:
    """Main creates nobody, and post deletes who signed up with its outputs, whether or not the sign-up was completed."""
    job = new_job(world)
    main = job.main({"user-pool-id": pool, **FORM})
    assert (main.exit_code, main.annotations, world.aws.calls) == (0, [], []), main.log
    assert main.outputs["email"] == f"success+{main.outputs['username']}@simulator.amazonses.com"

    username, password = main.outputs[output], main.outputs["password"]
    sub = fill_in(world, app_client(world, pool), username, password, main.outputs["email"])
    if confirmed:
        world.account.cognito.admin_confirm_sign_up(UserPoolId=pool, Username=username)

    assert list(app.rows) == [sub] * confirmed
    assert len(world.account.users(pool)) == 1
    post = job.post()
    assert (post.exit_code, post.stderr, post.annotations) == (0, "", []), post.log
    assert world.account.users(pool) == []


@pytest.mark.parametrize("pool", POOLS)
def test_form_is_never_filled_in(world: World, pool: str) -> None:
    """Post finds nobody, which is no failure, and leaves other people alone."""
    job = new_job(world)
    assert job.main({"user-pool-id": pool, **FORM}).exit_code == 0
    fill_in(world, app_client(world, pool), "someone@example.org", "Correct-horse-1", "someone@example.org")

    post = job.post()

    assert (post.exit_code, post.stderr, post.annotations) == (0, "", []), post.log
    assert len(world.account.users(pool)) == 1


@pytest.mark.parametrize("pool", POOLS)
def test_one_signs_up_in_main_and_one_in_the_form(world: World, app: AppFunctions, pool: str) -> None:
    """The app knows each of them from then on, and post deletes both."""
    job = new_job(world)
    given = inputs(world, pool, users="member: {}\nvisitor: {create: false}")

    main = job.main(given)

    assert (main.exit_code, main.annotations) == (0, []), main.log
    users = json.loads(main.outputs["users"])
    assert list(app.rows) == [users["member"]["sub"]]
    visitor = users["visitor"]
    sub = fill_in(world, given["client-id"], visitor["email"], visitor["password"], visitor["email"])
    world.account.cognito.admin_confirm_sign_up(UserPoolId=pool, Username=sub)
    assert list(app.rows) == [users["member"]["sub"], sub]
    post = job.post()
    assert (post.exit_code, post.stderr, post.annotations) == (0, "", []), post.log
    assert world.account.users(pool) == []
