"""A connection that ends after the request: whether it went through a proxy or not, the request may have taken effect."""

import socket
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from cognito_action.errors import FOREIGN_ANSWER, NETWORK, NOT_TLS, CallError
from cognito_action.network.connections import Network
from tests.support.sockets import head_of, listening, running_proxy, server_tls
from tools.emulator.certificates import Authority

BODY = b"{}"


def closing(_: socket.socket) -> None:
    """Close the connection."""


def resetting(connection: socket.socket) -> None:
    """Have the other side see that it was reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def half_a_head(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Le")


def half_a_body(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")


def no_http(connection: socket.socket) -> None:
    connection.sendall(b"rubbish\r\n\r\n")


def request_of(connection: socket.socket) -> bytes:
    """Read a whole request: closing a connection with unread data resets it, which can discard the answer."""
    head = head_of(connection)
    connection.recv(len(BODY))
    return head


ENDINGS = [closing, resetting, half_a_head, half_a_body, no_http]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def trusted(authority: Authority, tmp_path: Path) -> str:
    """A file with the authority's certificate."""
    path = tmp_path / "trusted.pem"
    path.write_bytes(authority.pem)
    return str(path)


@pytest.mark.parametrize("through_proxy", [False, True])
@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("ending", ENDINGS)
def test_request_that_was_sent_may_have_taken_effect(
    authority: Authority, trusted: str, ending: Callable[[socket.socket], None], scheme: str, *, through_proxy: bool
) -> None:
    """Nothing that comes back proves that it did not; the only proof would be the service's own refusal."""
    received: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        received.append(request_of(connection))
        ending(connection)

    tls = server_tls(authority.issue("127.0.0.1")) if scheme == "https" else None
    with listening(serve, tls) as port, running_proxy() as proxy:
        environ = {"AWS_CA_BUNDLE": trusted}
        if through_proxy:
            environ[f"{scheme}_proxy"] = f"http://127.0.0.1:{proxy.port}"
        network = Network(environ)
        with pytest.raises(CallError) as caught:
            network.send("AdminCreateUser", "POST", f"{scheme}://127.0.0.1:{port}/", {}, BODY)

    # Half a head looks like a whole one without a body.
    code = FOREIGN_ANSWER if ending is half_a_head else NETWORK
    assert received
    assert bool(proxy.requests) is through_proxy
    assert (caught.value.code, caught.value.outcome_unknown, caught.value.unanswered) == (code, True, True)


def test_service_that_falls_back_from_tls_may_have_carried_out_the_request(authority: Authority, trusted: str) -> None:
    """What is wrong with the URL if it comes first proves nothing after the request."""

    def serve(connection: socket.socket) -> None:
        request_of(connection)
        with socket.socket(fileno=connection.detach()) as raw:
            raw.sendall(b"HTTP/1.1 502 Bad Gateway\r\n\r\n")

    with listening(serve, server_tls(authority.issue("127.0.0.1"))) as port:
        network = Network({"AWS_CA_BUNDLE": trusted})
        with pytest.raises(CallError) as caught:
            network.send("AdminCreateUser", "POST", f"https://127.0.0.1:{port}/", {}, BODY)

    assert (caught.value.code, caught.value.outcome_unknown, caught.value.unanswered) == (NOT_TLS, True, True)
