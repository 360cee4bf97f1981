"""cognito-local at an endpoint of the job's own: its refusals count, though nothing marks them as AWS's."""

import http.client
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support.cognito_local import EMAIL_POOL, NO_POOL, PLAIN_POOL, cognito_local, new_job, world_of
from tests.support.world import World
from tools.emulator.http import Answer, Request, serving
from tools.emulator.proxy import Call

KEEP_USER = {"mask-username": "false", "cleanup": "false"}


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with cognito_local(tmp_path_factory.mktemp("cognito-local")) as url:
        yield url


@pytest.fixture
def world(endpoint: str, tmp_path: Path) -> Iterator[World]:
    with world_of(endpoint, tmp_path) as world:
        yield world


def blocking(_: Call) -> Answer:
    """What a gateway answers in place of the emulator."""
    return Answer(403, b'{"error": "blocked"}', {"Content-Type": "application/json"})


def former_user(world: World) -> str:
    """The name of a user of this run who was deleted."""
    main = new_job(world).main({"user-pool-id": PLAIN_POOL, **KEEP_USER})
    assert main.exit_code == 0, main.log
    world.account.cognito.admin_delete_user(UserPoolId=PLAIN_POOL, Username=main.outputs["username"])
    world.aws.calls.clear()
    return main.outputs["username"]


