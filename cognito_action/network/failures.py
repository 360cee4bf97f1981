"""What can fail on the way to a service, and which of it is final."""

import re
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from urllib3.exceptions import ConnectTimeoutError, LocationValueError, NewConnectionError
from urllib3.exceptions import TimeoutError as Urllib3TimeoutError

from cognito_action.errors import CA_FILE, HOSTNAME, NETWORK, PROXY, TLS, CallError
from cognito_action.network.proxies import Proxy

_NEVER_SENT = (NewConnectionError, ConnectTimeoutError)
"""What urllib3 raises before there is a connection, so that no request was on it. (Not `ProxyError`: it wraps whatever
closes a connection through a proxy, also after the request.)"""

_TUNNEL_REFUSED = re.compile("Tunnel connection failed: ([0-9]{3})")
"""How Python's `http.client` puts a proxy's refusal of `CONNECT`."""

_HOSTNAME_CODES = (62, 64)
"""OpenSSL's `X509_V_ERR_HOSTNAME_MISMATCH` and `X509_V_ERR_IP_ADDRESS_MISMATCH`."""

_NOT_TLS = re.compile("WRONG_VERSION_NUMBER|HTTP_REQUEST|UNKNOWN_PROTOCOL|PACKET_LENGTH_TOO_LONG|RECORD_LAYER_FAILURE")
"""OpenSSL's reasons if the first bytes of the other side are not TLS."""


@dataclass(frozen=True)
class Route:
    """The way to a service: whom a request is for, and what is between."""

    url: str
    proxy: Proxy | None
    ca_variable: str
    """The variable that names the certificate authorities, empty if these are the public ones."""
    ca_file: str

    @property
    def host(self) -> str:
        """The host of the service, with the port if the URL names one."""
        return urlsplit(self.url).netloc.rpartition("@")[2]

    @property
    def encrypted(self) -> bool:
        """Whether the service, or the proxy itself, is reached by TLS."""
        return urlsplit(self.url).scheme == "https" or self.proxy_encrypted

    @property
    def proxy_encrypted(self) -> bool:
        """Whether a proxy is between, and is itself reached by TLS."""
        return self.proxy is not None and self.proxy.url.startswith("https:")

    def __str__(self) -> str:
        """As an error shows it."""
        return f"{self.host} through {_proxy(self)}" if self.proxy else self.host


@dataclass(frozen=True)
class Final:
    """A failure that would be the same a moment later."""

    code: str
    matches: Callable[[BaseException], bool]
    says: Callable[[Route, BaseException], str]
    because: str
    """Why another try can't succeed."""
    sent: bool = False
    """Whether the request may have been sent before: then it is final, and its outcome is unknown."""


def _status_of(error: BaseException) -> str:
    """The status with which a proxy refused a tunnel, empty if that is not what happened."""
    found = _TUNNEL_REFUSED.search(str(error)) if isinstance(error, OSError) else None
    return found[1] if found else ""


def _certificate_error(*codes: int) -> Callable[[BaseException], bool]:
    """Whether a certificate was refused, for one of these reasons if there are any."""
    return lambda error: isinstance(error, ssl.SSLCertVerificationError) and (not codes or error.verify_code in codes)


FINAL: Sequence[Final] = (
    Final(
        HOSTNAME,
        _certificate_error(*_HOSTNAME_CODES),
        lambda route, _: f"the certificate of {_who(route)} is for another name",
        "whoever answers there would show the same certificate",
    ),
    Final(
        TLS,
        _certificate_error(),
        lambda route, error: f"the certificate of {_who(route)} could not be verified: {error.verify_message}",  # type: ignore[attr-defined]
        "the certificate and the authorities are the same at the next try",
    ),
    Final(
        NETWORK,
        lambda error: isinstance(error, ssl.SSLError) and bool(_NOT_TLS.search(str(error.reason))),
        lambda route, _: f"{_who(route)} does not speak TLS, though its URL starts with https",
        "the URL stays the same, and with it the protocol",
        sent=True,
    ),
    Final(
        PROXY,
        lambda error: _status_of(error) in ("401", "403", "404", "405", "407", "501"),
        lambda route, error: f"{_proxy(route)} answered {_status_of(error)} to the connection to {route.host}",
        "the proxy wants other credentials, or does not serve this host; 5xx and 429 can change",
    ),
    Final(
        NETWORK,
        lambda error: isinstance(error, socket.gaierror) and error.errno == socket.EAI_NONAME,
        lambda route, _: f"there is no such host: {route.proxy.url if route.proxy else route.host}",
        "the resolver knows that the name does not exist, unlike one that does not answer (`EAI_AGAIN`)",
    ),
    Final(
        NETWORK,
        lambda error: isinstance(error, LocationValueError),
        lambda route, _: f"{route} is not the host of a URL",
        "the URL stays the same",
    ),
)
"""Which failures are not retried. A file of certificate authorities that can't be read, and a variable that is not the
URL of a proxy, are refused before there is a connection."""


def failure(operation: str, route: Route, error: Exception) -> CallError:
    """Read an exception of urllib3 or of what is below it; what it says of a proxy is never quoted."""
    causes = list(_causes(error))
    for final in FINAL:
        for cause in causes:
            if final.matches(cause):
                return _final(operation, route, final, cause)
    sent = not any(isinstance(cause, _NEVER_SENT) or _status_of(cause) for cause in causes)
    text = f"{route}: {_own_words(causes)}"
    return CallError(operation, NETWORK, text, retryable=True, outcome_unknown=sent, unanswered=sent, said="")


def _final(operation: str, route: Route, final: Final, cause: BaseException) -> CallError:
    text = final.says(route, cause)
    if final.code == TLS and route.ca_variable:
        return CallError(operation, CA_FILE, f"{text}; {route.ca_variable} names {route.ca_file}", said="")
    return CallError(operation, final.code, text, outcome_unknown=final.sent, unanswered=final.sent, said="")


def _who(route: Route) -> str:
    """Who can be at the other end of TLS: the service, or a proxy that is itself reached by TLS."""
    return f"{route.host} or its proxy {route.proxy.url}" if route.proxy and route.proxy_encrypted else route.host


def _proxy(route: Route) -> str:
    return f"the proxy {route.proxy.url} ({route.proxy.variable})" if route.proxy else "a proxy"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and those that it wraps: urllib3 keeps them as an argument, an attribute or the cause."""
    seen: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, BaseException) and one not in seen:
            seen.append(one)
            yield one
            waiting += [*one.args, getattr(one, "original_error", None), one.__cause__]


def _own_words(causes: Sequence[BaseException]) -> str:
    """What happened, in words of the system or of OpenSSL if there are any."""
    for cause in causes:
        if status := _status_of(cause):
            return f"the proxy answered {status}"
        if isinstance(cause, socket.gaierror):
            return "the name could not be resolved"
        if isinstance(cause, ssl.SSLError) and cause.reason:
            return f"TLS failed: {cause.reason}"
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror
    if any(isinstance(cause, Urllib3TimeoutError) for cause in causes):
        return "no answer in time"
    return f"the connection broke ({type(causes[-1]).__name__})"
