"""A service that accepts a call and never answers: the step still ends in time, on the real clock."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cognito_action.steps import main as main_step
from cognito_action.steps import post as post_step
from cognito_action.users.leftovers import TITLE_LATE
from tests.support.creations import CREATING_CALLS
from tests.support.sign_up import sign_up_inputs
from tests.support.testbed import TOKEN
from tests.support.world import World
from tools.emulator.account import Account
from tools.emulator.github import token_service
from tools.emulator.http import Answer
from tools.emulator.job import Job, Stage
from tools.emulator.proxy import Call, proxy

FOREVER = 150
"""Seconds: longer than any step."""

START = 8
"""Seconds that a process may take to start and to end, when many do so at once."""

SESSION = (TOKEN, "AssumeRoleWithWebIdentity")
MAIN = (
    *SESSION,
    "AdminCreateUser",
    "AdminSetUserPassword",
    "AdminAddUserToGroup",
    "InitiateAuth",
    "RespondToAuthChallenge",
)
SIGN_UP = ("AdminInitiateAuth", "SignUp", "AdminConfirmSignUp", "AdminUpdateUserAttributes")
POST = (*SESSION, "AdminDeleteUser")

NAMES = {TOKEN: "The request for GitHub's ID token"}
"""What an annotation calls an operation, if not by its own name."""


def unanswered(call: Call) -> Answer:
    time.sleep(FOREVER)
    return call.forward()


def timed(run: Callable[[], Stage]) -> tuple[Stage, float]:
    started = time.monotonic()
    return run(), time.monotonic() - started


def problems_of(stage: Stage, seconds: float, operation: str, limit: float, exit_code: int) -> list[str]:
    """What is wrong with a stage that got no answer to its calls of `operation`."""
    said = [
        annotation.message for annotation in stage.annotations if NAMES.get(operation, operation) in annotation.message
    ]
    wrong = [] if len(stage.annotations) == len(said) == 1 else [f"annotations {stage.annotations}"]
    wrong += [] if stage.exit_code == exit_code else [f"status {stage.exit_code}"]
    wrong += [] if seconds < limit + START else [f"{seconds:.0f} s"]
    return [f"{operation}: {text}" for text in wrong]


def silence(world: World, operation: str) -> None:
    if operation == TOKEN:
        world.github.respond = lambda _: time.sleep(FOREVER)
    else:
        world.aws.on(operation, *[unanswered] * 10)


@pytest.mark.soak
def test_main_and_post_end_in_time(account: Account, tmp_path: Path, figure: Callable[[str], None]) -> None:
    """Whichever call it is, one annotation names it within main's minute or post's half minute."""
    tried = [
        *(("main", operation) for operation in MAIN),
        *(("main that signs up", operation) for operation in SIGN_UP),
        *(("post", operation) for operation in POST),
    ]
    longest = dict.fromkeys(dict(tried), 0.0)

    def try_out(stage: str, operation: str) -> list[str]:
        folder = tmp_path / f"{stage}-{operation}"
        folder.mkdir()
        with proxy(account.endpoint) as aws, token_service() as github:
            world = World(account, aws, github, folder)
            pool = world.pool()
            inputs = world.inputs_with_groups(pool, "admins", groups="admins", client_id=world.app_client(pool))
            if stage == "main that signs up":
                inputs = sign_up_inputs(world, pool, auth_flow="none")
            job: Job = world.job()
            if stage != "post":
                silence(world, operation)
                main, seconds = timed(lambda: job.main(inputs))
                wrong = problems_of(main, seconds, operation, main_step.LIMITS.seconds, 1)
                github.respond = None
                post = job.post()
                # A creation that no one answered may still take effect when post is over.
                told = [f"Cognito test user: {TITLE_LATE}"] if operation in CREATING_CALLS else []
                wrong += [] if [each.title for each in post.annotations] == told else [f"post said {post.annotations}"]
                wrong += [f"{len(account.users(pool))} users are left"] if account.users(pool) else []
            else:
                assert job.main(inputs).exit_code == 0
                silence(world, operation)
                post, seconds = timed(job.post)
                wrong = problems_of(post, seconds, operation, post_step.LIMITS.seconds, 0)
            longest[stage] = max(longest[stage], seconds)
        return wrong

    with ThreadPoolExecutor(len(tried)) as threads:
        wrong = [text for texts in threads.map(lambda each: try_out(*each), tried) for text in texts]
    seconds = ", ".join(f"{stage} {most:.0f} s" for stage, most in longest.items())
    figure(f"no answer at all, longest time to the end: {seconds}")

    assert wrong == []
