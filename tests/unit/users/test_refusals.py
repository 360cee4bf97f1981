"""What proves that a refused call created no user: the codes and messages in the table, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognito_action.errors import CONNECTION_CODES, CREDENTIAL_CODES, DEADLINE, STOPPED, THROTTLING_CODES, CallError
from cognito_action.users.refusals import NOTHING_CREATED, NOTHING_CREATED_MESSAGES, proves_nothing_created
from tests.support.examples import ANY_TEXT

NO_SUCH_CODES = (
    *("UnexpectedLambdaException", "InvalidLambdaResponseException", "UserLambdaValidationException"),
    *(
        "CodeDeliveryFailureException",
        "InvalidSmsRoleAccessPolicyException",
        "InvalidSmsRoleTrustRelationshipException",
    ),
    *("PreconditionNotMetException", "UnsupportedUserStateException", "AliasExistsException", "LimitExceededException"),
    *("InternalErrorException", "ServiceUnavailable", "ConcurrentModificationException", "NotAuthorizedException"),
    *("UserNotFoundException", "InvalidParameterException", "ParamValidationError", "SomethingNew", "Unknown", ""),
)
"""Codes of Cognito, of the SDK and of no one that do not say whether there is a user."""


def proves(code: str, message: str = "no", *, unanswered: bool = False) -> bool:
    return proves_nothing_created(CallError("AdminCreateUser", code, message, unanswered=unanswered))


# Codes


@pytest.mark.parametrize("code", NOTHING_CREATED)
def test_code_in_the_table_is_a_proof(code: str) -> None:
    """Whatever the message says."""
    assert proves(code)
    assert proves(code, "User was created.")


@pytest.mark.parametrize("code", NOTHING_CREATED)
def test_code_in_the_table_has_a_reason(code: str) -> None:
    """It is a sentence, since whoever adds a code has to say why it is a proof."""
    assert len(NOTHING_CREATED[code].split()) > 3


@pytest.mark.parametrize("code", NOTHING_CREATED)
def test_no_code_is_a_proof_without_an_answer(code: str) -> None:
    """A connection that broke and one that never was have the same code."""
    assert not proves(code, unanswered=True)


def test_table_has_exactly_these_codes() -> None:
    """Another code needs a reason, and another look at this list."""
    assert set(NOTHING_CREATED) == {
        "AccessDeniedException",
        "ResourceNotFoundException",
        "InvalidPasswordException",
        "UsernameExistsException",
        DEADLINE,
        STOPPED,
        *THROTTLING_CODES,
        *CREDENTIAL_CODES,
        *CONNECTION_CODES,
    }


@pytest.mark.parametrize("code", NO_SUCH_CODES)
@pytest.mark.parametrize("unanswered", [True, False])
def test_any_other_code_is_no_proof(code: str, *, unanswered: bool) -> None:
    """A trigger can fail after the user was created, and an unknown code can mean anything."""
    assert not proves(code, unanswered=unanswered)


@given(code=ANY_TEXT, message=ANY_TEXT)
def test_text_from_outside_is_no_proof(code: str, message: str) -> None:
    """Whatever is answered, only what is in the table takes a user out of the state."""
    assert proves(code, message) is (code in NOTHING_CREATED)


@pytest.mark.parametrize("code", sorted(NOTHING_CREATED))
@given(before=st.sampled_from([" ", "x", "com.amazonaws#"]), after=st.sampled_from([" ", "\n", "s", ":http://x"]))
def test_code_that_only_contains_one_of_the_table_is_no_proof(code: str, before: str, after: str) -> None:
    """The whole code counts, to the letter."""
    assert not any(proves(text) for text in (f"{before}{code}", f"{code}{after}", code.lower(), code.upper()))


# Messages

MESSAGES = (
    "Username cannot be of email format, since user pool is configured for email alias.",
    "Username should be an email.",
    "Username should be a phone number.",
    "Username should be either an email or a phone number.",
    "Attributes did not conform to the schema: custom:x: Attribute does not exist in the schema.",
    "1 validation error detected: Value at 'username' failed to satisfy constraint: Member must have length <= 128",
    "2 validation errors detected: Value at 'username' failed; Value at 'temporaryPassword' failed",
)


@pytest.mark.parametrize("message", [*MESSAGES, *map(str.upper, MESSAGES)])
def test_known_message_is_a_proof(message: str) -> None:
    """`InvalidParameterException` says in words what was checked before the user was created."""
    assert proves("InvalidParameterException", message)
    assert not proves("InvalidParameterException", message, unanswered=True)


@pytest.mark.parametrize("message", MESSAGES)
@pytest.mark.parametrize("code", [code for code in NO_SUCH_CODES if code != "InvalidParameterException"])
def test_known_message_is_no_proof_with_another_code(code: str, message: str) -> None:
    """A trigger's text can be the same."""
    assert not proves(code, message)


@pytest.mark.parametrize(
    "message",
    [
        "",
        "Invalid phone number format.",
        "Invalid email address format.",
        "User email should be empty or same as username, since username attribute is email",
        "Cannot send a message to this number.",
        "Username should be",
        "did not conform",
        "validation error",
    ],
)
def test_unknown_message_is_no_proof(message: str) -> None:
    """The same code also stands for what fails after the user was created."""
    assert not proves("InvalidParameterException", message)


@pytest.mark.parametrize("pattern", NOTHING_CREATED_MESSAGES, ids=lambda pattern: pattern.pattern)
def test_message_in_the_table_is_tried_and_has_a_reason(pattern: object) -> None:
    """Each pattern matches one of the messages above, so that none is there without a test."""
    [(found, reason)] = [(each, why) for each, why in NOTHING_CREATED_MESSAGES.items() if each is pattern]
    assert any(found.search(message) for message in MESSAGES)
    assert len(reason.split()) > 3
