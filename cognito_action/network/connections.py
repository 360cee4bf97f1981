"""The connections of a step: to GitHub's token service, to STS and to Cognito, with the same proxies and certificates."""

import os
import ssl
from collections.abc import Mapping, Sequence
from functools import partial
from http import HTTPStatus
from importlib.util import find_spec
from threading import Lock
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import HTTPError, LocationParseError

from cognito_action.concurrency import MAX_CONCURRENT_CALLS
from cognito_action.errors import CA_FILE, NO_HOST, PROXY_URL, CallError
from cognito_action.network.answers import Answer, unreadable
from cognito_action.network.early_connections import EarlyConnections
from cognito_action.network.failures import failure, login_refused
from cognito_action.network.proxies import Proxy, ProxyUrlError, proxy_for
from cognito_action.network.route import Route

CA_VARIABLES = ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
"""Variables that name a file of certificate authorities in place of the public ones: the first that is set counts."""

CONTAINER_WORKSPACE = "/github/workspace"
"""What `GITHUB_WORKSPACE` is in the container that GitHub's runner starts for an action, and nowhere else."""

TIMEOUT = urllib3.Timeout(connect=5, read=15)
"""Seconds to connect, and between two pieces of an answer: Cognito may wait three times 5 s for a Lambda trigger."""

MAX_ANSWER = 16 << 20
"""Bytes of an answer: a page of `ListUsers` has at most 60 users with 50 attributes of 2 KiB."""

_LENGTHS = ("Content-Length", "Transfer-Encoding")
"""The headers that say where a body ends."""


class Network:
    """The connections of one step, from any thread, with one TLS context that is loaded once.

    `environ` names proxies (`proxy_for`) and certificate authorities (`CA_VARIABLES`). No redirect is followed: a
    request carries a token or a signature that is meant for one host. Nothing is retried.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self._ca_variable = next((name for name in CA_VARIABLES if environ.get(name)), "")
        self._ca_file = environ.get(self._ca_variable, "")
        self._in_container = environ.get("GITHUB_WORKSPACE") == CONTAINER_WORKSPACE
        self._managers: dict[tuple[Proxy | None, bool], urllib3.PoolManager] = {}
        self._lock = Lock()
        self._tls: ssl.SSLContext | None = None
        self._early = EarlyConnections()

    def open_early(self, urls: Sequence[str]) -> None:
        """Connect to the hosts of `urls` in the background, for the first request to each; none through a proxy.

        No request is made and no failure is told: the first request then connects for itself.
        """
        for url in urls:
            self._early.open(urlsplit(url).netloc, partial(self._direct_pool, url))

    def _direct_pool(self, url: str) -> urllib3.HTTPConnectionPool | None:
        route = self._route(url)
        return None if route.proxy else self._manager(route).connection_from_url(url)

    def send(
        self,
        operation: str,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | str | None = None,
        timeout: urllib3.Timeout = TIMEOUT,
    ) -> Answer:
        """Send one request, and return what answers, whoever that is; raises `CallError`."""
        if not _is_url(url):
            problem = "what should be the service's URL is not one of http:// or https://"
            raise CallError(operation, NO_HOST, problem, said="")
        try:
            route = self._route(url)
            manager = self._manager(route)
        except ProxyUrlError as error:
            raise CallError(operation, PROXY_URL, str(error), said="", variable=error.variable) from None
        except OSError as error:
            problem = f"{self._ca_variable} names {self._ca_file}, {_problem(error, in_container=self._in_container)}"
            raise CallError(operation, CA_FILE, problem, said="", variable=self._ca_variable) from None
        self._early.take(urlsplit(url).netloc)
        try:
            response = manager.request(
                method,
                url,
                body=body,
                headers=headers,
                timeout=timeout,
                retries=False,
                redirect=False,
                preload_content=False,
                decode_content=False,
            )
            body_received = _read(response)
        except (HTTPError, OSError, ValueError) as error:
            raise failure(operation, route, error) from None
        if body_received is None:
            raise unreadable(operation)
        answer = Answer(url, response.status, response.headers, body_received)
        if route.proxy and answer.status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
            raise login_refused(operation, route)
        return answer

    def _route(self, url: str) -> Route:
        """How a request gets there; raises `ProxyUrlError`."""
        return Route(url, proxy_for(url, self.environ), self._ca_variable, self._ca_file, self._in_container)

    def _manager(self, route: Route) -> urllib3.PoolManager:
        """The connections that a route can use.

        Raises `OSError` if there are no certificates to verify it with, and `ProxyUrlError`.
        """
        key = (route.proxy, route.encrypted)
        with self._lock:
            if route.encrypted and not self._tls:
                self._tls = _tls_context(self._ca_file or _public_authorities())
            if key not in self._managers:
                self._managers[key] = _new_manager(route.proxy, self._tls if route.encrypted else None)
            return self._managers[key]


def _is_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _read(response: urllib3.BaseHTTPResponse) -> bytes | None:
    """Read the whole body; None if that can't be told, or it is longer than any answer.

    Raises `HTTPError` if it is cut off. What ends within the headers looks like an answer without a body, but one that
    has none says so.
    """
    body = bytearray()
    for part in response.stream(1 << 16):
        body += part
        if len(body) > MAX_ANSWER:
            response.close()
            return None
    may_be_empty = response.status in (204, 304) or any(name in response.headers for name in _LENGTHS)
    return bytes(body) if body or may_be_empty else None


def _tls_context(ca_file: str) -> ssl.SSLContext:
    """Verify certificates and names as the SDK does; raises `OSError`.

    Python's own default is stricter since 3.13: it refuses what inspecting proxies sign without an Authority Key
    Identifier.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(ca_file)
    return context


def _public_authorities() -> str:
    """The authorities that the SDK brings with it; without importing it, since a token is fetched before that."""
    package = find_spec("botocore")
    return os.path.join(os.path.dirname(package.origin), "cacert.pem") if package and package.origin else ""


def _new_manager(proxy: Proxy | None, tls: ssl.SSLContext | None) -> urllib3.PoolManager:
    if not proxy:
        return urllib3.PoolManager(maxsize=MAX_CONCURRENT_CALLS, ssl_context=tls)
    try:
        return urllib3.ProxyManager(
            proxy.url,
            maxsize=MAX_CONCURRENT_CALLS,
            proxy_headers={"Proxy-Authorization": proxy.authorization} if proxy.authorization else {},
            ssl_context=tls,
            proxy_ssl_context=tls,
        )
    except LocationParseError:
        raise ProxyUrlError(proxy.variable, "names a host or a port that no proxy can have") from None


def _problem(error: OSError, *, in_container: bool) -> str:
    """What is wrong with a file of certificate authorities."""
    if isinstance(error, ssl.SSLError):
        return "which holds no certificates in PEM form"
    if isinstance(error, IsADirectoryError):
        return "which is a folder"
    if isinstance(error, FileNotFoundError):
        return "which is not in the action's container" if in_container else "which does not exist"
    return f"which can't be read: {error.strerror}"
