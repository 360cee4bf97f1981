"""GitHub's ID token: requested as GitHub expects it, masked before anyone has it, and each refusal as data."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from http.client import responses
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognito_action.claims import claims_of
from cognito_action.errors import CallError
from cognito_action.github.oidc import OPERATION, GitHubIdTokens, NoIdTokenError, RunOrigin, fetch_id_token
from cognito_action.network.connections import Network
from tests.support.examples import ANY_TEXT
from tests.support.sockets import closed_port, refusing, running_proxy, server_tls
from tools.emulator.certificates import Authority
from tools.emulator.github import TokenService, id_token
from tools.emulator.http import Answer, Request, serving


def ignore(_: str) -> None:
    """A mask that does nothing."""


def fetch(
    environ: Mapping[str, str],
    audience: str = "sts.amazonaws.com",
    mask: Callable[[str], None] = ignore,
    variables: Mapping[str, str] | None = None,
) -> str:
    """Fetch a token; `variables` are those of the network."""
    return fetch_id_token(environ, audience, Network(variables or {}), mask)


def refused(service: TokenService, **variables: str) -> CallError:
    """The error if the service refuses a token."""
    with pytest.raises(CallError) as caught:
        fetch(service.environ, variables=variables)
    assert caught.value.operation == OPERATION
    return caught.value


def origin_of(environ: Mapping[str, str]) -> RunOrigin:
    """What started a run that may not have a token, according to the refusal."""
    with pytest.raises(NoIdTokenError) as caught:
        fetch({"GITHUB_ACTIONS": "true", **environ})
    return caught.value.origin


def test_outside_of_github_no_run_is_the_reason() -> None:
    """The command has other sources of tokens there."""
    assert origin_of({"GITHUB_ACTIONS": ""}) is RunOrigin.ELSEWHERE


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
    token = fetch(github.environ)

    assert [token] == github.tokens


def test_request_carries_the_jobs_own_bearer_token(github: TokenService) -> None:
    """The runner's request token identifies the job, and the request asks for JSON."""
    requests = watched(github)

    fetch(github.environ)

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

    token = fetch(github.environ, audience)

    query = parse_qs(urlsplit(requests[0].path).query, strict_parsing=True)
    assert query == {"api-version": ["2.0"], "audience": [audience]}
    assert claims_of(token)["aud"] == audience


def test_audience_is_encoded_as_one_word(github: TokenService) -> None:
    """Every character that means something in a URL is percent-encoded, even the slash."""
    requests = watched(github)

    fetch(github.environ, "https://a b/?c=d&e")

    assert requests[0].path == "/token?api-version=2.0&audience=https%3A%2F%2Fa%20b%2F%3Fc%3Dd%26e"


def test_token_is_masked_before_it_is_returned(github: TokenService) -> None:
    """If the mask fails, no one gets the token."""
    masked = []

    def mask(secret: str) -> None:
        masked.append(secret)
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        fetch(github.environ, mask=mask)

    assert masked == github.tokens


def test_first_of_several_tokens_is_requested_before_it_is_needed(github: TokenService) -> None:
    """It is requested once, and masked, while the step does something else; later ones are requested when needed."""
    masked: list[str] = []
    asked = Event()

    def grant(request: Request) -> Answer:
        asked.set()
        return github.grant(request)

    github.respond = grant
    tokens = GitHubIdTokens(github.environ, "sts.amazonaws.com", Network({}), masked.append)

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
    github.respond = lambda _: Answer(503, b"{}")
    tokens = GitHubIdTokens(github.environ, "sts.amazonaws.com", Network({}), ignore)
    tokens.prefetch()

    with pytest.raises(CallError, match="503"):
        tokens.new()
    github.respond = None
    assert tokens.new() == github.tokens[-1]


def test_token_that_takes_too_long_names_the_service(github: TokenService) -> None:
    """It is not taken for the call to AWS that needs the token."""
    released = Event()

    def wait(_: Request) -> None:
        released.wait(10)

    github.respond = wait
    tokens = GitHubIdTokens(github.environ, "sts.amazonaws.com", Network({}), ignore, seconds=0.6)

    with pytest.raises(CallError) as caught:
        tokens.new()

    released.set()
    assert (caught.value.operation, caught.value.code, caught.value.retryable) == (OPERATION, "NoAnswer", True)
    assert caught.value.message == "no answer within 1 s"


