"""The users of a step: one key each, the first alone, the rest concurrently, and no one lost if one fails."""

import base64
import json
import tempfile
import time as system
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from threading import Barrier, Lock
from typing import Any
from uuid import NAMESPACE_DNS, uuid5

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cognito_action.aws.identity_pool import AwsCredentials
from cognito_action.concurrency import MAX_CONCURRENT_CALLS
from cognito_action.errors import ActionError
from cognito_action.inputs.main import MainInputs
from cognito_action.inputs.user_list import UserSpec
from cognito_action.naming import Run
from cognito_action.sign_in.app_client import Tokens
from cognito_action.sign_in.challenges import SignedIn
from cognito_action.users.batch import ReadyUser, UserBatch
from cognito_action.users.creation import Creation, UserCredentials
from cognito_action.users.expected import ExpectedUser
from cognito_action.users.state import SavedState, State
from tests.support.creation_methods import creation_method
from tests.support.examples import POOL_ID, RUN_ENVIRON
from tests.support.fake_time import FakeTime
from tests.support.inputs import input_variables, no_warning
from tests.support.recorder import Recorder
from tests.support.scripted_aws import Call
from tests.support.scripted_cognito import (
    CLIENT_ID,
    EXISTS,
    MESSAGE_LIMIT,
    NO_SUCH_TOKEN,
    NOT_AN_ADDRESS,
    ScriptedCognito,
    lost_answer,
    refusal,
)
from tools.emulator.workflow_commands import parse_file

RUN = Run.from_environ(RUN_ENVIRON)

NO_GROUP = refusal("ResourceNotFoundException", "Group not found.")
DENIED = refusal("AccessDeniedException", "User: x is not authorized to perform: cognito-idp:AdminAddUserToGroup")
REFUSED = refusal("UserLambdaValidationException", "PreSignUp failed with error no.")
NOT_ALLOWED = refusal("AccessDeniedException", "User: x is not authorized to perform: cognito-idp:AdminCreateUser")
TOKENS = SignedIn(Tokens("access", "id", "refresh"), None)


class Crowd(ScriptedCognito):
    """A pool that keeps its users and knows their keys from their nicknames; several threads may call it.

    Args:
        kind: how the pool signs people in, as in `tests.support.world.POOL_KINDS`.
        failures: how the calls for the user of a key fail, one after the other; None is no failure.
        latency: seconds that each call takes.
    """

    def __init__(
        self,
        recorder: Recorder,
        kind: str = "plain",
        failures: Mapping[tuple[str, str], list[Exception | None]] | None = None,
        latency: float = 0,
    ) -> None:
        super().__init__()
        self._runner_recorder = recorder
        self.kind = kind
        self.latency = latency
        self.users: dict[str, str] = {}
        """The key of each user, by the name that Cognito knows the user by."""
        self.offered: dict[str, str] = {}
        """What was offered as the username, by the same name."""
        self.journal: list[str] = []
        self._failures = {call: list(row) for call, row in (failures or {}).items()}
        self._lock = Lock()

    def admin_create_user(self, **parameters: Any) -> Any:
        username, sub = self._create(parameters)
        return {"User": {"Username": username, "Attributes": [{"Name": "sub", "Value": sub}]}}

    def sign_up(self, **parameters: Any) -> Any:
        _, sub = self._create(parameters)
        return {"UserSub": sub, "UserConfirmed": False}

    def _create(self, parameters: Mapping[str, Any]) -> tuple[str, str]:
        attributes = {attribute["Name"]: attribute["Value"] for attribute in parameters["UserAttributes"]}
        name, key = parameters["Username"], attributes["nickname"]
        sub = sub_of(name)
        username = sub if self.kind == "email" else name

        def create() -> None:
            if self.kind == "email alias" and "@" in name:
                raise NOT_AN_ADDRESS
            if username in self.users:
                raise EXISTS
            self.users[username], self.offered[username] = key, name

        self._meet("create", key, parameters, create)
        return username, sub

    def admin_initiate_auth(self, **_: Any) -> Any:
        raise NO_SUCH_TOKEN

    def admin_set_user_password(self, **parameters: Any) -> Any:
        return self._meet("set_password", self._key(parameters), parameters)

    def admin_confirm_sign_up(self, **parameters: Any) -> Any:
        return self._meet("confirm", self._key(parameters), parameters)

    def admin_update_user_attributes(self, **parameters: Any) -> Any:
        return self._meet("update", self._key(parameters), parameters)

    def admin_add_user_to_group(self, **parameters: Any) -> Any:
        return self._meet("join", self._key(parameters), parameters)

    def _key(self, parameters: Mapping[str, Any]) -> str:
        name = parameters["Username"]
        return self.users[name if name in self.users else sub_of(name)]

    def _meet(
        self, operation: str, key: str, parameters: Mapping[str, Any], act: Callable[[], None] = lambda: None
    ) -> dict[str, Any]:
        with self._lock:
            self.calls.append(self._call(operation, parameters))
            self.journal.append(f"{key} {operation}")
            row = self._failures.get((operation, key))
            failure = row.pop(0) if row else None
            if failure and failure not in (LOST, MESSAGE_LIMIT):
                raise failure
            act()
        system.sleep(self.latency)
        with self._lock:
            self.journal.append(f"{key} {operation} done")
        if failure:
            raise failure
        return {}

    def _call(self, operation: str, parameters: Mapping[str, Any]) -> Call:
        """The call, with what the runner has been told so far; read line by line, since there can be many lines."""
        state = state_now(self._runner_recorder)
        lines = self._runner_recorder.stdout.getvalue().decode().splitlines()
        masks = frozenset(line.removeprefix("::add-mask::") for line in lines if line.startswith("::add-mask::"))
        return Call(operation, parameters, state, masks)

    def left_by_post(self, state: Mapping[str, str]) -> list[str]:
        """Delete as post does, and return the keys of the users who are left."""
        entries = SavedState.from_environ({f"STATE_{key}": value for key, value in state.items()}, RUN).entries
        deleted = {name for entry in entries for name in entry.deletion_names}
        called = {name: {name, offered, sub_of(offered)} for name, offered in self.offered.items()}
        return [key for name, key in self.users.items() if not deleted & called[name]]


