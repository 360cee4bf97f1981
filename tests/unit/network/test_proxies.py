"""The environment's proxies: which one counts, what may be shown of it, and what in it is secret."""

import base64
import time
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognito_action.network.proxies import MAX_CUTS, Proxy, ProxyUrlError, proxy_for, proxy_settings, secrets_of
from tests.support.hostile_answers import VARIABLE

NOT_A_URL = "is not the URL of a proxy, as in http://user:password@proxy.example:3128"
CUT = "has a character in its user or password that cuts the URL: percent-encode # as %23, / as %2F, ? as %3F"


def parsed(value: str) -> Proxy | None:
    return proxy_for("https://example.com/", {"https_proxy": value})


def read(environ: Mapping[str, str]) -> str:
    """The proxy's URL, or why there is none."""
    try:
        proxy = proxy_for("https://example.com/", environ)
    except ProxyUrlError as error:
        return str(error)
    return proxy.url if proxy else ""


def refused(value: str) -> str:
    with pytest.raises(ProxyUrlError) as caught:
        parsed(value)
    return str(caught.value)


# Which one


@pytest.mark.parametrize(
    ("url", "variable"),
    [("http://a/", "http_proxy"), ("https://a/", "https_proxy"), ("HTTPS://a/", "https_proxy")],
)
def test_variable_is_that_of_the_scheme(url: str, variable: str) -> None:
    """The service's scheme counts, not the proxy's."""
    environ = {"http_proxy": "http://http_proxy", "https_proxy": "http://https_proxy"}

    assert proxy_for(url, environ) == Proxy(f"http://{variable}", variable)
    assert proxy_for(url, {name: value for name, value in environ.items() if name != variable}) is None


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"https_proxy": ""},
        {"https_proxy": "  "},
        {"https_proxy": "", "HTTPS_PROXY": "http://proxy"},
        {"all_proxy": "http://proxy", "Https_Proxy": "http://proxy"},
    ],
)
def test_no_proxy_is_set(environ: Mapping[str, str]) -> None:
    """An empty variable in lower case turns off the one in upper case."""
    assert proxy_for("https://example.com/", environ) is None


def test_lower_case_wins() -> None:
    """And the variable is named as it is written."""
    both = {"https_proxy": "http://lower", "HTTPS_PROXY": "http://upper"}

    assert proxy_for("https://example.com/", both) == Proxy("http://lower", "https_proxy")
    assert proxy_for("https://example.com/", {"HTTPS_PROXY": "http://upper"}) == Proxy("http://upper", "HTTPS_PROXY")


@pytest.mark.parametrize(
    ("exceptions", "directly"),
    [
        ("example.com", True),
        ("EXAMPLE.com", True),
        (".example.com", True),
        ("com", True),
        ("sts.example.com", True),
        ("other, sts.example.com:8443", True),
        ("*", True),
        ("sts.example.com:443", False),
        ("ample.com", False),
        ("example.org", False),
        ("", False),
        ("  ", False),
    ],
)
@pytest.mark.parametrize("variable", ["no_proxy", "NO_PROXY"])
def test_exceptions_are_hosts_and_their_subdomains(variable: str, exceptions: str, *, directly: bool) -> None:
    """As for every program in Python."""
    environ = {"https_proxy": "http://proxy", variable: exceptions}

    assert (proxy_for("https://sts.example.com:8443/", environ) is None) is directly


def test_broken_proxy_is_not_even_read_for_an_exception() -> None:
    """Whoever needs no proxy is not told about it."""
    environ = {"https_proxy": "socks5://proxy", "no_proxy": "example.com"}

    assert proxy_for("https://example.com/", environ) is None


# How it is read


