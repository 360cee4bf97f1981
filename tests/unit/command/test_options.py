"""The command line: the action's inputs as options, and variables in their place."""

import re
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cognito_action.command.options import Options, UsageError, read_options
from cognito_action.command.run import OUTPUTS
from cognito_action.command.settings import INPUTS, SETTINGS, SUBCOMMANDS, WITH_COMMAND, options_of, variable_of
from cognito_action.inputs.adopt import AdoptInputs
from cognito_action.inputs.base import BaseInputs
from cognito_action.inputs.delete import DeleteInputs
from cognito_action.inputs.main import MainInputs
from cognito_action.inputs.sweep import SweepInputs
from tests.support.examples import TEXT
from tools.emulator.job import action

MODELS: Mapping[str, type[BaseInputs]] = {
    "run": MainInputs,
    "sweep": SweepInputs,
    "adopt": AdoptInputs,
    "delete": DeleteInputs,
}

SWITCHES = {"run": ["sign-up", "mask-username", "cleanup"], "sweep": ["dry-run"]}

NO_SETTINGS = dict.fromkeys(SETTINGS, "")

ALL_OPTIONS = [(subcommand, name) for subcommand in SUBCOMMANDS for name in options_of(subcommand)]


def read(line: str, environ: Mapping[str, str] | None = None) -> Options:
    return read_options(line.split(), environ or {})


def tail(subcommand: str) -> list[str]:
    return ["--", "command"] if subcommand in WITH_COMMAND else []


def refused(*arguments: str) -> UsageError:
    with pytest.raises(UsageError) as caught:
        read_options(arguments, {})
    return caught.value


# The options


@pytest.mark.parametrize(
    ("subcommand", "folder"), [("run", ""), ("sweep", "sweep"), ("adopt", "adopt"), ("delete", "delete")]
)
def test_options_are_the_inputs_of_the_action(subcommand: str, folder: str) -> None:
    """All of them, in the same order, as `action.yml` and the model have them."""
    names = list(INPUTS[subcommand])

    assert names == list(action(folder)["inputs"])
    assert names == MODELS[subcommand].input_names()


def test_variables_are_the_outputs_of_the_action() -> None:
    """All of them, in the same order."""
    assert list(OUTPUTS) == list(action()["outputs"])


def test_cleanup_has_no_input() -> None:
    """A journal tells all that it needs."""
    assert list(INPUTS) == list(SUBCOMMANDS)
    assert INPUTS["cleanup"] == {}


@pytest.mark.parametrize(("subcommand", "name"), ALL_OPTIONS)
def test_each_option_can_be_given_in_three_ways(subcommand: str, name: str) -> None:
    """As two words, as one, and as a variable; nothing else is given then."""
    ways = [
        read_options([subcommand, f"--{name}", "value x", *tail(subcommand)], {}),
        read_options([subcommand, f"--{name}=value x", *tail(subcommand)], {}),
        read_options(
            [subcommand, *tail(subcommand)], {f"COGNITO_TEST_USER_{name.upper().replace('-', '_')}": "value x"}
        ),
    ]

    for options in ways:
        assert options.subcommand == subcommand
        assert {**NO_SETTINGS, **options.inputs, **options.settings} == {**NO_SETTINGS, name: "value x"}
        assert (name in options.settings) == (name in SETTINGS)
        assert list(options.command) == tail(subcommand)[1:]


@pytest.mark.parametrize(("subcommand", "name"), ALL_OPTIONS)
def test_option_goes_before_its_variable(subcommand: str, name: str) -> None:
    """Also an empty one; a variable that is empty is given, too."""
    empty = read_options([subcommand, f"--{name}=", *tail(subcommand)], {variable_of(name): "value"})
    variable = read_options([subcommand, *tail(subcommand)], {variable_of(name): ""})

    for options in (empty, variable):
        assert {**options.inputs, **options.settings}[name] == ""


def test_what_is_not_given_is_left_to_the_model() -> None:
    """So the defaults are the action's."""
    assert read("run -- x") == Options("run", {}, NO_SETTINGS, ["x"])


def test_other_variables_are_none_of_ours() -> None:
    """Those of another subcommand, and what only looks similar."""
    environ = {
        "COGNITO_TEST_USER_OLDER_THAN": "1h",
        "COGNITO_TEST_USER_STATE-DIR": "x",
        "COGNITO_TEST_USER": "x",
        "COGNITO_USER_POOL_ID": "x",
        "USER_POOL_ID": "x",
        "INPUT_USER-POOL-ID": "x",
        "cognito_test_user_place": "x",
    }

    assert read("run -- x", environ) == Options("run", {}, NO_SETTINGS, ["x"])


@pytest.mark.parametrize(("subcommand", "name"), [(each, name) for each, names in SWITCHES.items() for name in names])
def test_switch_alone_is_true(subcommand: str, name: str) -> None:
    """As in any other program; what follows it is its value only if it is no option."""
    end = tail(subcommand)

    assert read_options([subcommand, f"--{name}", *end], {}).inputs == {name: "true"}
    assert read_options([subcommand, f"--{name}", "false", *end], {}).inputs == {name: "false"}
    assert read_options([subcommand, f"--{name}=false", *end], {}).inputs == {name: "false"}
    options = read_options([subcommand, f"--{name}", "--user-pool-id", "x", *end], {})
    assert options.inputs == {"user-pool-id": "x", name: "true"}


