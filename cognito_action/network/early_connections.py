"""Connections that are open before there are requests for them.

urllib3 has no public way to do that. If it changes, each request connects for itself, and a test fails.
"""

from collections.abc import Callable
from concurrent.futures import Future, wait
from ssl import SSLWantReadError

from urllib3 import HTTPConnectionPool
from urllib3.connection import HTTPConnection

from cognito_action.concurrency import in_background

SECONDS = 2.0
"""To connect, and as many for TLS. Where a host does not answer, its first request waits no longer for this."""


class EarlyConnections:
    """Opens one connection to each of some hosts in the background. A failure is told to nobody."""

    def __init__(self) -> None:
        self._by_host: dict[str, Future[Callable[[], None]]] = {}

    def open(self, host: str, pool_of_host: Callable[[], HTTPConnectionPool | None]) -> None:
        """Connect to `host`, TLS included, if there is a pool for it; no request is made."""

        def connect() -> Callable[[], None]:
            pool = pool_of_host()
            connection = pool and _opened(pool)
            return lambda: _hand_over(connection, pool) if connection and pool else None

        self._by_host[host] = in_background(connect)

    def take(self, host: str) -> None:
        """Let the pool's next request have the connection, once it is open; for the first request to `host`."""
        early = self._by_host.pop(host, None)
        if early and wait([early], SECONDS).done and not early.exception():
            early.result()()


def _opened(pool: HTTPConnectionPool) -> HTTPConnection:
    connection: HTTPConnection = pool._get_conn()  # type: ignore[assignment] # noqa: SLF001
    connection.timeout = SECONDS
    try:
        connection.connect()
    except BaseException:
        connection.close()
        pool._put_conn(connection)  # noqa: SLF001
        raise
    return connection


def _hand_over(connection: HTTPConnection, pool: HTTPConnectionPool) -> None:
    """Put the connection where the next request looks; that request opens it again if it is closed.

    With TLS 1.3 a server sends session tickets after the handshake. They have to be read: urllib3 takes a connection
    with unread bytes for one that the server has closed.
    """
    if _is_closed_by_server(connection):
        connection.close()
    pool._put_conn(connection)  # noqa: SLF001


def _is_closed_by_server(connection: HTTPConnection) -> bool:
    connection.sock.settimeout(0)
    try:
        connection.sock.recv(1)
    except OSError as error:
        return not isinstance(error, BlockingIOError | SSLWantReadError)
    return True
