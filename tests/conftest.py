"""Options, figures, and the world that scenarios act in."""

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
    """Let `make soak` ask for all of tests/reliability."""
    parser.addoption("--soak", action="store_true", help="also run what takes too long for each change")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is marked `soak` unless it was asked for."""
    left = [item for item in items if item.get_closest_marker("soak") and not config.getoption("--soak")]
    config.hook.pytest_deselected(items=left)
    items[:] = [item for item in items if item not in left]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the figures that tests have measured, wherever their output went."""
    reports = [report for reports in terminalreporter.stats.values() for report in reports]
    texts = [text for report in reports for name, text in getattr(report, "user_properties", []) if name == "figure"]
    if texts:
        terminalreporter.section("figures")
        for text in dict.fromkeys(texts):
            terminalreporter.write_line(str(text))


@pytest.fixture
def soak(request: pytest.FixtureRequest) -> bool:
    """Whether all there is to try is tried, and not only a part."""
    return bool(request.config.getoption("--soak"))


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Have a measured figure printed at the end of the run."""
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
