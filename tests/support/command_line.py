"""The command `cognito-test-user` in this process, with AWS on loopback, and the journals that its runs leave."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from random import Random

from cognito_action.aws.endpoints import Endpoints
from cognito_action.command.context import Context
from cognito_action.command.main import command
from cognito_action.command.options import read_options
from cognito_action.naming import Origin, Place
from cognito_action.terminal.console import new_host
from cognito_action.terminal.id_tokens import TokenSource
from cognito_action.terminal.journal import Journal
from cognito_action.terminal.state_folder import StateFolder
from cognito_action.users.records import Entry, Setup
from cognito_action.users.state import State
from tests.support.examples import POOL_ID
from tests.support.scripted_aws import ScriptedAws

PLACE = Place("0123456789abcdef", "20260101000000")

FINGERPRINT = "8be7c771f5111405"
"""The fingerprint of the credentials that the fixture `ambient` puts into the environment."""


def name_at(place: Place, number: int = 1) -> str:
    """A name that was generated there."""
    return f"{place.prefix}{number:016x}"


@dataclass
class CommandLine:
    """Where the command is typed."""

    aws: ScriptedAws
    tmp_path: Path
    environ: dict[str, str] = field(default_factory=dict)
    stderr: BytesIO = field(default_factory=BytesIO)

    def __post_init__(self) -> None:
        self.environ |= {
            "AWS_ENDPOINT_URL": self.aws.url,
            "PATH": os.environ["PATH"],
            "COGNITO_TEST_USER_STATE_DIR": self.folder.path,
            "OUT": str(self.tmp_path / "out"),
        }

    @property
    def folder(self) -> StateFolder:
        return StateFolder(str(self.tmp_path / "state"))

    @property
    def journals(self) -> list[str]:
        return list(self.folder.journals())

    @property
    def said(self) -> list[str]:
        return self.stderr.getvalue().decode().splitlines()

    @property
    def out(self) -> str:
        """What the command has written to the file `$OUT`."""
        return (self.tmp_path / "out").read_text()

    def __call__(self, *arguments: str) -> int:
        """Type it, and return the exit status."""
        return command(arguments, self.environ, self.stderr, Random(1))

    def run(self, script: str, *options: str) -> int:
        """Run a script of the shell with a user."""
        return self("run", "--user-pool-id", POOL_ID, *options, "--", "sh", "-c", script)

    def context(self, *arguments: str) -> Context:
        return Context.new(read_options(arguments, self.environ), self.environ, self.stderr, Random(1))

    def setup(self, cleanup_failure: str = "warning") -> Setup:
        endpoints = Endpoints(self.aws.url, self.aws.url, fips=False, dual_stack=False)
        return Setup(POOL_ID, "eu-central-1", None, FINGERPRINT, endpoints, "", cleanup_failure)

    def begin(self, *entries: Entry, origin: Origin = PLACE, setup: Setup | None = None) -> tuple[Journal, State]:
        """Begin a journal with these users."""
        journal = Journal.create(self.folder, origin, datetime.now(UTC), Random())
        host = new_host({}, BytesIO(), TokenSource())
        host.journal = journal
        state = State(host)
        state.begin()
        state.setup(setup or self.setup())
        for entry in entries:
            state.new_user().save(entry)
        return journal, state

    def left(self, *entries: Entry, origin: Origin = PLACE, setup: Setup | None = None) -> str:
        """The path of a journal that a run with these users has left."""
        journal, _ = self.begin(*entries, origin=origin, setup=setup)
        journal.close()
        return journal.path

    @property
    def deleted(self) -> Sequence[str]:
        return [call.parameters["Username"] for call in self.aws.all("AdminDeleteUser")]
