"""Main is stopped at every step that is visible from outside, in every way the runner stops it: no user is left."""

import signal
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Timer
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from cognito_action.users.leftovers import TITLE_LATE
from tests.support.checkpoints import Checkpoints, Point
from tests.support.creations import CREATING_CALLS
from tests.support.sign_up import PERMISSIONS as SIGN_UP_PERMISSIONS
from tests.support.sign_up import PHONE, no_address
from tests.support.world import POOL_KINDS
from tools.emulator.account import PERMISSIONS, Account
from tools.emulator.github import token_service
from tools.emulator.http import serving
from tools.emulator.job import Job, Stage
from tools.emulator.proxy import Call, Proxy, forwarding, operation_of

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
LATE = (0.5, 1.0, 2.0)
"""Seconds from main's end until its last request arrives."""

LATER = 6.0
"""More seconds than post takes that does not know of the request."""

SOAK = pytest.mark.soak

SIDE_BY_SIDE = 6
SECONDS_TO_DIE = 5
"""The runner waits 7.5 s after SIGINT. Many processes share two processors here."""


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
    """What main does: in which kind of pool, with how many users, and by which call it creates them."""

    account: Account
    folder: Path
    kind: str
    users: int
    repeats: bool = False
    """Whether the first request to create a user is delayed, and arrives after the repeated one."""
    creates_by: str = "AdminCreateUser"
    expects: bool = False
    """Whether there is one user more, the first, whom nobody creates; in a phone pool there is no other."""

    @contextmanager
    def job(self, checkpoints: Checkpoints) -> Iterator[tuple[Job, str, Mapping[str, str]]]:
        """A job that `checkpoints` watches, with its own pool, and the inputs of its step."""
        aws = Proxy(self.account.endpoint)
        if self.repeats:
            # A request that the pool refuses would also be refused late: the one after it is what counts.
            refused = {"phone": [forwarding], "email alias": [no_address]}
            aws.on(self.creates_by, *refused.get(self.kind, []), Late(LATE[-1]))
        if self.kind == "email alias":
            aws.on(self.creates_by, *[no_address] * 10)
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
        by_phone, signs_up = self.kind == "phone", self.creates_by == "SignUp"
        permissions = [*(SIGN_UP_PERMISSIONS if signs_up else PERMISSIONS), *["ListUsers"] * by_phone]
        role = self.account.create_role(f"role-{uuid4().hex}", pool, permissions)
        inputs = {"user-pool-id": pool, "role-to-assume": role, "phone-number": PHONE if by_phone else ""}
        users = "visitor: {create: false}\n" * self.expects
        if not by_phone and (self.users > 1 or self.expects):
            users += "".join(f"user {number}:\n" for number in range(self.users))
        client = self.account.create_app_client(pool, "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH")
        if signs_up:
            inputs |= {"client-id": client, "sign-up": "true", "auth-flow": "none"}
        if self.users > 1:
            inputs |= {
                "client-id": client,
                "auth-flow": "USER_SRP_AUTH",
                "storage-state-origin": "https://app.example.com",
            }
        return {**inputs, "users": users}

    def points(self) -> list[Point]:
        """All points that main passes, taken from a run that is not stopped."""
        checkpoints = Checkpoints()
        with self.job(checkpoints) as (job, pool, inputs):
            main = job.main(inputs)
            assert (main.exit_code, main.annotations) == (0, [])
            points = list(checkpoints.passed)
            assert self._fill_in_form(pool, main) == self.expects
            assert self._left(job, pool, job.post()) == ""
        return points

    @property
    def who(self) -> str:
        """Who is created, in words."""
        many = self.users > 1 and self.kind != "phone"
        tokens = " with tokens" if self.users > 1 else ""
        way = " signed up" if self.creates_by == "SignUp" else ""
        visitor = " and one to sign up later" if self.expects else ""
        late = ", the first request late" if self.repeats else ""
        return f"{f'{self.users} users' if many else 'one user'}{way}{tokens}{visitor}{late}, {self.kind} pool"

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
            self._fill_in_form(pool, main)
            wrong = self._left(job, pool, job.post(), late or 0)
        if main.exit_code != (-number if number is signal.SIGKILL else 128 + number) or main.stderr:
            wrong += f" main ended with {main.exit_code} {main.stderr}"
        if seconds > SECONDS_TO_DIE:
            wrong += f" main kept running for {seconds:.1f} s"
        return wrong and f"{point}, {number.name}, late {late}: {wrong}"

    def _fill_in_form(self, pool: str, main: Stage) -> bool:
        """Sign up as whoever can who reads main's outputs: by each of them that the pool takes as a username.

        Main may have been stopped between two of them. Return whether anyone signed up.
        """
        names = [main.outputs.get(output, "") for output in ("username", "email")] if self.expects else []
        email, created = main.outputs.get("email", ""), 0
        number = [PHONE] if self.kind == "phone" and email else []
        for name in filter(None, [*names, *number]):
            attributes = {"email": email or (name if self.kind == "email" else "")}
            with suppress(ClientError):
                self.account.cognito.sign_up(
                    ClientId=self.account.create_app_client(pool),
                    Username=name,
                    Password=main.outputs.get("password", "Correct-horse-battery-1"),
                    UserAttributes=[{"Name": key, "Value": value} for key, value in attributes.items() if value],
                )
                created += 1
        return created > 0

    def _left(self, job: Job, pool: str, post: Stage, late: float = 0) -> str:
        others = [each for each in post.annotations if not each.title.endswith(TITLE_LATE)]
        wrong = f"post ended with {post.exit_code} {post.log}" if post.exit_code or others else ""
        # So that the late request has arrived, whatever post did.
        time.sleep(LATE[-1] if self.repeats else late)
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
    creations = [point for point in points if (point.moment, point.step) == ("before", scenario.creates_by)]
    tried += [(each, signal.SIGKILL, seconds) for each in creations for seconds in late]
    with ThreadPoolExecutor(SIDE_BY_SIDE) as threads:
        wrong = [text for text in threads.map(lambda one: scenario.stop(*one), tried) if text]
    return wrong, f"{len(tried)} ends of main at {len(points)} points: {scenario.who}"


