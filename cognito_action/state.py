"""What main tells post: the setup, one entry for each user that may have been created, and the files it left.

Later steps of the job can put variables `STATE_…` into post's environment, but none whose key main has written. So main
begins with all keys that stand alone, and numbers the others: post reads no more of them than main has counted.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from random import Random
from threading import Lock
from typing import Any, Self, TypeVar

from cognito_action.identity import UUID, Run
from cognito_action.role import POOL_ID, ROLE_ARN, Role
from cognito_action.runner import Runner

FILE = re.compile(r"cognito-test-user-[0-9a-f]{32}\.json")
"""Names of the files that main leaves in the runner's temp folder."""

Record = TypeVar("Record", "Setup", "Entry", Role)

_USER = "user"
_FILE = "file"


@dataclass(frozen=True)
class Setup:
    """What post works with. Its own inputs play no part: the runner evaluates them anew at the end of the job."""

    pool_id: str
    role: Role | None
    credentials: str
    """Fingerprint of the environment's credentials, where no role was given."""
    cleanup_failure: str
    """`warning` or `error`."""

    @property
    def text(self) -> str:
        """As it stands in the state."""
        return _text(self)

    @staticmethod
    def parse(text: str) -> "Setup | None":
        """Read such a text; None where it is none of main's."""
        content = _content(text)
        role = content.get("role", "")
        setup = _record(Setup, {**content, "role": role and _record(Role, role)})
        if (
            setup is None
            or not POOL_ID.fullmatch(setup.pool_id)
            or bool(setup.role) is not bool(role)
            or (setup.role and not ROLE_ARN.fullmatch(setup.role.arn))
            or setup.cleanup_failure not in ("warning", "error")
        ):
            return None
        return setup


@dataclass(frozen=True)
class Entry:
    """One user who may exist."""

    name: str
    """The generated name, with its e-mail domain where the address was offered or set."""
    phone: str = ""
    """The phone number that was offered as user name. Never a deletion key: somebody typed it."""
    username: str = ""
    """The user name that Cognito returned; empty as long as no answer came."""
    sub: str = ""
    """The user's id that Cognito returned."""
    lost: bool = False
    """Whether the answer to a request was lost before another one was made."""

    @property
    def text(self) -> str:
        """As it stands in the state."""
        return _text(self)

    @staticmethod
    def parse(text: str) -> "Entry | None":
        """Read such a text; None where it is none of main's."""
        return _record(Entry, _content(text))

    @property
    def key(self) -> str:
        """The text that names this user and nobody else to Cognito; empty where only a phone number could.

        A returned user name counts as such only if it is the generated name or a UUID.
        """
        if self._is_name(self.username):
            return self.username
        return "" if self.phone else self.name

    def answered(self, username: str, sub: str) -> Self:
        """The same user with what Cognito returned, as far as it is a name or an id: other text may be anything."""
        return replace(
            self,
            username=username if self._is_name(username) else "",
            sub=sub if UUID.fullmatch(sub) else "",
        )

    @property
    def late(self) -> Self | None:
        """Whom a request that is still on its way can create, whoever is there now; that user will have another id."""
        offered = replace(self, username="", sub="")
        return offered if (self.lost or not self.username) and (offered.key or offered.needs_lookup) else None

    @property
    def needs_lookup(self) -> bool:
        """Whether only `ListUsers` can tell: the number may be somebody else's, the generated address is not."""
        return not self.key and "@" in self.name

    def _is_name(self, username: str) -> bool:
        return username == self.name or bool(UUID.fullmatch(username))