# The refusals


@pytest.mark.parametrize("status", [302, 400, 401, 403, 404])
def test_refusal_is_final(github: TokenService, status: int) -> None:
    """A job that is refused once is refused again."""
    github.respond = lambda _: Answer(status, b'{"value": "x.y.z"}')
    failure = refused(github)

    assert (failure.code, failure.message) == (str(status), responses[status])
    assert (failure.retryable, failure.outcome_unknown) == (False, False)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 599])
def test_overload_can_be_retried(github: TokenService, status: int) -> None:
    """Too many requests and server errors are temporary, also with a status that has no name."""
    github.respond = lambda _: Answer(status, b'{"value": "x.y.z"}')
    failure = refused(github)

    assert (failure.code, failure.message, failure.retryable) == (str(status), responses.get(status, ""), True)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"message": "Token has expired"}', "Token has expired"),
        (b'{"$id": "1", "message": "no \\u00e9", "typeKey": "UnauthorizedRequestException"}', "no é"),
        (b'{"message": ["a", null]}', "['a', None]"),
        (b'{"message": ""}', "Unauthorized"),
        (b'{"message": null}', "Unauthorized"),
        (b"{}", "Unauthorized"),
    ],
)
def test_refusal_has_the_words_of_the_service(github: TokenService, body: bytes, message: str) -> None:
    """They say more than the status; without any, its name has to do."""
    github.respond = lambda _: Answer(401, body)

    assert refused(github).what == f"{OPERATION} failed with 401: {message}"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_is_not_followed(github: TokenService, status: int) -> None:
    """The bearer token goes to no other address, not even on the same host; who redirects is not the service."""
    requests: list[Request] = []

    def elsewhere(request: Request) -> Answer:
        requests.append(request)
        return Answer(200, b'{"value": "x.y.z"}')

    with serving(elsewhere) as address:
        github.respond = lambda _: Answer(status, b"", {"Location": address})
        failure = refused(github)

    assert (failure.code, failure.retryable) == ("ForeignAnswer", True)
    assert f" answered with status {status}, no content type" in failure.message
    assert requests == []


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 407, 429, 500, 502, 503])
def test_page_is_no_answer_of_the_service(github: TokenService, status: int) -> None:
    """A gateway's refusal is not GitHub's: the job may get its token a moment later, and the page is told."""
    body = b"<html><head><title>Access denied</title></head></html>"
    github.respond = lambda _: Answer(status, body, {"Content-Type": "text/html"})
    failure = refused(github)

    host = urlsplit(github.url).netloc
    assert (failure.code, failure.retryable) == ("ForeignAnswer", True)
    assert failure.message == f'{host} answered with status {status}, text/html, titled "Access denied"'


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"garbage", b"<html></html>", b"\xff\xfe\x00", b"[]", b"null", b'"value"', b"5"),
        *(b"[" * 60_000, b'{"value": ' + b'{"a":' * 10_000, b'{"value": "x.y.z"'),
    ],
    ids=lambda body: repr(body[:30]),
)
def test_answer_that_holds_no_object_can_be_retried(github: TokenService, body: bytes) -> None:
    """The service answers with an object whatever it has to say."""
    github.respond = lambda _: Answer(200, body)
    failure = refused(github)

    assert (failure.code, failure.retryable) == ("ForeignAnswer", True)


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
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
    ],
)
def test_answer_without_a_token_can_be_retried(github: TokenService, body: bytes) -> None:
    """An object that holds something else is not a token."""
    github.respond = lambda _: Answer(200, body)
    failure = refused(github)

    assert (failure.code, failure.retryable) == ("NoToken", True)


@pytest.mark.parametrize("url", ["banana", "://", "http://[", "ftp://127.0.0.1:1/", "http://127.0.0.1:99999/"])
def test_invalid_url_returns_no_token(github: TokenService, url: str) -> None:
    """Only a workflow that sets the runner's own variable causes this; it is not a bug of the action."""
    failure = refused(replace(github, url=url))

    assert (failure.code, failure.retryable) == ("UnknownHost", False)


