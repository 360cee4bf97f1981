"""The image: its size, and how long a container takes."""

import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tools.emulator.account import Account
from tools.emulator.container import DockerJob, built_image, docker
from tools.emulator.github import TokenService
from tools.emulator.job import ROOT

ROUNDS = 10


@dataclass(frozen=True)
class Layer:
    """One layer of the image, above its base."""

    made_by: str
    size: int
    """Bytes, uncompressed."""


@dataclass(frozen=True)
class Starts:
    """Seconds since `docker run`, in each round."""

    base: Sequence[float]
    """Until a container of the base has run Python and ended."""
    image: Sequence[float]
    """The same for a container of the image, with the same Python."""
    first_line: Sequence[float]
    """Until main has written its first line."""
    main: Sequence[float]
    """Until main's container has ended: all outputs are there."""
    post: Sequence[float]
    """Until post's container has ended."""

    @property
    def ratio(self) -> float:
        """The median over the rounds of the image's start as a multiple of its base's."""
        return median(ours / base for ours, base in zip(self.image, self.base, strict=True))


def measure_container(account: Account, github: TokenService, folder: Path) -> tuple[list[Layer], Starts]:
    """Build the image, measure its layers, and run jobs in it."""
    base = base_image()
    with built_image() as image:
        starts = Starts([], [], [], [], [])
        for number in range(ROUNDS + 1):
            round_ = _round(account, github, folder / str(number), image, base)
            if number:
                for name, seconds in round_.items():
                    getattr(starts, name).append(seconds)
        return layers(image, base), starts


def base_image() -> str:
    """The image that the action's image is built on."""
    [name] = re.findall(r"^FROM (\S+) AS base$", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    return str(name)


def layers(image: str, base: str) -> list[Layer]:
    """The layers that `image` adds to `base`, from bottom to top."""
    above = len(_history(image)) - len(_history(base))
    return [
        Layer(re.sub(r"^RUN /bin/sh -c |\s+# buildkit$", "", str(layer["CreatedBy"])), int(layer["Size"]))
        for layer in reversed(_history(image)[:above])
        if int(layer["Size"])
    ]


def _history(image: str) -> list[Mapping[str, str]]:
    """All layers of an image, top layer first."""
    lines = docker("history", "--no-trunc", "--human=false", "--format", "{{json .}}", image).splitlines()
    return [json.loads(line) for line in lines]


def _round(account: Account, github: TokenService, folder: Path, image: str, base: str) -> dict[str, float]:
    folder.mkdir()
    pool = account.create_pool(UsernameAttributes=["email"])
    inputs = {"user-pool-id": pool, "role-to-assume": account.create_role(f"container-{folder.name}", pool)}
    job = DockerJob(folder, {**github.environ, "AWS_ENDPOINT_URL": account.endpoint}, image)
    seconds = {"base": _seconds_of_python(base), "image": _seconds_of_python(image)}

    started = time.monotonic()
    main = job.start("main", inputs)
    assert main.process.stdout
    main.process.stdout.readline()
    seconds["first_line"] = time.monotonic() - started
    stage = main.finish()
    seconds["main"] = time.monotonic() - started
    assert stage.outputs["password"], stage.log

    started = time.monotonic()
    job.post()
    seconds["post"] = time.monotonic() - started
    assert not account.users(pool)
    return seconds


def _seconds_of_python(image: str) -> float:
    started = time.monotonic()
    docker("run", "--rm", "--network", "host", "--entrypoint", "/usr/local/bin/python", image, "-I", "-c", "pass")
    return time.monotonic() - started
