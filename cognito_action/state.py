"""What main tells post: the setup, one entry for each user that may have been created, and the files it left."""

import itertools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from cognito_action.identity import UUID, Run
from cognito_action.role import POOL_ID, ROLE_ARN, Role
from cognito_action.runner import Runner

FILE = re.compile(r"cognito-test-user-[0-9a-f]{32}\.json")
"""Names of the files that main leaves in the runner's temp folder."""

_USER = "user-"
_FILE = "file-"

Model = TypeVar("Model", bound=BaseModel)


class Setup(BaseModel):
    """What post works with. Its own inputs play no part: the runner evaluates them anew at the end of the job."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    pool_id: str
    role: Role | None
    credentials: str
    """Fingerprint of the environment's credentials, where no role was given."""
    cleanup_failure: Literal["warning", "error"]

    @model_validator(mode="after")
    def _well_formed(self) -> Self:
        if not POOL_ID.fullmatch(self.pool_id) or (self.role and not ROLE_ARN.fullmatch(self.role.arn)):
            raise ValueError("neither a pool nor a role of main's")
        return self


class Entry(BaseModel):
    """One user who may exist."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: str
    """The generated name, with its e-mail domain where the address was offered or set."""
    phone: str = ""
    """The phone number that was offered as user name. Never a deletion key: somebody typed it."""
    username: str = ""
    """The user name that Cognito returned; empty as long as no answer came."""
    sub: str = ""
    """The user's id that Cognito returned."""

    @property
    def key(self) -> str:
        """The text that names this user and nobody else to Cognito; empty where only a phone number could.

        A returned user name counts as such only if it is the generated name or a UUID.
        """
        if self.username and (self.username == self.name or UUID.fullmatch(self.username)):
            return self.username
        return "" if self.phone else self.name

    @property
    def needs_lookup(self) -> bool:
        """Whether only `ListUsers` can tell: the number may be somebody else's, the generated address is not."""
        return not self.key and "@" in self.name


class State:
    """Main's side: writes ahead, one key for each user and file. Threads may share it. May raise `ActionError`."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._users = itertools.count(1)
        self._files = itertools.count(1)

    def begin(self, setup: Setup) -> None:
        """Save what post works with, before the first user."""
        self._runner.state("setup", setup.model_dump_json())

    def new_user(self) -> str:
        """Return the key of one more user."""
        return f"{_USER}{next(self._users)}"

    def user(self, key: str, entry: Entry) -> None:
        """Save `entry` under `key`, in place of what stood there."""
        self._runner.state(key, entry.model_dump_json())

    def strike(self, key: str) -> None:
        """Take the entry back: Cognito refused to create this user."""
        self._runner.state(key, "")

    def new_file(self, random: Random) -> str:
        """Save the name of a file to come, and return it."""
        name = f"cognito-test-user-{random.getrandbits(128):032x}.json"
        self._runner.state(f"{_FILE}{next(self._files)}", name)
        return name

    def keep(self, keys: Iterable[str]) -> None:
        """Tell post to keep the users of `keys`, and nobody else; main's last act."""
        self._runner.state("keep", " ".join(keys))


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
    """Keys whose entries this run of this repository did not write."""

    @classmethod
    def from_environ(cls, environ: Mapping[str, str], run: Run) -> Self:
        """Read `STATE_*`. What does not parse, or names another repository or run, is not an entry."""
        state = {name.removeprefix("STATE_"): value for name, value in environ.items() if name.startswith("STATE_")}
        entries: list[Entry] = []
        files: list[str] = []
        foreign: list[str] = []
        kept = {key for key in state.get("keep", "").split(" ") if key.startswith(_USER) and key in state}
        for key, value in sorted(state.items(), key=lambda item: (len(item[0]), item[0])):
            if key.startswith(_USER) and value and key not in kept:
                entry = _parse(Entry, value)
                if entry and run.generated(entry.name):
                    entries.append(entry)
                else:
                    foreign.append(key)
            elif key.startswith(_FILE):
                if FILE.fullmatch(value):
                    files.append(value)
                else:
                    foreign.append(key)
        return cls(
            setup=_parse(Setup, state.get("setup", "")),
            kept=bool(kept),
            entries=tuple(entries),
            files=tuple(files),
            foreign=tuple(foreign),
        )


def _parse(model: type[Model], text: str) -> Model | None:
    try:
        return model.model_validate_json(text)
    except ValidationError:
        return None
