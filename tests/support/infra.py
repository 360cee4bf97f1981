"""The role as `infra/` makes it: the template deployed, and the module's policies evaluated."""

import json
import os
import shutil
import subprocess
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.world import World
from tools.emulator.aws import ACCOUNT
from tools.emulator.github import ISSUER, SUBJECT
from tools.emulator.job import ROOT

TEMPLATE = ROOT / "infra/cloudformation.yaml"
MODULE = ROOT / "infra/terraform"
IMMUTABLE = "repo:octo-org@1234567/octo-app@7654321:ref:refs/heads/main"
BOTH = f"{SUBJECT},{IMMUTABLE}"
"""The subjects that a role trusts, with both forms of `sub`, in the format of the template's parameter."""

STRANGERS = [
    None,
    "",
    "*",
    "repo:octo-org/octo-app:*",
    "repo:octo-org/octo-app:ref:refs/heads/other",
    "repo:octo-org/octo-app:ref:refs/heads/main2",
    "repo:octo-org/octo-app:ref:refs/heads/Main",
    "repo:octo-org/octo-app:ref:refs/tags/main",
    "repo:octo-org/octo-app:pull_request",
    "repo:octo-org/octo-app:environment:main",
    "repo:octo-org/other:ref:refs/heads/main",
    "repo:other/octo-app:ref:refs/heads/main",
    "repo:octo-org@1/octo-app@7654321:ref:refs/heads/main",
    BOTH,
]
"""Subjects that it does not trust: other branches, repositories, events and owners, and a token without `sub`."""

PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{ISSUER}"

IDENTITY_POOL = "eu-central-1:1a2b3c4d-1111-2222-3333-444455556666"
"""An identity pool in another region than the tests' user pools."""


@dataclass(frozen=True)
class Policies:
    """What a role may do, and who may assume it."""

    trust: Any
    permissions: Any


def may_delete_identities(identity_pool: str, partition: str = "aws") -> dict[str, Any]:
    """The statement that allows no more than to delete the identities of one identity pool."""
    region = identity_pool.partition(":")[0]
    arn = f"arn:{partition}:cognito-identity:{region}:{ACCOUNT}:identitypool/{identity_pool}"
    return {
        "Effect": "Allow",
        "Action": "cognito-identity:DeleteIdentities",
        "Resource": "*",
        "Condition": {"StringEquals": {"cognito-identity:IdentityPoolArn": arn}},
    }


def deploy(world: World, pool: str, subjects: str = SUBJECT, **parameters: str) -> str:
    """Deploy the template as it is and return the role's ARN; raises `ClientError` if its parameters are refused."""
    cloudformation = world.account.client("cloudformation")
    given = {"UserPoolId": pool, "GitHubSubjects": subjects, "OidcProviderArn": PROVIDER, **parameters}
    name = f"stack-{uuid.uuid4().hex}"
    cloudformation.create_stack(
        StackName=name,
        TemplateBody=TEMPLATE.read_text(encoding="utf-8"),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()],
        Capabilities=["CAPABILITY_IAM"],
    )
    return _role_of(cloudformation, name)


def redeploy(world: World, role_arn: str, **parameters: str) -> str:
    """Change parameters of the stack that made a role, like `aws cloudformation deploy`, and return the role's ARN."""
    cloudformation = world.account.client("cloudformation")
    name = role_arn.rpartition("/")[2].rpartition("-Role-")[0]
    [stack] = cloudformation.describe_stacks(StackName=name)["Stacks"]
    cloudformation.update_stack(
        StackName=name,
        UsePreviousTemplate=True,
        Parameters=[
            {"ParameterKey": key, "ParameterValue": parameters[key]}
            if (key := given["ParameterKey"]) in parameters
            else {"ParameterKey": key, "UsePreviousValue": True}
            for given in stack["Parameters"]
        ],
        Capabilities=["CAPABILITY_IAM"],
    )
    return _role_of(cloudformation, name)


def _role_of(cloudformation: Any, name: str) -> str:
    while True:
        [stack] = cloudformation.describe_stacks(StackName=name)["Stacks"]
        if not stack["StackStatus"].endswith("_IN_PROGRESS"):
            break
        time.sleep(0.05)
    assert stack["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE"), stack
    [output] = stack["Outputs"]
    assert output["OutputKey"] == "RoleArn"
    return str(output["OutputValue"])


def policies_of(world: World, role_arn: str) -> Policies:
    """The policies of a role, which must have no others."""
    iam = world.account.client("iam")
    name = role_arn.rpartition("/")[2]
    assert iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"] == []
    [policy] = iam.list_role_policies(RoleName=name)["PolicyNames"]
    return Policies(
        iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"],
        iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"],
    )


def terraform(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run Terraform without its version check; if it is not installed, the test is skipped, or fails."""
    if shutil.which("terraform") is None:
        if os.environ.get("REQUIRE_TERRAFORM") == "1":
            pytest.fail("Terraform is not installed.")
        pytest.skip("Terraform is not installed.")
    return subprocess.run(
        ["terraform", *arguments],
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "CHECKPOINT_DISABLE": "1",
            "TF_CLI_CONFIG_FILE": os.devnull,
        },
        capture_output=True,
        text=True,
        check=False,
    )


OUTPUTS = """
output "policies" {
  value = { trust = local.trust_policy, permissions = local.permissions }
}
"""


def evaluate(folder: Path, variables: Mapping[str, Any], partition: str = "aws", provider: str = PROVIDER) -> Policies:
    """The module's policies for these variables, without the resources that hold them.

    What the resources would look up in AWS is given: the account, its partition, and the ARN of the identity provider.
    """
    for name in ("variables.tf", "policies.tf"):
        shutil.copy(MODULE / name, folder)
    given = {"account": ACCOUNT, "partition": partition, "provider_arn": provider}
    (folder / "given.tf.json").write_text(json.dumps({"locals": given}), encoding="utf-8")
    (folder / "outputs.tf").write_text(OUTPUTS, encoding="utf-8")
    (folder / "terraform.tfvars.json").write_text(json.dumps(variables), encoding="utf-8")
    for command in (["init"], ["apply", "-auto-approve"]):
        process = terraform(folder, *command, "-input=false", "-no-color")
        if process.returncode:
            raise ValueError(process.stderr)
    found = json.loads(terraform(folder, "output", "-json", "policies").stdout)
    return Policies(json.loads(found["trust"]), json.loads(found["permissions"]))
