"""Texts for two readers: the author of a workflow, whom the action tells, and who runs the command."""

import json
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Self

from cognito_action.text import code_block


class HostKind(Enum):
    """What the author of a failing call has to change."""

    ACTION = "a step with `uses:`"
    COMMAND = "a command"


@dataclass(frozen=True)
class Words:
    """One text, if the two readers need different words."""

    action: str
    command: str

    @classmethod
    def of(cls, say: Callable[[HostKind], str]) -> Self:
        """What `say` returns for each reader."""
        return cls(say(HostKind.ACTION), say(HostKind.COMMAND))

    def within(self, text: str) -> "Words":
        """The same in a longer text, at the place of `{}`."""
        return Words.of(lambda kind: text.replace("{}", self.said(kind)))

    def said(self, kind: HostKind) -> str:
        """The text for one reader."""
        return self.action if kind is HostKind.ACTION else self.command


Text = str | Words


@dataclass(frozen=True)
class Variable:
    """Lines that set one variable: for one step, or in the shell. An empty one is as good as none."""

    name: str
    value: Text = ""

    def said(self, kind: HostKind) -> str:
        """The lines for one reader."""
        value = said(self.value, kind)
        if kind is HostKind.ACTION:
            return f"env:\n  {self.name}: {_scalar(value)}"
        return f"export {self.name}={shlex.quote(value)}" if value else f"unset {self.name}"


@dataclass(frozen=True)
class Options:
    """Lines that set inputs of the action, which are options of the command."""

    values: Mapping[str, str]

    def said(self, kind: HostKind) -> str:
        """The lines for one reader."""
        if kind is HostKind.ACTION:
            return "\n".join(["with:", *(f"  {name}: {_scalar(value)}" for name, value in self.values.items())])
        return " \\\n".join(shlex.join([f"--{name}", value]) for name, value in self.values.items())


Paste = Text | Variable | Options


def said(text: Paste, kind: HostKind) -> str:
    """A text, or lines to paste, for one reader."""
    return text if isinstance(text, str) else text.said(kind)


def with_fields(text: Text, fields: Mapping[str, object]) -> Text:
    """A text with its fields, such as `{region}`, filled in."""
    return text.format(**fields) if isinstance(text, str) else Words.of(lambda kind: text.said(kind).format(**fields))


def paste_with_fields(paste: Paste, fields: Mapping[str, object]) -> Paste:
    """The same for lines to paste."""
    match paste:
        case Variable():
            return Variable(paste.name.format(**fields), with_fields(paste.value, fields))
        case Options():
            return Options({name: value.format(**fields) for name, value in paste.values.items()})
        case _:
            return with_fields(paste, fields)


def _scalar(value: str) -> str:
    """A value in YAML: a text, whatever YAML would take it for without quotes."""
    if "\n" in value:
        return "\n".join(["|", *(f"    {line}" for line in value.split("\n"))])
    return json.dumps(value) if value in ("", "true", "false") or value.startswith("+") else value


@dataclass(frozen=True)
class Told:
    """An error as one reader sees it; `ActionError` says what its parts are."""

    what: str
    why: str
    details: str
    fix: str
    paste: str
    language: str

    @property
    def text(self) -> str:
        """It as plain text."""
        return "\n".join(part for part in (self.what, self.why, self.details, self.fix, self.paste) if part)

    @property
    def markdown(self) -> str:
        """It as part of a page; text from outside appears in code blocks only."""
        parts = [
            code_block(self.what),
            self.why,
            self.details and code_block(self.details),
            self.fix,
            self.paste and code_block(self.paste, self.language),
        ]
        return "\n\n".join(part for part in parts if part)


@dataclass(frozen=True)
class _Advice:
    """The parts of a message that can differ from reader to reader."""

    why: Text
    fix: Text
    paste: Paste
    language: str


class Message:
    """An error with a part of the text for each question: what, why, and what to change. See `ActionError`."""

    def __init__(self, what: str, why: Text, fix: Text, details: str, paste: Paste, language: str) -> None:
        self.what = what
        self.details = details
        self.parts = _Advice(why, fix, paste, language)

    def told(self, kind: HostKind) -> Told:
        """The message as one reader sees it; `shown_by` in `diagnostics/report.py` knows which one reads."""
        parts = self.parts
        paste = said(parts.paste, kind)
        language = "yaml" if isinstance(parts.paste, Variable | Options) else parts.language
        if kind is HostKind.COMMAND and not isinstance(parts.paste, str):
            language = "sh"
        why, fix = said(parts.why, kind), said(parts.fix, kind)
        return Told(self.what, why, self.details, fix, paste, language if paste else "")

    @property
    def why(self) -> str:
        """What the workflow's author is told of the cause."""
        return self.told(HostKind.ACTION).why

    @property
    def fix(self) -> str:
        """What the workflow's author is told to change."""
        return self.told(HostKind.ACTION).fix

    @property
    def paste(self) -> str:
        """The lines that the workflow's author may paste."""
        return self.told(HostKind.ACTION).paste

    @property
    def language(self) -> str:
        """The language of `paste`."""
        return self.told(HostKind.ACTION).language

    @property
    def annotation(self) -> str:
        """The failure as the text of an annotation."""
        return self.told(HostKind.ACTION).text

    @property
    def markdown(self) -> str:
        """The failure as part of the job summary."""
        return self.told(HostKind.ACTION).markdown

    @property
    def text(self) -> str:
        """The failure as the command says it."""
        return self.told(HostKind.COMMAND).text
