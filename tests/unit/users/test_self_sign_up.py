"""A sign-up without a code: which calls name whom, what is never verified, and when no one else may sign up."""

from collections.abc import Iterable
from typing import Any

import pytest

from cognito_action.errors import ActionError, CallError
from cognito_action.naming import address_of, visible_part
from cognito_action.retry import BeforeAttempt
from cognito_action.users.creation_method import NewUser
from cognito_action.users.offer import Offer, UsernameType
from cognito_action.users.self_sign_up import SelfSignUp
from tests.support.examples import NAME, PHONE, POOL_ID, SUB
from tests.support.fake_time import FakeTime
from tests.support.recorder import Recorder
from tests.support.scripted_cognito import (
    CLIENT_ID,
    EXISTS,
    MESSAGE_LIMIT,
    NOT_AN_ADDRESS,
    ScriptedCognito,
    lost_answer,
    refusal,
)

PASSWORD = "Passw0rd-of-the-user"
SIMULATED = f"success+{NAME}@simulator.amazonses.com"

ABSENT = refusal("UserNotFoundException", "User does not exist.")
DENIED = refusal("AccessDeniedException", "User: x is not authorized to perform: cognito-idp:AdminInitiateAuth")
NO_CLIENT = refusal("ResourceNotFoundException", f"User pool client {CLIENT_ID} does not exist.")
NO_POOL = refusal("ResourceNotFoundException", f"User pool {POOL_ID} does not exist.")
IS_CONFIRMED = refusal("NotAuthorizedException", "User cannot be confirmed. Current status is CONFIRMED")

CONFIRMED = {"UserSub": SUB, "UserConfirmed": True}
"""The answer if a pre sign-up trigger has confirmed the user."""

BY_ADDRESS = Offer(UsernameType.EMAIL, NAME, SIMULATED, "")
BY_NAME = Offer(UsernameType.NAME, NAME, SIMULATED, "")
BY_NUMBER = Offer(UsernameType.PHONE_NUMBER, NAME, SIMULATED, PHONE)


def nobody(_: CallError | None) -> None:
    """Take the place of what is told of each attempt."""


def method(
    client: ScriptedCognito, recorder: Recorder, time: FakeTime, *, secret: str = "", signs_in: bool = True
) -> SelfSignUp:
    retry, metadata = time.retry(), {"source": "ci"}
    sign_up_client = client.sign_up_client(retry, metadata, secret, recorder.runner.mask)
    return SelfSignUp(sign_up_client, client.pool(retry), metadata, recorder.runner, signs_in=signs_in)


def sign_up(way: SelfSignUp, offer: Offer = BY_ADDRESS, before: BeforeAttempt = nobody) -> NewUser:
    """Sign a user up and confirm it."""
    user = way.create(offer, {"name": "Ada"}, PASSWORD, before)
    way.confirm(user, offer)
    return user


def failing(way: SelfSignUp, offer: Offer = BY_ADDRESS) -> ActionError:
    """The error if the user can't be signed up, or can't be confirmed."""
    with pytest.raises(ActionError) as caught:
        sign_up(way, offer)
    return caught.value


def named(client: ScriptedCognito) -> list[tuple[str, str]]:
    """The calls that name a user, and by what."""
    return [(call.operation, call.parameters["Username"]) for call in client.calls if "Username" in call.parameters]


def attributes(listed: Iterable[Any]) -> dict[str, str]:
    return {attribute["Name"]: attribute["Value"] for attribute in listed}


# The address


@pytest.mark.parametrize(
    ("domain", "address"), [("example.com", SIMULATED), ("a.test", f"{NAME}@a.test"), ("", "")], ids=str
)
def test_address_can_get_mail(recorder: Recorder, time: FakeTime, domain: str, address: str) -> None:
    """The pool may send a code: at example.com it would bounce, and the domain of a workflow is used as it is."""
    gets_mail = method(ScriptedCognito(), recorder, time).gets_mail

    assert address_of(NAME, domain, gets_mail=gets_mail) == address


# The calls


