"""All users of a step, from nothing to everything that the tests need: the first alone, the others concurrently."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from cognito_action.concurrency import map_concurrently
from cognito_action.diagnostics.pool import groups_not_found
from cognito_action.errors import ActionError, CallError
from cognito_action.github.runner import Runner, RunnerFileError
from cognito_action.users.creation import Creation, UserCredentials

if TYPE_CHECKING:
    from cognito_action.aws.identity_pool import AwsCredentials
    from cognito_action.aws.user_pool import UserPool
    from cognito_action.inputs.user_list import UserSpec
    from cognito_action.sign_in.challenges import SignedIn


_NO_POOL = re.compile("User pool .* does not exist", re.IGNORECASE)
"""What distinguishes the refusal from that of a missing group."""


@dataclass(frozen=True)
class CreatedUser:
    """A user that the tests can work with."""

    credentials: UserCredentials
    signed_in: "SignedIn | None"
    storage_state: str
    """Path of the browser state on the host, empty if there is none."""
    aws_credentials: "AwsCredentials | None" = None

    @property
    def outputs(self) -> dict[str, str]:
        """What the step outputs of this user, by the names of its outputs."""
        user = self.credentials
        outputs = {"username": user.username, "password": user.password, "email": user.email, "sub": user.sub}
        if self.signed_in:
            outputs |= self.signed_in.outputs
        if self.aws_credentials:
            outputs |= self.aws_credentials.outputs
        if self.storage_state:
            outputs["storage-state"] = self.storage_state
        return outputs


class UserBatch:
    """Creates the users of a step.

    Args:
        specs: what each is to be, by its key in the input `users`.
        new_creation: puts a user with these attributes into the state.
        sign_in: signs a user in, if that is asked for.
        get_aws_credentials: trades a user's ID token, and saves what the identity pool calls the user, if that is asked
            for.
        save_browser_state: leaves the browser state of a user and returns its path, if that is asked for.
    """

    def __init__(
        self,
        specs: "Mapping[str, UserSpec]",
        new_creation: Callable[[Mapping[str, str]], Creation],
        pool: "UserPool",
        runner: Runner,
        sign_in: "Callable[[UserCredentials], SignedIn] | None",
        get_aws_credentials: "Callable[[str, Callable[[str], None]], AwsCredentials] | None",
        save_browser_state: "Callable[[UserCredentials, SignedIn], str] | None",
    ) -> None:
        self._specs = specs
        self._new_creation = new_creation
        self._pool = pool
        self._runner = runner
        self._sign_in = sign_in
        self._get_aws_credentials = get_aws_credentials
        self._save_browser_state = save_browser_state
        self._groups_there: set[str] = set()
        self._groups_missing: set[str] = set()
        self._lock = Lock()

    def create(self) -> dict[str, CreatedUser]:
        """Create all users and return them by their keys; raises `RunnerFileError`, and `ActionError` with a user's key.

        All of them are in the state before Cognito is asked for the first. That one teaches the type of username and
        the length of password that the pool accepts: the others begin when it is there.
        """
        creations = {key: self._new_creation(spec.attributes) for key, spec in self._specs.items()}
        first, *others = creations
        try:
            with self._naming(first):
                creations[first].create()
            for key in others:
                creations[key].start_with(creations[first].offer.username_type, creations[first].password_length)
            users = map_concurrently(lambda key: self._create(key, creations[key]), creations)
        except BaseException:
            # If the state can't be written any more, post looks for users who are not there: no harm.
            with suppress(RunnerFileError):
                for creation in creations.values():
                    creation.withdraw()
            raise
        return dict(zip(creations, users, strict=True))

    def _create(self, key: str, creation: Creation) -> CreatedUser:
        with self._naming(key):
            credentials = creation.run()
            self._add_to_groups(credentials, self._specs[key].groups)
            signed_in = self._sign_in_if_asked(credentials)
            aws_credentials = self._aws_credentials_if_asked(creation, signed_in)
            path = self._save_browser_state(credentials, signed_in) if self._save_browser_state and signed_in else ""
        if key:
            self._runner.log(f"User {credentials.sub} is {key} in the input users.")
        return CreatedUser(credentials, signed_in, path, aws_credentials)

    @contextmanager
    def _naming(self, key: str) -> Iterator[None]:
        """Have a failure say whose it is, if the user has a key."""
        try:
            yield
        except Exception as error:
            if not key:
                raise
            named = self._pool.explain(error).about(f"User {key}")
            self._runner.log(f"Failed: {named.what}")
            raise named from error

    def _add_to_groups(self, credentials: UserCredentials, groups: Collection[str]) -> None:
        """Have the user join `groups`; raises one error about all groups of the step that are missing, if one is."""
        for group in groups:
            if error := self._join(credentials, group):
                raise groups_not_found(error, self._missing_groups(credentials, group), self._pool.access.cli)

    def _missing_groups(self, credentials: UserCredentials, missing: str) -> list[str]:
        """Find out which groups of all users are missing, once in a step: one is known to be.

        The step fails, and its users are deleted. Until then this one can show which groups are there.
        """
        with self._lock:
            if not self._groups_missing:
                named = {group for spec in self._specs.values() for group in spec.groups}
                self._groups_missing = {missing}
                for group in sorted(named - self._groups_there - {missing}):
                    with suppress(ActionError):
                        if self._join(credentials, group):
                            self._groups_missing.add(group)
            return sorted(self._groups_missing | {missing})

    def _join(self, credentials: UserCredentials, group: str) -> CallError | None:
        """Have the user join a group; return Cognito's refusal if there is no such group."""
        try:
            self._pool.add_to_group(credentials.internal_name, group)
        except CallError as error:
            if error.code == "ResourceNotFoundException" and not _NO_POOL.match(error.message):
                return error
            raise self._pool.explain(error) from error
        self._groups_there.add(group)
        self._runner.log(f"User {credentials.sub} is in group {group}.")
        return None

    def _sign_in_if_asked(self, user: UserCredentials) -> "SignedIn | None":
        if not self._sign_in:
            return None
        signed_in = self._sign_in(user)
        self._runner.log(f"Signed {user.sub} in.")
        return signed_in

    def _aws_credentials_if_asked(self, creation: Creation, signed_in: "SignedIn | None") -> "AwsCredentials | None":
        if not self._get_aws_credentials or not signed_in:
            return None
        found = self._get_aws_credentials(signed_in.tokens.id, creation.saved.save_identity)
        self._runner.log(f"Got AWS credentials of identity {found.identity_id}.")
        return found
