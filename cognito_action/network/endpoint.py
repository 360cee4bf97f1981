"""Where the calls to a service go, as far as the job decides it."""

from dataclasses import dataclass

_HOSTS_OF_AWS = (".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu", ".api.aws")


@dataclass(frozen=True)
class Endpoint:
    """The endpoint of one service: AWS's own, unless a setting of the job names another one."""

    url: str = ""
    """In place of AWS's own endpoint, empty if there is none."""
    source: str = ""
    """What names that URL: a variable of the job, or a setting of its profile."""
    variant: str = ""
    """The variable by which the job asks for another kind of endpoint of AWS, empty if it does not."""

    @property
    def elsewhere(self) -> bool:
        """Whether the URL leads to another place than AWS: a VPC endpoint has a name of AWS's too."""
        host = self.shown.partition("://")[2].partition("/")[0].partition(":")[0]
        return bool(self.url) and not host.endswith(_HOSTS_OF_AWS)

    @property
    def shown(self) -> str:
        """The URL as an error may show it: without the user and the password that it may have; empty if there is none."""
        front, slashes, rest = self.url.partition("://")
        return f"{front}{slashes}{rest.rpartition('@')[2]}"  # a raw `/` or `@` can be in a password, too


AWS = Endpoint()
"""The service's own endpoint."""
