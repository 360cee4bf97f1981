"""The SDK: one attempt for each call, over the step's own connections, and no effect from what the job left behind."""

import socket
import time as real_time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from botocore import UNSIGNED
from botocore.session import Session

from cognito_action.aws.endpoints import Endpoints
from cognito_action.aws.sdk import Sdk, call_with_retries, isolated_session
from cognito_action.errors import ActionError, CallError
from cognito_action.network.connections import Network
from cognito_action.retry import Limits, Retry
from tests.support.environment import poisoned
from tests.support.examples import POOL_ID
from tests.support.fake_time import FakeTime
from tests.support.scripted_aws import DONE, ScriptedAws, cognito_refusal
from tests.support.scripted_cognito import refusal
from tests.support.sockets import listening, running_proxy, server_tls
from tools.emulator.certificates import Authority
from tools.emulator.http import Answer, Request, serving

REGION = "eu-central-1"
KEYS: dict[str, Any] = {"aws_access_key_id": "AKIAEXAMPLE", "aws_secret_access_key": "secret"}


def new_sdk(session: Session | None = None, endpoints: Endpoints | None = None, retry: Retry | None = None) -> Sdk:
    """An SDK without proxies, and with the session that a role gets if no other is given."""
    return Sdk(session or isolated_session(), Network({}), retry or FakeTime().retry(), endpoints)


def new_client(service: str = "cognito-idp", region: str = REGION, **settings: Any) -> Any:
    """A client of it."""
    return new_sdk().client(service, region, **settings)


def deletion(client: Any) -> Any:
    """Call Cognito."""
    return client.admin_delete_user(UserPoolId=POOL_ID, Username="x")


# A call


def test_call_has_one_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    """No retry, whatever the job's variables say; the times are the network's."""
    monkeypatch.setenv("AWS_RETRY_MODE", "adaptive")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "5")
    monkeypatch.setenv("AWS_DEFAULTS_MODE", "mobile")

    assert new_client().meta.config.retries == {"mode": "standard", "total_max_attempts": 1}


def test_refused_call_is_made_once_by_this_action(aws: ScriptedAws) -> None:
    """How a failure is handled is up to the action, and the call carries the action's name."""
    client = new_client(**KEYS)
    aws.on("AdminDeleteUser", *[cognito_refusal("InternalErrorException", "no", 500)] * 2)

    with pytest.raises(client.exceptions.InternalErrorException):
        deletion(client)

    [call] = aws.calls
    assert call.headers["User-Agent"].endswith(" cognito-test-user")
    assert "Credential=AKIAEXAMPLE/" in call.headers["Authorization"]


@pytest.mark.parametrize("status", [200, 400, 500])
def test_truncated_answer_is_a_lost_one(aws: ScriptedAws, status: int) -> None:
    """Half an answer is not treated as an empty one, and half a refusal is not one of an unknown kind."""
    answer = cognito_refusal("TooManyRequestsException", "Rate exceeded", status)
    aws.on("AdminDeleteUser", replace(answer, broken_off=True))

    with pytest.raises(CallError) as caught:
        deletion(new_client(**KEYS))

    assert (caught.value.operation, caught.value.code) == ("AdminDeleteUser", "NetworkError")
    assert (caught.value.retryable, caught.value.outcome_unknown) == (True, True)


@pytest.mark.parametrize("setting", ["AWS_REGION", "AWS_DEFAULT_REGION"])
def test_client_is_for_the_requested_region(monkeypatch: pytest.MonkeyPatch, setting: str) -> None:
    """The job's own region is ignored."""
    monkeypatch.setenv(setting, "ap-south-1")

    assert new_client().meta.region_name == REGION
    assert new_client("sts").meta.endpoint_url == f"https://sts.{REGION}.amazonaws.com"