LOST: Exception = lost_answer()
"""With the limit on messages, the only failure that comes after the call took effect."""


def sub_of(offered: str) -> str:
    """The `sub` of whoever was offered by this name."""
    return str(uuid5(NAMESPACE_DNS, offered))


def state_now(recorder: Recorder) -> Mapping[str, str]:
    """The state while threads write it: a read may find half an entry, but not for long."""
    for _ in range(100):
        with suppress(ValueError):
            return parse_file(recorder.paths["GITHUB_STATE"].read_text())
    return recorder.stage.state


Users = Mapping[str, tuple[str, ...] | None]
"""The groups of each user by its key; None if nobody is created."""

BY_SIGN_UP = {"sign_up": "true", "client_id": CLIENT_ID}
"""The inputs of a step whose users sign up."""


@dataclass
class Step:
    """Creates the users of one step."""

    recorder: Recorder
    time: FakeTime
    pool: Crowd
    inputs: Mapping[str, str] = field(default_factory=dict)
    sign_in: Callable[[UserCredentials], SignedIn] | None = None
    get_aws_credentials: Callable[[str, Callable[[str], None]], AwsCredentials] | None = None
    save_browser_state: Callable[[UserCredentials, SignedIn], str] | None = None

    def make(self, users: "Users") -> dict[str, ReadyUser]:
        """Create these users, each with its groups; whoever has None is not created."""
        inputs = MainInputs.from_environ(input_variables(user_pool_id=POOL_ID, **self.inputs), no_warning)
        retry, runner, random = self.time.retry(), self.recorder.runner, Random(7)
        pool, state = self.pool.pool(retry), State(runner)
        method = creation_method(inputs, self.pool, retry, runner, random)
        return UserBatch(
            {
                key: UserSpec(create=False) if groups is None else UserSpec(groups, {"nickname": key})
                for key, groups in users.items()
            },
            lambda attributes: Creation(method, inputs, attributes, RUN, state, runner, random),
            lambda: ExpectedUser(inputs, RUN, state, runner, random),
            pool,
            self.recorder.runner,
            self.sign_in,
            self.get_aws_credentials,
            self.save_browser_state,
        ).create()

    def failing(self, users: "Users") -> ActionError:
        """The error if these users can't be created."""
        with pytest.raises(ActionError) as caught:
            self.make(users)
        return caught.value

    @property
    def entries(self) -> dict[str, str]:
        """The names in the state, by key."""
        return names(self.recorder.stage.state)


def names(state: Mapping[str, str]) -> dict[str, str]:
    return {key: json.loads(value)["name"] for key, value in state.items() if value and key != "users"}


def crowd(count: int) -> dict[str, tuple[str, ...]]:
    """`count` users without groups."""
    return {f"key {number}": () for number in range(1, count + 1)}


@pytest.fixture
def step(recorder: Recorder, time: FakeTime) -> Step:
    return Step(recorder, time, Crowd(recorder))


