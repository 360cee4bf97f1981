"""What the command says is of use outside of GitHub: no error speaks of steps, jobs, runners or their files."""

import inspect
import re
from collections.abc import Callable

import pytest

from cognito_action.diagnostics.ownership import run_unknown
from cognito_action.diagnostics.report import in_words
from cognito_action.diagnostics.runner import runner_file_not_written, temp_folder_missing
from cognito_action.errors import ActionError
from cognito_action.words import HostKind
from tests.support.all_errors import APART, ERRORS, OF_COMMAND

OF_GITHUB = {run_unknown, in_words, runner_file_not_written, temp_folder_missing}
"""Functions for what only GitHub's runner gives: its variables and its files."""

CALLS_OF_GITHUB = ("GitHub's ID token", "OwnContainer")
"""What is in the first part of errors that exist in GitHub alone: its token service, and the action's own container."""

WORKFLOW_WORDS = re.compile(
    r"\b(this|the|an? earlier|a later|post) steps?\b|\bsteps\b|\bjobs?\b|\bworkflow|\brunner|\bself-hosted|\bcontainers?\b"
    r"|\bthe action\b|\bthis action\b|\bthe input `|`with:`|^with:$|^env:$|`env:`|GITHUB_ENV|STATE_|/github/"
    r"|\bstrategy\.|\bsecrets\.|\$\{\{",
    re.MULTILINE,
)
"""What makes sense only to the author of a workflow."""


@pytest.mark.parametrize("make", [make for make in OF_COMMAND if make not in OF_GITHUB], ids=lambda make: make.__name__)
def test_command_never_speaks_as_to_the_author_of_a_workflow(make: Callable[..., ActionError]) -> None:
    """Whoever adds an error gives it neutral words, or `Words` for each reader."""
    wrong = {
        found[0]: error.text
        for error in OF_COMMAND[make]
        if not any(call in error.what for call in CALLS_OF_GITHUB)
        for found in WORKFLOW_WORDS.finditer(error.text)
    }

    assert wrong == {}


def test_the_test_above_can_fail() -> None:
    """The action does speak like that, in errors of nearly every kind."""
    assert len([make for make in ERRORS if any(map(WORKFLOW_WORDS.search, texts_of_action(make)))]) > 20


def texts_of_action(make: Callable[..., ActionError]) -> list[str]:
    """What the action says."""
    return [error.annotation for error in ERRORS[make]]


@pytest.mark.parametrize("make", OF_COMMAND, ids=lambda make: make.__name__)
def test_each_text_of_the_command_is_whole(make: Callable[..., ActionError]) -> None:
    """No part is empty, no field is left, and lines to paste are not YAML."""
    for error in OF_COMMAND[make]:
        told = error.told(HostKind.COMMAND)
        assert told.what
        assert told.why
        assert told.fix
        assert bool(told.paste) == bool(told.language)
        assert not told.why.endswith(" ")
        assert not re.search(r"\{\w*\}", told.why + told.fix)
        assert (
            make in OF_GITHUB
            or told.language != "yaml"
            or any(call in told.what for call in CALLS_OF_GITHUB)
            or ("AllowAdminCreateUserOnly" in told.paste)
        )


def test_functions_that_are_told_who_reads_are_tried_for_both() -> None:
    """The command gets what they make for it."""
    assert {make for make in ERRORS if "kind" in inspect.signature(make).parameters} <= set(APART)
