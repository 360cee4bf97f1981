"""Inputs that can't be right: each reader is told where they are written."""

from cognito_action.diagnostics.inputs import MAX_UNKNOWN, invalid_inputs, variables_without_meaning
from cognito_action.words import HostKind

PROBLEMS = ["user-pool-id: is required", "client-id: is too long"]


def test_inputs_are_under_with_or_are_options() -> None:
    """The lines are the same."""
    action, command = invalid_inputs(PROBLEMS), invalid_inputs(PROBLEMS, HostKind.COMMAND)

    assert action.what.split("\n") == ["The step's inputs are invalid:", *(f"- {problem}" for problem in PROBLEMS)]
    assert action.fix == "Fix them under `with:`."
    assert command.what.split("\n") == ["The options are invalid:", *(f"- {problem}" for problem in PROBLEMS)]
    assert command.fix == "Fix the options, or the variables `COGNITO_TEST_USER_…`."


def test_variables_are_named_with_the_nearest_option() -> None:
    """As far as one is near, and not more than a reader can take in."""
    known = ["COGNITO_TEST_USER_GROUPS", "COGNITO_TEST_USER_USERS"]
    few = variables_without_meaning(["COGNITO_TEST_USER_GROUP", "COGNITO_TEST_USER_Q"], known)
    many = variables_without_meaning([f"COGNITO_TEST_USER_{number}" for number in range(30)], known)

    assert "- COGNITO_TEST_USER_GROUP: did you mean COGNITO_TEST_USER_GROUPS?" in few.split("\n")
    assert len(many.split("\n")) == MAX_UNKNOWN + 3
    assert "- and 20 more" in many.split("\n")
