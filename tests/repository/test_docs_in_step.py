"""action.yml, README.md and the code agree with each other."""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import cognito_action
from cognito_action.aws.identity_pool import AwsCredentials
from cognito_action.diagnostics.deletion import users_left_behind
from cognito_action.errors import ActionError
from cognito_action.github.runner import MESSAGE_LIMIT
from cognito_action.inputs.adopt import AdoptInputs
from cognito_action.inputs.base import BaseInputs
from cognito_action.inputs.delete import DeleteInputs
from cognito_action.inputs.main import MainInputs
from cognito_action.inputs.sweep import SweepInputs
from cognito_action.sign_in.app_client import Tokens
from cognito_action.sign_in.challenges import SignedIn
from cognito_action.sign_in.totp import Authenticator
from cognito_action.users.batch import ReadyUser
from cognito_action.users.creation import UserCredentials
from cognito_action.users.outputs import write_outputs
from tests.support.all_errors import COMMANDS, ERRORS
from tests.support.inputs import input_variables, no_warning
from tests.support.recorder import Recorder
from tools.emulator.job import ROOT, action

ACTION = action()
COMPANIONS: dict[str, type[BaseInputs]] = {"sweep": SweepInputs, "adopt": AdoptInputs, "delete": DeleteInputs}
ACTIONS: dict[str, type[BaseInputs]] = {"": MainInputs, **COMPANIONS}
README = Path(ROOT, "README.md").read_text(encoding="utf-8")
COMPANIONS_PAGE = Path(ROOT, "docs/companions.md").read_text(encoding="utf-8")

POOL = {"INPUT_USER-POOL-ID": "eu-central-1_AbCdEfGhI", "INPUT_USERNAME": "name"}
"""The inputs that one action or another requires."""


def tables(heading: str, page: str = README) -> list[list[list[str]]]:
    """The rows of each table under a heading of a page, without the table's header."""
    section = re.split("\n##+ ", page.partition(f"\n## {heading}\n")[2])[0]
    found = re.findall(r"(?:^\|.*\n)+", section, re.MULTILINE)
    return [[[cell.strip() for cell in row.strip("|").split("|")] for row in text.splitlines()[2:]] for text in found]


def in_code(cell: str) -> str:
    """The content of a cell that is code or empty."""
    assert re.fullmatch("`[^`]+`|", cell), cell
    return cell.strip("`")


def own_inputs(folder: str) -> dict[str, Any]:
    """The inputs of a companion, without those that every action has."""
    return {name: settings for name, settings in action(folder)["inputs"].items() if name not in SHARED_INPUTS}


SHARED_INPUTS = [field.alias for field in BaseInputs.model_fields.values()]


# action.yml and the code


def test_every_action_is_known() -> None:
    """A new one is not forgotten here."""
    assert {path.parent.name for path in ROOT.glob("*/action.yml")} == set(COMPANIONS)


@pytest.mark.parametrize("folder", ACTIONS)
def test_inputs_match_the_code(folder: str) -> None:
    """Every declared input is read, every input that is read is declared, and the order is the same."""
    assert list(action(folder)["inputs"]) == [field.alias for field in ACTIONS[folder].model_fields.values()]


@pytest.mark.parametrize("folder", ACTIONS)
def test_defaults_match_the_code(folder: str) -> None:
    """An input that is left out means the same whether the runner fills in the default or the code does."""
    inputs = action(folder)["inputs"]
    declared = input_variables(**{name: str(settings.get("default", "")) for name, settings in inputs.items()})

    assert ACTIONS[folder].from_environ({**declared, **POOL}, no_warning) == ACTIONS[folder].from_environ(
        POOL, no_warning
    )


@pytest.mark.parametrize("folder", ACTIONS)
def test_required_inputs_match_the_code(folder: str) -> None:
    """An input that is declared as required is refused if it is empty, and no other is."""
    inputs = action(folder)["inputs"]

    with pytest.raises(ActionError) as caught:
        ACTIONS[folder].from_environ({}, no_warning)

    refused = [line.removeprefix("- ").partition(":")[0] for line in caught.value.what.split("\n")[1:]]
    assert refused == [name for name, settings in inputs.items() if settings.get("required")]


