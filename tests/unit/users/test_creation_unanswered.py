"""What the state says of creating calls that had no answer: before each attempt, and after the last."""

import json
import math
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cognito_action.errors import FOREIGN_ANSWER, TLS, ActionError, CallError
from cognito_action.github.runner import Runner, RunnerFileError
from cognito_action.inputs.main import MainInputs
from cognito_action.naming import Run
from cognito_action.users.creation import Creation
from cognito_action.users.records import Entry
from cognito_action.users.refusals import NOTHING_CREATED
from cognito_action.users.state import State
from tests.support.creation_methods import creation_method
from tests.support.examples import PHONE, POOL_ID, RUN_ENVIRON, SUB
from tests.support.fake_time import FakeTime
from tests.support.inputs import input_variables
from tests.support.recorder import Recorder
from tests.support.scripted_aws import Call
from tests.support.scripted_cognito import CLIENT_ID, EXISTS, NOT_AN_ADDRESS, ScriptedCognito, lost_answer, refusal

RUN = Run.from_environ(RUN_ENVIRON)

STARTED = 1_800_000_000.25
"""When a step starts, in seconds since 1970."""

OK = None
"""An attempt that succeeds."""

WAYS = pytest.mark.parametrize("way", [{}, {"sign_up": "true", "client_id": CLIENT_ID}], ids=["created", "signed up"])
"""The inputs by which users are created, or sign up."""

DENIED = refusal("AccessDeniedException")
LAMBDA = refusal("UnexpectedLambdaException")
THROTTLED = refusal("TooManyRequestsException")
BROKEN = refusal("InternalErrorException", "", 500)
GATEWAY = refusal("GatewayTimeoutException", "", 504)
ALIAS_EXISTS = refusal("AliasExistsException")
TOO_WEAK = refusal("InvalidPasswordException")
A_NUMBER = refusal("InvalidParameterException", "Username should be a phone number.")


class Attempts(ScriptedCognito):
    """A pool that answers creating calls from a script; a `Creation` asks it, on a clock of its own."""

    def __init__(self, recorder: Recorder, time: FakeTime, *script: Exception | None, **inputs: str) -> None:
        super().__init__(recorder)
        self.recorder = recorder
        self.time = time
        self.script = list(script)
        self.sent: list[tuple[str, float]] = []
        """The username of each attempt, and when it was made."""
        read = MainInputs.from_environ(input_variables(user_pool_id=POOL_ID, **inputs), recorder.runner.warning)
        self.signs_up = read.sign_up
        state, random = State(recorder.runner), Random(7)
        method = creation_method(read, self, time.retry(), recorder.runner, random)
        self.creation = Creation(method, read, read.attributes, RUN, state, recorder.runner, random, self.clock)

    def clock(self) -> float:
        return STARTED + self.time.clock()

    def admin_create_user(self, **parameters: Any) -> Any:
        return self._answer(parameters, super().admin_create_user)

    def sign_up(self, **parameters: Any) -> Any:
        return self._answer(parameters, super().sign_up)

    def _answer(self, parameters: Mapping[str, Any], answer_to: Callable[..., Any]) -> Any:
        self.sent.append((parameters["Username"], self.clock()))
        answer = answer_to(**parameters)
        self.time.now += 0.5
        outcome = self.script.pop(0) if self.script else OK
        if outcome:
            raise outcome
        return answer

    def run(self) -> None:
        """Create the user, or fail as main does."""
        with suppress(ActionError):
            self.creation.run()

    @property
    def returned_name(self) -> str:
        """The username in the state once Cognito has answered: a sign-up returns none, which an address need not be."""
        username = self.creation.offer.username
        return "" if self.signs_up and "@" in username else username

    @property
    def attempts(self) -> list[Call]:
        return [*self.all("create"), *self.all("sign_up")]

    @property
    def saved(self) -> dict[str, Entry | None]:
        """The entries of the state; None is one that was taken back."""
        return saved(self.recorder.stage.state)


def saved(state: Mapping[str, str]) -> dict[str, Entry | None]:
    return {key: Entry.parse(text) for key, text in state.items() if key.startswith("user-")}


def unanswered(state: Mapping[str, str]) -> list[int]:
    """The number of unanswered calls in each entry that is there."""
    return [entry.unanswered for entry in saved(state).values() if entry]


# Before each attempt