@pytest.mark.parametrize("creates_by", CREATING_CALLS)
def test_no_user_outlives_a_killed_main(
    scenario: Callable[..., Scenario], figure: Callable[[str], None], creates_by: str
) -> None:
    """One user in a pool with sign-in by address, SIGKILL at every point, and the creating call six seconds late."""
    wrong, tried = stop_everywhere(scenario("email", 1, creates_by=creates_by), (signal.SIGKILL,), (LATER,))
    figure(tried)

    assert wrong == []


@pytest.mark.parametrize(
    ("kind", "creates_by"),
    [
        pytest.param(kind, creates_by, marks=[] if (kind, creates_by) == ("email", "AdminCreateUser") else SOAK)
        for kind in ("plain", "email", "phone", "email alias")
        for creates_by in CREATING_CALLS
    ],
)
def test_no_user_outlives_a_main_that_repeated_a_lost_request(
    scenario: Callable[..., Scenario], figure: Callable[[str], None], kind: str, creates_by: str
) -> None:
    """The repeated request creates the user, and the first one arrives two seconds late, after post has deleted it."""
    wrong, tried = stop_everywhere(scenario(kind, 1, repeats=True, creates_by=creates_by), (signal.SIGKILL,), ())
    figure(tried)

    assert wrong == []


@pytest.mark.parametrize(
    ("kind", "creates_by"),
    [
        ("phone", "AdminCreateUser"),
        *(pytest.param(kind, "AdminCreateUser", marks=SOAK) for kind in ("plain", "email", "email alias")),
        *(pytest.param(kind, "SignUp", marks=SOAK) for kind in ("plain", "email", "email alias")),
    ],
)
def test_nobody_outlives_a_killed_main_who_then_signed_up(
    scenario: Callable[..., Scenario], figure: Callable[[str], None], kind: str, creates_by: str
) -> None:
    """Main hands over what a test needs for a sign-up, beside a user whom it creates. Whatever of it had come out when
    main was killed is used: post deletes whoever signed up, by the plain name, the address or the number."""
    wrong, tried = stop_everywhere(scenario(kind, 1, creates_by=creates_by, expects=True), (signal.SIGKILL,), ())
    figure(tried)

    assert wrong == []


@SOAK
@pytest.mark.parametrize("creates_by", CREATING_CALLS)
@pytest.mark.parametrize("users", [1, 3])
@pytest.mark.parametrize("kind", POOL_KINDS)
def test_no_user_outlives_a_stopped_main(
    scenario: Callable[..., Scenario], figure: Callable[[str], None], kind: str, users: int, creates_by: str
) -> None:
    """Each kind of pool, one user or three with tokens, each signal, at every point, with late requests."""
    wrong, tried = stop_everywhere(scenario(kind, users, creates_by=creates_by), SIGNALS, LATE)
    figure(tried)

    assert wrong == []