# All of them


def test_users_are_returned_by_key_in_order(step: Step) -> None:
    """The order does not depend on who is done first; each has its own name, password and entry."""
    step.pool.latency = 0.001

    people = step.make(crowd(20))

    assert list(people) == list(crowd(20))
    users = [person.credentials for person in people.values()]
    assert [step.pool.users[user.internal_name] for user in users] == list(people)
    assert [user.entry_id for user in users] == [f"user-{number}" for number in range(1, 21)]
    assert len({user.password for user in users}) == len({user.username for user in users}) == 20
    for user in users:
        entry = json.loads(step.recorder.stage.state[user.entry_id])
        assert (entry["name"], entry["sub"]) == (user.username, user.sub)


def test_each_user_has_its_own_password(step: Step) -> None:
    """The password that was set for a user is the one that is returned, and it was masked before."""
    people = step.make(crowd(5))

    calls = {call.parameters["Username"]: call for call in step.pool.all("set_password")}
    for person in people.values():
        call = calls[person.credentials.internal_name]
        assert call.parameters["Password"] == person.credentials.password
        assert person.credentials.password in call.masks


def test_all_are_in_the_state_before_the_first_create_call(step: Step) -> None:
    """Each has a key: whatever happens from then on, post knows everyone."""
    step.make(crowd(50))

    first = step.pool.calls[0]
    assert first.operation == "create"
    assert list(names(first.state)) == [f"user-{number}" for number in range(1, 51)]
    assert len(set(names(first.state).values())) == 50
    for call in step.pool.all("create"):
        assert call.parameters["Username"] in names(call.state).values()


def test_first_is_alone_until_it_is_there(step: Step) -> None:
    """It shows what the pool accepts; each then goes through all steps in their order, the first beside the others."""
    step.pool.latency = 0.01

    def sign_in(user: UserCredentials) -> SignedIn:
        step.pool.journal.append(f"{step.pool.users[user.internal_name]} sign in")
        return TOKENS

    def save(user: UserCredentials, signed_in: SignedIn) -> str:
        assert signed_in is TOKENS
        key = step.pool.users[user.internal_name]
        step.pool.journal.append(f"{key} saved")
        return f"/temp/{key}"

    step.sign_in, step.save_browser_state = sign_in, save
    people = step.make({"a": ("x", "y"), "b": (), "c": ("y",)})

    journal = step.pool.journal
    assert journal[:2] == ["a create", "a create done"]
    assert journal.index("b create") < journal.index("a saved")
    assert [line for line in journal if line.startswith("a")] == [
        *("a create", "a create done", "a set_password", "a set_password done"),
        *("a join", "a join done", "a join", "a join done", "a sign in", "a saved"),
    ]
    assert [line for line in journal if line.startswith("c")] == [
        *("c create", "c create done", "c set_password", "c set_password done"),
        *("c join", "c join done", "c sign in", "c saved"),
    ]
    assert {key: (person.signed_in, person.storage_state) for key, person in people.items()} == {
        key: (TOKENS, f"/temp/{key}") for key in "abc"
    }


def test_rest_is_created_concurrently(step: Step) -> None:
    """Users who wait for each other all finish."""
    together = Barrier(5)

    def sign_in(user: UserCredentials) -> SignedIn:
        if step.pool.users[user.internal_name] != "key 1":
            together.wait(30)
        return TOKENS

    step.sign_in = sign_in

    assert len(step.make(crowd(6))) == 6


def test_nobody_is_signed_in_unless_requested(step: Step) -> None:
    """No browser state is written either if there are no tokens."""
    step.save_browser_state = lambda *_: "never"

    [person] = step.make({"": ()}).values()

    assert (person.signed_in, person.storage_state) == (None, "")
    assert step.pool.operations == ["create", "set_password"]


# What is learned from the first user


def test_kind_of_the_pool_is_learned_once(step: Step) -> None:
    """There is one refused offer; the entries of the rest are rewritten before the first of them is created."""
    step.pool.kind = "email alias"

    people = step.make(crowd(10))

    offers = [call.parameters["Username"] for call in step.pool.all("create")]
    assert ["@" in offer for offer in offers] == [True] + [False] * 10
    assert [call for call in step.pool.all("create") if "@" in "".join(list(names(call.state).values())[1:])] == (
        step.pool.all("create")[:2]
    )
    assert all("@" not in name for name in names(step.pool.all("create")[2].state).values())
    for person in people.values():
        assert f"{person.credentials.username}@example.com" == person.credentials.email


