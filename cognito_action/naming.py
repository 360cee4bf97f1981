"""The names that are generated, and how their origin recognizes its own."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import ClassVar, Protocol, Self

EXAMPLE_DOMAIN = "example.com"
"""The domain of addresses unless the workflow names another one. No mail can be delivered to it (RFC 2606)."""

_SIMULATED_FRONT = "success+"
_SIMULATED_DOMAIN = "simulator.amazonses.com"
"""Around a name, an address of the mailbox simulator of Amazon SES: it takes every message, and no quota counts them."""

_NAME = re.compile(
    r"(success\+)?(?:gha-([0-9]{1,14})-([0-9]{1,14})-([0-9]{1,6})|ctu-([0-9a-f]{16})-([0-9]{14}))-[0-9a-f]{16}"
    r"(?(1)@simulator\.amazonses\.com|(@[a-z0-9.-]+)?)"
)


class Origin(Protocol):
    """What generates names and recognizes its own: a workflow run, or a place outside of GitHub."""

    @property
    def scope(self) -> str:
        """Whose old users a sweep from here may delete, in a word."""

    @property
    def prefix(self) -> str:
        """The prefix of all names of this origin; safe to show, since it lacks the random part."""

    @property
    def search_prefixes(self) -> tuple[str, ...]:
        """With what the names and the addresses of all users can start that a sweep from here may delete."""

    @property
    def session_name(self) -> str:
        """Of a role's session, which CloudTrail shows."""

    def generated(self, name: str) -> bool:
        """Tell whether `name` was generated where this origin may adopt and delete its user."""

    def sweeps(self, owner: "Origin") -> bool:
        """Tell whether a sweep from here may delete the users that `owner` generated."""

    def new_name(self, random: Random) -> str:
        """Make a username that no one can guess: the prefix and 64 random bits, at most 57 characters."""


@dataclass(frozen=True)
class Run:
    """The workflow run that a name belongs to: GitHub's own numbers, as text of digits."""

    repository_id: str
    run_id: str
    attempt: str

    scope: ClassVar[str] = "repository"

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
    def prefix(self) -> str:
        """The prefix of all names of this run."""
        return f"gha-{self.repository_id}-{self.run_id}-{self.attempt}-"

    @property
    def search_prefixes(self) -> tuple[str, ...]:
        """With what the names and the addresses of all runs of this repository can start."""
        return _with_addresses(f"gha-{self.repository_id}-")

    @property
    def session_name(self) -> str:
        """Of a role's session."""
        return f"cognito-{self.run_id}-{self.attempt}"

    def generated(self, name: str) -> bool:
        """Tell whether this run, in any attempt, generated `name`."""
        owner = owner_of(name)
        return isinstance(owner, Run) and (owner.repository_id, owner.run_id) == (self.repository_id, self.run_id)

    def sweeps(self, owner: Origin) -> bool:
        """Tell whether `owner` is a run of the same repository."""
        return isinstance(owner, Run) and owner.repository_id == self.repository_id

    def new_name(self, random: Random) -> str:
        """Make a username that no one can guess."""
        return _new_name(self, random)


@dataclass(frozen=True)
class Place:
    """A place outside of GitHub, and when a name was generated there."""

    id: str
    """16 hexadecimal digits, which stand for what is particular to the place."""
    time: str
    """14 digits: year, month, day, hour, minute and second, in UTC."""

    scope: ClassVar[str] = "place"

    @property
    def prefix(self) -> str:
        """The prefix of all names of this place and time."""
        return f"ctu-{self.id}-{self.time}-"

    @property
    def search_prefixes(self) -> tuple[str, ...]:
        """With what the names and the addresses of this place can start, whenever they were generated."""
        return _with_addresses(f"ctu-{self.id}-")

    @property
    def session_name(self) -> str:
        """Of a role's session."""
        return f"cognito-{self.id}-{self.time}"

    def generated(self, name: str) -> bool:
        """Tell whether this place generated `name`, at any time."""
        owner = owner_of(name)
        return owner is not None and self.sweeps(owner)

    def sweeps(self, owner: Origin) -> bool:
        """Tell whether `owner` is this place, at any time."""
        return isinstance(owner, Place) and owner.id == self.id

    def new_name(self, random: Random) -> str:
        """Make a username that no one can guess."""
        return _new_name(self, random)


def owner_of(name: str) -> Run | Place | None:
    """Tell which run, or which place, generated `name`, bare or as an email address; None for any other text."""
    found = _NAME.fullmatch(name)
    if not found:
        return None
    return Run(found[2], found[3], found[4]) if found[2] else Place(found[5], found[6])


def origin_with(prefix: str) -> Run | Place | None:
    """The origin whose names start with this prefix; None if that is no origin's."""
    owner = owner_of(f"{prefix}{0:016x}")
    return owner if owner and owner.prefix == prefix else None


def _with_addresses(prefix: str) -> tuple[str, ...]:
    return prefix, f"{_SIMULATED_FRONT}{prefix}"


def _new_name(origin: Origin, random: Random) -> str:
    return f"{origin.prefix}{random.getrandbits(64):016x}"


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
