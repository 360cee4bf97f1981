"""Emulators of Cognito as services of a job: each in a container of its own, on a network on which its name is known."""

import json
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.node import FOLDER
from tools.emulator.container import docker
from tools.emulator.http import answers
from tools.emulator.job import ROOT

LOCAL_POOL = "local_1a2b3c4d"
"""The ID of cognito-local's pool, in the form that this emulator gives."""


@dataclass(frozen=True)
class Network:
    """A network of the engine's, as GitHub's runner makes one for a job with services."""

    name: str
    gateway: str
    """The address of this machine on it."""


@dataclass(frozen=True)
class Service:
    """A running emulator: `label` is its name on the network, and `url` is where this machine reaches it."""

    label: str
    port: int
    url: str

    @property
    def url_in_job(self) -> str:
        """Where a container on the network reaches it."""
        return f"http://{self.label}:{self.port}"


@contextmanager
def network() -> Iterator[Network]:
    """Make a network, and remove it at the end."""
    name = f"github_network_{secrets.token_hex(6)}"
    docker("network", "create", name)
    try:
        gateway = docker("network", "inspect", name, "--format", "{{(index .IPAM.Config 0).Gateway}}").strip()
        yield Network(name, gateway)
    finally:
        docker("network", "rm", name)


@contextmanager
def emulators_image() -> Iterator[str]:
    """The image with the emulators, made from the base image of the action."""
    base = (ROOT / "Dockerfile").read_text(encoding="utf-8").partition("FROM ")[2].partition(" ")[0]
    tag = f"emulators-{secrets.token_hex(6)}"
    file = str(ROOT / "tests/end_to_end/emulators/Dockerfile")
    docker(
        *("build", "--quiet", "--network", "host", "--build-arg", f"BASE={base}", "--tag", tag, "--file", file),
        str(ROOT / "requirements"),
    )
    try:
        yield tag
    finally:
        docker("rmi", "--force", tag)


@contextmanager
def _service(
    image: str,
    on: Network,
    label: str,
    port: int,
    command: Sequence[str],
    environ: Mapping[str, str],
    mounts: Sequence[str] = (),
) -> Iterator[Service]:
    container = f"{label}-{secrets.token_hex(6)}"
    docker(
        *("run", "--detach", "--name", container, "--network", on.name, "--network-alias", label),
        *(part for name, value in environ.items() for part in ("-e", f"{name}={value}")),
        *(part for mount in mounts for part in ("-v", mount)),
        *(image, *command),
    )
    try:
        address = docker(
            "inspect", container, "--format", f'{{{{(index .NetworkSettings.Networks "{on.name}").IPAddress}}}}'
        )
        service = Service(label, port, f"http://{address.strip()}:{port}")
        _wait_until_it_answers(container, address.strip(), port)
        yield service
    finally:
        docker("rm", "--force", container, check=False)


@contextmanager
def ministack_service(image: str, on: Network) -> Iterator[Service]:
    """ministack, which enforces IAM."""
    environ = {"AUTH": "true", "BIND_HOST": "0.0.0.0", "GATEWAY_PORT": "4566", "IOT_MTLS_ENABLED": "0"}
    with _service(image, on, "aws", 4566, ["ministack"], environ) as service:
        yield service


@contextmanager
def moto_service(image: str, on: Network) -> Iterator[Service]:
    """moto, whose roles take any token."""
    with _service(image, on, "moto", 5000, ["moto_server", "-H", "0.0.0.0", "-p", "5000"], {}) as service:
        yield service


@contextmanager
def cognito_local_service(image: str, on: Network, folder: Path) -> Iterator[Service]:
    """cognito-local, which has no STS, with one pool of plain usernames."""
    pools = folder / ".cognito/db"
    pools.mkdir(parents=True)
    options = {"Id": LOCAL_POOL, "UsernameAttributes": []}
    (pools / f"{LOCAL_POOL}.json").write_text(json.dumps({"Users": {}, "Groups": {}, "Options": options}))
    start = "cd /files && exec node /node_modules/cognito-local/lib/bin/start.js"
    mounts = [f"{folder}:/files", f"{FOLDER / 'node_modules'}:/node_modules:ro"]
    environ = {"HOST": "0.0.0.0", "PORT": "9229"}
    with _service(image, on, "cognito", 9229, ["sh", "-c", start], environ, mounts) as service:
        yield service


def _wait_until_it_answers(container: str, address: str, port: int) -> None:
    for _ in range(300):
        if answers(address, port, "/"):
            return
        time.sleep(0.2)
    raise RuntimeError(f"{container} did not start:\n{docker('logs', container)}")