@settings(max_examples=30)
@given(text=TEXT, name=st.sampled_from(sorted(INPUTS["run"])))
def test_any_text_is_a_value(text: str, name: str) -> None:
    """With the equals sign also one that starts with a hyphen."""
    assert read_options(["run", f"--{name}={text}", "--", "x"], {}).inputs == {name: text}
    assert read_options(["run", "--", "x"], {variable_of(name): text}).inputs == {name: text}


# The command


@pytest.mark.parametrize("subcommand", WITH_COMMAND)
@pytest.mark.parametrize(
    "command", [["x"], ["x", "--", "y"], ["--"], [""], ["--help"], ["run"], ["x", "--cleanup=false"]]
)
def test_all_that_follows_two_hyphens_is_the_command(subcommand: str, command: list[str]) -> None:
    """Whatever it looks like."""
    options = read_options([subcommand, "--username" if subcommand == "adopt" else "--groups", "g", "--", *command], {})

    assert list(options.command) == command
    assert len(options.inputs) == 1


@pytest.mark.parametrize("subcommand", WITH_COMMAND)
@pytest.mark.parametrize("end", [[], ["--"]])
def test_command_is_required(subcommand: str, end: list[str]) -> None:
    """There is nothing to run otherwise."""
    error = refused(subcommand, *end)

    assert error.subcommand == subcommand
    assert "missing" in error.error.what


@pytest.mark.parametrize("subcommand", [name for name in SUBCOMMANDS if name not in WITH_COMMAND])
def test_command_is_refused_where_none_is_run(subcommand: str) -> None:
    """Someone thinks that it would be; an empty one does no harm."""
    assert "follow" in refused(subcommand, "--", "x").error.what
    assert read_options([subcommand, "--"], {}).subcommand == subcommand


# What can't be understood


@pytest.mark.parametrize(
    ("arguments", "subcommand", "words"),
    [
        ([], "", "run|cleanup|sweep|adopt|delete"),
        (["--"], "", "run|cleanup|sweep|adopt|delete"),
        (["--", "run"], "", "run|cleanup|sweep|adopt|delete"),
        (["walk"], "", "walk"),
        (["--place", "run"], "run", "the command to run is missing"),
        (["--place", "run", "--", "npm"], "run", "unrecognized arguments: --place"),
        (["run", "npm", "test"], "run", "the command to run is missing"),
        (["run", "npm", "--", "test"], "run", "unrecognized arguments: npm"),
        (["run", "--user-pool", "x", "--", "x"], "run", "--user-pool"),
        (["run", "--older-than", "1h", "--", "x"], "run", "--older-than"),
        (["run", "--groups", "--", "x"], "run", "--groups"),
        (["sweep", "--groups", "x"], "sweep", "--groups"),
        (["sweep", "--dry-run", "--max-deletes"], "sweep", "--max-deletes"),
        (["cleanup", "--user-pool-id", "x"], "cleanup", "--user-pool-id"),
        (["delete", "alice"], "delete", "alice"),
    ],
)
def test_mistake_is_named(arguments: list[str], subcommand: str, words: str) -> None:
    """With a way to the options of the same subcommand; nothing else is printed."""
    error = refused(*arguments)

    assert words in error.error.what
    assert error.subcommand == subcommand
    assert error.error.paste.startswith(" ".join(filter(None, ["cognito-test-user", subcommand])))
    assert str(error) == error.error.what


# Help


@pytest.mark.parametrize("subcommand", ["", *SUBCOMMANDS])
def test_help_is_printed_and_is_no_failure(capsys: pytest.CaptureFixture[str], subcommand: str) -> None:
    """Each option is in it, and what it means; it needs no command to run."""
    with pytest.raises(SystemExit) as caught:
        read_options([*filter(None, [subcommand]), "--help"], {})

    assert not caught.value.code
    printed, errors = capsys.readouterr()
    text = re.sub(r"\s+", " ", printed)
    names = options_of(subcommand) if subcommand else {}
    assert errors == ""
    for name, meaning in (names or SUBCOMMANDS).items():
        assert f"--{name} " in text if names else name in text
        assert meaning in text
    assert ("-- COMMAND" in text) == (subcommand in WITH_COMMAND)


# What is meant


@pytest.mark.parametrize(
    ("option", "meant"),
    [("--group=x", "--groups"), ("--clientid=x", "--client-id"), ("--client_id=x", "--client-id"), ("--q=x", "")],
)
def test_option_that_is_probably_meant_is_named(option: str, meant: str) -> None:
    """As it is of inputs in a workflow."""
    why = refused("run", option, "--", "command").error.why

    assert why == (f"Nothing was done. Did you mean {meant}?" if meant else "Nothing was done.")


def test_line_to_paste_has_what_is_missing() -> None:
    """The most frequent mistake."""
    assert refused("run", "npm", "test").error.text.endswith("cognito-test-user run --user-pool-id <pool> -- npm test")


def test_version_is_that_of_what_is_installed(capsys: pytest.CaptureFixture[str]) -> None:
    """Here nothing is installed; `tests/scenarios/test_installed_command.py` has the wheel."""
    with pytest.raises(SystemExit):
        read_options(["--version"], {})
    assert capsys.readouterr().out == "not installed\n"
