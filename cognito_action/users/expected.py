"""A user whom nobody creates: the step makes all that a test needs to sign up by itself."""

from random import Random
from typing import TYPE_CHECKING

from cognito_action.host import Host
from cognito_action.naming import Origin, address_of
from cognito_action.users.creation import UserCredentials
from cognito_action.users.passwords import new_masked_password
from cognito_action.users.records import Entry
from cognito_action.users.state import State

if TYPE_CHECKING:
    from cognito_action.inputs.main import MainInputs


class ExpectedUser:
    """A user who may come to be while the job runs, and who is in the state from its construction on.

    Name and address are masked before that, unless they may be seen. Writing the state may raise `HostFileError`.

    Args:
        random: a cryptographic source.
    """

    def __init__(self, inputs: "MainInputs", origin: Origin, state: State, host: Host, random: Random) -> None:
        self._name = origin.new_name(random)
        self._email = address_of(self._name, inputs.email_domain, gets_mail=True)
        self._password_length = inputs.password_length
        self._host = host
        self._random = random
        self._saved = state.new_user()
        if inputs.mask_username:
            for text in filter(None, (self._name, self._email)):
                host.mask(text)
        self._saved.save(Entry(self._email or self._name, inputs.phone_number, expected=True))

    def hand_over(self, shortest: int) -> UserCredentials:
        """Make the password, which the pool wants to have at least `shortest` characters, and return all together."""
        length = max(self._password_length, shortest)
        password = new_masked_password(length, self._random, self._host.mask)
        return UserCredentials(self._name, password, self._email, "", self._name, self._saved.id)

    def withdraw(self) -> None:
        """Take the user back from the state: no one has heard of it."""
        self._saved.discard()
