"""Users with `create: false`: nobody is created, and all that a test needs to sign up is made, masked and saved."""

import json
from collections.abc import Mapping

import pytest

from tests.support.checkpoints import Checkpoints, Point
from tests.support.sign_up import (
    PERMISSIONS,
    PHONE,
    SENT,
    SESSION,
    SIGN_UP,
    SRP,
    session_permissions,
    sign_up_inputs,
    strict_pool,
)
from tests.support.world import MAIN_CALLS, World
from tools.emulator.http import serving
from tools.emulator.job import Job, Stage
from tools.emulator.proxy import Gate, refusing
from tools.emulator.workflow_commands import parse_file

ALONE = "visitor: {create: false}"
FIRST = "visitor: {create: false}\nmember:\n"
LAST = "member:\nvisitor: {create: false}\n"
BETWEEN = "member:\nvisitor: {create: false}\nother: {groups: [admins]}\nnewcomer: {create: false}\n"


class StepwiseJob(Job):
    """A job whose main stops where a test wants it to."""

    def entrypoint(self, stage: str) -> str:
        return "tests/support/stepwise_main.py" if stage == "main" else super().entrypoint(stage)


def users_of(main: Stage) -> dict[str, dict[str, str]]:
    read: dict[str, dict[str, str]] = json.loads(main.outputs["users"])
    return read


def entries_of(state: Mapping[str, str]) -> list[dict[str, str]]:
    """The users in the state, without fields that have nothing to say."""
    entries = [json.loads(text) for name, text in state.items() if name.startswith("user-") and text]
    return [{name: value for name, value in entry.items() if value} for entry in entries]


def address_of(name: str) -> str:
    return f"success+{name}@simulator.amazonses.com"


# Alone


@pytest.mark.parametrize("domain", ["example.com", "", "app.test"])
def test_nobody_is_created(world: World, domain: str) -> None:
    """No call is made on the pool, the session may make none, and the outputs have what a test types."""
    pool = world.pool()
    job = world.job()

    main = job.main(world.inputs(pool, users=ALONE, email_domain=domain))

    assert (main.exit_code, main.stderr, main.annotations) == (0, "", []), main.log
    assert world.aws.calls == SESSION
    [session] = world.aws.parameters("AssumeRoleWithWebIdentity")
    assert json.loads(session["Policy"])["Statement"] == [{"Effect": "Deny", "Action": "*", "Resource": "*"}]
    [user] = users_of(main).values()
    assert set(user) == {"username", "password", "email"}
    assert main.outputs == {**user, "users": main.outputs["users"]}
    name = user["username"]
    assert name.startswith("gha-123456789-9876543210-1-")
    assert user["email"] == {"example.com": address_of(name), "": "", "app.test": f"{name}@app.test"}[domain]
    assert len(user["password"]) == 32
    assert {name, user["password"], *filter(None, [user["email"]])} <= main.masks.secrets
    assert entries_of(main.state) == [{"name": user["email"] or name, "expected": True}]
    assert "Ready for a test to sign up in" in main.summary
    assert "(not created)  visitor" in main.summary
    assert "User gha-123456789-9876543210-1-… is visitor in the input users, and is not created." in main.log
    assert not [line for line in [*main.log, main.summary] if name[-16:] in line]


def test_user_is_in_the_state_before_anyone_can_know_the_name(world: World) -> None:
    """Main ends at its first output: post already looks for whoever may sign up."""
    pool = world.pool()
    checkpoints = Checkpoints(Point("before", "GITHUB_OUTPUT", 1))
    with serving(checkpoints.write) as url:
        folder = world.folder / "stepwise"
        folder.mkdir()
        job = StepwiseJob(folder, {**world.environ, "STEPWISE": url.removeprefix("http://")})
        running = job.start("main", world.inputs(pool, users=ALONE))
        assert checkpoints.reached.wait(60)
        running.process.kill()
        running.process.wait(30)
        checkpoints.go_on.set()
        main = running.finish()

    assert main.outputs == {}
    [entry] = entries_of(main.state)
    post = job.post()
    assert (post.exit_code, post.annotations) == (0, []), post.log
    names = [call["Username"] for call in world.aws.parameters("AdminDeleteUser")]
    assert names == [entry["name"], entry["name"].removeprefix("success+").partition("@")[0]]


def test_name_can_be_seen(world: World) -> None:
    """With `mask-username: false` another job can get it; the password stays hidden."""
    main = world.job().main(world.inputs(world.pool(), users=ALONE, mask_username="false"))

    assert main.exit_code == 0, main.log
    assert not {main.outputs["username"], main.outputs["email"]} & main.masks.secrets
    assert main.outputs["password"] in main.masks.secrets


def test_role_is_assumed_all_the_same(world: World) -> None:
    """A role that trusts no one is an error now, and not only when post needs it."""
    pool = world.pool()
    inputs = {**world.inputs(pool, users=ALONE), "role-to-assume": world.role(pool, subject="repo:other/app:*")}

    main = world.job().main(inputs)

    assert (main.exit_code, main.outputs) == (1, {})
    assert "AssumeRoleWithWebIdentity failed" in main.annotations[0].message


def test_password_of_the_asked_length(world: World) -> None:
    """The pool is not asked for its policy."""
    main = world.job().main(world.inputs(world.pool(), users=ALONE, password_length="64"))

    assert len(main.outputs["password"]) == 64


