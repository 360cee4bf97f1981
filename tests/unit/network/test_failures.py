"""What fails on the way: each row of the table is provoked, and so is what is not in it."""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from urllib3.connection import HTTPConnection
from urllib3.exceptions import NameResolutionError, ProtocolError, ProxyError

from cognito_action.errors import CONNECTION_CODES, CallError
from cognito_action.network.connections import Network
from cognito_action.network.failures import FINAL, Final, Route, failure
from cognito_action.network.proxies import Proxy
from tests.support.certificates import Authority
from tests.support.sockets import listening, refusing, running_proxy, server_tls
from tools.emulator.http import Answer, serving

HOST = "127.0.0.1"


@dataclass
class Provoked:
    """Where a request is to go, and with what in the environment."""

    url: str
    environ: dict[str, str]


@contextmanager
def certificate_for_another_name(folder: Path) -> Iterator[Provoked]:
    authority = Authority(folder / "authority")
    (folder / "trusted.pem").write_bytes(authority.pem)
    with serving(lambda _: Answer(200, b""), tls=server_tls(authority.issue("localhost"))) as url:
        yield Provoked(url, {"AWS_CA_BUNDLE": str(folder / "trusted.pem")})


@contextmanager
def certificate_of_a_stranger(folder: Path) -> Iterator[Provoked]:
    with serving(lambda _: Answer(200, b""), tls=server_tls(Authority(folder / "stranger").issue(HOST))) as url:
        yield Provoked(url, {})


@contextmanager
def no_tls(_: Path) -> Iterator[Provoked]:
    with serving(lambda _: Answer(200, b"")) as url:
        yield Provoked(url.replace("http", "https"), {})


@contextmanager
def proxy_that_refuses(_: Path) -> Iterator[Provoked]:
    with running_proxy(refusal=refusing(407)) as proxy:
        yield Provoked("https://sts.eu-central-1.amazonaws.com/", {"https_proxy": f"http://{HOST}:{proxy.port}"})


@contextmanager
def unknown_host(_: Path) -> Iterator[Provoked]:
    """No resolver is asked for this one."""
    yield Provoked("http://no!such/", {})


@contextmanager
def impossible_host(_: Path) -> Iterator[Provoked]:
    yield Provoked(f"http://{'a' * 64}.amazonaws.com/", {})


PROVOCATIONS = (
    (certificate_for_another_name, "HostnameMismatch", " is for another name"),
    (certificate_of_a_stranger, "TLSError", " could not be verified: "),
    (no_tls, "NetworkError", " does not speak TLS, though its URL starts with https"),
    (
        proxy_that_refuses,
        "ProxyError",
        " (https_proxy) answered 407 to the connection to sts.eu-central-1.amazonaws.com",
    ),
    (unknown_host, "NetworkError", "there is no such host: no!such"),
    (impossible_host, "NetworkError", f"{'a' * 64}.amazonaws.com is not the host of a URL"),
)


def failed(provoked: Provoked) -> CallError:
    with pytest.raises(CallError) as caught:
        Network(provoked.environ).send("TheCall", "GET", provoked.url, {})
    assert caught.value.operation == "TheCall"
    return caught.value


@pytest.mark.parametrize(
    ("row", "provocation"),
    list(zip(FINAL, PROVOCATIONS, strict=True)),
    ids=[each.__name__ for each, *_ in PROVOCATIONS],
)
def test_each_row_of_the_table_is_final(
    tmp_path: Path, row: Final, provocation: tuple[Callable[[Path], Provoked], str, str]
) -> None:
    """It has its code, says what is in the way, and left nothing behind unless TLS may have broken later."""
    provoke, code, text = provocation

    with provoke(tmp_path) as provoked:  # type: ignore[attr-defined]
        error = failed(provoked)

    assert error.code == row.code == code
    assert text in error.message
    assert (error.retryable, error.outcome_unknown, error.unanswered) == (False, row.sent, row.sent)
    assert error.code in CONNECTION_CODES


def test_each_row_has_a_reason() -> None:
    """Whoever adds one says why another try can't succeed."""
    assert all(len(row.because.split()) > 4 for row in FINAL)


# The host, and its proxies


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_proxy_that_does_not_exist_is_final(scheme: str) -> None:
    """The name is the proxy's, not the service's."""
    error = failed(Provoked(f"{scheme}://127.0.0.1:1/", {f"{scheme}_proxy": "http://user:password@no!such:3128"}))

    assert (error.code, error.retryable, error.outcome_unknown) == ("NetworkError", False, False)
    assert error.message == "there is no such host: http://no!such:3128"


