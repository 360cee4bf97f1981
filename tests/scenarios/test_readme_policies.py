"""The policies in README, as a reader would paste them."""

import json
import re
import uuid
from typing import Any

import pytest

from demo.aws import ACCOUNT
from demo.github import SUBJECT
from demo.job import ROOT
from tests.conftest import MAIN_CALLS, World


def _policies(pool: str) -> tuple[str, str]:
    """The trust policy and the permissions, with a reader's own account, pool and region."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    text = text.replace("eu-central-1_AbCdEfGhI", pool).replace("eu-central-1", "us-east-1")
    trust, permissions = re.findall(r"```json\n(.*?)```", text.replace("123456789012", ACCOUNT), re.DOTALL)
    return trust, permissions


def _role(world: World, pool: str) -> str:
    trust, permissions = _policies(pool)
    iam: Any = world.account.client("iam")
    name = f"readme-{uuid.uuid4().hex}"
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="cognito-test-user", PolicyDocument=permissions)
    return str(arn)


@pytest.mark.parametrize("sub", [SUBJECT, "repo:octo-org@1234567/octo-app@7654321:ref:refs/heads/main"])
def test_role_of_readme_is_all_that_the_action_needs(world: World, sub: str) -> None:
    """Both forms of `sub` get in, and the three permissions carry main and post."""
    pool = world.pool()
    job = world.job()
    world.github.claims["sub"] = sub

    main = job.main({"user-pool-id": pool, "role-to-assume": _role(world, pool)})

    assert main.exit_code == 0, main.log
    assert world.aws.calls == MAIN_CALLS
    assert job.post().exit_code == 0
    assert world.account.users(pool) == []


@pytest.mark.parametrize(
    "sub",
    [
        None,
        "",
        "repo:octo-org/octo-app:ref:refs/heads/other",
        "repo:octo-org/octo-app:pull_request",
        "repo:octo-org/other:ref:refs/heads/main",
        "repo:octo-org@1/octo-app@7654321:ref:refs/heads/main",
    ],
)
def test_role_of_readme_lets_nobody_else_in(world: World, sub: str | None) -> None:
    """Another branch, repository or owner is refused, and so is a token without `sub`."""
    pool = world.pool()
    world.github.claims["sub"] = sub
    if sub is None:
        del world.github.claims["sub"]

    main = world.job().main({"user-pool-id": pool, "role-to-assume": _role(world, pool)})

    assert main.exit_code == 1
    assert world.aws.calls == MAIN_CALLS[:2]


def test_readme_shows_the_safe_condition_only() -> None:
    """No policy in README holds a set operator, which lets a token without the key in."""
    trust, _ = _policies("us-east-1_x")

    assert set(json.loads(trust)["Statement"][0]["Condition"]) == {"StringEquals"}
    assert "ForAllValues" not in trust
