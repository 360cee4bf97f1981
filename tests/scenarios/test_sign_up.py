"""A user who signs up, as in the app: in every kind of pool, with the fewest permissions, and gone after post."""

import json
import re

import pytest

from cognito_action.claims import claims_of
from tests.support.sign_up import (
    PHONE,
    SENT,
    SESSION,
    SIGN_UP,
    SRP,
    attributes_of,
    sent_attributes,
    session_permissions,
    sign_up_inputs,
    signs_in,
    status_of,
    strict_pool,
    sub_in,
)
from tests.support.world import POOL_KINDS, POST_CALLS, World
from tools.emulator.job import ROOT


@pytest.mark.parametrize("kind", POOL_KINDS)
def test_user_signs_up_and_is_gone_after_post(world: World, kind: str) -> None:
    """Four permissions are enough, nothing verifies the number, and no password but the final one is ever set."""
    pool = strict_pool(world, kind)
    phone = PHONE if "phone" in kind else ""
    job = world.job()

    main = job.main(sign_up_inputs(world, pool, phone_number=phone))

    assert (main.exit_code, main.stderr, main.annotations) == (0, "", []), main.log
    offers = world.aws.parameters("SignUp")
    proof, *rest = SIGN_UP
    assert world.aws.calls == [*SESSION, proof, *["SignUp"] * (len(offers) - 1), *rest, *SRP]
    assert len(offers) == (2 if kind in ("phone", "email alias") else 1)
    assert session_permissions(world) == SENT
    email = main.outputs["email"]
    assert email.startswith("success+gha-123456789-9876543210-1-")
    assert email.endswith("@simulator.amazonses.com")
    name = email.removeprefix("success+").partition("@")[0]
    assert main.outputs["username"] == {"phone": PHONE, "email alias": name}.get(kind, email)
    sent = {"email": email, **({"phone_number": phone} if phone else {})}
    assert [sent_attributes(offer) for offer in offers] == [sent] * len(offers)
    assert {offer["Password"] for offer in offers} == {main.outputs["password"]}
    sub = main.outputs["sub"]
    assert attributes_of(world, pool, sub) == {**sent, "sub": sub, "email_verified": "true"}
    assert status_of(world, pool, sub) == "CONFIRMED"
    assert {sub_in(main.outputs[token]) for token in ("id-token", "access-token")} == {sub}
    assert signs_in(world, pool, main)

    world.aws.calls.clear()
    post = job.post()

    assert (post.exit_code, post.stderr, post.annotations) == (0, "", []), post.log
    assert world.aws.calls == POST_CALLS
    assert session_permissions(world) == ["AdminDeleteUser"]
    assert world.account.users(pool) == []


@pytest.mark.parametrize("kind", POOL_KINDS)
def test_post_finds_the_user_after_a_change_of_address(world: World, kind: str) -> None:
    """A test changed what the user is called; post deletes it by the ID, or by the name that nobody can change."""
    pool = strict_pool(world, kind)
    job = world.job()
    main = job.main(sign_up_inputs(world, pool, phone_number=PHONE if "phone" in kind else ""))
    changed = {"email": "moved@example.org", "phone_number": "+15555550199"}
    world.account.cognito.admin_update_user_attributes(
        UserPoolId=pool,
        Username=main.outputs["sub"],
        UserAttributes=[{"Name": name, "Value": value} for name, value in changed.items()],
    )

    post = job.post()

    assert (post.exit_code, post.annotations) == (0, []), post.log
    assert world.account.users(pool) == []


@pytest.mark.parametrize("kind", ["plain", "email", "email alias"])
def test_several_users_sign_up(world: World, kind: str) -> None:
    """Each has its own groups, attributes and tokens; one call proves whose client it is, and one teaches the kind."""
    pool = strict_pool(world, kind, Schema=[{"Name": "team", "AttributeDataType": "String"}])
    for group in ("admins", "everybody"):
        world.account.cognito.create_group(UserPoolId=pool, GroupName=group)
    job = world.job()
    users = "admin: {groups: [admins], attributes: {'custom:team': blue}}\neditor:\nviewer:\n"
    inputs = sign_up_inputs(world, pool, "AdminAddUserToGroup", users=users, groups="everybody")

    main = job.main(inputs)

    assert (main.exit_code, main.annotations) == (0, []), main.log
    made: dict[str, dict[str, str]] = json.loads(main.outputs["users"])
    assert {key: sorted(claims_of(user["access-token"])["cognito:groups"]) for key, user in made.items()} == {
        "admin": ["admins", "everybody"],
        "editor": ["everybody"],
        "viewer": ["everybody"],
    }
    for user in made.values():
        assert sub_in(user["id-token"]) == user["sub"]
        assert attributes_of(world, pool, user["sub"])["email_verified"] == "true"
    assert attributes_of(world, pool, made["admin"]["sub"])["custom:team"] == "blue"
    assert world.aws.calls.count("AdminInitiateAuth") == 1
    assert world.aws.calls.count("SignUp") == (4 if kind == "email alias" else 3)
    assert session_permissions(world) == ["AdminAddUserToGroup", *SENT]
    assert len(world.account.users(pool)) == 3
    post = job.post()
    assert (post.exit_code, post.annotations) == (0, []), post.log
    assert world.account.users(pool) == []


def test_role_that_was_made_by_hand(world: World) -> None:
    """What docs/setup.md says is enough for a role that does nothing else."""
    pool = world.pool("email")
    lines = (ROOT / "docs/setup.md").read_text(encoding="utf-8").splitlines()
    [row] = [line for line in lines if line.startswith("| `sign-up` |")]
    permissions = re.findall(r"cognito-idp:(\w+)", row)
    inputs = {**sign_up_inputs(world, pool), "role-to-assume": world.role(pool, permissions)}
    job = world.job()

    main, post = job.main(inputs), job.post()

    assert sorted(permissions) == sorted([*SENT, "AdminDeleteUser"])
    assert [(stage.exit_code, stage.annotations) for stage in (main, post)] == [(0, []), (0, [])], main.log
    assert world.account.users(pool) == []
