"""A network between two sides on this machine: it takes its time, or lets only so much through."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from queue import SimpleQueue
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Lock, Thread

CHUNK = 1 << 16


@dataclass
class Line:
    """What all connections of a relay share.

    Args:
        round_trip: seconds for a packet to the other side and back.
        bits_per_second: the most that arrives from there; 0 is no limit. What is sent there has none.
    """

    round_trip: float = 0.0
    bits_per_second: float = 0.0
    _free_at: float = 0.0
    _lock: Lock = field(default_factory=Lock)

    def arrival(self, length: int) -> float:
        """When what is sent now, `length` bytes of it, has arrived, in the time of `time.monotonic`."""
        now = time.monotonic()
        if self.bits_per_second:
            with self._lock:
                now = self._free_at = max(self._free_at, now) + 8 * length / self.bits_per_second
        return now + self.round_trip / 2


class _Server(ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64


@contextmanager
def relay(address: tuple[str, int], upstream: tuple[str, int], line: Line) -> Iterator[tuple[str, int]]:
    """Pass connections on to `upstream` and yield where it listens; port 0 is any.

    The kernel accepts a connection at once, so the round trip of its handshake is added to that of its first bytes.
    """

    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            time.sleep(line.round_trip)
            with suppress(OSError), socket.create_connection(upstream) as there:
                for each in (self.request, there):
                    each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                back = Thread(target=_pass_on, args=(there, self.request, line), daemon=True)
                back.start()
                _pass_on(self.request, there, Line(line.round_trip))
                back.join()

    with _Server(address, Handler) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield server.server_address[:2]  # type: ignore[misc]
        server.shutdown()


def _pass_on(source: socket.socket, target: socket.socket, line: Line) -> None:
    """Pass on what comes until the source ends, each piece when it would have arrived."""
    on_the_way: SimpleQueue[tuple[float, bytes]] = SimpleQueue()
    writer = Thread(target=_deliver, args=(on_the_way, target), daemon=True)
    writer.start()
    data = b"."
    while data:
        try:
            data = source.recv(CHUNK)
        except OSError:
            data = b""
        on_the_way.put((line.arrival(len(data)), data))
    writer.join()


def _deliver(on_the_way: "SimpleQueue[tuple[float, bytes]]", target: socket.socket) -> None:
    while True:
        due, data = on_the_way.get()
        time.sleep(max(due - time.monotonic(), 0))
        with suppress(OSError):
            if not data:
                target.shutdown(socket.SHUT_WR)
                return
            target.sendall(data)
