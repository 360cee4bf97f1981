"""What fails on the way, and can be tried again."""

import socket
import ssl
from pathlib import Path

import pytest
from urllib3.connection import HTTPConnection
from urllib3.exceptions import NameResolutionError, ProtocolError, ProxyError

from cognito_action.errors import CallError
from cognito_action.network.connections import Network
from cognito_action.network.failures import failure
from cognito_action.network.proxies import Proxy
from cognito_action.network.route import Route
from tests.support.sockets import listening, server_tls
from tools.emulator.certificates import Authority

HOST = "127.0.0.1"


def failed(url: str, environ: dict[str, str]) -> CallError:
    """The failure of a request."""
    with pytest.raises(CallError) as caught:
        Network(environ).send("TheCall", "GET", url, {})
    return caught.value


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
        error = failed(f"https://{HOST}:{port}/", {})

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
        error = failed(f"https://{HOST}:{port}/", {"AWS_CA_BUNDLE": str(tmp_path / "trusted.pem")})

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
