"""The inputs of sweep, adopt and delete: each limit from both sides, and every bad one reported at once."""

from datetime import timedelta

import pytest

from cognito_action.aws.iam import Role
from cognito_action.errors import ActionError
from cognito_action.inputs.adopt import AdoptInputs
from cognito_action.inputs.base import BaseInputs
from cognito_action.inputs.delete import DeleteInputs
from cognito_action.inputs.sweep import MAX_DELETES, SweepInputs
from cognito_action.naming import Run
from tests.support.examples import EMAIL, NAME, POOL_ID, ROLE_ARN
from tests.support.inputs import input_variables

MODELS: list[type[BaseInputs]] = [AdoptInputs, DeleteInputs, SweepInputs]
MARK = "s3cr3t-mark"


def environ(**given: str) -> dict[str, str]:
    """Inputs as the runner hands them over, good ones unless these say otherwise; `_` in names stands for `-`."""
    named = {"user_pool_id": POOL_ID, "username": NAME, **given}
    return input_variables(**named)


def problems(model: type[BaseInputs], **given: str) -> list[str]:
    """What is said of inputs that are not right."""
    with pytest.raises(ActionError) as caught:
        model.from_environ(environ(**given))
    return caught.value.what.split("\n")[1:]


# What all have


@pytest.mark.parametrize("model", MODELS)
def test_pool_and_role_are_read_alike(model: type[BaseInputs]) -> None:
    """The session is named after the run unless the author names it, and there need not be a role."""
    run = Run("1", "2", "3")
    named = model.from_environ(environ(role_to_assume=ROLE_ARN, role_session_name="nightly", audience="mine"))

    assert model.from_environ(environ(role_to_assume=ROLE_ARN)).role(run) == Role(
        ROLE_ARN, "cognito-2-3", "sts.amazonaws.com"
    )
    assert named.role(run) == Role(ROLE_ARN, "nightly", "mine")
    assert model.from_environ(environ()).role(run) is None


@pytest.mark.parametrize("model", MODELS)
def test_all_that_is_wrong_is_said_at_once_and_not_quoted(model: type[BaseInputs]) -> None:
    """By the names of the workflow."""
    found = problems(model, user_pool_id=MARK, role_to_assume=MARK, role_session_name=f"{MARK} x", audience=f"{MARK} x")

    names = ["user-pool-id", "role-to-assume", "role-session-name", "audience"]
    assert [line.partition(":")[0] for line in found] == [f"- {name}" for name in names]
    assert MARK not in "\n".join(found)


@pytest.mark.parametrize("model", MODELS)
def test_pool_is_required(model: type[BaseInputs]) -> None:
    """An empty text is an input that was left out."""
    assert problems(model, user_pool_id=" ") == ["- user-pool-id: is required"]


@pytest.mark.parametrize(
    ("model", "misspelt", "meant"),
    [
        (SweepInputs, "older_then", "older-than"),
        (SweepInputs, "max_delete", "max-deletes"),
        (SweepInputs, "dryrun", "dry-run"),
        (AdoptInputs, "user_name", "username"),
        (AdoptInputs, "clientid", "client-id"),
        (DeleteInputs, "usernames", "username"),
    ],
)
def test_misspelt_input_is_an_error(model: type[BaseInputs], misspelt: str, meant: str) -> None:
    """A dry run that is not one because of a letter would be the worst of mistakes."""
    name = misspelt.replace("_", "-")

    assert problems(model, **{misspelt: "1"}) == [f"- {name}: there is no such input; did you mean {meant}?"]


# Sweep


def test_sweep_has_defaults() -> None:
    """A day, a hundred, and for real."""
    inputs = SweepInputs.from_environ(environ())

    assert (inputs.age, inputs.max_deletes, inputs.dry_run) == (timedelta(hours=24), 100, False)


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("90s", timedelta(seconds=90)),
        ("30m", timedelta(minutes=30)),
        ("6h", timedelta(hours=6)),
        (" 2d ", timedelta(days=2)),
        ("1s", timedelta(seconds=1)),
        ("99999d", timedelta(days=99_999)),
    ],
)
def test_age_has_a_unit(text: str, age: timedelta) -> None:
    """Seconds, minutes, hours or days."""
    assert SweepInputs.from_environ(environ(older_than=text)).age == age


