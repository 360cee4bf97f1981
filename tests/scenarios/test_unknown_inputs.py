"""A variable that looks like a misspelled input may be the job's own: a warning, and never a failure."""

import pytest

from tests.support.world import MAIN_CALLS, World
from tools.emulator.account import PERMISSIONS
from tools.emulator.job import Stage

NAME = "Cognito test user"


def the_warning(stage: Stage, name: str = NAME) -> str:
    """The message of the one annotation of a step that succeeds."""
    assert stage.exit_code == 0, stage.log
    [annotation] = stage.annotations
    assert (annotation.level, annotation.title) == ("warning", f"{name}: unknown input")
    return annotation.message


def test_variable_of_the_job_fails_no_step(world: World) -> None:
    """The user is created and deleted as without it; main names the input that it resembles, and post says nothing."""
    pool = world.pool()
    job = world.job({**world.environ, "INPUT_USER_POOL_ID": "x"})

    message = the_warning(job.main(world.inputs(pool)))

    assert "play no part" in message
    assert "- user_pool_id (variable INPUT_USER_POOL_ID): did you mean user-pool-id?" in message
    assert world.aws.calls == MAIN_CALLS
    post = job.post()
    assert (post.exit_code, post.annotations) == (0, []), post.log
    assert world.account.users(pool) == []


@pytest.mark.parametrize("action", ["adopt", "sweep", "delete"])
def test_variable_of_the_job_fails_no_companion_either(world: World, action: str) -> None:
    """Each warns in the same words."""
    pool = world.pool()
    inputs = {**world.inputs(pool), "role-to-assume": world.role(pool, [*PERMISSIONS, "ListUsers"])}
    user = world.job().main({**inputs, "mask-username": "false"}).outputs["username"]
    name = {} if action == "sweep" else {"username": user}

    stage = world.run(action, {**inputs, **name}, INPUT_USER_POOL_ID="x")

    assert "- user_pool_id (variable INPUT_USER_POOL_ID): did you mean user-pool-id?" in the_warning(
        stage, f"{NAME} - {action}"
    )
    assert len(world.account.users(pool)) == (0 if action == "delete" else 1)


@pytest.mark.parametrize("variable", ["INPUT_POOL", "INPUT_NAME", "INPUT_", "INPUT_ARGS", "INPUT_USER_POOL_ID"])
def test_variable_that_means_nothing_is_not_mentioned(world: World, variable: str) -> None:
    """It resembles no input, or it is empty."""
    main = world.job().main(world.inputs(world.pool()), **{variable: "" if "POOL_ID" in variable else "x"})

    assert (main.exit_code, main.annotations) == (0, []), main.log


def test_name_of_a_variable_is_no_command(world: World) -> None:
    """It is shown as text, whatever it holds."""
    main = world.job().main(world.inputs(world.pool()), **{"INPUT_STORAGE-STATE-ORIGIN\n::group::": "x"})

    assert "did you mean storage-state-origin?" in the_warning(main)
    assert set(main.executed) == {"add-mask", "warning"}


def test_misspelled_input_is_named_next_to_the_error_that_it_causes(world: World) -> None:
    """The warning comes first; the step fails for what is missing, and calls no one."""
    main = world.job().main({"user_pool_id": "us-east-1_AbCdEfGhI"})

    assert main.exit_code == 1
    assert [annotation.level for annotation in main.annotations] == ["warning", "error"]
    assert "did you mean user-pool-id?" in main.annotations[0].message
    assert "- user-pool-id: is required" in main.annotations[1].message
    assert world.aws.calls == []
