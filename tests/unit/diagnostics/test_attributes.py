"""A new user who does not fit the pool's schema: which input to change, and to what."""

import pytest
import yaml

from cognito_action.diagnostics.attributes import attributes_refused
from cognito_action.errors import ActionError, CallError
from cognito_action.inputs.main import MainInputs
from tests.support.examples import EMAIL, NAME, POOL_ID, ROLE_ARN
from tests.support.inputs import input_variables

SCHEMA = "Attributes did not conform to the schema: "


def told(message: str, address: str = EMAIL) -> ActionError:
    """The error for a creation that the schema refused."""
    return attributes_refused(CallError("AdminCreateUser", "InvalidParameterException", message), address)


def pasted(error: ActionError) -> MainInputs:
    """The step's inputs with the lines of the error."""
    lines = yaml.safe_load(error.paste)["with"]
    named = {name.replace("-", "_"): str(value) for name, value in lines.items()}
    environ = input_variables(user_pool_id=POOL_ID, role_to_assume=ROLE_ARN, **named)
    return MainInputs.from_environ(environ, lambda *_: None)


def test_required_attributes_are_lines_to_paste() -> None:
    """All of them at once, with values that the action takes."""
    error = told(
        f"{SCHEMA}given_name: The attribute is required\nbirthdate: The attribute is required\n"
        "given_name: The attribute is required\n"
    )

    assert error.why == "The pool requires `given_name`, `birthdate`, and `attributes` does not set it."
    assert pasted(error).attributes == {"given_name": "Test", "birthdate": "1990-01-31"}


def test_required_attribute_that_another_input_sets() -> None:
    """`attributes` does not take these."""
    error = told(
        f"{SCHEMA}email: The attribute is required\nphone_number: The attribute is required\nname: The attribute is "
        "required",
        "",
    )

    assert "`email-domain` is empty" in error.why
    assert "requires a phone number" in error.why
    inputs = pasted(error)
    assert (inputs.email_domain, inputs.phone_number) == ("example.com", "+15555550123")
    assert inputs.attributes == {"name": "Test"}


def test_required_address_alone() -> None:
    """There is no line for `attributes` then."""
    error = told(f"{SCHEMA}email: The attribute is required", "")

    assert "attributes" not in error.paste
    assert pasted(error).email_domain == "example.com"


@pytest.mark.parametrize(("limit", "domain"), [(58, "example.com"), (52, "a.test"), (47, "a.b")])
def test_address_that_is_too_long_gets_a_shorter_domain(limit: int, domain: str) -> None:
    """It says how long the address is and what room there is, and the domain fits."""
    error = told(f"{SCHEMA}email: String must be no longer than {limit}", f"{NAME}@a-very-long-domain.example.com")

    assert f"at most {limit} characters. The generated one has 74: 43 before the `@`, and 30 after it." in error.why
    assert f"at most {limit - 44} characters" in error.fix
    assert pasted(error).email_domain == domain
    assert len(f"{NAME}@{domain}") <= limit


SIMULATED = f"success+{NAME}@simulator.amazonses.com"
"""The address of a user who signs up: 51 characters before the `@`, and 23 after it."""


@pytest.mark.parametrize(("limit", "domain"), [(74, "a.test"), (55, "a.test"), (47, "a.b")])
def test_address_at_the_simulator_that_is_too_long_gets_another_domain(limit: int, domain: str) -> None:
    """Never `example.com`, which leads to the simulator; with another domain there is no label, and so more room."""
    error = told(f"{SCHEMA}email: String must be no longer than {limit}", SIMULATED)

    assert f"at most {limit} characters. The generated one has 75: 51 before the `@`, and 23 after it." in error.why
    assert f"at most {limit - 44} characters" in error.fix
    assert pasted(error).email_domain == domain
    assert len(f"{NAME}@{domain}") <= limit


def test_limit_below_which_no_sign_up_can_work() -> None:
    """What the pool has to take at least is that of a plain name at the shortest domain."""
    assert "at least 47 characters" in told(f"{SCHEMA}email: String must be no longer than 46", SIMULATED).fix


@pytest.mark.parametrize("limit", [46, 20])
def test_limit_below_which_it_can_not_work(limit: int) -> None:
    """No domain is short enough: the least that the pool has to take is named."""
    error = told(f"{SCHEMA}email: String must be no longer than {limit}")

    assert "at least 47 characters" in error.fix
    assert not error.paste


@pytest.mark.parametrize(
    ("message", "why", "fix"),
    [
        (f"{SCHEMA}custom:team: Attribute does not exist in the schema.", "no attribute `custom:team`", "`attributes`"),
        (f"{SCHEMA}birthdate: String must be no shorter than 10 characters", "not a date", "birthdate=1990-01-31"),
        (f"{SCHEMA}custom:n: String must be no longer than 3", "the length or the size", "Give `custom:n` a value"),
        ("Preferred username cannot be provided for unconfirmed account", "alias of the pool", "Leave"),
        ("Invalid phone number format.", "no number of its country", "in quotes"),
        ("Invalid email address format.", "`email-domain`", "Leave `email-domain` out"),
        ("Something is not as it should be", "Cognito does not accept a value", "Read in the message"),
    ],
)
def test_value_that_cognito_does_not_accept(message: str, why: str, fix: str) -> None:
    """The message tells which one."""
    error = told(message)

    assert why in error.why
    assert fix in error.fix
