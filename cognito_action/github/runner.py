"""What GitHub's runner takes from a step: workflow commands on stdout, and the file commands.

Escaping follows the runner's own parser: `%`, CR and LF in the data of a command, also `:` and `,` in its
properties. The runner splits lines at LF, CRLF and a bare CR, accepts `::command::` after any white space and the
older `##[command]` anywhere in a line.
"""

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING, BinaryIO

from cognito_action.host import HostFileError, IdTokens
from cognito_action.redaction import MaskedTexts, Redactor, traceback_of
from cognito_action.text import shortened, visible
from cognito_action.words import HostKind

if TYPE_CHECKING:
    from cognito_action.network.connections import Network

NAME = "Cognito test user"
"""The action's, as its `action.yml` has it; a companion's name starts with it."""

MESSAGE_LIMIT = 4096
"""Characters of an annotation that the runner keeps."""


class RunnerFileError(HostFileError):
    """One of the runner's files can't be written; `file` is the environment variable that names it."""


def escape_data(text: str) -> str:
    """Escape `text` as the data of a workflow command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escape_property(text: str) -> str:
    """Escape `text` as a property of a workflow command."""
    return escape_data(text).replace(":", "%3A").replace(",", "%2C")


def harmless(text: str) -> str:
    """Make `text` one plain line of the log that no runner takes for a command."""
    line = visible(text).replace("\n", "\\n").replace("##[", "## [")
    return f". {line}" if line.lstrip().startswith("::") else line


class Runner:
    """One step's side of the runner's contract; each command and each file entry is one write, also from threads.

    A write to a file is all or none. After one that failed, that file takes no further write: whoever writes the state
    before each creating call makes no such call any more, even if the disk has space again.

    It is the `Host` of an action. `environ` names the file commands (`GITHUB_OUTPUT`, `GITHUB_STATE`,
    `GITHUB_STEP_SUMMARY`) and tells whether step debug logging is on (`RUNNER_DEBUG`); `stdout` is the stream that the
    runner reads; `name` is that of the action, with which each annotation's title starts.

    Everything except masks, outputs and state is meant for a reader: text from outside may be passed to it once it has
    been through `redactor`, and what has been masked is left out of it.
    """

    kind = HostKind.ACTION

    def __init__(self, environ: Mapping[str, str], stdout: BinaryIO, name: str = NAME) -> None:
        self._lock = Lock()
        self._masked = MaskedTexts()
        """What the runner masks neither in titles nor in the file of the summary."""
        self._failed: dict[str, str] = {}
        self._environ = environ
        self._stdout = stdout
        self.name = name
        self.debugging = environ.get("RUNNER_DEBUG") == "1"
        self.redactor = Redactor(environ)

    def id_tokens(self, audience: str, network: "Network") -> IdTokens:
        """GitHub's tokens for `audience`."""
        from cognito_action.github.oidc import GitHubIdTokens  # noqa: PLC0415 - a post without users needs no HTTP

        return GitHubIdTokens(network.environ, audience, network, self.mask)

    def mask(self, secret: str) -> None:
        """Have the runner replace `secret` with `***` in what this job logs from now on, in each form of this class."""
        for form in self._masked.add(secret, harmless(secret)):
            self._print(f"::add-mask::{escape_data(form)}")

    def output(self, name: str, value: str) -> None:
        """Set the step's output `name`, or write nothing and raise `RunnerFileError`."""
        self._append("GITHUB_OUTPUT", _heredoc(name, value))

    def state(self, **values: str) -> None:
        """Hand `values` to the post step as `STATE_<name>`, all or none; the last value of a name counts.

        Raises `RunnerFileError`.
        """
        self._append("GITHUB_STATE", "".join(_heredoc(name, value) for name, value in values.items()))

    def summary(self, markdown: str) -> None:
        """Add `markdown` to the job summary, which holds 1 MiB; raises `RunnerFileError`."""
        self._append("GITHUB_STEP_SUMMARY", visible(self._masked(markdown)).rstrip("\n") + "\n\n")

    def error(self, message: str, title: str) -> None:
        """Annotate the run with an error."""
        self._annotate("error", message, title)

    def warning(self, message: str, title: str) -> None:
        """Annotate the run with a warning."""
        self._annotate("warning", message, title)

    def notice(self, message: str, title: str) -> None:
        """Annotate the run with a notice."""
        self._annotate("notice", message, title)

    def log(self, text: str) -> None:
        """Print one plain line."""
        self._print(harmless(self._masked(text)))

    def debug(self, text: str) -> None:
        """Print `text`, which may have several lines, if step debug logging is on."""
        if self.debugging:
            self._print(f"::debug::{escape_data(visible(self._masked(text)))}")

    def debug_traceback(self, error: BaseException) -> None:
        """Print where `error` comes from, if step debug logging is on; its text may be from outside."""
        if self.debugging:
            self.debug(traceback_of(error, self.redactor))

    def _annotate(self, level: str, message: str, title: str) -> None:
        text = escape_data(shortened(visible(self._masked(message)), MESSAGE_LIMIT))
        full_title = visible(self._masked(f"{self.name}: {title}"))
        self._print(f"::{level} title={escape_property(full_title)}::{text}")

    def _print(self, line: str) -> None:
        with self._lock:
            self._stdout.write(line.encode("utf-8", "backslashreplace") + b"\n")
            self._stdout.flush()

    def _append(self, variable: str, entry: str) -> None:
        data = entry.encode("utf-8", "backslashreplace")
        with self._lock:
            if variable in self._failed:
                raise RunnerFileError(variable, self._failed[variable])
            try:
                _append_all_or_none(self._environ.get(variable, ""), data)
            except OSError as error:
                self._failed[variable] = str(error.strerror or error)
                raise RunnerFileError(variable, self._failed[variable]) from error


def _append_all_or_none(path: str, data: bytes) -> None:
    """Append to a file. After a write that failed, the file is as it was: the runner reads nothing behind half an entry."""
    with open(path, "ab", buffering=0) as file:
        size = os.fstat(file.fileno()).st_size
        try:
            while data:
                data = data[file.write(data) :]
        except OSError:
            with suppress(OSError):  # a device or a pipe can't be cut; it takes no further write either
                file.truncate(size)
            raise


def _heredoc(name: str, value: str) -> str:
    delimiter = f"ghadelimiter_{secrets.token_hex(16)}"
    return f"{name}<<{delimiter}\n{value}\n{delimiter}\n"
