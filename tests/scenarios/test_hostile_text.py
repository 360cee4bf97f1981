"""Text from outside reaches the log and the summary, and never does anything there."""

import pytest

from tests.support.examples import CLAIMED
from tests.support.world import World
from tools.emulator.http import Answer
from tools.emulator.proxy import refusing

HOSTILE = [
    "::add-mask::\n::stop-commands::token\n::set-output name=username::evil",
    "\r::save-state name=user-1::evil",
    "##[save-state name=user-1]evil",
    "%0A::error::evil%0D",
    "\u2028::warning::evil\x85::set-env name=PATH::/evil",
    "\x1b[2J\x1b]0;evil\x07",
    "```\n## evil\n<img src=x onerror=evil>",
    "x" * 100_000,
]


@pytest.mark.parametrize("text", HOSTILE)
def test_messages_of_aws_are_quoted_not_obeyed(world: World, text: str) -> None:
    """What Cognito or a Lambda trigger says is logged, then shown in one annotation, and never becomes a command."""
    pool = world.pool()
    job = world.job()
    refusals = refusing("InternalErrorException", text, 500), refusing("UserLambdaValidationException", text)
    world.aws.on("AdminCreateUser", *refusals)

    main = job.main(world.inputs(pool), RUNNER_DEBUG="1")

    assert main.exit_code == 1
    assert set(main.executed) == {"add-mask", "debug", "error"}
    assert main.executed.count("error") == 1
    assert len(main.annotations[0].message) <= 4096
    assert "Its log group in CloudWatch says more." in main.annotations[0].message
    assert any(line.startswith("AdminCreateUser failed with InternalErrorException") for line in main.log)
    assert set(main.state) == {*CLAIMED, "user-1"}
    assert main.outputs == {}
    assert main.stderr == ""
    assert "\x1b" not in main.stdout


@pytest.mark.parametrize("text", HOSTILE[:-1])
def test_claims_of_a_token_are_quoted_not_obeyed(world: World, text: str) -> None:
    """A branch may have any name: the claims are shown, and never become commands."""
    world.github.claims |= {"sub": text, "ref": text, "repository": text}

    main = world.job().main(world.inputs(world.pool()))

    assert main.exit_code == 1
    assert set(main.executed) == {"add-mask", "error"}
    assert main.executed.count("error") == 1


@pytest.mark.parametrize("text", HOSTILE[:-1])
def test_values_of_inputs_do_nothing(world: World, text: str) -> None:
    """An input may contain what someone else typed, such as the title of a pull request."""
    job = world.job()

    main = job.main({"user-pool-id": text, "attributes": text, "client-metadata": text, "cleanup": text})

    assert main.exit_code == 1
    assert main.executed == ["error"]
    assert "evil" not in main.stdout


def test_refusal_of_the_token_service_is_quoted_not_obeyed(world: World) -> None:
    """Its own words are shown, and never become commands."""
    world.github.respond = lambda _: Answer(403, b'{"message": "Can\'t issue ID_TOKEN for\\n::error::evil"}')

    main = world.job().main(world.inputs(world.pool()))

    assert main.exit_code == 1
    assert main.executed == ["error"]
    front = "The request for GitHub's ID token failed with 403: Can't issue ID_TOKEN for\n::error::evil"
    assert main.annotations[0].message.startswith(front)
