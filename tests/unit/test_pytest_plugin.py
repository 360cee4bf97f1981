"""The pytest plugin, in runs within this process."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest

from cognito_action import pytest_plugin
from cognito_action.pytest_plugin import settings_of
from tests.support.examples import POOL_ID, RUN_ENVIRON, SUB
from tests.support.scripted_aws import ScriptedAws, cognito_answer, cognito_refusal

TESTS = """
def test_user(cognito_user):
    assert cognito_user.password


def test_users(cognito_users):
    assert list(cognito_users) == ["a", "b"]
"""

USERS = "cognito_users = {a: , b: }\n"


@dataclass
class Run:
    """A project, what its settings are, and what its tests come to."""

    folder: Path
    environ: dict[str, str] = field(default_factory=dict)
    settings: dict[str, object] = field(default_factory=dict)
    reports: list[pytest.TestReport] = field(default_factory=list)

    def start(self, ini: str, *arguments: str) -> int:
        (self.folder / "pytest.ini").write_text(f"[pytest]\n{ini}")
        (self.folder / "test_of_plugin.py").write_text(TESTS)
        options = ["-p", "no:cacheprovider", "--import-mode=importlib", "--rootdir", str(self.folder)]
        paths = ["-c", str(self.folder / "pytest.ini"), str(self.folder)]
        return int(pytest.main([*options, *paths, *arguments], plugins=[pytest_plugin, self]))

    def pytest_configure(self, config: pytest.Config) -> None:
        self.settings = cast("dict[str, object]", settings_of(config, self.environ))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.reports.append(report)

    @property
    def failures(self) -> list[str]:
        return [report.longreprtext for report in self.reports if report.failed]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    folder = tmp_path / "project"
    folder.mkdir()
    return Run(folder)


@pytest.fixture
def aws(aws: ScriptedAws, ambient: None) -> ScriptedAws:  # noqa: ARG001 - it is needed with it
    user = {"Username": SUB, "Attributes": [{"Name": "sub", "Value": SUB}]}
    aws.on("AdminCreateUser", *3 * [cognito_answer({"User": user})])
    return aws


def test_fixtures_create_and_delete(run: Run, aws: ScriptedAws, monkeypatch: pytest.MonkeyPatch) -> None:
    """One user and two, in a `run:` step of GitHub."""
    for name, value in {**RUN_ENVIRON, "GITHUB_ACTIONS": "true"}.items():
        monkeypatch.setenv(name, value)

    assert run.start(f"cognito_user_pool_id = {POOL_ID}\n{USERS}") == 0

    assert (aws.operations.count("AdminCreateUser"), aws.operations.count("AdminDeleteUser")) == (3, 3)


def test_option_goes_before_variable_and_that_before_configuration(run: Run) -> None:
    """What only a variable says is left to the API."""
    run.environ = {"COGNITO_TEST_USER_AUTH_FLOW": "none", "COGNITO_TEST_USER_CLIENT_ID": "variable"}
    ini = "cognito_auth_flow = auto\ncognito_client_id = ini\ncognito_email_domain =\ncognito_place = here\n"

    run.start(ini, "--collect-only", "--cognito-client-id", "option", "--cognito-place=there")

    assert run.settings == {"client_id": "option", "email_domain": "", "place": "there"}


def test_errors_are_texts_without_traceback(run: Run, aws: ScriptedAws) -> None:
    """Each test that asks for the user gets it."""
    assert run.start("") == 1

    assert [text.splitlines()[0] for text in run.failures] == 2 * ["The user pool is not set."]
    assert aws.calls == []


def test_failed_deletion_can_be_an_error(run: Run, aws: ScriptedAws) -> None:
    """It is one of the last teardown, and ends no test."""
    aws.on("AdminDeleteUser", cognito_refusal("NotAuthorizedException", "no more"))

    assert (
        run.start(
            f"cognito_user_pool_id = {POOL_ID}\ncognito_cleanup_failure = error\n", "-k", "test_user and not users"
        )
        == 1
    )

    [failure] = run.failures
    assert "no more" in failure
    assert "Traceback" not in failure
    assert "pytest_plugin.py" not in failure
