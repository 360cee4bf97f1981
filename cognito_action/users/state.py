"""What main tells post: the setup, one entry for each user that may have been created, and the files it left.

Later steps of the job can put variables `STATE_…` into post's environment, but none whose key main has written. So main
begins with all keys that stand alone, and numbers the others: post reads no more of them than main has counted.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from random import Random
from threading import Lock
from typing import Self

from cognito_action.github.runner import Runner
from cognito_action.naming import Run
from cognito_action.users.records import Entry, Setup

FILE = re.compile(r"cognito-test-user-[0-9a-f]{32}\.json")
"""Names of the files that main leaves in the runner's temp folder."""


_USER = "user"


_FILE = "file"


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
