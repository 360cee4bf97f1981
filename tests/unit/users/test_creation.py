"""One user: the order of names, passwords that a policy refuses, and a state that never misses anyone."""

import json
import string
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cognito_action.errors import ActionError
from cognito_action.github.runner import Runner, RunnerFileError
from cognito_action.inputs.main import MainInputs
from cognito_action.naming import Run, owner_of
from cognito_action.users.creation import Creation, UserCredentials
from cognito_action.users.creation_method import AdminCreation
from cognito_action.users.offer import UsernameType
from cognito_action.users.state import SavedState, State
from tests.support.creation_methods import creation_method
from tests.support.examples import PHONE, POOL_ID, RUN_ENVIRON, SUB
from tests.support.fake_time import FakeTime
from tests.support.inputs import input_variables
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
from tools.emulator.workflow_commands import lines_of

RUN = Run.from_environ(RUN_ENVIRON)

AN_ADDRESS = refusal("InvalidParameterException", "Username should be an email.")
A_NUMBER = refusal("InvalidParameterException", "Username should be a phone number.")
EITHER = refusal("InvalidParameterException", "Username should be either an email or a phone number.")
TOO_WEAK = refusal("InvalidPasswordException", "Password did not conform with policy: Password not long enough")

BY_SIGN_UP = {"sign_up": "true", "client_id": CLIENT_ID}
"""The inputs of a step whose users sign up."""

OTHER_SUB = "99999999-8888-7777-6666-555555555555"

STARTED = 1_800_000_000
"""When a step starts, in seconds since 1970."""


def creation(recorder: Recorder, client: Any, time: FakeTime, **inputs: str) -> Creation:
    """A user to be created with these inputs; `_` in names stands for `-`."""
    named = {"user_pool_id": POOL_ID, **inputs}
    read = MainInputs.from_environ(input_variables(**named), recorder.runner.warning)
    state, random = State(recorder.runner), Random(7)
    method = creation_method(read, client, time.retry(), recorder.runner, random)
    return Creation(method, read, read.attributes, RUN, state, recorder.runner, random, lambda: STARTED + time.clock())


def create(recorder: Recorder, client: Any, time: FakeTime, **inputs: str) -> UserCredentials:
    """Create a user with these inputs."""
    return creation(recorder, client, time, **inputs).run()


def failing(recorder: Recorder, client: ScriptedCognito, time: FakeTime, **inputs: str) -> ActionError:
    """The error if no user can be created with these inputs."""
    with pytest.raises(ActionError) as caught:
        create(recorder, client, time, **inputs)
    return caught.value


