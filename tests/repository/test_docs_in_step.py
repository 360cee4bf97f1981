"""What action.yml, README.md and the code say of the same things is the same."""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import cognito_action
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
from cognito_action.steps.main import write_outputs
from cognito_action.users.batch import CreatedUser
from cognito_action.users.creation import UserCredentials
from tests.support.all_errors import COMMANDS, ERRORS
from tests.support.inputs import input_variables
from tests.support.recorder import Recorder
from tools.emulator.job import ROOT, action

ACTION = action()
COMPANIONS: dict[str, type[BaseInputs]] = {"sweep": SweepInputs, "adopt": AdoptInputs, "delete": DeleteInputs}
ACTIONS: dict[str, type[BaseInputs]] = {"": MainInputs, **COMPANIONS}
README = Path(ROOT, "README.md").read_text(encoding="utf-8")
OF_COMPANIONS = Path(ROOT, "docs/companions.md").read_text(encoding="utf-8")

POOL = {"INPUT_USER-POOL-ID": "eu-central-1_AbCdEfGhI", "INPUT_USERNAME": "name"}
"""What is required, by one action or another."""


def tables(heading: str, page: str = README) -> list[list[list[str]]]:
    """The rows of each table under a heading of a page, below its own head."""
    section = re.split("\n##+ ", page.partition(f" {heading}\n")[2])[0]
    found = re.findall(r"(?:^\|.*\n)+", section, re.MULTILINE)
    return [[[cell.strip() for cell in row.strip("|").split("|")] for row in text.splitlines()[2:]] for text in found]


def in_code(cell: str) -> str:
    """The content of a cell that is code or empty."""
    assert re.fullmatch("`[^`]+`|", cell), cell
    return cell.strip("`")


def own_inputs(folder: str) -> dict[str, Any]:
    """The inputs of a companion beside those that every action has."""
    return {name: settings for name, settings in action(folder)["inputs"].items() if name not in EVERYWHERE}


EVERYWHERE = [field.alias for field in BaseInputs.model_fields.values()]


# action.yml and the code


@pytest.mark.parametrize("folder", ACTIONS)
def test_inputs_of_the_action_are_those_of_the_code(folder: str) -> None:
    """Nothing is declared that nobody reads, and nothing read that is not declared; the order is the same."""
    assert list(action(folder)["inputs"]) == [field.alias for field in ACTIONS[folder].model_fields.values()]


@pytest.mark.parametrize("folder", ACTIONS)
def test_defaults_of_the_action_are_those_of_the_code(folder: str) -> None:
    """An input that is left out means the same whether the runner fills in the default or the code does."""
    inputs = action(folder)["inputs"]
    declared = input_variables(**{name: str(settings.get("default", "")) for name, settings in inputs.items()})

    assert ACTIONS[folder].from_environ({**declared, **POOL}) == ACTIONS[folder].from_environ(POOL)


@pytest.mark.parametrize("folder", ACTIONS)
def test_required_inputs_of_the_action_are_those_of_the_code(folder: str) -> None:
    """What is declared as required is refused where it is empty, and all else is not."""
    inputs = action(folder)["inputs"]

    with pytest.raises(ActionError) as caught:
        ACTIONS[folder].from_environ({})

    refused = [line.removeprefix("- ").partition(":")[0] for line in caught.value.what.split("\n")[1:]]
    assert refused == [name for name, settings in inputs.items() if settings.get("required")]


@pytest.mark.parametrize("folder", ACTIONS)
def test_defaults_are_texts(folder: str) -> None:
    """The runner hands over texts; what YAML reads as something else would be written differently."""
    assert all(isinstance(settings.get("default", ""), str) for settings in action(folder)["inputs"].values())


@pytest.mark.parametrize("folder", COMPANIONS)
def test_what_all_actions_have_is_described_alike(folder: str) -> None:
    """A reader who knows one knows the others; the pool and the role say what is special."""
    inputs = action(folder)["inputs"]

    for name in EVERYWHERE[2:]:
        assert inputs[name] == ACTION["inputs"][name]
    for name in EVERYWHERE[:2]:
        assert inputs[name].get("required") == ACTION["inputs"][name].get("required")
    for name in ("password-length", "client-id", "client-secret", "auth-flow"):
        assert name not in inputs or inputs[name].get("default") == ACTION["inputs"][name].get("default")


def test_outputs_of_the_action_are_those_of_the_code(recorder: Recorder) -> None:
    """Each declared output is written for users who have everything, and nothing else."""
    people = {
        key: CreatedUser(
            UserCredentials("username", "password", "email", "sub", "internal name", "user-1"),
            SignedIn(Tokens("access", "id", "refresh"), Authenticator("JBSWY3DPEHPK3PXP", lambda: 0.0)),
            "/path",
        )
        for key in ("admin", "viewer")
    }
    inputs = MainInputs.from_environ({"INPUT_USER-POOL-ID": "eu-central-1_AbCdEfGhI", "INPUT_USERS": "admin:\nviewer:"})

    write_outputs(people, inputs, recorder.runner)

    assert sorted(recorder.stage.outputs) == sorted(ACTION["outputs"])