# Among others


@pytest.mark.parametrize("sign_up", [False, True], ids=["created", "signs up"])
@pytest.mark.parametrize("users", [FIRST, LAST])
@pytest.mark.parametrize("kind", ["plain", "email", "email alias"])
def test_others_come_to_be(world: World, kind: str, users: str, *, sign_up: bool) -> None:
    """The single outputs are the first user's, and what that one lacks is not set."""
    pool = strict_pool(world, kind)
    client = world.app_client(pool)
    inputs = sign_up_inputs(world, pool) if sign_up else world.inputs(pool, client_id=client, auth_flow="USER_SRP_AUTH")
    job = world.job()

    main = job.main({**inputs, "users": users})

    assert (main.exit_code, main.annotations) == (0, []), main.log
    made = users_of(main)
    visitor, member = made["visitor"], made["member"]
    assert list(made) == [line.partition(":")[0] for line in users.splitlines()]
    first = next(iter(made.values()))
    assert main.outputs == {**first, "users": main.outputs["users"]}
    assert set(visitor) == {"username", "password", "email"}
    assert {"sub", "id-token", "access-token", "refresh-token"} <= set(member)
    assert visitor["email"] == address_of(visitor["username"])
    assert member["email"].startswith("success+gha-" if sign_up else "gha-")
    creating = [*SIGN_UP[:1], *["SignUp"] * (kind == "email alias"), *SIGN_UP[1:]] if sign_up else MAIN_CALLS[2:]
    assert world.aws.calls == [*SESSION, *creating, *SRP]
    assert session_permissions(world) == (SENT if sign_up else MAIN_CALLS[2:])
    assert len(world.account.users(pool)) == 1
    assert "Created 1 in" in main.summary
    assert f"{member['sub']}  member" in main.summary
    assert "(not created)  visitor" in main.summary

    post = job.post()

    assert (post.exit_code, post.annotations) == (0, []), post.log
    assert world.account.users(pool) == []


def test_groups_are_those_of_users_who_are_created(world: World) -> None:
    """The session may add to groups only if one of these has some, and shared groups are theirs alone."""
    pool = world.pool("email")
    inputs = world.inputs_with_groups(pool, "admins", "everybody", users=BETWEEN, groups="everybody")

    main = world.job().main(inputs)
    alone = world.job().main({**inputs, "users": ALONE})

    assert (main.exit_code, alone.exit_code) == (0, 0), [*main.log, *alone.log]
    joined = [(call["Username"], call["GroupName"]) for call in world.aws.parameters("AdminAddUserToGroup")]
    made = users_of(main)
    assert sorted(joined) == sorted(
        [(made["member"]["sub"], "everybody"), (made["other"]["sub"], "everybody"), (made["other"]["sub"], "admins")]
    )


def test_length_of_the_password_is_learned_from_others(world: World) -> None:
    """The first one is not created, and gets a password that the pool's policy accepts."""
    pool = world.pool("email", Policies={"PasswordPolicy": {"MinimumLength": 99}})

    main = world.job().main(world.inputs(pool, users=FIRST))

    assert main.exit_code == 0, main.log
    assert [len(user["password"]) for user in users_of(main).values()] == [99, 99]


@pytest.mark.parametrize("sign_up", [False, True], ids=["created", "signs up"])
def test_all_are_in_the_state_before_anyone_is_created(world: World, *, sign_up: bool) -> None:
    """Main dies while the first is being created: post looks for all of them."""
    pool = world.pool("email")
    job = world.job()
    gate = Gate(after=True)
    world.aws.on("SignUp" if sign_up else "AdminCreateUser", gate)
    inputs = sign_up_inputs(world, pool) if sign_up else world.inputs(pool)
    running = job.start("main", {**inputs, "users": "visitor: {create: false}\nmember:\nnewcomer: {create: false}\n"})
    assert gate.reached.wait(30)
    entries = entries_of(parse_file(running.files["GITHUB_STATE"].read_text()))
    running.process.kill()
    running.finish()
    gate.open.set()

    assert sorted("expected" in entry for entry in entries) == [False, True, True]
    post = job.post()
    assert (post.exit_code, post.annotations) == (0, []), post.log
    assert world.account.users(pool) == []


def test_failure_of_another_user(world: World) -> None:
    """No output is set, so no one can sign up, and the state has only the one who may exist."""
    pool = world.pool("email")
    job = world.job()
    world.aws.on("AdminSetUserPassword", refusing("NotAuthorizedException", "no"))

    main = job.main(world.inputs(pool, users=FIRST))

    assert (main.exit_code, main.outputs) == (1, {})
    assert ["expected" in entry for entry in entries_of(main.state)] == [False]
    assert job.post().exit_code == 0
    assert world.account.users(pool) == []


def test_phone_number_is_for_the_form(world: World) -> None:
    """Post needs it to find the user, and main makes no use of it."""
    pool = world.pool("phone")
    role = world.role(pool, PERMISSIONS)

    main = world.job().main({"user-pool-id": pool, "role-to-assume": role, "users": ALONE, "phone-number": PHONE})

    assert (main.exit_code, world.aws.calls) == (0, SESSION), main.log
    [entry] = entries_of(main.state)
    assert (entry["phone_number"], PHONE in main.stdout) == (PHONE, False)