def test_unsigned_client_uses_no_credentials() -> None:
    """STS is asked with the ID token alone."""
    assert new_client("sts", unsigned=True).meta.config.signature_version is UNSIGNED
    assert new_client("sts", **KEYS).meta.config.signature_version == "v4"


# Where to


def test_endpoint_is_that_of_the_service() -> None:
    """Each service has its own, and neither variables nor files are asked for another."""
    endpoints = Endpoints("http://cognito.example", "http://sts.example", fips=False, dual_stack=False)

    assert [new_sdk(None, endpoints).client(name, REGION).meta.endpoint_url for name in ("cognito-idp", "sts")] == [
        "http://cognito.example",
        "http://sts.example",
    ]


@pytest.mark.parametrize(
    ("endpoints", "url"),
    [
        (Endpoints("", "", fips=False, dual_stack=False), "https://cognito-idp.us-east-1.amazonaws.com"),
        (Endpoints("", "", fips=True, dual_stack=False), "https://cognito-idp-fips.us-east-1.amazonaws.com"),
        (Endpoints("", "", fips=False, dual_stack=True), "https://cognito-idp.us-east-1.amazonaws.com"),
    ],
)
def test_given_endpoints_win_over_the_variables(
    monkeypatch: pytest.MonkeyPatch, endpoints: Endpoints, url: str
) -> None:
    """Post works through those of main, also if these were AWS's own and a later step has set others."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://other.example")
    monkeypatch.setenv("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", "http://another.example")
    monkeypatch.setenv("AWS_USE_FIPS_ENDPOINT", "" if endpoints.fips else "true")

    for session in (isolated_session(), Session()):
        sdk = new_sdk(session, endpoints)
        assert sdk.client("cognito-idp", "us-east-1", **KEYS).meta.endpoint_url == url
        assert sdk.endpoints == endpoints


def test_endpoints_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """All clients of a step have the same, and those are what main hands on."""
    sdk = new_sdk()
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://first.example")
    sdk.client("sts", REGION)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://second.example")

    assert sdk.client("cognito-idp", REGION).meta.endpoint_url == "http://first.example"
    assert sdk.endpoints == Endpoints(
        "http://first.example",
        "http://first.example",
        fips=False,
        dual_stack=False,
        cognito_idp_source="AWS_ENDPOINT_URL",
        sts_source="AWS_ENDPOINT_URL",
        cognito_identity="http://first.example",
        cognito_identity_source="AWS_ENDPOINT_URL",
    )


EMULATORS_REFUSAL = Answer(400, b'{"__type": "UserNotFoundException"}', {"Content-Type": "application/json"})


def test_refusal_of_an_emulator_counts_at_an_endpoint_of_its_own() -> None:
    """It has AWS's form, and no mark."""
    with serving(lambda _: EMULATORS_REFUSAL) as url:
        client = new_sdk(None, Endpoints(url, "", fips=False, dual_stack=False)).client("cognito-idp", REGION, **KEYS)

        with pytest.raises(client.exceptions.UserNotFoundException):
            deletion(client)


def test_refusal_without_a_mark_does_not_count_at_the_endpoint_of_aws(tmp_path: Path) -> None:
    """An inspecting proxy may answer in its place, and in any form."""
    authority = Authority(tmp_path / "authority", lenient=True)
    (tmp_path / "trusted.pem").write_bytes(authority.pem)
    host = f"cognito-idp.{REGION}.amazonaws.com"

    with (
        serving(lambda _: EMULATORS_REFUSAL, tls=server_tls(authority.issue(host))) as url,
        running_proxy(service=int(url.rpartition(":")[2])) as proxy,
    ):
        network = Network(
            {"https_proxy": f"http://127.0.0.1:{proxy.port}", "AWS_CA_BUNDLE": str(tmp_path / "trusted.pem")}
        )
        client = Sdk(isolated_session(), network, FakeTime().retry()).client("cognito-idp", REGION, **KEYS)
        with pytest.raises(CallError) as caught:
            deletion(client)

    assert proxy.requests == [f"CONNECT {host}:443"]
    assert caught.value.message == f"{host} answered with status 400, application/json"


