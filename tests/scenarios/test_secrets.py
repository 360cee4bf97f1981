"""No secret is ever where a reader could see it."""

import re

import pytest

from tests.support.world import World
from tools.emulator.http import Answer
from tools.emulator.job import Stage
from tools.emulator.proxy import Call, losing_answer, refusing
from tools.emulator.workflow_commands import lines_of, parse_line


@pytest.mark.parametrize("debug", ["0", "1"])
@pytest.mark.parametrize("fails", [False, True])
def test_every_secret_is_masked_before_anything_else_shows_it(world: World, debug: str, *, fails: bool) -> None:
    """Each secret first appears on stdout as a mask, and is nowhere else but in the outputs."""
    pool = world.pool("email")
    job = world.job()
    world.aws.on("AdminCreateUser", losing_answer)
    if fails:
        world.aws.on("AdminSetUserPassword", refusing("InvalidParameterException", "no"))

    main = job.main(world.inputs(pool), RUNNER_DEBUG=debug)
    post = job.post(RUNNER_DEBUG=debug)

    assert main.exit_code == int(fails)
    secrets = _secrets(world, main)
    assert len(secrets) == 10
    for stage in (main, post):
        for text in secrets | main.masks.secrets:
            assert text not in "\n".join(stage.log)
            _first_appearance_is_a_mask(stage, text)
        kept = "".join(content for name, content in stage.files.items() if name != "GITHUB_OUTPUT")
        for secret in secrets:
            assert secret not in stage.stderr + kept


@pytest.mark.parametrize("debug", ["0", "1"])
@pytest.mark.parametrize("operation", ["AssumeRoleWithWebIdentity", "AdminCreateUser"])
def test_answer_that_breaks_off_is_not_quoted(world: World, operation: str, debug: str) -> None:
    """Half an STS answer has the session's keys, which are not masked yet; main tries again without showing them."""
    pool = world.pool()
    job = world.job()
    cut: list[str] = []

    def cut_short(call: Call) -> Answer:
        answer = call.forward()
        cut.extend(re.findall(r"<(?:AccessKeyId|SecretAccessKey|SessionToken)>([^<]+)<", answer.body.decode()))
        return Answer(200, answer.body[:-30], answer.headers)

    world.aws.on(operation, cut_short)

    main = job.main(world.inputs(pool), RUNNER_DEBUG=debug)

    assert (main.exit_code, main.stderr, main.annotations) == (0, "", [])
    assert len(cut) == (3 if operation == "AssumeRoleWithWebIdentity" else 0)
    assert not [secret for secret in cut if secret in main.stdout + "".join(main.files.values())]
    assert job.post().exit_code == 0
    assert world.account.users(pool) == []


def test_username_is_shown_only_on_request(world: World) -> None:
    """With `mask-username: false`, the name can be passed between jobs; the password still can't."""
    pool = world.pool()
    job = world.job()

    main = job.main(world.inputs(pool, mask_username="False"))

    assert main.masks.apply(main.outputs["username"]) == main.outputs["username"]
    assert main.masks.apply(main.outputs["password"]) == "***"


def test_username_of_every_kind_is_masked(world: World) -> None:
    """The bare name, the address and the number are all hidden, and the start of the name is not."""
    phone = "+15555550123"
    main = world.job().main(world.inputs(world.pool("phone"), phone_number=phone))

    assert main.masks.apply(phone) == "***"
    assert main.masks.apply(main.outputs["email"]) == "***"
    assert main.masks.apply(main.outputs["email"].partition("@")[0]) == "***"
    assert main.masks.apply("gha-123456789-9876543210-1-") == "gha-123456789-9876543210-1-"


def test_job_environment_is_left_alone(world: World) -> None:
    """Nothing is exported to later steps but the outputs."""
    main = world.job().main(world.inputs(world.pool()))

    assert (main.files["GITHUB_ENV"], main.files["GITHUB_PATH"]) == ("", "")
    assert set(main.outputs) == {"username", "password", "email", "sub"}


def _secrets(world: World, main: Stage) -> set[str]:
    """All that must never be seen: tokens, passwords, the session's keys, and all that was masked except the names."""
    secrets = set(world.github.tokens)
    secrets |= {call["TemporaryPassword"] for call in world.aws.parameters("AdminCreateUser")}
    secrets |= {call["Password"] for call in world.aws.parameters("AdminSetUserPassword")}
    for call in world.aws.log:
        if authorization := call.request.headers.get("Authorization"):
            secrets.add(authorization.partition("Credential=")[2].partition("/")[0])
            secrets.add(call.request.headers["X-Amz-Security-Token"])
    return secrets | {mask for mask in main.masks.secrets if not mask.startswith("gha-")}


def _first_appearance_is_a_mask(stage: Stage, secret: str) -> None:
    for line in lines_of(stage.stdout):
        if secret in line:
            command = parse_line(line)
            assert command
            assert command.name == "add-mask"
            return
