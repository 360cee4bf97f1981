"""The names that the action generates, how it recognizes its own, and the ID of a user pool."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Self

REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}")
"""The name of a region of AWS."""

POOL_ID = re.compile(r"[\w-]+_[0-9a-zA-Z]+", re.ASCII)
"""The ID of a user pool (`UserPoolIdType`): of AWS's, the front is the region. Emulators have others."""

IDENTITY_ID = re.compile(REGION.pattern + ":[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""The ID of an identity pool, or of an identity in one: its region, and a UUID."""

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""What Cognito itself calls a user who signs in by email address or phone number."""

EXAMPLE_DOMAIN = "example.com"
"""The domain of addresses unless the workflow names another one. No mail can be delivered to it (RFC 2606)."""

_SIMULATED_FRONT = "success+"
_SIMULATED_DOMAIN = "simulator.amazonses.com"
"""Around a name, an address of the mailbox simulator of Amazon SES: it takes every message, and no quota counts them."""

_NAME = re.compile(
    r"(success\+)?gha-([0-9]{1,14})-([0-9]{1,14})-([0-9]{1,6})-[0-9a-f]{16}"
    r"(?(1)@simulator\.amazonses\.com|(@[a-z0-9.-]+)?)"
)


@dataclass(frozen=True)
class Run:
    """The workflow run that a name belongs to: GitHub's own numbers, as text of digits."""

    repository_id: str
    run_id: str
    attempt: str

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Read the run from the runner's variables; `0` stands for what the runner (or act) does not provide."""
        return cls(
            *(
                value if re.fullmatch(pattern, value := environ.get(name, "")) else "0"
                for name, pattern in (
                    ("GITHUB_REPOSITORY_ID", "[0-9]{1,14}"),
                    ("GITHUB_RUN_ID", "[0-9]{1,14}"),
                    ("GITHUB_RUN_ATTEMPT", "[0-9]{1,6}"),
                )
            )
        )

    @property
    def repository_prefixes(self) -> tuple[str, ...]:
        """With what the names and the addresses of all runs of this repository can start."""
        prefix = f"gha-{self.repository_id}-"
        return prefix, f"{_SIMULATED_FRONT}{prefix}"

    @property
    def prefix(self) -> str:
        """The prefix of all names of this run; safe to show, since it lacks the random part."""
        return f"gha-{self.repository_id}-{self.run_id}-{self.attempt}-"

    def generated(self, name: str) -> bool:
        """Tell whether this run, in any attempt, generated `name`."""
        owner = owner_of(name)
        return owner is not None and (owner.repository_id, owner.run_id) == (self.repository_id, self.run_id)

    def new_name(self, random: Random) -> str:
        """Make a username that no one can guess: the prefix and 64 random bits, at most 57 characters."""
        return f"{self.prefix}{random.getrandbits(64):016x}"


def owner_of(name: str) -> Run | None:
    """Tell which run generated `name`, bare or as an email address; None for any other text."""
    found = _NAME.fullmatch(name)
    return Run(found[2], found[3], found[4]) if found else None


def address_of(name: str, domain: str, *, gets_mail: bool) -> str:
    """Make an email address of a generated name; empty without a `domain`.

    If the pool may send mail to it, the mailbox simulator of Amazon SES takes the place of `EXAMPLE_DOMAIN`, where it
    would bounce.
    """
    if gets_mail and domain == EXAMPLE_DOMAIN:
        return f"{_SIMULATED_FRONT}{name}@{_SIMULATED_DOMAIN}"
    return f"{name}@{domain}" if domain else ""


def is_simulated(address: str) -> bool:
    """Tell whether this is a generated name's address at the mailbox simulator of Amazon SES."""
    return address.startswith(_SIMULATED_FRONT) and owner_of(address) is not None


def bare_name(name: str) -> str:
    """The generated name in `name`, which is that itself or an address of it."""
    return name.partition("@")[0].removeprefix(_SIMULATED_FRONT)


def visible_part(name: str) -> str:
    """The front of a generated name or of its address, without the random part; empty for any other text."""
    return name.partition("@")[0][:-16] if owner_of(name) else ""


@dataclass(frozen=True)
class PoolAddress:
    """A user pool, and the region whose endpoints know it."""

    id: str
    region: str


def region_of(pool_id: str) -> str:
    """The region that the ID of a user pool starts with; empty if it starts with something else, as an emulator's can."""
    front = pool_id.partition("_")[0]
    return front if REGION.fullmatch(front) else ""
