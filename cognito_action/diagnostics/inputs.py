"""What is said of inputs that can't be right."""

import difflib
from collections.abc import Collection, Sequence

from cognito_action.errors import ActionError
from cognito_action.words import HostKind

UNKNOWN_INPUT = "unknown input"
"""The title of the warning about `unknown_inputs`."""

MAX_UNKNOWN = 10
"""How many unknown inputs are named: the job's variables can be any number, and an annotation has its limit."""


def invalid_inputs(problems: Sequence[str], kind: HostKind = HostKind.ACTION) -> ActionError:
    """Some inputs are missing or malformed; each problem starts with the name of its input."""
    if kind is HostKind.COMMAND:
        return ActionError(
            what="\n".join(["The options are invalid:", *(f"- {problem}" for problem in problems)]),
            why="Nothing was changed, and AWS was not called.",
            fix="Fix the options, or the variables `COGNITO_TEST_USER_…`.",
        )
    return ActionError(
        what="\n".join(["The step's inputs are invalid:", *(f"- {problem}" for problem in problems)]),
        why="Nothing was changed, and AWS was not called.",
        fix="Fix them under `with:`.",
    )


def unknown_inputs(misspelled: Sequence[tuple[str, str]]) -> str:
    """Warn of inputs that the action does not have: their variables, each with `did_you_mean`."""
    lines = [
        f"- {variable.removeprefix('INPUT_').lower()} (variable {variable}): {suggestion}"
        for variable, suggestion in misspelled[:MAX_UNKNOWN]
    ]
    more = [f"- and {len(misspelled) - MAX_UNKNOWN} more"] if len(misspelled) > MAX_UNKNOWN else []
    return "\n".join(
        [
            "Inputs that the action does not have play no part:",
            *lines,
            *more,
            "If such a name is under `with:`, correct it there. A variable of the job's own (`env:`) can stay as it is.",
        ]
    )


def variables_without_meaning(names: Sequence[str], known: Collection[str]) -> str:
    """Warn of variables with the command's prefix that stand for no option."""
    lines = [f"- {name}: {did_you_mean(name, known)}".removesuffix(": ") for name in names[:MAX_UNKNOWN]]
    more = [f"- and {len(names) - MAX_UNKNOWN} more"] if len(names) > MAX_UNKNOWN else []
    return "\n".join(
        ["Variables that stand for no option play no part:", *lines, *more, "Correct them, or unset them."]
    )


def client_id_missing(name: str) -> str:
    """An input that means nothing without an app client."""
    return f"{name}: needs client-id, without which no one is signed {'up' if name == 'sign-up' else 'in'}"


def sign_in_missing(name: str) -> str:
    """An input that means nothing unless a user is signed in, next to one that says so."""
    return f"{name}: needs a signed-in user, and auth-flow is none"


def region_missing() -> str:
    """The ID of the pool does not start with a region, and `AWS_REGION` names none."""
    return (
        "user-pool-id: does not start with a region, as in eu-central-1_AbCdEfGhI. If it is an emulator's, set the variable "
        "AWS_REGION, as in us-east-1"
    )


def did_you_mean(name: str, known: Collection[str]) -> str:
    """Suggest the known name that `name` is probably a misspelling of; empty if none is close."""
    close = difflib.get_close_matches(name, known, 1, 0.8)
    return f"did you mean {close[0]}?" if close else ""
