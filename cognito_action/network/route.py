"""The way to a service: whom a request is for, and what is between."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from cognito_action.network.proxies import Proxy

_LOOPBACK = ("localhost", "127.", "[::1]")
"""How the hosts start that are the machine itself."""


def is_loopback(url: str) -> bool:
    """Whether a URL leads back to where the request comes from."""
    return urlsplit(url).netloc.rpartition("@")[2].lower().startswith(_LOOPBACK)


@dataclass(frozen=True)
class Route:
    """The way of one request.

    Args:
        url: of the service.
        proxy: through which it is reached, if there is one.
        ca_variable: names the certificate authorities; empty if these are the public ones.
        ca_file: what it names.
        in_container: whether the step runs in the container of GitHub's runner.
    """

    url: str
    proxy: Proxy | None
    ca_variable: str
    ca_file: str
    in_container: bool = False

    @property
    def host(self) -> str:
        """The host of the service, with the port if the URL names one."""
        return urlsplit(self.url).netloc.rpartition("@")[2]

    @property
    def first_hop(self) -> str:
        """The URL of whom the connection is made to, and the variable that names it if that is a proxy."""
        return f"{self.proxy.url} ({self.proxy.variable})" if self.proxy else self.host

    @property
    def encrypted(self) -> bool:
        """Whether the service, or the proxy itself, is reached by TLS."""
        return urlsplit(self.url).scheme == "https" or self.proxy_encrypted

    @property
    def proxy_encrypted(self) -> bool:
        """Whether a proxy is between, and is itself reached by TLS."""
        return self.proxy is not None and self.proxy.url.startswith("https:")

    @property
    def proxy_variable(self) -> str:
        """The variable that names the proxy, empty if there is none."""
        return self.proxy.variable if self.proxy else ""

    @property
    def starts_in_own_container(self) -> bool:
        """Whether the connection is made to `localhost` in a container, where nothing but the action runs."""
        return self.in_container and is_loopback(self.proxy.url if self.proxy else self.url)

    def __str__(self) -> str:
        """As an error shows it."""
        return f"{self.host} through the proxy {self.first_hop}" if self.proxy else self.host
