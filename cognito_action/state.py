"""What main tells post: the setup, and one entry for each user that may have been created."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from cognito_action.identity import Run, owner_of
from cognito_action.role import POOL_ID, ROLE_ARN, Role
from cognito_action.runner import Runner

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_USER = "user-"


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
        if self.username and (self.username == self.name or _UUID.fullmatch(self.username)):
            return self.username
        return "" if self.phone else self.name

    @property
    def needs_lookup(self) -> bool:
        """Whether only `ListUsers` can tell: the number may be somebody else's, the generated address is not."""
        return not self.key and "@" in self.name


class State:
    """Main's side: writes ahead, one key for each user. Every method may raise `ActionError`."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._users = 0

    def begin(self, setup: Setup) -> None:
        """Save what post works with, before the first user."""
        self._runner.state("setup", setup.model_dump_json())

    def new_user(self) -> str:
        """Return the key of one more user."""
        self._users += 1
        return f"{_USER}{self._users}"

    def user(self, key: str, entry: Entry) -> None:
        """Save `entry` under `key`, in place of what stood there."""
        self._runner.state(key, entry.model_dump_json())

    def strike(self, key: str) -> None:
        """Take the entry back: Cognito refused to create this user."""
        self._runner.state(key, "")

    def keep(self, key: str) -> None:
        """Tell post to keep the user of `key`, and nobody else; main's last act."""
        self._runner.state("keep", key)


@dataclass(frozen=True)
class Saved:
    """Post's side: the state of this step's main."""

    setup: Setup | None
    kept: bool
    """Whether main's user is to stay."""
    entries: tuple[Entry, ...]
    """Who is to be deleted."""
    foreign: tuple[str, ...]
    """Keys whose entries this run of this repository did not write."""

    @classmethod
    def from_environ(cls, environ: Mapping[str, str], run: Run) -> Self:
        """Read `STATE_*`. What does not parse, or names another repository or run, is not an entry."""
        entries: list[Entry] = []
        foreign: list[str] = []
        kept = f"STATE_{environ.get('STATE_keep', '')}"
        for name, value in sorted(environ.items()):
            if name.startswith(f"STATE_{_USER}") and value and name != kept:
                entry = _parse(Entry, value)
                owner = owner_of(entry.name) if entry else None
                if entry and owner and (owner.repository_id, owner.run_id) == (run.repository_id, run.run_id):
                    entries.append(entry)
                else:
                    foreign.append(name.removeprefix("STATE_"))
        return cls(
            setup=_parse(Setup, environ.get("STATE_setup", "")),
            kept=kept in environ,
            entries=tuple(entries),
            foreign=tuple(foreign),
        )


def _parse(model: type[Model], text: str) -> Model | None:
    try:
        return model.model_validate_json(text)
    except ValidationError:
        return None