def test_length_of_passwords_is_learned_once(step: Step) -> None:
    """A policy that requires more than 32 characters refuses only the first user's password."""
    too_short = refusal("InvalidPasswordException", "Password not long enough")
    step.pool = Crowd(step.recorder, failures={("create", "key 1"): [too_short]})

    people = step.make(crowd(10))

    assert len(step.pool.all("create")) == 11
    assert {len(person.credentials.password) for person in people.values()} == {99}


def test_state_is_not_rewritten_if_the_first_guess_was_right(step: Step) -> None:
    """Each has three writes: the name, the call that is under way, and Cognito's answer."""
    step.make(crowd(10))

    assert step.recorder.stage.files["GITHUB_STATE"].count("user-") == 30


# Groups


@pytest.mark.parametrize("kind", ["plain", "email"])
def test_groups_are_joined_under_the_name_that_cognito_knows(step: Step, kind: str) -> None:
    """In a pool that signs in by email, that is a UUID: unlike the address, it can't change."""
    step.pool.kind = kind

    people = step.make({"a": ("admins", "editors"), "b": ("viewers",)})

    user = people["a"].credentials
    joined = [call.parameters for call in step.pool.all("join")]
    assert [each for each in joined if each["GroupName"] != "viewers"] == [
        {"UserPoolId": POOL_ID, "Username": user.internal_name, "GroupName": group} for group in ("admins", "editors")
    ]
    assert user.internal_name == (user.sub if kind == "email" else user.username)
    assert f"User {user.sub} is in group admins." in step.recorder.stage.log


def test_groups_are_joined_between_password_and_sign_in(step: Step) -> None:
    """This way, the first token has them all."""

    def sign_in(_: UserCredentials) -> SignedIn:
        step.pool.journal.append("sign in")
        return TOKENS

    step.sign_in = sign_in
    step.make({"": ("x", "y")})

    assert step.pool.operations == ["create", "set_password", "join", "join"]
    assert step.pool.journal[-1] == "sign in"


def test_all_missing_groups_of_a_step_are_named_once(step: Step) -> None:
    """Two users miss theirs at the same time; the first of them asks about the others' groups for both."""
    failures: dict[tuple[str, str], list[Exception | None]] = {("join", key): [NO_GROUP] * 5 for key in ("b", "c")}
    step.pool = Crowd(step.recorder, failures=failures, latency=0.1)

    error = step.failing({"a": (), "b": ("one",), "c": ("two",)})

    assert error.what.startswith("User b: The user pool has no groups one, two. ")
    assert sum("has no groups one, two. " in line for line in step.recorder.stage.log) == 2
    assert len(step.pool.all("join")) == 3


# One fails


@pytest.mark.parametrize(("failure", "left"), [(NOT_ALLOWED, []), (REFUSED, ["user-1"])])
def test_first_that_is_not_created_leaves_the_others_unrequested(
    step: Step, failure: Exception, left: list[str]
) -> None:
    """They are removed from the state, since Cognito was never asked for them."""
    step.pool = Crowd(step.recorder, failures={("create", "a"): [failure]})

    error = step.failing({"a": ("x",), "b": (), "c": ()})

    assert error.what.startswith("User a: ")
    assert {line.split()[0] for line in step.pool.journal} == {"a"}
    assert list(step.entries) == left
    assert step.pool.left_by_post(step.recorder.stage.state) == []


@pytest.mark.parametrize(("operation", "failure"), [("set_password", REFUSED), ("join", NO_GROUP), ("join", DENIED)])
def test_failure_of_the_first_ends_the_step(step: Step, operation: str, failure: Exception) -> None:
    """Whatever it met after its creation; the others who were requested by then are left to post."""
    step.pool = Crowd(step.recorder, failures={(operation, "a"): [failure]}, latency=0.1)

    error = step.failing({key: ("x",) if key == "a" else () for key in "abcdefghijklmnopqrstuvwxyz"})

    assert error.what.startswith("User a: ")
    assert len(step.pool.users) < 26
    assert step.pool.left_by_post(step.recorder.stage.state) == []


@pytest.mark.parametrize("operation", ["create", "set_password", "join"])
def test_failure_of_another_names_its_key(step: Step, operation: str) -> None:
    """The key comes before what happened, in the annotation and in the log; the advice is the same."""
    step.pool = Crowd(step.recorder, failures={(operation, "b"): [REFUSED]})

    error = step.failing({"a": ("x",), "b": ("x",), "c": ("x",)})

    assert error.what.startswith("User b: Admin")
    assert error.what.endswith(" failed with UserLambdaValidationException: PreSignUp failed with error no.")
    assert "PreSignUp_AdminCreateUser" in error.fix
    assert f"Failed: {error.what}" in step.recorder.stage.log
    assert step.pool.left_by_post(step.recorder.stage.state) == []