@pytest.mark.parametrize(
    ("offer", "name"), [(BY_ADDRESS, SIMULATED), (BY_NAME, NAME), (BY_NUMBER, SUB)], ids=["address", "name", "number"]
)
def test_order_of_the_calls_and_whom_they_name(recorder: Recorder, time: FakeTime, offer: Offer, name: str) -> None:
    """After the sign-up the user is named by what no one else can have: never by a number, which someone typed."""
    client = ScriptedCognito()

    user = sign_up(method(client, recorder, time), offer)

    assert client.operations == ["prove", "sign_up", "confirm", "update"]
    assert named(client) == [("sign_up", offer.username), ("confirm", name), ("update", name)]
    assert (user.username, user.sub, user.confirmed, user.message_failure) == (name, SUB, False, None)


@pytest.mark.parametrize(
    ("offer", "name"), [(BY_ADDRESS, ""), (BY_NAME, NAME), (BY_NUMBER, SUB)], ids=["address", "name", "number"]
)
def test_returned_name_is_what_is_certain(recorder: Recorder, time: FakeTime, offer: Offer, name: str) -> None:
    """An address is the username in some pools, and in others one that a test can change; a number is never a name."""
    assert sign_up(method(ScriptedCognito(), recorder, time), offer).returned_name == name


def test_calls_carry_the_permanent_password_and_the_metadata(recorder: Recorder, time: FakeTime) -> None:
    """Both triggers get the workflow's values; no attribute says that it is verified before an administrator does."""
    client = ScriptedCognito()

    sign_up(method(client, recorder, time), BY_NUMBER)

    [_, signed_up, confirmed, updated] = client.calls
    assert signed_up.parameters["Password"] == PASSWORD
    assert attributes(signed_up.parameters["UserAttributes"]) == {
        "name": "Ada",
        "email": SIMULATED,
        "phone_number": PHONE,
    }
    assert signed_up.parameters["ClientMetadata"] == confirmed.parameters["ClientMetadata"] == {"source": "ci"}
    assert attributes(updated.parameters["UserAttributes"]) == {"email_verified": "true"}


def test_password_is_the_one_that_the_user_signed_up_with(recorder: Recorder, time: FakeTime) -> None:
    """No call sets another."""
    client = ScriptedCognito()
    way = method(client, recorder, time)

    assert way.set_password(sign_up(way), PASSWORD) == PASSWORD
    assert "set_password" not in client.operations


def test_hash_of_the_secret_is_masked(recorder: Recorder, time: FakeTime) -> None:
    """Before the call that sends it."""
    client = ScriptedCognito(recorder)

    sign_up(method(client, recorder, time, secret="the-secret"))

    [call] = client.all("sign_up")
    assert call.parameters["SecretHash"] in call.masks


def test_user_whom_a_trigger_has_confirmed_is_not_confirmed_again(recorder: Recorder, time: FakeTime) -> None:
    """Its post confirmation trigger has run already; the address is verified all the same."""
    client = ScriptedCognito(sign_up=[CONFIRMED])

    assert sign_up(method(client, recorder, time)).confirmed
    assert client.operations == ["prove", "sign_up", "update"]


def test_user_who_is_confirmed_by_the_time_is_no_failure(recorder: Recorder, time: FakeTime) -> None:
    """A call whose answer was lost did it."""
    client = ScriptedCognito(confirm=[lost_answer(), IS_CONFIRMED])

    sign_up(method(client, recorder, time))

    assert client.operations == ["prove", "sign_up", "confirm", "confirm", "update"]


@pytest.mark.parametrize("phone_number", ["", PHONE])
@pytest.mark.parametrize("answer", [{"UserSub": SUB, "UserConfirmed": False}, CONFIRMED], ids=["", "confirmed"])
def test_nothing_is_verified_without_an_address(
    recorder: Recorder, time: FakeTime, phone_number: str, answer: dict[str, Any]
) -> None:
    """A number never is: it may belong to someone, and would take another user's alias."""
    client = ScriptedCognito(sign_up=[answer])
    types = [UsernameType.NAME, *([UsernameType.PHONE_NUMBER] if phone_number else [])]

    sign_up(method(client, recorder, time), Offer(types[-1], NAME, "", phone_number))

    assert "update" not in client.operations


@pytest.mark.parametrize("offer", [BY_ADDRESS, BY_NAME, BY_NUMBER], ids=["address", "name", "number"])
def test_log_shows_the_sub_and_no_name(recorder: Recorder, time: FakeTime, offer: Offer) -> None:
    """The `sub` is what a reader of the log can work with."""
    sign_up(method(ScriptedCognito(), recorder, time), offer)

    assert recorder.stage.log == [f"Confirmed {SUB}: the user can sign in."]