def entries(state: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """The entries of a state: who they are, without empty fields, and without what is known of unanswered calls."""
    read = {key: json.loads(value) for key, value in state.items() if value and key != "users"}
    identity = ("name", "phone_number", "username", "sub")
    return {key: {name: entry[name] for name in identity if entry[name]} for key, entry in read.items()}


def offered(client: ScriptedCognito) -> list[str]:
    """The usernames that were offered, one for each creating call."""
    return [call.parameters["Username"] for call in [*client.all("create"), *client.all("sign_up")]]


# The usual case


def test_user_of_an_email_pool(recorder: Recorder, time: FakeTime) -> None:
    """The address is offered first; two calls create the user, who is returned under that address."""
    client = ScriptedCognito(
        recorder, create=[{"User": {"Username": SUB, "Attributes": [{"Name": "sub", "Value": SUB}]}}]
    )

    user = create(recorder, client, time)

    [make, set_password] = client.calls
    name = user.email.removesuffix("@example.com")
    assert owner_of(name) == RUN
    assert user == UserCredentials(
        username=f"{name}@example.com",
        password=set_password.parameters["Password"],
        email=f"{name}@example.com",
        sub=SUB,
        internal_name=SUB,
        entry_id="user-1",
    )
    assert make.parameters["Username"] == user.username
    assert set_password.parameters["Username"] == SUB
    assert len(user.password) == 32
    assert entries(recorder.stage.state) == {"user-1": {"name": user.email, "username": SUB, "sub": SUB}}


def test_create_call_has_all_attributes(recorder: Recorder, time: FakeTime) -> None:
    """Address and number are verified; the workflow's attributes and the client metadata are sent with them."""
    client = ScriptedCognito(recorder)

    user = create(
        recorder, client, time, phone_number=PHONE, attributes="custom:team=blue", client_metadata="source=ci"
    )

    [call] = client.all("create")
    assert {attribute["Name"]: attribute["Value"] for attribute in call.parameters["UserAttributes"]} == {
        "custom:team": "blue",
        "email": user.email,
        "email_verified": "true",
        "phone_number": "+15555550123",
        "phone_number_verified": "true",
    }
    assert call.parameters["ClientMetadata"] == {"source": "ci"}
    assert call.parameters["MessageAction"] == "SUPPRESS"
    assert "ForceAliasCreation" not in call.parameters


def test_user_without_an_address(recorder: Recorder, time: FakeTime) -> None:
    """With an empty domain, the bare name is offered, and there is no email attribute at all."""
    client = ScriptedCognito(recorder)

    user = create(recorder, client, time, email_domain="")

    assert owner_of(user.username) == RUN
    assert "@" not in user.username
    assert user.email == ""
    assert client.all("create")[0].parameters["UserAttributes"] == []
    assert entries(recorder.stage.state) == {"user-1": {"name": user.username, "username": user.username, "sub": SUB}}


def test_log_shows_the_sub_and_no_name(recorder: Recorder, time: FakeTime) -> None:
    """The `sub` is what a reader of the log can work with."""
    create(recorder, ScriptedCognito(recorder), time)

    assert recorder.stage.log == [
        f"Created user {SUB} in eu-central-1_AbCdEfGhI; its name is an email address.",
        f"Set the permanent password of {SUB}: the user can sign in.",
    ]


# Secrets


def test_passwords_differ_and_are_masked_before_they_are_used(recorder: Recorder, time: FakeTime) -> None:
    """Each is masked before the call that sends it, and neither is in the state."""
    client = ScriptedCognito(recorder)

    user = create(recorder, client, time)

    [make, set_password] = client.calls
    temporary = make.parameters["TemporaryPassword"]
    assert temporary != user.password
    assert temporary in make.masks
    assert user.password in set_password.masks
    assert temporary not in recorder.stage.files["GITHUB_STATE"]
    assert user.password not in recorder.stage.files["GITHUB_STATE"]
    assert set_password.parameters["Permanent"] is True


def test_name_and_address_are_masked_before_they_are_offered(recorder: Recorder, time: FakeTime) -> None:
    """The bare name is masked too, since the address contains it."""
    client = ScriptedCognito(recorder)

    user = create(recorder, client, time)

    assert {user.email, user.email.partition("@")[0]} <= client.calls[0].masks


class WatchedRunner(Runner):
    """A runner that remembers each write to the state, with the masks that were printed before it."""

    def __init__(self, environ: Mapping[str, str], stdout: BytesIO) -> None:
        super().__init__(environ, stdout)
        self._printed = stdout
        self.writes: list[tuple[dict[str, str], list[str]]] = []

    def state(self, **values: str) -> None:
        self.writes.append((values, lines_of(self._printed.getvalue().decode())))
        super().state(**values)


@pytest.mark.parametrize(
    "refusals",
    [[], [NOT_AN_ADDRESS], [A_NUMBER], [lost_answer(), EXISTS]],
    ids=["address", "name", "phone number", "another name"],
)
def test_name_is_masked_before_it_is_in_the_state(recorder: Recorder, time: FakeTime, refusals: list[Any]) -> None:
    """A main that is killed between the two leaves a mask without a name, and never a name without its mask."""
    environ = {name: str(path) for name, path in recorder.paths.items()}
    recorder.runner = runner = WatchedRunner(environ, recorder.stdout)

    user = create(recorder, ScriptedCognito(recorder, create=refusals), time, phone_number=PHONE)

    saved = [
        json.loads(text) for values, _ in runner.writes for name, text in values.items() if name != "users" and text
    ]
    assert user.username in {entry["name"] for entry in saved} | {entry["phone_number"] for entry in saved}
    for values, printed in runner.writes:
        for entry in (json.loads(text) for name, text in values.items() if name != "users" and text):
            for name in (entry["name"], entry["name"].partition("@")[0], entry["phone_number"] or entry["name"]):
                assert f"::add-mask::{name}" in printed


def test_phone_number_is_masked_if_it_is_the_name(recorder: Recorder, time: FakeTime) -> None:
    """It is masked only if someone would type it to sign in, and before it is offered."""
    client = ScriptedCognito(recorder, create=[A_NUMBER])

    create(recorder, client, time, phone_number=PHONE)

    [first, second] = client.all("create")
    assert PHONE not in first.masks
    assert PHONE in second.masks


def test_names_are_not_masked_with_mask_username_false(recorder: Recorder, time: FakeTime) -> None:
    """A name that has to pass between jobs is left alone; passwords are still masked."""
    client = ScriptedCognito(recorder, create=[A_NUMBER])

    user = create(recorder, client, time, phone_number=PHONE, mask_username="false")

    temporary = {call.parameters["TemporaryPassword"] for call in client.all("create")}
    assert recorder.stage.masks.secrets == {*temporary, user.password}


# The order of names


def test_alias_pool_is_offered_the_bare_name(recorder: Recorder, time: FakeTime) -> None:
    """If the address is an alias, the local part of the same address is the name."""
    client = ScriptedCognito(recorder, create=[NOT_AN_ADDRESS])

    user = create(recorder, client, time)

    name = user.email.removesuffix("@example.com")
    assert user.username == name
    assert offered(client) == [user.email, name]
    assert [entries(call.state) for call in client.all("create")] == [
        {"user-1": {"name": user.email}},
        {"user-1": {"name": name}},
    ]
    assert entries(recorder.stage.state) == {"user-1": {"name": name, "username": name, "sub": SUB}}


@pytest.mark.parametrize("wanted", [A_NUMBER, EITHER])
def test_phone_pool_is_offered_the_phone_number(recorder: Recorder, time: FakeTime, wanted: Exception) -> None:
    """The entry keeps the generated address, which distinguishes our user from a stranger."""
    client = ScriptedCognito(recorder, create=[wanted])

    user = create(recorder, client, time, phone_number=PHONE)

    assert user.username == PHONE
    assert offered(client) == [user.email, PHONE]
    assert entries(client.all("create")[1].state) == {"user-1": {"name": user.email, "phone_number": PHONE}}


def test_phone_pool_without_an_address(recorder: Recorder, time: FakeTime) -> None:
    """Without a domain, the entry has the bare name, and the number is still offered."""
    client = ScriptedCognito(recorder, create=[EITHER])

    user = create(recorder, client, time, phone_number=PHONE, email_domain="")

    [name, number] = offered(client)
    assert owner_of(name) == RUN
    assert (number, user.username, user.email) == (PHONE, PHONE, "")
    assert entries(client.all("create")[1].state) == {"user-1": {"name": name, "phone_number": PHONE}}


def test_order_is_address_then_name_then_number(recorder: Recorder, time: FakeTime) -> None:
    """Each refusal is followed, as long as there is something left to offer."""
    client = ScriptedCognito(recorder, create=[NOT_AN_ADDRESS, A_NUMBER])

    user = create(recorder, client, time, phone_number=PHONE)

    assert offered(client) == [user.email, user.email.partition("@")[0], PHONE]


@pytest.mark.parametrize(
    ("wanted", "takes", "fix"),
    [
        (AN_ADDRESS, "an email address", "Leave `email-domain` out, or set it to a domain:"),
        (
            EITHER,
            "an email address or a phone number",
            "Set `phone-number`, leave `email-domain` out, or set it to a domain:",
        ),
    ],
)
def test_missing_domain_is_named(recorder: Recorder, time: FakeTime, wanted: Exception, takes: str, fix: str) -> None:
    """A pool that wants an address says so, and the fix names the input."""
    client = ScriptedCognito(recorder, create=[wanted])

    error = failing(recorder, client, time, email_domain="")

    assert error.what == f"This user pool takes only {takes} as the username."
    assert error.fix == fix
    assert error.paste == "with:\n  email-domain: example.com"
    assert entries(recorder.stage.state) == {}


@pytest.mark.parametrize("wanted", [A_NUMBER, EITHER])
def test_missing_phone_number_is_named(recorder: Recorder, time: FakeTime, wanted: Exception) -> None:
    """A pool that wants a phone number says so, and the fix names the input."""
    client = ScriptedCognito(recorder, create=[wanted])

    error = failing(recorder, client, time)

    assert error.what == "This user pool takes only a phone number as the username."
    assert error.paste == 'with:\n  phone-number: "+15555550123"'
    assert entries(recorder.stage.state) == {}


@pytest.mark.parametrize(
    "script",
    [
        [AN_ADDRESS],
        [NOT_AN_ADDRESS, NOT_AN_ADDRESS],
        [NOT_AN_ADDRESS, AN_ADDRESS],
        [A_NUMBER, A_NUMBER],
        [A_NUMBER, EITHER],
        [NOT_AN_ADDRESS, A_NUMBER, AN_ADDRESS],
    ],
)
def test_pool_that_contradicts_itself_is_quoted(recorder: Recorder, time: FakeTime, script: list[Any]) -> None:
    """Nothing is offered twice: if a pool refuses everything, its last message is the error."""
    client = ScriptedCognito(recorder, create=script)

    error = failing(recorder, client, time, phone_number=PHONE)

    message = script[-1].response["Error"]["Message"]
    assert error.what == f"AdminCreateUser failed with InvalidParameterException: {message}"
    assert len(client.calls) == len(script) == len(set(offered(client)))
    assert entries(recorder.stage.state) == {}


# Passwords that a policy refuses


def test_weak_password_is_regenerated_for_the_same_user(recorder: Recorder, time: FakeTime) -> None:
    """Both passwords are regenerated with 99 characters and masked, and the same name is offered again."""
    client = ScriptedCognito(recorder, create=[TOO_WEAK])

    user = create(recorder, client, time)

    [first, second] = client.all("create")
    [set_password] = client.all("set_password")
    assert first.parameters["Username"] == second.parameters["Username"] == user.username
    assert len(first.parameters["TemporaryPassword"]) == 32
    assert len(second.parameters["TemporaryPassword"]) == len(user.password) == 99
    assert second.parameters["TemporaryPassword"] != user.password == set_password.parameters["Password"]
    assert second.parameters["TemporaryPassword"] in second.masks
    assert user.password in set_password.masks
    assert list(entries(recorder.stage.state)) == ["user-1"]
    assert list(entries(second.state)) == ["user-1"]


def test_weak_password_of_the_second_call_is_regenerated(recorder: Recorder, time: FakeTime) -> None:
    """If only the final password is refused, only that call is repeated."""
    client = ScriptedCognito(recorder, set_password=[TOO_WEAK])

    user = create(recorder, client, time)

    assert client.operations == ["create", "set_password", "set_password"]
    [first, second] = client.all("set_password")
    assert len(first.parameters["Password"]) == 32
    assert len(second.parameters["Password"]) == 99
    assert second.parameters["Password"] == user.password
    assert user.password in second.masks
    assert set(first.parameters["Password"]) <= {*string.ascii_letters, *string.digits, *"-_.~"}


@pytest.mark.parametrize(
    ("scripts", "operations"),
    [
        ({"create": [TOO_WEAK, TOO_WEAK]}, ["create", "create"]),
        ({"set_password": [TOO_WEAK, TOO_WEAK]}, ["create", "set_password", "set_password"]),
        ({"create": [TOO_WEAK], "set_password": [TOO_WEAK]}, ["create", "create", "set_password"]),
    ],
)
def test_password_is_regenerated_only_once(
    recorder: Recorder, time: FakeTime, scripts: dict[str, list[Any]], operations: list[str]
) -> None:
    """A policy that refuses 99 characters refuses everything."""
    client = ScriptedCognito(recorder, **scripts)

    error = failing(recorder, client, time)

    assert "failed with InvalidPasswordException: " in error.what
    assert client.operations == operations


@pytest.mark.parametrize("length", ["99", "100", "256"])
@pytest.mark.parametrize("operation", ["create", "set_password"])
def test_long_password_is_not_regenerated(recorder: Recorder, time: FakeTime, length: str, operation: str) -> None:
    """If 99 characters or more were requested, a shorter password would not help."""
    client = ScriptedCognito(recorder, **{operation: [TOO_WEAK]})

    error = failing(recorder, client, time, password_length=length)

    assert "failed with InvalidPasswordException: " in error.what
    assert client.operations[-1] == operation
    assert len(client.all(operation)) == 1


# What stays in the state


@pytest.mark.parametrize("code", ["AccessDeniedException", "ResourceNotFoundException", "UsernameExistsException"])
def test_refused_user_is_removed_from_the_state(recorder: Recorder, time: FakeTime, code: str) -> None:
    """The entry was there before the call; after a refusal that proves it, there is no user to delete."""
    client = ScriptedCognito(recorder, create=[refusal(code)])

    error = failing(recorder, client, time)

    [call] = client.calls
    assert entries(call.state) == {"user-1": {"name": call.parameters["Username"]}}
    assert error.what == f"AdminCreateUser failed with {code}: no"
    assert entries(recorder.stage.state) == {}


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("InvalidParameterException", 400),
        ("UserLambdaValidationException", 400),
        ("AliasExistsException", 403),
        ("LimitExceededException", 400),
    ],
)
def test_user_whose_refusal_proves_nothing_stays(recorder: Recorder, time: FakeTime, code: str, status: int) -> None:
    """A pool can create a user and then fail: post has the name, and the error is the same as ever."""
    client = ScriptedCognito(recorder, create=[refusal(code, "no", status)])

    error = failing(recorder, client, time)

    [name] = offered(client)
    assert error.what == f"AdminCreateUser failed with {code}: no"
    assert entries(recorder.stage.state) == {"user-1": {"name": name}}


