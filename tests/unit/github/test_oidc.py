"""GitHub's ID token: requested as GitHub expects it, masked before anyone has it, and each refusal as data."""

import base64
import json
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from cognito_action.errors import CallError
from cognito_action.github.oidc import OPERATION, IdTokens, NoIdTokenError, RunOrigin, claims_of, fetch_id_token
from tests.support.examples import ANY_TEXT
from tools.emulator.github import TokenService, id_token
from tools.emulator.http import Answer, Request, serving


def ignore(_: str) -> None:
    """A mask that does nothing."""


def refused(service: TokenService) -> CallError:
    """The error if the service refuses a token."""
    with pytest.raises(CallError) as caught:
        fetch_id_token(service.environ, "sts.amazonaws.com", ignore)
    return caught.value


def origin_of(environ: Mapping[str, str]) -> RunOrigin:
    """What started a run that may not have a token, according to the refusal."""
    with pytest.raises(NoIdTokenError) as caught:
        fetch_id_token(environ, "sts.amazonaws.com", ignore)
    return caught.value.origin


# The request


def test_operation_is_named_for_people() -> None:
    """GitHub's service has no name for this call, so the messages use one of their own."""
    assert OPERATION == "The request for GitHub's ID token"


def watched(service: TokenService) -> list[Request]:
    """The requests that the service will grant from now on."""
    requests: list[Request] = []

    def respond(request: Request) -> Answer:
        requests.append(request)
        return service.grant(request)

    service.respond = respond
    return requests


def test_token_of_the_service_is_returned(github: TokenService) -> None:
    """One request returns one token."""
    token = fetch_id_token(github.environ, "sts.amazonaws.com", ignore)

    assert [token] == github.tokens


def test_request_carries_the_jobs_own_bearer_token(github: TokenService) -> None:
    """The runner's request token identifies the job, and the request asks for JSON."""
    requests = watched(github)

    fetch_id_token(github.environ, "sts.amazonaws.com", ignore)

    [request] = requests
    assert request.method == "GET"
    assert request.headers["Authorization"] == "Bearer the-request-token-of-the-job"
    assert request.headers["Accept"] == "application/json"


@pytest.mark.parametrize(
    "audience", ["sts.amazonaws.com", "https://example.com/?a=b&c=d#e", "a+b%20c", "a/b;c,d", "!~*'()"]
)
def test_audience_reaches_the_service_unchanged(github: TokenService, audience: str) -> None:
    """Whatever an audience holds, it is one parameter in addition to the one that the URL already has."""
    requests = watched(github)

    token = fetch_id_token(github.environ, audience, ignore)

    query = parse_qs(urlsplit(requests[0].path).query, strict_parsing=True)
    assert query == {"api-version": ["2.0"], "audience": [audience]}
    assert claims_of(token)["aud"] == audience


def test_audience_is_encoded_as_one_word(github: TokenService) -> None:
    """Every character that means something in a URL is percent-encoded, even the slash."""
    requests = watched(github)

    fetch_id_token(github.environ, "https://a b/?c=d&e", ignore)

    assert requests[0].path == "/token?api-version=2.0&audience=https%3A%2F%2Fa%20b%2F%3Fc%3Dd%26e"


def test_token_is_masked_before_it_is_returned(github: TokenService) -> None:
    """If the mask fails, no one gets the token."""
    masked = []

    def mask(secret: str) -> None:
        masked.append(secret)
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        fetch_id_token(github.environ, "sts.amazonaws.com", mask)

    assert masked == github.tokens


def test_first_of_several_tokens_is_requested_before_it_is_needed(github: TokenService) -> None:
    """It is requested once, and masked, while the step does something else; later ones are requested when needed."""
    masked: list[str] = []
    asked = Event()

    def grant(request: Request) -> Answer:
        asked.set()
        return github.grant(request)

    github.respond = grant
    tokens = IdTokens(github.environ, "sts.amazonaws.com", masked.append)

    assert not asked.wait(0.2)
    tokens.prefetch()
    assert asked.wait(10)
    first = tokens.new()
    assert github.tokens == masked == [first]
    second = tokens.new()
    assert github.tokens == masked == [first, second]
    assert first != second


def test_refusal_of_the_first_token_is_raised_when_it_is_needed(github: TokenService) -> None:
    """The refusal of one token does not affect the next."""
    github.respond = lambda _: Answer(503, b"")
    tokens = IdTokens(github.environ, "sts.amazonaws.com", ignore)
    tokens.prefetch()

    with pytest.raises(CallError, match="503"):
        tokens.new()
    github.respond = None
    assert tokens.new() == github.tokens[-1]


