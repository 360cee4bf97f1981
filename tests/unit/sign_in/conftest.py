"""What the tests of a sign-in share: one whose pauses are not rounded up."""

import pytest

from tests.support.fake_time import FakeTime
from tests.support.scripted_aws import ScriptedAws
from tests.support.scripted_sign_in import Harness


@pytest.fixture
def harness(aws: ScriptedAws, time: FakeTime) -> Harness:
    time.share = 0
    return Harness(aws, time)