@pytest.mark.parametrize("folder", ACTIONS)
def test_executables_of_the_action_are_there(folder: str) -> None:
    """The runner starts files that the image copies from here, builds them from one Dockerfile, and appends nothing."""
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
    """Nothing but the wiring: signals before all else, one step, and the limits that are next to it."""
    code = path.read_text(encoding="utf-8")

    [(module, step)] = re.findall(r"^from cognito_action\.steps\.(\w+) import LIMITS, (\w+)$", code, re.MULTILINE)
    call = code.strip().splitlines()[-1]
    assert module == step
    assert re.fullmatch(
        rf"exit_process\(run\((partial\()?{step}\b.*, os\.environ, sys\.stdout\.buffer, LIMITS\)\)", call
    )
    assert code.index("start_process()\n") < code.index("import os")


# README.md


def test_inputs_of_the_readme_are_those_of_the_action() -> None:
    """The table has every input, in the same order, with its default."""
    [rows] = tables("Inputs")
    documented = [(in_code(row[0]), in_code(row[1])) for row in rows]

    assert documented == [(name, settings.get("default", "")) for name, settings in ACTION["inputs"].items()]


def test_outputs_of_the_readme_are_those_of_the_action() -> None:
    """The table has every output, in the same order; a row may be about several."""
    [rows] = tables("Outputs")
    documented = [in_code(name) for row in rows for name in row[0].split(", ")]

    assert documented == list(ACTION["outputs"])


@pytest.mark.parametrize("folder", COMPANIONS)
def test_companions_of_their_page_are_those_of_the_repository(folder: str) -> None:
    """A table of the inputs that a companion has beside the pool and the role, and one of its outputs if it has any."""
    inputs, *outputs = tables(f"`{folder}`", OF_COMPANIONS)
    documented = [(in_code(row[0]), in_code(row[1])) for row in inputs]

    assert documented == [(name, settings.get("default", "")) for name, settings in own_inputs(folder).items()]
    names = [in_code(name) for rows in outputs for row in rows for name in row[0].split(", ")]
    assert names == list(action(folder).get("outputs", {}))


def test_everything_is_described() -> None:
    """No row of a table and no entry of an action is without words."""
    documented = [tables("Inputs"), tables("Outputs"), *(tables(f"`{folder}`", OF_COMPANIONS) for folder in COMPANIONS)]
    assert all(row[-1] for found in documented for rows in found for row in rows)
    for folder in ACTIONS:
        content = action(folder)
        assert content["name"]
        assert content["description"]
        assert all(entry["description"] for part in ("inputs", "outputs") for entry in content.get(part, {}).values())


@pytest.mark.parametrize("folder", ACTIONS)
def test_description_fits_the_marketplace(folder: str) -> None:
    """It lists no action whose description has 125 characters. (The schema, which `make lint` checks, has its icons.)"""
    assert len(action(folder)["description"]) < 125


def test_names_of_the_actions_differ() -> None:
    """The log of a job shows them."""
    assert len({action(folder)["name"] for folder in ACTIONS}) == len(ACTIONS)


# Errors


def test_all_functions_that_make_an_error_are_known_here() -> None:
    """Whoever adds one has to add it to the texts that are measured."""
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
    """The runner's side cuts a cause at its end; up to the last command all is there, and in the summary the rest."""
    commands = "\n".join(COMMANDS)
    for error in ERRORS[users_left_behind]:
        getattr(recorder.runner, level)(error.annotation, "title")
        recorder.runner.summary(error.markdown)

    shown = [annotation.message for annotation in recorder.stage.annotations]
    assert len(shown) == len(ERRORS[users_left_behind])
    for error, message in zip(ERRORS[users_left_behind], shown, strict=True):
        assert len(message) <= MESSAGE_LIMIT
        assert message.startswith(f"{error.what}\nTo delete by hand:\n{commands}\n")
        assert message == error.annotation or message.endswith(" characters in all)")
    for error in ERRORS[users_left_behind]:
        assert all(part in recorder.stage.summary for part in (error.what, commands, error.fix, error.paste))


def test_cause_of_users_left_behind_may_be_longer_than_an_annotation() -> None:
    """Some are, or the test above would test nothing: a trust policy with the longest claims beside the commands."""
    assert any(len(error.annotation) > MESSAGE_LIMIT for error in ERRORS[users_left_behind])


@pytest.mark.parametrize("make", ERRORS, ids=lambda make: make.__name__)
def test_error_says_what_why_and_what_to_change(make: Callable[..., ActionError]) -> None:
    """No part of an error is empty, and lines to paste have a language."""
    for error in ERRORS[make]:
        assert error.what
        assert error.why
        assert error.fix
        assert bool(error.paste) == bool(error.language)
