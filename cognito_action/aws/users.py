"""Users and their attributes, as Cognito's answers and requests have them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.type_defs import AttributeTypeTypeDef, UserTypeTypeDef


@dataclass(frozen=True)
class User:
    """A user as Cognito names it: `username` is a UUID equal to `sub` if people sign in by email or phone."""

    username: str
    sub: str


@dataclass(frozen=True)
class ListedUser(User):
    """A user as a list shows it."""

    email: str
    unverified: bool
    """Whether Cognito says that no one has verified the address."""
    unconfirmed: bool
    """Whether the user has signed up and was not confirmed since, so that it has never signed in."""
    created: datetime | None
    """None if the list does not say."""


def created_user(user: "UserTypeTypeDef") -> User:
    """Read a user from the answer to its creation."""
    return User(user["Username"], _attributes(user["Attributes"]).get("sub", ""))


def listed_user(user: "UserTypeTypeDef") -> ListedUser:
    """Read a user from a list."""
    attributes = _attributes(user["Attributes"])
    return ListedUser(
        user["Username"],
        attributes.get("sub", ""),
        attributes.get("email", ""),
        attributes.get("email_verified") == "false",
        user.get("UserStatus") == "UNCONFIRMED",
        user.get("UserCreateDate"),
    )


def attribute_list(attributes: Mapping[str, str]) -> "list[AttributeTypeTypeDef]":
    """Attributes as requests have them."""
    return [{"Name": name, "Value": value} for name, value in attributes.items()]


def _attributes(listed: "Sequence[AttributeTypeTypeDef]") -> dict[str, str]:
    return {attribute["Name"]: attribute.get("Value", "") for attribute in listed}