@pytest.mark.parametrize("failure", [lost_answer(), refusal("InternalErrorException", "", 500)])
def test_user_who_may_have_been_created_stays(recorder: Recorder, time: FakeTime, failure: Exception) -> None:
    """If no answer came before the deadline, post has the generated name."""
    client = ScriptedCognito(recorder, create=[failure] * 20)

    failing(recorder, client, time)

    assert len(set(offered(client))) == 1
    assert entries(recorder.stage.state) == {"user-1": {"name": offered(client)[0]}}


def test_user_refused_after_a_lost_answer_stays(recorder: Recorder, time: FakeTime) -> None:
    """The last refusal does not show what the first attempt did."""
    client = ScriptedCognito(recorder, create=[lost_answer(), refusal("AccessDeniedException")])

    failing(recorder, client, time)

    assert entries(recorder.stage.state) == {"user-1": {"name": offered(client)[0]}}


def test_user_whose_creation_was_only_throttled_is_removed_from_the_state(recorder: Recorder, time: FakeTime) -> None:
    """Throttling until the deadline created no user."""
    client = ScriptedCognito(recorder, create=[refusal("TooManyRequestsException")] * 20)

    failing(recorder, client, time)

    assert entries(recorder.stage.state) == {}


def test_user_there_was_no_time_for_is_removed_from_the_state(recorder: Recorder, time: FakeTime) -> None:
    """Past the deadline, no call is made, and the error says so."""
    client = ScriptedCognito(recorder)
    late = creation(recorder, client, time)
    time.now = 10

    with pytest.raises(ActionError) as caught:
        late.run()

    assert caught.value.what.startswith("AdminCreateUser failed with DeadlineExceeded: ")
    assert (client.calls, entries(recorder.stage.state)) == ([], {})


