"""The records that main leaves in the state as JSON, and that post reads: what to work with, and who may exist."""

import json
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Self, TypeVar

from cognito_action.aws.endpoints import Endpoints
from cognito_action.aws.iam import ROLE_ARN, Role
from cognito_action.naming import IDENTITY_ID, POOL_ID, REGION, UUID, PoolAddress, owner_of, region_of

Record = TypeVar("Record", "Setup", "Entry", Role, Endpoints)


@dataclass(frozen=True)
class Setup:
    """What post works with. Its own inputs play no part: the runner evaluates them again at the end of the job."""

    pool_id: str
    region: str
    """Of the pool. In a step without a role it can come from `AWS_REGION`, which a later step can change."""
    role: Role | None
    credentials: str
    """Digest of the ID of the environment's access key if no role was given (`Connection.credentials`)."""
    endpoints: Endpoints
    """What main connected to: a later step of the job can set other endpoints, which know nothing of this pool."""
    proxies: str
    """The proxies that main could use (`proxy_settings`)."""
    cleanup_failure: str
    """`warning` or `error`."""
    identity_pool_id: str = ""
    """Whose AWS credentials the users got, empty if they got none."""

    @property
    def pool(self) -> PoolAddress:
        """The pool and its region."""
        return PoolAddress(self.pool_id, self.region)

    @property
    def text(self) -> str:
        """As it is in the state."""
        return _text(self)

    @staticmethod
    def parse(text: str) -> "Setup | None":
        """Read such a text; None if it is not one of main's."""
        content = _content(text)
        role = content.get("role", "")
        endpoints = _record(Endpoints, content.get("endpoints"))
        setup = _record(Setup, {**content, "role": role and _record(Role, role), "endpoints": endpoints})
        if (
            setup is None
            or not POOL_ID.fullmatch(setup.pool_id)
            or not REGION.fullmatch(setup.region)
            or region_of(setup.pool_id) not in ((setup.region,) if setup.role else (setup.region, ""))
            or bool(setup.role) is not bool(role)
            or (setup.role and not ROLE_ARN.fullmatch(setup.role.arn))
            or setup.cleanup_failure not in ("warning", "error")
            or not (setup.identity_pool_id == "" or IDENTITY_ID.fullmatch(setup.identity_pool_id))
        ):
            return None
        return setup


@dataclass(frozen=True)
class Entry:
    """One user who may exist."""

    name: str
    """The generated name, with its email domain unless the plain name is the username."""
    phone_number: str = ""
    """The phone number that was offered as the username. Never a deletion key: someone typed it."""
    username: str = ""
    """The username that Cognito returned; empty as long as no answer came."""
    sub: str = ""
    """The user's ID that Cognito returned."""
    unanswered: int = 0
    """How many creating calls have had no answer."""
    last_unanswered: int = 0
    """When the last of these was sent, in seconds since 1970."""
    taken: bool = False
    """Whether Cognito says that the phone number is taken, after a call that may have taken it."""
    identity_id: str = ""
    """What the identity pool calls the user, empty if it was not asked."""

    @property
    def text(self) -> str:
        """As it is in the state."""
        return _text(self)

    @staticmethod
    def parse(text: str) -> "Entry | None":
        """Read such a text; None if it is not one of main's."""
        return _record(Entry, _content(text))

    @property
    def deletion_name(self) -> str:
        """The text that names this user and no one else to Cognito; empty if only a phone number could.

        A returned username counts as such only if it is the generated name or a UUID.
        """
        if self._is_own_name(self.username):
            return self.username
        return "" if self.phone_number else self.name

    @property
    def needs_lookup(self) -> bool:
        """Whether only `ListUsers` can tell: the number may be someone else's, the generated address is not."""
        return not self.deletion_name and "@" in self.name

    @property
    def offered(self) -> Self:
        """The same without what Cognito returned: another call that offered this creates a user with another ID."""
        return replace(self, username="", sub="")

    @property
    def possible_late_user(self) -> Self | None:
        """The user that an unanswered call may still create, whoever is there now; None if nothing tells it apart."""
        may_come = self.unanswered > 0 or self.taken
        return self.offered if may_come and (self.offered.deletion_name or self.offered.needs_lookup) else None

    @property
    def shown(self) -> str:
        """What the log may call the user: the ID, or the front of the generated name, since the whole of it is masked."""
        return self.sub or f"{self._prefix}…"

    @property
    def filter(self) -> str:
        """What `list-users` finds the user by if the `sub` is not known."""
        if "@" in self.name:
            return f'email ^= "{self._prefix}"'
        if self.phone_number:
            return 'phone_number = "<phone-number of this step>"'
        return f'username ^= "{self._prefix}"'

    @property
    def _prefix(self) -> str:
        owner = owner_of(self.name)
        return owner.prefix if owner else ""

    def answered(self, username: str, sub: str) -> Self:
        """The same user with what Cognito returned, as far as it is a name or an id: other text may be anything."""
        return replace(
            self,
            username=username if self._is_own_name(username) else "",
            sub=sub if UUID.fullmatch(sub) else "",
        )

    def _is_own_name(self, username: str) -> bool:
        return username == self.name or bool(UUID.fullmatch(username))


def _text(record: Setup | Entry) -> str:
    return json.dumps(asdict(record), separators=(",", ":"))


def _content(text: str) -> dict[str, Any]:
    """Read the object in a text; empty if there is none, or one that UTF-8 can't hold."""
    try:
        content = json.loads(text)
        json.dumps(content, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _record(kind: type[Record], content: Any) -> Record | None:  # noqa: ANN401 - whatever is there
    """Make a record; None if a field is missing, unknown or of another type."""
    try:
        record = kind(**content)
    except TypeError:
        return None
    types: dict[str, Any] = {field.name: field.type for field in fields(kind)}
    return record if all(isinstance(getattr(record, name), type_) for name, type_ in types.items()) else None