# The refusals


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_refusal_is_final(github: TokenService, status: int) -> None:
    """A job that is refused once is refused again."""
    github.respond = lambda _: Answer(status, b'{"value": "x"}')
    failure = refused(github)

    assert (failure.operation, failure.code, failure.retryable) == (OPERATION, str(status), False)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_overload_can_be_retried(github: TokenService, status: int) -> None:
    """Too many requests and server errors are temporary."""
    github.respond = lambda _: Answer(status, b'{"value": "x"}')
    failure = refused(github)

    assert (failure.operation, failure.code, failure.retryable) == (OPERATION, str(status), True)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_is_not_followed(github: TokenService, status: int) -> None:
    """The bearer token goes to no other address, not even on the same host."""
    requests: list[Request] = []

    def elsewhere(request: Request) -> Answer:
        requests.append(request)
        return Answer(200, b'{"value": "x"}')

    with serving(elsewhere) as address:
        github.respond = lambda _: Answer(status, b"", {"Location": address})
        failure = refused(github)

    assert (failure.code, failure.retryable) == (str(status), False)
    assert requests == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"garbage",
        b"<html></html>",
        b"\xff\xfe\x00",
        b"{}",
        b"[]",
        b"null",
        b'"value"',
        b'{"value": null}',
        b'{"value": ""}',
        b'{"value": 1}',
        b'{"value": ["x"]}',
        b'{"value": "a"}',
        b'{"value": "x.y"}',
        b'{"value": "x..z"}',
        b'{"value": "x.y.z.a"}',
        b'{"value": "x.y.z "}',
        b'{"value": "x.y.z\\n::error::y"}',
        b'{"value": "x.y.\\ud800"}',
        '{"value": "x.y.é"}'.encode(),
        b'{"count": 1, "Value": "x"}',
        b'{"value": "x.y.' + b"z" * 70_000 + b'"}',
        b"[" * 60_000,
        b'{"value": ' + b'{"a":' * 10_000,
    ],
)
def test_answer_without_a_token_can_be_retried(github: TokenService, body: bytes) -> None:
    """A proxy's page or a broken answer is not a token."""
    github.respond = lambda _: Answer(200, body)
    failure = refused(github)

    assert (failure.operation, failure.code, failure.retryable) == (OPERATION, "NoToken", True)


@pytest.mark.parametrize("url", ["banana", "://", "http://[", "http://127.0.0.1:1\n/", "http://127.0.0.1:1/é"])
def test_invalid_url_returns_no_token(github: TokenService, url: str) -> None:
    """Only a workflow that sets the runner's own variable causes this; it is not a bug of the action."""
    failure = refused(replace(github, url=url))

    assert (failure.operation, failure.retryable) == (OPERATION, True)


def test_longest_token_of_sts_is_read(github: TokenService) -> None:
    """20,000 characters are not cut off."""
    token = f"x.y.{'z' * 19_996}"
    github.respond = lambda _: Answer(200, json.dumps({"value": token}).encode())

    assert fetch_id_token(github.environ, "a", ignore) == token


def test_broken_connection_can_be_retried(github: TokenService) -> None:
    """A service that hangs up is a network error."""
    github.respond = lambda _: None
    failure = refused(github)

    assert (failure.operation, failure.code, failure.retryable) == (OPERATION, "NetworkError", True)
    assert failure.message


def test_refused_connection_can_be_retried(github: TokenService) -> None:
    """So is a service that is not there."""
    with serving(lambda _: None) as address:
        pass
    failure = refused(replace(github, url=f"{address}/token?api-version=2.0"))

    assert (failure.operation, failure.code, failure.retryable) == (OPERATION, "NetworkError", True)
    assert "refused" in failure.message


def test_host_that_does_not_exist_is_final(github: TokenService) -> None:
    """A name without an address has none a moment later either; this one is known to have none without a DNS query."""
    failure = refused(replace(github, url="http://[fe80::1%none]/token?api-version=2.0"))

    assert (failure.operation, failure.code, failure.retryable) == (OPERATION, "NetworkError", False)
    assert "not known" in failure.message


def self_signed(folder: Path) -> Path:
    """A certificate that no authority has signed, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    path = folder / "self-signed.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path


def test_untrusted_certificate_is_final(github: TokenService, tmp_path: Path) -> None:
    """A proxy that signs for GitHub will still do so a moment later, and gets no bearer token."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as server:

        def shake_hands() -> None:
            with suppress(ssl.SSLError), server.accept()[0] as connection:
                context.wrap_socket(connection, server_side=True).close()

        thread = threading.Thread(target=shake_hands)
        thread.start()
        failure = refused(replace(github, url=f"https://127.0.0.1:{server.getsockname()[1]}/token?api-version=2.0"))
        thread.join()

    assert (failure.operation, failure.code, failure.retryable) == (OPERATION, "TLSError", False)
    assert "CERTIFICATE_VERIFY_FAILED" in failure.message