def test_own_user_after_a_lost_answer_is_left_to_post(recorder: Recorder, time: FakeTime) -> None:
    """No one else has a random name: the user stays in the state, and another user takes its place."""
    client = ScriptedCognito(recorder, create=[lost_answer(), EXISTS])

    user = create(recorder, client, time)

    [first, again, second] = offered(client)
    assert first == again != second == user.username
    assert entries(client.all("create")[2].state) == {"user-1": {"name": first}, "user-2": {"name": second}}
    assert {second, second.partition("@")[0]} <= client.all("create")[2].masks
    assert entries(recorder.stage.state) == {
        "user-1": {"name": first},
        "user-2": {"name": second, "username": second, "sub": SUB},
    }
    assert len(client.all("set_password")) == 1


def test_own_name_after_a_lost_answer_in_an_alias_pool(recorder: Recorder, time: FakeTime) -> None:
    """What was learned about the pool's names applies to the second user too."""
    client = ScriptedCognito(recorder, create=[NOT_AN_ADDRESS, lost_answer(), EXISTS])

    user = create(recorder, client, time)

    assert ["@" in name for name in offered(client)] == [True, False, False, False]
    assert entries(recorder.stage.state) == {
        "user-1": {"name": offered(client)[1]},
        "user-2": {"name": user.username, "username": user.username, "sub": SUB},
    }