# What the job left behind


def test_isolated_session_reads_no_profile_and_no_files(
    aws: ScriptedAws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A nonexistent profile, broken files and broken models are not even read."""
    for name, value in poisoned(tmp_path).items():
        monkeypatch.setenv(name, value)

    session = isolated_session()
    deletion(new_sdk(session).client("cognito-idp", REGION, **KEYS))

    assert session.profile is None
    assert session.available_profiles == []
    assert aws.operations == ["AdminDeleteUser"]


@pytest.mark.parametrize("setting", ["legacy", "regional", "banana"])
def test_isolated_session_calls_sts_in_the_region(monkeypatch: pytest.MonkeyPatch, setting: str) -> None:
    """No job setting sends the call to the global endpoint."""
    monkeypatch.setenv("AWS_STS_REGIONAL_ENDPOINTS", setting)

    assert new_client("sts", "us-east-1").meta.endpoint_url == "https://sts.us-east-1.amazonaws.com"


def variables_of_the_sdk() -> Iterator[str]:
    """All variables of the SDK's settings but those that are meant for the network."""
    meant = {"use_fips_endpoint", "use_dualstack_endpoint", "ignore_configured_endpoint_urls"}
    for name, (_, variables, *_) in Session.SESSION_VARIABLES.items():
        if variables and name not in meant:
            yield from [variables] if isinstance(variables, str) else variables


OTHERS = (
    *("AWS_REGION", "AWS_CREDENTIAL_FILE", "AWS_BEARER_TOKEN_COGNITO_IDP", "AWS_BEARER_TOKEN_STS", "AWS_ROLE_ARN"),
    *("AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN"),
    *("AWS_EC2_METADATA_DISABLED", "AWS_LOGIN_CACHE_DIRECTORY", "BOTO_CONFIG"),
)
"""What the SDK reads without a setting of its own."""


@pytest.mark.parametrize("value", ["banana", "true", "/nonexistent", "-1"])
def test_other_variables_of_the_job_play_no_part_with_a_role(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """The same requests reach the same endpoints, whatever an earlier step wrote to `GITHUB_ENV`."""

    def requests() -> list[tuple[str, bytes, str, set[str]]]:
        seen: list[Request] = []

        def respond(request: Request) -> Answer:
            seen.append(request)
            return DONE

        with serving(respond) as url:
            sdk = new_sdk(None, Endpoints(url, url, fips=False, dual_stack=False))
            deletion(sdk.client("cognito-idp", REGION, **KEYS))
            with pytest.raises(CallError, match="ForeignAnswer"):
                sdk.client("sts", REGION, unsigned=True).get_caller_identity()
        return [(request.path, request.body, request.headers["User-Agent"], {*request.headers}) for request in seen]

    def settings() -> list[dict[str, Any]]:
        clients = (new_client("cognito-idp", **KEYS), new_client("sts", unsigned=True))
        return [{**vars(client.meta.config), "url": client.meta.endpoint_url} for client in clients]

    usual = requests(), settings()
    for variable in (*variables_of_the_sdk(), *OTHERS):
        monkeypatch.setenv(variable, value)

    assert (requests(), settings()) == usual


@contextmanager
def silent_metadata_service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Event]:
    """A metadata service of the machine that accepts connections and never answers, and whether it has got any."""
    asked, done = Event(), Event()

    def handle(_: socket.socket) -> None:
        asked.set()
        done.wait(20)

    with listening(handle) as port:
        monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", f"http://127.0.0.1:{port}/")
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "false")
        monkeypatch.setenv("AWS_METADATA_SERVICE_TIMEOUT", "60")
        monkeypatch.setenv("AWS_DEFAULTS_MODE", "auto")
        yield asked
        done.set()


