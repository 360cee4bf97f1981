"""The command's life: it creates, hands over, runs, deletes, and ends as the command that it has run."""

import json
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.machine import SHOW, Machine, laptop, run_step
from tests.support.world import World

PLACE_NAME = r"ctu-[0-9a-f]{16}-20[0-9]{12}-[0-9a-f]{16}"


def test_command_gets_a_user_who_is_gone_afterwards(world: World) -> None:
    """Three calls with the machine's own credentials, the user's data in the environment, and nothing in the state."""
    pool = world.pool("plain")
    machine = laptop(world)

    ended = machine.run(pool, SHOW)

    assert (ended.status, world.aws.calls) == (0, ["AdminCreateUser", "AdminSetUserPassword", "AdminDeleteUser"])
    assert set(ended.handed_over) == {"COGNITO_USERNAME", "COGNITO_PASSWORD", "COGNITO_EMAIL", "COGNITO_SUB"}
    assert re.fullmatch(f"{PLACE_NAME}@example\\.com", ended.handed_over["COGNITO_USERNAME"])
    assert ended.stderr.splitlines() == [
        f"cognito-test-user: Created 1 user in {pool}.",
        f"cognito-test-user: Deleted 1 user of {pool}.",
    ]
    assert world.account.users(pool) == []
    assert list(machine.state.iterdir()) == []


def test_command_signs_in_and_leaves_a_file_for_the_browser(world: World) -> None:
    """The tokens are the user's, the file is there while the command runs, and no one else can read it."""
    pool = world.pool("email")
    client = world.app_client(pool)
    machine = laptop(world)
    look = f"{SHOW}; stat -c %a $COGNITO_STORAGE_STATE >&2; cat $COGNITO_STORAGE_STATE >&2"

    ended = machine.run(pool, look, "--client-id", client, "--storage-state-origin", "https://app.example.com")

    given = ended.handed_over
    assert ended.status == 0
    assert {"COGNITO_ACCESS_TOKEN", "COGNITO_ID_TOKEN", "COGNITO_REFRESH_TOKEN"} <= set(given)
    mode, _, state = ended.stderr.partition("\n")[2].partition("\n")
    assert mode == "600"
    assert given["COGNITO_ACCESS_TOKEN"] in state
    assert not Path(given["COGNITO_STORAGE_STATE"]).exists()
    assert world.account.users(pool) == []


@pytest.mark.parametrize(
    ("command", "status"),
    [("exit 0", 0), ("exit 3", 3), ("exit 125", 125), ("kill -TERM $$", 143), ("kill -9 $$", 137)],
)
def test_status_is_that_of_the_command(world: World, command: str, status: int) -> None:
    """128 + n for a signal; and the user is gone in any case."""
    pool = world.pool()

    ended = laptop(world).run(pool, command)

    assert ended.status == status
    assert world.aws.calls[-1] == "AdminDeleteUser"
    assert world.account.users(pool) == []


@pytest.mark.parametrize(("program", "status"), [("does-not-exist", 127), ("./notes.txt", 126), ("/", 126)])
def test_program_that_cannot_run_creates_no_one(world: World, program: str, status: int) -> None:
    """As in a shell; and the reason is told in words."""
    pool = world.pool()
    machine = laptop(world)
    (machine.home / "notes.txt").write_text("no program")

    ended = machine.use("run", "--user-pool-id", pool, "--", program)

    assert (ended.status, world.aws.calls, ended.stdout) == (status, [], "")
    assert f"The command '{program}' can't be run" in ended.stderr