def test_existing_user_without_a_lost_answer_is_a_stranger(recorder: Recorder, time: FakeTime) -> None:
    """After throttling alone, no user of ours can exist: the entry is removed."""
    client = ScriptedCognito(recorder, create=[refusal("TooManyRequestsException"), EXISTS])

    error = failing(recorder, client, time)

    assert error.what == "AdminCreateUser failed with UsernameExistsException: User account already exists"
    assert entries(recorder.stage.state) == {}


def test_existing_phone_number_belongs_to_a_stranger(recorder: Recorder, time: FakeTime) -> None:
    """A phone number is not random: its user is left alone and is not in the state."""
    client = ScriptedCognito(recorder, create=[A_NUMBER, EXISTS])

    error = failing(recorder, client, time, phone_number=PHONE)

    assert "That user was left alone." in error.why
    assert entries(recorder.stage.state) == {}


def test_existing_phone_number_after_a_lost_answer_is_left_to_post(recorder: Recorder, time: FakeTime) -> None:
    """It may be ours or a stranger's: post checks the address, and no second user is created."""
    client = ScriptedCognito(recorder, create=[A_NUMBER, lost_answer(), EXISTS])

    failing(recorder, client, time, phone_number=PHONE)

    assert offered(client)[1:] == [PHONE, PHONE]
    assert entries(recorder.stage.state) == {"user-1": {"name": offered(client)[0], "phone_number": PHONE}}


@pytest.mark.parametrize("code", ["NotAuthorizedException", "AccessDeniedException", "UserNotFoundException"])
def test_user_without_a_password_stays(recorder: Recorder, time: FakeTime, code: str) -> None:
    """If the second call is refused, the user exists, and post deletes it."""
    client = ScriptedCognito(recorder, set_password=[refusal(code)])

    error = failing(recorder, client, time)

    assert error.what == f"AdminSetUserPassword failed with {code}: no"
    assert entries(recorder.stage.state)["user-1"]["sub"] == SUB


# One of several


def test_user_is_in_the_state_before_any_call(recorder: Recorder, time: FakeTime) -> None:
    """Its name is generated, masked and saved at once; no password exists yet."""
    client = ScriptedCognito(recorder)

    creation(recorder, client, time)

    [name] = [entry["name"] for entry in entries(recorder.stage.state).values()]
    assert list(recorder.stage.state) == ["user-1", "users"]
    assert recorder.stage.masks.secrets == {name, name.partition("@")[0]}
    assert client.calls == []


@pytest.mark.parametrize("script", [[], [NOT_AN_ADDRESS]])
def test_state_is_written_only_when_it_changes(recorder: Recorder, time: FakeTime, script: list[Any]) -> None:
    """Each name and each refusal is one write, and so are each call and its answer."""
    create(recorder, ScriptedCognito(recorder, create=script), time)

    assert recorder.stage.files["GITHUB_STATE"].count("user-1<<") == (6 if script else 3)


def test_what_was_learned_from_another_user_is_offered_first(recorder: Recorder, time: FakeTime) -> None:
    """The entry is rewritten and the name is masked before the only create call."""
    client = ScriptedCognito(recorder)
    second = creation(recorder, client, time, mask_username="true")
    [address] = [entry["name"] for entry in entries(recorder.stage.state).values()]
    name = address.partition("@")[0]

    second.start_with(UsernameType.NAME, 32)

    assert entries(recorder.stage.state) == {"user-1": {"name": name}}
    assert second.run().username == name
    assert offered(client) == [name]
    assert entries(client.calls[0].state) == {"user-1": {"name": name}}


def test_number_is_masked_before_it_is_saved(recorder: Recorder, time: FakeTime) -> None:
    """Whatever was learned, what is offered is masked."""
    user = creation(recorder, ScriptedCognito(recorder), time, phone_number=PHONE)

    user.start_with(UsernameType.PHONE_NUMBER, 32)

    assert PHONE in recorder.stage.masks.secrets
    assert entries(recorder.stage.state)["user-1"]["phone_number"] == PHONE


def test_what_was_learned_from_another_user_is_not_saved_twice(recorder: Recorder, time: FakeTime) -> None:
    """If the first guess was right, nothing changes."""
    user = creation(recorder, ScriptedCognito(recorder), time)
    before = recorder.stage.files["GITHUB_STATE"]

    user.start_with(UsernameType.EMAIL, 32)

    assert recorder.stage.files["GITHUB_STATE"] == before


def test_user_who_was_never_offered_can_be_withdrawn(recorder: Recorder, time: FakeTime) -> None:
    """If another user failed, post does not have to look for this one."""
    creation(recorder, ScriptedCognito(recorder), time).withdraw()

    assert recorder.stage.state == {"user-1": "", "users": "1"}


