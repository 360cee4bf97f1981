"""The SDK: short timeouts, one attempt, and no effect from what the job left behind."""

from dataclasses import replace
from pathlib import Path

import pytest
from botocore.config import Config
from botocore.parsers import ResponseParserError
from botocore.session import Session

from cognito_action.aws.sdk import CONFIG, isolated_session, new_client
from cognito_action.errors import ActionError
from tests.support.environment import poisoned
from tests.support.examples import POOL_ID
from tests.support.scripted_aws import ScriptedAws, cognito_refusal

REGION = "eu-central-1"
KEYS = {"aws_access_key_id": "AKIAEXAMPLE", "aws_secret_access_key": "secret"}


def test_call_has_one_short_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    """5 s to connect, 15 s for an answer, no retry, whatever the job's variables say."""
    monkeypatch.setenv("AWS_RETRY_MODE", "adaptive")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "5")
    monkeypatch.setenv("AWS_DEFAULTS_MODE", "mobile")

    config = new_client(isolated_session(), "cognito-idp", REGION).meta.config

    assert (config.connect_timeout, config.read_timeout) == (5, 15)
    assert config.retries == {"mode": "standard", "total_max_attempts": 1}
    assert config.max_pool_connections == 16


def test_refused_call_is_made_once_by_this_action(aws: ScriptedAws) -> None:
    """How a failure is handled is up to the action, and the call carries the action's name."""
    client = new_client(isolated_session(), "cognito-idp", REGION, **KEYS)
    aws.on("AdminDeleteUser", *[cognito_refusal("InternalErrorException", "no", 500)] * 2)

    with pytest.raises(client.exceptions.InternalErrorException):
        client.admin_delete_user(UserPoolId=POOL_ID, Username="x")

    [call] = aws.calls
    assert call.headers["User-Agent"].endswith(" cognito-test-user")
    assert "Credential=AKIAEXAMPLE/" in call.headers["Authorization"]


@pytest.mark.parametrize("status", [200, 400, 500])
def test_truncated_answer_cannot_be_read(aws: ScriptedAws, status: int) -> None:
    """The SDK alone would treat half an answer as an empty one, and half a refusal as one of an unknown kind."""
    client = new_client(isolated_session(), "cognito-idp", REGION, **KEYS)
    answer = cognito_refusal("TooManyRequestsException", "Rate exceeded", status)
    aws.on("AdminDeleteUser", replace(answer, broken_off=True))

    with pytest.raises(ResponseParserError):
        client.admin_delete_user(UserPoolId=POOL_ID, Username="x")


@pytest.mark.parametrize("length", ["", "many", "-1", "1"])
def test_answer_with_another_length_than_promised(aws: ScriptedAws, length: str) -> None:
    """What is there is accepted if no length is promised, or a smaller one."""
    client = new_client(isolated_session(), "cognito-idp", REGION, **KEYS)
    headers = {"headers": {"Content-Length": length} if length else {}}
    emit = client.meta.events.emit

    emit("before-parse.cognito-identity-provider.X", response_dict={**headers, "body": b"{}"})
    with pytest.raises(ResponseParserError):
        emit("before-parse.sts.X", response_dict={"headers": {"Content-Length": "3"}, "body": b"{}"})
    assert aws.calls == []


def test_client_is_for_the_requested_region(monkeypatch: pytest.MonkeyPatch) -> None:
    """The job's own region is ignored."""
    monkeypatch.setenv("AWS_REGION", "ap-south-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-south-1")

    assert new_client(isolated_session(), "cognito-idp", REGION).meta.region_name == REGION


def test_configuration_can_be_changed() -> None:
    """STS is called unsigned, and with the same timeouts."""
    config = new_client(
        isolated_session(), "sts", REGION, config=CONFIG.merge(Config(signature_version="v4"))
    ).meta.config

    assert (config.signature_version, config.connect_timeout, config.read_timeout) == ("v4", 5, 15)


# What the job left behind


def test_isolated_session_reads_no_profile_and_no_files(
    aws: ScriptedAws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A nonexistent profile, broken files and broken models are not even read."""
    for name, value in poisoned(tmp_path).items():
        monkeypatch.setenv(name, value)

    session = isolated_session()
    new_client(session, "cognito-idp", REGION, **KEYS).admin_delete_user(UserPoolId=POOL_ID, Username="x")

    assert session.profile is None
    assert session.available_profiles == []
    assert aws.operations == ["AdminDeleteUser"]


@pytest.mark.parametrize("setting", ["legacy", "regional", "banana"])
def test_isolated_session_calls_sts_in_the_region(monkeypatch: pytest.MonkeyPatch, setting: str) -> None:
    """No job setting sends the call to the global endpoint."""
    monkeypatch.setenv("AWS_STS_REGIONAL_ENDPOINTS", setting)

    client = new_client(isolated_session(), "sts", "us-east-1")

    assert client.meta.endpoint_url == "https://sts.us-east-1.amazonaws.com"


# What the SDK does not accept


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("AWS_ENDPOINT_URL", "banana", "Invalid endpoint: banana"),
        ("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", "banana", "Invalid endpoint: banana"),
        ("AWS_DEFAULTS_MODE", "banana", "Client configured with invalid defaults mode: banana."),
        ("AWS_METADATA_SERVICE_TIMEOUT", "banana", "invalid literal for int() with base 10: 'banana'"),
    ],
)
def test_variable_that_the_sdk_does_not_accept_is_an_explained_error(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, message: str
) -> None:
    """Exceptions from both the SDK and Python are a mistake in the workflow, not a bug in the action."""
    monkeypatch.setenv(variable, value)

    with pytest.raises(ActionError) as caught:
        new_client(isolated_session(), "cognito-idp", REGION)

    assert caught.value.what.startswith(f"The AWS SDK can't be set up: {message}")
    assert "`GITHUB_ENV`" in caught.value.fix


def test_broken_model_in_the_home_folder_is_an_explained_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A session that is not isolated reads the file there and can't parse it."""
    monkeypatch.setenv("AWS_DATA_PATH", poisoned(tmp_path)["AWS_DATA_PATH"])
    for name in ("config", "credentials"):
        (tmp_path / ".aws" / name).unlink()

    with pytest.raises(ActionError) as caught:
        new_client(Session(), "cognito-idp", REGION)

    assert caught.value.what.startswith("The AWS SDK can't be set up: ")