@pytest.mark.parametrize(
    ("value", "url"),
    [
        ("http://proxy.example:3128", "http://proxy.example:3128"),
        ("http://proxy.example:3128/", "http://proxy.example:3128"),
        ("HTTPS://Proxy.example", "https://Proxy.example"),
        ("proxy.example:3128", "http://proxy.example:3128"),
        ("proxy", "http://proxy"),
        ("//proxy:3128", "http://proxy:3128"),
        (" http://proxy ", "http://proxy"),
        ("http://[::1]:3128", "http://[::1]:3128"),
        ("http://user:password@proxy:3128", "http://proxy:3128"),
        ("user:password@proxy:3128", "http://proxy:3128"),
        ("//user:password@proxy", "http://proxy"),
        ("http://user:p@ss@word:x@proxy", "http://proxy"),
        ("http://user@[::1]", "http://[::1]"),
        ("http://@proxy", "http://proxy"),
    ],
)
def test_url_may_be_shown(value: str, url: str) -> None:
    """User and password, up to the last @, are not in it."""
    proxy = parsed(value)

    assert proxy is not None
    assert proxy.url == url
    assert "password" not in repr(proxy)
    assert proxy_settings({"https_proxy": value}) == f"https_proxy={url}"


@pytest.mark.parametrize(
    ("userinfo", "decoded"),
    [
        ("user:password", b"user:password"),
        ("user%40corp:%23%2F%3F%3A%25%20", b"user@corp:#/?:% "),
        ("user:100%", b"user:100%"),
        ("%zz", b"%zz"),
        ("é:%C3%A9", "é:é".encode()),
        ("user:%FF\udcfe", b"user:\xff\xfe"),
    ],
)
def test_user_and_password_are_decoded(userinfo: str, decoded: bytes) -> None:
    """A variable can hold bytes that are no text in UTF-8, and so can what is percent-encoded."""
    proxy = parsed(f"http://{userinfo}@proxy")

    assert proxy is not None
    assert proxy.authorization == f"Basic {base64.b64encode(decoded).decode()}"


@pytest.mark.parametrize("value", ["http://proxy", "http://@proxy"])
def test_proxy_without_a_user_has_no_authorization(value: str) -> None:
    """An empty one is none."""
    proxy = parsed(value)

    assert proxy is not None
    assert proxy.authorization == ""


@pytest.mark.parametrize(
    "value",
    [
        *("http://", "://", "http:proxy", "http://a b", "http://proxy:port", "http://proxy:123456", "http://:3128"),
        *("http://proxy/path", "http://proxy?a", "http://proxy#a", "http://[", "http://[::1", "http://[x]", "a\nb"),
        *("socks5://proxy:1080", "ftp://proxy", "socks5h://user:password@proxy", "http://user:pass\nword@proxy"),
    ],
)
def test_what_is_no_proxy_is_refused(value: str) -> None:
    """The variable is named, and what it holds is not quoted."""
    assert refused(value) == f"https_proxy {NOT_A_URL}"
    assert proxy_settings({"https_proxy": value}) == "https_proxy=(not the URL of a proxy)"


@pytest.mark.parametrize("character", ["#", "/", "?", " ", "\t", "\x01", "\x7f", "\u00a0"])
@pytest.mark.parametrize("form", ["http://user:pass{}word@proxy:3128", "us{}er:password@proxy", "//u{}:p@proxy"])
def test_raw_character_that_cuts_the_url_is_refused(character: str, form: str) -> None:
    """Programs would read different proxies in it, and show what they take for its host."""
    value = form.format(character)

    assert refused(value) == f"https_proxy {CUT}"
    assert proxy_settings({"https_proxy": value}) == "https_proxy=(not the URL of a proxy)"


# What is shown of all of them


def test_settings_are_those_that_could_be_used() -> None:
    """They tell post what main had; without a proxy its exceptions say nothing."""
    environ = {
        "HTTP_PROXY": "http://user:password@one:1",
        "https_proxy": "two",
        "HTTPS_PROXY": "three",
        "NO_PROXY": "a,b",
    }

    assert proxy_settings(environ) == "http_proxy=http://one:1, https_proxy=http://two, no_proxy=a,b"
    assert proxy_settings({"no_proxy": "a,b"}) == ""
    assert proxy_settings({"http_proxy": "one"}) == "http_proxy=http://one"
    assert proxy_settings({}) == ""


