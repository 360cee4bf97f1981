"""Without a role, the step uses the credentials in the environment."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.the_error import the_error
from tests.support.world import World

KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}


def inputs(pool: str) -> dict[str, str]:
    return {"user-pool-id": pool}


def test_credentials_of_the_environment_are_used(world: World) -> None:
    """No ID token is requested and no role assumed, in main or in post."""
    pool = world.pool()
    job = world.job({**world.bare_environ, **KEYS})

    main = job.main(inputs(pool))

    assert main.exit_code == 0, main.log
    assert world.sign_in(pool, main)["AccessToken"]
    post = job.post()
    assert (post.exit_code, post.annotations) == (0, [])
    assert world.aws.calls == ["AdminCreateUser", "AdminSetUserPassword", "AdminDeleteUser"]
    assert world.account.users(pool) == []


def test_no_credentials_at_all(world: World) -> None:
    """The error names the input and the permission to add."""
    main = world.job(world.bare_environ).main(inputs(world.pool()))

    assert main.exit_code == 1
    assert "role-to-assume: arn:aws:iam::" in main.annotations[0].message
    assert "id-token: write" in main.annotations[0].message


def test_credentials_that_cannot_be_read(world: World) -> None:
    """A missing profile is reported in plain words."""
    main = world.job({**world.bare_environ, "AWS_PROFILE": "missing"}).main(inputs(world.pool()))

    assert (main.exit_code, main.stderr) == (1, "")
    assert "ProfileNotFound" in main.annotations[0].message


PROFILE = """\
[profile person]
sso_start_url = https://sso.example/start
sso_region = us-east-1
sso_account_id = 123456789012
sso_role_name = ci
"""

WEB_IDENTITY = {"AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/ci", "AWS_WEB_IDENTITY_TOKEN_FILE": "{folder}/token"}

UNUSABLE = [
    ({"AWS_ACCESS_KEY_ID": "AKIA"}, "PartialCredentialsError", "AWS_SECRET_ACCESS_KEY", "its other half is not"),
    ({**KEYS, "AWS_SECRET_ACCESS_KEY": "a b"}, "BrokenCredentials", "a space", "without spaces and line breaks"),
    ({"AWS_CONFIG_FILE": "{folder}/config", "AWS_PROFILE": "person"}, "SSOTokenLoadError", "", "a person (SSO)"),
    (
        {**WEB_IDENTITY, "AWS_WEB_IDENTITY_TOKEN_FILE": "/var/run/secrets/token"},
        "FileNotFoundError",
        "/var/run/secrets/token",
        "`AWS_WEB_IDENTITY_TOKEN_FILE` names a file that the action's container does not have",
    ),
    (WEB_IDENTITY, "AccessDenied", "AssumeRoleWithWebIdentity", "Set `role-to-assume`"),
    (
        {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://pods.example/v1/credentials"},
        "ValueError",
        "pods.example",
        "`AWS_CONTAINER_CREDENTIALS_FULL_URI` names the service",
    ),
]


@pytest.mark.parametrize(("variables", "code", "said", "advice"), UNUSABLE, ids=[code for _, code, *_ in UNUSABLE])
def test_credentials_that_can_not_be_used(
    world: World, tmp_path: Path, variables: dict[str, str], code: str, said: str, advice: str
) -> None:
    """The SDK's own words are followed by what they mean here: the variable, and what to do instead."""
    (tmp_path / "config").write_text(PROFILE)
    (tmp_path / "token").write_text("a.b.c")
    environ = {name: value.format(folder=tmp_path) for name, value in variables.items()}

    told = the_error(world.job({**world.bare_environ, **environ}).main(inputs(world.pool())))

    assert told.startswith(f"The search for AWS credentials failed with {code}: ")
    assert said in told
    assert advice in told
    assert set(world.aws.calls) <= {"AssumeRoleWithWebIdentity"}


def test_post_with_other_credentials(world: World) -> None:
    """Post says so, and still tries."""
    pool = world.pool()
    job = world.job({**world.bare_environ, **KEYS})
    job.main(inputs(pool))
    user = _user_with_all_rights(world)

    post = job.post({}, **user)

    assert post.exit_code == 0
    assert post.annotations == []
    assert "The AWS credentials are not those with which the users were created." in post.log
    assert world.account.users(pool) == []


def test_post_with_the_credentials_of_another_account(world: World) -> None:
    """A pool that other credentials can't see is not assumed to be deleted."""
    pool = world.pool()
    job = world.job({**world.bare_environ, **KEYS})
    main = job.main(inputs(pool))
    user = _user_with_all_rights(world)
    world.aws.on("AdminDeleteUser", lambda call: call.refuse("ResourceNotFoundException", "User pool does not exist."))

    post = job.post({}, **user)

    assert [annotation.level for annotation in post.annotations] == ["warning", "warning"]
    assert f"--username {main.outputs['sub']}" in post.annotations[1].message


@pytest.mark.parametrize("stage", ["main", "post"])
def test_access_key_is_not_in_the_state(world: World, stage: str) -> None:
    """What main saves of the credentials is a digest; the id itself may be masked in the job."""
    pool = world.pool()
    user = _user_with_all_rights(world)
    job = world.job({**world.bare_environ, **user})

    result = job.main(inputs(pool)) if stage == "main" else (job.main(inputs(pool)), job.post())[1]

    for text in (result.stdout, result.stderr, *result.files.values()):
        assert user["AWS_ACCESS_KEY_ID"] not in text
        assert user["AWS_SECRET_ACCESS_KEY"] not in text


def _user_with_all_rights(world: World) -> dict[str, str]:
    iam = world.account.client("iam")
    name = f"user-{world.folder.name}"
    iam.create_user(UserName=name)
    policy = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"cognito-idp:*","Resource":"*"}]}'
    iam.put_user_policy(UserName=name, PolicyName="all", PolicyDocument=policy)
    key: Any = iam.create_access_key(UserName=name)["AccessKey"]
    return {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