# The proof


def test_proof_is_asked_for_once(recorder: Recorder, time: FakeTime) -> None:
    """Every step signs up by one app client, whatever its users are offered as."""
    client = ScriptedCognito(sign_up=[NOT_AN_ADDRESS])
    way = method(client, recorder, time)

    with pytest.raises(CallError):
        way.create(BY_ADDRESS, {}, PASSWORD, nobody)
    sign_up(way, BY_NAME)
    sign_up(way, BY_NAME)

    assert client.operations.count("prove") == 1
    assert client.operations[0] == "prove"


@pytest.mark.parametrize(
    ("failure", "fix"),
    [
        (NO_CLIENT, "`client-id`"),
        (NO_POOL, "`user-pool-id`"),
        (DENIED, "Add this statement"),
        (refusal("ExpiredTokenException"), ""),
    ],
    ids=["client", "pool", "permission", "credentials"],
)
def test_nobody_signs_up_without_the_proof(recorder: Recorder, time: FakeTime, failure: Exception, fix: str) -> None:
    """The app client could be that of production; nothing was announced, so no one has to be looked for."""
    client = ScriptedCognito(prove=[failure, failure])
    way = method(client, recorder, time)
    announced: list[CallError | None] = []

    for _ in range(2):
        with pytest.raises(ActionError, match="AdminInitiateAuth failed with ") as caught:
            sign_up(way, BY_ADDRESS, announced.append)
        assert fix in caught.value.fix

    assert (client.operations, announced) == (["prove", "prove"], [])


def test_missing_permission_for_the_proof_is_told_as_ever(recorder: Recorder, time: FakeTime) -> None:
    """The statement to paste names the call."""
    error = failing(method(ScriptedCognito(prove=[DENIED]), recorder, time))

    assert '"cognito-idp:AdminInitiateAuth"' in error.paste


# Refusals of the sign-up


@pytest.mark.parametrize("failure", [EXISTS, NOT_AN_ADDRESS, refusal("InvalidPasswordException"), ABSENT], ids=str)
def test_refusal_of_the_sign_up_is_raised_as_data(recorder: Recorder, time: FakeTime, failure: Exception) -> None:
    """What can succeed after it is decided elsewhere, as for any other creation."""
    with pytest.raises(CallError) as caught:
        method(ScriptedCognito(sign_up=[failure]), recorder, time).create(BY_ADDRESS, {}, PASSWORD, nobody)

    assert caught.value.operation == "SignUp"


def test_refusal_of_the_sign_up_has_its_own_words(recorder: Recorder, time: FakeTime) -> None:
    """The length that it names is that of the address."""
    way = method(ScriptedCognito(), recorder, time)
    closed = CallError("SignUp", "NotAuthorizedException", "SignUp is not permitted for this user pool")
    too_long = CallError("SignUp", "InvalidParameterException", "email: String must be no longer than 20 characters")

    assert "`sign-up`" in way.refused(closed, BY_NAME).fix
    assert f"The generated one has {len(SIMULATED)}: " in way.refused(too_long, BY_NAME).why


# A limit on messages


@pytest.mark.parametrize("offer", [BY_ADDRESS, BY_NAME], ids=["address", "name"])
def test_user_who_gets_no_message_is_confirmed_if_a_sign_in_tells_its_sub(
    recorder: Recorder, time: FakeTime, offer: Offer
) -> None:
    """It exists, unconfirmed; the calls name it by what was offered, and so does the state."""
    client = ScriptedCognito(sign_up=[MESSAGE_LIMIT])

    user = sign_up(method(client, recorder, time), offer)

    assert (user.username, user.sub, user.returned_name, user.confirmed) == (offer.username, "", "", False)
    assert named(client) == [(operation, offer.username) for operation in ("sign_up", "confirm", "update")]
    refused = "Exceeded daily email limit for the operation or the account."
    assert recorder.stage.log == [
        f"No message was sent, which leaves the user created: {refused}",
        f"Confirmed {visible_part(offer.username)}…: the user can sign in.",
    ]


