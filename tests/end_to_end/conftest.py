"""The image, and jobs that run it as GitHub's runner does."""

import os
from collections.abc import Iterator

import pytest

from tests.support.world import World
from tools.emulator.container import DockerJob, built_image, docker, engine_answers


@pytest.fixture(scope="session")
def image() -> Iterator[str]:
    """The image, built once for all tests, or the one that `IMAGE_UNDER_TEST` names."""
    if not engine_answers():
        if os.environ.get("REQUIRE_DOCKER") == "1":
            pytest.fail("No Docker engine answers.")
        pytest.skip("No Docker engine answers.")
    if given := os.environ.get("IMAGE_UNDER_TEST"):
        yield given
        return
    with built_image() as tag:
        yield tag


@pytest.fixture
def job(world: World, image: str) -> Iterator[DockerJob]:
    """A job with `id-token: write` in the test's world, which leaves no container behind."""
    job = DockerJob(world.folder, world.environ, image)
    yield job
    docker("rm", "--force", *job.containers, check=False)
