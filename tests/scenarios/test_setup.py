"""The role as README and docs/setup.md tell a reader to make it: each command, policy and module, as pasted."""

import json
import re
import shlex
import uuid
from pathlib import Path
from typing import Any

import pytest

from tests.support.infra import (
    IMMUTABLE,
    MODULE,
    PROVIDER,
    STRANGERS,
    TEMPLATE,
    deploy,
    evaluate,
    may_delete_identities,
    policies_of,
    redeploy,
    terraform,
)
from tests.support.world import MAIN_CALLS, World
from tools.emulator.aws import ACCOUNT
from tools.emulator.github import SUBJECT
from tools.emulator.job import ROOT


def _blocks(page: str, language: str, pool: str) -> list[str]:
    """The code blocks on a page, with a reader's own account, pool and region."""
    text = (ROOT / page).read_text(encoding="utf-8")
    text = text.replace("eu-central-1_AbCdEfGhI", pool).replace("eu-central-1", "us-east-1")
    return re.findall(rf"```{language}\n(.*?)```", text.replace("123456789012", ACCOUNT), re.DOTALL)


def _policies(pool: str) -> tuple[str, str]:
    """The trust policy and the permissions of the manual setup."""
    trust, permissions, _ = _blocks("docs/setup.md", "json", pool)
    return trust, permissions


def _deployment(page: str, pool: str) -> dict[str, str]:
    """The parameters of the page's `aws cloudformation deploy`, whose options must match the tests' deployment."""
    block = next(block for block in _blocks(page, "sh", pool) if block.startswith("aws cloudformation deploy"))
    program, service, command, *words = shlex.split(block.replace("\\\n", " ").splitlines()[0])
    assert (program, service, command) == ("aws", "cloudformation", "deploy")
    at = words.index("--parameter-overrides")
    options = dict(zip(words[:at:2], words[1:at:2], strict=True))
    assert options == {
        "--stack-name": "cognito-test-user",
        "--template-file": str(TEMPLATE.relative_to(ROOT)),
        "--capabilities": "CAPABILITY_IAM",
    }
    return dict(word.split("=", 1) for word in words[at + 1 :])


def _role(world: World, pool: str) -> str:
    trust, permissions = _policies(pool)
    iam: Any = world.account.client("iam")
    name = f"by-hand-{uuid.uuid4().hex}"
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="cognito-test-user", PolicyDocument=permissions)
    return str(arn)


@pytest.mark.parametrize("sub", [SUBJECT, IMMUTABLE])
def test_role_by_hand_is_all_that_the_action_needs(world: World, sub: str) -> None:
    """Both forms of `sub` get in, and the three permissions are enough for main and post."""
    pool = world.pool()
    job = world.job()
    world.github.claims["sub"] = sub

    main = job.main({"user-pool-id": pool, "role-to-assume": _role(world, pool)})

    assert main.exit_code == 0, main.log
    assert world.aws.calls == MAIN_CALLS
    assert job.post().exit_code == 0
    assert world.account.users(pool) == []


@pytest.mark.parametrize("sub", STRANGERS)
def test_role_by_hand_lets_nobody_else_in(world: World, sub: str | None) -> None:
    """Another branch, repository or owner is refused, and so is a token without `sub`."""
    pool = world.pool()
    world.github.claims["sub"] = sub
    if sub is None:
        del world.github.claims["sub"]

    main = world.job().main({"user-pool-id": pool, "role-to-assume": _role(world, pool)})

    assert main.exit_code == 1
    assert world.aws.calls == MAIN_CALLS[:2]


def test_page_shows_only_the_safe_condition() -> None:
    """No policy on the page has a set operator, which would let in a token without the key."""
    trust, _ = _policies("us-east-1_x")

    assert set(json.loads(trust)["Statement"][0]["Condition"]) == {"StringEquals"}
    assert "ForAllValues" not in trust


def test_role_of_the_quick_start_is_enough_for_the_action(world: World) -> None:
    """README's command, in an account that has the identity provider, and the step after it."""
    pool = world.pool()
    given = _deployment("README.md", pool)
    subjects = given.pop("GitHubSubjects")
    role = deploy(world, given.pop("UserPoolId"), subjects)
    job = world.job()

    main = job.main({"user-pool-id": pool, "role-to-assume": role})

    assert (given, subjects) == ({"OidcProviderArn": PROVIDER}, SUBJECT)
    assert (main.exit_code, job.post().exit_code) == (0, 0)


