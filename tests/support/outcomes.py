"""A story told with a disturbance, and what may come of it."""

from collections.abc import Callable
from contextlib import suppress

from cognito_action.errors import CREDENTIAL_CODES
from tests.support.stories import POSTS, Step, main_signed_up
from tests.support.testbed import TOKEN, FaultTestbed
from tools.emulator.job import Stage


def check(bed: FaultTestbed, step: Step, disturb: Callable[[], None]) -> Stage:
    """Run a step with a disturbance, check the outcome without it, and return the result."""
    story = step(bed)
    run = next(story)
    bed.calls.clear()
    disturb()
    stage = run()
    calls = list(bed.calls)
    bed.fault = bed.close_after = bed.time = None
    bed.aws.open()
    bed.github.open()
    with suppress(StopIteration):
        story.send(stage)
    bed.world.aws.calm()
    bed.calls[:] = calls
    return stage


NAMES = {TOKEN: "The request for GitHub's ID token"}
"""What an annotation calls an operation, if not by its own name."""


def is_refused(step: Step, stage: Stage, call: str) -> bool:
    """Whether one annotation says that this call failed, and the step failed unless it is post."""
    is_post = step in POSTS
    [annotation] = stage.annotations
    return (
        stage.exit_code == int(not is_post)
        and annotation.level == ("warning" if is_post else "error")
        and NAMES.get(call, call) in annotation.message
    )


def proves_the_client(step: Step, call: str, code: str) -> bool:
    """Whether a refusal with this code tells `main_signed_up` that the pool has the app client, so that it goes on."""
    is_proof = (step, call) == (main_signed_up, "AdminInitiateAuth")
    return is_proof and code not in {"AccessDeniedException", "ResourceNotFoundException", *CREDENTIAL_CODES}
