"""What comes early: the first token for the audience that the step turns out to want, and connections to AWS."""

from collections.abc import Sequence

import pytest

from cognito_action.aws.connect import connect
from cognito_action.aws.endpoints import Endpoints
from cognito_action.aws.iam import Role
from cognito_action.aws.prefetch import Prefetch
from cognito_action.errors import ActionError
from cognito_action.identifiers import PoolAddress
from cognito_action.network.connections import Network
from tests.support.examples import POOL_ID, ROLE_ARN
from tests.support.fake_time import FakeTime
from tests.support.recorder import Recorder
from tools.emulator.github import TokenService


def test_token_that_was_asked_for_early_is_the_first(github: TokenService, recorder: Recorder) -> None:
    """There is one request for it."""
    early = Prefetch(github.environ, recorder.runner)
    early.tokens("sts.amazonaws.com")

    token = early.tokens("sts.amazonaws.com").new()

    assert github.tokens == [token]


def test_token_for_another_audience_is_asked_for_anew(github: TokenService, recorder: Recorder) -> None:
    """No one gets a token that is for someone else."""
    early = Prefetch(github.environ, recorder.runner)
    first = early.tokens("one").new()

    token = early.tokens("another").new()

    assert github.tokens == [first, token]


class RecordingNetwork(Network):
    """Opens nothing, and remembers what it was asked to open."""

    opened: Sequence[str] = ()

    def open_early(self, urls: Sequence[str]) -> None:
        """Remember the hosts."""
        self.opened = urls


@pytest.mark.parametrize(
    ("endpoints", "opened"),
    [
        (
            Endpoints("", "", fips=False, dual_stack=False),
            ["https://sts.eu-central-1.amazonaws.com", "https://cognito-idp.eu-central-1.amazonaws.com"],
        ),
        (Endpoints("http://127.0.0.1:1", "", fips=False, dual_stack=False), ()),
        (None, ()),
    ],
)
def test_post_connects_early_where_main_had_the_usual_endpoints(
    recorder: Recorder, time: FakeTime, endpoints: Endpoints | None, opened: Sequence[str]
) -> None:
    """Main has begun before; and here there is no token, so that nothing follows."""
    early = Prefetch({}, recorder.runner)
    network = early.network = RecordingNetwork({})
    role, pool = Role(ROLE_ARN, "session", "sts.amazonaws.com"), PoolAddress(POOL_ID, "eu-central-1")

    with pytest.raises(ActionError):
        connect(role, pool, ["AdminDeleteUser"], early, time.retry(), recorder.runner, endpoints)

    assert network.opened == opened
