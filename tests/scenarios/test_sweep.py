"""Sweep: users that dead runners left are found and deleted, and no one else."""

import time

import pytest

from tests.support.population import populate
from tests.support.world import World
from tools.emulator.http import Answer
from tools.emulator.job import action
from tools.emulator.proxy import Call, forwarding, losing_answer, refusing

PERMISSIONS = ("ListUsers", "AdminDeleteUser")


@pytest.mark.parametrize("kind", ["plain", "email"])
def test_sweep_deletes_exactly_what_is_old_and_ours(world: World, kind: str) -> None:
    """500 users, 120 of them ours and old: a dry run counts these, and a sweep deletes these, with two permissions."""
    people = populate(world, kind)
    assert len(world.account.users(people.pool)) == 500
    world.aws.on("ListUsers", *[people.age] * 100)
    inputs = {"user-pool-id": people.pool, "role-to-assume": world.role(people.pool, PERMISSIONS)}

    dry = world.run("sweep", {**inputs, "dry-run": "true", "max-deletes": "200"})

    assert (dry.exit_code, dry.stderr, dry.annotations) == (0, "", []), dry.log
    assert list(dry.outputs) == list(action("sweep")["outputs"])
    assert dry.outputs == {"found": "120", "deleted": "0"}
    assert all(f"`{user}`" in dry.summary for user in people.ours_old)
    assert sorted(world.account.users(people.pool)) == sorted(people.everybody)
    assert set(world.aws.calls) == {"GetIDToken", "AssumeRoleWithWebIdentity", "ListUsers"}
    world.aws.calls.clear()
    started: list[float] = []

    def timed(call: Call) -> Answer:
        started.append(time.monotonic())
        return call.forward()

    world.aws.on("AdminDeleteUser", *[timed] * 120)

    swept = world.run("sweep", {**inputs, "max-deletes": "200"})

    assert (swept.exit_code, swept.stderr, swept.annotations) == (0, "", []), swept.log
    assert swept.outputs == {"found": "120", "deleted": "120"}
    assert sorted(world.account.users(people.pool)) == sorted([*people.ours_young, *people.others])
    assert [call["Username"] for call in world.aws.parameters("AdminDeleteUser")] == people.ours_old
    lists = world.aws.calls.count("ListUsers")
    assert world.aws.calls == [
        *("GetIDToken", "AssumeRoleWithWebIdentity"),
        *["ListUsers"] * lists,
        *["AdminDeleteUser"] * 120,
    ]
    assert started[-1] - started[0] > 119 / 5 - 0.5  # a fifth of the account's quota
    assert 4 <= lists <= 11  # pages of 60, of users whose names or addresses start like ours, in two ways
    world.aws.calls.clear()

    again = world.run("sweep", inputs)

    assert again.outputs == {"found": "0", "deleted": "0"}
    assert "AdminDeleteUser" not in world.aws.calls


@pytest.mark.parametrize("kind", ["plain", "email"])
def test_limit_deletes_the_oldest_and_warns(world: World, kind: str) -> None:
    """Six of ten are left to the next sweep, which deletes them."""
    people = populate(world, kind, old=10, young=1, size=60)
    world.aws.on("ListUsers", *[people.age] * 20)
    inputs = {"user-pool-id": people.pool, "role-to-assume": world.role(people.pool, PERMISSIONS)}

    first = world.run("sweep", {**inputs, "max-deletes": "4"})

    assert first.exit_code == 0, first.log
    assert first.outputs == {"found": "10", "deleted": "4"}
    [annotation] = first.annotations
    assert (annotation.level, annotation.title) == ("warning", "Cognito test user - sweep: not all users deleted")
    assert annotation.message.startswith("10 users are older than 24h, and `max-deletes` is 4: ")
    assert sorted(world.account.users(people.pool)) == sorted(set(people.everybody) - set(people.ours_old[:4]))

    second = world.run("sweep", inputs)

    assert (second.outputs, second.annotations) == ({"found": "6", "deleted": "6"}, [])


def test_users_of_the_action_are_recognized_in_every_kind_of_pool(world: World) -> None:
    """A sweep finds what main created, once it is old enough, without being told the kind of pool."""
    pools = {kind: world.pool(kind) for kind in ("plain", "email", "email or phone", "email alias", "phone")}
    for pool in pools.values():
        assert world.job().main(world.inputs(pool, phone_number="+15555550123")).exit_code == 0
    time.sleep(1.1)
    for kind, pool in pools.items():
        [user] = world.account.users(pool)
        inputs = {"user-pool-id": pool, "role-to-assume": world.role(pool, PERMISSIONS)}

        young = world.run("sweep", inputs)
        old = world.run("sweep", {**inputs, "older-than": "1s"})

        assert (young.exit_code, young.outputs) == (0, {"found": "0", "deleted": "0"}), (kind, young.log)
        assert (old.exit_code, old.outputs) == (0, {"found": "1", "deleted": "1"}), (kind, old.log)
        assert f"`{user}`" in old.summary
        assert world.account.users(pool) == []


@pytest.mark.parametrize("allowed", [(), ("ListUsers",), ("AdminDeleteUser",)])
def test_missing_permission_is_shown_ready_to_paste(world: World, allowed: tuple[str, ...]) -> None:
    """The statement has the two that a sweep needs, and the outputs say how far it got."""
    people = populate(world, "plain", old=3, young=0, size=30)
    world.aws.on("ListUsers", *[people.age] * 20)
    role = world.role(people.pool, allowed or ["AdminGetUser"])

    stage = world.run("sweep", {"user-pool-id": people.pool, "role-to-assume": role})

    assert stage.exit_code == 1
    [annotation] = stage.annotations
    denied = "AdminDeleteUser" if allowed == ("ListUsers",) else "ListUsers"
    assert annotation.message.startswith(f"{denied} failed with AccessDenied")
    for name in PERMISSIONS:
        assert f'"cognito-idp:{name}"' in annotation.message
    assert "AdminCreateUser" not in annotation.message
    assert f"userpool/{people.pool}" in annotation.message
    assert stage.outputs == ({"found": "3", "deleted": "0"} if allowed == ("ListUsers",) else {})
    assert len(world.account.users(people.pool)) == 30


def test_temporary_errors_are_tried_again(world: World) -> None:
    """Throttled calls and lost answers are tried again, and what the lost call did counts."""
    people = populate(world, "email", old=5, young=0, size=40)
    world.aws.on("ListUsers", refusing("TooManyRequestsException", "Rate exceeded"), *[people.age] * 20)
    throttled = refusing("TooManyRequestsException", "Rate exceeded")
    world.aws.on("AdminDeleteUser", throttled, forwarding, losing_answer)

    stage = world.run("sweep", {"user-pool-id": people.pool, "role-to-assume": world.role(people.pool, PERMISSIONS)})

    assert (stage.exit_code, stage.annotations) == (0, []), stage.log
    assert stage.outputs == {"found": "5", "deleted": "5"}
    assert sorted(world.account.users(people.pool)) == sorted(people.others)


def test_pool_that_is_not_there(world: World) -> None:
    """A scheduled sweep must not succeed if there is nothing to look at."""
    pool = world.pool()
    inputs = {"user-pool-id": pool, "role-to-assume": world.role(pool, PERMISSIONS)}
    world.account.cognito.delete_user_pool(UserPoolId=pool)

    stage = world.run("sweep", inputs)

    assert (stage.exit_code, stage.outputs) == (1, {})
    assert "does not have what this call needs" in stage.annotations[0].message
