"""What is offered to a pool as a user, by the type of username that the pool takes.

How post finds such a user again is in `records`. No permission to describe the pool is needed: its kind shows in what
it refuses as a username.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from enum import Enum
from typing import Self

from cognito_action.errors import CallError
from cognito_action.users.records import Entry


class UsernameType(Enum):
    """What a pool takes as the username."""

    EMAIL = "an email address"
    NAME = "a plain name"
    PHONE_NUMBER = "a phone number"


_REFUSALS = (
    (re.compile("cannot be of email format", re.IGNORECASE), (UsernameType.NAME,)),
    (
        re.compile("either an email or a phone number", re.IGNORECASE),
        (UsernameType.EMAIL, UsernameType.PHONE_NUMBER),
    ),
    (re.compile("should be an email", re.IGNORECASE), (UsernameType.EMAIL,)),
    (re.compile("should be a phone number", re.IGNORECASE), (UsernameType.PHONE_NUMBER,)),
)


def username_types_wanted(error: CallError) -> tuple[UsernameType, ...]:
    """Read from a pool's refusal which usernames it takes; empty if it refused something else.

    Cognito has no code of its own for this: the message of `InvalidParameterException` is all there is.
    """
    if error.code == "InvalidParameterException":
        for pattern, wanted in _REFUSALS:
            if pattern.search(error.message):
                return wanted
    return ()


@dataclass(frozen=True)
class Offer:
    """A user as it is offered to Cognito.

    Args:
        username_type: which of the other three is the username.
        name: the generated name.
        email: the generated name as an address, empty for a user without one.
        phone_number: what the workflow's author typed, empty for a user without one.
    """

    username_type: UsernameType
    name: str
    email: str
    phone_number: str

    @classmethod
    def new(cls, name: str, email: str, phone_number: str, username_type: UsernameType | None = None) -> Self:
        """A user with this type of username, or with the one that any pool is offered first.

        That is the address if there is one, and otherwise the plain name.
        """
        first = UsernameType.EMAIL if email else UsernameType.NAME
        return cls(username_type or first, name, email, phone_number)

    @property
    def usernames(self) -> dict[UsernameType, str]:
        """What could be the username, by its type; empty texts are what the user lacks."""
        return {
            UsernameType.EMAIL: self.email,
            UsernameType.NAME: self.name,
            UsernameType.PHONE_NUMBER: self.phone_number,
        }

    @property
    def username(self) -> str:
        """The username."""
        return self.usernames[self.username_type]

    def retyped(self, wanted: Iterable[UsernameType], refused: Collection[UsernameType]) -> Self | None:
        """The same user by the first username of these types that it has and that was not refused; None if none is."""
        for username_type in wanted:
            if self.usernames[username_type] and username_type not in refused:
                return replace(self, username_type=username_type)
        return None

    @property
    def is_random(self) -> bool:
        """Whether no one else can have the username: a number is someone's choice, a generated name is not."""
        return self.username_type is not UsernameType.PHONE_NUMBER

    @property
    def attributes(self) -> dict[str, str]:
        """The attributes that have the user's address and its number."""
        attributes = {"email": self.email, "phone_number": self.phone_number}
        return {name: value for name, value in attributes.items() if value}

    @property
    def verified_attributes(self) -> dict[str, str]:
        """The same, with those that say that both are verified."""
        return {**self.attributes, **{f"{name}_verified": "true" for name in self.attributes}}

    @property
    def entry(self) -> Entry:
        """What the state says of the user before Cognito was asked."""
        return Entry(
            name=self.name if self.username_type is UsernameType.NAME else self.email or self.name,
            phone_number="" if self.is_random else self.phone_number,
        )
