"""A small HTTP server on loopback, in a thread."""

import http.client
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: Mapping[str, str]
    """The names are in title case, however the client wrote them: `X-Amz-Target`."""
    body: bytes
    port: int = 0
    """The client's port, which distinguishes its connections."""


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    pause: float = 0.0
    """Seconds between the first half of the body and the second."""
    broken_off: bool = False
    """Whether the connection is closed without the second half."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, *_: object) -> None:
        """Print nothing: tests disconnect clients on purpose."""


def answers(host: str, port: int, path: str) -> bool:
    """Whether a server at this address answers a request for `path`, whatever it says."""
    try:
        connection = http.client.HTTPConnection(host, port, timeout=5)
        connection.request("GET", path)
        connection.getresponse().read()
    except OSError:
        return False
    return True


@contextmanager
def serving(
    respond: Callable[[Request], Answer | None],
    port: int = 0,
    host: str = "127.0.0.1",
    tls: ssl.SSLContext | None = None,
) -> Iterator[str]:
    """Serve the answers of `respond`, each request in its own thread. None closes the connection without an answer."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _handle(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.title(): value for name, value in self.headers.items()}
            answer = respond(Request(self.command, self.path, headers, body, self.client_address[1]))
            if answer is None:
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body) or int(answer.broken_off)))
            self.end_headers()
            half = len(answer.body) // 2
            self.wfile.write(answer.body[:half])
            time.sleep(answer.pause)
            if answer.broken_off:
                self.close_connection = True
            else:
                self.wfile.write(answer.body[half:])

        do_GET = do_POST = _handle

        def log_message(self, *_: object) -> None:
            """Print nothing: the log belongs to the action."""

    server = _Server((host, port), Handler)
    if tls:
        # The handshake is left to the thread of the connection, so that no client keeps the others waiting.
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield f"{'https' if tls else 'http'}://{host}:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
