"""With what the command calls AWS: the machine's own credentials, or a role and the ID token of any CI."""

import json
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.machine import Machine, laptop, other_ci, run_step
from tests.support.world import World
from tools.emulator.github import CLAIMS, id_token
from tools.emulator.http import Answer
from tools.emulator.proxy import Call, refusing

ASSUME = "AssumeRoleWithWebIdentity"
EXPIRED = refusing(
    "ExpiredTokenException", "Token expired: current date/time 1 must be before the expiration date/time 0"
)


def token(number: int) -> str:
    """An ID token whose number tells it from the others."""
    now = int(time.time())
    return id_token({**CLAIMS, "aud": "sts.amazonaws.com", "iat": now, "exp": now + 300, "jti": str(number)})


def with_token_file(world: World) -> tuple[Machine, Callable[[int], None]]:
    """A machine of another CI, and what writes a new token to its file."""
    machine = other_ci(world, COGNITO_TEST_USER_WEB_IDENTITY_TOKEN_FILE="token.jwt")

    def write(number: int) -> None:
        (machine.home / "token.jwt").write_text(f"{token(number)}\n")

    write(1)
    return machine, write


def ending_in(seconds: float) -> Callable[[Call], Answer]:
    """A rule that shortens the session that STS gives."""

    def rule(call: Call) -> Answer:
        answer = call.forward()
        end = f"{datetime.now(UTC) + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%SZ}"
        body = re.sub(rb"(<Expiration>)[^<]*", rb"\g<1>" + end.encode(), answer.body)
        return Answer(answer.status, body, answer.headers)

    return rule


def test_token_of_a_file_gets_one_session_for_all(world: World) -> None:
    """It lasts an hour, may create and delete and nothing else, and the command says until when that is."""
    pool = world.pool("plain")
    machine, _ = with_token_file(world)

    ended = machine.run(pool, "rm token.jwt", "--role-to-assume", world.role(pool))

    assert ended.status == 0
    assert world.aws.calls == [ASSUME, "AdminCreateUser", "AdminSetUserPassword", "AdminDeleteUser"]
    [request] = world.aws.parameters(ASSUME)
    [statement] = json.loads(request["Policy"])["Statement"]
    assert request["DurationSeconds"] == "3600"
    assert statement["Action"] == [
        *("cognito-idp:AdminCreateUser", "cognito-idp:AdminSetUserPassword", "cognito-idp:AdminDeleteUser")
    ]
    assert re.fullmatch("cognito-[0-9a-f]{16}-[0-9]{14}", request["RoleSessionName"])
    assert re.search("can be deleted until [0-9]{2}:[0-9]{2} UTC: the role's session lasts that long", ended.stderr)
    assert world.account.users(pool) == []


def test_token_that_dies_while_the_command_runs_is_not_needed(world: World) -> None:
    """STS would refuse it by now, and is not asked."""
    pool = world.pool("plain")
    machine, _ = with_token_file(world)
    world.aws.on(ASSUME, lambda call: call.forward(), *[EXPIRED] * 9)

    ended = machine.run(pool, "true", "--role-to-assume", world.role(pool))

    assert (ended.status, world.account.users(pool)) == (0, [])


def test_file_is_read_anew_if_the_session_is_over(world: World) -> None:
    """Whoever renews it makes the deletion possible for longer."""
    pool = world.pool("plain")
    machine, _ = with_token_file(world)
    (machine.home / "new.jwt").write_text(token(2))
    world.aws.on(ASSUME, ending_in(30))

    ended = machine.run(pool, "mv new.jwt token.jwt", "--role-to-assume", world.role(pool))

    assert (ended.status, world.account.users(pool)) == (0, [])
    assert len({request["WebIdentityToken"] for request in world.aws.parameters(ASSUME)}) == 2


def test_user_of_a_dead_token_is_deleted_with_the_next_one(world: World) -> None:
    """STS is not asked again and again with the same token; the journal stays, and a later cleanup has a new one."""
    pool = world.pool("plain")
    machine, write = with_token_file(world)
    role = world.role(pool)
    world.aws.on(ASSUME, ending_in(30), EXPIRED)

    ended = machine.run(pool, "true", "--role-to-assume", role)

    assert (ended.status, world.aws.calls.count(ASSUME)) == (0, 2)
    assert "ExpiredTokenException" in ended.stderr
    assert (len(world.account.users(pool)), len(machine.journals)) == (1, 1)
    write(2)
    assert machine.use("cleanup").status == 0
    assert (world.account.users(pool), machine.journals) == ([], [])


