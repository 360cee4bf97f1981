"""What the job has around the step: endpoints and proxies that change, and secrets that everybody repeats."""

import base64
import html
import json
from collections.abc import Iterator, Mapping
from urllib.parse import quote, quote_plus, urlsplit

import pytest

from tests.support.scripted_aws import ScriptedAws, scripted_aws
from tests.support.world import World
from tools.emulator.account import PERMISSIONS
from tools.emulator.http import Answer
from tools.emulator.job import Stage
from tools.emulator.proxy import Rule

ASSUME = "AssumeRoleWithWebIdentity"
CLOSED = "http://127.0.0.1:9"


@pytest.fixture
def other() -> Iterator[ScriptedAws]:
    """An emulator that takes every role, and has no pool."""
    with scripted_aws() as service:
        yield service


def knows_no_pool(other: ScriptedAws) -> None:
    body = json.dumps({"__type": "ResourceNotFoundException", "message": "User pool does not exist."}).encode()
    other.on("AdminDeleteUser", *[Answer(400, body, {"Content-Type": "application/x-amz-json-1.1"})] * 5)


# Endpoints


@pytest.mark.parametrize(
    "variables",
    [
        {"AWS_ENDPOINT_URL": "{other}"},
        {"AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": "{other}"},
        {"AWS_ENDPOINT_URL_STS": "{other}"},
        {"AWS_ENDPOINT_URL": CLOSED},
        {"AWS_ENDPOINT_URL_STS": CLOSED, "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": CLOSED},
        {"AWS_ENDPOINT_URL": "not a URL"},
        {"AWS_ENDPOINT_URL": ""},
        {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"},
        {"AWS_USE_FIPS_ENDPOINT": "true"},
        {"AWS_USE_DUALSTACK_ENDPOINT": "true"},
    ],
    ids=str,
)
@pytest.mark.parametrize("with_role", [True, False])
def test_endpoints_that_a_later_step_sets_play_no_part(
    world: World, other: ScriptedAws, variables: Mapping[str, str], *, with_role: bool
) -> None:
    """Post works through what main worked through, and the other emulator is asked nothing."""
    pool = world.pool()
    job = world.job()
    inputs = world.inputs(pool)
    if not with_role:
        job.environ = {**job.environ, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
        inputs["role-to-assume"] = ""
    knows_no_pool(other)
    assert job.main(inputs).exit_code == 0

    post = job.post({}, **{name: value.format(other=other.url) for name, value in variables.items()})

    assert (post.exit_code, post.annotations) == (0, []), post.log
    assert other.calls == []
    assert world.account.users(pool) == []


def test_pool_that_main_s_endpoint_does_not_know_any_more_is_gone(world: World) -> None:
    """The same endpoint is believed: a step of the job has deleted the pool."""
    pool = world.pool()
    job = world.job()
    assert job.main(world.inputs(pool)).exit_code == 0
    world.account.cognito.delete_user_pool(UserPoolId=pool)

    post = job.post(AWS_ENDPOINT_URL=CLOSED)

    assert (post.exit_code, [each.level for each in post.annotations]) == (0, ["notice"])
    assert "no longer exists" in post.annotations[0].message


# Proxies


@pytest.mark.parametrize("failure", ["warning", "error"])
def test_proxy_that_a_later_step_sets_is_named_if_it_does_not_work(world: World, failure: str) -> None:
    """Post goes through the environment's proxies, and says that they are not those that main had."""
    pool = world.pool()
    job = world.job()
    assert job.main({**world.inputs(pool), "cleanup-failure": failure}).exit_code == 0

    post = job.post(http_proxy="http://someone:p%40ssword@127.0.0.1:9", no_proxy="example.com")

    [annotation] = post.annotations
    assert (post.exit_code, annotation.level) == (int(failure == "error"), failure)
    assert "A later step of the job has changed the proxies" in annotation.message
    assert "when the users were created: no proxy" in annotation.message
    assert "now: http_proxy=http://127.0.0.1:9, no_proxy=example.com" in annotation.message
    for secret in ("someone", "p%40ssword", "p@ssword"):
        assert secret not in post.stdout + post.summary
    assert job.post().exit_code == 0
    assert world.account.users(pool) == []


def test_password_of_a_proxy_is_in_no_state(world: World) -> None:
    """The state has the proxy, for a later error to name, without its user and password."""
    pool = world.pool()
    job = world.job()
    proxy = world.aws.url.replace("http://", "http://someone:p%40ssword@")

    github = urlsplit(world.github.url).netloc
    main = job.main(world.inputs(pool), http_proxy=proxy, no_proxy=github)

    assert (main.exit_code, main.annotations) == (0, []), main.log
    assert json.loads(main.state["setup"])["proxies"] == f"http_proxy={world.aws.url}, no_proxy={github}"
    assert not [text for text in main.state.values() if "someone" in text or "ssword" in text]
    assert job.post(http_proxy=proxy, no_proxy=github).exit_code == 0
    assert world.account.users(pool) == []


@pytest.mark.parametrize("password", ["zqvxzqvx#jxkwjxkw", "zqvxzqvx/jxkwjxkw", "zqvxzqvx?jxkwjxkw"])
def test_proxy_s_password_that_parsers_cut(world: World, password: str) -> None:
    """One error that says what to encode, at once, with no piece of the password; nothing is sent."""
    pool = world.pool()
    job = world.job()

    main = job.main(world.inputs(pool), http_proxy=f"http://someone:{password}@127.0.0.1:9", RUNNER_DEBUG="1")

    [annotation] = main.annotations
    assert main.exit_code == 1
    assert "http_proxy has a character in its user or password" in annotation.message
    assert "percent-encode" in annotation.message
    assert "trying again" not in main.stdout
    for secret in (password, "zqvxzqvx", "jxkwjxkw", "someone"):
        assert secret not in main.stdout + main.summary


# Secrets that everybody repeats

SECRET_KEY = "wJalr/XUtnFEMI+K7MDENGbPxRfiCYEXAMPLEKEY"
SESSION_TOKEN = "IQoJb3JpZ2luX2VjEXAMPLE//////////wEaCXVzLWVhc3QtMSJIMEYCIQ+&'<%=="
PIECES = ("zqvxzqvx", "jxkwjxkw", "wvqzwvqz", "kzxvkzxv")  # too long to come up in a generated password
USER, PASSWORD = "proxy-user", "{}/{}#{}?{}".format(*PIECES)
SURROUNDINGS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
    "AWS_SESSION_TOKEN": SESSION_TOKEN,
}


def encoded(secret: str) -> list[str]:
    """A secret in each encoding that a service or a proxy may repeat it in."""
    data = secret.encode()
    return [
        secret,
        secret.upper(),
        secret.lower(),
        json.dumps(secret)[1:-1],
        html.escape(secret, quote=False),
        quote(secret),
        quote(secret, safe=""),
        quote_plus(secret),
        quote(secret, safe="").lower(),
        data.hex(),
        data.hex().upper(),
        base64.b32encode(data).decode(),
        base64.b64encode(data).decode(),
        base64.urlsafe_b64encode(data).decode(),
        base64.b64encode(b"user:" + data).decode(),
        base64.b64encode(b"a-user:" + data + b"!").decode(),
    ]


SECRETS = (SECRET_KEY, SESSION_TOKEN, PASSWORD)
REPEATED = " ; ".join(text for secret in (*SECRETS, USER) for text in encoded(secret))


def repeating(status: int) -> Rule:
    """Refuse the call in words that repeat every secret; STS says them in XML."""
    return lambda call: call.refuse(
        "UserLambdaValidationException", html.escape(REPEATED) if call.operation == ASSUME else REPEATED, status
    )


def shows_nothing(stage: Stage) -> None:
    """No secret of the surroundings is in anything that a reader sees, and none is masked for the job."""
    shown = "\n".join([stage.stdout, stage.stderr, stage.summary, *stage.state.values()])
    for secret in (*SECRETS, USER):
        for text in encoded(secret):
            pieces = [text] if len(text) < 30 else [text[5:-8]]
            assert not [piece for piece in pieces if piece.lower() in shown.lower()], text
        assert secret not in stage.masks.secrets
    for piece in PIECES:
        assert piece not in shown


@pytest.mark.parametrize("status", [400, 500])
@pytest.mark.parametrize(
    "operation", ["AdminCreateUser", "AdminSetUserPassword", "AdminAddUserToGroup", "InitiateAuth", "AdminDeleteUser"]
)
def test_secrets_of_the_environment_are_left_out_of_what_cognito_says(
    world: World, operation: str, status: int
) -> None:
    """Without a role, with debug logging: a refusal repeats them all, in the log and in the annotation."""
    pool = world.pool()
    job = world.job()
    proxy = world.aws.url.replace("http://", f"http://{USER}:{quote(PASSWORD, safe='')}@")
    job.environ = {**job.environ, **SURROUNDINGS, "http_proxy": proxy, "RUNNER_DEBUG": "1"}
    inputs = {**world.inputs_with_groups(pool, "admins", groups="admins"), "client-id": world.app_client(pool)}
    world.aws.on(operation, *[repeating(status)] * (1 if status == 400 else 2))

    main = job.main({**inputs, "role-to-assume": ""})
    post = job.post()

    seen = main if operation != "AdminDeleteUser" else post
    assert "***" in "\n".join([*seen.log, *(each.message for each in seen.annotations)])
    assert f"{operation} failed with" in "\n".join(seen.log)
    shows_nothing(main)
    shows_nothing(post)


@pytest.mark.parametrize("service", ["AssumeRoleWithWebIdentity", "GetIDToken", "ListUsers"])
def test_secrets_of_the_environment_are_left_out_of_what_others_say(world: World, service: str) -> None:
    """The same from STS, from GitHub's token service, and in a sweep."""
    pool = world.pool()
    role = world.role(pool, [*PERMISSIONS, "ListUsers"])
    proxy = world.aws.url.replace("http://", f"http://{USER}:{quote(PASSWORD, safe='')}@")
    if service == "GetIDToken":
        world.github.respond = lambda _: Answer(403, json.dumps({"message": REPEATED}).encode())
    else:
        world.aws.on(service, repeating(400))
    job = world.job(
        {**world.environ, **SURROUNDINGS, "http_proxy": proxy, "no_proxy": "127.0.0.1", "RUNNER_DEBUG": "1"}, "sweep"
    )

    stage = job.main({"user-pool-id": pool, "role-to-assume": role, "older-than": "1h"})

    assert stage.exit_code == 1
    assert "***" in stage.annotations[0].message
    shows_nothing(stage)


def test_keys_of_an_emulator_are_not_searched_for_in_our_own_words(world: World) -> None:
    """They are `test` and `test`: what the action says stays readable, what AWS says loses the word."""
    pool = world.pool()
    job = world.job()
    job.environ = {**job.environ, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    world.aws.on("AdminCreateUser", lambda call: call.refuse("UserLambdaValidationException", "No test users here."))

    main = job.main({"user-pool-id": pool})

    [annotation] = main.annotations
    assert annotation.title == "Cognito test user: failed"
    assert annotation.message.startswith(
        "AdminCreateUser failed with UserLambdaValidationException: No *** users here.\nA Lambda trigger of the pool"
    )
    assert "### Cognito test user" in main.summary
    assert job.post().exit_code == 0