def test_role_is_deployed_again_with_another_sub(world: World) -> None:
    """The command of the setup page changes what it names, and nothing else; the role's ARN stays the same."""
    pool = world.pool()
    first, again = (
        shlex.split(block.replace("\\\n", " ").splitlines()[0])
        for block in _blocks("docs/setup.md", "sh", pool)
        if block.startswith("aws cloudformation deploy")
    )
    at = first.index("--parameter-overrides") + 1
    [parameter] = again[at:]
    role = deploy(world, pool)
    job = world.job()
    name, _, world.github.claims["sub"] = parameter.partition("=")

    assert (again[:at], name) == (first[:at], "GitHubSubjects")
    assert job.main({"user-pool-id": pool, "role-to-assume": role}).exit_code == 1
    assert redeploy(world, role, **{name: str(world.github.claims["sub"])}) == role
    assert job.main({"user-pool-id": pool, "role-to-assume": role}).exit_code == 0
    assert job.post().exit_code == 0


def test_role_with_everything_is_that_of_the_command(world: World) -> None:
    """The command of the setup page names the provider correctly, and switches that exist."""
    given = _deployment("docs/setup.md", world.pool())
    pool, subjects = given.pop("UserPoolId"), given.pop("GitHubSubjects")

    assert given.pop("OidcProviderArn") == PROVIDER
    policies = policies_of(world, deploy(world, pool, subjects, **given))
    [statement] = policies.trust["Statement"]
    assert statement["Condition"]["StringEquals"]["token.actions.githubusercontent.com:sub"] == subjects.split(",")
    users, identities = policies.permissions["Statement"]
    assert len(users["Action"]) == 3 + 6
    assert identities == may_delete_identities(given["IdentityPoolId"])


def test_statement_for_identities_by_hand_is_that_of_the_template(world: World) -> None:
    """It is for the identity pool of the command, and what the template adds for that one."""
    pool = world.pool()
    given = _deployment("docs/setup.md", pool)
    statement = json.loads(_blocks("docs/setup.md", "json", pool)[2])

    permissions = policies_of(world, deploy(world, pool, IdentityPoolId=given["IdentityPoolId"])).permissions

    assert permissions["Statement"][1] == statement


def test_parameters_of_the_page_are_those_of_the_template() -> None:
    """Each has its default; the same goes for the variables of the module."""
    page = (ROOT / "docs/setup.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (?:`(\w+)`)? ?\| ", page, re.MULTILINE)
    template = re.findall(
        r"^  (\w+):\n    Type: [SC](?:.*\n)(?:    .*\n)*?(?=  \w|\n)",
        TEMPLATE.read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    module = re.findall(r'^variable "(\w+)"', (MODULE / "variables.tf").read_text(encoding="utf-8"), re.MULTILINE)

    assert [name for name, _ in rows] == [*template, *module]
    switches = ["false"] * 4
    assert [default for _, default in rows] == ["", "", "", *switches, "", "", "", "null", *switches, "null"]


def test_module_of_the_page_is_well_formed(tmp_path: Path) -> None:
    """It is formatted, sets variables that exist to values that the module accepts, and reads its output."""
    [block] = _blocks("docs/setup.md", "terraform", "us-east-1_abc")
    (tmp_path / "main.tf").write_text(block, encoding="utf-8")
    given = {
        name: json.loads(value)
        for name, value in re.findall(r"^  (\w+) += (.*)$", block, re.MULTILINE)
        if name != "value"
    }
    folder = tmp_path / "module"
    folder.mkdir()

    assert terraform(tmp_path, "fmt", "-check").returncode == 0
    assert given.pop("source").endswith("//infra/terraform?ref=main")
    assert evaluate(folder, given).trust["Statement"][0]["Condition"]["StringEquals"][
        "token.actions.githubusercontent.com:sub"
    ] == [SUBJECT]
    [output] = re.findall(r"module\.cognito_test_user\.(\w+)", block)
    assert f'output "{output}"' in (MODULE / "outputs.tf").read_text(encoding="utf-8")