@pytest.mark.parametrize("answer", [Answer(401, b"{}"), Answer(500, b""), Answer(200, b"garbage"), None])
def test_refusal_does_not_show_the_bearer_token(github: TokenService, answer: Answer | None) -> None:
    """No text of a failure holds the request token."""
    github.respond = lambda _: answer
    failure = refused(github)

    assert github.bearer not in f"{failure} {failure!r} {failure.__cause__!r}"


# The jobs that get no token


@pytest.mark.parametrize("missing", ["ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"])
@pytest.mark.parametrize("value", [None, ""])
def test_job_without_the_permission_gets_no_token(github: TokenService, missing: str, value: str | None) -> None:
    """The runner sets both variables or neither; an empty one counts as missing."""
    environ = {name: text for name, text in {**github.environ, missing: value}.items() if text is not None}
    assert origin_of(environ) is RunOrigin.OTHER
    assert github.tokens == []


@pytest.mark.parametrize("variable", ["GITHUB_ACTOR", "GITHUB_TRIGGERING_ACTOR"])
def test_run_of_dependabot_is_recognized(variable: str) -> None:
    """Either variable shows it, since a person can rerun a run of Dependabot."""
    assert origin_of({variable: "dependabot[bot]"}) is RunOrigin.DEPENDABOT


def event(folder: Path, content: object) -> dict[str, str]:
    """The environment of a run that was started by this event."""
    path = folder / "event.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return {"GITHUB_ACTOR": "octocat", "GITHUB_EVENT_PATH": str(path)}


def pull_request(head: str, base: str) -> dict[str, Any]:
    """The event of a pull request between two repositories."""
    return {"pull_request": {"head": {"repo": {"full_name": head}}, "base": {"repo": {"full_name": base}}}}


def test_pull_request_from_a_fork_is_recognized(tmp_path: Path) -> None:
    """GitHub gives forks no token, and no permission changes that."""
    assert origin_of(event(tmp_path, pull_request("stranger/app", "octo-org/app"))) is RunOrigin.FORK


def test_pull_request_from_a_deleted_fork_is_recognized(tmp_path: Path) -> None:
    """Once the fork is gone, the event of its pull request has null instead of the repository."""
    content = pull_request("stranger/app", "octo-org/app")
    content["pull_request"]["head"]["repo"] = None

    assert origin_of(event(tmp_path, content)) is RunOrigin.FORK


@pytest.mark.parametrize(
    "content",
    [
        pull_request("octo-org/app", "octo-org/app"),
        {},
        {"pull_request": None},
        {"pull_request": []},
        {"pull_request": {"head": {}}},
        [],
        "null",
        "garbage",
        "",
    ],
)
def test_other_events_are_not_a_fork(tmp_path: Path, content: object) -> None:
    """If the event does not show a fork, the missing permission is the reason."""
    assert origin_of(event(tmp_path, content)) is RunOrigin.OTHER


def test_missing_event_is_not_a_fork(tmp_path: Path) -> None:
    """A path to a file that does not exist is not a separate error."""
    assert origin_of({"GITHUB_EVENT_PATH": str(tmp_path / "none")}) is RunOrigin.OTHER


# Claims


@given(claims=st.dictionaries(st.text(), st.text() | st.integers() | st.booleans()))
def test_claims_are_read_from_a_token(claims: dict[str, object]) -> None:
    """They are read back, whatever they are and whatever padding their length needs."""
    assert claims_of(id_token(claims)) == claims


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "a",
        "a.b",
        "a.b.c",
        "a.é.c",
        "a.====.c",
        "a." + base64.urlsafe_b64encode(b"not json").decode() + ".c",
        "a." + base64.urlsafe_b64encode(b"[1]").decode() + ".c",
        "a." + base64.urlsafe_b64encode(b'"text"').decode() + ".c",
        "a." + base64.urlsafe_b64encode(b"\xff\xfe{}").decode() + ".c",
        "a." + base64.urlsafe_b64encode(b"[" * 60_000).decode() + ".c",
        "a." + base64.urlsafe_b64encode(b'{"a":' * 60_000).decode() + ".c",
    ],
)
def test_claims_of_garbage_are_empty(token: str) -> None:
    """A text that is not a token has no claims, and raises nothing."""
    assert claims_of(token) == {}


@given(token=ANY_TEXT | ANY_TEXT.map(lambda text: f"a.{text}.b"))
def test_claims_of_any_text_are_a_mapping(token: str) -> None:
    """No text raises anything."""
    assert isinstance(claims_of(token), dict)
