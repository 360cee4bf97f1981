"""Where the calls to a service go, as far as the job decides it."""

from dataclasses import dataclass
from urllib.parse import urlsplit


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
    def shown(self) -> str:
        """The URL as an error may show it: without the user and the password that it may have."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


AWS = Endpoint()
"""The service's own endpoint."""