def test_command_for_tokens_makes_a_new_one_each_time(world: World) -> None:
    """Then a session needs to be no longer than the action's, and the deletion has its own."""
    pool = world.pool("plain")
    machine = other_ci(world)
    for number in (1, 2):
        (machine.home / str(number)).write_text(token(number))
    fresh = "n=$(ls taken 2>/dev/null | wc -l); n=$((n+1)); mkdir -p taken; touch taken/$n; cat $n"

    ended = machine.run(pool, "true", "--role-to-assume", world.role(pool), "--web-identity-token-command", fresh)

    assert (ended.status, world.account.users(pool)) == (0, [])
    creation, deletion = world.aws.parameters(ASSUME)
    assert creation["WebIdentityToken"] != deletion["WebIdentityToken"]
    assert (creation["DurationSeconds"], deletion["DurationSeconds"]) == ("900", "900")
    assert json.loads(deletion["Policy"])["Statement"][0]["Action"] == ["cognito-idp:AdminDeleteUser"]
    assert "until" not in ended.stderr


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--web-identity-token-file", "missing.jwt"], "missing.jwt: No such file or directory"),
        (["--web-identity-token-file", "token.txt"], "token.txt holds no signed token (JWT)"),
        (["--web-identity-token-command", "echo nothing here >&2; exit 3"], "nothing here"),
        (["--web-identity-token-command", "echo no token"], "it printed no signed token (JWT)"),
        ([], "There is no web identity token"),
    ],
)
def test_token_that_is_none_is_told(world: World, options: list[str], reason: str) -> None:
    """No user was made, the command was not run, and what the file holds is not shown."""
    pool = world.pool()
    machine = other_ci(world)
    (machine.home / "token.txt").write_text("a-secret-of-another-kind")

    ended = machine.run(pool, "touch ran", "--role-to-assume", world.role(pool), *options)

    assert (ended.status, world.aws.calls) == (125, [])
    assert reason in ended.stderr
    assert "a-secret-of-another-kind" not in ended.stderr


def test_github_goes_before_a_file(world: World) -> None:
    """Its tokens are fresh, whatever else is there."""
    pool = world.pool("plain")
    machine = run_step(world)
    (machine.home / "token.jwt").write_text(token(1))

    ended = machine.run(pool, "true", "--role-to-assume", world.role(pool), "--web-identity-token-file", "token.jwt")

    assert ended.status == 0
    assert [each["WebIdentityToken"] for each in world.aws.parameters(ASSUME)] == world.github.tokens


def test_run_step_without_the_permission_is_told_as_in_the_action(world: World) -> None:
    """The lines to paste are those of a workflow."""
    machine = run_step(world)
    for name in world.github.environ:
        del machine.environ[name]
    pool = world.pool()

    step = machine.run(pool, "true", "--role-to-assume", world.role(pool)).as_step(machine.home)

    assert step.exit_code == 125
    assert "id-token: write" in step.annotations[0].message


def test_profile_is_found_in_the_home_folder(world: World) -> None:
    """The SDK's own chain, with nothing of the environment but the profile's name."""
    pool = world.pool("plain")
    machine = other_ci(world, AWS_PROFILE="dev")
    (machine.home / ".aws").mkdir()
    (machine.home / ".aws/config").write_text(
        "[profile dev]\ncredential_process = "
        'echo \'{"Version": 1, "AccessKeyId": "test", "SecretAccessKey": "test-of-the-profile"}\'\n'
    )

    ended = machine.run(pool)

    assert (ended.status, world.aws.calls) == (0, ["AdminCreateUser", "AdminSetUserPassword", "AdminDeleteUser"])


def test_end_of_credentials_is_said_where_the_environment_knows_it(world: World) -> None:
    """As tools leave it that put the credentials of a session there."""
    end = f"{datetime.now(UTC) + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"

    ended = laptop(world, AWS_CREDENTIAL_EXPIRATION=end).run(world.pool())

    assert ended.status == 0
    assert f"The users can be deleted until {end}" in ended.stderr


def with_role_in_a_profile(world: World, *lines: str) -> Machine:
    """A machine whose profile assumes a role."""
    machine = other_ci(world, AWS_PROFILE="dev")
    (machine.home / ".aws").mkdir()
    config = ["[profile dev]", "role_arn = arn:aws:iam::000000000000:role/dev", "source_profile = keys", *lines]
    keys = ["[profile keys]", "aws_access_key_id = test", "aws_secret_access_key = test"]
    (machine.home / ".aws/config").write_text("\n".join([*config, *keys, ""]))
    return machine


def _allow(action: str, **rest: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, **rest}]})


def test_role_of_a_profile_is_assumed_once_and_kept_as_the_aws_cli_does(world: World) -> None:
    """The deletion needs no other session, nor does the next run, so a code is typed once; the pool tells the region."""
    pool = world.pool("plain")
    machine = with_role_in_a_profile(world)
    iam = world.account.client("iam")
    iam.create_role(RoleName="dev", AssumeRolePolicyDocument=_allow("sts:AssumeRole", Principal={"AWS": "*"}))
    iam.put_role_policy(RoleName="dev", PolicyName="all", PolicyDocument=_allow("cognito-idp:*", Resource="*"))

    first, second = machine.run(pool), machine.run(pool)

    assert (first.status, second.status) == (0, 0), first.stderr + second.stderr
    life = ["AdminCreateUser", "AdminSetUserPassword", "AdminDeleteUser"]
    assert world.aws.calls == ["AssumeRole", *life, *life]
    assert len(list((machine.home / ".aws/cli/cache").iterdir())) == 1


def test_code_that_no_one_can_type_is_told(world: World) -> None:
    """With the line that begins a session for which it is typed elsewhere."""
    machine = with_role_in_a_profile(world, "mfa_serial = arn:aws:iam::000000000000:mfa/me")

    ended = machine.run(world.pool())

    assert (ended.status, world.aws.calls) == (125, [])
    assert "aws sts get-caller-identity --profile dev" in ended.stderr
    assert "bug" not in ended.stderr
