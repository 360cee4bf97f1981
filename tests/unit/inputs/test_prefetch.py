"""What is asked for before the inputs are read, and when it is not."""

from collections.abc import Mapping
from threading import Event

import pytest

from cognito_action.inputs.prefetch import prefetch
from tests.support.examples import POOL_ID, ROLE_ARN
from tests.support.inputs import input_variables
from tests.support.recorder import Recorder
from tools.emulator.github import TokenService

CHINA = "arn:aws-cn:iam::123456789012:role/ci"


@pytest.mark.parametrize(
    ("role", "audience", "expected"),
    [
        (ROLE_ARN, "", "sts.amazonaws.com"),
        (f" {ROLE_ARN}\n", " of-mine ", "of-mine"),
        (CHINA, "", "sts.amazonaws.com.cn"),
    ],
)
def test_token_is_for_the_audience_of_the_inputs(
    github: TokenService, recorder: Recorder, role: str, audience: str, expected: str
) -> None:
    """The one that the step will want, and it is masked."""
    inputs = input_variables(role_to_assume=role, audience=audience, user_pool_id=POOL_ID)
    environ = {**github.environ, **inputs, "AWS_ENDPOINT_URL": "http://127.0.0.1:1"}

    token = prefetch(environ, recorder.runner).tokens(expected).new()

    assert github.tokens == [token]
    assert f"::add-mask::{token}" in recorder.stage.stdout.splitlines()


@pytest.mark.parametrize("inputs", [{}, {"role_to_assume": "ci"}, {"role_to_assume": "", "audience": "x"}])
def test_nothing_is_asked_for_without_a_role(
    github: TokenService, recorder: Recorder, inputs: Mapping[str, str]
) -> None:
    """What the inputs should have been is told later."""
    asked = Event()
    github.respond = lambda _: asked.set()

    prefetch({**github.environ, **input_variables(**inputs)}, recorder.runner)

    assert not asked.wait(0.3)
