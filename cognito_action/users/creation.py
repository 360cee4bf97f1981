"""One user, from a first offer to a permanent password."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import TYPE_CHECKING

from cognito_action.diagnostics.pool import email_required, phone_number_required
from cognito_action.errors import CallError
from cognito_action.github.runner import Runner
from cognito_action.inputs.main import MainInputs
from cognito_action.naming import Run
from cognito_action.users.offer import Offer, UsernameType, username_types_wanted
from cognito_action.users.passwords import LONGEST_MINIMUM, new_masked_password, set_password
from cognito_action.users.state import State

if TYPE_CHECKING:
    from cognito_action.aws.user_pool import User, UserPool


@dataclass(frozen=True)
class UserCredentials:
    """What the step outputs; `username` is what a person would type, the name that was offered to Cognito."""

    username: str
    password: str = field(repr=False)
    email: str
    sub: str
    internal_name: str
    """What Cognito calls the user: a UUID if people sign in by email or phone."""
    entry_id: str
    """Of the user's entry in the state."""


class Creation:
    """One user on the way into the pool: what is offered to Cognito, and how that changes with what Cognito refuses.

    From its construction on the user is in the state, for post; writing it may raise `RunnerFileError`.

    Args:
        attributes: the user's, apart from those that the action sets.
        random: a cryptographic source.
    """

    def __init__(
        self,
        pool: "UserPool",
        inputs: MainInputs,
        attributes: Mapping[str, str],
        run: Run,
        state: State,
        runner: Runner,
        random: Random,
    ) -> None:
        self._pool = pool
        self._inputs = inputs
        self._attributes = attributes
        self._run = run
        self._state = state
        self._runner = runner
        self._random = random
        self.password_length = inputs.password_length
        self._refused_types: set[UsernameType] = set()
        self._requested = False
        self._replaced = False
        self._outcome_unknown = False
        self._saved = state.new_user()
        self.offer = self._new_offer()
        self._propose(self.offer)

    def run(self) -> UserCredentials:
        """Create the user; raises `ActionError` and `RunnerFileError`, with whoever may exist by then in the state."""
        user = self._create()
        username_type = self.offer.username_type.value
        self._runner.log(f"Created user {user.sub} in {self._inputs.user_pool_id}; its name is {username_type}.")
        password = self._set_password(user)
        self._runner.log(f"Set the permanent password of {user.sub}: the user can sign in.")
        return UserCredentials(self.offer.username, password, self.offer.email, user.sub, user.username, self._saved.id)

    def start_with(self, username_type: UsernameType, password_length: int) -> None:
        """Start with the type of username and the password length that another user of the pool got through with."""
        self.password_length = password_length
        self._propose(replace(self.offer, username_type=username_type))

    def withdraw(self) -> None:
        """Take the user back from the state if Cognito was never asked to create it."""
        if not self._requested:
            self._saved.discard()

    def _create(self) -> "User":
        offer, temporary = self.offer, self._new_password(self.password_length)
        while True:
            self._propose(offer)
            self._requested = True
            try:
                user = self._pool.create_user(
                    offer.username,
                    {**self._attributes, **offer.attributes},
                    temporary,
                    self._inputs.client_metadata,
                    self._note_unknown_outcome,
                )
            except CallError as error:
                if not error.outcome_unknown:
                    self._saved.discard()
                offer = self._next_offer(error)
                if len(temporary) < self.password_length:
                    temporary = self._new_password(self.password_length)
            else:
                entry = offer.entry(outcome_unknown=self._outcome_unknown)
                self._saved.save(entry.answered(user.username, user.sub))
                return user

    def _propose(self, offer: Offer) -> None:
        """Have `offer` ready to be sent: masked before it is saved, and saved before Cognito is asked."""
        self.offer = offer
        if self._inputs.mask_username:
            for name in (offer.name, offer.username):
                self._runner.mask(name)
        self._saved.save(offer.entry(outcome_unknown=self._outcome_unknown))

    def _new_offer(self, username_type: UsernameType | None = None) -> Offer:
        name = self._run.new_name(self._random)
        return Offer.new(name, self._inputs.email_domain, self._inputs.phone_number, username_type)

    def _next_offer(self, error: CallError) -> Offer:
        """What can succeed after this refusal; raises `ActionError` if nothing can."""
        if wanted := username_types_wanted(error):
            return self._retyped(wanted, error)
        if error.code == "InvalidPasswordException" and self.password_length < LONGEST_MINIMUM:
            self.password_length = LONGEST_MINIMUM
            return self.offer
        can_replace = self.offer.is_random and not self._replaced
        if error.code == "UsernameExistsException" and error.outcome_unknown and can_replace:
            # No one else can have a random name: the attempt whose answer was lost created this user. It stays in
            # the state for post, and another one, whose `sub` will be known, takes its place: once, or a network that
            # loses every good answer would fill the pool.
            self._replaced = True
            self._outcome_unknown = False
            self._saved = self._state.new_user()
            return self._new_offer(self.offer.username_type)
        raise self._pool.explain(error) from error

    def _retyped(self, wanted: Sequence[UsernameType], error: CallError) -> Offer:
        self._refused_types.add(self.offer.username_type)
        if offer := self.offer.retyped(wanted, self._refused_types):
            return offer
        if UsernameType.EMAIL in wanted and not self.offer.email:
            raise email_required(or_phone_number=UsernameType.PHONE_NUMBER in wanted)
        if UsernameType.PHONE_NUMBER in wanted and not self.offer.phone_number:
            raise phone_number_required()
        raise self._pool.explain(error) from error

    def _note_unknown_outcome(self) -> None:
        self._outcome_unknown = True
        self._propose(self.offer)

    def _set_password(self, user: "User") -> str:
        first = self._new_password(self.password_length)
        try:
            password = set_password(self._pool, user.username, first, self._new_password)
        except CallError as error:
            raise self._pool.explain(error) from error
        self.password_length = len(password)
        return password

    def _new_password(self, length: int) -> str:
        return new_masked_password(length, self._random, self._runner.mask)