def test_program_that_the_system_refuses_leaves_no_one(world: World) -> None:
    """It is executable and is no program: that shows when the users are there."""
    pool = world.pool()
    machine = laptop(world)
    script = machine.home / "script"
    script.write_bytes(b"\x00\x01\x02")
    script.chmod(0o755)

    ended = machine.use("run", "--user-pool-id", pool, "--", "./script")

    assert ended.status == 126
    assert world.account.users(pool) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "--user-pool-id", "{pool}"],
        ["run", "--user-pool-id", "{pool}", "--"],
        ["run", "--", "touch", "ran"],
        ["run", "--user-pool-id", "nonsense", "--", "touch", "ran"],
        ["run", "--user-pool-id", "{pool}", "--unknown", "x", "--", "touch", "ran"],
        ["run", "--user-pool", "{pool}", "--", "touch", "ran"],
        ["run", "--user-pool-id", "{pool}", "--sign-up", "--", "touch", "ran"],
        [
            "run",
            "--user-pool-id",
            "{pool}",
            "--role-to-assume",
            "arn:aws:iam::123456789012:role/ci",
            "--",
            "touch",
            "ran",
        ],
        ["run", "--user-pool-id", "us-east-1_nosuchpool", "--", "touch", "ran"],
    ],
)
def test_without_a_user_the_command_does_not_run(world: World, arguments: list[str]) -> None:
    """125, and a reason in words; there is no traceback and no workflow command."""
    pool = world.pool()
    machine = laptop(world)

    ended = machine.use(*(text.format(pool=pool) for text in arguments))

    assert (ended.status, ended.stdout) == (125, "")
    assert ended.stderr.startswith("cognito-test-user: error: ")
    assert "Traceback" not in ended.stderr
    assert "::" not in ended.stderr.replace("arn:aws:iam::", "").replace("cognito-idp:", "")
    assert not (machine.home / "ran").exists()
    assert world.account.users(pool) == []


def test_options_come_from_variables_too(world: World) -> None:
    """An option goes before its variable; a variable of an outer run does not reach the command."""
    pool, other = world.pool("plain"), world.pool("plain")
    machine = laptop(
        world,
        COGNITO_TEST_USER_USER_POOL_ID=other,
        COGNITO_TEST_USER_EMAIL_DOMAIN="",
        COGNITO_TEST_USER_PASSWORD_LENGTH="40",
        COGNITO_ACCESS_TOKEN="of an outer run",
    )

    ended = machine.run(pool, SHOW, "--password-length", "50")

    given = ended.handed_over
    assert (len(given["COGNITO_PASSWORD"]), given["COGNITO_EMAIL"]) == (50, "")
    assert "COGNITO_ACCESS_TOKEN" not in given
    assert [parameters["UserPoolId"] for parameters in world.aws.parameters("AdminCreateUser")] == [pool]


def test_several_users_are_handed_over_as_json(world: World) -> None:
    """The first also as single variables; AWS's own variables stay what they were."""
    pool = world.pool("email")
    users = "admin: {}\nviewer: {}\nguest: {create: false}\n"

    ended = laptop(world).run(pool, SHOW, "--users", users)

    given = json.loads(ended.handed_over["COGNITO_USERS"])
    assert list(given) == ["admin", "viewer", "guest"]
    assert given["admin"]["username"] == ended.handed_over["COGNITO_USERNAME"]
    assert json.loads(ended.stdout)["AWS_ACCESS_KEY_ID"] == "test"
    assert world.account.users(pool) == []


def test_stdin_and_stdout_are_the_commands(world: World) -> None:
    """Nothing else is on stdout, whatever happens."""
    ended = laptop(world).run(world.pool(), "printf '%s' output; printf '%s' problem >&2")

    assert ended.stdout == "output"
    assert "problem" in ended.stderr


def test_user_is_kept_adopted_and_deleted_at_this_place_only(world: World) -> None:
    """`--cleanup false` keeps the user; other places and the action refuse the name, whoever may delete here."""
    pool = world.pool("plain")
    here, elsewhere = laptop(world), laptop(world, COGNITO_TEST_USER_PLACE="elsewhere")
    kept = here.run(pool, SHOW, "--cleanup", "false")
    name = kept.handed_over["COGNITO_USERNAME"]
    assert (world.account.users(pool), here.journals) == ([name], [])
    assert f"cognito-test-user delete --user-pool-id {pool} --username {name}" in kept.stderr
    of_this = ("--user-pool-id", pool, "--username", name)
    world.aws.calls.clear()

    refused = [elsewhere.use("adopt", *of_this, "--", "true"), elsewhere.use("delete", *of_this)]
    in_github = world.run("delete", world.inputs(pool, username=name))
    assert [ended.status for ended in refused] == [1, 1]
    assert all("another place's" in ended.stderr for ended in refused)
    assert in_github.exit_code == 1
    assert (world.calls_of_aws, world.account.users(pool)) == ([], [name])

    adopted = here.use("adopt", *of_this, "--", "sh", "-c", SHOW)
    assert (adopted.status, adopted.handed_over["COGNITO_USERNAME"]) == (0, name)
    assert adopted.handed_over["COGNITO_PASSWORD"] != kept.handed_over["COGNITO_PASSWORD"]

    assert here.use("delete", *of_this).status == 0
    assert world.account.users(pool) == []


