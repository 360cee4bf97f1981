"""One user, from a first offer to a permanent password, whichever way it comes to be."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from random import Random
from typing import TYPE_CHECKING

from cognito_action.diagnostics.pool import email_required, lost_user_in_the_way, phone_number_required
from cognito_action.errors import CallError
from cognito_action.host import Host, HostFileError
from cognito_action.naming import Origin, address_of, visible_part
from cognito_action.users.creation_method import CreationMethod, NewUser
from cognito_action.users.offer import Offer, UsernameType, username_types_wanted
from cognito_action.users.passwords import LONGEST_MINIMUM, new_masked_password
from cognito_action.users.refusals import CreatingCalls
from cognito_action.users.state import State

if TYPE_CHECKING:
    from cognito_action.inputs.main import MainInputs


@dataclass(frozen=True)
class UserCredentials:
    """What the step outputs; `username` is what a person would type, the name that was offered to Cognito."""

    username: str
    password: str = field(repr=False)
    email: str
    sub: str
    """Empty if Cognito has not said it: there is no user yet, or the pool could not send a message to it."""
    internal_name: str
    """What calls of the pool's administrator name the user by."""
    entry_id: str
    """Of the user's entry in the state."""

    @property
    def shown(self) -> str:
        """What the log may call the user."""
        return self.sub or f"{visible_part(self.username)}…"


class Creation:
    """One user on the way into the pool: what is offered to Cognito, and how that changes with what Cognito refuses.

    From its construction on the user is in the state (`saved`), for post; writing it may raise `HostFileError`.

    Args:
        attributes: the user's, apart from those that the action sets.
        random: a cryptographic source.
        clock: the time, in seconds since 1970.
    """

    def __init__(
        self,
        method: CreationMethod,
        inputs: "MainInputs",
        attributes: Mapping[str, str],
        origin: Origin,
        state: State,
        host: Host,
        random: Random,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._method = method
        self._inputs = inputs
        self._attributes = attributes
        self._origin = origin
        self._state = state
        self._host = host
        self._random = random
        self._clock = clock
        self.password_length = inputs.password_length
        self._refused_types: set[UsernameType] = set()
        self._replaced = False
        self._calls = CreatingCalls()
        self.saved = state.new_user()
        self._user: NewUser | None = None
        self._password = ""
        self.offer = self._new_offer()
        self._propose(self.offer)

    @property
    def sub(self) -> str:
        """What Cognito calls the user, as far as that is known."""
        return self._user.sub if self._user else ""

    def create(self) -> NewUser:
        """Create the user, once, who may not be able to sign in yet; raises what `run` raises."""
        if not self._user:
            self._user = self._create()
            where, kind = self._inputs.user_pool_id, self.offer.username_type.value
            self._host.log(f"Created user {self._user.sub or self.offer.entry.shown} in {where}; its name is {kind}.")
            self._method.confirm(self._user, self.offer)
        return self._user

    def run(self) -> UserCredentials:
        """Create the user; raises `ActionError` and `HostFileError`, with whoever may exist by then in the state."""
        user = self.create()
        password = self._method.set_password(user, self._password)
        return UserCredentials(self.offer.username, password, self.offer.email, user.sub, user.username, self.saved.id)

    def identify(self, user: UserCredentials, sub: str) -> UserCredentials:
        """Add the `sub` that a sign-in has told, if Cognito had not said it before."""
        self.saved.save_sub(sub)
        return replace(user, sub=sub)

    def start_with(self, username_type: UsernameType, password_length: int) -> None:
        """Start with the type of username and the password length that another user of the pool got through with."""
        self.password_length = password_length
        self._propose(replace(self.offer, username_type=username_type))

    def withdraw(self) -> None:
        """Take the user back from the state if Cognito was never asked to create it."""
        if not self._calls.sent:
            self.saved.discard()

    def _create(self) -> NewUser:
        offer, self._password = self.offer, self._new_password()
        while True:
            self._propose(offer)
            try:
                user = self._method.create(offer, self._attributes, self._password, self._save_before_attempt)
            except CallError as error:
                # The entry may stay as it is: post then looks for someone who is not there, or for longer than it has to.
                self._calls.failed(error)
                with suppress(HostFileError):
                    self._save_failure(error)
                offer = self._next_offer(error)
                if len(self._password) < self.password_length:
                    self._password = self._new_password()
            else:
                entry = self._calls.noted_in(offer.entry).answered(user.returned_name, user.sub)
                self.saved.save(replace(entry, taken=not (user.sub or offer.is_random)))
                return user

    def _propose(self, offer: Offer) -> None:
        """Have `offer` ready to be sent: masked before it is saved, and saved before Cognito is asked."""
        self.offer = offer
        for name in (offer.name, offer.username) if self._inputs.mask_username else ():
            self._host.mask(name)
        self.saved.save(self._calls.noted_in(offer.entry))

    def _save_before_attempt(self, last: CallError | None) -> None:
        """Save that a call is under way from now on; `last` is what the one before it met."""
        if last:
            self._calls.failed(last)
        now = math.ceil(self._clock())
        self.saved.save(self._calls.noted_in(self.offer.entry, under_way=now))
        self._calls.sent = now

    def _save_failure(self, error: CallError) -> None:
        """Take the entry back on proof only; otherwise save which calls may still take effect."""
        if self._calls.may_exist:
            taken = error.code == "UsernameExistsException" and not self.offer.is_random
            # The one who is there may be from a call that was answered, and another may come from one that was not.
            others = self._calls.refused_without_proof if self._calls.unanswered else 0
            entry = self._calls.noted_in(self.offer.entry)
            self.saved.save(replace(entry, taken=taken, unanswered=entry.unanswered + others))
        else:
            self.saved.discard()

    def _new_offer(self, username_type: UsernameType | None = None) -> Offer:
        name = self._origin.new_name(self._random)
        email = address_of(name, self._inputs.email_domain, gets_mail=self._method.gets_mail)
        return Offer.new(name, email, self._inputs.phone_number, username_type)

    def _next_offer(self, error: CallError) -> Offer:
        """What can succeed after this refusal; raises `ActionError` if nothing can."""
        if wanted := username_types_wanted(error):
            return self._retyped(wanted, error)
        if error.code == "InvalidPasswordException" and self.password_length < LONGEST_MINIMUM:
            self.password_length = LONGEST_MINIMUM
            return self.offer
        if error.code in ("UsernameExistsException", "AliasExistsException") and self._replaced:
            raise lost_user_in_the_way(error)
        if error.code == "UsernameExistsException" and self._calls.may_exist and self.offer.is_random:
            # No one else can have a random name: a call whose answer was lost created this user, who stays in the state.
            # Another, whose `sub` will be known, takes its place, once: or lost answers could fill the pool.
            self._replaced = True
            self._calls = CreatingCalls()
            self.saved = self._state.new_user()
            return self._new_offer(self.offer.username_type)
        raise self._method.refused(error, self.offer) from error

    def _retyped(self, wanted: Sequence[UsernameType], error: CallError) -> Offer:
        self._refused_types.add(self.offer.username_type)
        if offer := self.offer.retyped(wanted, self._refused_types):
            self._calls = CreatingCalls()
            return offer
        if UsernameType.EMAIL in wanted and not self.offer.email:
            raise email_required(or_phone_number=UsernameType.PHONE_NUMBER in wanted)
        if UsernameType.PHONE_NUMBER in wanted and not self.offer.phone_number:
            raise phone_number_required()
        raise self._method.refused(error, self.offer) from error

    def _new_password(self) -> str:
        return new_masked_password(self.password_length, self._random, self._host.mask)
