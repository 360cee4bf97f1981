"""The users of a step, from nothing to all that the tests need: the first alone, the rest side by side."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cognito_action.concurrency import side_by_side
from cognito_action.diagnostics import pool as pool_errors
from cognito_action.errors import ActionError, Failure, unexpected
from cognito_action.github.runner import Runner
from cognito_action.inputs.user_list import UserSpec
from cognito_action.users.creation import Creation, Credentials

if TYPE_CHECKING:
    from cognito_action.aws.user_pool import UserPool
    from cognito_action.sign_in.challenges import SignedIn


@dataclass(frozen=True)
class Person:
    """A user whom the tests can work with."""

    credentials: Credentials
    signed_in: "SignedIn | None"
    storage_state: str
    """Path of the browser state on the host, empty if there is none."""

    @property
    def outputs(self) -> dict[str, str]:
        """What the step hands over of this user, by the names of its outputs."""
        user = self.credentials
        outputs = {"username": user.username, "password": user.password, "email": user.email, "sub": user.sub}
        if self.signed_in:
            outputs |= self.signed_in.outputs
        if self.storage_state:
            outputs["storage-state"] = self.storage_state
        return outputs


class People:
    """Makes the users of a step.

    Args:
        specs: what each is to be, by its key.
        new_creation: puts a user with these attributes into the state.
        sign_in: signs a user in, where that is asked for.
        save_browser_state: leaves the browser state of a user and returns its path, where that is asked for.
    """

    def __init__(
        self,
        specs: Mapping[str, UserSpec],
        new_creation: Callable[[Mapping[str, str]], Creation],
        pool: "UserPool",
        runner: Runner,
        sign_in: "Callable[[Credentials], SignedIn] | None",
        save_browser_state: "Callable[[Credentials, SignedIn], str] | None",
    ) -> None:
        self._specs = specs
        self._new_creation = new_creation
        self._pool = pool
        self._runner = runner
        self._sign_in = sign_in
        self._save_browser_state = save_browser_state

    def make(self) -> dict[str, Person]:
        """Make all users and return them by their keys; raises `ActionError` that names the key of one who failed.

        All of them are in the state before Cognito is asked for the first. That one teaches the kind of user name
        and the length of password that the pool takes, and the flow that the app client allows.
        """
        self._creations = {key: self._new_creation(spec.attributes) for key, spec in self._specs.items()}
        first, *rest = self._specs
        try:
            people = [self._make(first)]
            teacher = self._creations[first]
            for key in rest:
                self._creations[key].offer(teacher.kind, teacher.password_length)
            people += side_by_side(self._make, rest)
        except BaseException:
            # Where the state can't be written any more, post looks for users who are not there: no harm.
            with suppress(ActionError):
                for creation in self._creations.values():
                    creation.withdraw()
            raise
        return dict(zip(self._specs, people, strict=True))

    def _make(self, key: str) -> Person:
        try:
            credentials = self._creations[key].run()
            for group in self._specs[key].groups:
                self._join(credentials, group)
            signed_in = self._signed_in(credentials)
            path = self._save_browser_state(credentials, signed_in) if self._save_browser_state and signed_in else ""
        except Exception as error:
            if not key:
                raise
            named = (error if isinstance(error, ActionError) else unexpected(error)).about(f"User {key}")
            self._runner.log(f"Failed: {named.what}")
            raise named from error
        if key:
            self._runner.log(f"User {credentials.sub} is {key} in the input users.")
        return Person(credentials, signed_in, path)

    def _signed_in(self, user: Credentials) -> "SignedIn | None":
        if not self._sign_in:
            return None
        signed_in = self._sign_in(user)
        self._runner.log(f"Signed {user.sub} in.")
        return signed_in

    def _join(self, credentials: Credentials, group: str) -> None:
        try:
            self._pool.add_to_group(credentials.internal_name, group)
        except Failure as failure:
            if failure.code == "ResourceNotFoundException":
                raise pool_errors.no_such_group(failure, group, self._pool.id) from failure
            raise self._pool.explain(failure) from failure
        self._runner.log(f"User {credentials.sub} is in group {group}.")
