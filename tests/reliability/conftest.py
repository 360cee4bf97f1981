"""What the tests of hostile text share: fake services, an environment that leads to them, and a search for examples."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.environment import FOREIGN
from tests.support.fake_services import FakeServices, fake_services
from tests.support.hostile_scenarios import Search
from tests.support.memory_pool import Pool
from tools.emulator.http import serving


@pytest.fixture(scope="session")
def _services() -> Iterator[FakeServices]:
    with fake_services() as service:
        yield service


@pytest.fixture
def services(_services: FakeServices, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeServices:
    """The fake services; whatever the SDK reads in the environment points to them, or to nothing."""
    for name in list(os.environ):
        if name.startswith(FOREIGN) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    for name, value in {
        "HOME": str(tmp_path),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": _services.url,
        "AWS_ACCESS_KEY_ID": "AKIAAMBIENTEXAMPLE00",
        "AWS_SECRET_ACCESS_KEY": "ambient-secret-access-key",
    }.items():
        monkeypatch.setenv(name, value)
    return _services


@pytest.fixture(scope="session")
def _pool() -> Iterator[Pool]:
    pool = Pool()
    with serving(pool.respond) as pool.url:
        yield pool


@pytest.fixture
def pool(_pool: Pool, services: FakeServices, monkeypatch: pytest.MonkeyPatch) -> Pool:  # noqa: ARG001 - its environment
    """A pool of people, in place of the fake services."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", _pool.url)
    return _pool


@pytest.fixture
def search(figure: Callable[[str], None], *, soak: bool) -> Search:
    """Look for examples that break a property: always the same few, or with `--soak` twenty times as many new ones."""
    examples = 300 if soak else 15

    def search(holds: Callable[..., None], **strategies: st.SearchStrategy[Any]) -> None:
        health = list(HealthCheck)  # a whole step is slow, and long text is large
        settings(max_examples=examples, derandomize=not soak, deadline=None, suppress_health_check=health)(
            given(**strategies)(holds)
        )()
        figure(f"hostile text: {examples} examples of each property")

    return search