def test_in_github_the_masks_come_first_and_the_name_is_the_actions(world: World) -> None:
    """What the command prints is masked, and `sweep` of the action knows the user."""
    pool = world.pool("plain")
    machine = run_step(world)
    role = world.role(pool)

    ended = machine.run(pool, f"{SHOW} >&2", "--role-to-assume", role)
    step = ended.as_step(machine.home)

    assert (ended.status, ended.stdout, step.annotations) == (0, "", [])
    assert world.aws.calls == [
        *("GetIDToken", "AssumeRoleWithWebIdentity", "AdminCreateUser", "AdminSetUserPassword"),
        *("GetIDToken", "AssumeRoleWithWebIdentity", "AdminDeleteUser"),
    ]
    given = json.loads(next(line for line in ended.stderr.splitlines() if line.startswith("{")))
    assert re.match(r"gha-123456789-9876543210-1-[0-9a-f]{16}@", given["COGNITO_USERNAME"])
    assert {given["COGNITO_USERNAME"], given["COGNITO_PASSWORD"]} <= step.masks.secrets
    assert not any(given["COGNITO_PASSWORD"] in line for line in step.log)
    assert ended.stderr.startswith("\n::add-mask::")
    assert set(world.github.tokens) <= step.masks.secrets


def test_error_in_github_is_an_annotation(world: World) -> None:
    """And a section of the summary, as in the action."""
    machine = run_step(world)

    ended = machine.run(world.pool(), "true", "--client-secret", "hidden")
    step = ended.as_step(machine.home)

    assert (ended.status, [each.level for each in step.annotations]) == (125, ["error"])
    assert "client-secret: needs client-id" in step.annotations[0].message
    assert "client-secret: needs client-id" in step.summary


def test_two_at_once_do_not_disturb_each_other(world: World) -> None:
    """The journal of the one who lives is left alone by the one who starts."""
    pool = world.pool("plain")
    machine = laptop(world)
    first = machine.start_run(pool, "touch there; while [ ! -e go ]; do sleep 0.05; done")
    while not (machine.home / "there").exists():
        assert first.process.poll() is None
    [journal] = machine.journals

    second = machine.run(pool)
    users = world.account.users(pool)
    (machine.home / "go").touch()

    assert (second.status, len(users), first.finish().status) == (0, 1, 0)
    assert not journal.exists()
    assert world.account.users(pool) == []


def test_run_inside_a_run_has_users_of_its_own(world: World) -> None:
    """Each deletes its own."""
    pool = world.pool("plain")
    inner = f"{sys.executable} -I -c 'from cognito_action.command.main import main; main()'"

    ended = laptop(world).run(
        pool, f"echo $COGNITO_SUB; {inner} run --user-pool-id {pool} -- sh -c 'echo $COGNITO_SUB'"
    )

    assert ended.status == 0
    assert len(set(ended.stdout.split())) == 2
    assert world.account.users(pool) == []


@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full"])
@pytest.mark.parametrize("make", [laptop, run_step])
def test_nobody_stays_if_no_one_can_be_told(world: World, make: Callable[[World], Machine], redirection: str) -> None:
    """stderr is closed, or takes nothing: the command runs all the same."""
    pool = world.pool("plain")
    machine = make(world)
    machine.environ |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    shell = ("sh", "-c", f'"$@" {redirection}', "sh")

    ended = replace(machine, program=(*shell, *machine.program)).run(pool, "touch ran")

    assert (ended.status, (machine.home / "ran").exists()) == (0, True)
    assert (world.account.users(pool), machine.journals) == ([], [])
