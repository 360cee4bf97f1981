"""Adopt and delete: users who outlive their job, with no secret passed from job to job, and no other user touched."""

import json
import re
from collections.abc import Mapping

import pytest

from cognito_action.errors import ActionError
from cognito_action.naming import Run
from cognito_action.users.ownership import require_own
from tests.support.mfa_pool import MfaPool
from tests.support.population import populate
from tests.support.world import World
from tools.emulator.aws import ACCOUNT, REGION
from tools.emulator.github import REPOSITORY_ID, RUN_ID
from tools.emulator.http import Answer
from tools.emulator.job import action
from tools.emulator.proxy import Call, losing_answer, refusing

PHONE = "+15555550123"
KEEP_USER = {"mask-username": "false", "cleanup": "false"}
SESSION = ["GetIDToken", "AssumeRoleWithWebIdentity"]
ABSENT_ROLE = f"arn:aws:iam::{ACCOUNT}:role/never-assumed"


def companion(world: World, pool: str, *permissions: str) -> dict[str, str]:
    """The inputs of a companion action with its own role."""
    return {"user-pool-id": pool, "role-to-assume": world.role(pool, permissions)}


def signs_in(world: World, pool: str, username: str, password: str) -> bool:
    cognito = world.account.cognito
    try:
        cognito.admin_initiate_auth(
            UserPoolId=pool,
            ClientId=world.account.create_app_client(pool, "ALLOW_ADMIN_USER_PASSWORD_AUTH"),
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": username, "PASSWORD": password},
        )
    except cognito.exceptions.NotAuthorizedException:
        return False
    return True


# The main case


@pytest.mark.parametrize("kind", ["plain", "email", "email or phone", "email alias"])
def test_user_passes_through_three_jobs(world: World, kind: str) -> None:
    """Created in one, adopted in the next with a new password and tokens, deleted in the last; one permission each."""
    pool = world.pool(kind)
    if kind == "email alias":
        message = "Username cannot be of email format, since user pool is configured for email alias."
        world.aws.on("AdminCreateUser", refusing("InvalidParameterException", message))
    create = world.job()
    main = create.main({**world.inputs(pool), **KEEP_USER})
    assert main.exit_code == 0, main.log
    assert create.post().exit_code == 0
    username = main.outputs["username"]
    assert username not in main.masks.secrets  # so GitHub lets it through
    world.aws.calls.clear()
    client = {"client-id": world.app_client(pool), "auth-flow": "USER_SRP_AUTH"}

    adopt = world.run("adopt", {**companion(world, pool, "AdminSetUserPassword"), **client, "username": username})

    assert (adopt.exit_code, adopt.stderr, adopt.annotations) == (0, "", []), adopt.log
    assert world.aws.calls == [*SESSION, "AdminSetUserPassword", "InitiateAuth", "RespondToAuthChallenge"]
    assert list(adopt.outputs) == ["username", "password", "sub", "access-token", "id-token", "refresh-token"]
    assert (adopt.outputs["username"], adopt.outputs["sub"]) == (username, main.outputs["sub"])
    assert signs_in(world, pool, username, adopt.outputs["password"])
    assert not signs_in(world, pool, username, main.outputs["password"])
    secrets = [value for name, value in adopt.outputs.items() if name not in ("username", "sub")]
    assert set(secrets) <= adopt.masks.secrets
    world.aws.calls.clear()

    for log in (f"Deleted user {username}.", "not there"):
        delete = world.run("delete", {**companion(world, pool, "AdminDeleteUser"), "username": username})

        assert (delete.exit_code, delete.stderr) == (0, ""), delete.log
        assert log in "\n".join(delete.log)
        assert [annotation.level for annotation in delete.annotations] == (
            ["notice"] if log == "not there" and "@" in username else []
        )
        assert world.aws.calls == [*SESSION, "AdminDeleteUser"]
        assert world.account.users(pool) == []
        world.aws.calls.clear()


