"""The way of an administrator: two calls, and nothing that only a sign-up needs."""

from random import Random

import pytest

from cognito_action.errors import ActionError, CallError
from cognito_action.naming import address_of
from cognito_action.users.creation_method import AdminCreation, NewUser
from cognito_action.users.offer import Offer, UsernameType
from tests.support.examples import EMAIL, NAME, PHONE, SUB
from tests.support.fake_time import FakeTime
from tests.support.recorder import Recorder
from tests.support.scripted_cognito import ScriptedCognito, refusal

OFFER = Offer.new(NAME, EMAIL, PHONE)

USER = NewUser("the username", SUB, "the username")

TEMPORARY = "Temporary-password-of-32-letters"

TOO_WEAK = refusal("InvalidPasswordException", "Password not long enough")


def method(client: ScriptedCognito, recorder: Recorder, time: FakeTime) -> AdminCreation:
    return AdminCreation(client.pool(time.retry()), {"source": "ci"}, recorder.runner, Random(7))


@pytest.mark.parametrize(
    ("domain", "address"), [("example.com", EMAIL), ("a.test", f"{NAME}@a.test"), ("", "")], ids=str
)
def test_address_gets_no_mail(recorder: Recorder, time: FakeTime, domain: str, address: str) -> None:
    """Cognito is told to send none, so it may be one that no server knows."""
    gets_mail = method(ScriptedCognito(), recorder, time).gets_mail

    assert address_of(NAME, domain, gets_mail=gets_mail) == address


@pytest.mark.parametrize("username_type", list(UsernameType))
def test_user_is_named_as_cognito_says(recorder: Recorder, time: FakeTime, username_type: UsernameType) -> None:
    """In pools that sign in by address or number that is a UUID, which lasts."""
    answer = {"User": {"Username": "its own", "Attributes": [{"Name": "sub", "Value": SUB}]}}
    client = ScriptedCognito(create=[answer])
    offer = Offer(username_type, NAME, EMAIL, PHONE)

    user = method(client, recorder, time).create(offer, {"name": "Ada"}, TEMPORARY, lambda _: None)

    [call] = client.calls
    assert user == NewUser("its own", SUB, "its own", confirmed=True, message_failure=None)
    assert (call.parameters["Username"], call.parameters["TemporaryPassword"]) == (offer.username, TEMPORARY)
    assert call.parameters["ClientMetadata"] == {"source": "ci"}
    assert {attribute["Name"]: attribute["Value"] for attribute in call.parameters["UserAttributes"]} == {
        "name": "Ada",
        "email": EMAIL,
        "email_verified": "true",
        "phone_number": PHONE,
        "phone_number_verified": "true",
    }


def test_attempt_is_announced_before_it_is_made(recorder: Recorder, time: FakeTime) -> None:
    """What is raised instead ends the call."""
    client = ScriptedCognito()

    def announce(_: CallError | None) -> None:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        method(client, recorder, time).create(OFFER, {}, TEMPORARY, announce)

    assert client.calls == []


def test_refusal_is_told_as_that_of_a_creation(recorder: Recorder, time: FakeTime) -> None:
    """A value that the schema refuses is an input to change."""
    error = CallError("AdminCreateUser", "InvalidParameterException", "birthdate: no")

    assert "birthdate=1990-01-31" in method(ScriptedCognito(), recorder, time).refused(error, OFFER).fix


def test_nothing_is_confirmed(recorder: Recorder, time: FakeTime) -> None:
    """Such a user never was unconfirmed, and the address is verified from the beginning."""
    client = ScriptedCognito()

    method(client, recorder, time).confirm(USER, OFFER)

    assert (client.calls, recorder.stage.stdout) == ([], "")


def test_permanent_password_is_another_one(recorder: Recorder, time: FakeTime) -> None:
    """It is as long as the temporary one, and masked before it is sent."""
    client = ScriptedCognito(recorder)

    password = method(client, recorder, time).set_password(USER, TEMPORARY)

    [call] = client.calls
    assert (call.operation, call.parameters["Username"]) == ("set_password", "the username")
    assert call.parameters["Password"] == password != TEMPORARY
    assert len(password) == len(TEMPORARY)
    assert password in call.masks
    assert recorder.stage.log == [f"Set the permanent password of {SUB}: the user can sign in."]


def test_permanent_password_can_be_longer_than_the_temporary_one(recorder: Recorder, time: FakeTime) -> None:
    """A pool may look at its policy only now."""
    client = ScriptedCognito(recorder, set_password=[TOO_WEAK])

    password = method(client, recorder, time).set_password(USER, TEMPORARY)

    assert [call.parameters["Password"] for call in client.calls][1:] == [password]
    assert len(password) == 99


def test_refused_password_is_put_into_words(recorder: Recorder, time: FakeTime) -> None:
    """Nobody is said to be able to sign in."""
    client = ScriptedCognito(set_password=[TOO_WEAK, TOO_WEAK])

    with pytest.raises(ActionError, match="AdminSetUserPassword failed with InvalidPasswordException"):
        method(client, recorder, time).set_password(USER, TEMPORARY)

    assert recorder.stage.log == []
