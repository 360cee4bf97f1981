"""The app's own way: the user signs up, and is confirmed without the code that the pool may have sent."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from cognito_action.diagnostics.sign_up import (
    client_refused,
    limit_creates_nobody,
    message_limit_reached,
    sign_up_refused,
    signed_up_elsewhere,
)
from cognito_action.errors import ActionError, CallError
from cognito_action.host import Host
from cognito_action.retry import BeforeAttempt
from cognito_action.text import quoted
from cognito_action.users.creation_method import NewUser
from cognito_action.users.offer import Offer, UsernameType

if TYPE_CHECKING:
    from cognito_action.aws.user_pool import UserPool
    from cognito_action.sign_in.sign_up import SignUpClient


class SelfSignUp:
    """`SignUp` with the permanent password, `AdminConfirmSignUp`, and `AdminUpdateUserAttributes` for the address.

    `SignUp` names no pool: so one call first proves that the app client is the pool's, and the first user has to be in
    the pool before another one signs up. After that, threads may share it.

    Args:
        client: by which users sign up.
        metadata: for the pool's Lambda triggers.
        signs_in: whether the users are signed in afterwards, which also tells a `sub` that is not known.
    """

    gets_mail = True

    def __init__(
        self, client: "SignUpClient", pool: "UserPool", metadata: Mapping[str, str], host: Host, *, signs_in: bool
    ) -> None:
        self._client = client
        self._pool = pool
        self._metadata = metadata
        self._host = host
        self._signs_in = signs_in
        self._is_proven = False
        self._has_users = False
        """Whether a user who signed up was found in the pool."""

    def create(
        self, offer: Offer, attributes: Mapping[str, str], password: str, before_attempt: BeforeAttempt
    ) -> NewUser:
        """Sign the user up.

        A limit on messages leaves the user created (AWS's model of `SignUp`), and Cognito does not say its `sub` then.
        """
        self._require_pool()
        try:
            user = self._client.sign_up(offer.username, password, {**attributes, **offer.attributes}, before_attempt)
        except CallError as error:
            if error.code != "LimitExceededException":
                raise
            self._host.log(f"No message was sent, which leaves the user created: {quoted(error.shown)}")
            return NewUser(offer.username, "", "", confirmed=False, message_failure=error)
        # By an address the username is that in some pools, and the `sub` in others; a number never is it.
        certain = {UsernameType.NAME: offer.username, UsernameType.PHONE_NUMBER: user.sub}.get(offer.username_type, "")
        username = offer.username if offer.is_random else user.sub
        return NewUser(username, user.sub, certain, confirmed=user.confirmed)

    def refused(self, error: CallError, offer: Offer) -> ActionError:
        """Put a refusal of `SignUp` into words."""
        return sign_up_refused(error, self._pool.access, offer.email)

    def confirm(self, user: NewUser, offer: Offer) -> None:
        """Confirm the user, and verify the address that the action made up; never a number, which someone typed."""
        if user.message_failure and not (self._signs_in and offer.is_random):
            raise message_limit_reached(user.message_failure, self._pool.access) from user.message_failure
        try:
            if not user.confirmed:
                self._pool.confirm_sign_up(user.username, self._metadata)
                self._has_users = True
            if offer.email:
                self._pool.verify_email(user.username, offer.email)
                self._has_users = True
        except CallError as error:
            raise self._not_confirmed(error, user, offer) from error
        self._host.log(f"Confirmed {user.sub or offer.entry.shown}: the user can sign in.")

    def set_password(self, user: NewUser, password: str) -> str:  # noqa: ARG002 - as `CreationMethod` has it
        """Do nothing: the user signed up with the permanent one."""
        return password

    def _require_pool(self) -> None:
        if not self._is_proven:
            try:
                self._client.require_pool()
            except CallError as error:
                raise client_refused(error, self._pool.access) from error
            self._is_proven = True

    def _not_confirmed(self, error: CallError, user: NewUser, offer: Offer) -> ActionError:
        """Put the refusal into words: until a user was found in the pool, one who is not there may be elsewhere."""
        if error.code == "UserNotFoundException" and user.message_failure:
            return limit_creates_nobody(user.message_failure, self._client.id, offer.entry.shown, self._pool.access)
        if error.code == "UserNotFoundException" and not self._has_users:
            return signed_up_elsewhere(error, self._client.id, user.sub, self._pool.access)
        return self._pool.explain(error)