@pytest.mark.parametrize(
    "text", ["24", "h", "0h", "00h", "-1d", "1.5h", "1 h", "1h30m", "1w", "2D", "100000s", "\u0661h", "1h\n2h"]
)
def test_age_without_a_clear_meaning_is_refused(text: str) -> None:
    """Nothing is guessed where users are deleted by it."""
    expected = "a number of up to 5 digits and a unit: 90s, 30m, 6h or 2d, for example"

    assert problems(SweepInputs, older_than=text) == [f"- older-than: must be {expected}"]


@pytest.mark.parametrize("text", ["1", "100", str(MAX_DELETES)])
def test_limit_is_a_whole_number(text: str) -> None:
    """From one to what a sweep has time for."""
    assert SweepInputs.from_environ(environ(max_deletes=text)).max_deletes == int(text)


@pytest.mark.parametrize("text", ["0", "-1", "1e3", "all", str(MAX_DELETES + 1), "1" * 5000, "\u0661", "1.0"])
def test_limit_that_is_none_is_refused(text: str) -> None:
    """A dry run is the way to delete nobody."""
    assert problems(SweepInputs, max_deletes=text) == ["- max-deletes: must be a whole number from 1 to 2500"]


@pytest.mark.parametrize(("text", "dry"), [("true", True), ("TRUE", True), ("False", False), ("", False)])
def test_dry_run_is_true_or_false(text: str, dry: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """In any case, and nothing else."""
    assert SweepInputs.from_environ(environ(dry_run=text)).dry_run is dry


@pytest.mark.parametrize("text", ["yes", "1", "no", "on", "tru"])
def test_dry_run_that_is_unclear_is_refused(text: str) -> None:
    """It is not taken for a no."""
    assert problems(SweepInputs, dry_run=text) == ["- dry-run: must be true or false"]


# Adopt


def test_adopt_has_defaults() -> None:
    """Nobody is signed in."""
    assert AdoptInputs.from_environ(environ()).model_dump() == {
        "user_pool_id": POOL_ID,
        "role_to_assume": "",
        "role_session_name": "",
        "audience": "",
        "username": NAME,
        "password_length": 32,
        "client_id": "",
        "client_secret": "",
        "auth_flow": "auto",
        "client_metadata": {},
    }


@pytest.mark.parametrize("name", ["", " \n ", "a b", f"{NAME}\n{EMAIL}", "x" * 129])
def test_adopt_takes_one_name(name: str) -> None:
    """An empty one is mostly one that GitHub dropped, and the error says so."""
    [problem] = problems(AdoptInputs, username=name)

    assert problem.startswith("- username: must be one user name, the output `username` of an earlier job.")
    assert "the step that created the user needs `mask-username: false`" in problem


@pytest.mark.parametrize("name", ["client_secret", "auth_flow", "client_metadata"])
def test_adopt_needs_an_app_client_for_a_sign_in(name: str) -> None:
    """What means nothing without another input is not passed over."""
    value = {"auth_flow": "USER_SRP_AUTH", "client_metadata": "a=b"}.get(name, "secret")
    shown = name.replace("_", "-")

    assert problems(AdoptInputs, **{name: value}) == [f"- {shown}: needs client-id, without which nobody is signed in"]


def test_secret_of_the_app_client_is_not_shown() -> None:
    """Not even where the inputs are printed as a whole."""
    assert MARK not in repr(AdoptInputs.from_environ(environ(client_id="1example", client_secret=MARK)))


@pytest.mark.parametrize("length", ["7", "257", "x"])
def test_adopt_checks_the_length_as_main_does(length: str) -> None:
    """Within the limits of Cognito."""
    assert problems(AdoptInputs, password_length=length) == ["- password-length: must be a whole number from 8 to 256"]


# Delete


@pytest.mark.parametrize(
    ("text", "names", "blank"),
    [
        ("", (), 1),
        ("\n \n", (), 2),
        (NAME, (NAME,), 0),
        (f"{NAME}\n", (NAME,), 0),
        (f"{NAME}\n\n", (NAME,), 1),
        (f"\n{NAME}\n", (NAME,), 1),
        (f" {NAME}\n\n{EMAIL}\r\n{NAME}", (NAME, EMAIL), 1),
        ("a b", ("a b",), 0),
    ],
)
def test_delete_takes_a_name_a_line(text: str, names: tuple[str, ...], blank: int) -> None:
    """Whose names they are is looked at later; a blank line is a name that did not arrive."""
    inputs = DeleteInputs.from_environ(environ(username=text))

    assert (inputs.names, inputs.blank_lines) == (names, blank)
