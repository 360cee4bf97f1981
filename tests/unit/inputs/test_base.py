"""The inputs of sweep, adopt and delete: each limit from both sides, and every bad input reported at once."""

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
from tests.support.inputs import input_variables, no_warning

MODELS: list[type[BaseInputs]] = [AdoptInputs, DeleteInputs, SweepInputs]
MARK = "s3cr3t-mark"


def environ(**given: str) -> dict[str, str]:
    """Inputs as the runner passes them, valid unless overridden; `_` in names stands for `-`."""
    named = {"user_pool_id": POOL_ID, "username": NAME, **given}
    return input_variables(**named)


def problems(model: type[BaseInputs], **given: str) -> list[str]:
    """The problems reported for invalid inputs."""
    with pytest.raises(ActionError) as caught:
        model.from_environ(environ(**given), no_warning)
    return caught.value.what.split("\n")[1:]


# What all share


@pytest.mark.parametrize("model", MODELS)
def test_pool_and_role_are_read_the_same_way(model: type[BaseInputs]) -> None:
    """The session is named after the run unless the author names it, and the role is optional."""
    run = Run("1", "2", "3")
    named = model.from_environ(
        environ(role_to_assume=ROLE_ARN, role_session_name="nightly", audience="mine"), no_warning
    )

    assert model.from_environ(environ(role_to_assume=ROLE_ARN), no_warning).role(run) == Role(
        ROLE_ARN, "cognito-2-3", "sts.amazonaws.com"
    )
    assert named.role(run) == Role(ROLE_ARN, "nightly", "mine")
    assert model.from_environ(environ(), no_warning).role(run) is None


@pytest.mark.parametrize("model", MODELS)
def test_all_problems_are_reported_at_once_and_not_quoted(model: type[BaseInputs]) -> None:
    """Inputs are named as in the workflow."""
    found = problems(model, user_pool_id=MARK, role_to_assume=MARK, role_session_name=f"{MARK} x", audience=f"{MARK} x")

    names = ["user-pool-id", "role-to-assume", "role-session-name", "audience"]
    assert [line.partition(":")[0] for line in found] == [f"- {name}" for name in names]
    assert MARK not in "\n".join(found)


@pytest.mark.parametrize("model", MODELS)
def test_pool_is_required(model: type[BaseInputs]) -> None:
    """An empty text counts as an input that was left out."""
    assert problems(model, user_pool_id=" ") == ["- user-pool-id: is required"]


@pytest.mark.parametrize(
    ("model", "misspelled", "intended"),
    [
        (SweepInputs, "older_then", "older-than"),
        (SweepInputs, "max_delete", "max-deletes"),
        (SweepInputs, "dryrun", "dry-run"),
        (AdoptInputs, "user_name", "username"),
        (AdoptInputs, "clientid", "client-id"),
        (DeleteInputs, "usernames", "username"),
    ],
)
def test_misspelled_input_is_a_warning(model: type[BaseInputs], misspelled: str, intended: str) -> None:
    """Whoever starts a dry run under another name is told so."""
    warnings: list[tuple[str, str]] = []

    model.from_environ(environ(**{misspelled: "1"}), lambda *warning: warnings.append(warning))

    [(text, title)] = warnings
    assert f"- {misspelled.replace('_', '-')} (variable INPUT_" in text
    assert f"): did you mean {intended}?" in text
    assert title == "unknown input"


# Sweep


def test_sweep_has_defaults() -> None:
    """They are 24 hours, 100 deletes, and no dry run."""
    inputs = SweepInputs.from_environ(environ(), no_warning)

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
    """The units are seconds, minutes, hours and days."""
    assert SweepInputs.from_environ(environ(older_than=text), no_warning).age == age


@pytest.mark.parametrize(
    "text", ["24", "h", "0h", "00h", "-1d", "1.5h", "1 h", "1h30m", "1w", "2D", "100000s", "\u0661h", "1h\n2h"]
)
def test_age_without_a_clear_meaning_is_refused(text: str) -> None:
    """Nothing is guessed, since it decides which users are deleted."""
    expected = "a number of up to 5 digits and a unit: 90s, 30m, 6h or 2d, for example"

    assert problems(SweepInputs, older_than=text) == [f"- older-than: must be {expected}"]


@pytest.mark.parametrize("text", ["1", "100", str(MAX_DELETES)])
def test_limit_is_a_whole_number(text: str) -> None:
    """It ranges from one to what a sweep has time for."""
    assert SweepInputs.from_environ(environ(max_deletes=text), no_warning).max_deletes == int(text)


@pytest.mark.parametrize("text", ["0", "-1", "1e3", "all", str(MAX_DELETES + 1), "1" * 5000, "\u0661", "1.0"])
def test_invalid_limit_is_refused(text: str) -> None:
    """To delete no one, there is the dry run."""
    assert problems(SweepInputs, max_deletes=text) == ["- max-deletes: must be a whole number from 1 to 2500"]


@pytest.mark.parametrize(("text", "dry"), [("true", True), ("TRUE", True), ("False", False), ("", False)])
def test_dry_run_is_true_or_false(text: str, dry: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Case does not matter, and no other word is accepted."""
    assert SweepInputs.from_environ(environ(dry_run=text), no_warning).dry_run is dry


@pytest.mark.parametrize("text", ["yes", "1", "no", "on", "tru"])
def test_unclear_dry_run_is_refused(text: str) -> None:
    """It does not count as false."""
    assert problems(SweepInputs, dry_run=text) == ["- dry-run: must be true or false"]


# Adopt


def test_adopt_has_defaults() -> None:
    """No one is signed in."""
    assert AdoptInputs.from_environ(environ(), no_warning).model_dump() == {
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
def test_adopt_accepts_one_name(name: str) -> None:
    """An empty name is usually one that GitHub dropped, and the error says so."""
    [problem] = problems(AdoptInputs, username=name)

    assert problem.startswith("- username: must be one username, the output `username` of an earlier job.")
    assert "the step that created the user needs `mask-username: false`" in problem


@pytest.mark.parametrize("name", ["client_secret", "auth_flow", "client_metadata"])
def test_adopt_needs_an_app_client_for_a_sign_in(name: str) -> None:
    """An input that means nothing without another is not ignored."""
    value = {"auth_flow": "USER_SRP_AUTH", "client_metadata": "a=b"}.get(name, "secret")
    shown = name.replace("_", "-")

    assert problems(AdoptInputs, **{name: value}) == [f"- {shown}: needs client-id, without which no one is signed in"]


def test_secret_of_the_app_client_is_not_shown() -> None:
    """It is not shown even if the inputs are printed as a whole."""
    assert MARK not in repr(AdoptInputs.from_environ(environ(client_id="1example", client_secret=MARK), no_warning))


@pytest.mark.parametrize("length", ["7", "257", "x"])
def test_adopt_checks_the_length_as_main_does(length: str) -> None:
    """It has to be within Cognito's limits."""
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
def test_delete_accepts_a_name_per_line(text: str, names: tuple[str, ...], blank: int) -> None:
    """Whose names they are is checked later; a blank line is a name that did not arrive."""
    inputs = DeleteInputs.from_environ(environ(username=text), no_warning)

    assert (inputs.names, inputs.blank_lines) == (names, blank)
