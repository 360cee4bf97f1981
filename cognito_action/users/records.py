"""The records that main leaves in the state as JSON, and that post reads: what to work with, and who may exist."""

import json
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Self, TypeVar

from cognito_action.aws.endpoints import Endpoints
from cognito_action.aws.iam import ROLE_ARN, Role
from cognito_action.identifiers import IDENTITY_ID, POOL_ID, REGION, UUID, PoolAddress, region_of
from cognito_action.naming import bare_name, visible_part

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
    """The username that Cognito returned; empty as long as no answer came, and after a sign-up by address."""
    sub: str = ""
    """The user's ID that Cognito returned."""
    unanswered: int = 0
    """How many creating calls have had no answer."""
    last_unanswered: int = 0
    """When the last of these was sent, in seconds since 1970."""
    taken: bool = False
    """Whether the phone number is taken by what Cognito says, after a call that may have taken it."""
    identity_id: str = ""
    """What the identity pool calls the user, empty if it was not asked."""
    expected: bool = False
    """Whether nobody was created: a test may sign up by `name`, or by the plain name in it."""

    @property
    def text(self) -> str:
        """As it is in the state."""
        return _text(self)

    @staticmethod
    def parse(text: str) -> "Entry | None":
        """Read such a text; None if it is not one of main's."""
        return _record(Entry, _content(text))

    @property
    def deletion_names(self) -> tuple[str, ...]:
        """The texts that name this user and no one else to Cognito, the surest first; none if only a number could.

        A returned username counts as such only if it is the generated name or a UUID. A sign-up returns none; the `sub`
        outlives a change of the address, and it is not certain that each pool knows the user by it. An `expected` user may
        have either name: no one knows by which of them it signed up.
        """
        if self.expected:
            return tuple(dict.fromkeys((self.name, bare_name(self.name))))
        if self._is_own_name(self.username):
            return (self.username,)
        by_sub = (self.sub,) if not self.username and UUID.fullmatch(self.sub) else ()
        return by_sub if self.phone_number else (*by_sub, self.name)

    @property
    def is_known(self) -> bool:
        """Whether Cognito has answered, and so the user was there."""
        return bool(self.username or self.sub)

    @property
    def needs_lookup(self) -> bool:
        """Whether `ListUsers` has to tell: the number may be someone else's, the generated address is not."""
        return bool(self.phone_number) and "@" in self.name and (self.expected or not self.deletion_names)

    @property
    def offered(self) -> Self:
        """The same without what Cognito returned: another call that offered this creates a user with another ID."""
        return replace(self, username="", sub="")

    @property
    def possible_late_user(self) -> Self | None:
        """The user that an unanswered call may still create, whoever is there now; None if nothing tells it apart."""
        may_come = self.unanswered > 0 or self.taken
        return self.offered if may_come and (self.offered.deletion_names or self.offered.needs_lookup) else None

    @property
    def shown(self) -> str:
        """What the log may call the user: the ID, or the front of the generated name, since the whole of it is masked."""
        return self.sub or f"{visible_part(self.name)}…"

    @property
    def filters(self) -> tuple[str, ...]:
        """What `list-users` finds the user by if the `sub` is not known; one of them finds an `expected` one."""
        by_name = f'username ^= "{visible_part(bare_name(self.name))}"'
        if "@" in self.name:
            by_address = f'email ^= "{visible_part(self.name)}"'
            return (by_address, by_name) if self.expected else (by_address,)
        return ('phone_number = "<value of phone-number>"',) if self.phone_number else (by_name,)

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
