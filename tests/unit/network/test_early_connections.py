"""A connection that is opened early: the pool's next request uses it. If urllib3 changes, these tests fail."""

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest
import urllib3

from cognito_action.errors import CallError
from cognito_action.network.connections import Network
from cognito_action.network.early_connections import SECONDS, EarlyConnections
from tests.support.sockets import closed_port, head_of, listening, running_proxy, server_tls
from tools.emulator.certificates import Authority

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


class Service:
    """Answers one request on each connection, and counts both.

    Args:
        closes: whether it closes each connection before there is a request.
    """

    def __init__(self, *, closes: bool = False) -> None:
        self.connections = 0
        self.requests = 0
        self.connected = Event()
        self.closed = Event()
        self._closes = closes

    def __call__(self, connection: socket.socket) -> None:
        """Handle a connection, whose TLS is established."""
        self.connections += 1
        self.connected.set()
        if self._closes and self.connections == 1:
            connection.close()
            self.closed.set()
        elif head_of(connection):
            self.requests += 1
            connection.sendall(ANSWER)


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "authority")


@pytest.fixture
def trusting(authority: Authority, tmp_path: Path) -> dict[str, str]:
    """The environment of a step that trusts the authority."""
    (tmp_path / "trusted.pem").write_bytes(authority.pem)
    return {"AWS_CA_BUNDLE": str(tmp_path / "trusted.pem")}


def test_next_request_uses_the_connection(service: Service) -> None:
    """It is the only one, and was there before the request."""
    with listening(service) as port:
        network = Network({})
        network.open_early([f"http://127.0.0.1:{port}"])
        assert service.connected.wait(5)
        assert service.requests == 0

        answer = network.send("TheCall", "GET", f"http://127.0.0.1:{port}/", {})

    assert answer.body == b"ok"
    assert (service.connections, service.requests) == (1, 1)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_next_request_uses_the_connection_of_each_version_of_tls(
    service: Service, authority: Authority, trusting: dict[str, str], version: ssl.TLSVersion
) -> None:
    """With TLS 1.3 the server has sent something by then, which is no answer. A second request opens its own."""
    context = server_tls(authority.issue("127.0.0.1"))
    context.minimum_version = context.maximum_version = version
    with listening(service, context) as port:
        network = Network(trusting)
        network.open_early([f"https://127.0.0.1:{port}"])
        assert service.connected.wait(5)

        answers = [network.send("TheCall", "GET", f"https://127.0.0.1:{port}/{n}", {}) for n in range(2)]

    assert [answer.body for answer in answers] == [b"ok", b"ok"]
    assert (service.connections, service.requests) == (2, 2)


def test_connection_that_the_server_has_closed_is_opened_again(authority: Authority, trusting: dict[str, str]) -> None:
    """As it does with one that no request came on in time."""
    service = Service(closes=True)
    with listening(service, server_tls(authority.issue("127.0.0.1"))) as port:
        network = Network(trusting)
        network.open_early([f"https://127.0.0.1:{port}"])
        assert service.closed.wait(5)

        answer = network.send("TheCall", "GET", f"https://127.0.0.1:{port}/", {})

    assert (answer.body, service.connections, service.requests) == (b"ok", 2, 1)


def test_no_request_is_made_and_no_failure_is_told(service: Service, authority: Authority) -> None:
    """The request that comes later meets what there is to tell: here, an authority that no one trusts."""
    with listening(service, server_tls(authority.issue("127.0.0.1"))) as port:
        network = Network({})
        network.open_early([f"https://127.0.0.1:{port}"])
        with pytest.raises(CallError) as caught:
            network.send("TheCall", "GET", f"https://127.0.0.1:{port}/", {})

    assert caught.value.code == "TLSError"
    assert service.requests == 0


@pytest.mark.parametrize("early", [True, False])
def test_failure_leaves_the_pool_as_it_was(*, early: bool) -> None:
    """All its connections are there for requests, as many as without one that was opened early."""
    connections = EarlyConnections()
    with closed_port() as port, urllib3.HTTPConnectionPool("127.0.0.1", port, maxsize=3) as pool:
        if early:
            connections.open("host", lambda: pool)
        connections.take("host")

        assert pool.pool is not None
        assert pool.pool.qsize() == 3


def test_request_does_not_wait_long_for_a_host_that_is_silent() -> None:
    """It then connects for itself; `SECONDS` bounds what this costs."""
    with silent_host() as (port, is_tried):
        pool = urllib3.HTTPSConnectionPool("127.0.0.1", port)
        connections = EarlyConnections()
        connections.open("host", lambda: pool)
        assert is_tried(5)

        started = time.monotonic()
        connections.take("host")
        elapsed = time.monotonic() - started

    assert elapsed < 2 * SECONDS


def test_nothing_is_opened_where_a_proxy_is_set(service: Service) -> None:
    """Neither past the proxy nor to it; a variable that is no URL of a proxy is told by the request alone."""
    with listening(service) as port, running_proxy() as proxy:
        network = Network({"http_proxy": f"http://127.0.0.1:{proxy.port}"})
        network.open_early([f"http://127.0.0.1:{port}"])
        broken = Network({"http_proxy": "no proxy at all"})
        broken.open_early([f"http://127.0.0.1:{port}"])
        with pytest.raises(CallError) as caught:
            broken.send("TheCall", "GET", f"http://127.0.0.1:{port}/", {})

        assert not service.connected.wait(0.3)
        assert proxy.requests == []
        assert caught.value.code == "ProxyURLError"


@contextmanager
def silent_host() -> Iterator[tuple[int, Callable[[float], bool]]]:
    """The port of a service that accepts connections and says nothing, and what waits for the first one."""
    connected, ended = Event(), Event()

    def handle(_: socket.socket) -> None:
        connected.set()
        ended.wait(30)

    with listening(handle) as port:
        yield port, connected.wait
        ended.set()
