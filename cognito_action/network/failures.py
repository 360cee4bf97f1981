"""What can fail on the way to a service, and how it is told."""

import socket
import ssl
from collections.abc import Iterator, Sequence

from urllib3.exceptions import ConnectTimeoutError, NewConnectionError
from urllib3.exceptions import TimeoutError as Urllib3TimeoutError

from cognito_action.errors import CA_FILE, NETWORK, NO_ANSWER, PROXY_LOGIN, TLS, CallError
from cognito_action.network.final_failures import FINAL, Final, status_of
from cognito_action.network.route import Route

_NEVER_SENT = (NewConnectionError, ConnectTimeoutError)
"""What urllib3 raises before there is a connection, so that no request was on it. (Not `ProxyError`: it wraps whatever
closes a connection through a proxy, also after the request.)"""


def failure(operation: str, route: Route, error: Exception) -> CallError:
    """Read an exception of urllib3 or of what is below it; what it says of a proxy is never quoted."""
    causes = list(_causes(error))
    for final in FINAL:
        for cause in causes:
            if final.matches(route, cause):
                return _final(operation, route, final, cause)
    sent = not any(isinstance(cause, _NEVER_SENT) or status_of(cause) for cause in causes)
    silent = any(isinstance(cause, Urllib3TimeoutError) for cause in causes)
    return CallError(
        operation,
        NO_ANSWER if silent and sent else NETWORK,
        f"{route}: {_own_words(causes)}",
        retryable=True,
        outcome_unknown=sent,
        unanswered=sent,
        said="",
        variable=route.proxy_variable,
    )


def login_refused(operation: str, route: Route) -> CallError:
    """A proxy that gets the request itself, since the URL is an `http://` one, answered 407 to it."""
    return CallError(
        operation,
        PROXY_LOGIN,
        f"the proxy {route.first_hop} answered 407 to the request to {route.host}",
        outcome_unknown=True,
        unanswered=True,
        said="",
        variable=route.proxy_variable,
    )


def _final(operation: str, route: Route, final: Final, cause: BaseException) -> CallError:
    code, text, variable = final.code, final.says(route, cause), route.proxy_variable
    if code == TLS and route.ca_variable:
        code, text, variable = CA_FILE, f"{text}; {route.ca_variable} names {route.ca_file}", route.ca_variable
    return CallError(
        operation, code, text, outcome_unknown=final.sent, unanswered=final.sent, said="", variable=variable
    )


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
        if status := status_of(cause):
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
