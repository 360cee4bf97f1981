"""One user, from an offered name to a permanent password."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from cognito_action.diagnostics import pool as pool_errors
from cognito_action.errors import Failure
from cognito_action.github.runner import Runner
from cognito_action.inputs.main import Inputs
from cognito_action.naming import Kind, Run, kinds_wanted
from cognito_action.users.passwords import LONGEST_MINIMUM, give_password, new_masked_password
from cognito_action.users.records import Entry
from cognito_action.users.state import State

if TYPE_CHECKING:
    from cognito_action.aws.user_pool import User, UserPool


@dataclass(frozen=True)
class Credentials:
    """What the step hands over; `username` is what a person would type, the name that was offered to Cognito."""

    username: str
    password: str = field(repr=False)
    email: str
    sub: str
    internal_name: str
    """What Cognito calls the user: a UUID where people sign in by e-mail or phone."""
    key: str
    """Of the user's entry in the state."""


class Creation:
    """One user on the way into the pool: what is offered to Cognito, changing with what Cognito refuses.

    From the beginning the user is in the state, for post.

    Args:
        attributes: the user's, beside those that the action sets.
        random: a cryptographic source.
    """

    def __init__(
        self,
        pool: "UserPool",
        inputs: Inputs,
        attributes: Mapping[str, str],
        run: Run,
        state: State,
        runner: Runner,
        random: Random,
    ) -> None:
        self._pool = pool
        self._inputs = inputs
        self._own_attributes = attributes
        self._run = run
        self._state = state
        self._runner = runner
        self._random = random
        self.kind = Kind.EMAIL if inputs.email_domain else Kind.NAME
        self.password_length = inputs.password_length
        self._refused: set[Kind] = set()
        self._offered = False
        self._replaced = False
        self._draw_name()

    def run(self) -> Credentials:
        """Create the user; raises `ActionError`, and leaves in the state whoever may exist by then."""
        self._draw_passwords()
        user = self._create()
        self._runner.log(f"Created user {user.sub} in {self._inputs.user_pool_id}; its name is {self.kind.value}.")
        password = self._set_password(user)
        self._runner.log(f"Set the permanent password of {user.sub}: the user can sign in.")
        return Credentials(self._username, password, self._email, user.sub, user.username, self._key)

    def offer(self, kind: Kind, password_length: int) -> None:
        """Begin with this kind of user name and this length: what another user of the pool got through with."""
        self.password_length = password_length
        if kind is not self.kind:
            self.kind = kind
            self._mask_username()
            self._save()

    def withdraw(self) -> None:
        """Take the user back from the state if Cognito was never asked to create it."""
        if not self._offered:
            self._strike()

    def _create(self) -> "User":
        while True:
            self._save()
            self._offered = True
            try:
                user = self._pool.create_user(
                    self._username, self._attributes, self._temporary, self._inputs.client_metadata, self._note_lost
                )
            except Failure as failure:
                if not failure.lost:
                    self._strike()
                self._learn(failure)
            else:
                self._state.user(self._key, self._entry.answered(user.username, user.sub))
                return user

    def _learn(self, failure: Failure) -> None:
        """Change what is offered so that it can succeed; raises `ActionError` where nothing can."""
        if wanted := kinds_wanted(failure.code, failure.message):
            self._choose_kind(wanted, failure)
        elif failure.code == "InvalidPasswordException" and self.password_length < LONGEST_MINIMUM:
            self.password_length = LONGEST_MINIMUM
            self._draw_passwords()
        elif failure.code == "UsernameExistsException" and failure.lost and self._can_replace:
            # Nobody else can have a random name: the attempt whose answer was lost created this user. It stays in
            # the state for post, and another one, whose `sub` will be known, takes its place: once, or a way back
            # that loses whatever is good news would fill the pool.
            self._replaced = True
            self._draw_name()
        else:
            raise self._pool.explain(failure) from failure

    def _choose_kind(self, wanted: tuple[Kind, ...], failure: Failure) -> None:
        self._refused.add(self.kind)
        for kind in wanted:
            if self._offers[kind] and kind not in self._refused:
                self.kind = kind
                self._mask_username()
                return
        if Kind.EMAIL in wanted and not self._email:
            raise pool_errors.email_wanted(or_phone=Kind.PHONE in wanted)
        if Kind.PHONE in wanted and not self._inputs.phone_number:
            raise pool_errors.phone_wanted()
        raise self._pool.explain(failure) from failure

    def _set_password(self, user: "User") -> str:
        try:
            password = give_password(self._pool, user.username, self._password, self._new_password)
        except Failure as failure:
            raise self._pool.explain(failure) from failure
        self.password_length = len(password)
        return password

    def _draw_name(self) -> None:
        self._name = self._run.new_name(self._random)
        self._email = f"{self._name}@{self._inputs.email_domain}" if self._inputs.email_domain else ""
        self._mask_username()
        self._lost = False
        self._saved: Entry | None = self._entry
        self._key = self._state.new_user(self._saved)

    def _save(self) -> None:
        """Have the user in the state as it would be created now."""
        if self._saved != self._entry:
            self._saved = self._entry
            self._state.user(self._key, self._saved)

    def _note_lost(self) -> None:
        self._lost = True
        self._save()

    def _strike(self) -> None:
        self._saved = None
        self._state.strike(self._key)

    def _draw_passwords(self) -> None:
        self._temporary = self._new_password(self.password_length)
        self._password = self._new_password(self.password_length)

    def _new_password(self, length: int) -> str:
        return new_masked_password(length, self._random, self._runner.mask)

    def _mask_username(self) -> None:
        if self._inputs.mask_username:
            for text in dict.fromkeys((self._name, self._username)):
                self._runner.mask(text)

    @property
    def _can_replace(self) -> bool:
        return self.kind is not Kind.PHONE and not self._replaced

    @property
    def _entry(self) -> Entry:
        return Entry(
            name=self._name if self.kind is Kind.NAME else self._email or self._name,
            phone=self._inputs.phone_number if self.kind is Kind.PHONE else "",
            lost=self._lost,
        )

    @property
    def _username(self) -> str:
        return self._offers[self.kind]

    @property
    def _offers(self) -> dict[Kind, str]:
        return {Kind.EMAIL: self._email, Kind.NAME: self._name, Kind.PHONE: self._inputs.phone_number}

    @property
    def _attributes(self) -> dict[str, str]:
        attributes = dict(self._own_attributes)
        if self._email:
            attributes |= {"email": self._email, "email_verified": "true"}
        if self._inputs.phone_number:
            attributes |= {"phone_number": self._inputs.phone_number, "phone_number_verified": "true"}
        return attributes