def test_adopt_without_an_app_client(world: World) -> None:
    """Two fewer calls, and two outputs: the tests sign in themselves."""
    pool = world.pool("email")
    main = world.job().main({**world.inputs(pool), **KEEP_USER})
    world.aws.calls.clear()

    adopt = world.run(
        "adopt",
        {
            **companion(world, pool, "AdminSetUserPassword"),
            "username": main.outputs["username"],
            "password-length": "20",
        },
    )

    assert (adopt.exit_code, adopt.annotations) == (0, []), adopt.log
    assert world.aws.calls == [*SESSION, "AdminSetUserPassword"]
    assert list(adopt.outputs) == ["username", "password"]
    assert len(adopt.outputs["password"]) == 20
    assert world.sign_in(pool, adopt)["AccessToken"]
    assert adopt.state == {}


def test_each_leg_of_a_matrix_has_its_own_user(world: World) -> None:
    """One step creates them, each leg adopts one by its name, and one delete removes them all."""
    pool = world.pool("email")
    main = world.job().main({**world.inputs(pool), **KEEP_USER, "users": "chromium:\nfirefox:\nwebkit:"})
    names = [user["username"] for user in json.loads(main.outputs["users"]).values()]
    inputs = companion(world, pool, "AdminSetUserPassword")
    legs = [world.job(action="adopt").start("main", {**inputs, "username": name}) for name in names]

    adopted = [leg.finish() for leg in legs]

    assert [stage.exit_code for stage in adopted] == [0, 0, 0]
    assert all(world.sign_in(pool, stage)["AccessToken"] for stage in adopted)
    text = f"  {names[0]}\n{names[1]}\n{names[2]}\n{names[0]}\n"
    delete = world.run("delete", {**companion(world, pool, "AdminDeleteUser"), "username": text})
    assert (delete.exit_code, delete.annotations) == (0, [])
    assert sorted(line for line in delete.log if line.startswith("Deleted")) == sorted(
        f"Deleted user {name}." for name in names
    )
    assert world.account.users(pool) == []


def test_session_is_limited_to_the_calls_of_the_step(world: World) -> None:
    """Whatever the role allows, the session allows only these calls on this pool."""
    pool = world.pool("email")
    main = world.job().main({**world.inputs(pool), **KEEP_USER})
    everything = companion(world, pool, "*")
    name = {"username": main.outputs["username"]}
    client = {"client-id": world.account.create_app_client(pool, "ALLOW_ADMIN_USER_PASSWORD_AUTH")}
    before = len(world.aws.parameters("AssumeRoleWithWebIdentity"))

    assert world.run("adopt", {**everything, **name}).exit_code == 0
    assert world.run("adopt", {**everything, **name, **client}).exit_code == 0
    assert world.run("sweep", {**everything, "dry-run": "TRUE"}).exit_code == 0
    assert world.run("sweep", everything).exit_code == 0
    assert world.run("delete", {**everything, **name}).exit_code == 0

    policies = [json.loads(call["Policy"]) for call in world.aws.parameters("AssumeRoleWithWebIdentity")[before:]]
    resource = f"arn:aws:cognito-idp:{REGION}:{ACCOUNT}:userpool/{pool}"
    assert [(policy["Statement"][0]["Action"], policy["Statement"][0]["Resource"]) for policy in policies] == [
        ([f"cognito-idp:{name}" for name in names], resource)
        for names in (
            ["AdminSetUserPassword"],
            ["AdminSetUserPassword", "AdminInitiateAuth", "AdminRespondToAuthChallenge"],
            ["ListUsers"],
            ["ListUsers", "AdminDeleteUser"],
            ["AdminDeleteUser"],
        )
    ]


# Strangers


