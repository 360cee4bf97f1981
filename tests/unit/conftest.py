"""What all unit tests share: an environment without variables of AWS or GitHub, time, the token service, and AWS."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.environment import FOREIGN
from tests.support.fake_time import FakeTime
from tests.support.scripted_aws import ScriptedAws, scripted_aws
from tools.emulator.github import CLAIMS, TokenService, token_service

settings.register_profile("unit", deadline=None, max_examples=100)
settings.load_profile("unit")


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith(FOREIGN) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture(scope="session")
def _token_service() -> Iterator[TokenService]:
    with token_service() as service:
        yield service


@pytest.fixture
def github(_token_service: TokenService) -> TokenService:
    """GitHub's token service, before its first token."""
    _token_service.claims, _token_service.tokens, _token_service.respond = dict(CLAIMS), [], None
    return _token_service


@pytest.fixture(scope="session")
def _aws() -> Iterator[ScriptedAws]:
    with scripted_aws() as service:
        yield service


@pytest.fixture
def aws(_aws: ScriptedAws, monkeypatch: pytest.MonkeyPatch) -> ScriptedAws:
    """Cognito and STS on loopback, before their first call; the environment points to them."""
    _aws.calls, _aws.scripts, _aws.user_scripts = [], {}, {}
    monkeypatch.setenv("AWS_ENDPOINT_URL", _aws.url)
    return _aws


@pytest.fixture
def ambient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put credentials into the environment, as an earlier step of the job does."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAAMBIENTEXAMPLE00")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "ambient-secret-access-key")
