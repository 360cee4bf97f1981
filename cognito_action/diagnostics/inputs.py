"""What is said of inputs that can't be right."""

import difflib
from collections.abc import Collection, Sequence

from cognito_action.errors import ActionError


def invalid_inputs(problems: Sequence[str]) -> ActionError:
    """Some inputs are missing or malformed; each problem starts with the name of its input."""
    return ActionError(
        what="\n".join(["The step's inputs are invalid:", *(f"- {problem}" for problem in problems)]),
        why="Nothing was changed, and no service was called.",
        fix="Fix them under `with:`.",
    )


def unknown_input(name: str, suggestion: str) -> str:
    """An input that the action does not have, with `did_you_mean`."""
    return f"{name}: there is no such input; {suggestion}"


def client_id_missing(name: str) -> str:
    """An input that means nothing unless a user is signed in."""
    return f"{name}: needs client-id, without which no one is signed in"


def did_you_mean(name: str, known: Collection[str]) -> str:
    """Suggest the known name that `name` is probably a misspelling of; empty if none is close."""
    close = difflib.get_close_matches(name, known, 1, 0.8)
    return f"did you mean {close[0]}?" if close else ""