@pytest.mark.parametrize("outcome", [lost_answer(), None])
def test_user_who_may_exist_is_not_withdrawn(recorder: Recorder, time: FakeTime, outcome: Exception | None) -> None:
    """Once Cognito was asked, only its own refusal removes the entry."""
    client = ScriptedCognito(recorder, create=[outcome] * 20 if outcome else [])
    user = creation(recorder, client, time)
    try:
        user.run()
    except ActionError:
        assert outcome
    before = entries(recorder.stage.state)

    user.withdraw()

    assert entries(recorder.stage.state) == before != {}


def test_user_whose_entry_could_not_be_saved_is_never_offered(recorder: Recorder, time: FakeTime) -> None:
    """Without its entry, no one would delete it."""
    client = ScriptedCognito(recorder)
    user = creation(recorder, client, time)
    recorder.paths["GITHUB_STATE"].unlink()
    recorder.paths["GITHUB_STATE"].mkdir()

    with pytest.raises(RunnerFileError, match="GITHUB_STATE"):
        user.start_with(UsernameType.NAME, 32)

    assert client.calls == []


def test_attributes_are_the_users_own(recorder: Recorder, time: FakeTime) -> None:
    """The step's `attributes` are not added unless the caller passes them."""
    inputs = MainInputs.from_environ(
        {"INPUT_USER-POOL-ID": POOL_ID, "INPUT_ATTRIBUTES": "name=of the step"}, recorder.runner.warning
    )
    client = ScriptedCognito(recorder)
    method = AdminCreation(client.pool(time.retry()), {}, recorder.runner, Random(7))

    Creation(method, inputs, {"custom:team": "own"}, RUN, State(recorder.runner), recorder.runner, Random(7)).run()

    names = [attribute["Name"] for attribute in client.calls[0].parameters["UserAttributes"]]
    assert names == ["custom:team", "email", "email_verified"]


# Users who sign up


def sign_up(recorder: Recorder, client: ScriptedCognito, time: FakeTime, **inputs: str) -> UserCredentials:
    """Have a user sign up with these inputs."""
    return create(recorder, client, time, **{**BY_SIGN_UP, **inputs})


def test_user_who_signs_up_in_an_email_pool(recorder: Recorder, time: FakeTime) -> None:
    """The state has the `sub` as soon as Cognito says it: it is the username, and lasts."""
    client = ScriptedCognito(recorder)

    user = sign_up(recorder, client, time)

    name = user.email.removeprefix("success+").removesuffix("@simulator.amazonses.com")
    assert owner_of(name) == RUN
    assert client.operations == ["prove", "sign_up", "confirm", "update"]
    assert (user.username, user.sub, user.internal_name) == (user.email, SUB, user.email)
    assert entries(client.calls[1].state) == {"user-1": {"name": user.email}}
    assert entries(client.calls[2].state) == {"user-1": {"name": user.email, "sub": SUB}}
    assert recorder.stage.log == [
        f"Created user {SUB} in eu-central-1_AbCdEfGhI; its name is an email address.",
        f"Confirmed {SUB}: the user can sign in.",
    ]


def test_address_name_and_password_are_masked_before_the_sign_up(recorder: Recorder, time: FakeTime) -> None:
    """There is one password, and it is not in the state."""
    client = ScriptedCognito(recorder)

    user = sign_up(recorder, client, time, client_secret="the-secret-of-the-client")

    [call] = client.all("sign_up")
    name = user.email.removeprefix("success+").partition("@")[0]
    assert call.parameters["Password"] == user.password
    assert {user.email, name, user.password, call.parameters["SecretHash"]} <= call.masks
    assert user.password not in recorder.stage.files["GITHUB_STATE"]


@pytest.mark.parametrize(
    ("refusals", "offers", "entry"),
    [
        ([], "a", {"name": "a", "sub": SUB}),
        ([NOT_AN_ADDRESS], "an", {"name": "n", "username": "n", "sub": SUB}),
        ([A_NUMBER], "ap", {"name": "a", "phone_number": "p", "username": SUB, "sub": SUB}),
        ([EITHER], "ap", {"name": "a", "phone_number": "p", "username": SUB, "sub": SUB}),
        ([NOT_AN_ADDRESS, A_NUMBER], "anp", {"name": "a", "phone_number": "p", "username": SUB, "sub": SUB}),
    ],
    ids=["address", "name", "number", "either", "one after the other"],
)
def test_kind_of_the_pool_is_learned_from_a_sign_up_too(
    recorder: Recorder, time: FakeTime, refusals: list[Any], offers: str, entry: dict[str, str]
) -> None:
    """It refuses usernames in the same words; the entry says of the user what lasts."""
    client = ScriptedCognito(recorder, sign_up=refusals)

    user = sign_up(recorder, client, time, phone_number=PHONE)

    texts = {"a": user.email, "n": user.email.removeprefix("success+").partition("@")[0], "p": PHONE}
    assert offered(client) == [texts[letter] for letter in offers]
    assert user.username == texts[offers[-1]]
    assert entries(recorder.stage.state) == {"user-1": {key: texts.get(text, text) for key, text in entry.items()}}
    assert client.operations.count("prove") == 1


