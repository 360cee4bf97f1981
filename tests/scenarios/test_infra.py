"""The role that `infra/` makes is enough for the action, and for no one and nothing else."""

import subprocess
import sys
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from botocore.config import Config
from botocore.exceptions import ClientError

from cognito_action.aws.iam import default_audience
from cognito_action.identifiers import REGION as REGION_NAME
from cognito_action.identifiers import UUID
from tests.support.infra import (
    BOTH,
    IDENTITY_POOL,
    IMMUTABLE,
    MODULE,
    PROVIDER,
    STRANGERS,
    TEMPLATE,
    deploy,
    evaluate,
    may_delete_identities,
    policies_of,
    terraform,
)
from tests.support.world import MAIN_CALLS, World
from tools.emulator.aws import REGION
from tools.emulator.github import SUBJECT, id_token
from tools.emulator.job import ROOT

SWITCHES = {
    "Groups": ["AdminAddUserToGroup"],
    "SignIn": ["AdminInitiateAuth", "AdminRespondToAuthChallenge"],
    "SignUp": ["AdminInitiateAuth", "AdminConfirmSignUp", "AdminUpdateUserAttributes"],
    "Sweep": ["ListUsers"],
}
EVERYTHING = {**dict.fromkeys(SWITCHES, "true"), "IdentityPoolId": IDENTITY_POOL}

NO_IDENTITY_POOLS = [
    "eu-central-1",
    "1a2b3c4d-1111-2222-3333-444455556666",
    "eu-central-1_AbCdEfGhI",
    "eu-central-1:1a2b3c4d",
    "eu-central-1:*",
    "*:1a2b3c4d-1111-2222-3333-444455556666",
    "eu-central-1:1A2B3C4D-1111-2222-3333-444455556666",
    f" {IDENTITY_POOL}",
    f"{IDENTITY_POOL}*",
    f"{IDENTITY_POOL},{IDENTITY_POOL}",
    f"arn:aws:cognito-identity:eu-central-1:123456789012:identitypool/{IDENTITY_POOL}",
]
"""What is not the ID of an identity pool."""


# The template, deployed


@pytest.mark.parametrize("sub", [SUBJECT, IMMUTABLE])
def test_role_of_the_template_is_enough_for_main_and_post(world: World, sub: str) -> None:
    """Each of its subjects gets in, and a user is created and deleted."""
    pool = world.pool()
    job = world.job()
    world.github.claims["sub"] = sub

    main = job.main({"user-pool-id": pool, "role-to-assume": deploy(world, pool, BOTH)})

    assert main.exit_code == 0, main.log
    assert len(world.account.users(pool)) == 1
    assert job.post().exit_code == 0
    assert world.account.users(pool) == []


@pytest.mark.parametrize("sub", STRANGERS)
def test_role_of_the_template_accepts_no_other_token(world: World, sub: str | None) -> None:
    """Other branches, repositories, events and owners are refused, and so is a token without `sub`."""
    pool = world.pool()
    role = deploy(world, pool, BOTH)
    world.github.claims["sub"] = sub
    if sub is None:
        del world.github.claims["sub"]

    main = world.job().main({"user-pool-id": pool, "role-to-assume": role})

    assert main.exit_code == 1
    assert "AssumeRoleWithWebIdentity failed with AccessDenied" in main.annotations[0].message
    assert world.aws.calls == MAIN_CALLS[:2]


@pytest.mark.parametrize(
    "claims", [{}, {"aud": "https://github.com/octo-org"}, {"aud": ""}, {"iss": "https://evil.example"}]
)
def test_role_of_the_template_accepts_no_other_audience_or_issuer(world: World, claims: dict[str, str]) -> None:
    """A token for another audience, from another issuer or without an audience is refused."""
    role = deploy(world, world.pool())
    token = id_token({"iss": "https://token.actions.githubusercontent.com", "sub": SUBJECT, **claims})

    with pytest.raises(ClientError, match="AccessDenied"):
        assume(world, role, token)


def test_role_of_the_template_reaches_no_other_pool(world: World) -> None:
    """It has no access to another pool of the same account."""
    role = deploy(world, world.pool())
    other = world.pool()

    main = world.job().main({"user-pool-id": other, "role-to-assume": role})

    assert main.exit_code == 1
    assert "AdminCreateUser failed with AccessDeniedException" in main.annotations[0].message
    assert world.account.users(other) == []


