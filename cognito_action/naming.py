"""The names and passwords that the action makes, and how it knows its own names again."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from random import Random
from typing import Self

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""What Cognito itself calls a user whom people know by e-mail address or phone number."""


_NAME = re.compile(r"gha-([0-9]{1,14})-([0-9]{1,14})-([0-9]{1,6})-[0-9a-f]{16}(@[a-z0-9.-]+)?")


@dataclass(frozen=True)
class Run:
    """The workflow run that a name belongs to: GitHub's own numbers, as text of digits."""

    repository_id: str
    run_id: str
    attempt: str

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Read the run from the runner's variables; `0` stands for what the runner (or act) does not tell."""
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
    def repository_prefix(self) -> str:
        """What the names of all runs of this repository begin with."""
        return f"gha-{self.repository_id}-"

    @property
    def prefix(self) -> str:
        """What all names of this run begin with; safe to show, since the random part is missing."""
        return f"{self.repository_prefix}{self.run_id}-{self.attempt}-"

    def generated(self, name: str) -> bool:
        """Tell whether this run, in whatever attempt, generated `name`."""
        owner = owner_of(name)
        return owner is not None and (owner.repository_id, owner.run_id) == (self.repository_id, self.run_id)

    def new_name(self, random: Random) -> str:
        """Make a user name that nobody can guess: the prefix and 64 random bits, at most 57 characters."""
        return f"{self.prefix}{random.getrandbits(64):016x}"


def owner_of(name: str) -> Run | None:
    """Tell which run generated `name`, bare or as an e-mail address; None for any other text."""
    found = _NAME.fullmatch(name)
    return Run(found[1], found[2], found[3]) if found else None


class Kind(Enum):
    """What is offered to a pool as user name."""

    EMAIL = "an e-mail address"
    NAME = "a plain name"
    PHONE = "a phone number"


_REFUSALS = (
    (re.compile("cannot be of email format", re.IGNORECASE), (Kind.NAME,)),
    (re.compile("either an email or a phone number", re.IGNORECASE), (Kind.EMAIL, Kind.PHONE)),
    (re.compile("should be an email", re.IGNORECASE), (Kind.EMAIL,)),
    (re.compile("should be a phone number", re.IGNORECASE), (Kind.PHONE,)),
)


def kinds_wanted(code: str, message: str) -> tuple[Kind, ...]:
    """Read which kinds of user name the pool takes from its refusal of one; empty if it refused something else.

    Cognito has no code of its own for this: the message of `InvalidParameterException` is all there is.
    """
    if code == "InvalidParameterException":
        for pattern, kinds in _REFUSALS:
            if pattern.search(message):
                return kinds
    return ()
