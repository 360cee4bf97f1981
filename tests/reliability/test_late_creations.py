"""Main is killed while a creation is under way, which takes effect later: post waits for it as long as it can."""

import json
import math
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

import pytest

from cognito_action.users.late_users import LATEST_EFFECT
from cognito_action.users.leftovers import TITLE_LATE
from tests.support.creations import creating_call, inputs_for
from tests.support.fake_time import FakeTime
from tests.support.sign_up import PHONE
from tests.support.testbed import FaultTestbed, open_testbed
from tests.support.world import World
from tools.emulator.proxy import Gate

QUICK = (1, 5, 12, 19, 21, 25)
QUICK_SIGN_UPS = (5, 19, 21)


@pytest.fixture
def bed(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultTestbed]:
    with open_testbed(world) as bed:
        monkeypatch.setenv("AWS_ENDPOINT_URL", bed.aws.url)
        yield bed


@dataclass
class EventfulTime(FakeTime):
    """A clock that only pauses advance, on which things happen."""

    events: dict[float, Callable[[], object]] = field(default_factory=dict)

    def sleep(self, seconds: float) -> None:
        until = self.now + seconds
        for when in sorted(when for when in self.events if when <= until):
            self.now = max(self.now, when)
            self.events.pop(when)()
        self.now = until


CASES = [
    pytest.param(operation, seconds, marks=[] if seconds in quick else pytest.mark.soak)
    for operation, quick in (("AdminCreateUser", QUICK), ("SignUp", QUICK_SIGN_UPS))
    for seconds in range(1, 26)
    if seconds != LATEST_EFFECT  # post began a moment after the call was sent
]


@pytest.mark.parametrize(("operation", "seconds"), CASES)
@pytest.mark.parametrize("kind", ["plain", "email", "phone"])
def test_creation_that_takes_effect_after_the_kill(bed: FaultTestbed, kind: str, operation: str, seconds: int) -> None:
    """Up to 20 seconds after it was sent no one stays, and nothing is annotated; after that a warning names the sweep."""
    pool = bed.world.pool(kind)
    inputs = {**inputs_for(bed.world, pool, operation), "phone-number": PHONE}
    main = bed.main(inputs)
    [created] = bed.world.account.users(pool)
    bed.world.account.cognito.admin_delete_user(UserPoolId=pool, Username=created)
    entry = json.loads(main.state["user-1"])
    # Post begins as the call is sent, however long this machine takes to come to it.
    sent = math.ceil(time.time()) + 60
    under_way = {**entry, "username": "", "sub": "", "unanswered": 1, "last_unanswered": sent}
    request = bed.world.aws.parameters(operation)[-1]
    create = partial(creating_call(bed.world, pool, operation), request)
    clock = EventfulTime(events={float(seconds): create})
    bed.time = clock

    post = bed.post({**main.state, "user-1": json.dumps(under_way)})

    clock.sleep(30)
    if seconds <= LATEST_EFFECT:
        assert (post.exit_code, post.annotations) == (0, [])
        assert bed.world.account.users(pool) == []
    else:
        assert len(bed.world.account.users(pool)) == 1
        [warning] = post.annotations
        assert (post.exit_code, warning.level) == (0, "warning")
        assert warning.title.endswith(TITLE_LATE)
        assert "A scheduled sweep" in warning.message
        assert "aws cognito-idp list-users" in warning.message


@pytest.mark.parametrize(
    ("operation", "seconds"),
    [
        pytest.param(operation, late, marks=[] if (operation, late) == ("AdminCreateUser", 5.0) else pytest.mark.soak)
        for operation in ("AdminCreateUser", "SignUp")
        for late in (1.0, 3.0, 5.0, 8.0, 12.0, 17.0, 19.0)
    ],
)
def test_creation_that_takes_effect_late_in_real_time(world: World, operation: str, seconds: float) -> None:
    """The executables, with a slow trigger: the job is canceled while the creating call is on its way."""
    pool = world.pool("email")
    job = world.job()
    gate = Gate()
    world.aws.on(operation, gate)
    running = job.start("main", inputs_for(world, pool, operation))
    assert gate.reached.wait(30)
    threading.Timer(seconds, gate.open.set).start()
    running.process.send_signal(signal.SIGINT)
    running.finish()

    post = job.post()

    assert (post.exit_code, post.annotations) == (0, [])
    assert world.account.users(pool) == []


def test_answered_creation_costs_no_wait(world: World) -> None:
    """Main is killed after the answer, or the creation was refused without a proof: post looks once."""
    pool = world.pool("email")
    job = world.job()
    gate = Gate()
    world.aws.on("AdminSetUserPassword", gate)
    running = job.start("main", world.inputs(pool))
    assert gate.reached.wait(30)
    running.process.kill()
    running.finish()
    gate.open.set()

    started = time.monotonic()
    post = job.post()

    assert (post.exit_code, post.annotations) == (0, [])
    assert time.monotonic() - started < 10  # a wait would be of 20
    assert world.aws.calls.count("AdminDeleteUser") == 1
    assert world.account.users(pool) == []
