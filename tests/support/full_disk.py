"""Writes to the runner's files that find too little room, and enough of it a moment later.

A script that needs nothing but the action, so that it runs in the image too. Its arguments are the name of a function
in `WRITES` and that function's arguments; it prints the result as JSON.
"""

import json
import mmap
import resource
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path

from cognito_action.github.runner import Runner, RunnerFileError


def limit_file_size(size: int | None) -> None:
    """Let this process write no file beyond this size, or any."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard if size is None else size, hard))


@contextmanager
def size_limit(file: Path, room: int) -> Iterator[None]:
    limit_file_size(file.stat().st_size + room)
    try:
        yield
    finally:
        limit_file_size(None)


@contextmanager
def full_disk(file: Path, room: int) -> Iterator[None]:
    """Fill the file system but for the rest of the file's only page."""
    assert file.stat().st_size + room == mmap.PAGESIZE
    ballast = file.with_name("ballast")
    with ballast.open("wb", buffering=0) as rest, suppress(OSError):
        while True:
            rest.write(bytes(mmap.PAGESIZE))
    try:
        yield
    finally:
        ballast.unlink()


FULL = {"size limit": size_limit, "full disk": full_disk}


def runner_of(file: Path) -> Runner:
    return Runner({"GITHUB_STATE": str(file), "GITHUB_OUTPUT": str(file)}, BytesIO())


def write(runner: Runner, method: str) -> str:
    """Write two values to the state, or one to the outputs; return why that failed, if it did."""
    try:
        if method == "state":
            runner.state(first="1", second="2\n3")
        else:
            runner.output("first", "1\n2")
    except RunnerFileError as error:
        return error.reason
    return ""


def every_byte(method: str, full: str, folder: str) -> list[tuple[str, str, bool, str]]:
    """For each byte of a write: why it failed there, and why the next failed, with all the room that it needs.

    Then whether the file is as it was before, and why the first write of another process failed, if it did.
    """
    alone = Path(folder, "alone")
    write(runner_of(alone), method)
    length = alone.stat().st_size
    alone.unlink()
    return [_torn_at(room, method, full, Path(folder, "file")) for room in range(length)]


def _torn_at(room: int, method: str, full: str, file: Path) -> tuple[str, str, bool, str]:
    before = b"before=".ljust(mmap.PAGESIZE - room - 1, b"x") + b"\n"
    file.write_bytes(before)
    runner = runner_of(file)
    with FULL[full](file, room):
        torn = write(runner, method)
    refused = write(runner, method)
    return torn, refused, file.read_bytes() == before, write(runner_of(file), method)


def threads(limit: str, file: str) -> list[int]:
    """Write a hundred entries in threads. The first that meets the limit lifts it. Return the numbers of those written."""
    runner = runner_of(Path(file))

    def write_number(number: int) -> bool:
        try:
            runner.state(**{f"user-{number}": f"{number:02}\n" * 300})
        except RunnerFileError:
            limit_file_size(None)
            return False
        return True

    limit_file_size(int(limit))
    with ThreadPoolExecutor(16) as pool:
        written = list(pool.map(write_number, range(100)))
    return [number for number, done in enumerate(written) if done]


WRITES: Mapping[str, Callable[..., object]] = {"every byte": every_byte, "threads": threads}

if __name__ == "__main__":
    json.dump(WRITES[sys.argv[1]](*sys.argv[2:]), sys.stdout)
