"""Requests through proxies: whether the service or the proxy or both are reached by TLS, and whom the proxy lets pass."""

import base64
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from cognito_action.errors import CallError
from cognito_action.network.connections import Network
from tests.support.sockets import ProxyServer, closed_port, refusing, running_proxy, server_tls
from tools.emulator.certificates import Authority
from tools.emulator.http import Answer, Request, serving

HOST = "127.0.0.1"

SERVICES = ["http", "https"]
PROXIES = ["http", "https"]


class Setting:
    """A service that notes its requests, and whatever it takes to reach it by TLS."""

    def __init__(self, folder: Path, scheme: str) -> None:
        self.authority = Authority(folder / "authority")
        self.trusted = folder / "trusted.pem"
        self.trusted.write_bytes(self.authority.pem)
        self.tls = server_tls(self.authority.issue(HOST))
        self.scheme = scheme
        self.requests: list[Request] = []

    @contextmanager
    def serving(self) -> Iterator[str]:
        def respond(request: Request) -> Answer:
            self.requests.append(request)
            return Answer(200, b"served")

        with serving(respond, tls=self.tls if self.scheme == "https" else None) as url:
            yield f"{url}/path"

    def fetch(self, url: str, environ: Mapping[str, str]) -> bytes:
        network = Network({"AWS_CA_BUNDLE": str(self.trusted), **environ})
        return network.send("TheCall", "POST", url, {"X-Amz-Target": "a"}, b"body").body

    def failure(self, url: str, environ: Mapping[str, str]) -> CallError:
        with pytest.raises(CallError) as caught:
            self.fetch(url, environ)
        return caught.value


@pytest.fixture(params=SERVICES)
def setting(request: pytest.FixtureRequest, tmp_path: Path) -> Setting:
    """A service with and without TLS."""
    return Setting(tmp_path, request.param)


def asked(setting: Setting, url: str) -> str:
    """What a proxy is asked for."""
    host = url.split("/")[2]
    return f"CONNECT {host}" if setting.scheme == "https" else f"POST {url}"


@pytest.mark.parametrize("scheme", PROXIES)
def test_request_goes_through_the_proxy(setting: Setting, scheme: str) -> None:
    """A service with TLS gets a tunnel, even within the TLS of the proxy; the same authorities verify both."""
    with setting.serving() as url, running_proxy(setting.tls if scheme == "https" else None) as proxy:
        environ = {f"{setting.scheme}_proxy": f"{scheme}://{HOST}:{proxy.port}"}

        assert setting.fetch(url, environ) == b"served"

    assert proxy.requests == [asked(setting, url)]
    [request] = setting.requests
    assert (request.method, request.headers["X-Amz-Target"], request.body) == ("POST", "a", b"body")
    assert request.path in ("/path", url)


@pytest.mark.parametrize("scheme", PROXIES)
def test_tunnel_is_used_again(setting: Setting, scheme: str) -> None:
    """A second request needs neither another connection to the proxy nor another tunnel."""
    with setting.serving() as url, running_proxy(setting.tls if scheme == "https" else None) as proxy:
        environ = {
            "AWS_CA_BUNDLE": str(setting.trusted),
            f"{setting.scheme}_proxy": f"{scheme}://{HOST}:{proxy.port}",
        }
        network = Network(environ)
        for _ in range(3):
            network.send("TheCall", "GET", url, {})

    assert (len(proxy.requests), len(setting.requests)) == (1, 3)


