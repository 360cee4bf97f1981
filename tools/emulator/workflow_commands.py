"""The runner's grammar, taken from its source: workflow commands, masks and file commands.

Written independently of the action's own writer, so that a mistake in one shows up in the other.
"""

import base64
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote
from xml.sax.saxutils import escape as xml_escape

REGISTERED = frozenset(
    [
        "set-env",
        "set-output",
        "save-state",
        "add-path",
        "add-mask",
        "add-matcher",
        "remove-matcher",
        "warning",
        "error",
        "notice",
        "debug",
        "group",
        "endgroup",
        "echo",
        "stop-commands",
    ]
)


@dataclass(frozen=True)
class Command:
    """One workflow command, unescaped."""

    name: str
    properties: Mapping[str, str]
    data: str


def lines_of(text: str) -> list[str]:
    """Split a stream as the runner reads it: at LF, CRLF and a bare CR."""
    lines = re.split(r"\r\n|\n|\r", text)
    return lines[:-1] if lines[-1] == "" else lines


def parse_line(line: str) -> Command | None:
    """Read a command: `line` in the modern form, or the older form anywhere in it. None if there is neither."""
    return _modern(line.lstrip()) or _legacy(line)


def _modern(line: str) -> Command | None:
    end = line.find("::", 2)
    if not line.startswith("::") or end < 0:
        return None
    name, _, properties = line[2:end].partition(" ")
    return _command(name, properties.split(","), line[end + 2 :])


def _legacy(line: str) -> Command | None:
    start, end = line.find("##["), line.find("]", line.find("##["))
    if start < 0 or end < 0:
        return None
    name, _, properties = line[start + 3 : end].partition(" ")
    return _command(name, properties.split(";"), line[end + 1 :])


def _command(name: str, properties: list[str], data: str) -> Command | None:
    if name.lower() not in REGISTERED:
        return None
    pairs = (pair.partition("=") for pair in properties)
    return Command(
        name.lower(),
        {key.strip(): _unescape(value, ("%3A", ":"), ("%2C", ",")) for key, _, value in pairs if value},
        _unescape(data),
    )


def _unescape(text: str, *further: tuple[str, str]) -> str:
    for escaped, plain in (("%0D", "\r"), ("%0A", "\n"), *further, ("%25", "%")):
        text = text.replace(escaped, plain)
    return text


class Masks:
    """The secrets of a job, and the forms of each that the runner replaces in the log."""

    def __init__(self) -> None:
        self.secrets: set[str] = set()

    def add(self, secret: str) -> None:
        if secret.strip():
            self.secrets |= {secret} | {line.strip() for line in re.split(r"[\r\n]", secret) if line.strip()}

    def apply(self, text: str) -> str:
        for form in sorted({form for secret in self.secrets for form in _forms(secret)}, key=len, reverse=True):
            text = text.replace(form, "***")
        return text


def _forms(secret: str) -> Iterator[str]:
    data = secret.encode()
    yield secret
    for dropped in range(3):
        if encoded := base64.b64encode(data[dropped:]).decode().rstrip("="):
            yield encoded
    yield json.dumps(secret)[1:-1]
    yield quote(secret, safe="")
    yield xml_escape(secret, {'"': "&quot;", "'": "&apos;"})


def parse_file(text: str) -> dict[str, str]:
    """Read GITHUB_OUTPUT or GITHUB_STATE; the last value of a key counts. Raise `ValueError` where the runner fails."""
    values: dict[str, str] = {}
    lines = iter(text.removesuffix("\n").split("\n") if text else [])
    for line in lines:
        if not line:
            continue
        key, heredoc, delimiter = line.partition("<<")
        if "=" in line and (not heredoc or line.index("=") < line.index("<<")):
            key, _, values[key] = line.partition("=")
        elif heredoc and key and delimiter:
            values[key] = "\n".join(_until(delimiter, lines))
        else:
            raise ValueError(f"Invalid format '{line}'")
    return values


def _until(delimiter: str, lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        if line == delimiter:
            return
        yield line
    raise ValueError(f"Invalid value. Matching delimiter not found '{delimiter}'")