# What is secret


def test_user_and_password_are_secret_in_each_form() -> None:
    """As they are written, decoded, and as the header has them."""
    secrets = set(secrets_of({"https_proxy": "http://us%40er:pass%2Fword@proxy:3128"}))

    assert {"us%40er:pass%2Fword", "us%40er", "pass%2Fword"} <= secrets
    assert {"us@er:pass/word", "us@er", "pass/word"} <= secrets
    assert base64.b64encode(b"us@er:pass/word").decode() in secrets
    assert not {"proxy", "3128", "http"} & secrets


@pytest.mark.parametrize(
    "name", ["http_proxy", "HTTP_PROXY", "https_proxy", "no_proxy", "ALL_PROXY", "ftp_proxy", "npm_config_https_proxy"]
)
def test_every_variable_of_a_proxy_has_secrets(name: str) -> None:
    """Other programs of the job read them, and a service may repeat what it has got from those."""
    assert "password" in set(secrets_of({name: "http://user:password@proxy"}))


@pytest.mark.parametrize(
    "environ",
    [
        {"OTHER": "http://user:password@proxy"},
        {"http_proxy": "http://proxy:3128"},
        {"http_proxy": "http://@proxy:3128"},
        {"http_proxy": ""},
    ],
)
def test_what_names_no_user_has_no_secrets(environ: Mapping[str, str]) -> None:
    """The name of a host is none."""
    assert list(secrets_of(environ)) == []


@pytest.mark.parametrize("front", ["http://", "https://", "HTTP://", "socks5h://", " http://", "//", ""])
def test_pieces_that_a_parser_could_make_are_secret(front: str) -> None:
    """A raw #, / or ? ends the host's part for a parser: what is before is then the host, what is after is a path."""
    secrets = set(secrets_of({"https_proxy": f"{front}user:one#two/three?four\\five@six@proxy:3128"}))

    assert {"user", "one", "two", "three", "four", "five", "six"} <= secrets
    assert {"user:one", "one#two/three?four\\five@six", "two/three?four\\five@six", "four\\five@six"} <= secrets
    assert {"one#two/three", "three?four\\five", "user:one#two/three?four\\five@six"} <= secrets


def test_password_with_many_delimiters_has_few_pieces() -> None:
    """What is between two that follow each other is always one; no variable keeps a step busy."""
    password = "/".join(f"piece-{number}" for number in range(5000))
    started = time.monotonic()

    secrets = set(secrets_of({"http_proxy": f"http://user:{password}@proxy"}))

    assert {f"piece-{number}" for number in range(5000)} | {password, f"user:{password}"} <= secrets
    assert len(secrets) < 5000 + 2 * MAX_CUTS**2
    assert time.monotonic() - started < 5


@given(name=st.sampled_from(("http_proxy", "https_proxy", "no_proxy", "HTTPS_PROXY")), value=VARIABLE)
def test_no_variable_breaks_anything(name: str, value: str) -> None:
    """Whatever it holds, it is a proxy, none, or refused in the action's own words."""
    environ = {"https_proxy": "http://proxy", name: value}

    assert all(isinstance(secret, str) for secret in secrets_of(environ))
    assert isinstance(proxy_settings(environ), str)
    assert "@" not in read(environ).removesuffix(NOT_A_URL)


def test_settings_are_text_whatever_the_variables_hold() -> None:
    """A byte that is no UTF-8 can't be saved as it is, and nothing else may be lost for it."""
    settings = proxy_settings({"HTTPS_PROXY": "http://proxy:80", "NO_PROXY": "127.0.0.1,b\udcfccher.local"})

    assert settings == "https_proxy=http://proxy:80, no_proxy=127.0.0.1,b\\udcfccher.local"
