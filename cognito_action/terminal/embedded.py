"""The host in a Python process of others, such as pytest's: it keeps what is to be said, and prints masks alone."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Lock
from typing import BinaryIO

from cognito_action.terminal.console import Console, StepConsole
from cognito_action.terminal.id_tokens import TokenSource
from cognito_action.terminal.place import in_github
from cognito_action.text import visible


class EmbeddedHost(Console):
    """Keeps errors and warnings for whoever raises them. With `RUNNER_DEBUG=1` debug lines are printed, as elsewhere.

    Args:
        environ: of the process.
        stderr: what GitHub's runner reads in a `run:` step: there, masks are printed to it.
        tokens: what the settings say of ID tokens.
    """

    def __init__(self, environ: Mapping[str, str], stderr: BinaryIO, tokens: TokenSource) -> None:
        super().__init__(environ, stderr, tokens, logs=False)
        self._step = StepConsole(environ, stderr, tokens, logs=False) if in_github(environ) else None
        self._errors: list[str] = []
        self._warnings: list[str] = []

    def mask(self, secret: str) -> None:
        """Leave `secret` out of all that is said, and have GitHub's runner do the same."""
        super().mask(secret)
        if self._step:
            self._step.mask(secret)

    def error(self, message: str, title: str) -> None:  # noqa: ARG002 - the message says it all
        """Keep an error."""
        self._errors.append(self._shown(message))

    def warning(self, message: str, title: str) -> None:  # noqa: ARG002 - as above
        """Keep a warning."""
        self._warnings.append(self._shown(message))

    def notice(self, message: str, title: str) -> None:
        """Say nothing: no one has to do anything."""

    def say(self, text: str) -> None:
        """Say nothing: the output is that of others."""

    def debug(self, text: str) -> None:
        """Print a text if `RUNNER_DEBUG` is 1."""
        if self._step:
            self._step.debug(text)
        else:
            super().debug(text)

    def take_errors(self) -> list[str]:
        """Return the errors since the last time."""
        taken, self._errors = self._errors, []
        return taken

    def take_warnings(self) -> list[str]:
        """Return the warnings since the last time."""
        taken, self._warnings = self._warnings, []
        return taken

    def _shown(self, text: str) -> str:
        return visible(self._masked(text))


class Silence:
    """Keeps all loggers of the process quiet while it is entered, also by several threads at once."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._entered = 0
        self._before = 0

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Disable logging in this block; the last one that ends restores what was there before the first."""
        with self._lock:
            if not self._entered:
                self._before = logging.root.manager.disable
                logging.disable(max(logging.CRITICAL, self._before))
            self._entered += 1
        try:
            yield
        finally:
            with self._lock:
                self._entered -= 1
                if not self._entered:
                    logging.disable(self._before)


no_logging = Silence()
"""For work with the SDK, whose own log contains passwords and keys, whoever listens to it."""
