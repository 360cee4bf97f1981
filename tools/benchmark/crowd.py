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


@dataclass(frozen=True)
class Crowd:
    """How long main takes for all users."""

    wall: float
    """Seconds, the median of some rounds."""

    @property
    def minimum(self) -> float:
        """Seconds that the rate limit and the latency alone would take."""
        return (USERS - 1) / CALLS_PER_SECOND + SEQUENTIAL_CALLS * LATENCY


def measure_crowd(account: Account, github: TokenService, folder: Path, image: str) -> Crowd:
    """Run steps of `image` with as many users as one step accepts."""
    pool = account.create_pool(UsernameAttributes=["email"])
    inputs = {
        "user-pool-id": pool,
        "role-to-assume": account.create_role("crowd", pool),
        "users": "\n".join(f"user-{number}:" for number in range(USERS)),
    }
    aws = Proxy(account.endpoint)

    def respond(request: Request) -> Answer | None:
        arrived = time.monotonic()
        answer = aws.handle(request)
        time.sleep(max(0.0, arrived + LATENCY - time.monotonic()))
        return answer

    def main_of_a_job(url: str) -> float:
        environ = {**github.environ, "AWS_ENDPOINT_URL": url}
        job = MeasuredDockerJob(Path(tempfile.mkdtemp(dir=folder)), environ, image)
        main = job.main(inputs)
        assert len(json.loads(main.outputs["users"])) == len(account.users(pool)) == USERS, main.log
        job.post()
        assert not account.users(pool)
        return job.cost("main").wall

    with serving(respond) as url:
        return Crowd(median(main_of_a_job(url) for _ in range(ROUNDS)))
