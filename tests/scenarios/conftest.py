"""What the scenarios in a browser share: the app, built once."""

from pathlib import Path

import pytest

from tests.support.browser_app import build_app


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_app(tmp_path_factory.mktemp("app"))