@pytest.mark.parametrize("scheme", PROXIES)
@pytest.mark.parametrize(
    ("userinfo", "decoded"),
    [
        ("user:password", b"user:password"),
        ("user%40corp:p%23%2F%3F%3A%25w%20%C3%A9", "user@corp:p#/?:%w é".encode()),
        ("user:pass@word:x@", b"user:pass@word:x@"),
        ("user:100%", b"user:100%"),
        ("user:%FF\udcfe", b"user:\xff\xfe"),
        ("only-a-user", b"only-a-user"),
        ("user:", b"user:"),
        ("user:é", "user:é".encode()),
    ],
)
def test_user_and_password_reach_the_proxy_decoded(
    setting: Setting, scheme: str, userinfo: str, decoded: bytes
) -> None:
    """And no one else: the service behind it does not see them."""
    with setting.serving() as url, running_proxy(setting.tls if scheme == "https" else None) as proxy:
        setting.fetch(url, {f"{setting.scheme}_proxy": f"{scheme}://{userinfo}@{HOST}:{proxy.port}"})

    assert [base64.b64decode(value.removeprefix("Basic ")) for value in proxy.authorizations] == [decoded]
    if setting.scheme == "https":
        assert "Proxy-Authorization" not in setting.requests[0].headers


def test_proxy_without_a_user_gets_none(setting: Setting) -> None:
    """No header is sent that no one has asked for, nor one of the other variable."""
    with setting.serving() as url, running_proxy() as proxy:
        other = "http" if setting.scheme == "https" else "https"
        environ = {
            f"{setting.scheme}_proxy": f"http://{HOST}:{proxy.port}",
            f"{other}_proxy": "http://user:password@other",
        }
        setting.fetch(url, environ)

    assert (len(proxy.requests), proxy.authorizations) == (1, [])


# Which variable counts


@pytest.mark.parametrize("lower", ["", "http://proxy.invalid:1"])
def test_lower_case_wins(setting: Setting, lower: str) -> None:
    """As everywhere in Python; an empty one means that there is no proxy."""
    with setting.serving() as url, running_proxy() as proxy:
        name, working = f"{setting.scheme}_proxy", f"http://{HOST}:{proxy.port}"
        assert setting.fetch(url, {name: working, name.upper(): "http://proxy.invalid:1"}) == b"served"
        assert setting.fetch(url, {name.upper(): working}) == b"served"
        assert len(proxy.requests) == 2
        if not lower:
            assert setting.fetch(url, {name: lower, name.upper(): "http://proxy.invalid:1"}) == b"served"

    assert len(proxy.requests) == 2


@pytest.mark.parametrize("variable", ["no_proxy", "NO_PROXY"])
@pytest.mark.parametrize("exceptions", [HOST, "*", f"example.com, {HOST}"])
def test_host_that_needs_no_proxy_is_reached_directly(setting: Setting, variable: str, exceptions: str) -> None:
    """The proxy is not asked, and may not even exist."""
    with setting.serving() as url:
        environ = {f"{setting.scheme}_proxy": "http://proxy.invalid:1", variable: exceptions}

        assert setting.fetch(url, environ) == b"served"


def test_exceptions_of_other_hosts_do_not_count(setting: Setting) -> None:
    """A name in lower case wins here too."""
    with setting.serving() as url, running_proxy() as proxy:
        working = f"http://{HOST}:{proxy.port}"
        environ = {f"{setting.scheme}_proxy": working, "no_proxy": "example.com", "NO_PROXY": "*"}

        assert setting.fetch(url, environ) == b"served"

    assert len(proxy.requests) == 1


# What the proxy refuses


@pytest.fixture
def tls_setting(tmp_path: Path) -> Setting:
    return Setting(tmp_path, "https")


def refused(setting: Setting, proxy: ProxyServer, scheme: str = "http") -> tuple[CallError, str]:
    """The failure of a request through a proxy, and the host that it was for."""
    with setting.serving() as url:
        failure = setting.failure(url, {"https_proxy": f"{scheme}://user:password@{HOST}:{proxy.port}"})
    assert setting.requests == []
    assert "password" not in f"{failure!r}"
    return failure, url.split("/")[2]


