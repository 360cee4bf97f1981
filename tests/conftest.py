"""Options, figures, and the world that scenarios run in."""

import gc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.recorder import Recorder
from tests.support.world import World
from tools.emulator.account import Account
from tools.emulator.aws import ministack
from tools.emulator.github import token_service
from tools.emulator.proxy import proxy


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option with which `make soak` runs all of tests/reliability."""
    parser.addoption("--soak", action="store_true", help="also run the tests that take too long for every change")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect what is marked `soak` unless `--soak` is given."""
    deselected = [item for item in items if item.get_closest_marker("soak") and not config.getoption("--soak")]
    config.hook.pytest_deselected(items=deselected)
    items[:] = [item for item in items if item not in deselected]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the figures that tests measured, whether or not their output was captured."""
    reports = [report for reports in terminalreporter.stats.values() for report in reports]
    texts = [text for report in reports for name, text in getattr(report, "user_properties", []) if name == "figure"]
    if texts:
        terminalreporter.section("figures")
        for text in dict.fromkeys(texts):
            terminalreporter.write_line(str(text))


@pytest.fixture
def soak(request: pytest.FixtureRequest) -> bool:
    """Whether to try everything, not just a part of it."""
    return bool(request.config.getoption("--soak"))


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Print a measured figure at the end of the run."""
    return lambda text: record_property("figure", text)


@pytest.fixture(scope="session")
def account() -> Iterator[Account]:
    with ministack() as endpoint:
        account = Account(endpoint)
        account.create_provider()
        yield account


@pytest.fixture
def world(account: Account, tmp_path: Path) -> Iterator[World]:
    with proxy(account.endpoint) as aws, token_service(aws.calls.append) as github:
        yield World(account, aws, github, tmp_path)


@pytest.fixture
def recorder(tmp_path: Path) -> Recorder:
    return Recorder(tmp_path)


@pytest.fixture(autouse=True)
def _unfreeze() -> Iterator[None]:
    """Give back what a step froze: it keeps the garbage of its start, which is a process of its own elsewhere."""
    yield
    gc.unfreeze()