@pytest.mark.parametrize("folder", ACTIONS)
def test_defaults_are_strings(folder: str) -> None:
    """The runner passes strings, and could write a value of another YAML type differently."""
    assert all(isinstance(settings.get("default", ""), str) for settings in action(folder)["inputs"].values())


@pytest.mark.parametrize("folder", COMPANIONS)
def test_shared_inputs_are_described_alike(folder: str) -> None:
    """A reader who knows one action knows the others; only the pool and the role have their own descriptions."""
    inputs = action(folder)["inputs"]

    for name in SHARED_INPUTS[2:]:
        assert inputs[name] == ACTION["inputs"][name]
    for name in SHARED_INPUTS[:2]:
        assert inputs[name].get("required") == ACTION["inputs"][name].get("required")
    for name in ("password-length", "client-id", "client-secret", "auth-flow"):
        assert name not in inputs or inputs[name].get("default") == ACTION["inputs"][name].get("default")


def test_outputs_match_the_code(recorder: Recorder) -> None:
    """For users who have everything, each declared output is written, and nothing else."""
    people = {
        key: ReadyUser(
            UserCredentials("username", "password", "email", "sub", "internal name", "user-1"),
            SignedIn(Tokens("access", "id", "refresh"), Authenticator("JBSWY3DPEHPK3PXP", lambda: 0.0)),
            "/path",
            AwsCredentials("identity", "key", "secret", "token"),
        )
        for key in ("admin", "viewer")
    }
    inputs = MainInputs.from_environ(
        {"INPUT_USER-POOL-ID": "eu-central-1_AbCdEfGhI", "INPUT_USERS": "admin:\nviewer:"}, no_warning
    )

    write_outputs(people, inputs, recorder.runner)

    assert sorted(recorder.stage.outputs) == sorted(ACTION["outputs"])


@pytest.mark.parametrize("folder", ACTIONS)
def test_executables_of_the_action_exist(folder: str) -> None:
    """The runner builds one Dockerfile, starts files that the image copies from here, and appends no arguments."""
    runs = action(folder)["runs"]

    assert (runs["using"], runs["args"]) == ("docker", [])
    assert Path(ROOT, folder, runs["image"]).resolve() == ROOT / "Dockerfile"
    paths = [path for name, path in runs.items() if name.endswith("entrypoint")]
    assert len(paths) == (1 if folder else 2)
    for name in paths:
        path = Path(ROOT, name.removeprefix("/action/"))
        assert path.stat().st_mode & 0o111
        assert path.read_text(encoding="utf-8").startswith("#!/venv/bin/python -I\n")