@pytest.mark.parametrize("scheme", PROXIES)
@pytest.mark.parametrize(
    ("status", "code"),
    [
        *((401, "ProxyLogin"), (403, "ProxyError"), (404, "NotAProxy"), (405, "NotAProxy")),
        *((407, "ProxyLogin"), (501, "NotAProxy")),
    ],
)
def test_tunnel_that_is_refused_for_good_is_final(tls_setting: Setting, scheme: str, status: int, code: str) -> None:
    """The proxy would answer the same a moment later; its own words are not quoted."""
    tls = tls_setting.tls if scheme == "https" else None
    with running_proxy(tls, refusing(status, "Because user:password")) as proxy:
        failure, host = refused(tls_setting, proxy, scheme)

    assert (failure.code, failure.retryable, failure.outcome_unknown) == (code, False, False)
    assert failure.variable == "https_proxy"
    assert failure.message == (
        f"the proxy {scheme}://{HOST}:{proxy.port} (https_proxy) answered {status} to the connection to {host}"
    )
    assert len(proxy.requests) == 1


@pytest.mark.parametrize("status", [302, 400, 429, 500, 502, 503, 504])
def test_tunnel_that_is_refused_for_now_can_be_tried_again(tls_setting: Setting, status: int) -> None:
    """And no request was sent, so nothing can have come of it."""
    with running_proxy(refusal=refusing(status, "Because user:password")) as proxy:
        failure, host = refused(tls_setting, proxy)

    assert (failure.code, failure.retryable) == ("NetworkError", True)
    assert (failure.outcome_unknown, failure.unanswered) == (False, False)
    assert failure.message == (
        f"{host} through the proxy http://{HOST}:{proxy.port} (https_proxy): the proxy answered {status}"
    )


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 ", b"SSH-2.0-OpenSSH_9.6\r\n\r\n"])
def test_proxy_that_does_not_answer_can_be_tried_again(tls_setting: Setting, answer: bytes) -> None:
    """It is named, without user and password."""
    with running_proxy(refusal=answer or b"\r\n") as proxy:
        failure, _ = refused(tls_setting, proxy)

    assert (failure.code, failure.retryable) == ("NetworkError", True)
    assert f"through the proxy http://{HOST}:{proxy.port} (https_proxy): the connection broke" in failure.message


def test_refusal_of_a_request_without_a_tunnel_is_an_answer(tmp_path: Path) -> None:
    """What stands between is for whoever knows the service's answers."""
    setting = Setting(tmp_path, "http")
    with setting.serving() as url, running_proxy(refusal=refusing(403)) as proxy:
        network = Network({"http_proxy": f"http://{HOST}:{proxy.port}"})

        answer = network.send("TheCall", "GET", url, {})

    assert (answer.status, answer.content_type, setting.requests) == (403, "text/html", [])


def test_proxy_that_wants_a_password_for_a_request_without_a_tunnel_is_final(tmp_path: Path) -> None:
    """Only proxies have that status. But who answers with it may have passed the request on."""
    setting = Setting(tmp_path, "http")
    with setting.serving() as url, running_proxy(refusal=refusing(407)) as proxy:
        failure = setting.failure(url, {"http_proxy": f"http://{HOST}:{proxy.port}"})

    assert (failure.code, failure.retryable, failure.variable) == ("ProxyLogin", False, "http_proxy")
    assert (failure.outcome_unknown, failure.unanswered) == (True, True)
    assert failure.message == (
        f"the proxy http://{HOST}:{proxy.port} (http_proxy) answered 407 to the request to {url.split('/')[2]}"
    )


@pytest.mark.parametrize("scheme", PROXIES)
def test_proxy_that_is_not_there_can_be_tried_again(setting: Setting, scheme: str) -> None:
    """No request was sent, and the variable is named."""
    with setting.serving() as url, closed_port() as port:
        failure = setting.failure(url, {f"{setting.scheme.upper()}_PROXY": f"{scheme}://user:password@{HOST}:{port}"})

    assert (failure.code, failure.retryable, failure.outcome_unknown) == ("NetworkError", True, False)
    assert failure.message == (
        f"{url.split('/')[2]} through the proxy {scheme}://{HOST}:{port} ({setting.scheme.upper()}_PROXY): "
        "Connection refused"
    )


