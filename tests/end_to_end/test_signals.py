"""The runner cancels the step: the container ends at once, and post leaves no user behind."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from random import randint
from secrets import token_hex
from threading import Thread
from typing import BinaryIO

import pytest

from tests.support.examples import CLAIMED
from tests.support.world import World
from tools.emulator.container import DockerJob, docker
from tools.emulator.job import Running, Stage
from tools.emulator.proxy import Gate

Cancel = Callable[[DockerJob, Running, signal.Signals], None]

SIGNALS = [signal.SIGINT, signal.SIGTERM]

each_signal = pytest.mark.parametrize("number", SIGNALS, ids=[number.name for number in SIGNALS])

BLACK_HOLE = """\
import socket, sys
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind((sys.argv[1], 53))
server.settimeout(60)
print("ready", flush=True)
server.recv(512)
print("asked", flush=True)
while True:
    server.recv(512)
"""
"""A name server that never answers. It runs in a container because port 53 requires root."""


def _to_container(job: DockerJob, _: Running, number: signal.Signals) -> None:
    docker("kill", "--signal", number.name, job.containers[-1])


def _to_client(_: DockerJob, running: Running, number: signal.Signals) -> None:
    running.process.send_signal(number)


@each_signal
@pytest.mark.parametrize("cancel", [_to_container, _to_client], ids=["container", "client"])
def test_signal_during_a_call_ends_main_at_once(
    world: World, job: DockerJob, cancel: Cancel, number: signal.Signals
) -> None:
    """Cognito holds the creating call and carries it out after main has died; post deletes this user from its state."""
    pool = world.pool("email")
    gate = Gate()
    world.aws.on("AdminCreateUser", gate)
    running = job.start("main", world.inputs(pool))
    assert gate.reached.wait(30)
    calls = list(world.aws.calls)

    cancel(job, running, number)
    main = running.finish(timeout=20)

    _assert_ended_at_once(job, main, number)
    assert world.aws.calls == calls
    [creation] = world.aws.parameters("AdminCreateUser")
    assert set(main.state) == {*CLAIMED, "user-1"}
    assert json.loads(main.state["user-1"])["name"] == creation["Username"]
    assert main.outputs == {}
    gate.open.set()
    post = job.post()
    assert (post.exit_code, post.stderr, post.annotations) == (0, "", [])
    assert world.account.users(pool) == []


@each_signal
def test_signal_at_startup_ends_main_at_once(
    world: World, job: DockerJob, number: signal.Signals, tmp_path: Path
) -> None:
    """Main handles signals before its imports are done: a signal during the imports ends it."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    job.further_mounts.append(f"{pipe}:/pipe:ro")
    job.further_mounts.append(_module_that_runs("open('/pipe').read()", "urllib3", job.image, tmp_path))
    running = job.start("main", world.inputs(world.pool()))
    with _open_for_the_reader(pipe):
        _to_container(job, running, number)
        main = running.finish(timeout=20)

    _assert_ended_at_once(job, main, number)
    job.further_mounts.clear()
    post = job.post()
    assert (post.exit_code, post.log) == (0, ["There is no user to delete."])
    assert (main.state, world.aws.calls) == ({}, [])


@each_signal
def test_signal_during_a_name_lookup_ends_main_at_once(
    world: World, job: DockerJob, number: signal.Signals, tmp_path: Path
) -> None:
    """A lookup that hangs in the C library for half a minute does not delay a signal."""
    with _black_hole(job) as (address, asked):
        (tmp_path / "resolv.conf").write_text(f"nameserver {address}\noptions timeout:30 attempts:1\n")
        job.further_mounts.append(f"{tmp_path}/resolv.conf:/etc/resolv.conf:ro")
        running = job.start("main", world.inputs(world.pool()), AWS_ENDPOINT_URL="http://aws.test:1")
        asked()

        _to_container(job, running, number)
        main = running.finish(timeout=20)

    _assert_ended_at_once(job, main, number)
    assert (main.state, world.aws.calls) == (CLAIMED, ["GetIDToken"])


def _assert_ended_at_once(job: DockerJob, main: Stage, number: signal.Signals) -> None:
    assert (main.exit_code, main.stderr, main.annotations) == (128 + number, "", [])
    assert _seconds_to_die(job.containers[-1]) < 1


def _seconds_to_die(container: str) -> float:
    """The time from the signal to the end of the container, by the engine's own clock."""
    now = f"{time.time():.9f}"
    wanted = ["--since", "10m", "--until", now, "--filter", f"container={container}"]
    events = docker("events", *wanted, "--format", "{{.Action}} {{.TimeNano}}")
    times = dict(line.split() for line in events.splitlines())
    return (int(times["die"]) - int(times["kill"])) / 1e9


def _module_that_runs(code: str, module: str, image: str, folder: Path) -> str:
    """Have `code` in place of a module of the image; returns the mount for it."""
    (folder / "module.py").write_text(code)
    script = (
        "import importlib.util, py_compile; py_compile.compile('/folder/module.py', '/folder/module.pyc');"
        f"print(importlib.util.find_spec('{module}').origin)"
    )
    command = ["--network", "none", "--entrypoint", "/venv/bin/python", image, "-I", "-c", script]
    origin = docker("run", "--rm", "--volume", f"{folder}:/folder", *command).strip()
    return f"{folder}/module.pyc:{origin}:ro"


def _open_for_the_reader(pipe: Path) -> BinaryIO:
    """Wait until someone reads from the pipe and so waits for what is written to it."""
    opened: Queue[BinaryIO] = Queue()
    Thread(target=lambda: opened.put(pipe.open("wb")), daemon=True).start()
    return opened.get(timeout=30)


@contextmanager
def _black_hole(job: DockerJob) -> Iterator[tuple[str, Callable[[], None]]]:
    """Yield the address of a name server that never answers, and a way to wait until it is asked."""
    address = f"127.{randint(1, 254)}.{randint(0, 255)}.{randint(1, 254)}"
    name = f"black_hole_{token_hex(3)}"
    job.containers.append(name)
    options = ["--name", name, "--rm", "--network", "host", "--entrypoint", "/venv/bin/python"]
    with subprocess.Popen(
        ["docker", "run", *options, job.image, "-I", "-c", BLACK_HOLE, address], stdout=subprocess.PIPE
    ) as server:
        assert server.stdout
        lines = server.stdout

        def asked() -> None:
            assert lines.readline() == b"asked\n"

        try:
            assert lines.readline() == b"ready\n"
            yield address, asked
        finally:
            docker("rm", "--force", name, check=False)