def test_user_who_signs_up_without_an_address(recorder: Recorder, time: FakeTime) -> None:
    """The bare name is offered, and nothing is verified."""
    client = ScriptedCognito(recorder)

    user = sign_up(recorder, client, time, email_domain="")

    assert client.operations == ["prove", "sign_up", "confirm"]
    assert client.calls[1].parameters["UserAttributes"] == []
    assert entries(recorder.stage.state) == {"user-1": {"name": user.username, "username": user.username, "sub": SUB}}


def test_weak_password_of_a_sign_up_is_replaced_for_good(recorder: Recorder, time: FakeTime) -> None:
    """The one that the pool took is the one that is output."""
    client = ScriptedCognito(recorder, sign_up=[TOO_WEAK])

    user = sign_up(recorder, client, time)

    [first, second] = client.all("sign_up")
    assert first.parameters["Username"] == second.parameters["Username"]
    assert [len(call.parameters["Password"]) for call in (first, second)] == [32, 99]
    assert second.parameters["Password"] == user.password
    assert user.password in second.masks


def test_own_user_after_a_lost_answer_to_a_sign_up_is_left_to_post(recorder: Recorder, time: FakeTime) -> None:
    """The lost one is neither confirmed nor output: another takes its place."""
    client = ScriptedCognito(recorder, sign_up=[lost_answer(), EXISTS])

    user = sign_up(recorder, client, time)

    [first, again, second] = offered(client)
    assert first == again != second == user.username
    assert entries(recorder.stage.state) == {
        "user-1": {"name": first},
        "user-2": {"name": second, "sub": SUB},
    }
    assert [call.parameters["Username"] for call in client.all("confirm")] == [second]


@pytest.mark.parametrize("proof", [refusal("ResourceNotFoundException", "no client"), refusal("AccessDeniedException")])
def test_user_whose_client_is_not_proven_can_be_withdrawn(recorder: Recorder, time: FakeTime, proof: Any) -> None:
    """Nobody signed up."""
    user = creation(recorder, ScriptedCognito(recorder, prove=[proof]), time, **BY_SIGN_UP)

    with pytest.raises(ActionError):
        user.run()
    user.withdraw()

    assert entries(recorder.stage.state) == {}


@pytest.mark.parametrize("operation", ["confirm", "update"])
@pytest.mark.parametrize("code", ["UserLambdaValidationException", "AccessDeniedException", "UserNotFoundException"])
def test_user_who_is_not_confirmed_stays(recorder: Recorder, time: FakeTime, operation: str, code: str) -> None:
    """It exists, and post deletes it; a second look at it ends the same way."""
    client = ScriptedCognito(recorder, **{operation: [refusal(code)]})
    user = creation(recorder, client, time, **BY_SIGN_UP)

    with pytest.raises(ActionError):
        user.create()
    user.withdraw()

    assert entries(recorder.stage.state)["user-1"]["sub"] == SUB


@pytest.mark.parametrize(("auth_flow", "succeeds"), [("auto", True), ("none", False)])
def test_user_who_got_no_message_is_in_the_state_by_name(
    recorder: Recorder, time: FakeTime, auth_flow: str, *, succeeds: bool
) -> None:
    """Whether the step goes on or not: post deletes it by that, until a sign-in tells the `sub`."""
    client = ScriptedCognito(recorder, sign_up=[MESSAGE_LIMIT])
    user = creation(recorder, client, time, **BY_SIGN_UP, auth_flow=auth_flow)

    if not succeeds:
        with pytest.raises(ActionError, match="LimitExceededException"):
            user.run()
        user.withdraw()
    name = offered(client)[0] if not succeeds else user.run().username

    assert entries(recorder.stage.state) == {"user-1": {"name": name}}


def test_number_of_a_user_who_got_no_message_is_taken(recorder: Recorder, time: FakeTime) -> None:
    """The user exists, so an empty list of users is no proof for post, as after a creation that was not answered."""
    client = ScriptedCognito(recorder, sign_up=[A_NUMBER, MESSAGE_LIMIT])

    with pytest.raises(ActionError, match="LimitExceededException"):
        creation(recorder, client, time, **BY_SIGN_UP, phone_number=PHONE).run()

    [entry] = SavedState.from_environ(
        {f"STATE_{key}": value for key, value in recorder.stage.state.items()}, RUN
    ).entries
    assert (entry.phone_number, entry.taken, entry.needs_lookup) == (PHONE, True, True)


def test_user_is_identified_by_the_sub_of_its_sign_in(recorder: Recorder, time: FakeTime) -> None:
    """The state and what is output have it then; nothing else changes."""
    client = ScriptedCognito(recorder, sign_up=[MESSAGE_LIMIT])
    user = creation(recorder, client, time, **BY_SIGN_UP)
    created = user.run()

    identified = user.identify(created, SUB)

    assert identified == replace(created, sub=SUB)
    assert entries(recorder.stage.state) == {"user-1": {"name": created.username, "sub": SUB}}


# No orphan, no stranger