@pytest.mark.parametrize("kind", ["plain", "email"])
def test_every_stranger_of_500_is_refused_before_any_call(world: World, kind: str) -> None:
    """No role is assumed, and no user changed, not even the one whose name is right."""
    people = populate(world, kind)
    main = world.job().main({**world.inputs(people.pool), **KEEP_USER})
    right = main.outputs["username"]
    before = sorted(world.account.users(people.pool))
    world.aws.calls.clear()
    inputs = {"user-pool-id": people.pool, "role-to-assume": ABSENT_ROLE}
    names = list(dict.fromkeys([*people.offered, *(f"{name}@example.com" for name in people.offered), *people.others]))
    every_form = [*people.offered[:3], *(f"{name}@example.com" for name in people.offered[2:5])]

    stages = [world.run("delete", {**inputs, "username": "\n".join([right, *names])})]
    stages += [world.run("adopt", {**inputs, "username": name}) for name in every_form]

    for stage in stages:
        assert (stage.exit_code, stage.outputs) == (1, {})
        [annotation] = stage.annotations
        assert annotation.message.startswith(
            "`username` has to be of a user that an earlier job of this run created:\n- "
        )
        assert right not in annotation.message
    for name in names:  # as each action does with every name, whatever the others are
        with pytest.raises(ActionError):
            require_own([name], Run(REPOSITORY_ID, RUN_ID, "1"))
    # Each name but the right one is counted as a stranger's, and ten of them are shown.
    assert f"\n- and {len(names) - 10} more\n" in stages[0].annotations[0].message
    assert world.calls_of_aws == []
    assert sorted(world.account.users(people.pool)) == before


@pytest.mark.parametrize("action", ["adopt", "delete"])
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (PHONE, "a phone number; users of pools that sign in by phone number can't be handed over"),
        ("11111111-2222-3333-4444-555555555555", "a user's ID (`sub`), not the output `username`"),
        ("gha-123456789-1-1-0123456789abcdef", "another run's, 1; this is 9876543210"),
        (
            "gha-1-9876543210-1-0123456789abcdef@example.com",
            "another repository's, with the ID 1; this one has 123456789",
        ),
        ("***", "not a generated name"),
    ],
)
def test_refusal_says_whose_name_it_is(world: World, action: str, name: str, reason: str) -> None:
    """The author sees what the mistake is, and what to paste."""
    stage = world.run(action, {"user-pool-id": world.pool(), "role-to-assume": ABSENT_ROLE, "username": name})

    assert (stage.exit_code, world.calls_of_aws) == (1, [])
    assert f"\n- {name}: {reason}\n" in stage.annotations[0].message
    assert "mask-username: false\n          cleanup: false" in stage.annotations[0].message


@pytest.mark.parametrize("action", ["adopt", "delete"])
def test_hostile_names_are_quoted_not_obeyed(world: World, action: str) -> None:
    """Whatever a name looks like, it is only a line in the error."""
    name = "##[add-mask]evil%0A::add-mask::evil```<img>\x1b[31m\u2028::stop-commands::x"
    stage = world.run(action, {"user-pool-id": world.pool(), "role-to-assume": ABSENT_ROLE, "username": name})

    assert (stage.exit_code, stage.stderr) == (1, "")
    assert [command for command in stage.executed if command != "add-mask"] == ["error"]
    assert stage.masks.secrets <= set(world.github.tokens)


# What else can go wrong


def test_user_who_was_deleted_with_its_job(world: World) -> None:
    """The most common mistake: `cleanup: false` is missing."""
    pool = world.pool("email")
    job = world.job()
    main = job.main(world.inputs(pool, mask_username="false"))
    job.post()

    adopt = world.run("adopt", {**companion(world, pool, "AdminSetUserPassword"), "username": main.outputs["username"]})

    assert (adopt.exit_code, adopt.outputs) == (1, {})
    assert adopt.annotations[0].message.startswith("AdminSetUserPassword failed with UserNotFoundException: ")
    assert "`cleanup: false` is missing there" in adopt.annotations[0].message


def test_name_that_was_masked(world: World) -> None:
    """GitHub drops the output of the job: adopt fails and says why, and delete warns."""
    inputs = {"user-pool-id": world.pool(), "role-to-assume": ABSENT_ROLE, "username": "\n \n"}

    adopt = world.run("adopt", inputs)
    delete = world.run("delete", inputs)

    assert (adopt.exit_code, delete.exit_code, world.calls_of_aws) == (1, 0, [])
    for stage, level in ((adopt, "error"), (delete, "warning")):
        [annotation] = stage.annotations
        assert annotation.level == level
        assert "GitHub drops job outputs that contain a masked value" in annotation.message
        assert "`mask-username: false`" in annotation.message


