"""Several users of one step: all saved before the first is created, in parallel, and all gone when the job ends."""

import json
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from cognito_action.claims import claims_of
from cognito_action.users.leftovers import TITLE_LATE
from tests.support.world import MAIN_CALLS, World
from tools.emulator.http import Answer
from tools.emulator.job import Job, Stage
from tools.emulator.proxy import Call, Gate, forwarding, losing_answer, refusing
from tools.emulator.workflow_commands import lines_of, parse_file, parse_line

CREATE, JOIN = "AdminCreateUser", "AdminAddUserToGroup"
PER_SECOND = 15

NO_FIT = "Attributes did not conform to the schema: x: Attribute does not exist in the schema."

ROLES = """
admin: {groups: [admins, everybody]}
editor:
  groups: editors
  attributes: {name: Eva, 'custom:team': 01}
viewer:
"""


def crowd(count: int) -> str:
    """The input `users` with that many of them."""
    return "\n".join(f"user{number}:" for number in range(1, count + 1))


def users_of(main: Stage) -> dict[str, dict[str, str]]:
    read: dict[str, dict[str, str]] = json.loads(main.outputs["users"])
    return read


def entries(path: Path) -> dict[str, str]:
    """The names of the users in a state file, by key."""
    state = parse_file(path.read_text())
    return {key: json.loads(value)["name"] for key, value in state.items() if key.startswith("user-") and value}


def last_state(job: Job) -> Path:
    """The state file of the first stage."""
    return job.folder / "github_state_1"


# The main case


@pytest.mark.parametrize("kind", ["plain", "email"])
def test_three_users_with_different_groups_come_out_of_one_step(world: World, kind: str) -> None:
    """Each has its own groups, attributes and tokens, and what all share; post deletes them all."""
    pool = world.pool(kind, Schema=[{"Name": "team", "AttributeDataType": "String"}])
    job = world.job()
    extra = {"client-id": world.app_client(pool), "auth-flow": "USER_SRP_AUTH", "users": ROLES}
    inputs = world.inputs_with_groups(
        pool, "admins", "editors", "everybody", groups="everybody", attributes="name=Test"
    )

    main = job.main({**inputs, **extra})

    assert (main.exit_code, main.stderr, main.annotations) == (0, "", []), main.log
    users = users_of(main)
    assert list(users) == ["admin", "editor", "viewer"]
    assert {key: sorted(claims_of(user["access-token"])["cognito:groups"]) for key, user in users.items()} == {
        "admin": ["admins", "everybody"],
        "editor": ["editors", "everybody"],
        "viewer": ["everybody"],
    }
    for user in users.values():
        assert claims_of(user["id-token"])["sub"] == user["sub"]
    created = {call["Username"]: attributes_of(call) for call in world.aws.parameters(CREATE)}
    assert [created[user["username"]]["name"] for user in users.values()] == ["Test", "Eva", "Test"]
    assert created[users["editor"]["username"]]["custom:team"] == "01"
    assert {name: main.outputs[name] for name in users["admin"]} == users["admin"]
    assert set(main.outputs) == {*users["admin"], "users"}
    assert all(user["sub"] in main.summary for user in users.values())

    assert job.post().exit_code == 0
    assert world.account.users(pool) == []


def attributes_of(call: Mapping[str, Any]) -> dict[str, str]:
    return {attribute["Name"]: attribute["Value"] for attribute in call["UserAttributes"]}


