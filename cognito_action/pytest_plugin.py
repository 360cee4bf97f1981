"""The pytest plugin: users of Amazon Cognito for the time of a session, as fixtures.

pytest loads this module in each of its runs, also in those of tests that need no user. So it imports the table of
settings, and all else when a test asks for a fixture.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from typing import TYPE_CHECKING, TypeVar, cast

import pytest

from cognito_action.command.settings import INPUTS, SETTINGS, keyword_of, variable_of

if TYPE_CHECKING:
    from cognito_action.api import CognitoUser
    from cognito_action.command.arguments import Arguments

Handed = TypeVar("Handed")

NAMES: Mapping[str, str] = {**INPUTS["run"], **SETTINGS}
"""The inputs and settings of the command `run`, and what they mean."""

NOT_SET = object()
"""What pytest's configuration says of a setting that is not in it."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add an option and an entry of the configuration for each setting."""
    group = parser.getgroup("cognito-test-user", "users of Amazon Cognito, for cognito_user and cognito_users")
    for name, meaning in NAMES.items():
        group.addoption(f"--cognito-{name}", dest=_entry(name), metavar="VALUE", default=None, help=meaning)
        parser.addini(_entry(name), meaning, default=NOT_SET)


def pytest_configure(config: pytest.Config) -> None:
    """In GitHub, keep the stderr that its runner reads: while tests run, pytest puts a file in its place."""
    if "GITHUB_ACTIONS" in os.environ:
        from cognito_action.terminal.runner_output import runner_output  # noqa: PLC0415 - only there it has masks to read

        capture = config.pluginmanager.getplugin("capturemanager")
        with capture.global_and_fixture_disabled() if capture else nullcontext():
            config.add_cleanup(runner_output.keep())


@pytest.fixture(scope="session")
def cognito_user(request: pytest.FixtureRequest) -> "Iterator[CognitoUser]":
    """A Cognito user for this session, with `username`, `password` and tokens; with pytest-xdist, for this worker."""
    from cognito_action.api import temporary_user  # noqa: PLC0415 - no test may ask for it

    settings = settings_of(request.config, os.environ)
    settings.pop("users", None)
    with _reported_by_pytest(temporary_user(**settings)) as user:
        yield user


@pytest.fixture(scope="session")
def cognito_users(request: pytest.FixtureRequest) -> "Iterator[dict[str, CognitoUser]]":
    """The Cognito users that the setting `users` names, by their keys, for this session or this worker."""
    from cognito_action.api import temporary_users  # noqa: PLC0415 - as above

    settings = settings_of(request.config, os.environ)
    with _reported_by_pytest(temporary_users(**settings)) as users:
        yield users


def settings_of(config: pytest.Config, environ: Mapping[str, str]) -> "Arguments":
    """What options say, and what the configuration says of settings that have no variable; those are left to the API.

    The configuration comes last: it is a file in the repository, while a variable belongs to this machine or job.
    """
    settings: dict[str, str] = {}
    for name in NAMES:
        text = config.getoption(_entry(name))
        if text is None and variable_of(name) not in environ:
            text = config.getini(_entry(name))
        if text is not None and text is not NOT_SET:
            settings[keyword_of(name)] = text
    return cast("Arguments", settings)


@contextmanager
def _reported_by_pytest(users: AbstractContextManager[Handed]) -> Iterator[Handed]:
    """The same block, whose errors are texts without a traceback."""
    entered = ExitStack()
    with _without_traceback():
        handed = entered.enter_context(users)
    try:
        yield handed
    finally:
        with _without_traceback():
            entered.close()


@contextmanager
def _without_traceback() -> Iterator[None]:
    from cognito_action.api import CognitoTestUserError  # noqa: PLC0415 - as above

    try:
        yield
    except CognitoTestUserError as error:
        problem = "\n\n".join([str(error), *getattr(error, "__notes__", ())])
        raise pytest.fail.Exception(problem, pytrace=False) from None


def _entry(name: str) -> str:
    return f"cognito_{keyword_of(name)}"