@WAYS
def test_call_is_in_the_state_before_it_is_made(recorder: Recorder, time: FakeTime, way: dict[str, str]) -> None:
    """Main can be killed at any moment from then on: post has to know that a call was made, and when."""
    pool = Attempts(recorder, time, **way)

    assert pool.saved == {"user-1": Entry(name=pool.creation.offer.email)}
    pool.run()

    assert saved(pool.attempts[0].state) == {
        "user-1": Entry(name=pool.creation.offer.email, unanswered=1, last_unanswered=1_800_000_001)
    }


@WAYS
@pytest.mark.parametrize(
    ("script", "during", "after"),
    [
        ([OK], [1], 0),
        ([THROTTLED, OK], [1, 1], 0),
        ([BROKEN, OK], [1, 1], 0),
        ([GATEWAY, OK], [1, 2], 1),
        ([lost_answer(), OK], [1, 2], 1),
        ([lost_answer(), lost_answer(), OK], [1, 2, 3], 2),
        ([THROTTLED, lost_answer(), BROKEN, OK], [1, 1, 2, 2], 1),
        ([lost_answer(), BROKEN, GATEWAY, OK], [1, 2, 2, 3], 2),
        ([lost_answer(), TOO_WEAK, OK], [1, 2, 2], 1),
        ([TOO_WEAK, lost_answer(), OK], [1, 1, 2], 1),
    ],
    ids=str,
)
def test_answered_user_has_the_calls_that_were_not(
    recorder: Recorder,
    time: FakeTime,
    way: dict[str, str],
    script: list[Exception | None],
    during: list[int],
    after: int,
) -> None:
    """Each attempt counts as unanswered until its answer comes; the others stay as they were."""
    time.share = 0.1
    pool = Attempts(recorder, time, *script, **way)

    pool.run()

    assert [unanswered(call.state) for call in pool.attempts] == [[number] for number in during]
    [entry] = pool.saved.values()
    assert entry
    assert (entry.unanswered, entry.username, entry.sub, entry.taken) == (after, pool.returned_name, SUB, False)


def test_time_is_that_of_the_last_call_without_an_answer(recorder: Recorder, time: FakeTime) -> None:
    """It is rounded up, and a later call that was answered does not change it."""
    time.now = 0.1
    pool = Attempts(recorder, time, lost_answer(), lost_answer(), BROKEN, BROKEN, OK)

    pool.run()

    times = [moment for _, moment in pool.sent]
    during = [entry.last_unanswered for call in pool.attempts for entry in saved(call.state).values() if entry]
    assert during == list(map(math.ceil, times))
    assert len(set(during)) > 3
    [entry] = pool.saved.values()
    assert entry
    assert entry.last_unanswered == math.ceil(times[1])


def test_call_that_was_answered_leaves_no_time(recorder: Recorder, time: FakeTime) -> None:
    """Post has nothing to wait for."""
    pool = Attempts(recorder, time)

    pool.run()

    [entry] = pool.saved.values()
    assert entry
    assert (entry.unanswered, entry.last_unanswered) == (0, 0)


# After the last attempt


@WAYS
@pytest.mark.parametrize(
    "script",
    [
        [DENIED],
        [EXISTS],
        [THROTTLED, DENIED],
        [THROTTLED, THROTTLED, EXISTS],
        [THROTTLED] * 9,
        [NOT_AN_ADDRESS, DENIED],
        [TOO_WEAK, DENIED],
        [lost_answer(), NOT_AN_ADDRESS, DENIED],
        [CallError("AdminCreateUser", TLS, "the certificate could not be verified")],
        [CallError("AdminCreateUser", "NetworkError", "connection refused", retryable=True)] * 20,
        [refusal("InvalidParameterException", "Attributes did not conform to the schema: x")],
    ],
    ids=str,
)
def test_refusal_that_is_a_proof_leaves_no_entry(
    recorder: Recorder, time: FakeTime, way: dict[str, str], script: list[Exception | None]
) -> None:
    """Every attempt under this name was refused: there is no user."""
    pool = Attempts(recorder, time, *script, **way)

    pool.run()

    assert pool.saved == {"user-1": None}


@WAYS
@pytest.mark.parametrize("code", sorted(set(NOTHING_CREATED) - {"InvalidPasswordException"}))
@pytest.mark.parametrize("before", [lost_answer, lambda: BROKEN], ids=["lost", "broken"])
def test_no_refusal_is_a_proof_once_the_outcome_was_unknown(
    recorder: Recorder, time: FakeTime, way: dict[str, str], code: str, before: Any
) -> None:
    """A refusal of the second attempt says nothing about the first; the user stays in the state."""
    pool = Attempts(recorder, time, before(), CallError("AdminCreateUser", code, "no"), **way)

    pool.run()

    entry = pool.saved["user-1"]
    assert entry
    assert entry.name == pool.sent[0][0]


