"""What the command says, on stderr: text for people, or in a `run:` step of GitHub what its runner reads."""

import re
from collections.abc import Mapping
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING, BinaryIO, Protocol

from cognito_action.github.runner import Runner
from cognito_action.host import Host, IdTokens
from cognito_action.redaction import MaskedTexts, Redactor, traceback_of
from cognito_action.terminal.id_tokens import TokenSource
from cognito_action.terminal.place import in_github
from cognito_action.text import visible
from cognito_action.words import HostKind

if TYPE_CHECKING:
    from cognito_action.network.connections import Network
    from cognito_action.terminal.journal import Journal

NAME = "cognito-test-user"

_COMMAND = re.compile(r"##(?=\w*\[)")
_LINE_OF_COMMAND = re.compile(r"^(?=\s*::)", re.MULTILINE)


class CommandHost(Host, Protocol):
    """A host with a command, to which outputs go, and with a journal for the state."""

    outputs: dict[str, str]
    """What is handed over to the command."""
    journal: "Journal | None"
    """Where the state goes; None as long as there is nothing to keep."""

    def say(self, text: str) -> None:
        """Tell the reader one of the few things that everyone wants to know."""


def new_host(environ: Mapping[str, str], stderr: BinaryIO, tokens: TokenSource, *, logs: bool = True) -> CommandHost:
    """The host of this process; GitHub's runner reads what a `run:` step writes to stderr, too.

    `logs` tells whether each step is said: not next to what a command of the user's prints.
    """
    kind = StepConsole if in_github(environ) else Console
    return kind(environ, stderr, tokens, logs=logs)


class _Speaker(Protocol):
    """What `_CommandHost` needs of the classes that it is mixed into."""

    _tokens: TokenSource
    _logs: bool

    def mask(self, secret: str) -> None: ...

    def say(self, text: str) -> None: ...

    def debug(self, text: str) -> None: ...


class _CommandHost:
    """What both hosts do with outputs, state, ID tokens and log lines."""

    kind = HostKind.COMMAND

    def __init__(self, tokens: TokenSource, *, logs: bool) -> None:
        self.outputs: dict[str, str] = {}
        self.journal: Journal | None = None
        self._tokens = tokens
        self._logs = logs

    def id_tokens(self: "_Speaker", audience: str, network: "Network") -> IdTokens:
        """Those that the options name, or GitHub's."""
        return self._tokens.tokens(audience, network, self.mask)

    def output(self, name: str, value: str) -> None:
        """Keep a value for the command."""
        self.outputs[name] = value

    def state(self, **values: str) -> None:
        """Write to the journal; raises `HostFileError`."""
        if self.journal:
            self.journal.write(**values)

    def log(self: "_Speaker", text: str) -> None:
        """Print one line, or show it only if debug logging is on."""
        (self.say if self._logs else self.debug)(text)


class StepConsole(_CommandHost, Runner):
    """The host in a `run:` step of GitHub: annotations, and masks, which only the runner reads."""

    def __init__(self, environ: Mapping[str, str], stderr: BinaryIO, tokens: TokenSource, *, logs: bool) -> None:
        _CommandHost.__init__(self, tokens, logs=logs)
        Runner.__init__(self, environ, stderr, NAME)

    def say(self, text: str) -> None:
        """Print one line."""
        Runner.log(self, f"{NAME}: {text}")

    def _print(self, line: str) -> None:
        # Whatever else the step runs may have ended in the middle of a line, and the runner knows a mask only at the start
        # of one. If no runner reads, no one sees what is not masked; and no user is left behind.
        with suppress(OSError, ValueError):
            super()._print(f"\n{line}")


class Console(_CommandHost):
    """The host at a terminal, and in other CI: text without colors, and without what has been masked."""

    name = NAME

    def __init__(self, environ: Mapping[str, str], stderr: BinaryIO, tokens: TokenSource, *, logs: bool) -> None:
        super().__init__(tokens, logs=logs)
        self.redactor = Redactor(environ)
        self.debugging = environ.get("RUNNER_DEBUG") == "1"
        self._stderr = stderr
        self._masked = MaskedTexts()
        self._lock = Lock()

    def mask(self, secret: str) -> None:
        """Leave `secret` out of all that is said."""
        self._masked.add(secret)

    def summary(self, markdown: str) -> None:
        """Say nothing: all has been said."""

    def error(self, message: str, title: str) -> None:  # noqa: ARG002 - the message says it all
        """Print an error."""
        self._print("error", message)

    def warning(self, message: str, title: str) -> None:  # noqa: ARG002 - as above
        """Print a warning."""
        self._print("warning", message)

    def notice(self, message: str, title: str) -> None:  # noqa: ARG002 - as above
        """Print a notice."""
        self._print("note", message)

    def say(self, text: str) -> None:
        """Print one line."""
        self._print("", text)

    def debug(self, text: str) -> None:
        """Print a text if `RUNNER_DEBUG` is 1."""
        if self.debugging:
            self._print("debug", text)

    def debug_traceback(self, error: BaseException) -> None:
        """Print where an error comes from if `RUNNER_DEBUG` is 1; its text may be from outside."""
        if self.debugging:
            self.debug(traceback_of(error, self.redactor))

    def _print(self, level: str, text: str) -> None:
        """Print a text whose lines after the first are indented, so that none looks like another message.

        No program that reads the log takes any part of it for a command: GitHub's runner, if this runs in a container
        that does not know of it, Azure Pipelines (`##vso[`), or TeamCity (`##teamcity[`).
        """
        lines = _COMMAND.sub("## ", visible(self._masked(text)).rstrip("\n"))
        lines = _LINE_OF_COMMAND.sub(". ", lines).replace("\n", "\n  ")
        front = f"{NAME}: {level}: " if level else f"{NAME}: "
        # Whoever has closed stderr is not told; that is no reason to leave a user behind.
        with self._lock, suppress(OSError, ValueError):
            self._stderr.write(f"{front}{lines}\n".encode("utf-8", "backslashreplace"))
            self._stderr.flush()
