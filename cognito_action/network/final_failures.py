"""Which failures on the way to a service are final: one table, with a reason for each."""

import re
import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from urllib3.exceptions import LocationValueError

from cognito_action.errors import (
    CERTIFICATE_DATE,
    HOSTNAME,
    NO_HOST,
    NOT_A_PROXY,
    NOT_TLS,
    OWN_CONTAINER,
    PROXY,
    PROXY_LOGIN,
    TLS,
)
from cognito_action.network.route import Route

_TUNNEL_REFUSED = re.compile("Tunnel connection failed: ([0-9]{3})")
"""How Python's `http.client` puts a proxy's refusal of `CONNECT`."""

_HOSTNAME_CODES = (62, 64)
"""OpenSSL's `X509_V_ERR_HOSTNAME_MISMATCH` and `X509_V_ERR_IP_ADDRESS_MISMATCH`."""

_DATE_CODES = (9, 10)
"""OpenSSL's `X509_V_ERR_CERT_NOT_YET_VALID` and `X509_V_ERR_CERT_HAS_EXPIRED`."""

_NOT_TLS = re.compile("WRONG_VERSION_NUMBER|HTTP_REQUEST|UNKNOWN_PROTOCOL|PACKET_LENGTH_TOO_LONG|RECORD_LAYER_FAILURE")
"""OpenSSL's reasons if the first bytes of the other side are not TLS."""


@dataclass(frozen=True)
class Final:
    """A failure that would be the same a moment later."""

    code: str
    matches: Callable[[Route, BaseException], bool]
    says: Callable[[Route, BaseException], str]
    because: str
    """Why another try can't succeed."""
    sent: bool = False
    """Whether the request may have been sent before: then it is final, and its outcome is unknown."""


def status_of(error: BaseException) -> str:
    """The status with which a proxy refused a tunnel, empty if that is not what happened."""
    found = _TUNNEL_REFUSED.search(str(error)) if isinstance(error, OSError) else None
    return found[1] if found else ""


def _certificate_error(*codes: int) -> Callable[[Route, BaseException], bool]:
    """Whether a certificate was refused, for one of these reasons if there are any."""
    return lambda _, error: (
        isinstance(error, ssl.SSLCertVerificationError) and (not codes or error.verify_code in codes)
    )


def _tunnel_refused(*statuses: str) -> Callable[[Route, BaseException], bool]:
    """Whether a proxy refused a tunnel with one of these statuses."""
    return lambda _, error: status_of(error) in statuses


def _says_tunnel_refused(route: Route, error: BaseException) -> str:
    return f"the proxy {route.first_hop} answered {status_of(error)} to the connection to {route.host}"


def _says_not_verified(route: Route, error: BaseException) -> str:
    return f"the certificate of {_who(route)} could not be verified: {getattr(error, 'verify_message', '')}"


def _who(route: Route) -> str:
    """Who can be at the other end of TLS: the service, or a proxy that is itself reached by TLS."""
    return f"{route.host} or its proxy {route.first_hop}" if route.proxy_encrypted else route.host


FINAL: Sequence[Final] = (
    Final(
        HOSTNAME,
        _certificate_error(*_HOSTNAME_CODES),
        lambda route, _: f"the certificate of {_who(route)} is for another name",
        "whoever answers there would show the same certificate",
    ),
    Final(
        CERTIFICATE_DATE,
        _certificate_error(*_DATE_CODES),
        _says_not_verified,
        "neither the certificate nor the clock is another one at the next try",
    ),
    Final(
        TLS,
        _certificate_error(),
        _says_not_verified,
        "the certificate and the authorities are the same at the next try",
    ),
    Final(
        NOT_TLS,
        lambda _, error: isinstance(error, ssl.SSLError) and bool(_NOT_TLS.search(str(error.reason))),
        lambda route, _: f"{_who(route)} does not speak TLS, though its URL starts with https",
        "the URL stays the same, and with it the protocol",
        sent=True,
    ),
    Final(
        PROXY_LOGIN,
        _tunnel_refused("401", "407"),
        _says_tunnel_refused,
        "the proxy wants another user or password than the variable has",
    ),
    Final(
        PROXY,
        _tunnel_refused("403"),
        _says_tunnel_refused,
        "the proxy does not serve this host; 5xx and 429 can change",
    ),
    Final(
        NOT_A_PROXY,
        _tunnel_refused("404", "405", "501"),
        _says_tunnel_refused,
        "what the variable names is a web server, which takes no tunnels",
    ),
    Final(
        NO_HOST,
        lambda _, error: isinstance(error, socket.gaierror) and error.errno == socket.EAI_NONAME,
        lambda route, _: f"there is no such host: {route.first_hop}",
        "the resolver knows that the name does not exist, unlike one that does not answer (`EAI_AGAIN`)",
    ),
    Final(
        NO_HOST,
        lambda _, error: isinstance(error, LocationValueError),
        lambda route, _: f"{route} is not the host of a URL",
        "the URL stays the same",
    ),
    Final(
        OWN_CONTAINER,
        lambda route, error: isinstance(error, ConnectionRefusedError) and route.starts_in_own_container,
        lambda route, _: f"{route.first_hop} refused the connection",
        "what runs in the container is the action alone, and it starts no server",
    ),
)
"""Which failures are not retried. A file of certificate authorities that can't be read, and a variable that is not the
URL of a proxy, are refused before there is a connection."""
