"""GitHub's largest matrix, 256 jobs that start at the same moment, against the default quotas of an account."""

import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from secrets import SystemRandom
from typing import TYPE_CHECKING, TypeVar

import pytest

from cognito_action.retry import Limits, Retry
from cognito_action.steps.main import LIMITS as MAIN_LIMITS
from cognito_action.steps.main import main
from cognito_action.steps.post import LIMITS as POST_LIMITS
from cognito_action.steps.post import post
from cognito_action.steps.run import Step, exit_status_of
from tests.support.creations import inputs_for
from tests.support.inputs import input_variables
from tests.support.quotas import DEFAULTS, Quotas, SimulatedTime, histogram
from tests.support.recorder import Recorder
from tests.support.testbed import RUN
from tests.support.world import World
from tools.emulator.http import serving
from tools.emulator.proxy import Proxy

if TYPE_CHECKING:
    from tools.emulator.job import Job

Result = TypeVar("Result")

START = (0.3, 0.6)
"""Seconds from the start of a container to its first call."""

LATENCY = (0.03, 0.09)
"""Seconds of one call."""


SLOWEST = {"AdminCreateUser": "AdminSetUserPassword", "SignUp": "AdminUpdateUserAttributes"}
"""Of each way of creating users, the call with the smallest quota."""


@dataclass
class Crowd:
    """Jobs that run the real steps, with real SDK calls, on a simulated clock."""

    folder: Path
    github: Mapping[str, str]
    inputs: Mapping[str, str]
    jobs: int
    recorders: list[Recorder] = field(default_factory=list)

    def main(self, clock: SimulatedTime) -> list[float]:
        """Run all mains, and return when each of them ended."""
        inputs = input_variables(**self.inputs)
        return self._run(partial(main, random=SystemRandom()), MAIN_LIMITS, [inputs] * self.jobs, clock)

    def post(self, clock: SimulatedTime) -> list[float]:
        """Run all posts, and return when each of them ended."""
        states = [{f"STATE_{key}": value for key, value in recorder.stage.state.items()} for recorder in self.recorders]
        return self._run(post, POST_LIMITS, states, clock)

    def _run(self, step: Step, limits: Limits, environs: list[dict[str, str]], clock: SimulatedTime) -> list[float]:
        self.recorders = []
        for number in range(self.jobs):
            folder = self.folder / f"{step}-{number}"
            folder.mkdir()
            self.recorders.append(Recorder(folder))
        exit_codes: list[int] = []
        ends: list[float] = []

        def job(number: int) -> None:
            random, recorder = Random(number), self.recorders[number]
            clock.sleep(random.uniform(*START))

            def with_latency(_: float, attempt: Callable[[], Result]) -> Result:
                clock.sleep(random.uniform(*LATENCY) / 2)
                try:
                    return attempt()
                finally:
                    clock.sleep(random.uniform(*LATENCY) / 2)

            retry = Retry(limits, recorder.runner.log, clock.clock, clock.sleep, random.uniform, with_latency)
            environ = {**RUN, **self.github, **environs[number]}
            exit_codes.append(exit_status_of(lambda: step(environ, recorder.runner, retry), recorder.runner))
            ends.append(clock.clock())

        clock.run([partial(job, number) for number in range(self.jobs)])
        assert exit_codes == [0] * self.jobs
        assert [recorder.stage.annotations for recorder in self.recorders] == [[]] * self.jobs
        return ends


@contextmanager
def limited(world: World, quotas: Quotas, earlier: str = "") -> Iterator[str]:
    """The account, behind its quotas; at the URL of earlier ones, since post goes where main went."""
    with serving(quotas.around(Proxy(world.account.endpoint).handle), int(earlier.rpartition(":")[2] or 0)) as url:
        yield url


