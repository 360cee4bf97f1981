"""Many users in one step, beside what its own pace and the latency leave room for."""

import json
import time
from dataclasses import dataclass
from pathlib import Path

from cognito_action.retry import CALLS_PER_SECOND
from tools.benchmark.contenders import ACTION
from tools.benchmark.measured import MeasuredJob
from tools.emulator.account import Account
from tools.emulator.github import TokenService
from tools.emulator.http import Answer, Request, serving
from tools.emulator.proxy import Proxy

USERS = 50
"""As many as one step takes."""

LATENCY = 0.08
"""Seconds before an answer of AWS."""

ONE_AFTER_ANOTHER = 4
"""Calls that can't overlap: the role, the user who goes first, and the two calls of the one who comes last."""


@dataclass(frozen=True)
class Crowd:
    """How long main took for all users."""

    wall: float

    @property
    def room(self) -> float:
        """Seconds that pace and latency alone would take."""
        return (USERS - 1) / CALLS_PER_SECOND + ONE_AFTER_ANOTHER * LATENCY


def measure_crowd(account: Account, github: TokenService, folder: Path) -> Crowd:
    """Run a step with as many users as one step takes."""
    pool = account.create_pool(UsernameAttributes=["email"])
    inputs = {
        "user-pool-id": pool,
        "role-to-assume": account.create_role("crowd", pool),
        "users": "\n".join(f"user-{number}:" for number in range(USERS)),
    }
    front = Proxy(account.endpoint)

    def respond(request: Request) -> Answer | None:
        time.sleep(LATENCY)
        return front.handle(request)

    with serving(respond) as url:
        job = MeasuredJob(folder, {**github.environ, "AWS_ENDPOINT_URL": url}, ACTION)
        main = job.main(inputs)
        assert len(json.loads(main.outputs["users"])) == len(account.users(pool)) == USERS, main.log
        job.post()
        assert not account.users(pool)
    return Crowd(job.cost("main").wall)