def test_metadata_service_is_not_asked_with_a_role(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the machine is does not decide how the SDK works."""
    with silent_metadata_service(monkeypatch) as asked:
        new_client("sts", unsigned=True)
        new_client(**KEYS)

    assert not asked.is_set()


def test_metadata_service_that_does_not_answer_cannot_hold_up_a_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a role the job's setting counts, and making a client has the time of a call."""
    retry = Retry(Limits(0.6, attempt_seconds=0.2), lambda _: None)
    started = real_time.monotonic()

    with silent_metadata_service(monkeypatch) as asked:
        with pytest.raises(ActionError) as caught:
            new_sdk(Session(), retry=retry).client("cognito-idp", REGION, **KEYS)
        assert real_time.monotonic() - started < 3
        assert asked.wait(10)

    assert caught.value.what == "The AWS SDK can't be set up: no answer within 0 s"


# What the SDK does not accept


def failure(session: Callable[[], Session] = isolated_session) -> ActionError:
    """The error if no client can be made."""
    time = FakeTime()
    with pytest.raises(ActionError) as caught:
        new_sdk(session(), retry=time.retry()).client("cognito-idp", REGION)
    assert time.pauses == []
    return caught.value


@pytest.mark.parametrize("session", [isolated_session, Session])
@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("AWS_ENDPOINT_URL", "banana", "Invalid endpoint: banana"),
        ("AWS_ENDPOINT_URL", "http://[", "Invalid IPv6 URL"),
        ("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", "banana", "Invalid endpoint: banana"),
        ("SSLKEYLOGFILE", "/nonexistent/file", "[Errno 2] No such file or directory"),
    ],
)
def test_variable_that_the_sdk_does_not_accept_is_an_explained_error(
    monkeypatch: pytest.MonkeyPatch, session: Callable[[], Session], variable: str, value: str, message: str
) -> None:
    """Exceptions from both the SDK and Python are a mistake in the workflow, not a bug in the action."""
    monkeypatch.setenv(variable, value)

    error = failure(session)

    assert error.what.startswith(f"The AWS SDK can't be set up: {message}")
    assert (f"`{variable}` has to be a URL" in error.why) is variable.startswith("AWS_ENDPOINT_URL")


@pytest.mark.parametrize(
    ("variable", "message"),
    [
        ("AWS_DEFAULTS_MODE", "Client configured with invalid defaults mode: banana."),
        ("AWS_METADATA_SERVICE_TIMEOUT", "invalid literal for int() with base 10: 'banana'"),
    ],
)
def test_setting_counts_without_a_role(monkeypatch: pytest.MonkeyPatch, variable: str, message: str) -> None:
    """Whoever gives credentials in the environment can also say there how the SDK is to work."""
    monkeypatch.setenv(variable, "banana")

    assert failure(Session).what.startswith(f"The AWS SDK can't be set up: {message}")


def test_broken_model_in_the_home_folder_is_an_explained_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A session that is not isolated reads the file there and can't parse it."""
    monkeypatch.setenv("AWS_DATA_PATH", poisoned(tmp_path)["AWS_DATA_PATH"])
    for name in ("config", "credentials"):
        (tmp_path / ".aws" / name).unlink()

    assert failure(Session).what.startswith("The AWS SDK can't be set up: ")


# Calls with retries


def test_call_is_repeated_while_that_can_help(time: FakeTime) -> None:
    """Each exception of the SDK is read, and what comes before an attempt knows how the last one ended."""
    script: list[Exception | str] = [refusal("TooManyRequestsException"), KeyError("User"), "done"]
    before: list[str | None] = []
    time.share = 0.1

    def call() -> str:
        outcome = script.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    result = call_with_retries(
        time.retry(), "AdminCreateUser", call, lambda last: before.append(last.code if last else None)
    )

    assert (result, before) == ("done", [None, "TooManyRequestsException", "ForeignAnswer"])