@pytest.mark.parametrize("switches", [{}, EVERYTHING])
def test_role_of_the_template_may_make_no_other_call(world: World, switches: dict[str, str]) -> None:
    """Of all Cognito calls on a pool, and some common calls of other kinds, it may make only those listed.

    The role is assumed without the action's session policy.
    """
    pool = world.pool()
    role = deploy(world, pool, **switches)
    allowed = {"AdminCreateUser", "AdminSetUserPassword", "AdminDeleteUser"}
    allowed |= {call for name in switches for call in SWITCHES.get(name, [])}
    session = assume(world, role, id_token_of_the_job(world))
    cognito = session("cognito-idp")
    operations = {
        name: cognito.meta.service_model.operation_model(name) for name in cognito.meta.service_model.operation_names
    }
    on_pools = {
        name: model
        for name, model in operations.items()
        if model.auth_type != "none" and "UserPoolId" in (model.input_shape.members if model.input_shape else {})
    }
    assert len(on_pools) > 50

    given = {"UserPoolId": pool, "Username": "no one", "ClientId": "none", "GroupName": "none"}
    passed = {name for name, model in on_pools.items() if not refused(cognito, name, model, given)}

    assert passed == allowed
    for service, call in [("iam", "list_roles"), ("s3", "list_buckets"), ("cognito-idp", "list_user_pools")]:
        arguments = {"MaxResults": 1} if call == "list_user_pools" else {}
        with pytest.raises(ClientError, match="AccessDenied"):
            getattr(session(service), call)(**arguments)


def test_role_of_the_template_may_make_no_other_call_on_its_identity_pool(world: World) -> None:
    """Of all signed calls on identities and identity pools, it may make at most the one that deletes identities.

    The emulator knows neither that call nor the condition key that limits it to an identity pool, so it refuses this
    one too. It shows that the statement allows nothing where the key is missing.
    """
    administrator = world.account.client("cognito-identity")
    identity_pool = administrator.create_identity_pool(IdentityPoolName="tests", AllowUnauthenticatedIdentities=True)[
        "IdentityPoolId"
    ]
    identity = administrator.get_id(IdentityPoolId=identity_pool)["IdentityId"]
    role = deploy(world, world.pool(), **{**EVERYTHING, "IdentityPoolId": identity_pool})
    client = assume(world, role, id_token_of_the_job(world))("cognito-identity")
    model = client.meta.service_model
    operations = {name: model.operation_model(name) for name in model.operation_names}
    signed = {name: operation for name, operation in operations.items() if operation.auth_type != "none"}
    assert len(signed) > 15
    given = {"IdentityPoolId": identity_pool, "IdentityId": identity, "IdentityIdsToDelete": [identity]}

    passed = {name for name, operation in signed.items() if not refused(client, name, operation, given)}

    assert passed == set()
    assert administrator.describe_identity(IdentityId=identity)["IdentityId"] == identity


@pytest.mark.parametrize("switches", [[], *([name] for name in SWITCHES), ["SignIn", "SignUp"]])
def test_switch_of_the_template_adds_its_permissions(world: World, switches: list[str]) -> None:
    """There is one policy on one pool; each switch adds what its feature needs, and two add what they share once."""
    pool = world.pool()

    permissions = policies_of(world, deploy(world, pool, **dict.fromkeys(switches, "true"))).permissions

    added = dict.fromkeys(call for name in switches for call in SWITCHES[name])
    calls = ["AdminCreateUser", "AdminSetUserPassword", "AdminDeleteUser", *added]
    [statement] = permissions["Statement"]
    assert statement == {
        "Effect": "Allow",
        "Action": [f"cognito-idp:{call}" for call in calls],
        "Resource": f"arn:aws:cognito-idp:{REGION}:000000000000:userpool/{pool}",
    }


@pytest.mark.parametrize("switches", [{}, dict.fromkeys(SWITCHES, "true")])
def test_identity_pool_of_the_template_adds_a_statement(world: World, switches: dict[str, str]) -> None:
    """It allows one call, in the identity pool's own region; the statement on the user pool stays as it is."""
    pool = world.pool()

    without, with_identities = (
        policies_of(world, deploy(world, pool, **switches, IdentityPoolId=given)).permissions
        for given in ("", IDENTITY_POOL)
    )

    [users] = without["Statement"]
    assert with_identities["Statement"] == [users, may_delete_identities(IDENTITY_POOL)]


