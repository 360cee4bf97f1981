"""What is said of the command's own files and options."""

import shlex

from cognito_action.errors import ActionError
from cognito_action.host import HostFileError
from cognito_action.text import quoted
from cognito_action.words import Options


def file_not_written(error: HostFileError) -> ActionError:
    """The journal, in which a user has to be before it is created, refuses the write."""
    return ActionError(
        what=f"{error.file} could not be written: {error.reason}.",
        why="The command keeps a journal of the users that it creates, so that none is left behind. The disk is full, or you "
        "may not write there.",
        fix="Free space, or name another folder, which lasts until the users are deleted:",
        paste="--state-dir <folder>",
        language="sh",
    )


def journal_unusable(error: HostFileError) -> ActionError:
    """A journal is there that can't be opened, locked or believed."""
    return ActionError(
        what=f"{error.file} can't be used: {error.reason}.",
        why="Its users may still exist. Only its owner may be able to write to it, and it has to be on a disk that has locks.",
        fix="Mend that, and run this again:",
        paste="cognito-test-user cleanup",
        language="sh",
    )


def journal_unreadable(path: str) -> ActionError:
    """A journal is there that this version can't read."""
    return ActionError(
        what=f"The journal {path} can't be read.",
        why="Another version of the command wrote it, or the disk was damaged. Its users may still exist.",
        fix="Use the version that wrote it. Or delete the users by hand, whose names start with `ctu-` or `gha-`, and then "
        "the file.",
    )


def command_not_started(name: str, reason: str, *, not_there: bool) -> ActionError:
    """The command that is to be run with the users can't be run; `reason` may be the system's words."""
    shown = quoted(name)
    if "too long" in reason:
        return ActionError(
            what=f"The command '{shown}' can't be run: {reason}.",
            why="Variables are handed over, and the system limits how long they are: `COGNITO_USERS` has the tokens of all.",
            fix="Create fewer users at once, or do without tokens:",
            paste=Options({"auth-flow": "none"}),
        )
    if not_there:
        return ActionError(
            what=f"The command '{shown}' can't be run: {reason}.",
            why="It is misspelled, not installed, or not on the `PATH`.",
            fix="Correct what follows `--`. A line for a shell, with `cd`, an alias or `&&`, needs one:",
            paste=f"cognito-test-user run … -- sh -c {shlex.quote(shown if ' ' in shown else '<line>')}",
            language="sh",
        )
    return ActionError(
        what=f"The command '{shown}' can't be run: {reason}.",
        why="The file is there, but the system does not run it: it is not executable, or no program for this machine.",
        fix="Make it executable, and have a script name its interpreter in the first line (`#!`):",
        paste=f"chmod +x {shlex.quote(shown)}",
        language="sh",
    )


def not_understood(problem: str, subcommand: str, hint: str = "") -> ActionError:
    """The command line can't be understood, for a problem in the parser's words; `hint` is what may be meant."""
    return ActionError(
        what=f"The command line can't be understood: {quoted(problem)}.",
        why=f"Nothing was done. {hint}".strip(),
        fix="See what is possible:",
        paste=" ".join(["cognito-test-user", *filter(None, [subcommand]), "--help"]),
        language="sh",
    )


def command_missing(subcommand: str) -> ActionError:
    """There is nothing to run with the users."""
    return ActionError(
        what="The command line can't be understood: the command to run is missing; it follows `--`.",
        why="Nothing was done. What is to be run stands behind `--`, and all options before it.",
        fix="Write it like this:",
        paste=f"cognito-test-user {subcommand} --user-pool-id <pool> -- npm test",
        language="sh",
    )