def check(quotas: Quotas, ends: list[float], slowest: str, users: int, bound: float = 2) -> str:
    """Check what the account's other users see of the crowd, and return it in figures."""
    refused = {name: quotas.refused_for_each_accepted(name) for name in quotas.limited}
    allowed = quotas.seconds_for(slowest, users)
    assert all(each <= bound for each in refused.values()), refused
    assert quotas.accepted[slowest] == users
    rates = ", ".join(f"{name} {each:.2f}" for name, each in refused.items())
    return f"refused for each accepted call: {rates}; last of {users} users after {max(ends):.1f} s, {max(ends) / allowed:.2f} times the {allowed:.1f} s that the quota takes"


@pytest.mark.parametrize(
    ("jobs", "seconds", "creates_by"),
    [
        pytest.param(32, 1.0, "AdminCreateUser"),
        pytest.param(256, 1.0, "AdminCreateUser", marks=pytest.mark.soak),
        pytest.param(256, 0.1, "AdminCreateUser", marks=pytest.mark.soak),
        pytest.param(256, 1.0, "SignUp", marks=pytest.mark.soak),
    ],
)
def test_largest_matrix_gets_its_users_and_leaves_none(
    world: World,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    figure: Callable[[str], None],
    jobs: int,
    seconds: float,
    creates_by: str,
) -> None:
    """Each job succeeds in time, on a simulated clock; fewer jobs get proportionally lower quotas."""
    pool = world.pool("email")
    rates = {name: rate * jobs / 256 for name, rate in DEFAULTS.items()}
    crowd = Crowd(tmp_path, world.github.environ, inputs_for(world, pool, creates_by), jobs)
    url = ""
    for step, slowest, run, limits in (
        ("main", SLOWEST[creates_by], crowd.main, MAIN_LIMITS),
        ("post", "AdminDeleteUser", crowd.post, POST_LIMITS),
    ):
        simulated = SimulatedTime()
        quotas = Quotas(simulated.clock, rates, seconds)
        with limited(world, quotas, url) as url:
            monkeypatch.setenv("AWS_ENDPOINT_URL", url)
            ends = run(simulated)
        assert max(ends) < limits.seconds
        text = check(quotas, ends, slowest, jobs)
        figure(f"{step} of {jobs} jobs, {creates_by}, buckets of {seconds} s: {text}\n{histogram(ends)}")
    assert world.account.users(pool) == []


@pytest.mark.soak
@pytest.mark.parametrize(("jobs", "users", "part"), [(26, 1, 0.1), (8, 20, 0.5)])
def test_crowd_of_processes(world: World, figure: Callable[[str], None], jobs: int, users: int, part: float) -> None:
    """The executables themselves, on the real clock: as many as this machine can run, against a part of the quotas.

    Steps with many users slow themselves down, and are refused less often than others.
    """
    pool = world.pool("email")
    inputs = world.inputs(pool, **({"users": "".join(f"u{n}:\n" for n in range(users))} if users > 1 else {}))
    rates = {name: rate * part for name, rate in DEFAULTS.items()}
    crowd: list[Job] = []
    url = ""
    for stage, slowest in (("main", "AdminSetUserPassword"), ("post", "AdminDeleteUser")):
        quotas = Quotas(time.monotonic, rates)
        with limited(world, quotas, url) as url, ThreadPoolExecutor(jobs) as threads:
            crowd = crowd or [world.job({**world.github.environ, "AWS_ENDPOINT_URL": url}) for _ in range(jobs)]
            started = time.monotonic()
            running = [job.start(stage, inputs, AWS_ENDPOINT_URL=url) for job in crowd]
            ends = list(threads.map(lambda each: (each.finish(), time.monotonic()), running))
        assert [(done.exit_code, done.annotations) for done, _ in ends] == [(0, [])] * jobs
        text = check(quotas, [end - started for _, end in ends], slowest, jobs * users, bound=1 if users > 1 else 2)
        figure(f"{stage} of {jobs} processes with {users} users each, {part} of the quotas: {text}")
    assert world.account.users(pool) == []