def test_every_secret_in_the_output_is_masked_by_itself(world: World) -> None:
    """The runner can't mask JSON as a whole: each password and each token has a command before anything shows it."""
    pool = world.pool("email")
    job = world.job()
    client = {"client-id": world.app_client(pool), "auth-flow": "USER_SRP_AUTH"}

    main = job.main({**world.inputs(pool), **client, "users": crowd(4)})

    assert main.exit_code == 0, main.log
    users = users_of(main)
    secrets = [value for user in users.values() for name, value in user.items() if name != "sub"]
    assert len(set(secrets)) == 4 * 5  # the address is the name
    assert set(secrets) <= main.masks.secrets
    shown = main.masks.apply(main.outputs["users"])
    assert not [secret for secret in secrets if secret in shown]
    assert all(user["sub"] in shown for user in users.values())
    for secret in secrets:
        first = parse_line(next(line for line in lines_of(main.stdout) if secret in line))
        assert first
        assert (first.name, first.data) == ("add-mask", secret)
        assert secret not in main.files["GITHUB_STEP_SUMMARY"]


# Order of creation


def test_all_are_in_the_state_before_the_first_is_created(world: World) -> None:
    """And while the first is being created, no other is."""
    pool = world.pool("email")
    job = world.job()
    first = Gate()
    world.aws.on(CREATE, first)
    running = job.start("main", {**world.inputs(pool), "users": crowd(20)})
    assert first.reached.wait(30)

    names = entries(running.files["GITHUB_STATE"])
    time.sleep(0.5)
    calls = list(world.aws.calls)
    first.open.set()
    main = running.finish()

    assert list(names) == [f"user-{number}" for number in range(1, 21)]
    assert len(set(names.values())) == 20
    assert calls == MAIN_CALLS[:3]
    assert main.exit_code == 0, main.log
    assert {user["email"] for user in users_of(main).values()} == set(names.values())
    assert job.post().exit_code == 0
    assert world.account.users(pool) == []


def test_kind_of_the_pool_is_learned_once(world: World) -> None:
    """One address is refused for all; the names in the state are rewritten before the second user is created."""
    pool = world.pool("email alias")
    job = world.job()
    seen: list[dict[str, str]] = []

    def look(call: Call) -> Answer:
        seen.append(entries(last_state(job)))
        return call.forward()

    refusal = "Username cannot be of email format, since user pool is configured for email alias."
    world.aws.on(CREATE, refusing("InvalidParameterException", refusal), look, look)

    main = job.main({**world.inputs(pool), "users": crowd(8)})

    assert main.exit_code == 0, main.log
    offers = [call["Username"] for call in world.aws.parameters(CREATE)]
    assert ["@" in name for name in offers] == [True] + [False] * 8
    assert ["@" in name for name in seen[0].values()] == [False] + [True] * 7
    assert ["@" in name for name in seen[1].values()] == [False] * 8
    assert sorted(world.account.users(pool)) == sorted(user["username"] for user in users_of(main).values())
    assert job.post().exit_code == 0
    assert world.account.users(pool) == []


def test_fifty_users_at_the_pace_of_a_step(world: World) -> None:
    """Main creates them and post deletes them, in parallel, and at no more than fifteen calls a second."""
    pool = world.pool()
    job = world.job()
    started: dict[str, list[float]] = {}

    def timed(call: Call) -> Answer:
        started.setdefault(call.operation, []).append(time.monotonic())
        return call.forward()

    for operation in (CREATE, "AdminSetUserPassword", "AdminDeleteUser"):
        world.aws.on(operation, *[timed] * 60)

    main = job.main({**world.inputs(pool), "users": crowd(50)})
    made = world.account.users(pool)
    post = job.post()

    assert (main.exit_code, main.annotations) == (0, []), main.log
    assert len(made) == len({user["username"] for user in users_of(main).values()}) == 50
    assert (post.exit_code, post.annotations) == (0, []), post.log
    assert world.account.users(pool) == []
    for times in started.values():
        # A request can reach the proxy late, so a few more can arrive here within a second.
        assert times[-1] - times[0] > 49 / PER_SECOND - 0.5
        assert _most_in_a_second(times) <= PER_SECOND + 5


def _most_in_a_second(times: list[float]) -> int:
    return max(sum(start <= other < start + 1 for other in times) for start in times)


# One user fails


