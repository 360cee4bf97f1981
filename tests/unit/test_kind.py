"""What a pool's refusal of a user name says about its kind."""

import pytest
from hypothesis import given

from cognito_action.naming import Kind, kinds_wanted
from tests.unit.helpers import ANY_TEXT


@pytest.mark.parametrize(
    ("message", "kinds"),
    [
        ("Username cannot be of email format, since user pool is configured for email alias.", (Kind.NAME,)),
        ("Username should be an email.", (Kind.EMAIL,)),
        ("Username should be a phone number.", (Kind.PHONE,)),
        ("Username should be either an email or a phone number.", (Kind.EMAIL, Kind.PHONE)),
        ("USERNAME SHOULD BE AN EMAIL", (Kind.EMAIL,)),
        ("username should be Either An Email Or A Phone Number", (Kind.EMAIL, Kind.PHONE)),
    ],
)
def test_refusal_names_the_kind(message: str, kinds: tuple[Kind, ...]) -> None:
    """Cognito's four messages say which user names the pool takes."""
    assert kinds_wanted("InvalidParameterException", message) == kinds


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
    """A refused attribute changes nothing about the name."""
    assert kinds_wanted("InvalidParameterException", message) == ()


@pytest.mark.parametrize(
    "code", ["UserLambdaValidationException", "NotAuthorizedException", "UsernameExistsException", "NetworkError", ""]
)
def test_other_codes_name_no_kind(code: str) -> None:
    """The words of a trigger are nothing that the pool said."""
    assert kinds_wanted(code, "Username should be an email.") == ()


@given(message=ANY_TEXT)
def test_any_message_names_known_kinds_or_none(message: str) -> None:
    """No text of the other side does more than choose between the known kinds."""
    assert kinds_wanted("InvalidParameterException", message) in (
        (),
        (Kind.NAME,),
        (Kind.EMAIL,),
        (Kind.PHONE,),
        (Kind.EMAIL, Kind.PHONE),
    )