def test_proxy_whose_certificate_no_one_knows_is_final(setting: Setting, tmp_path: Path) -> None:
    """The service gets no request, and the proxy no password."""
    stranger = Authority(tmp_path / "stranger")
    with setting.serving() as url, running_proxy(server_tls(stranger.issue(HOST))) as proxy:
        failure = setting.failure(url, {f"{setting.scheme}_proxy": f"https://user:password@{HOST}:{proxy.port}"})

    assert (failure.code, failure.retryable, failure.outcome_unknown) == ("CAFileError", False, False)
    assert (
        f" or its proxy https://{HOST}:{proxy.port} ({setting.scheme}_proxy) could not be verified: " in failure.message
    )
    assert (proxy.requests, setting.requests) == ([], [])


def test_proxy_with_a_certificate_for_another_name_is_final(setting: Setting) -> None:
    """Nothing is sent to it."""
    tls = server_tls(setting.authority.issue("localhost"))
    with setting.serving() as url, running_proxy(tls) as proxy:
        failure = setting.failure(url, {f"{setting.scheme}_proxy": f"https://{HOST}:{proxy.port}"})

    assert (failure.code, failure.retryable, failure.outcome_unknown) == ("HostnameMismatch", False, False)
    assert (
        failure.message
        == f"the certificate of {url.split('/')[2]} or its proxy https://{HOST}:{proxy.port} ({setting.scheme}_proxy) is for "
        "another name"
    )
    assert (proxy.requests, setting.requests) == ([], [])


def test_proxy_that_speaks_no_tls_is_final(setting: Setting) -> None:
    """Most proxies are reached by http://, also for services that are not."""
    with setting.serving() as url, serving(lambda _: Answer(400, b"")) as proxy:
        failure = setting.failure(url, {f"{setting.scheme}_proxy": proxy.replace("http", "https")})

    assert (failure.code, failure.retryable) == ("NotTLS", False)
    assert failure.message.endswith(" does not speak TLS, though its URL starts with https")


def test_certificate_of_the_service_is_verified_behind_a_proxy(tls_setting: Setting, tmp_path: Path) -> None:
    """An inspecting proxy signs by itself, and its authority has to be known."""
    stranger = tmp_path / "stranger.pem"
    stranger.write_bytes(Authority(tmp_path / "stranger").pem)
    with tls_setting.serving() as url, running_proxy() as proxy:
        environ = {"https_proxy": f"http://{HOST}:{proxy.port}", "AWS_CA_BUNDLE": str(stranger)}
        failure = tls_setting.failure(url, environ)

    assert (failure.code, failure.retryable) == ("CAFileError", False)
    assert failure.message.startswith(f"the certificate of {url.split('/')[2]} could not be verified: ")


# What is no URL of a proxy


@pytest.mark.parametrize("value", ["socks5://user:password@proxy:1080", "http://us#er:password@proxy", "http://a b"])
def test_variable_that_names_no_proxy_is_refused_before_any_connection(setting: Setting, value: str) -> None:
    """The variable is named, and nothing in it is quoted."""
    with setting.serving() as url:
        failure = setting.failure(url, {f"{setting.scheme}_proxy": value})

    assert (failure.code, failure.retryable, failure.outcome_unknown) == ("ProxyURLError", False, False)
    assert failure.message.startswith(f"{setting.scheme}_proxy ")
    assert "us#er" not in failure.message
    assert setting.requests == []


@pytest.mark.parametrize("address", ["proxy:99999", "[:::]:3128", "[1.2.3.4]", "%zz"])
def test_proxy_with_an_impossible_address_is_refused_before_any_connection(setting: Setting, address: str) -> None:
    """What the library for HTTP says of it is not quoted: it repeats the URL."""
    with setting.serving() as url:
        failure = setting.failure(url, {f"{setting.scheme}_proxy": f"http://user:password@{address}"})

    assert (failure.code, failure.retryable, failure.outcome_unknown) == ("ProxyURLError", False, False)
    assert failure.message == f"{setting.scheme}_proxy names a host or a port that no proxy can have"
