"""The disk is full in the middle of an entry of the state, and has space again a moment later: no user is left."""

import resource
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from uuid import uuid4

import pytest

from cognito_action.users.leftovers import TITLE_LATE
from tests.support.testbed import FaultTestbed, open_testbed
from tests.support.world import World
from tools.emulator.job import Job, Running, Stage
from tools.emulator.proxy import Call, Gate, forwarding

KIND = "email"
SIDE_BY_SIDE = 4
TORN = "The runner's file GITHUB_STATE could not be written: File too large."


class FullDiskJob(Job):
    """A job whose main has space again as soon as a write to the state has failed."""

    def entrypoint(self, stage: str) -> str:
        return "tests/support/main_on_full_disk.py" if stage == "main" else super().entrypoint(stage)


@dataclass(frozen=True)
class Scenario:
    """Main with three users on a disk that is full for a moment, and post, which skips its pauses."""

    bed: FaultTestbed

    def start(self, pool: str, **environ: str) -> Running:
        world = self.bed.world
        folder = world.folder / uuid4().hex
        folder.mkdir()
        job = FullDiskJob(folder, {**world.environ, "AWS_ENDPOINT_URL": self.bed.aws.url})
        return job.start("main", world.inputs(pool, users="a:\nb:\nc:"), **environ)

    def sizes(self) -> range:
        """The numbers of bytes at which the state of main is not complete."""
        main = self.start(self.bed.world.pool(KIND)).finish()
        assert (main.exit_code, main.annotations) == (0, [])
        return range(len(main.files["GITHUB_STATE"]))

    def tear(self, size: int) -> str:
        """Have the disk full once the state has this size; return what is wrong at the end, empty if nothing is."""
        pool = self.bed.world.pool(KIND)
        try:
            wrong = self.what_is_wrong(pool, self.start(pool, FILE_SIZE_LIMIT=str(size)).finish())
        except ValueError as error:
            wrong = f"the runner can't read the state: {error}"
        return wrong and f"{size} bytes: {wrong}"

    def tear_everywhere(self, sizes: Iterable[int]) -> list[str]:
        with ThreadPoolExecutor(SIDE_BY_SIDE) as threads:
            return [wrong for wrong in threads.map(self.tear, sizes) if wrong]

    def what_is_wrong(self, pool: str, main: Stage) -> str:
        """Run post after a main that could not write its state."""
        wrong = ""
        if main.exit_code != 1 or TORN not in "\n".join(main.log):
            wrong += f" main ended with {main.exit_code} {main.log}"
        post = self.bed.post(main.state)
        if post.exit_code or any(not each.title.endswith(TITLE_LATE) for each in post.annotations):
            wrong += f" post ended with {post.exit_code} {post.log}"
        if users := self.bed.world.account.users(pool):
            wrong += f" {len(users)} users are left"
        return wrong


@pytest.fixture
def scenario(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scenario]:
    with open_testbed(world) as bed:
        monkeypatch.setenv("AWS_ENDPOINT_URL", bed.aws.url)
        yield Scenario(bed)


def test_no_user_outlives_a_torn_entry(scenario: Scenario, figure: Callable[[str], None]) -> None:
    """Three users, and a disk that is full at one byte in each sixteenth of the state."""
    sizes = scenario.sizes()
    some = sizes[len(sizes) // 32 :: len(sizes) // 16]
    figure(f"disk full at {len(some)} of the {len(sizes)} bytes of the state")

    assert scenario.tear_everywhere(some) == []


@pytest.mark.soak
def test_no_user_outlives_an_entry_torn_at_any_byte(scenario: Scenario, figure: Callable[[str], None]) -> None:
    """The same at every byte."""
    sizes = scenario.sizes()
    figure(f"disk full at each of the {len(sizes)} bytes of the state")

    assert scenario.tear_everywhere(sizes) == []


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux can limit another process")
def test_no_creation_begins_after_a_torn_entry(scenario: Scenario, world: World) -> None:
    """The answer for one user can't be saved, and the one for another is lost: the call is not made again."""
    answered, lost = Gate(), Gate(after=True)

    def lose_answer(call: Call) -> None:
        lost(call)

    world.aws.on("AdminCreateUser", forwarding, answered, lose_answer)
    pool = world.pool()
    running = scenario.start(pool)
    assert answered.reached.wait(60)
    assert lost.reached.wait(60)

    fill_disk(running, running.files["GITHUB_STATE"].stat().st_size + 100)
    answered.open.set()
    deadline = time.monotonic() + 60
    while is_limited(running):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    lost.open.set()
    main = running.finish()

    assert world.aws.calls.count("AdminCreateUser") == 3
    assert scenario.what_is_wrong(pool, main) == ""


def fill_disk(running: Running, size: int) -> None:
    """Let main write no file beyond this size, until a write to the state fails."""
    _, hard = resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, (size, hard))


def is_limited(running: Running) -> bool:
    soft, hard = resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE)
    return soft != hard