@pytest.mark.parametrize(
    "path",
    [*ROOT.glob("*entrypoint.py"), *ROOT.glob("[!.]*/entrypoint.py")],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_executable_runs_its_step_within_the_limits_of_that_step(path: Path) -> None:
    """It only wires: signals first, then one step with the limits, and the name, that are defined next to it."""
    code = path.read_text(encoding="utf-8")

    [(module, step)] = re.findall(
        r"^from cognito_action\.steps\.(\w+) import LIMITS, (?:NAME, )?(\w+)$", code, re.MULTILINE
    )
    call = code.strip().splitlines()[-1]
    assert module == step
    assert re.fullmatch(
        rf"exit_process\(run\((partial\()?{step}\b.*, os\.environ, sys\.stdout\.buffer, LIMITS(, NAME)?\)\)", call
    )
    assert code.index("prepare_process()\n") < code.index("import os")


# README.md


def test_inputs_in_the_readme_match_the_action() -> None:
    """The table has every input, in the same order, with its default."""
    [rows] = tables("Inputs")
    documented = [(in_code(row[0]), in_code(row[1])) for row in rows]

    assert documented == [(name, settings.get("default", "")) for name, settings in ACTION["inputs"].items()]


def test_outputs_in_the_readme_match_the_action() -> None:
    """The table has every output, in the same order; a row may have several."""
    [rows] = tables("Outputs")
    documented = [in_code(name) for row in rows for name in row[0].split(", ")]

    assert documented == list(ACTION["outputs"])


@pytest.mark.parametrize("folder", COMPANIONS)
def test_page_of_the_companions_matches_their_actions(folder: str) -> None:
    """It has one table of the inputs that only this companion has, and one of its outputs if it has any."""
    inputs, *outputs = tables(f"`{folder}`", COMPANIONS_PAGE)
    documented = [(in_code(row[0]), in_code(row[1])) for row in inputs]

    assert documented == [(name, settings.get("default", "")) for name, settings in own_inputs(folder).items()]
    names = [in_code(name) for rows in outputs for row in rows for name in row[0].split(", ")]
    assert names == list(action(folder).get("outputs", {}))


def test_everything_is_described() -> None:
    """Every row of a table and every entry of an action has a description."""
    documented = [
        tables("Inputs"),
        tables("Outputs"),
        *(tables(f"`{folder}`", COMPANIONS_PAGE) for folder in COMPANIONS),
    ]
    assert all(row[-1] for found in documented for rows in found for row in rows)
    for folder in ACTIONS:
        content = action(folder)
        assert content["name"]
        assert content["description"]
        assert all(entry["description"] for part in ("inputs", "outputs") for entry in content.get(part, {}).values())


@pytest.mark.parametrize("folder", ACTIONS)
def test_description_fits_the_marketplace(folder: str) -> None:
    """It does not list an action whose description has 125 characters. (`make lint` checks the icon by the schema.)"""
    assert len(action(folder)["description"]) < 125


def test_names_of_the_actions_differ() -> None:
    """The log of a job shows their names."""
    assert len({action(folder)["name"] for folder in ACTIONS}) == len(ACTIONS)


# Errors


def test_all_functions_that_make_an_error_are_listed() -> None:
    """Whoever adds one has to add it to the errors that are checked."""
    made = [
        function
        for found in pkgutil.walk_packages(cognito_action.__path__, "cognito_action.")
        for module in [importlib.import_module(found.name)]
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__
        and not name.startswith("_")
        and inspect.signature(function).return_annotation is ActionError
    ]

    assert set(made) == set(ERRORS)


@pytest.mark.parametrize(
    "make", [make for make in ERRORS if make is not users_left_behind], ids=lambda make: make.__name__
)
def test_error_fits_in_one_annotation(make: Callable[..., ActionError]) -> None:
    """With the longest names that AWS and GitHub allow, and the longest messages, nothing is cut off."""
    assert [len(error.annotation) for error in ERRORS[make] if len(error.annotation) > MESSAGE_LIMIT] == []


@pytest.mark.parametrize("level", ["warning", "error"])
def test_commands_for_users_left_behind_are_never_cut_off(recorder: Recorder, level: str) -> None:
    """A long cause is cut at its end: everything up to the last command is shown, and the summary has the rest."""
    commands = "\n".join(COMMANDS)
    for error in ERRORS[users_left_behind]:
        getattr(recorder.runner, level)(error.annotation, "title")
        recorder.runner.summary(error.markdown)

    stage = recorder.stage
    summary = stage.summary
    shown = [annotation.message for annotation in stage.annotations]
    assert len(shown) == len(ERRORS[users_left_behind])
    for error, message in zip(ERRORS[users_left_behind], shown, strict=True):
        assert len(message) <= MESSAGE_LIMIT
        assert message.startswith(f"{error.what}\nTo delete by hand:\n{commands}\n")
        assert message == error.annotation or message.endswith(" characters in all)")
    for error in ERRORS[users_left_behind]:
        assert all(part in summary for part in (error.what, commands, error.fix, error.paste))


def test_cause_of_users_left_behind_may_be_longer_than_an_annotation() -> None:
    """Some are, or the test above would test nothing: for example a trust policy with the longest claims."""
    assert any(len(error.annotation) > MESSAGE_LIMIT for error in ERRORS[users_left_behind])


@pytest.mark.parametrize("make", ERRORS, ids=lambda make: make.__name__)
def test_error_says_what_why_and_what_to_change(make: Callable[..., ActionError]) -> None:
    """No part of an error is empty, and lines to paste have a language."""
    for error in ERRORS[make]:
        assert error.what
        assert error.why
        assert error.fix
        assert bool(error.paste) == bool(error.language)
