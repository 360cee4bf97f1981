"""The way to a service: what is shown of it, and where it begins."""

import pytest

from cognito_action.network.proxies import Proxy
from cognito_action.network.route import Route


def test_user_in_the_url_of_a_service_is_not_shown() -> None:
    """An endpoint can be written like that, and its password belongs to no log."""
    route = Route("https://user:pass@word@example.com:8443/path?query", None, "", "")

    assert (route.host, str(route)) == ("example.com:8443", "example.com:8443")


def test_route_names_the_proxy_and_its_variable() -> None:
    """Whoever reads it knows where to look."""
    route = Route("http://example.com/", Proxy("https://proxy:3128", "HTTP_PROXY"), "", "")

    assert str(route) == "example.com through the proxy https://proxy:3128 (HTTP_PROXY)"


@pytest.mark.parametrize(
    ("url", "proxy", "encrypted"),
    [
        ("http://a/", None, False),
        ("https://a/", None, True),
        ("HTTPS://a/", None, True),
        ("http://a/", "http://p", False),
        ("http://a/", "https://p", True),
        ("https://a/", "http://p", True),
    ],
)
def test_way_is_encrypted_if_a_part_of_it_is(url: str, proxy: str | None, *, encrypted: bool) -> None:
    """Only then are authorities needed."""
    assert Route(url, Proxy(proxy, "https_proxy") if proxy else None, "", "").encrypted is encrypted


@pytest.mark.parametrize(
    ("url", "proxy", "own"),
    [
        ("http://localhost:4566/", None, True),
        ("http://LOCALHOST/", None, True),
        ("https://127.0.0.1/", None, True),
        ("http://user:password@[::1]:80/", None, True),
        ("http://aws:4566/", None, False),
        ("http://172.17.0.1:4566/", None, False),
        ("http://localhost@aws/", None, False),
        ("http://localhost:4566/", "http://proxy:3128", False),
        ("https://sts.eu-central-1.amazonaws.com/", "http://localhost:3128", True),
    ],
)
def test_localhost_in_a_container_is_the_container(url: str, proxy: str | None, *, own: bool) -> None:
    """What counts is whom the connection is made to; outside of a container, localhost is a machine like any other."""
    named = Proxy(proxy, "https_proxy") if proxy else None

    assert Route(url, named, "", "", in_container=True).starts_in_own_container is own
    assert not Route(url, named, "", "").starts_in_own_container