def test_others_who_were_never_offered_are_withdrawn(step: Step) -> None:
    """Users in progress are finished and left to post; users who were never requested are not in the state."""
    step.pool = Crowd(step.recorder, failures={("create", "key 3"): [NOT_ALLOWED]}, latency=0.3)

    step.failing(crowd(50))

    created = list(step.pool.users.values())
    assert MAX_CONCURRENT_CALLS - 1 <= len(created) < 45
    assert len(step.entries) == len(created)
    assert set(step.entries.values()) == set(step.pool.users)
    assert {key for key, value in step.recorder.stage.state.items() if not value} >= {"user-3", "user-49", "user-50"}
    finished = {line.split(" set")[0] for line in step.pool.journal if line.endswith("set_password done")}
    assert finished == set(created)


def test_several_failures_are_all_in_the_log(step: Step) -> None:
    """The annotation shows the first one; the others are not lost."""
    together = Barrier(3)

    def sign_in(user: UserCredentials) -> SignedIn:
        key = step.pool.users[user.internal_name]
        if key != "a":
            together.wait(30)
            raise ActionError(f"What {key} met.", "Why.", "Fix.")
        return TOKENS

    step.sign_in = sign_in
    error = step.failing({"a": (), "b": (), "c": (), "d": ()})

    assert error.what == "User b: What b met."
    assert sorted(line for line in step.recorder.stage.log if "Failed" in line) == [
        f"Failed: User {key}: What {key} met." for key in "bcd"
    ]


def test_single_user_needs_no_key(step: Step) -> None:
    """Without `users`, there is no key to show."""
    step.pool = Crowd(step.recorder, failures={("create", ""): [REFUSED]})

    assert step.failing({"": ()}).what.startswith("AdminCreateUser failed with ")
    assert not [line for line in step.recorder.stage.log if "Failed" in line]


def test_failure_keeps_its_cause(step: Step) -> None:
    """The debug log shows where it came from."""
    step.pool = Crowd(step.recorder, failures={("create", "a"): [REFUSED]})

    error = step.failing({"a": ()})

    assert isinstance(error.__cause__, ActionError)
    assert error.__cause__.what == error.what.removeprefix("User a: ")


def test_lost_answer_of_another_is_left_to_post(step: Step) -> None:
    """A second user takes its place; both are in the state."""
    step.pool = Crowd(step.recorder, failures={("create", "b"): [LOST]})

    people = step.make({"a": (), "b": (), "c": ()})

    assert sorted(step.pool.users.values()) == ["a", "b", "b", "c"]
    assert people["b"].credentials.entry_id == "user-4"
    assert set(step.entries.values()) == set(step.pool.users)
    assert step.pool.left_by_post(step.recorder.stage.state) == []


def test_answer_that_never_comes_is_left_to_post(step: Step) -> None:
    """The name stays, since the user may exist."""
    step.pool = Crowd(step.recorder, failures={("create", "b"): [refusal("InternalErrorException", "", 500)] * 30})

    assert step.failing({"a": (), "b": (), "c": ()}).what.startswith("User b: AdminCreateUser failed with Internal")
    assert "user-2" in step.entries


def test_bug_in_the_action_withdraws_the_others_too(step: Step) -> None:
    """Whatever is raised, the state is correct."""

    def sign_in(_: UserCredentials) -> SignedIn:
        raise ZeroDivisionError

    step.sign_in = sign_in
    step.pool.latency = 0.1
    error = step.failing(crowd(40))

    assert error.what.startswith("User key 1: Unexpected ZeroDivisionError in sign_in ")
    assert len(step.entries) < 40
    assert step.pool.left_by_post(step.recorder.stage.state) == []


def test_bug_in_the_action_needs_no_key_if_there_is_one_user(step: Step) -> None:
    """The code that runs the step reports it as it is."""

    def sign_in(_: UserCredentials) -> SignedIn:
        raise ZeroDivisionError

    step.sign_in = sign_in
    with pytest.raises(ZeroDivisionError):
        step.make({"": ()})

    assert list(step.entries) == ["user-1"]


def test_state_that_cannot_be_written_hides_no_failure(step: Step) -> None:
    """The first failure is reported; post looks for users who could not be withdrawn and does not find them."""

    def sign_in(user: UserCredentials) -> SignedIn:
        if user.entry_id == "user-1":
            path = step.recorder.paths["GITHUB_STATE"]
            path.with_suffix(".new").symlink_to(path / "in/no/folder")
            path.with_suffix(".new").replace(path)
        raise ActionError("What.", "Why.", "Fix.")

    step.sign_in = sign_in

    assert step.failing(crowd(3)).what == "User key 1: What."


