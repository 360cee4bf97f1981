"""What a pool's refusal of a username says about the pool's kind."""

import pytest
from hypothesis import given

from cognito_action.errors import CallError
from cognito_action.users.offer import UsernameType, username_types_wanted
from tests.support.examples import ANY_TEXT


def wanted(message: str, code: str = "InvalidParameterException") -> tuple[UsernameType, ...]:
    """What a refused creation says about the usernames that the pool accepts."""
    return username_types_wanted(CallError("AdminCreateUser", code, message))


@pytest.mark.parametrize(
    ("message", "kinds"),
    [
        ("Username cannot be of email format, since user pool is configured for email alias.", (UsernameType.NAME,)),
        ("Username should be an email.", (UsernameType.EMAIL,)),
        ("Username should be a phone number.", (UsernameType.PHONE_NUMBER,)),
        ("Username should be either an email or a phone number.", (UsernameType.EMAIL, UsernameType.PHONE_NUMBER)),
        ("USERNAME SHOULD BE AN EMAIL", (UsernameType.EMAIL,)),
        ("username should be Either An Email Or A Phone Number", (UsernameType.EMAIL, UsernameType.PHONE_NUMBER)),
    ],
)
def test_refusal_names_the_kind(message: str, kinds: tuple[UsernameType, ...]) -> None:
    """Cognito's four messages say which usernames the pool accepts."""
    assert wanted(message) == kinds


@pytest.mark.parametrize(
    "message",
    [
        "",
        "Attributes did not conform to the schema: custom:x: Attribute does not exist in the schema.",
        "User email should be empty or same as username, since username attribute is email",
        "Invalid email address format.",
        "Invalid phone number format.",
        "1 validation error detected: Value at 'username' failed to satisfy constraint",
    ],
)
def test_refusal_of_something_else_names_no_kind(message: str) -> None:
    """A refused attribute does not change anything about the name."""
    assert wanted(message) == ()


@pytest.mark.parametrize(
    "code", ["UserLambdaValidationException", "NotAuthorizedException", "UsernameExistsException", "NetworkError", ""]
)
def test_other_codes_name_no_kind(code: str) -> None:
    """A trigger's message is not the pool's."""
    assert wanted("Username should be an email.", code) == ()


@given(message=ANY_TEXT)
def test_any_message_names_known_kinds_or_none(message: str) -> None:
    """No text from the service does more than choose between the known kinds."""
    assert wanted(message) in (
        (),
        (UsernameType.NAME,),
        (UsernameType.EMAIL,),
        (UsernameType.PHONE_NUMBER,),
        (UsernameType.EMAIL, UsernameType.PHONE_NUMBER),
    )
