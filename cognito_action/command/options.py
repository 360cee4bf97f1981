"""The command line: subcommands, options with the names of the action's inputs, and variables in their place."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from cognito_action.command.settings import (
    INPUTS,
    PREFIX,
    SETTINGS,
    SUBCOMMANDS,
    WITH_COMMAND,
    keyword_of,
    options_of,
    variable_of,
)
from cognito_action.diagnostics.command import command_missing, not_understood
from cognito_action.diagnostics.inputs import did_you_mean
from cognito_action.errors import ActionError

_SWITCHES = ("sign-up", "mask-username", "cleanup", "dry-run")


@dataclass(frozen=True)
class Options:
    """What a command line and the environment say together."""

    subcommand: str
    inputs: Mapping[str, str]
    """The texts of the inputs that were given, by their names."""
    settings: Mapping[str, str]
    """The same of `SETTINGS`; empty if not given."""
    command: Sequence[str]
    """What follows `--`."""


def read_options(arguments: Sequence[str], environ: Mapping[str, str]) -> Options:
    """Read a command line; an option goes before its variable.

    Raises `UsageError`, and `SystemExit` for `--help`.
    """
    before, command = _split(arguments)
    subcommand = next((text for text in before if text in SUBCOMMANDS), "")
    if subcommand in WITH_COMMAND and not command and not {"-h", "--help"} & set(before):
        raise UsageError(command_missing(subcommand), subcommand)
    try:
        parsed = vars(_parser().parse_args(before))
    except _ParserError as error:
        problem = _without_values(str(error))
        raise UsageError(not_understood(problem, subcommand, _suggestion(problem, subcommand)), subcommand) from None
    if command and subcommand not in WITH_COMMAND:
        raise UsageError(not_understood("nothing can follow `--` here", subcommand), subcommand)
    subcommand = str(parsed.pop("subcommand"))

    def given(names: Mapping[str, str]) -> dict[str, str]:
        return {name: str(text) for name in names if (text := parsed[keyword_of(name)]) is not None}

    return combine_options(subcommand, given(options_of(subcommand)), environ, command)


def combine_options(
    subcommand: str, given: Mapping[str, str], environ: Mapping[str, str], command: Sequence[str] = ()
) -> Options:
    """Put what is given, by the names of inputs and settings, before the variables that stand for the same."""

    def texts(names: Mapping[str, str]) -> dict[str, str]:
        of_variables = {name: environ[variable] for name in names if (variable := variable_of(name)) in environ}
        return of_variables | {name: given[name] for name in names if name in given}

    return Options(subcommand, texts(INPUTS[subcommand]), {**dict.fromkeys(SETTINGS, ""), **texts(SETTINGS)}, command)


class UsageError(Exception):
    """The command line can't be understood; `error` says why."""

    def __init__(self, error: ActionError, subcommand: str) -> None:
        super().__init__(error.what)
        self.error = error
        self.subcommand = subcommand


class _ParserError(Exception):
    """What argparse can't understand, in its words."""


class _Parser(argparse.ArgumentParser):
    """A parser that leaves its process alone."""

    def error(self, message: str) -> NoReturn:
        raise _ParserError(message)


class _Version(argparse.Action):
    """Prints the version of what is installed, and ends."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - only this needs it

        try:
            text = version("cognito-test-user")
        except PackageNotFoundError:
            text = "not installed"
        sys.stdout.write(f"{text}\n")
        parser.exit()


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="cognito-test-user", description="Temporary Amazon Cognito users for tests.")
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version")
    subparsers = parser.add_subparsers(dest="subcommand", required=True, metavar="|".join(SUBCOMMANDS))
    for name, text in SUBCOMMANDS.items():
        ending = " -- COMMAND [ARGUMENT …]" if name in WITH_COMMAND else ""
        sub = subparsers.add_parser(
            name,
            help=text,
            description=f"{text[0].upper()}{text[1:]}.",
            usage=f"cognito-test-user {name} [options]{ending}",
            epilog=f"Each option can come from a variable, as in {PREFIX}USER_POOL_ID.",
            allow_abbrev=False,
        )
        for option, meaning in options_of(name).items():
            # A switch alone means true, as it would in any other program.
            extra = {"nargs": "?", "const": "true"} if option in _SWITCHES else {}
            sub.add_argument(f"--{option}", help=meaning, metavar="VALUE", default=None, **extra)  # type: ignore[arg-type]
    return parser


def _without_values(problem: str) -> str:
    """The parser's words without what follows an option that does not exist: it may be a secret."""
    front, colon, rest = problem.partition("unrecognized arguments: ")
    options = [word.partition("=")[0] for word in rest.split() if word.startswith("-")]
    return f"{front}{colon}{' '.join(options) or rest}"


def _suggestion(problem: str, subcommand: str) -> str:
    """The option that is probably meant by one that does not exist."""
    known = [f"--{name}" for name in options_of(subcommand)]
    unknown = next((word.partition("=")[0] for word in problem.split() if word.startswith("--")), "")
    suggestion = did_you_mean(unknown.replace("_", "-"), known)
    return suggestion[:1].upper() + suggestion[1:]


def _split(arguments: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    if "--" not in arguments:
        return arguments, ()
    index = list(arguments).index("--")
    return arguments[:index], arguments[index + 1 :]