@WAYS
@pytest.mark.parametrize(
    ("script", "after"),
    [
        ([LAMBDA], 0),
        ([refusal("InvalidParameterException", "Invalid phone number format.")], 0),
        ([refusal("SomethingNewException")], 0),
        ([ALIAS_EXISTS], 0),
        ([BROKEN] * 20, 0),
        ([BROKEN, DENIED], 0),
        ([THROTTLED, LAMBDA], 0),
        ([lost_answer(), LAMBDA], 2),
        ([lost_answer(), DENIED], 1),
        ([lost_answer(), BROKEN, lost_answer(), DENIED], 3),
        ([GATEWAY, DENIED], 1),
        ([CallError("AdminCreateUser", FOREIGN_ANSWER, "x", outcome_unknown=True, unanswered=True)], 1),
        ([lost_answer(), TOO_WEAK, DENIED], 1),
        ([lost_answer(), *[THROTTLED] * 9], 1),
    ],
    ids=str,
)
def test_user_who_may_exist_stays_with_what_is_under_way(
    recorder: Recorder, time: FakeTime, way: dict[str, str], script: list[Exception | None], after: int
) -> None:
    """A refusal is an answer, so post need not wait for the call that met it; the lost calls are still counted.

    If there are any, so is a refused call that may have created the user whom post finds first.
    """
    time.share = 0.1
    pool = Attempts(recorder, time, *script, **way)

    pool.run()

    [entry] = pool.saved.values()
    lost = [moment for (_, moment), outcome in zip(pool.sent, script, strict=False) if is_unanswered(outcome)]
    last = math.ceil(lost[-1]) if lost else 0
    assert entry == Entry(name=pool.creation.offer.email, unanswered=after, last_unanswered=last)


def is_unanswered(outcome: Exception | None) -> bool:
    return outcome is GATEWAY or (isinstance(outcome, CallError) and outcome.unanswered)


@WAYS
def test_calls_without_an_answer_until_the_deadline_are_all_counted(
    recorder: Recorder, time: FakeTime, way: dict[str, str]
) -> None:
    """Each of them can still create the user once post has deleted the one of another."""
    pool = Attempts(recorder, time, *[lost_answer() for _ in range(30)], **way)

    pool.run()

    assert len(pool.sent) > 3
    assert [unanswered(call.state) for call in pool.attempts] == [[number + 1] for number in range(len(pool.sent))]
    assert pool.saved == {
        "user-1": Entry(
            name=pool.creation.offer.email,
            unanswered=len(pool.sent),
            last_unanswered=math.ceil(pool.sent[-1][1]),
        )
    }


def test_user_there_was_no_time_to_ask_for_leaves_no_entry(recorder: Recorder, time: FakeTime) -> None:
    """Past the deadline no call is made, so none is under way."""
    pool = Attempts(recorder, time)
    time.now = 10

    pool.run()

    assert (pool.sent, pool.saved) == ([], {"user-1": None})


# Another name


@WAYS
@pytest.mark.parametrize("before", [lost_answer, lambda: BROKEN], ids=["lost", "broken"])
def test_own_user_is_recognized_after_another_refusal(
    recorder: Recorder, time: FakeTime, way: dict[str, str], before: Any
) -> None:
    """The first call may have created the user, whatever comes between it and the refusal of its name."""
    time.share = 0.1
    pool = Attempts(recorder, time, before(), TOO_WEAK, EXISTS, OK, **way)

    pool.run()

    first, second = pool.saved.values()
    assert first
    assert second
    assert first.name == pool.sent[0][0]
    assert (second.name, second.sub) == (pool.sent[-1][0], SUB)


@WAYS
def test_other_type_of_username_starts_without_calls(recorder: Recorder, time: FakeTime, way: dict[str, str]) -> None:
    """The lost call offered a username that this pool never takes: it can't create the user under the new one."""
    pool = Attempts(recorder, time, lost_answer(), NOT_AN_ADDRESS, OK, **way)

    pool.run()

    assert [unanswered(call.state) for call in pool.attempts] == [[1], [2], [1]]
    [entry] = pool.saved.values()
    name = pool.creation.offer.name
    assert entry == Entry(name=name, username=name, sub=SUB)