def test_log_shows_which_user_has_which_key(step: Step) -> None:
    """By the `sub`, once the user is ready; a single user has no key to show."""
    people = step.make(crowd(3))

    for key, person in people.items():
        assert f"User {person.credentials.sub} is {key} in the input users." in step.recorder.stage.log


def test_log_of_a_single_user_shows_no_key(step: Step) -> None:
    """It has none."""
    step.make({"": ()})

    assert len(step.recorder.stage.log) == 2


@pytest.mark.parametrize("key", ["::error::x", "##[error]x", "%0A::error::x", "a: b", "-n", "`x`", "$(x)"])
def test_key_never_becomes_a_command(step: Step, key: str) -> None:
    """A key is text that someone typed."""
    step.pool = Crowd(step.recorder, failures={("create", key): [REFUSED]})

    error = step.failing({"first": (), key: ()})
    step.recorder.runner.error(error.annotation, "title")

    assert error.what.startswith(f"User {key}: AdminCreateUser failed with ")
    assert set(step.recorder.stage.executed) == {"add-mask", "error"}
    assert len(step.recorder.stage.annotations) == 1


# Users whom nobody creates


PLACES = [
    {"form": None, "a": (), "b": ()},
    {"a": (), "form": None, "b": ()},
    {"a": (), "b": (), "form": None},
    {"form": None, "a": (), "other form": None, "b": ()},
]


@pytest.mark.parametrize("users", PLACES, ids=", ".join)
@pytest.mark.parametrize("inputs", [{}, BY_SIGN_UP], ids=["created", "signed up"])
def test_user_whom_nobody_creates_keeps_its_place(step: Step, users: Users, inputs: Mapping[str, str]) -> None:
    """The order is that of the input; the others are created, whichever place is theirs."""
    step.inputs = inputs

    people = step.make(users)

    assert list(people) == list(users)
    assert sorted(step.pool.users.values()) == ["a", "b"]
    for key, person in people.items():
        assert bool(person.credentials.sub) is (users[key] is not None)
        assert len(person.credentials.password) == 32
    assert len({person.credentials.username for person in people.values()}) == len(users)


def test_user_whom_nobody_creates_has_no_sub_and_no_tokens(step: Step) -> None:
    """Its outputs are what a form asks for: the plain name, the address and the password."""
    step.sign_in, step.save_browser_state = lambda _: TOKENS, lambda *_: "/temp/a"

    people = step.make({"form": None, "a": ()})

    user = people["form"].credentials
    assert people["form"].outputs == {
        "username": user.username,
        "password": user.password,
        "email": f"success+{user.username}@simulator.amazonses.com",
    }
    assert "@" not in user.username
    assert people["form"].signed_in is None
    assert {"sub", "id-token", "storage-state"} <= set(people["a"].outputs)


def test_aws_credentials_are_for_those_who_are_signed_in(step: Step) -> None:
    """Each ID token is traded, what the identity pool calls the user is saved, and who has no token gets none."""

    def get(token: str, save: Callable[[str], None]) -> AwsCredentials:
        save(f"identity of {token}")
        return AwsCredentials(f"identity of {token}", "key", "secret", "session")

    step.sign_in, step.get_aws_credentials = lambda _: TOKENS, get

    people = step.make({"form": None, "a": ()})

    user = people["a"].credentials
    assert {"aws-access-key-id", "aws-secret-access-key"} <= set(people["a"].outputs)
    assert json.loads(step.recorder.stage.state[user.entry_id])["identity_id"] == "identity of id"
    assert "Got AWS credentials of identity identity of id." in step.recorder.stage.log
    assert people["form"].aws_credentials is None


@pytest.mark.parametrize("users", PLACES, ids=", ".join)
def test_nobody_is_asked_for_before_everyone_is_in_the_state(step: Step, users: Users) -> None:
    """Those whom nobody creates too: the job can end at any moment after the first call."""
    people = step.make(users)

    first = step.pool.calls[0]
    entries = {key: json.loads(text) for key, text in first.state.items() if key != "users"}
    assert len(entries) == len(users)
    assert {entry_id for entry_id, entry in entries.items() if entry["expected"]} == {
        people[key].credentials.entry_id for key, groups in users.items() if groups is None
    }
    for key, groups in users.items():
        user = people[key].credentials
        assert groups is not None or entries[user.entry_id]["name"] == user.email