class State:
    """Main's side: writes ahead, one key for each user and file. Threads may share it. May raise `ActionError`."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._adding = Lock()
        self._counts = {_USER: 0, _FILE: 0}

    def begin(self) -> None:
        """Claim the keys that post reads; main's first act."""
        self._runner.state(setup="", keep="", **dict.fromkeys(map(_count, self._counts), "0"))

    def setup(self, setup: Setup) -> None:
        """Save what post works with, before the first user."""
        self._runner.state(setup=setup.text)

    def new_user(self, entry: Entry) -> str:
        """Save one more user, and return the key of the entry."""
        return self._add(_USER, entry.text)

    def user(self, key: str, entry: Entry) -> None:
        """Save `entry` under `key`, in place of what stood there."""
        self._runner.state(**{key: entry.text})

    def strike(self, key: str) -> None:
        """Take the entry back: Cognito refused to create this user."""
        self._runner.state(**{key: ""})

    def new_file(self, random: Random) -> str:
        """Save the name of a file to come, and return it."""
        name = f"cognito-test-user-{random.getrandbits(128):032x}.json"
        self._add(_FILE, name)
        return name

    def keep(self, keys: Iterable[str]) -> None:
        """Tell post to keep the users of `keys`, and nobody else; main's last act."""
        self._runner.state(keep=" ".join(keys))

    def _add(self, kind: str, value: str) -> str:
        """Key and count are one write: at no moment does either stand alone."""
        with self._adding:
            self._counts[kind] += 1
            key = f"{kind}-{self._counts[kind]}"
            self._runner.state(**{key: value, _count(kind): str(self._counts[kind])})
        return key


@dataclass(frozen=True)
class Saved:
    """Post's side: the state of this step's main."""

    setup: Setup | None
    kept: bool
    """Whether users of main's are to stay."""
    entries: tuple[Entry, ...]
    """Who is to be deleted."""
    files: tuple[str, ...]
    """Names of the files that are to be removed from the runner's temp folder."""
    foreign: tuple[str, ...]
    """Keys that this run of this repository did not write, or whose values it did not."""

    @classmethod
    def from_environ(cls, environ: Mapping[str, str], run: Run) -> Self:
        """Read `STATE_*`. What does not parse, is not counted, or names another repository or run, is not an entry."""
        state = {name.removeprefix("STATE_"): value for name, value in environ.items() if name.startswith("STATE_")}
        users = {key: _entry(state[key], run) for key in _written(_USER, state)}
        files = {key: state[key] for key in _written(_FILE, state) if FILE.fullmatch(state[key])}
        kept = set(state.get("keep", "").split(" ")) & set(users)
        known = {*(key for key, entry in users.items() if entry), *kept, *files}
        return cls(
            setup=Setup.parse(state.get("setup", "")),
            kept=bool(kept),
            entries=tuple(entry for key, entry in users.items() if entry and key not in kept),
            files=tuple(files.values()),
            foreign=tuple(
                sorted(
                    key
                    for key, value in state.items()
                    if value and key.startswith((f"{_USER}-", f"{_FILE}-")) and key not in known
                )
            ),
        )


def _count(kind: str) -> str:
    """The key of the number of all keys of a kind."""
    return f"{kind}s"


def _written(kind: str, state: Mapping[str, str]) -> Iterator[str]:
    """The keys of a kind that main has counted, and that are there."""
    count = state.get(_count(kind), "")
    if re.fullmatch("[0-9]{1,4}", count, re.ASCII):
        yield from (key for number in range(1, int(count) + 1) if (key := f"{kind}-{number}") in state)


def _entry(text: str, run: Run) -> Entry | None:
    entry = Entry.parse(text)
    return entry if entry and run.generated(entry.name) else None


def _text(record: Setup | Entry) -> str:
    return json.dumps(asdict(record), separators=(",", ":"))


def _content(text: str) -> dict[str, Any]:
    """Read the object that a text holds; empty where it holds none, or one that UTF-8 can't."""
    try:
        content = json.loads(text)
        json.dumps(content, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _record(kind: type[Record], content: Any) -> Record | None:  # noqa: ANN401 - whatever stands there
    """Make a record; None where a field is missing, unknown or of another type."""
    try:
        record = kind(**content)
    except TypeError:
        return None
    types: dict[str, Any] = {field.name: field.type for field in fields(kind)}
    return record if all(isinstance(getattr(record, name), type_) for name, type_ in types.items()) else None