@WAYS
def test_user_who_takes_the_place_of_a_lost_one_starts_without_calls(
    recorder: Recorder, time: FakeTime, way: dict[str, str]
) -> None:
    """The lost one keeps its own count; `UsernameExistsException` is an answer."""
    time.share = 0.1
    pool = Attempts(recorder, time, lost_answer(), lost_answer(), EXISTS, lost_answer(), OK, **way)

    pool.run()

    assert [unanswered(call.state) for call in pool.attempts] == [[1], [2], [3], [2, 1], [2, 2]]
    first, second = pool.saved.values()
    assert first == Entry(name=pool.sent[0][0], unanswered=2, last_unanswered=math.ceil(pool.sent[1][1]))
    assert second == Entry(
        name=pool.sent[-1][0],
        username=pool.returned_name,
        sub=SUB,
        unanswered=1,
        last_unanswered=math.ceil(pool.sent[3][1]),
    )


@WAYS
@pytest.mark.parametrize(
    ("refused", "second"), [(EXISTS, False), (ALIAS_EXISTS, True), (DENIED, False), (LAMBDA, True)], ids=str
)
def test_lost_user_is_in_the_way_of_the_next(
    recorder: Recorder, time: FakeTime, way: dict[str, str], refused: Exception, *, second: bool
) -> None:
    """The lost one stays in the state whatever becomes of the other, and the error says who is in the way."""
    pool = Attempts(recorder, time, lost_answer(), EXISTS, refused, **way)

    with pytest.raises(ActionError) as caught:
        pool.creation.run()

    in_the_way = "the user that it created has this name" in caught.value.why
    assert in_the_way is (refused in (EXISTS, ALIAS_EXISTS))
    assert pool.saved["user-1"] == Entry(name=pool.sent[0][0], unanswered=1, last_unanswered=math.ceil(pool.sent[0][1]))
    assert pool.saved["user-2"] == (Entry(name=pool.sent[-1][0]) if second else None)


# Phone numbers


@WAYS
@pytest.mark.parametrize(
    ("script", "after"),
    [
        ([EXISTS], None),
        ([THROTTLED, EXISTS], None),
        ([lost_answer(), EXISTS], (1, True)),
        ([lost_answer(), lost_answer(), EXISTS], (2, True)),
        ([BROKEN, EXISTS], (0, True)),
        ([lost_answer(), ALIAS_EXISTS], (2, False)),
        ([lost_answer(), DENIED], (1, False)),
        ([LAMBDA], (0, False)),
        ([lost_answer(), OK], (1, False)),
        ([OK], (0, False)),
    ],
    ids=str,
)
def test_number_is_taken_only_after_a_call_that_may_have_taken_it(
    recorder: Recorder,
    time: FakeTime,
    way: dict[str, str],
    script: Sequence[Exception | None],
    after: tuple[int, bool] | None,
) -> None:
    """Without such a call it is someone else's, and there is no entry."""
    time.share = 0.1
    pool = Attempts(recorder, time, A_NUMBER, *script, phone_number=PHONE, **way)

    pool.run()

    assert len(pool.sent) == 1 + len(script)
    [entry] = pool.saved.values()
    assert (entry and (entry.unanswered, entry.taken)) == after
    assert not entry or entry.phone_number == PHONE


# A state that can't be written


class FullDisk(Runner):
    """A runner whose state has room for so many writes."""

    def __init__(self, environ: Mapping[str, str], stdout: BytesIO) -> None:
        super().__init__(environ, stdout)
        self.room = 10**6

    def state(self, **values: str) -> None:
        if not self.room:
            raise RunnerFileError("GITHUB_STATE", "No space left on device")
        self.room -= 1
        super().state(**values)


@pytest.fixture
def disk(recorder: Recorder) -> FullDisk:
    disk = FullDisk({name: str(path) for name, path in recorder.paths.items()}, recorder.stdout)
    recorder.runner = disk
    return disk


def test_call_that_can_not_be_saved_is_not_made(recorder: Recorder, time: FakeTime, disk: FullDisk) -> None:
    """Without its entry no one would know of it; once there is room again, the user can be withdrawn."""
    pool = Attempts(recorder, time)
    disk.room = 0

    with pytest.raises(RunnerFileError):
        pool.creation.run()
    disk.room = 1
    pool.creation.withdraw()

    assert (pool.sent, pool.saved) == ([], {"user-1": None})


