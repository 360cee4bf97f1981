"""AWS credentials of a signed-in user: what an identity pool gives in exchange for the ID token."""

import json
from pathlib import Path

import pytest

from tests.support.identity_pools import caller_of, deleting, identities_in, identity_pool, provider_of
from tests.support.recipes import environ_of, recipe, run_pytest
from tests.support.world import MAIN_CALLS, POST_CALLS, World
from tools.emulator.proxy import Rule, losing_answer, refusing

SIGN_IN = ["InitiateAuth", "InitiateAuth", "RespondToAuthChallenge"]
TRADE = ["GetId", "GetCredentialsForIdentity"]
OUTPUTS = ("identity-id", "aws-access-key-id", "aws-secret-access-key", "aws-session-token")
DELETE = "DeleteIdentities"


def inputs_of(world: World, pool: str, region: str = "us-east-1", **extra: str) -> dict[str, str]:
    """The inputs of a step that signs in, in a pool whose users an identity pool accepts."""
    client = world.app_client(pool)
    identity_pool_id = identity_pool(world, pool, client, region)
    return world.inputs(pool, client_id=client, identity_pool_id=identity_pool_id, **extra)


@pytest.mark.parametrize("kind", ["plain", "email"])
@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_user_can_call_aws(world: World, kind: str, region: str) -> None:
    """With two public calls, wherever the identity pool is; the session of the step needs no more for them."""
    pool = world.pool(kind)
    inputs = inputs_of(world, pool, region)
    job = world.job()

    main = job.main(inputs)

    assert (main.exit_code, main.stderr, main.annotations) == (0, "", []), main.log
    assert world.aws.calls == [*MAIN_CALLS, *SIGN_IN, *TRADE]
    assert caller_of(world, main.outputs).endswith(":assumed-role/of-users/CognitoIdentityCredentials")
    assert identities_in(world, inputs["identity-pool-id"]) == [main.outputs["identity-id"]]
    assert main.outputs["identity-id"].startswith(f"{region}:")
    assert "identity" not in world.aws.parameters("AssumeRoleWithWebIdentity")[0]["Policy"]
    for call in world.aws.log:
        if call.operation in TRADE:
            assert not {"Authorization", "X-Amz-Security-Token"} & set(call.request.headers)
    login = world.aws.parameters("GetId")[0]["Logins"]
    assert login == {provider_of(pool): main.outputs["id-token"]}


def test_secrets_are_masked_and_nothing_is_a_variable(world: World) -> None:
    """No later step gets the keys unless the workflow hands them over."""
    main = world.job().main(inputs_of(world, world.pool()))

    identity, key, secret, token = (main.outputs[name] for name in OUTPUTS)
    assert {secret, token} <= main.masks.secrets
    assert {identity, key}.isdisjoint(main.masks.secrets)
    assert not [each for each in (secret, token) if each in "\n".join(main.log) + main.stderr]
    assert main.files.get("GITHUB_ENV", "") == ""
    assert not [each for each in (secret, token) if each in main.files.get("GITHUB_STATE", "")]


def test_each_of_several_users_has_its_own(world: World) -> None:
    """The output `users` has the credentials of each."""
    inputs = inputs_of(world, world.pool("email"), users="{editor: {}, viewer: {}}")
    job = world.job()

    main = job.main(inputs)

    users = json.loads(main.outputs["users"])
    assert all(set(OUTPUTS) <= set(user) for user in users.values())
    assert main.outputs["identity-id"] == users["editor"]["identity-id"] != users["viewer"]["identity-id"]
    assert sorted(identities_in(world, inputs["identity-pool-id"])) == sorted(
        user["identity-id"] for user in users.values()
    )
    deleted: list[str] = []
    world.aws.on(DELETE, deleting(world, inputs["identity-pool-id"], deleted))
    assert job.post().exit_code == 0
    assert sorted(deleted) == sorted(user["identity-id"] for user in users.values())
    assert world.aws.calls.count(DELETE) == 1


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_post_deletes_the_identity(world: World, region: str) -> None:
    """After the user, in a session that may do this in this identity pool alone."""
    pool = world.pool()
    inputs = inputs_of(world, pool, region)
    job = world.job()
    main = job.main(inputs)
    world.aws.calls.clear()
    deleted: list[str] = []
    world.aws.on(DELETE, deleting(world, inputs["identity-pool-id"], deleted))

    post = job.post()

    assert (post.exit_code, post.annotations) == (0, [])
    assert world.aws.calls == [*POST_CALLS, DELETE]
    assert deleted == [main.outputs["identity-id"]]
    assert f"Deleted the identity {deleted[0]}." in post.log
    assert world.account.users(pool) == []


def test_identity_stays_where_the_role_may_not_delete_it(world: World) -> None:
    """One line says so, and the job is as green as before."""
    pool = world.pool()
    inputs = inputs_of(world, pool, cleanup_failure="error")
    job = world.job()
    main = job.main(inputs)
    world.aws.on(DELETE, refusing("AccessDeniedException", "User: x is not authorized"))

    post = job.post()

    assert (post.exit_code, post.annotations) == (0, [])
    assert post.log[-1] == (
        f"The identity {main.outputs['identity-id']} stays in {inputs['identity-pool-id']}, of no use without the user: "
        "DeleteIdentities failed with AccessDeniedException: User: x is not authorized"
    )
    assert world.account.users(pool) == []


