"""All users of a step, from nothing to everything that the tests need: the first alone, the others concurrently."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cognito_action.claims import claims_of
from cognito_action.concurrency import map_concurrently
from cognito_action.host import Host, HostFileError
from cognito_action.users.creation import Creation, UserCredentials
from cognito_action.users.expected import ExpectedUser
from cognito_action.users.groups import Groups

if TYPE_CHECKING:
    from cognito_action.aws.identity_pool import AwsCredentials
    from cognito_action.aws.user_pool import UserPool
    from cognito_action.inputs.user_list import UserSpec
    from cognito_action.sign_in.challenges import SignedIn


@dataclass(frozen=True)
class ReadyUser:
    """A user that the tests can work with, or one that they can sign up."""

    credentials: UserCredentials
    signed_in: "SignedIn | None" = None
    storage_state: str = ""
    """Path of the browser state on the host, empty if there is none."""
    aws_credentials: "AwsCredentials | None" = None

    @property
    def outputs(self) -> dict[str, str]:
        """What the step outputs of this user, by the names of its outputs."""
        user = self.credentials
        outputs = {"username": user.username, "password": user.password, "email": user.email}
        if user.sub:
            outputs["sub"] = user.sub
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
        new_expected: puts a user whom nobody creates into the state.
        sign_in: signs a user in, if that is asked for.
        get_aws_credentials: trades a user's ID token, and saves what the identity pool calls the user, if that is asked
            for.
        save_browser_state: leaves the browser state of a user and returns its path, if that is asked for.
    """

    def __init__(
        self,
        specs: "Mapping[str, UserSpec]",
        new_creation: Callable[[Mapping[str, str]], Creation],
        new_expected: Callable[[], ExpectedUser],
        pool: "UserPool",
        host: Host,
        sign_in: "Callable[[UserCredentials], SignedIn] | None",
        get_aws_credentials: "Callable[[str, Callable[[str], None]], AwsCredentials] | None",
        save_browser_state: "Callable[[UserCredentials, SignedIn], str] | None",
    ) -> None:
        self._specs = specs
        self._new_creation = new_creation
        self._new_expected = new_expected
        self._pool = pool
        self._host = host
        self._sign_in = sign_in
        self._get_aws_credentials = get_aws_credentials
        self._save_browser_state = save_browser_state
        self._creations: dict[str, Creation] = {}
        self._groups = Groups(pool, {group for spec in specs.values() for group in spec.groups}, host)

    @property
    def subs(self) -> dict[str, str]:
        """The `sub` of each user who exists, as far as it is known, by the user's key; for a step that fails."""
        return {key: creation.sub for key, creation in self._creations.items() if creation.sub}

    def create(self) -> dict[str, ReadyUser]:
        """Create those who are to be created, and return all by their keys.

        All of them are in the state before Cognito is asked for the first. That one teaches the type of username and
        the length of password that the pool accepts: the others begin when it is there. Raises `HostFileError`, and
        `ActionError` with a user's key.
        """
        creations = self._creations = {
            key: self._new_creation(spec.attributes) for key, spec in self._specs.items() if spec.create
        }
        expected = {key: self._new_expected() for key, spec in self._specs.items() if not spec.create}
        everyone: list[Creation | ExpectedUser] = [*creations.values(), *expected.values()]
        try:
            users = self._create_all(creations)
        except BaseException:
            # If the state can't be written any more, post looks for users who are not there: no harm.
            with suppress(HostFileError):
                for user in everyone:
                    user.withdraw()
            raise
        length = max((creation.password_length for creation in creations.values()), default=0)
        for key, prepared in expected.items():
            users[key] = ReadyUser(prepared.hand_over(length))
            self._host.log(f"User {users[key].credentials.shown} is {key} in the input users, and is not created.")
        return {key: users[key] for key in self._specs}

    def _create_all(self, creations: Mapping[str, Creation]) -> dict[str, ReadyUser]:
        if creations:
            first, *others = creations
            with self._naming(first):
                creations[first].create()
            for key in others:
                creations[key].start_with(creations[first].offer.username_type, creations[first].password_length)
        users = map_concurrently(lambda key: self._create(key, creations[key]), creations)
        return dict(zip(creations, users, strict=True))

    def _create(self, key: str, creation: Creation) -> ReadyUser:
        with self._naming(key):
            user = creation.run()
            self._groups.add(user, self._specs[key].groups)
            signed_in = self._sign_in_if_asked(user)
            if signed_in and not user.sub:
                user = creation.identify(user, str(claims_of(signed_in.tokens.id).get("sub", "")))
            aws_credentials = self._aws_credentials_if_asked(creation, signed_in)
            path = self._save_browser_state(user, signed_in) if self._save_browser_state and signed_in else ""
        if key:
            self._host.log(f"User {user.sub} is {key} in the input users.")
        return ReadyUser(user, signed_in, path, aws_credentials)

    @contextmanager
    def _naming(self, key: str) -> Iterator[None]:
        """Have a failure say whose it is, if the user has a key."""
        try:
            yield
        except Exception as error:
            if not key:
                raise
            named = self._pool.explain(error).about(f"User {key}")
            self._host.log(f"Failed: {named.what}")
            raise named from error

    def _sign_in_if_asked(self, user: UserCredentials) -> "SignedIn | None":
        if not self._sign_in:
            return None
        signed_in = self._sign_in(user)
        self._host.log(f"Signed {user.shown} in.")
        return signed_in

    def _aws_credentials_if_asked(self, creation: Creation, signed_in: "SignedIn | None") -> "AwsCredentials | None":
        if not self._get_aws_credentials or not signed_in:
            return None
        found = self._get_aws_credentials(signed_in.tokens.id, creation.saved.save_identity)
        self._host.log(f"Got AWS credentials of identity {found.identity_id}.")
        return found
