"""What all stories of the command work with: where they run, what they say, and who their users are."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import BinaryIO, Self, TypeVar

from cognito_action.command.options import Options
from cognito_action.command.settings import VARIABLES, unknown_variables
from cognito_action.command.stopping import Stopper
from cognito_action.diagnostics.inputs import UNKNOWN_INPUT, invalid_inputs, variables_without_meaning
from cognito_action.inputs.base import BaseInputs
from cognito_action.naming import Origin
from cognito_action.terminal.console import CommandHost, new_host
from cognito_action.terminal.id_tokens import TokenSource
from cognito_action.terminal.place import in_github, origin_of, user_and_machine
from cognito_action.terminal.state_folder import StateFolder
from cognito_action.users.ownership import known_run
from cognito_action.words import HostKind

_NEED_ROLE = ("web-identity-token-file", "web-identity-token-command")

Inputs = TypeVar("Inputs", bound=BaseInputs)


@dataclass(frozen=True)
class Context:
    """The options, and what follows from them and from the environment."""

    options: Options
    environ: Mapping[str, str]
    host: CommandHost
    tokens: TokenSource
    folder: StateFolder
    origin: Origin
    stopper: Stopper
    random: Random

    @classmethod
    def new(cls, options: Options, environ: Mapping[str, str], stderr: BinaryIO, random: Random) -> Self:
        """Look at the surroundings of this process; nothing is read or called yet."""
        settings = options.settings
        tokens = TokenSource(settings["web-identity-token-file"], settings["web-identity-token-command"])
        state_dir = settings["state-dir"]
        return cls(
            options,
            environ,
            new_host(environ, stderr, tokens, logs=options.subcommand not in ("run", "cleanup")),
            tokens,
            StateFolder(os.path.abspath(state_dir)) if state_dir else StateFolder.find(environ, sys.platform),
            origin_of(environ, settings["place"], datetime.now(UTC), user_and_machine),
            Stopper(),
            random,
        )

    @property
    def known_origin(self) -> Origin:
        """The same for users who are there already; raises `ActionError` if GitHub's variables don't tell whose they are."""
        return known_run(self.environ) if in_github(self.environ) else self.origin

    def read_inputs(self, model: type[Inputs]) -> Inputs:
        """Read the inputs that the options hold, and mask what is secret; raises `ActionError`."""
        if unknown := unknown_variables(self.environ):
            self.host.warning(variables_without_meaning(unknown, VARIABLES), UNKNOWN_INPUT)
        inputs = model.read(self.options.inputs, self.environ, HostKind.COMMAND)
        if not inputs.role_to_assume and (useless := [name for name in _NEED_ROLE if self.options.settings[name]]):
            raise invalid_inputs([f"{name}: needs role-to-assume" for name in useless], HostKind.COMMAND)
        if secret := getattr(inputs, "client_secret", ""):
            self.host.mask(secret)
        return inputs
