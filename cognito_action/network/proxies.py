"""The proxies that the environment names, which variable names them, and what in them is secret."""

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from urllib.parse import unquote, unquote_to_bytes, urlsplit

MAX_CUTS = 12
"""Delimiters in a user and a password between any two of which a piece is kept secret."""

_FRONT = r"((?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):)?//"

_URL = re.compile(
    rf"({_FRONT})?((?P<userinfo>.*)@)?(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s/?#@:\[\]]+)(:(?P<port>[0-9]{{1,5}}))?/?"
)
"""The user and the password may hold anything here, up to the last `@`: parsers would end the host's part earlier."""

_CUTS = re.compile(r"[#/?\s\x00-\x1f\x7f]")
"""Characters at which parsers cut a URL; what is before them would appear as a host's name, in messages too."""

_DELIMITER = re.compile(r"[:/?#@\\]")
"""Where one parser or another divides a URL."""


class ProxyUrlError(ValueError):
    """A variable does not hold the URL of a proxy.

    Args:
        variable: its name.
        problem: what is wrong, in words that quote nothing of it.
    """

    def __init__(self, variable: str, problem: str) -> None:
        super().__init__(f"{variable} {problem}")
        self.variable = variable


@dataclass(frozen=True)
class Proxy:
    """A proxy for some URLs."""

    url: str
    """Without user and password, so it may be shown."""
    variable: str
    """The name of the variable that it comes from."""
    authorization: str = field(default="", repr=False)
    """The value of the header `Proxy-Authorization`, empty if the URL names no user."""


def proxy_for(url: str, environ: Mapping[str, str]) -> Proxy | None:
    """The proxy for `url`, by `http_proxy` or `https_proxy` and `no_proxy`; None if it is to be reached directly.

    A name in lower case wins over the same in upper case, also if it is empty. Raises `ProxyUrlError`.
    """
    parts = urlsplit(url)
    variable, value = _variable(f"{parts.scheme}_proxy", environ)
    if not value or _bypassed(parts.netloc, _variable("no_proxy", environ)[1]):
        return None
    return _parse(variable, value)


def proxy_settings(environ: Mapping[str, str]) -> str:
    """The proxies that are set, and the hosts that they are not for, without users and passwords; empty if none is."""
    shown = [
        f"{name}={_shown(*_variable(name, environ))}"
        for name in ("http_proxy", "https_proxy")
        if _variable(name, environ)[1]
    ]
    exceptions = _variable("no_proxy", environ)[1]
    text = ", ".join([*shown, f"no_proxy={exceptions}"] if shown and exceptions else shown)
    return text.encode("utf-8", "backslashreplace").decode()  # a variable can hold bytes that are no text


def secrets_of(environ: Mapping[str, str]) -> Iterator[str]:
    """Yield user and password of all variables that name proxies, and the pieces that parsers can make of them."""
    for name, value in environ.items():
        userinfo = re.sub(rf"^\s*{_FRONT}", "", value).rpartition("@")[0]
        if name.lower().endswith("_proxy") and userinfo:
            yield _credentials(userinfo)
            for piece in _pieces(userinfo):
                yield piece
                yield unquote(piece)


def _pieces(userinfo: str) -> Iterator[str]:
    """Yield what is between any two delimiters, up to `MAX_CUTS` of them, and between two that follow each other."""
    cuts = [-1, *(found.start() for found in _DELIMITER.finditer(userinfo))]
    yield from (userinfo[start + 1 : end] for start, end in combinations([*cuts[:MAX_CUTS], len(userinfo)], 2))
    yield from _DELIMITER.split(userinfo)


def _variable(name: str, environ: Mapping[str, str]) -> tuple[str, str]:
    """The name by which a variable is set, and its value."""
    found = name if name in environ else name.upper()
    return found, environ.get(found, "").strip()


def _bypassed(netloc: str, no_proxy: str) -> bool:
    # What every program in Python takes `no_proxy` for: names and their subdomains, with or without a port, or `*`.
    import urllib.request  # noqa: PLC0415 - most jobs have no proxy

    return bool(no_proxy) and bool(urllib.request.proxy_bypass_environment(netloc, {"no": no_proxy}))  # type: ignore[attr-defined]


def _shown(variable: str, value: str) -> str:
    try:
        return _parse(variable, value).url
    except ProxyUrlError:
        return "(not the URL of a proxy)"


def _parse(variable: str, value: str) -> Proxy:
    url = _URL.fullmatch(value)
    scheme = ((url and url["scheme"]) or "http").lower()
    if not url or scheme not in ("http", "https"):
        raise ProxyUrlError(variable, "is not the URL of a proxy, as in http://user:password@proxy.example:3128")
    userinfo = url["userinfo"] or ""
    if _CUTS.search(userinfo):
        raise ProxyUrlError(
            variable,
            "has a character in its user or password that cuts the URL: percent-encode # as %23, / as %2F, ? as %3F",
        )
    port = f":{url['port']}" if url["port"] else ""
    return Proxy(f"{scheme}://{url['host']}{port}", variable, f"Basic {_credentials(userinfo)}" if userinfo else "")


def _credentials(userinfo: str) -> str:
    """The user and the password as a header has them, byte for byte: a variable can hold what is no UTF-8."""
    return base64.b64encode(unquote_to_bytes(userinfo.encode("utf-8", "surrogateescape"))).decode()