def test_features_work_with_their_switches(world: World) -> None:
    """Groups, the sign-in that needs permissions, the sign-up, and the sweep, each with only its own switch."""
    pool = world.pool()
    world.account.cognito.create_group(UserPoolId=pool, GroupName="admins")
    client = world.account.create_app_client(pool, "ALLOW_ADMIN_USER_PASSWORD_AUTH")
    job = world.job()

    groups = world.job().main(
        {"user-pool-id": pool, "role-to-assume": deploy(world, pool, Groups="true"), "groups": "admins"}
    )
    sign_in = job.main(
        {"user-pool-id": pool, "role-to-assume": deploy(world, pool, SignIn="true"), "client-id": client}
    )
    post = job.post()
    newcomer = world.job()
    sign_up = newcomer.main(
        {
            "user-pool-id": pool,
            "role-to-assume": deploy(world, pool, SignUp="true"),
            "client-id": world.app_client(pool),
            "auth-flow": "USER_SRP_AUTH",
            "sign-up": "true",
        }
    )
    newcomer_post = newcomer.post()
    time.sleep(1.1)
    sweep = world.run(
        "sweep", {"user-pool-id": pool, "role-to-assume": deploy(world, pool, Sweep="true"), "older-than": "1s"}
    )

    stages = (groups, sign_in, post, sign_up, newcomer_post, sweep)
    assert [(stage.exit_code, stage.annotations) for stage in stages] == [(0, [])] * 6
    assert sign_in.outputs["access-token"]
    assert sign_up.outputs["access-token"]
    assert {"SignUp", "AdminConfirmSignUp", "AdminUpdateUserAttributes"} <= set(world.aws.calls)
    assert sweep.outputs == {"found": "1", "deleted": "1"}
    assert world.account.users(pool) == []


@pytest.mark.parametrize(
    "parameters",
    [
        {"subjects": "repo:octo-org/octo-app:*"},
        {"subjects": f"{SUBJECT},repo:octo-org/*:ref:refs/heads/main"},
        {"UserPoolId": "arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_abc"},
        {"OidcProviderArn": "arn:aws:iam::123456789012:oidc-provider/example.com"},
        {"Groups": "yes"},
        *({"IdentityPoolId": value} for value in NO_IDENTITY_POOLS),
    ],
)
def test_template_refuses_what_would_not_work(world: World, parameters: dict[str, str]) -> None:
    """A wildcard matches nothing under `StringEquals`, for example, so it is refused up front."""
    with pytest.raises(ClientError, match="ValidationError"):
        deploy(world, **{"pool": "us-east-1_abc", **parameters})