def test_user_in_the_url_of_a_service_is_not_shown() -> None:
    """An endpoint can be written like that, and its password belongs to no log."""
    route = Route("https://user:pass@word@example.com:8443/path?query", None, "", "")

    assert (route.host, str(route)) == ("example.com:8443", "example.com:8443")


def test_route_names_the_proxy_and_its_variable() -> None:
    """Whoever reads it knows where to look."""
    route = Route("http://example.com/", Proxy("https://proxy:3128", "HTTP_PROXY"), "", "")

    assert str(route) == "example.com through the proxy https://proxy:3128 (HTTP_PROXY)"


@pytest.mark.parametrize(
    ("url", "proxy", "encrypted"),
    [
        ("http://a/", None, False),
        ("https://a/", None, True),
        ("HTTPS://a/", None, True),
        ("http://a/", "http://p", False),
        ("http://a/", "https://p", True),
        ("https://a/", "http://p", True),
    ],
)
def test_way_is_encrypted_if_a_part_of_it_is(url: str, proxy: str | None, *, encrypted: bool) -> None:
    """Only then are authorities needed."""
    assert Route(url, Proxy(proxy, "https_proxy") if proxy else None, "", "").encrypted is encrypted


# What is not final


def read(error: Exception, proxy: Proxy | None = None) -> CallError:
    """The failure for an exception."""
    return failure("TheCall", Route("https://example.com/", proxy, "", ""), error)


def unresolved(number: int) -> NameResolutionError:
    """What urllib3 raises if the resolver says this."""
    said = socket.gaierror(number, "what it said")
    error = NameResolutionError("example.com", HTTPConnection("example.com"), said)
    error.__cause__ = said
    return error


@pytest.mark.parametrize("number", [socket.EAI_AGAIN, socket.EAI_FAIL, socket.EAI_NODATA])
def test_resolver_that_does_not_know_can_be_asked_again(number: int) -> None:
    """That is not the same as a name that does not exist, and no request was sent."""
    error = read(unresolved(number))

    assert (error.code, error.retryable, error.outcome_unknown) == ("NetworkError", True, False)
    assert error.message == "example.com: the name could not be resolved"


def test_name_that_does_not_exist_is_final_however_it_is_wrapped() -> None:
    """The library keeps the resolver's word as the cause, or in the arguments of an error about the proxy."""
    known = unresolved(socket.EAI_NONAME)

    assert not read(known).retryable
    assert not read(ProxyError("Unable to connect to proxy", known)).retryable
    assert not read(ProtocolError("Connection aborted.", known.__cause__)).retryable


def test_cause_that_is_its_own_cause_is_read_once() -> None:
    """No chain of exceptions keeps a step busy."""
    error = ProtocolError("Connection aborted.")
    error.__cause__ = OSError(error)

    assert read(error).message == "example.com: the connection broke (OSError)"


@pytest.mark.parametrize("end", [b"", b"\x15\x03\x03\x00\x02\x02\x28"])
def test_handshake_that_breaks_can_be_tried_again(end: bytes) -> None:
    """A server that hangs up, or is at the end of its means, may do better a moment later."""

    def handle(connection: socket.socket) -> None:
        connection.recv(1)
        connection.sendall(end)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(1 << 16):
            pass

    with listening(handle) as port:
        error = failed(Provoked(f"https://{HOST}:{port}/", {}))

    assert (error.code, error.retryable) == ("NetworkError", True)
    assert error.message.startswith(f"{HOST}:{port}: TLS failed: ")


def test_service_that_wants_a_certificate_can_be_tried_again(tmp_path: Path) -> None:
    """The action has none, but a proxy that wants one may be left out for this host by then."""
    authority = Authority(tmp_path / "authority")
    (tmp_path / "trusted.pem").write_bytes(authority.pem)
    tls = server_tls(authority.issue(HOST))
    tls.verify_mode = ssl.CERT_REQUIRED
    tls.load_verify_locations(tmp_path / "trusted.pem")
    with listening(lambda connection: connection.recv(1), tls) as port:
        error = failed(Provoked(f"https://{HOST}:{port}/", {"AWS_CA_BUNDLE": str(tmp_path / "trusted.pem")}))

    assert (error.code, error.retryable, error.outcome_unknown) == ("NetworkError", True, True)


def test_what_the_library_says_of_a_proxy_is_never_quoted() -> None:
    """Its messages hold whatever it took for the proxy's host."""
    proxy = Proxy("http://proxy:3128", "http_proxy", "Basic c2VjcmV0")

    error = read(ProxyError("Unable to connect to secret", ProtocolError("secret")), proxy)

    assert (
        error.message
        == "example.com through the proxy http://proxy:3128 (http_proxy): the connection broke (ProtocolError)"
    )
    assert "c2VjcmV0" not in repr(proxy)