@pytest.mark.parametrize("first", [True, False])
def test_missing_group_of_one_fails_the_step(world: World, first: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """The annotation names the key; no output is set, and post deletes everyone who was created."""
    pool = world.pool("email")
    job = world.job()
    users = "one: {groups: none}\ntwo:" if first else "one: {groups: admins}\ntwo: {groups: none}\nthree:"

    main = job.main({**world.inputs_with_groups(pool, "admins"), "users": users})

    assert (main.exit_code, main.outputs) == (1, {})
    [annotation] = main.annotations
    key = "one" if first else "two"
    assert annotation.message.startswith(f"User {key}: The user pool has no group none. {JOIN} failed with ")
    assert f"--user-pool-id {pool} --group-name none" in annotation.message
    made = world.account.users(pool)
    assert 1 <= len(made) <= 2 if first else 2 <= len(made) <= 3
    assert len(entries(last_state(job))) == len(made)
    post = job.post()
    assert (post.exit_code, post.annotations) == (0, [])
    assert world.account.users(pool) == []


def test_creation_of_one_is_refused(world: World) -> None:
    """Users whose creation was never tried are removed from the state; post deletes those who were created."""
    pool = world.pool()
    job = world.job()
    world.aws.on(CREATE, forwarding, forwarding, refusing("InvalidParameterException", NO_FIT))

    main = job.main({**world.inputs(pool), "users": crowd(50), "cleanup": "false"})

    assert main.exit_code == 1
    [annotation] = main.annotations
    key = annotation.message.removeprefix("User ").partition(":")[0]
    assert key in [f"user{number}" for number in range(2, 18)]
    assert f"User {key}: {CREATE} failed with InvalidParameterException: {NO_FIT}" in annotation.message
    assert any(line.startswith(f"Failed: User {key}: {CREATE} failed with InvalidParameter") for line in main.log)
    made = world.account.users(pool)
    assert len(made) < 40
    assert sorted(entries(last_state(job)).values()) == sorted(
        attributes_of(call)["email"] for call in world.aws.parameters(CREATE) if call["Username"] in made
    )
    assert job.post().exit_code == 0
    assert world.account.users(pool) == []


def test_several_failures_are_all_reported(world: World) -> None:
    """One is annotated, and the log has each."""
    pool = world.pool()
    job = world.job()
    users = "one:\ntwo: {groups: none2}\nthree: {groups: none3}"

    main = job.main({**world.inputs_with_groups(pool), "users": users})

    assert main.exit_code == 1
    assert len(main.annotations) == 1
    reported = [line for line in main.log if line.startswith("Failed: User t")]
    assert 1 <= len(reported) <= 2
    assert {line.partition("The user pool has no groups ")[2].partition(".")[0] for line in reported} == {
        "none2, none3"
    }
    assert job.post().exit_code == 0
    assert world.account.users(pool) == []


def test_lost_answer_of_one(world: World) -> None:
    """Another user takes its place, and `cleanup: false` keeps exactly those in the outputs."""
    pool = world.pool("email")
    job = world.job()
    world.aws.on(CREATE, forwarding, losing_answer)

    main = job.main({**world.inputs(pool), "users": crowd(5), "cleanup": "false"})

    assert (main.exit_code, main.annotations) == (0, []), main.log
    assert len(world.account.users(pool)) == 6
    post = job.post()
    assert (post.exit_code, post.annotations) == (0, [])
    assert sorted(world.account.users(pool)) == sorted(user["sub"] for user in users_of(main).values())


def test_all_stay_with_cleanup_false(world: World) -> None:
    """Post makes no AWS call."""
    pool = world.pool()
    job = world.job()
    main = job.main({**world.inputs(pool), "users": crowd(5), "cleanup": "false"})
    world.aws.calls.clear()

    post = job.post()

    assert (post.exit_code, post.log, world.aws.calls) == (0, ["The users stay, since cleanup is false."], [])
    assert sorted(world.account.users(pool)) == sorted(user["username"] for user in users_of(main).values())


@pytest.mark.parametrize(
    ("operation", "number", "after"),
    [
        (CREATE, signal.SIGKILL, False),
        (CREATE, signal.SIGKILL, True),
        ("AdminSetUserPassword", signal.SIGTERM, True),
    ],
)
def test_kill_in_the_middle_leaves_no_user(
    world: World, operation: str, number: signal.Signals, *, after: bool
) -> None:
    """Main dies when some are created and many requests are under way; users created later are deleted too."""
    pool = world.pool("email")
    job = world.job()
    gates = [Gate(after=after) for _ in range(20)]
    world.aws.on(operation, forwarding, forwarding, forwarding, *gates)
    running = job.start("main", {**world.inputs(pool), "users": crowd(20)})
    assert gates[3].reached.wait(30)

    running.process.send_signal(number)
    running.process.wait(10)
    main = running.finish()
    for gate in gates:
        gate.open.set()
    post = job.post()

    assert main.exit_code == {signal.SIGKILL: -9, signal.SIGTERM: 143}[number]
    assert main.stderr == ""
    # Another request may have been on the way from main when it died, and never arrived.
    assert post.exit_code == 0
    assert [each.title for each in post.annotations if not each.title.endswith(TITLE_LATE)] == []
    assert world.account.users(pool) == []


# Post


@pytest.mark.parametrize(("level", "exit_code"), [("warning", 0), ("error", 1)])
def test_one_deletion_is_refused(world: World, level: str, exit_code: int) -> None:
    """The others are deleted, and the one who is left is reported with the command that helps."""
    pool = world.pool()
    job = world.job()
    job.main({**world.inputs(pool), "users": crowd(10), "cleanup-failure": level})
    world.aws.on("AdminDeleteUser", *[forwarding] * 4, refusing("AccessDeniedException", "no"))

    post = job.post()

    [left] = world.account.users(pool)
    sub = next(json.loads(value)["sub"] for value in job.state.values() if left in value)
    assert post.exit_code == exit_code
    [annotation] = post.annotations
    assert annotation.level == level
    assert annotation.message.startswith(f"1 user may still exist in {pool}. ")
    assert f"--user-pool-id {pool} --username {sub}" in annotation.message


def test_pool_that_is_gone(world: World) -> None:
    """There is one notice for all, and post succeeds."""
    pool = world.pool()
    job = world.job()
    job.main({**world.inputs(pool), "users": crowd(10), "cleanup-failure": "error"})
    world.account.cognito.delete_user_pool(UserPoolId=pool)

    post = job.post()

    assert (post.exit_code, [annotation.level for annotation in post.annotations]) == (0, ["notice"])


# Text that someone typed


HOSTILE_KEYS = ["::add-mask::evil", "##[error]evil", "%0A::error::evil", "```", "<img src=x>", "${{ evil }}", "EOF"]


@pytest.mark.parametrize("fails", [False, True])
def test_keys_are_quoted_not_obeyed(world: World, *, fails: bool) -> None:
    """Whatever a key looks like, it is a name in the output, the summary, the log and the annotation."""
    pool = world.pool()
    job = world.job()
    users = {key: {"groups": ["none"] if fails else []} for key in HOSTILE_KEYS}

    main = job.main({**world.inputs_with_groups(pool), "users": json.dumps({"first": {}, **users})}, RUNNER_DEBUG="1")

    assert main.exit_code == int(fails)
    assert main.stderr == ""
    assert set(main.executed) <= {"add-mask", "error", "debug"}
    assert main.executed.count("error") == int(fails)
    assert not {"evil", "::error::evil"} & main.masks.secrets
    if not fails:
        assert list(users_of(main)) == ["first", *HOSTILE_KEYS]
    assert job.post().exit_code == 0
    assert world.account.users(pool) == []