class ModelCognito(ScriptedCognito):
    """A pool that keeps its users, refuses what its kind refuses, and has one failure after the other."""

    def __init__(self, recorder: Recorder, kind: str, minimum: int, failures: list[str], *, stranger: bool) -> None:
        super().__init__(recorder)
        self.kind = kind
        self.minimum = minimum
        self.failures: Iterator[str] = iter(failures)
        self.users = (
            {"stranger": {"signs in as": PHONE, "email": "ada@example.com", "sub": OTHER_SUB}} if stranger else {}
        )

    def admin_create_user(self, **parameters: Any) -> Any:
        username, sub = self._create(parameters, parameters["TemporaryPassword"])
        return {"User": {"Username": username, "Attributes": [{"Name": "sub", "Value": sub}]}}

    def sign_up(self, **parameters: Any) -> Any:
        _, sub = self._create(parameters, parameters["Password"])
        return {"UserSub": sub, "UserConfirmed": next(self.failures, "") == "throttled"}

    def _create(self, parameters: Mapping[str, Any], password: str) -> tuple[str, str]:
        self._play("create", parameters, {})
        failure = next(self.failures, "")
        if failure in ("throttled", "refused"):
            raise refusal("TooManyRequestsException" if failure == "throttled" else "UserLambdaValidationException")
        if failure == "request lost":
            raise lost_answer()
        name = parameters["Username"]
        attributes = {attribute["Name"]: attribute["Value"] for attribute in parameters["UserAttributes"]}
        self._require_kind(name)
        if len(password) < self.minimum:
            raise TOO_WEAK
        if name in {user["signs in as"] for user in self.users.values()}:
            raise EXISTS
        sub = str(uuid4())
        username = name if self.kind in ("plain", "alias") else sub
        self.users[username] = {"signs in as": name, "email": attributes.get("email", ""), "sub": sub}
        if failure == "answer lost":
            raise lost_answer()
        if failure == "no message":
            raise MESSAGE_LIMIT
        return username, sub

    def _require_kind(self, name: str) -> None:
        """Refuse what the pool does not take as a username."""
        is_address, is_number = "@" in name, name.startswith("+")
        if self.kind == "alias" and is_address:
            raise NOT_AN_ADDRESS
        if self.kind == "email" and not is_address:
            raise AN_ADDRESS
        if self.kind == "phone" and not is_number:
            raise A_NUMBER
        if self.kind == "either" and not (is_address or is_number):
            raise EITHER

    def cleaned_up(self, state: Mapping[str, str]) -> list[str]:
        """Delete as post does, and return who is left."""
        for entry in SavedState.from_environ({f"STATE_{key}": value for key, value in state.items()}, RUN).entries:
            for username, user in list(self.users.items()):
                by_phone = not entry.deletion_names and (user["signs in as"], user["email"]) == (
                    entry.phone_number,
                    entry.name,
                )
                if by_phone or {*entry.deletion_names} & {username, user["signs in as"], user["sub"]}:
                    del self.users[username]
        return list(self.users)


FAILURES = st.sampled_from(["", "", "throttled", "refused", "request lost", "answer lost", "no message"])


@settings(max_examples=300)
@given(
    kind=st.sampled_from(["plain", "email", "phone", "either", "alias"]),
    minimum=st.sampled_from([6, 99]),
    failures=st.lists(FAILURES, max_size=8),
    domain=st.sampled_from(["", "example.com"]),
    phone=st.sampled_from(["", PHONE]),
    inputs=st.sampled_from([{}, BY_SIGN_UP, {**BY_SIGN_UP, "auth_flow": "none"}]),
    stranger=st.booleans(),
)
def test_state_names_all_of_ours_and_no_one_else(
    kind: str,
    minimum: int,
    failures: list[str],
    domain: str,
    phone: str,
    inputs: dict[str, str],
    *,
    stranger: bool,
) -> None:
    """Whatever the pool and the failures, the state names exactly the users that the step created."""
    with tempfile.TemporaryDirectory() as folder:
        recorder = Recorder(Path(folder))
        client = ModelCognito(recorder, kind, minimum, failures, stranger=stranger)
        try:
            user = create(recorder, client, FakeTime(), email_domain=domain, phone_number=phone, **inputs)
        except ActionError:
            user = None
        left = client.cleaned_up(recorder.stage.state)
        secrets = recorder.stage.masks.secrets

    unmarked = phone and not domain and kind in ("phone", "either") and {"answer lost", "no message"} & {*failures}
    assert "stranger" in left or not stranger
    assert unmarked or not {*left} - {"stranger"}
    for call in client.calls:
        passwords = {call.parameters.get("TemporaryPassword"), call.parameters.get("Password")} - {None}
        assert passwords <= call.masks
    for call in client.all("create"):
        written = [(entry["name"], entry.get("phone_number")) for entry in entries(call.state).values()]
        assert call.parameters["Username"] in [phone or name for name, phone in written]
    assert user is None or {user.username, user.password} <= secrets


def test_user_who_cannot_be_identified_is_replaced_once(recorder: Recorder, time: FakeTime) -> None:
    """If each answer to a create call is lost and each refusal arrives, a loop would fill the pool."""
    client = ScriptedCognito(recorder, create=[lost_answer(), EXISTS] * 10)

    with pytest.raises(ActionError) as caught:
        creation(recorder, client, time).run()

    assert len(set(offered(client))) == 2
    assert len(client.calls) == 4
    assert caught.value.what.startswith("AdminCreateUser failed with UsernameExistsException")
    assert "The answer to an earlier attempt was lost" in caught.value.why
    assert len(entries(recorder.stage.state)) == 2
