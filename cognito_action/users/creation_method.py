"""How a user comes to be: what each way of creating one has to do, and the way of an administrator."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Protocol

from cognito_action.diagnostics.pool import creation_refused
from cognito_action.errors import ActionError, CallError
from cognito_action.host import Host
from cognito_action.retry import BeforeAttempt
from cognito_action.users.offer import Offer
from cognito_action.users.passwords import new_masked_password, set_password

if TYPE_CHECKING:
    from cognito_action.aws.user_pool import UserPool


@dataclass(frozen=True)
class NewUser:
    """A user that Cognito has just created."""

    username: str
    """What the calls that follow name the user by."""
    sub: str
    """Empty if Cognito has not said it."""
    returned_name: str
    """The username that Cognito has returned, or that certainly is the one; empty if there is none."""
    confirmed: bool = True
    """Whether nothing more is needed for the user to be confirmed."""
    message_failure: CallError | None = None
    """Why the pool could not send the user a message."""


class CreationMethod(Protocol):
    """The calls that make a user who can sign in of what is offered to the pool."""

    gets_mail: bool
    """Whether the pool may send something to the user's address."""

    def create(
        self, offer: Offer, attributes: Mapping[str, str], password: str, before_attempt: BeforeAttempt
    ) -> NewUser:
        """Create the user; raises `CallError`, and `ActionError` if no one can be created. `before_attempt` is `Retry`'s."""

    def refused(self, error: CallError, offer: Offer) -> ActionError:
        """Put a refusal of `create` into words."""

    def confirm(self, user: NewUser, offer: Offer) -> None:
        """Do what shows that the next user can be created, too; raises `ActionError`."""

    def set_password(self, user: NewUser, password: str) -> str:
        """Return the permanent password of a user who was created with `password`; raises `ActionError`."""


class AdminCreation:
    """`AdminCreateUser` with a temporary password, and `AdminSetUserPassword` with the permanent one.

    Args:
        metadata: for the pool's Lambda triggers.
        random: a cryptographic source.
    """

    gets_mail = False

    def __init__(self, pool: "UserPool", metadata: Mapping[str, str], host: Host, random: Random) -> None:
        self._pool = pool
        self._metadata = metadata
        self._host = host
        self._random = random

    def create(
        self, offer: Offer, attributes: Mapping[str, str], password: str, before_attempt: BeforeAttempt
    ) -> NewUser:
        """Create the user, who has to change the password."""
        attributes = {**attributes, **offer.verified_attributes}
        user = self._pool.create_user(offer.username, attributes, password, self._metadata, before_attempt)
        return NewUser(user.username, user.sub, user.username)

    def refused(self, error: CallError, offer: Offer) -> ActionError:
        """Put a refusal of `AdminCreateUser` into words."""
        return creation_refused(error, self._pool.access, offer.email)

    def confirm(self, user: NewUser, offer: Offer) -> None:
        """Do nothing: an administrator's user needs no confirmation."""

    def set_password(self, user: NewUser, password: str) -> str:
        """Set another password, for good."""
        try:
            permanent = set_password(self._pool, user.username, self._new_password(len(password)), self._new_password)
        except CallError as error:
            raise self._pool.explain(error) from error
        self._host.log(f"Set the permanent password of {user.sub}: the user can sign in.")
        return permanent

    def _new_password(self, length: int) -> str:
        return new_masked_password(length, self._random, self._host.mask)
