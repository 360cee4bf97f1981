"""How long a pull takes: from a registry on this machine, through a line as fast as a runner's."""

import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from tools.benchmark.relay import Line, relay
from tools.emulator.aws import free_port
from tools.emulator.container import docker
from tools.emulator.http import answers

REGISTRY = "docker-registry"
"""The command of Debian's package of the same name."""

ROUNDS = 5

CONFIGURATION = """\
version: 0.1
log: {{level: error}}
storage:
  filesystem: {{rootdir: {folder}}}
http:
  addr: 127.0.0.1:{port}
"""


def has_registry() -> bool:
    """Whether this machine has a registry to pull from."""
    return shutil.which(REGISTRY) is not None


def measure_pull(image: str, rates: Sequence[float]) -> dict[float, float]:
    """The median of the seconds that the engine takes to pull the content of `image` at each of `rates`, in bits/s.

    It is pulled as a copy with all files in one layer, since the engine has the layers of the image itself in its
    cache of builds.
    """
    with _registry() as (host, port), _copied(image) as name:
        docker("tag", name, f"{host}:{port}/{name}")
        docker("push", f"{host}:{port}/{name}")
        docker("rmi", name, f"{host}:{port}/{name}")
        rounds = [{rate: _pull(name, host, port, rate) for rate in rates} for _ in range(ROUNDS)]
    return {rate: median(each[rate] for each in rounds) for rate in rates}


def _pull(name: str, host: str, port: int, rate: float) -> float:
    with relay((host, 0), (host, port), Line(bits_per_second=rate)) as (_, relayed):
        pulled = f"{host}:{relayed}/{name}"
        started = time.monotonic()
        told = docker("pull", pulled)
        seconds = time.monotonic() - started
    docker("rmi", pulled)
    assert "Pull complete" in told, told
    return seconds


@contextmanager
def _copied(image: str) -> Iterator[str]:
    """A copy of the image whose layer the engine does not have."""
    container = docker("create", image).strip()
    try:
        with tempfile.TemporaryDirectory() as folder:
            archive = str(Path(folder, "root.tar"))
            docker("export", "--output", archive, container)
            name = f"copy-{secrets.token_hex(4)}:latest"
            docker("import", archive, name)
    finally:
        docker("rm", container)
    try:
        yield name
    finally:
        docker("rmi", "--force", name, check=False)


@contextmanager
def _registry() -> Iterator[tuple[str, int]]:
    host, port = "127.0.0.1", free_port()
    with tempfile.TemporaryDirectory() as folder:
        configuration = Path(folder, "config.yml")
        configuration.write_text(CONFIGURATION.format(folder=folder, port=port), encoding="utf-8")
        process = subprocess.Popen(
            [REGISTRY, "serve", configuration], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            while not answers(host, port, "/v2/"):
                assert process.poll() is None, "The registry did not start."
                time.sleep(0.05)
            yield host, port
        finally:
            process.terminate()
            process.wait()
