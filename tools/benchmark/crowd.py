"""Many users in one step, compared with what the rate limit and the latency allow."""

import json
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from cognito_action.rate_limiter import CALLS_PER_SECOND
from tools.benchmark.measured import MeasuredDockerJob
from tools.emulator.account import Account
from tools.emulator.github import TokenService
from tools.emulator.http import Answer, Request, serving
from tools.emulator.proxy import Proxy

USERS = 50
"""As many as one step accepts."""

LATENCY = 0.08
"""Seconds before AWS answers."""

ROUNDS = 5

SEQUENTIAL_CALLS = 4
"""Calls that can't overlap: one for the role, one for the first user, and two for the last user."""

_SECONDS_OF_PACE = (USERS - 1) / CALLS_PER_SECOND


@dataclass(frozen=True)
class Crowd:
    """How long main takes, in seconds: in one round, or the medians of some."""

    wall: float
    """For all users."""
    one: float
    """For one user."""

    @property
    def minimum(self) -> float:
        """What the rate limit and the latency alone would take for all."""
        return _SECONDS_OF_PACE + SEQUENTIAL_CALLS * LATENCY

    @property
    def added(self) -> float:
        """What the users after the first add, as a multiple of what the rate limit alone makes them wait."""
        return (self.wall - self.one) / _SECONDS_OF_PACE


def measure_crowd(account: Account, github: TokenService, folder: Path, image: str) -> Crowd:
    """Run steps of `image` with as many users as one step accepts, and in turn with one."""
    pool = account.create_pool(UsernameAttributes=["email"])
    role = account.create_role("crowd", pool)
    aws = Proxy(account.endpoint)

    def respond(request: Request) -> Answer | None:
        arrived = time.monotonic()
        answer = aws.handle(request)
        time.sleep(max(0.0, arrived + LATENCY - time.monotonic()))
        return answer

    def seconds(users: int) -> float:
        environ = {**github.environ, "AWS_ENDPOINT_URL": url}
        job = MeasuredDockerJob(Path(tempfile.mkdtemp(dir=folder)), environ, image)
        listed = "\n".join(f"user-{number}:" for number in range(users))
        main = job.main({"user-pool-id": pool, "role-to-assume": role, "users": listed})
        assert len(json.loads(main.outputs["users"])) == len(account.users(pool)) == users, main.log
        job.post()
        assert not account.users(pool)
        return job.cost("main").wall

    with serving(respond) as url:
        rounds = [Crowd(wall=seconds(USERS), one=seconds(1)) for _ in range(ROUNDS)]
    return Crowd(median(each.wall for each in rounds), median(each.one for each in rounds))