@pytest.mark.parametrize(("action", "operation"), [("adopt", "AdminSetUserPassword"), ("delete", "AdminDeleteUser")])
def test_missing_permission_is_shown_ready_to_paste(world: World, action: str, operation: str) -> None:
    """And no other is shown: the rest is not needed here."""
    pool = world.pool("email")
    main = world.job().main({**world.inputs(pool), **KEEP_USER})

    stage = world.run(action, {**companion(world, pool, "AdminGetUser"), "username": main.outputs["username"]})

    assert stage.exit_code == 1
    [annotation] = stage.annotations
    assert f"{operation} failed with AccessDenied" in annotation.message
    assert f'"Action": [\n    "cognito-idp:{operation}"\n  ]' in annotation.message
    assert len(world.account.users(pool)) == 1


def test_other_users_are_deleted_if_one_is_refused(world: World) -> None:
    """The error names the one who is left, with the command that deletes it."""
    pool = world.pool("email")
    main = world.job().main({**world.inputs(pool), **KEEP_USER, "users": "a:\nb:\nc:"})
    names = [user["username"] for user in json.loads(main.outputs["users"]).values()]
    world.aws.on("AdminDeleteUser", losing_answer, refusing("NotAuthorizedException", "no"))

    stage = world.run("delete", {**companion(world, pool, "AdminDeleteUser"), "username": "\n".join(names)})

    assert stage.exit_code == 1
    [left] = world.account.users(pool)
    [annotation] = stage.annotations
    assert (annotation.level, annotation.title) == ("error", "Cognito test user - delete: not deleted")
    assert annotation.message.startswith(f"1 user may still exist in {pool}. AdminDeleteUser failed with ")
    email = world.account.cognito.admin_get_user(UserPoolId=pool, Username=left)["UserAttributes"][0]["Value"]
    assert email in names
    assert f"--user-pool-id {pool} --username {email}" in annotation.message


def test_policy_that_requires_a_longer_password(world: World) -> None:
    """A new one is drawn, once, and masked."""
    pool = world.pool("email", Policies={"PasswordPolicy": {"MinimumLength": 40}})
    main = world.job().main({**world.inputs(pool, password_length="50"), **KEEP_USER})

    adopt = world.run("adopt", {**companion(world, pool, "AdminSetUserPassword"), "username": main.outputs["username"]})

    assert adopt.exit_code == 0, adopt.log
    assert len(adopt.outputs["password"]) == 99
    assert [len(call["Password"]) for call in world.aws.parameters("AdminSetUserPassword")] == [50, 32, 99]
    assert adopt.outputs["password"] in adopt.masks.secrets


# A second factor


def mfa(world: World, pool: str) -> tuple[MfaPool, Mapping[str, str]]:
    client = world.app_client(pool)
    factor = MfaPool(client)
    return factor, {"client-id": client, "auth-flow": "USER_SRP_AUTH"}


def test_second_factor_of_another_job_is_named(world: World) -> None:
    """The secret stayed in the job that signed the user in first."""
    pool = world.pool("email")
    factor, client = mfa(world, pool)
    factor.guard(world.aws)
    main = world.job().main({**world.inputs(pool), **KEEP_USER, **client})
    assert main.outputs["totp-secret"]

    adopt = world.run(
        "adopt", {**companion(world, pool, "AdminSetUserPassword"), **client, "username": main.outputs["username"]}
    )

    assert (adopt.exit_code, adopt.outputs) == (1, {})
    [annotation] = adopt.annotations
    assert annotation.message.startswith("The sign-in asks for a code of the user's authenticator (SOFTWARE_TOKEN_MFA)")
    assert "Leave `client-id` out where the user is created" in annotation.message


