"""Plain sockets on loopback: servers that break rules, proxies, and TLS with certificates of the test's own."""

import select
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread
from urllib.parse import urlsplit

Handle = Callable[[socket.socket], object]


class _Server(ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256


@contextmanager
def listening(handle: Handle, tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """Hand each connection to `handle`, in a thread of its own, and yield the port; what it returns from is closed."""

    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):  # the other side may be gone, or refuse the certificate
                if tls:
                    self.request = tls.wrap_socket(self.request, server_side=True)
                handle(self.request)

    with _Server(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@contextmanager
def closed_port() -> Iterator[int]:
    """A port at which nothing listens, and which nothing else gets."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        yield reserved.getsockname()[1]


def server_tls(certificate: Path) -> ssl.SSLContext:
    """What a server with this certificate speaks TLS with."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def head_of(connection: socket.socket) -> bytes:
    """Read a request up to its body."""
    head = b""
    while b"\r\n\r\n" not in head and (part := connection.recv(1)):
        head += part
    return head


def saying(data: bytes) -> Handle:
    """A server that answers each HTTP request with `data`, and closes the connection."""

    def handle(connection: socket.socket) -> None:
        head_of(connection)
        connection.sendall(data)

    return handle


@dataclass
class ProxyServer:
    """A running proxy, and what it was asked for."""

    port: int = 0
    refusal: bytes = b""
    """What it answers to every request, instead of passing it on."""
    service: int = 0
    """The port on loopback of whoever answers in place of each host."""
    requests: list[str] = field(default_factory=list)
    """The first two words of each request: the method and whom it is for."""
    heads: list[str] = field(default_factory=list)
    """All of what came before each body."""

    @property
    def authorizations(self) -> list[str]:
        """The values of the header that names user and password, one for each request that has it."""
        lines = [line for head in self.heads for line in head.split("\r\n")]
        return [line.partition(": ")[2] for line in lines if line.lower().startswith("proxy-authorization:")]

    def handle(self, connection: socket.socket) -> None:
        head = head_of(connection)
        method, target = head.decode("latin-1").split(" ", 2)[:2]
        self.requests.append(f"{method} {target}")
        self.heads.append(head.decode("latin-1"))
        if self.refusal:
            connection.sendall(self.refusal)
            return
        host, _, port = (target if method == "CONNECT" else urlsplit(target).netloc).rpartition(":")
        if self.service:
            host, port = "127.0.0.1", str(self.service)
        with socket.create_connection((host, int(port))) as service:
            if method == "CONNECT":
                connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                service.sendall(head)
            _relay(connection, service)


@contextmanager
def running_proxy(tls: ssl.SSLContext | None = None, refusal: bytes = b"", service: int = 0) -> Iterator[ProxyServer]:
    """Run a proxy; with `tls` it is itself reached by TLS."""
    proxy = ProxyServer(refusal=refusal, service=service)
    with listening(proxy.handle, tls) as proxy.port:
        yield proxy


def refusing(status: int, reason: str = "No") -> bytes:
    """A proxy's refusal, with a page."""
    return f"HTTP/1.1 {status} {reason}\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nno".encode()


def _relay(one: socket.socket, other: socket.socket) -> None:
    """Pass on what each side sends until one of them ends."""
    ways = {one: other, other: one}
    while True:
        # What TLS has decrypted already is not at the socket any more.
        waiting = [side for side in ways if isinstance(side, ssl.SSLSocket) and side.pending()]
        for side in waiting or select.select([*ways], [], [])[0]:
            data = side.recv(1 << 16)
            if not data:
                return
            ways[side].sendall(data)
