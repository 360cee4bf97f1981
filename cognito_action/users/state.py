"""What main tells post: the setup, one entry for each user that may have been created, and the files it left.

Later steps of the job can put variables `STATE_…` into post's environment, but none whose name main has written. So
main starts by writing all names that are single, and numbers the others: post reads no more of them than main counted.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from random import Random
from threading import Lock
from typing import Self

from cognito_action.host import Host
from cognito_action.naming import Origin
from cognito_action.users.records import Entry, Setup

FILE = re.compile(r"cognito-test-user-[0-9a-f]{32}\.json")
"""Names of the files that main leaves in the runner's temp folder."""

_NO_ONE = Entry(name="")

_USER = "user"
_FILE = "file"


class State:
    """Main's side: writes ahead, one entry per user and file. Threads may share it; raises `HostFileError`."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._lock = Lock()
        self._counts = {_USER: 0, _FILE: 0}

    def begin(self) -> None:
        """Claim the names that post reads; the first thing that main does."""
        self._host.state(setup="", keep="", **dict.fromkeys(map(_count_name, self._counts), "0"))

    def setup(self, setup: Setup) -> None:
        """Save what post works with, before the first user; raises `ValueError` for what post could not read."""
        if Setup.parse(setup.text) != setup:
            raise ValueError("the setup can't be read back")
        self._host.state(setup=setup.text)

    def new_user(self) -> "StateEntry":
        """Make room for one more user, who is in the state once its entry is saved."""
        return StateEntry(self)

    def new_file(self, random: Random) -> str:
        """Save the name of a file to come, and return it."""
        name = f"cognito-test-user-{random.getrandbits(128):032x}.json"
        self.add(_FILE, name)
        return name

    def keep(self, entry_ids: Iterable[str]) -> None:
        """Tell post to keep the users with these entries, and no one else; the last thing that main does."""
        self._host.state(keep=" ".join(entry_ids))

    def add(self, kind: str, value: str) -> str:
        """Write one more entry of a kind and return its ID; in one write with the count, so that both always agree."""
        with self._lock:
            self._counts[kind] += 1
            entry_id = f"{kind}-{self._counts[kind]}"
            self._host.state(**{entry_id: value, _count_name(kind): str(self._counts[kind])})
        return entry_id

    def replace(self, entry_id: str, value: str) -> None:
        """Write an entry again, in place of what was there."""
        self._host.state(**{entry_id: value})


class StateEntry:
    """The entry of one user in the state; raises `HostFileError`."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._entry = _NO_ONE
        self.id = ""
        """Of the entry, from the moment it is saved."""

    def save(self, entry: Entry) -> None:
        """Have this in the state, in place of what was there; nothing is written if it is there already."""
        if not self.id:
            self.id = self._state.add(_USER, entry.text)
        elif entry != self._entry:
            self._state.replace(self.id, entry.text)
        self._entry = entry

    def save_identity(self, identity_id: str) -> None:
        """Add to the entry what an identity pool calls the user."""
        self.save(replace(self._entry, identity_id=identity_id))

    def save_sub(self, sub: str) -> None:
        """Add to the entry the `sub` of a user who signed up."""
        self.save(self._entry.answered("" if "@" in self._entry.name else self._entry.name, sub))

    def discard(self) -> None:
        """Take the entry back: Cognito did not create this user."""
        self._state.replace(self.id, "")
        self._entry = _NO_ONE


@dataclass(frozen=True)
class SavedState:
    """Post's side: the state of this step's main."""

    setup: Setup | None
    kept: bool
    """Whether any of main's users are to stay."""
    entries: tuple[Entry, ...]
    """Who is to be deleted."""
    files: tuple[str, ...]
    """Names of the files that are to be removed from the runner's temp folder."""
    foreign: tuple[str, ...]
    """Names, or values, that this run of this repository did not write."""

    @classmethod
    def from_environ(cls, environ: Mapping[str, str], origin: Origin) -> Self:
        """Read `STATE_*`, in which the runner hands it over."""
        state = {name.removeprefix("STATE_"): value for name, value in environ.items() if name.startswith("STATE_")}
        return cls.read(state, origin)

    @classmethod
    def read(cls, state: Mapping[str, str], origin: Origin) -> Self:
        """Read what main has written. What does not parse, is not counted, or names another origin, is not an entry."""
        users = {entry_id: _entry(state[entry_id], origin) for entry_id in _counted(_USER, state)}
        files = {entry_id: state[entry_id] for entry_id in _counted(_FILE, state) if FILE.fullmatch(state[entry_id])}
        kept = set(state.get("keep", "").split(" ")) & set(users)
        known = {*(entry_id for entry_id, entry in users.items() if entry), *kept, *files}
        return cls(
            setup=Setup.parse(state.get("setup", "")),
            kept=bool(kept),
            entries=tuple(entry for entry_id, entry in users.items() if entry and entry_id not in kept),
            files=tuple(files.values()),
            foreign=tuple(
                sorted(
                    name
                    for name, value in state.items()
                    if value and name.startswith((f"{_USER}-", f"{_FILE}-")) and name not in known
                )
            ),
        )


def _count_name(kind: str) -> str:
    """The name of the number of all entries of a kind."""
    return f"{kind}s"


def _counted(kind: str, state: Mapping[str, str]) -> Iterator[str]:
    """The IDs of the entries of a kind that main has counted, and that are there."""
    count = state.get(_count_name(kind), "")
    if re.fullmatch("[0-9]{1,4}", count, re.ASCII):
        yield from (entry_id for number in range(1, int(count) + 1) if (entry_id := f"{kind}-{number}") in state)


def _entry(text: str, origin: Origin) -> Entry | None:
    entry = Entry.parse(text)
    return entry if entry and origin.generated(entry.name) else None