def test_first_to_sign_in_sets_up_the_second_factor(world: World) -> None:
    """If the creating job left out `client-id`, the adopting job gets the secret."""
    pool = world.pool("email")
    factor, client = mfa(world, pool)
    factor.guard(world.aws)
    main = world.job().main({**world.inputs(pool), **KEEP_USER})

    adopt = world.run(
        "adopt", {**companion(world, pool, "AdminSetUserPassword"), **client, "username": main.outputs["username"]}
    )

    assert (adopt.exit_code, adopt.annotations) == (0, []), adopt.log
    assert sorted(adopt.outputs) == sorted(action("adopt")["outputs"])
    assert adopt.outputs["totp-secret"] == factor.secret
    assert factor.secret in adopt.masks.secrets
    assert adopt.outputs["access-token"]


# Phone pools


def test_phone_pools_are_not_supported(world: World) -> None:
    """Neither the number nor the generated address identifies the user there, and both actions say so."""
    pool = world.pool("phone")
    main = world.job().main({**world.inputs(pool, phone_number=PHONE), **KEEP_USER})
    [user] = world.account.users(pool)
    inputs = companion(world, pool, "*")

    by_number = [world.run(action, {**inputs, "username": main.outputs["username"]}) for action in ("adopt", "delete")]
    adopt, delete = (world.run(action, {**inputs, "username": main.outputs["email"]}) for action in ("adopt", "delete"))

    for stage in by_number:
        assert stage.exit_code == 1
        assert "pools that sign in by phone number can't be handed over" in stage.annotations[0].message
    assert (adopt.exit_code, delete.exit_code) == (1, 0)
    assert "phone number can't be adopted" in adopt.annotations[0].message
    assert delete.annotations[0].level == "notice"
    assert "people sign in to the pool by phone number, the user is still there" in delete.annotations[0].message
    assert world.account.users(pool) == [user]


# Secrets


@pytest.mark.parametrize("debug", ["", "1"])
def test_no_secret_shows_before_its_mask(world: World, debug: str) -> None:
    """Nor after it: each is in its `add-mask` line and nowhere else that a companion writes for a reader."""
    pool = world.pool("email")
    main = world.job().main({**world.inputs(pool), **KEEP_USER})
    app_client = world.account.cognito.create_user_pool_client(
        UserPoolId=pool, ClientName="confidential", GenerateSecret=True, ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH"]
    )["UserPoolClient"]
    client = {"client-id": app_client["ClientId"], "client-secret": app_client["ClientSecret"]}
    name = {"username": main.outputs["username"]}
    inputs = companion(world, pool, "*")
    of_session: list[str] = []

    def remember(call: Call) -> Answer:
        answer = call.forward()
        found = re.findall(rb"<(?:AccessKeyId|SecretAccessKey|SessionToken)>([^<]+)<", answer.body)
        of_session[:] = [value.decode() for value in found]
        return answer

    world.aws.on("AssumeRoleWithWebIdentity", *[remember] * 4)

    for companion_action, extra in (("adopt", {**name, **client}), ("sweep", {"older-than": "1s"}), ("delete", name)):
        stage = world.run(companion_action, {**inputs, **extra}, RUNNER_DEBUG=debug)
        assert stage.exit_code == 0, stage.log
        secrets = [*of_session, world.github.tokens[-1]]
        if companion_action == "adopt":
            secrets += [value for output, value in stage.outputs.items() if output not in ("username", "sub")]
            sent = [*world.aws.parameters("InitiateAuth"), *world.aws.parameters("RespondToAuthChallenge")]
            hashes = [{**call.get("AuthParameters", {}), **call.get("ChallengeResponses", {})} for call in sent]
            secrets += [client["client-secret"], *{str(parameters["SECRET_HASH"]) for parameters in hashes}]
        assert len(secrets) >= (10 if companion_action == "adopt" else 4)
        lines = stage.stdout.splitlines()
        for secret in secrets:
            assert {line for line in lines if secret in line} == {f"::add-mask::{secret}"}
            assert secret not in stage.stderr + stage.files["GITHUB_STEP_SUMMARY"] + stage.files["GITHUB_STATE"]