def answer_of(url: str, operation: str, parameters: Mapping[str, str]) -> tuple[int, Mapping[str, str], object]:
    """Status, headers in lower case, and content of one answer."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": f"AWSCognitoIdentityProviderService.{operation}",
    }
    connection.request("POST", "/", json.dumps(parameters), headers)
    response = connection.getresponse()
    content = json.loads(response.read())
    connection.close()
    return response.status, {name.lower(): value for name, value in response.getheaders()}, content


@pytest.mark.parametrize("place", ["emulator", "proxy"])
def test_refusals_bear_no_mark_of_aws(world: World, place: str) -> None:
    """They have neither its content type nor its request ID, so the tests below are about what they claim."""
    url = {"emulator": world.account.endpoint, "proxy": world.aws.url}[place]

    status, headers, content = answer_of(url, "AdminDeleteUser", {"UserPoolId": PLAIN_POOL, "Username": "no one"})

    assert (status, content) == (400, {"__type": "UserNotFoundException", "message": "User does not exist"})
    assert headers["content-type"] == "application/json; charset=utf-8"
    assert "x-amzn-requestid" not in headers
    status, headers, _ = answer_of(url, "ListUsers", {"UserPoolId": PLAIN_POOL})
    assert (status, headers["content-type"]) == (200, "application/x-amz-json-1.1; charset=utf-8")
    assert "x-amzn-requestid" not in headers


@pytest.mark.parametrize("pool", [PLAIN_POOL, EMAIL_POOL])
def test_user_exists_from_main_to_post(world: World, pool: str) -> None:
    """Main creates a user who can sign in, and post deletes the user."""
    job = new_job(world)

    main = job.main({"user-pool-id": pool})

    assert (main.exit_code, main.stderr, main.annotations) == (0, "", []), main.log
    assert world.aws.calls == ["AdminCreateUser", "AdminSetUserPassword"]
    assert world.account.users(pool) == [main.outputs["sub" if pool == EMAIL_POOL else "username"]]
    assert world.sign_in(pool, main)["AccessToken"]
    post = job.post()
    assert (post.exit_code, post.stderr, post.annotations) == (0, "", []), post.log
    assert world.aws.calls[2:] == ["AdminDeleteUser"]
    assert world.account.users(pool) == []


def test_post_works_through_the_endpoint_of_main(world: World) -> None:
    """An endpoint that a later step sets for the job is not asked."""
    job = new_job(world)
    main = job.main({"user-pool-id": PLAIN_POOL})
    assert main.exit_code == 0, main.log
    asked: list[Request] = []

    with serving(asked.append) as other:
        post = job.post(AWS_ENDPOINT_URL=other)

    assert (post.exit_code, post.annotations, asked) == (0, [], [])
    assert world.account.users(PLAIN_POOL) == []


def test_user_who_is_not_there_for_post(world: World) -> None:
    """One call is enough to know it."""
    job = new_job(world)
    main = job.main({"user-pool-id": PLAIN_POOL})
    world.account.cognito.admin_delete_user(UserPoolId=PLAIN_POOL, Username=main.outputs["username"])
    world.aws.calls.clear()

    post = job.post()

    assert (post.exit_code, post.annotations) == (0, []), post.log
    assert world.aws.calls == ["AdminDeleteUser"]
    assert post.log[-1] == f"User {main.outputs['sub']} is not there."


def test_user_who_is_not_there_for_delete(world: World) -> None:
    """It is the same for the companion action."""
    username = former_user(world)

    delete = new_job(world, "delete").main({"user-pool-id": PLAIN_POOL, "username": username})

    assert (delete.exit_code, delete.stderr) == (0, ""), delete.log
    assert world.aws.calls == ["AdminDeleteUser"]
    assert f"User {username} is not there." in delete.log


def test_user_who_is_not_there_for_adopt(world: World) -> None:
    """The refusal of the only call is the error."""
    username = former_user(world)

    adopt = new_job(world, "adopt").main({"user-pool-id": PLAIN_POOL, "username": username})

    assert (adopt.exit_code, world.aws.calls) == (1, ["AdminSetUserPassword"])
    [annotation] = adopt.annotations
    assert annotation.message.startswith("AdminSetUserPassword failed with UserNotFoundException: User does not exist")


def test_pool_that_is_not_there(world: World) -> None:
    """Main says so after one call, and leaves post nothing to do, since the refusal proves that there is no user."""
    job = new_job(world)

    main = job.main({"user-pool-id": NO_POOL})

    assert (main.exit_code, world.aws.calls) == (1, ["AdminCreateUser"])
    [annotation] = main.annotations
    assert annotation.message.startswith("AdminCreateUser failed with ResourceNotFoundException: User Pool ")
    assert job.post().exit_code == 0
    assert world.aws.calls == ["AdminCreateUser"]


def test_group_that_is_not_there(world: World) -> None:
    """Main says so after one call, and post deletes the user."""
    job = new_job(world)

    main = job.main({"user-pool-id": PLAIN_POOL, "groups": "editors"})

    assert (main.exit_code, world.aws.calls.count("AdminAddUserToGroup")) == (1, 1)
    [annotation] = main.annotations
    assert "ResourceNotFoundException: Group not found" in annotation.message
    assert (job.post().exit_code, world.account.users(PLAIN_POOL)) == (0, [])


@pytest.mark.parametrize("operation", ["AdminCreateUser", "AdminSetUserPassword"])
def test_page_of_a_gateway_is_no_refusal(world: World, operation: str) -> None:
    """JSON without `__type` is an answer that was lost: main calls again, and succeeds."""
    world.aws.on(operation, blocking)

    main = new_job(world).main({"user-pool-id": PLAIN_POOL})

    assert (main.exit_code, main.annotations) == (0, []), main.log
    assert world.aws.calls.count(operation) == 2
    assert world.account.users(PLAIN_POOL) == [main.outputs["username"]]
    assert world.sign_in(PLAIN_POOL, main)["AccessToken"]


def test_gateway_that_never_lets_post_through(world: World) -> None:
    """Post tries until its deadline, and says that something stands between it and the service."""
    job = new_job(world)
    main = job.main({"user-pool-id": PLAIN_POOL})
    assert main.exit_code == 0, main.log
    world.aws.on("AdminDeleteUser", *[blocking] * 100)

    post = job.post()

    assert world.aws.calls.count("AdminDeleteUser") > 3
    [annotation] = post.annotations
    assert "status 403, application/json" in annotation.message
    assert "answered as no service of AWS does" in annotation.message
    assert main.outputs["sub"] in annotation.message
    world.aws.calm()
    assert job.post().annotations == []
    assert world.account.users(PLAIN_POOL) == []