def test_step_without_an_identity_pool_says_nothing_of_it(world: World) -> None:
    """Neither in its calls nor in what its sessions may do."""
    pool = world.pool()
    job = world.job()
    main = job.main(world.inputs(pool, client_id=world.app_client(pool)))
    post = job.post()

    assert not set(OUTPUTS) & set(main.outputs)
    assert "dentit" not in "\n".join(main.log + post.log)
    assert not [
        each for each in world.aws.parameters("AssumeRoleWithWebIdentity") if "cognito-identity" in each["Policy"]
    ]


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (
            refusing("InvalidIdentityPoolConfigurationException", "Check assigned IAM roles for this pool."),
            "no role for signed-in users",
        ),
        (refusing("NotAuthorizedException", "no role mapping applies"), "chooses roles by rules"),
    ],
)
def test_identity_of_a_user_without_credentials_is_deleted(world: World, rule: Rule, words: str) -> None:
    """It is in the state before the second call, so post knows it when the step fails."""
    pool = world.pool()
    inputs = inputs_of(world, pool)
    job = world.job()
    world.aws.on("GetCredentialsForIdentity", rule)
    deleted: list[str] = []
    world.aws.on(DELETE, deleting(world, inputs["identity-pool-id"], deleted))

    main = job.main(inputs)
    post = job.post()

    assert (main.exit_code, main.outputs) == (1, {})
    [annotation] = main.annotations
    assert words in annotation.message
    assert deleted == identities_in(world, inputs["identity-pool-id"])
    assert len(deleted) == 1
    assert post.exit_code == 0
    assert world.account.users(pool) == []


def test_identity_pool_of_another_user_pool_is_named(world: World) -> None:
    """The emulator checks the login as AWS does: the error says what to add to the identity pool."""
    pool, other = world.pool(), world.pool()
    client = world.app_client(pool)
    foreign = identity_pool(world, other, client)

    main = world.job().main(world.inputs(pool, client_id=client, identity_pool_id=foreign))

    [annotation] = main.annotations
    assert annotation.message.startswith("GetId failed with NotAuthorizedException: ")
    assert f"with the user pool {pool}" in annotation.message
    assert provider_of(pool) in annotation.message


def test_identity_pool_that_is_not_there_is_named(world: World) -> None:
    """With the region in which it was looked for; at an emulator, the endpoint is the first suspect."""
    pool = world.pool()
    missing = "eu-west-1:1a2b3c4d-1111-2222-3333-444455556666"

    main = world.job().main(world.inputs(pool, client_id=world.app_client(pool), identity_pool_id=missing))

    [annotation] = main.annotations
    assert annotation.message.startswith("GetId failed with ResourceNotFoundException: ")
    assert "AWS_ENDPOINT_URL" in annotation.message


@pytest.mark.parametrize("operation", TRADE)
def test_lost_answers_leave_one_identity(world: World, operation: str) -> None:
    """Asked again, the identity pool answers with the same."""
    inputs = inputs_of(world, world.pool())
    world.aws.on(operation, losing_answer, refusing("TooManyRequestsException", "Rate exceeded"))

    main = world.job().main(inputs)

    assert main.exit_code == 0
    assert identities_in(world, inputs["identity-pool-id"]) == [main.outputs["identity-id"]]


def test_session_of_post_may_delete_identities_only_if_there_are_some(world: World) -> None:
    """A step that failed before the identity pool was asked has none."""
    pool = world.pool()
    job = world.job()
    world.aws.on("AdminSetUserPassword", refusing("InvalidParameterException", "no"))

    assert job.main(inputs_of(world, pool)).exit_code == 1
    assert job.post().exit_code == 0

    assert "cognito-identity" not in world.aws.parameters("AssumeRoleWithWebIdentity")[-1]["Policy"]
    assert DELETE not in world.aws.calls


def test_user_who_stays_keeps_the_identity(world: World) -> None:
    """With `cleanup: false`, someone still works with both."""
    inputs = inputs_of(world, world.pool(), cleanup="false")
    job = world.job()
    job.main(inputs)
    world.aws.calls.clear()

    assert job.post().exit_code == 0
    assert world.aws.calls == []


def test_recipe_lets_the_user_call_aws(world: World, tmp_path: Path) -> None:
    """The tests of the page pass with the user's role, and its `env:` is all that they need."""
    shown = recipe("aws-credentials")
    account = world.account.client("iam")
    allowed = {
        "Effect": "Allow",
        "Action": ["s3:PutObject", "s3:GetObject", "s3:DeleteObject"],
        "Resource": "arn:aws:s3:::*/private/*",
    }
    account.create_role(RoleName="of-users", AssumeRolePolicyDocument="{}")
    account.put_role_policy(
        RoleName="of-users",
        PolicyName="files",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [allowed]}),
    )
    bucket = f"uploads-{tmp_path.name.replace('_', '-')}"
    world.account.client("s3").create_bucket(Bucket=bucket)
    pool = world.pool()
    main = world.job().main({**shown.steps[0]["with"], **inputs_of(world, pool)})
    assert main.exit_code == 0, main.log

    environ = environ_of(shown.steps[1], main)
    ended = run_pytest(
        tmp_path,
        shown.python[0].replace("my-app-uploads", bucket),
        {**environ, "AWS_ENDPOINT_URL": world.account.endpoint, "HOME": str(tmp_path)},
    )

    assert ended == "2 passed"
    assert environ["IDENTITY_ID"] == main.outputs["identity-id"]