@pytest.mark.parametrize(
    ("offer", "signs_in"),
    [(BY_ADDRESS, False), (BY_NAME, False), (BY_NUMBER, False), (BY_NUMBER, True)],
    ids=["address", "name", "number", "number and sign-in"],
)
def test_limit_on_messages_ends_a_step_that_can_not_go_on(
    recorder: Recorder, time: FakeTime, offer: Offer, *, signs_in: bool
) -> None:
    """Without a sign-in nothing tells the `sub`; and a number alone names no one, since it may be someone else's."""
    client = ScriptedCognito(sign_up=[MESSAGE_LIMIT])

    error = failing(method(client, recorder, time, signs_in=signs_in), offer)

    assert error.what == (
        "SignUp failed with LimitExceededException: Exceeded daily email limit for the operation or the account."
    )
    assert "The post step deletes the user." in error.why
    assert isinstance(error.__cause__, CallError)
    assert client.operations == ["prove", "sign_up"]


def test_limit_that_was_not_one_on_messages_is_named_once_the_user_is_not_there(
    recorder: Recorder, time: FakeTime
) -> None:
    """The pool may be full: then the first refusal is what happened."""
    client = ScriptedCognito(sign_up=[MESSAGE_LIMIT], confirm=[ABSENT])

    error = failing(method(client, recorder, time))

    assert error.what.startswith("SignUp failed with LimitExceededException: ")
    assert error.details.startswith(f"user: {visible_part(BY_ADDRESS.username)}… (no `sub`)\n")
    assert client.operations == ["prove", "sign_up", "confirm"]


# A user who is not in the pool


@pytest.mark.parametrize(
    ("answer", "absent"),
    [({"UserSub": SUB, "UserConfirmed": False}, "confirm"), (CONFIRMED, "update")],
    ids=["unconfirmed", "confirmed"],
)
def test_user_who_is_not_in_the_pool_is_named_with_the_client(
    recorder: Recorder, time: FakeTime, answer: dict[str, Any], absent: str
) -> None:
    """The action can't delete it where it is: the error says who it is, and how to do that by hand."""
    client = ScriptedCognito(None, sign_up=[answer], **{absent: [ABSENT]})

    error = failing(method(client, recorder, time))

    assert error.details == f"user: {SUB}\nsigned up by the app client: {CLIENT_ID}\nnot in: {POOL_ID}"
    assert "This user stays there" in error.why
    assert f"--user-pool-id '<pool of {CLIENT_ID}>' --username {SUB}" in error.paste


def test_user_who_vanishes_after_another_was_found_is_no_sign_of_another_pool(
    recorder: Recorder, time: FakeTime
) -> None:
    """The client is this pool's then, and something in the account deletes users."""
    client = ScriptedCognito(confirm=[{}, ABSENT])
    way = method(client, recorder, time)
    sign_up(way, BY_ADDRESS)

    error = failing(way, BY_NAME)

    assert "vanished between two calls" in error.why


def test_user_who_vanishes_later_is_no_sign_of_another_pool(recorder: Recorder, time: FakeTime) -> None:
    """It was confirmed in this pool: something has deleted it since, and others can sign up."""
    client = ScriptedCognito(update=[ABSENT])
    way = method(client, recorder, time)

    error = failing(way)

    assert "vanished between two calls" in error.why
    sign_up(way, BY_NAME)


@pytest.mark.parametrize(
    ("calls", "what"),
    [
        (
            {"confirm": [refusal("UserLambdaValidationException", "PostConfirmation failed with error no table.")]},
            "AdminConfirmSignUp failed with UserLambdaValidationException: PostConfirmation failed with error no table.",
        ),
        ({"confirm": [DENIED]}, "AdminConfirmSignUp failed with AccessDeniedException"),
        ({"update": [DENIED]}, "AdminUpdateUserAttributes failed with AccessDeniedException"),
    ],
    ids=["trigger", "confirm", "update"],
)
def test_refusal_of_the_confirmation_is_put_into_words(
    recorder: Recorder, time: FakeTime, calls: dict[str, list[Any]], what: str
) -> None:
    """It is about this user only, and nobody is said to be able to sign in."""
    client = ScriptedCognito(None, **calls)
    way = method(client, recorder, time)

    assert failing(way).what.startswith(what)
    assert recorder.stage.log == []
    assert sign_up(way, BY_NAME).sub == SUB
