"""The command is stopped at every step that is visible from outside: by a kill, or by a signal that it handles."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from tests.support.checkpoints import Checkpoints, Point
from tests.support.machine import AS_A_SHELL_DOES, PROGRAM
from tests.support.sign_up import PHONE
from tests.support.world import POOL_KINDS
from tools.emulator.account import Account
from tools.emulator.http import serving
from tools.emulator.job import ROOT
from tools.emulator.proxy import Proxy, operation_of

SIDE_BY_SIDE = 6
LATE = 1.0
"""Seconds from the command's end until its last request arrives."""


@dataclass(frozen=True)
class Use:
    """One use of the command, on a machine of its own, which `checkpoints` watches."""

    account: Account
    home: Path
    pool: str
    environ: dict[str, str]
    options: tuple[str, ...]

    def start(self) -> "subprocess.Popen[bytes]":
        return self._start(ROOT / "tests/support/stepwise_command.py", "run", *self.options, "--", "true")

    def clean_up(self) -> int:
        return self._start("-c", PROGRAM, "cleanup").wait(90)

    def _start(self, *arguments: str | Path) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [*AS_A_SHELL_DOES, sys.executable, *arguments],
            env=self.environ,
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    @property
    def left(self) -> str:
        """What is there although the command has ended."""
        users = self.account.users(self.pool)
        return f" {len(users)} users are left" if users else ""


@dataclass(frozen=True)
class Scenario:
    """What the command does: in which kind of pool, and with how many users."""

    account: Account
    folder: Path
    kind: str
    users: int

    @contextmanager
    def use(self, checkpoints: Checkpoints) -> Iterator[Use]:
        aws = Proxy(self.account.endpoint)
        home = self.folder / uuid4().hex
        home.mkdir()
        pool = self.account.create_pool(**POOL_KINDS[self.kind])
        with ExitStack() as servers:
            aws.url = servers.enter_context(serving(checkpoints.around(aws.handle, lambda call: operation_of(call)[0])))
            stepwise = servers.enter_context(serving(checkpoints.write))
            environ = {
                "PATH": os.environ["PATH"],
                "HOME": str(home),
                "PYTHONPATH": str(ROOT),
                "AWS_ENDPOINT_URL": aws.url,
                "AWS_ACCESS_KEY_ID": "test",
                "AWS_SECRET_ACCESS_KEY": "test",
                "AWS_EC2_METADATA_DISABLED": "true",
                "STEPWISE": stepwise.removeprefix("http://"),
            }
            yield Use(self.account, home, pool, environ, self._options(pool))

    def _options(self, pool: str) -> tuple[str, ...]:
        options = ("--user-pool-id", pool)
        if self.kind == "phone":
            return (*options, "--phone-number", PHONE)
        if self.users > 1:
            return (*options, "--users", "".join(f"user {number}:\n" for number in range(self.users)))
        return options

    def points(self) -> list[Point]:
        """All points that the command passes if it is not stopped."""
        checkpoints = Checkpoints()
        with self.use(checkpoints) as use:
            assert use.start().wait(90) == 0
            assert use.left == ""
        return list(checkpoints.passed)

    def stop(self, point: Point, number: signal.Signals, late: float | None = None) -> str:
        """Stop the command at a point; return what is wrong then; empty if nothing is."""
        checkpoints = Checkpoints(point, late)
        with self.use(checkpoints) as use:
            process = use.start()
            if not checkpoints.reached.wait(60):
                process.kill()
                return f"{point}: not reached"
            process.send_signal(number)
            if number is signal.SIGKILL:
                process.wait(60)
                checkpoints.go_on.set()
                use.clean_up()
                time.sleep(late or 0)
                wrong = use.left
            else:
                time.sleep(0.1)
                checkpoints.go_on.set()
                status = process.wait(90)
                wrong = use.left + ("" if status in (0, 128 + number) else f" it ended with {status}")
        return wrong and f"{point}, {number.name}, late {late}: {wrong}"


@pytest.mark.soak
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("users", [1, 3])
@pytest.mark.parametrize("kind", POOL_KINDS)
def test_no_user_outlives_a_stopped_command(
    account: Account, tmp_path: Path, figure: Callable[[str], None], kind: str, users: int, number: signal.Signals
) -> None:
    """After a kill the next cleanup deletes whoever was created, also by a request that arrives later; after a signal
    the command itself does."""
    scenario = Scenario(account, tmp_path, kind, users)
    points = scenario.points()
    tried: list[tuple[Point, float | None]] = [(point, None) for point in points]
    if number is signal.SIGKILL:
        tried += [(each, LATE) for each in points if (each.moment, each.step) == ("before", "AdminCreateUser")]

    with ThreadPoolExecutor(SIDE_BY_SIDE) as threads:
        wrong = [text for text in threads.map(lambda one: scenario.stop(one[0], number, one[1]), tried) if text]
    figure(f"{len(tried)} ends of the command by {number.name} at {len(points)} points: {users} users, {kind} pool")

    assert len(points) >= 16
    assert wrong == []