def test_first_who_is_created_teaches_the_kind_of_the_pool(step: Step) -> None:
    """Nothing can be learned from one whom nobody creates."""
    step.pool.kind = "email alias"

    people = step.make({"form": None, "a": (), "b": ()})

    assert ["@" in call.parameters["Username"] for call in step.pool.all("create")] == [True, False, False]
    assert next(line for line in step.pool.journal if line.startswith("b")) == "b create"
    assert step.pool.journal.index("a create done") < step.pool.journal.index("b create")
    assert "@" not in people["form"].credentials.username
    assert "@" in people["form"].credentials.email


@pytest.mark.parametrize("inputs", [{}, BY_SIGN_UP], ids=["created", "signed up"])
def test_length_of_the_password_is_learned_from_those_who_are_created(step: Step, inputs: Mapping[str, str]) -> None:
    """The form would refuse a shorter one."""
    step.inputs = inputs
    too_short = refusal("InvalidPasswordException", "Password not long enough")
    step.pool = Crowd(step.recorder, failures={("create", "a"): [too_short]})

    people = step.make({"form": None, "a": (), "b": ()})

    assert {len(person.credentials.password) for person in people.values()} == {99}


def test_nothing_is_asked_if_nobody_is_created(step: Step) -> None:
    """There is nothing to learn from; all that is made is in the state and masked."""
    step.inputs = {"password_length": "40"}

    people = step.make({"form": None, "other form": None})

    users = [person.credentials for person in people.values()]
    assert step.pool.calls == []
    assert [len(user.password) for user in users] == [40, 40]
    assert list(step.entries.values()) == [user.email for user in users]
    assert step.recorder.stage.masks.secrets == {
        text for user in users for text in (user.username, user.password, user.email)
    }


def test_log_says_who_is_not_created(step: Step) -> None:
    """By the front of the name, which is all that may be seen."""
    step.make({"a": (), "form": None})

    assert f"User {RUN.prefix}… is form in the input users, and is not created." in step.recorder.stage.log


@pytest.mark.parametrize("users", PLACES, ids=", ".join)
@pytest.mark.parametrize(
    ("operation", "key", "failure"),
    [("create", "a", NOT_ALLOWED), ("create", "a", REFUSED), ("set_password", "a", REFUSED), ("create", "b", REFUSED)],
    ids=["not allowed", "refused", "no password", "second"],
)
def test_user_whom_nobody_creates_is_withdrawn_if_the_step_fails(
    step: Step, users: Users, operation: str, key: str, failure: Exception
) -> None:
    """No test gets its name, so nobody can come to be by it; no password is made for it."""
    step.pool = Crowd(step.recorder, failures={(operation, key): [failure]})

    error = step.failing(users)

    assert error.what.startswith(f"User {key}: ")
    entries = [json.loads(text) for name, text in step.recorder.stage.state.items() if text and name != "users"]
    assert not [entry for entry in entries if entry["expected"]]
    assert not [line for line in step.recorder.stage.log if "is not created" in line]
    assert step.pool.left_by_post(step.recorder.stage.state) == []


def test_bug_in_the_action_withdraws_users_whom_nobody_creates(step: Step) -> None:
    """Whatever is raised, the state is correct."""

    def sign_in(_: UserCredentials) -> SignedIn:
        raise KeyboardInterrupt

    step.sign_in = sign_in
    with pytest.raises(KeyboardInterrupt):
        step.make({"form": None, "": ()})

    assert list(step.entries) == ["user-1"]


# Sign-ups


def test_users_who_sign_up_go_through_their_own_calls(step: Step) -> None:
    """The first alone until it is confirmed, which shows that the app client is the pool's."""
    step.inputs = BY_SIGN_UP
    step.pool.latency = 0.01

    people = step.make({"a": ("x",), "b": (), "c": ()})

    journal = step.pool.journal
    assert journal[:6] == [f"a {call}{done}" for call in ("create", "confirm", "update") for done in ("", " done")]
    assert [line for line in journal if line.startswith("a")][6:] == ["a join", "a join done"]
    for key, person in people.items():
        assert person.credentials.sub == sub_of(person.credentials.username)
        entry = json.loads(step.recorder.stage.state[person.credentials.entry_id])
        assert (entry["username"], entry["sub"]) == ("", person.credentials.sub), key


