"""Main is stopped at every step that is visible from outside, in every way the runner stops it: no user is left."""

import signal
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Timer
from uuid import uuid4

import pytest

from cognito_action.users.cleanup import TITLE_LATE
from tests.support.checkpoints import Checkpoints, Point
from tests.support.world import POOL_KINDS
from tools.emulator.account import PERMISSIONS, Account
from tools.emulator.github import token_service
from tools.emulator.http import Answer, serving
from tools.emulator.job import Job, Stage
from tools.emulator.proxy import Call, Proxy, forwarding, operation_of

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
LATE = (0.5, 1.0, 2.0)
"""Seconds from main's end until its last request arrives."""

SIDE_BY_SIDE = 6
SECONDS_TO_DIE = 5
"""The runner waits 7.5 s after SIGINT. Many processes share two processors here."""

PHONE = "+15555550123"


def no_address(call: Call) -> Answer:
    """Refuse an address as the username, as a pool with the address as an alias does; the emulator accepts it."""
    if "@" in call.parameters["Username"]:
        message = "Username cannot be of email format, since user pool is configured for email alias."
        return call.refuse("InvalidParameterException", message)
    return call.forward()


class Late:
    """A rule that breaks off the connection, and carries out the call that many seconds later."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def __call__(self, call: Call) -> None:
        Timer(self._seconds, call.forward).start()


class StepwiseJob(Job):
    """A job whose main stops where a test wants it to."""

    def entrypoint(self, stage: str) -> str:
        return "tests/support/stepwise_main.py" if stage == "main" else super().entrypoint(stage)


@dataclass(frozen=True)
class Scenario:
    """What main does: in which kind of pool, and with how many users."""

    account: Account
    folder: Path
    kind: str
    users: int
    repeats: bool = False
    """Whether the first request to create a user is delayed, and arrives after the repeated one."""

    @contextmanager
    def job(self, checkpoints: Checkpoints) -> Iterator[tuple[Job, str, Mapping[str, str]]]:
        """A job that `checkpoints` watches, with its own pool, and the inputs of its step."""
        aws = Proxy(self.account.endpoint)
        if self.repeats:
            # A request that the pool refuses would also be refused late: the one after it is what counts.
            refused = {"phone": [forwarding], "email alias": [no_address]}
            aws.on("AdminCreateUser", *refused.get(self.kind, []), Late(LATE[-1]))
        if self.kind == "email alias":
            aws.on("AdminCreateUser", *[no_address] * 10)
        with ExitStack() as servers:
            aws.url = servers.enter_context(serving(checkpoints.around(aws.handle, lambda call: operation_of(call)[0])))
            github = servers.enter_context(token_service())
            github.respond = checkpoints.around(github.grant, lambda _: "GetIDToken")
            stepwise = servers.enter_context(serving(checkpoints.write))
            environ = {**github.environ, "AWS_ENDPOINT_URL": aws.url, "STEPWISE": stepwise.removeprefix("http://")}
            folder = self.folder / uuid4().hex
            folder.mkdir()
            pool = self.account.create_pool(**POOL_KINDS[self.kind])
            yield StepwiseJob(folder, environ), pool, self._inputs(pool)

    def _inputs(self, pool: str) -> Mapping[str, str]:
        """If people sign in only by phone number, there is one user: a number belongs to one."""
        by_phone = self.kind == "phone"
        role = self.account.create_role(f"role-{uuid4().hex}", pool, [*PERMISSIONS, *["ListUsers"] * by_phone])
        inputs = {"user-pool-id": pool, "role-to-assume": role, "phone-number": PHONE if by_phone else ""}
        if self.users == 1:
            return inputs
        client = self.account.create_app_client(pool, "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH")
        users = "" if by_phone else "".join(f"user {number}:\n" for number in range(self.users))
        return {**inputs, "users": users, "client-id": client, "storage-state-origin": "https://app.example.com"}

    def points(self) -> list[Point]:
        """All points that main passes, taken from a run that is not stopped."""
        checkpoints = Checkpoints()
        with self.job(checkpoints) as (job, pool, inputs):
            main = job.main(inputs)
            assert (main.exit_code, main.annotations) == (0, [])
            points = list(checkpoints.passed)
            assert self._left(job, pool, job.post()) == ""
        return points

    @property
    def who(self) -> str:
        """Who is created, in words."""
        many = self.users > 1 and self.kind != "phone"
        tokens = " with tokens" if self.users > 1 else ""
        late = ", the first request late" if self.repeats else ""
        return f"{f'{self.users} users' if many else 'one user'}{tokens}{late}, {self.kind} pool"

    def stop(self, point: Point, number: signal.Signals, late: float | None = None) -> str:
        """Stop main at `point`, run post, and return what is wrong then; empty if nothing is."""
        checkpoints = Checkpoints(point, late)
        with self.job(checkpoints) as (job, pool, inputs):
            running = job.start("main", inputs)
            if not checkpoints.reached.wait(60):
                return f"{point}: not reached"
            started = time.monotonic()
            running.process.send_signal(number)
            running.process.wait(60)
            seconds = time.monotonic() - started
            checkpoints.go_on.set()
            main = running.finish()
            wrong = self._left(job, pool, job.post())
        if main.exit_code != (-number if number is signal.SIGKILL else 128 + number) or main.stderr:
            wrong += f" main ended with {main.exit_code} {main.stderr}"
        if seconds > SECONDS_TO_DIE:
            wrong += f" main kept running for {seconds:.1f} s"
        return wrong and f"{point}, {number.name}, late {late}: {wrong}"

    def _left(self, job: Job, pool: str, post: Stage) -> str:
        others = [each for each in post.annotations if not each.title.endswith(TITLE_LATE)]
        wrong = f"post ended with {post.exit_code} {post.log}" if post.exit_code or others else ""
        if self.repeats:
            time.sleep(LATE[-1])  # so that the late request has arrived, whatever post did
        if users := self.account.users(pool):
            wrong += f" {len(users)} users are left"
        if files := [path.name for path in job.temp.iterdir()]:
            wrong += f" {files} are left"
        return wrong


@pytest.fixture
def scenario(account: Account, tmp_path: Path) -> Callable[..., Scenario]:
    return partial(Scenario, account, tmp_path)


def stop_everywhere(
    scenario: Scenario, signals: tuple[signal.Signals, ...], late: tuple[float, ...]
) -> tuple[list[str], str]:
    """Stop main at each of its points; return what was wrong, and what was tried."""
    points = scenario.points()
    tried: list[tuple[Point, signal.Signals, float | None]] = [(each, by, None) for each in points for by in signals]
    # A late request can leave a user behind only if it creates one.
    creations = [point for point in points if (point.moment, point.step) == ("before", "AdminCreateUser")]
    tried += [(each, signal.SIGKILL, seconds) for each in creations for seconds in late]
    with ThreadPoolExecutor(SIDE_BY_SIDE) as threads:
        wrong = [text for text in threads.map(lambda one: scenario.stop(*one), tried) if text]
    return wrong, f"{len(tried)} ends of main at {len(points)} points: {scenario.who}"


def test_no_user_outlives_a_killed_main(scenario: Callable[..., Scenario], figure: Callable[[str], None]) -> None:
    """One user in a pool with sign-in by address, SIGKILL at every point, and the creating call two seconds late."""
    wrong, tried = stop_everywhere(scenario("email", 1), (signal.SIGKILL,), (2.0,))
    figure(tried)

    assert wrong == []


@pytest.mark.parametrize(
    "kind", ["email", *(pytest.param(kind, marks=pytest.mark.soak) for kind in ("plain", "phone", "email alias"))]
)
def test_no_user_outlives_a_main_that_repeated_a_lost_request(
    scenario: Callable[..., Scenario], figure: Callable[[str], None], kind: str
) -> None:
    """The repeated request creates the user, and the first one arrives two seconds late, after post has deleted it."""
    wrong, tried = stop_everywhere(scenario(kind, 1, repeats=True), (signal.SIGKILL,), ())
    figure(tried)

    assert wrong == []


@pytest.mark.soak
@pytest.mark.parametrize("users", [1, 3])
@pytest.mark.parametrize("kind", POOL_KINDS)
def test_no_user_outlives_a_stopped_main(
    scenario: Callable[..., Scenario], figure: Callable[[str], None], kind: str, users: int
) -> None:
    """Each kind of pool, one user or three with tokens, each signal, at every point, with late requests."""
    wrong, tried = stop_everywhere(scenario(kind, users), SIGNALS, LATE)
    figure(tried)

    assert wrong == []