def test_retry_that_can_not_be_saved_is_not_made(recorder: Recorder, time: FakeTime, disk: FullDisk) -> None:
    """The state still has the first attempt."""
    pool = Attempts(recorder, time, lost_answer())
    disk.room = 1

    with pytest.raises(RunnerFileError):
        pool.creation.run()
    disk.room = 1
    pool.creation.withdraw()

    assert len(pool.sent) == 1
    assert pool.saved == {
        "user-1": Entry(name=pool.sent[0][0], unanswered=1, last_unanswered=math.ceil(pool.sent[0][1]))
    }


@pytest.mark.parametrize("failure", [DENIED, LAMBDA, lost_answer()], ids=str)
def test_failure_is_reported_though_it_can_not_be_saved(
    recorder: Recorder, time: FakeTime, disk: FullDisk, failure: Exception
) -> None:
    """What failed is what a reader needs; post looks for the user a little longer than it would have to."""
    pool = Attempts(recorder, time, failure)
    disk.room = 1
    time.now = 9.8  # no time for another attempt

    with pytest.raises(ActionError, match="AdminCreateUser failed with "):
        pool.creation.run()

    assert pool.saved == {
        "user-1": Entry(name=pool.sent[0][0], unanswered=1, last_unanswered=math.ceil(pool.sent[0][1]))
    }


def test_answer_that_can_not_be_saved_ends_main(recorder: Recorder, time: FakeTime, disk: FullDisk) -> None:
    """Post finds the user by the name that was offered."""
    pool = Attempts(recorder, time)
    disk.room = 1

    with pytest.raises(RunnerFileError):
        pool.creation.run()

    [entry] = pool.saved.values()
    assert entry
    assert (entry.deletion_names, entry.unanswered) == ((pool.sent[0][0],), 1)


# Any mix

OUTCOMES = st.sampled_from(
    [OK, "lost", "lost", BROKEN, GATEWAY, THROTTLED, DENIED, LAMBDA, EXISTS, ALIAS_EXISTS, TOO_WEAK, NOT_AN_ADDRESS]
)


@settings(max_examples=300)
@given(outcomes=st.lists(OUTCOMES, max_size=10), share=st.floats(0, 1), phone=st.booleans(), signs_up=st.booleans())
def test_state_counts_every_call_without_an_answer(
    outcomes: list[Any], share: float, *, phone: bool, signs_up: bool
) -> None:
    """Whatever the attempts meet: each is saved before it is made, and each that was lost is counted afterward."""
    script = [lost_answer() if outcome == "lost" else outcome for outcome in outcomes]
    if phone:
        script.insert(0, A_NUMBER)
    with tempfile.TemporaryDirectory() as folder:
        recorder = Recorder(Path(folder))
        inputs = {"phone_number": PHONE} if phone else {}
        inputs |= {"sign_up": "true", "client_id": CLIENT_ID} if signs_up else {}
        pool = Attempts(recorder, FakeTime(share=share), *script, **inputs)
        pool.run()
        left = [entry for entry in pool.saved.values() if entry]

    lost: Counter[str] = Counter()
    times: dict[str, int] = {}
    for (name, moment), call, outcome in zip(pool.sent, pool.attempts, [*script, *[OK] * 20], strict=False):
        [entry] = [each for each in saved(call.state).values() if each and name in (each.name, each.phone_number)]
        assert (entry.unanswered, entry.last_unanswered) == (lost[name] + 1, math.ceil(moment))
        if is_unanswered(outcome):
            lost[name] += 1
            times[name] = math.ceil(moment)
    for entry in left:
        name = entry.phone_number or entry.name
        assert entry.last_unanswered == times.get(name, 0)
        # A refused call that may have created the user counts with them.
        assert entry.unanswered >= lost[name]
        assert bool(entry.unanswered) is bool(lost[name])
    names = {entry.phone_number or entry.name for entry in left}
    assert not set(lost) - names - replaced_by_another_type(pool, script)


def replaced_by_another_type(pool: Attempts, script: Sequence[Exception | None]) -> set[str]:
    """The usernames that the pool refused as such, so that no call can have created a user under them."""
    refused = zip(pool.sent, script, strict=False)
    return {name for (name, _), outcome in refused if outcome in (NOT_AN_ADDRESS, A_NUMBER)}


def test_state_in_json_has_no_more_than_post_reads(recorder: Recorder, time: FakeTime) -> None:
    """An entry with an unknown field would be foreign to post, and its user would stay."""
    pool = Attempts(recorder, time, lost_answer(), OK)

    pool.run()

    assert set(json.loads(recorder.stage.state["user-1"])) == set(Entry.__dataclass_fields__)