def test_nobody_follows_a_first_user_who_is_not_in_the_pool(step: Step) -> None:
    """That one stays in the state; the others were never asked for."""
    step.inputs = BY_SIGN_UP
    absent = refusal("UserNotFoundException", "User does not exist.")
    step.pool = Crowd(step.recorder, failures={("confirm", "a"): [absent]})

    error = step.failing({"a": (), "form": None, "b": ()})

    assert f"signed up by the app client: {CLIENT_ID}\nnot in: {POOL_ID}" in error.details
    assert {line.split()[0] for line in step.pool.journal} == {"a"}
    assert list(step.entries) == ["user-1"]


def tokens_with(claims: str) -> SignedIn:
    """The tokens of a sign-in whose ID token has these claims."""
    return SignedIn(Tokens("access", f"e30.{base64.urlsafe_b64encode(claims.encode()).decode()}.", "refresh"), None)


@pytest.mark.parametrize("kind", ["plain", "email", "email alias"])
def test_sub_of_a_user_who_got_no_message_is_that_of_the_id_token(step: Step, kind: str) -> None:
    """Cognito did not say it when it created the user; the outputs, the log and the state have it afterwards."""
    step.inputs = BY_SIGN_UP
    step.pool = Crowd(step.recorder, kind, {("create", "b"): [MESSAGE_LIMIT]})
    step.sign_in = lambda user: tokens_with(json.dumps({"sub": sub_of(user.username)}))

    people = step.make({"a": (), "b": ("x",)})

    user = people["b"].credentials
    entry = json.loads(step.recorder.stage.state[user.entry_id])
    assert people["b"].outputs["sub"] == user.sub == sub_of(user.username)
    assert (entry["username"], entry["sub"]) == (user.username if kind == "email alias" else "", user.sub)
    assert f"User {user.sub} is b in the input users." in step.recorder.stage.log
    assert step.pool.left_by_post(step.recorder.stage.state) == []


@pytest.mark.parametrize("claims", ["{}", "[]", '{"sub": ""}', '{"sub": "admin"}', "no JSON"])
def test_id_token_without_an_id_changes_nothing_in_the_state(step: Step, claims: str) -> None:
    """Post deletes the user by the name that was offered, and no one else."""
    step.inputs = BY_SIGN_UP
    step.pool = Crowd(step.recorder, failures={("create", ""): [MESSAGE_LIMIT]})
    step.sign_in = lambda _: tokens_with(claims)

    [person] = step.make({"": ()}).values()

    entry = json.loads(step.recorder.stage.state["user-1"])
    assert (entry["name"], entry["username"], entry["sub"]) == (person.credentials.username, "", "")
    assert step.pool.left_by_post(step.recorder.stage.state) == []


def test_sub_that_cognito_has_said_is_not_taken_from_the_id_token(step: Step) -> None:
    """The token is read without a look at its signature."""
    step.inputs = BY_SIGN_UP
    step.sign_in = lambda _: tokens_with(json.dumps({"sub": sub_of("someone else")}))

    [person] = step.make({"": ()}).values()

    assert person.credentials.sub == sub_of(person.credentials.username)
    assert sub_of("someone else") not in step.recorder.stage.files["GITHUB_STATE"]


# No orphan


FAILURE = st.sampled_from([None, LOST, LOST, REFUSED, refusal("TooManyRequestsException"), EXISTS, MESSAGE_LIMIT])
PLACE = st.tuples(
    st.sampled_from(["create", "set_password", "confirm", "update", "join"]), st.integers(1, 6).map("key {}".format)
)


@settings(max_examples=150)
@given(
    kind=st.sampled_from(["plain", "email", "email alias"]),
    count=st.sampled_from([1, 2, 6, 20]),
    failures=st.dictionaries(PLACE, st.lists(FAILURE, max_size=4), max_size=4),
    expected=st.sets(st.integers(1, 6).map("key {}".format), max_size=3),
    inputs=st.sampled_from([{}, BY_SIGN_UP]),
)
def test_state_names_everyone_who_was_created(
    kind: str,
    count: int,
    failures: dict[tuple[str, str], list[Exception | None]],
    expected: set[str],
    inputs: Mapping[str, str],
) -> None:
    """Whatever happens to any of them, post finds them all, and the runner's files are intact."""
    users: Users = {key: None if key in expected else ("group",) for key in crowd(count)}
    with tempfile.TemporaryDirectory() as folder:
        recorder = Recorder(Path(folder))
        step = Step(recorder, FakeTime(), Crowd(recorder, kind, failures), inputs)
        try:
            people = step.make(users)
        except ActionError as error:
            people, what = {}, error.what
        state = recorder.stage.state

    assert list(people) == list(users) or what.startswith("User key ")
    assert step.pool.left_by_post(state) == []
    for call in step.pool.all("create"):
        assert call.parameters["Username"] in names(call.state).values()