def test_template_creates_the_provider_unless_one_is_given(world: World) -> None:
    """The emulator does not know this resource: the test checks that the template declares what the action needs."""
    template = yaml.load(TEMPLATE.read_text(encoding="utf-8"), CloudFormation)
    provider = template["Resources"]["OidcProvider"]
    principal = template["Resources"]["Role"]["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]
    audience = {
        "!If": ["InChina", default_audience("arn:aws-cn:iam::1:role/x"), default_audience("arn:aws:iam::1:role/x")]
    }

    with pytest.raises(ClientError, match=r"Unrecognized resource types: \[AWS::IAM::OIDCProvider\]"):
        deploy(world, world.pool(), OidcProviderArn="")

    assert provider["Type"] == "AWS::IAM::OIDCProvider"
    assert provider["Properties"] == {"Url": "https://token.actions.githubusercontent.com", "ClientIdList": [audience]}
    assert template["Conditions"][provider["Condition"]] == {"!Equals": [{"!Ref": "OidcProviderArn"}, ""]}
    assert principal == {
        "Federated": {"!If": [provider["Condition"], {"!Ref": "OidcProvider"}, {"!Ref": "OidcProviderArn"}]}
    }
    assert provider["DeletionPolicy"] == provider["UpdateReplacePolicy"] == "Retain"


def test_infra_accepts_the_pools_that_the_action_accepts() -> None:
    """The template, the module and the action check an id with the same pattern."""
    identity_pool = f"{REGION_NAME.pattern}:{UUID.pattern}"
    template, module = (path.read_text(encoding="utf-8") for path in (TEMPLATE, MODULE / "variables.tf"))

    for text in (template, module):
        assert f"^{REGION_NAME.pattern}_[0-9a-zA-Z]+$" in text
    assert f"^({identity_pool})?$" in template
    assert f"^{identity_pool}$" in module


def test_template_passes_its_linter(tmp_path: Path) -> None:
    """CloudFormation's own schemas know each property of each resource; a wrong one is found."""
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(TEMPLATE.read_text(encoding="utf-8").replace("ClientIdList", "ClientIds"), encoding="utf-8")

    assert lint(TEMPLATE) == (0, "")
    assert lint(wrong)[0] != 0


# The module


@pytest.mark.parametrize("switches", [{}, *({name: value} for name, value in EVERYTHING.items()), EVERYTHING])
def test_module_makes_the_policies_of_the_template(world: World, tmp_path: Path, switches: dict[str, str]) -> None:
    """They are identical, so what is tested with one role holds for the other."""
    pool = world.pool()
    variables = {
        "Groups": "groups",
        "SignIn": "sign_in",
        "SignUp": "sign_up",
        "Sweep": "sweep",
        "IdentityPoolId": "identity_pool_id",
    }

    module = evaluate(
        tmp_path,
        {
            "user_pool_id": pool,
            "github_subjects": [SUBJECT, IMMUTABLE],
            **{variables[name]: value == "true" or value for name, value in switches.items()},
        },
    )

    assert module == policies_of(world, deploy(world, pool, BOTH, **switches))
    assert module.trust["Statement"][0]["Principal"] == {"Federated": PROVIDER}
    assert set(module.trust["Statement"][0]["Condition"]) == {"StringEquals"}


@pytest.mark.parametrize(
    ("partition", "region", "other_region"),
    [
        ("aws", "eu-central-1", "us-west-2"),
        ("aws-cn", "cn-north-1", "cn-northwest-1"),
        ("aws-us-gov", "us-gov-west-1", "us-gov-east-1"),
        ("aws-eusc", "eusc-de-east-1", "eusc-de-east-1"),
    ],
)
def test_module_is_right_in_every_partition(tmp_path: Path, partition: str, region: str, other_region: str) -> None:
    """The audience is the one that the action asks for there, and the ARN of each pool has that pool's region."""
    identity_pool = f"{other_region}:1a2b3c4d-1111-2222-3333-444455556666"
    variables = {
        "user_pool_id": f"{region}_AbCdEfGhI",
        "github_subjects": [SUBJECT],
        "identity_pool_id": identity_pool,
    }

    found = evaluate(tmp_path, variables, partition, provider="arn")

    [trust], [permissions, identities] = found.trust["Statement"], found.permissions["Statement"]
    assert trust["Condition"]["StringEquals"]["token.actions.githubusercontent.com:aud"] == default_audience(
        f"arn:{partition}:iam::123456789012:role/x"
    )
    assert permissions["Resource"] == (f"arn:{partition}:cognito-idp:{region}:000000000000:userpool/{region}_AbCdEfGhI")
    assert identities == may_delete_identities(identity_pool, partition)


@pytest.mark.parametrize(
    "variables",
    [
        {"github_subjects": []},
        {"github_subjects": ["repo:octo-org/octo-app:*"]},
        {"user_pool_id": "AbCdEfGhI"},
        {"oidc_provider_arn": "arn:aws:iam::123456789012:oidc-provider/example.com"},
        *({"identity_pool_id": value} for value in ("", *NO_IDENTITY_POOLS)),
    ],
)
def test_module_refuses_what_would_not_work(tmp_path: Path, variables: dict[str, Any]) -> None:
    """It refuses the same as the template."""
    with pytest.raises(ValueError, match="Invalid value for variable"):
        evaluate(tmp_path, {"user_pool_id": "eu-central-1_AbCdEfGhI", "github_subjects": [SUBJECT], **variables})


def test_module_is_formatted(tmp_path: Path) -> None:
    """It is as `terraform fmt` writes it; wrong formatting is found."""
    (tmp_path / "wrong.tf").write_text('locals {\n a = "b"\n}\n', encoding="utf-8")

    assert terraform(MODULE, "fmt", "-check", "-recursive").stdout == ""
    assert terraform(tmp_path, "fmt", "-check").returncode == 3


# Helpers


def assume(world: World, role: str, token: str) -> Any:
    """Assume the role with a token, and return a function that makes clients of the session, bypassing the proxy."""
    sts = world.account.client("sts")
    credentials = sts.assume_role_with_web_identity(
        RoleArn=role, RoleSessionName=uuid.uuid4().hex, WebIdentityToken=token
    )["Credentials"]

    def client(service: str) -> Any:
        return boto3.client(
            service,  # type: ignore[call-overload]
            region_name=REGION,
            endpoint_url=world.account.endpoint,
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials["SessionToken"],
            config=Config(parameter_validation=False),
        )

    return client


def id_token_of_the_job(world: World) -> str:
    """A token as GitHub makes it for the action."""
    return id_token({**world.github.claims, "aud": "sts.amazonaws.com"})


def refused(client: Any, name: str, model: Any, given: Mapping[str, object]) -> bool:
    """Whether IAM refuses this call, with those of the arguments that it has; what does not exist fails later."""
    arguments = {key: value for key, value in given.items() if key in model.input_shape.members}
    try:
        client._make_api_call(name, arguments)  # noqa: SLF001
    except ClientError as error:
        return bool(error.response["Error"]["Code"] == "AccessDeniedException")
    return False


class CloudFormation(yaml.SafeLoader):
    """The short forms of CloudFormation's functions, as mappings of one key."""


def _function(loader: yaml.SafeLoader, name: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        return {f"!{name}": loader.construct_scalar(node)}
    assert isinstance(node, yaml.SequenceNode)
    return {f"!{name}": loader.construct_sequence(node, deep=True)}


CloudFormation.add_multi_constructor("!", _function)


def lint(template: Path) -> tuple[int, str]:
    """The status and the findings of cfn-lint."""
    process = subprocess.run(
        [Path(sys.executable).parent / "cfn-lint", "--", template],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return process.returncode, process.stdout
