"""What GitHub's runner takes from a step: workflow commands on stdout, and the file commands.

Escaping follows the runner's own parser: `%`, CR and LF in the data of a command, also `:` and `,` in its
properties. The runner splits lines at LF, CRLF and a bare CR, accepts `::command::` after any white space and the
older `##[command]` anywhere in a line.
"""

import secrets
from collections.abc import Mapping
from threading import Lock
from typing import BinaryIO

from cognito_action.text import shortened, visible

MESSAGE_LIMIT = 4096
"""Characters of an annotation that the runner keeps."""


class RunnerFileError(Exception):
    """One of the runner's files can't be written.

    Args:
        variable: the environment variable that names the file.
        reason: why, in the system's words.
    """

    def __init__(self, variable: str, reason: str) -> None:
        super().__init__(variable, reason)
        self.variable = variable
        self.reason = reason


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

    `environ` names the file commands (`GITHUB_OUTPUT`, `GITHUB_STATE`, `GITHUB_STEP_SUMMARY`) and tells whether step
    debug logging is on (`RUNNER_DEBUG`); `stdout` is the stream that the runner reads.

    Everything except masks, outputs and state is meant for a reader: text from outside may be passed to it as it is,
    and what has been masked is left out of it.
    """

    def __init__(self, environ: Mapping[str, str], stdout: BinaryIO) -> None:
        self._lock = Lock()
        self._secrets: set[str] = set()
        self._environ = environ
        self._stdout = stdout
        self.debugging = environ.get("RUNNER_DEBUG") == "1"

    def mask(self, secret: str) -> None:
        """Have the runner replace `secret` with `***` in what this job logs from now on, in each form of this class."""
        forms = dict.fromkeys((secret, visible(secret), harmless(secret))) if secret.strip() else ()
        for form in forms:
            if form not in self._secrets:
                self._print(f"::add-mask::{escape_data(form)}")
                self._secrets.add(form)

    def output(self, name: str, value: str) -> None:
        """Set the step's output `name`; raises `RunnerFileError`."""
        self._append("GITHUB_OUTPUT", _heredoc(name, value))

    def state(self, **values: str) -> None:
        """Hand `values` to the post step as `STATE_<name>`, all or none; the last value of a name counts.

        Raises `RunnerFileError`.
        """
        self._append("GITHUB_STATE", "".join(_heredoc(name, value) for name, value in values.items()))

    def summary(self, markdown: str) -> None:
        """Add `markdown` to the job summary, which holds 1 MiB; raises `RunnerFileError`."""
        self._append("GITHUB_STEP_SUMMARY", visible(self._redacted(markdown)).rstrip("\n") + "\n\n")

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
        self._print(harmless(self._redacted(text)))

    def debug(self, text: str) -> None:
        """Print `text`, which may have several lines, if step debug logging is on."""
        if self.debugging:
            self._print(f"::debug::{escape_data(visible(self._redacted(text)))}")

    def _annotate(self, level: str, message: str, title: str) -> None:
        text = escape_data(shortened(visible(self._redacted(message)), MESSAGE_LIMIT))
        self._print(f"::{level} title={escape_property(visible(self._redacted(title)))}::{text}")

    def _redacted(self, text: str) -> str:
        """Remove the secrets from `text`: the runner masks neither titles nor the file of the summary."""
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, "***")
        return text

    def _print(self, line: str) -> None:
        with self._lock:
            self._stdout.write(line.encode("utf-8", "backslashreplace") + b"\n")
            self._stdout.flush()

    def _append(self, variable: str, entry: str) -> None:
        data = entry.encode("utf-8", "backslashreplace")
        try:
            with self._lock, open(self._environ.get(variable, ""), "ab") as file:
                file.write(data)
        except OSError as error:
            raise RunnerFileError(variable, str(error.strerror or error)) from error


def _heredoc(name: str, value: str) -> str:
    delimiter = f"ghadelimiter_{secrets.token_hex(16)}"
    return f"{name}<<{delimiter}\n{value}\n{delimiter}\n"