def test_url_that_needs_encoding_is_encoded(github: TokenService) -> None:
    """What HTTP can't carry as it is does not break the request."""
    requests = watched(github)

    fetch(replace(github, url=f"{github.url}&x=é y").environ)

    assert requests[0].path == "/token?api-version=2.0&x=%C3%A9%20y&audience=sts.amazonaws.com"


@pytest.mark.parametrize("length", [19_996, 200_000])
def test_longest_token_of_sts_is_read(github: TokenService, length: int) -> None:
    """20,000 characters are not cut off, and neither are more."""
    token = f"x.y.{'z' * length}"
    github.respond = lambda _: Answer(200, json.dumps({"value": token}).encode())

    assert fetch(github.environ) == token


def test_broken_connection_can_be_retried(github: TokenService) -> None:
    """A service that hangs up is a network error."""
    github.respond = lambda _: None
    failure = refused(github)

    assert (failure.code, failure.retryable) == ("NetworkError", True)
    assert failure.message


def test_token_that_is_cut_off_can_be_retried(github: TokenService) -> None:
    """Half of it is not taken for a token, whatever it looks like."""
    github.respond = lambda _: Answer(200, json.dumps({"value": "x.y.z"}).encode(), broken_off=True)
    failure = refused(github)

    assert (failure.code, failure.retryable) == ("NetworkError", True)


def test_refused_connection_can_be_retried(github: TokenService) -> None:
    """So is a service that is not there."""
    with closed_port() as port:
        failure = refused(replace(github, url=f"http://127.0.0.1:{port}/token?api-version=2.0"))

    assert (failure.code, failure.retryable) == ("NetworkError", True)
    assert failure.message.endswith("Connection refused")


def test_host_that_does_not_exist_is_final(github: TokenService) -> None:
    """A name without an address has none a moment later either; this one is known to have none without a DNS query."""
    failure = refused(replace(github, url="http://[fe80::1%none]/token?api-version=2.0"))

    assert (failure.code, failure.retryable) == ("UnknownHost", False)
    assert failure.message == "there is no such host: [fe80::1%none]"


# The way to the service


def test_certificate_is_verified_with_the_same_authorities_as_those_of_aws(
    github: TokenService, tmp_path: Path
) -> None:
    """A proxy that signs for GitHub is trusted if a variable says so, and otherwise gets no bearer token."""
    authority = Authority(tmp_path / "authority", lenient=True)
    trusted = tmp_path / "trusted.pem"
    trusted.write_bytes(authority.pem)
    requests = watched(github)

    with serving(github.respond or github.grant, tls=server_tls(authority.issue("127.0.0.1"))) as url:
        service = replace(github, url=f"{url}/token?api-version=2.0")
        failure = refused(service)
        assert (failure.code, failure.retryable, requests) == ("TLSError", False, [])
        assert fetch(service.environ, variables={"AWS_CA_BUNDLE": str(trusted)}) == github.tokens[-1]


def test_token_is_fetched_through_a_proxy_that_is_reached_by_tls(github: TokenService, tmp_path: Path) -> None:
    """The same proxies serve both kinds of calls."""
    authority = Authority(tmp_path / "authority")
    trusted = tmp_path / "trusted.pem"
    trusted.write_bytes(authority.pem)

    with running_proxy(server_tls(authority.issue("127.0.0.1"))) as proxy:
        variables = {"http_proxy": f"https://127.0.0.1:{proxy.port}", "SSL_CERT_FILE": str(trusted)}
        assert fetch(github.environ, variables=variables) == github.tokens[-1]

    assert len(proxy.requests) == 1


def test_proxy_that_refuses_is_final(github: TokenService) -> None:
    """The bearer token does not reach it."""
    with running_proxy(refusal=refusing(407)) as proxy:
        service = replace(github, url="https://pipelines.actions.example/token?api-version=2.0")
        failure = refused(service, https_proxy=f"http://127.0.0.1:{proxy.port}")

    assert (failure.code, failure.retryable) == ("ProxyLogin", False)
    assert github.bearer not in "".join(proxy.heads)


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
