"""Every call of every phase, and every way in which it can fail: what can succeed on a second try does."""

import math
import time as system
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace

import pytest

from tests.support.fake_time import FakeTime
from tests.support.stories import (
    ASSUME,
    CALLS,
    CODES,
    LIMITS,
    Step,
    adopt,
    delete,
    main_alone,
    main_with_second_factor,
    post,
    post_by_phone,
    sweep,
)
from tests.support.testbed import TOKEN, Fault, Testbed, testbed
from tests.support.world import World
from tools.emulator.http import Answer
from tools.emulator.job import Stage
from tools.emulator.proxy import Call, Rule, losing_answer, losing_request, refusing


@pytest.fixture
def bed(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Testbed]:
    with testbed(world) as bed:
        monkeypatch.setenv("AWS_ENDPOINT_URL", bed.aws.url)
        yield bed


# What passes


def throttling(call: Call) -> Answer:
    """The refusal of a pace, as each of the three services has it."""
    if call.operation == TOKEN:
        return Answer(429, b"")
    return call.refuse("Throttling" if call.operation == ASSUME else "TooManyRequestsException", "Rate exceeded")


def half_an_answer(call: Call) -> Answer:
    return replace(call.forward(), broken_off=True)


PASSING: dict[str, Rule] = {
    "request lost": losing_request,
    "answer lost": losing_answer,
    "half an answer": half_an_answer,
    "500": refusing("InternalErrorException", "", 500),
    "503": refusing("ServiceUnavailable", "", 503),
    "throttling": throttling,
}


QUICK = ("answer lost", "half an answer", "throttling")
OTHERS = [name for name in PASSING if name not in QUICK]

FEW_CALLS = [
    pytest.param(*each.values, id=each.id, marks=[] if each.values[0] in (main_alone, post) else [pytest.mark.soak])
    for each in CALLS
]
"""The calls of a plain step; the others only where all is tried."""

ATTEMPT = 1.5
TOO_LONG = 2.5


def slow_answer(call: Call) -> Answer:
    answer = call.forward()
    system.sleep(TOO_LONG)
    return answer


def dripping_answer(call: Call) -> Answer:
    return replace(call.forward(), pause=TOO_LONG)


def check(bed: Testbed, step: Step, disturb: Callable[[], None]) -> Stage:
    """Let a step run disturbed, check what came of it undisturbed, and return how it went."""
    story = step(bed)
    run = next(story)
    bed.calls.clear()
    disturb()
    stage = run()
    calls = list(bed.calls)
    bed.fault = bed.shut_after = bed.time = None
    bed.aws.open()
    bed.github.open()
    with suppress(StopIteration):
        story.send(stage)
    bed.world.aws.calm()
    bed.calls[:] = calls
    return stage


@pytest.mark.parametrize("fault", [*QUICK, *(pytest.param(name, marks=pytest.mark.soak) for name in OTHERS)])
@pytest.mark.parametrize(("step", "call"), CALLS)
def test_fault_that_passes(bed: Testbed, step: Step, call: str, fault: str) -> None:
    """The call is made again, and the step succeeds without a word but in its log."""

    def disturb() -> None:
        bed.fault = Fault(call, PASSING[fault])

    stage = check(bed, step, disturb)

    assert (stage.exit_code, stage.annotations) == (0, [])
    assert bed.calls.count(call) > 1
    assert "trying again" in "\n".join(stage.log)


@pytest.mark.parametrize("rule", [slow_answer, dripping_answer])
@pytest.mark.parametrize(
    ("step", "call"), [pytest.param(*each.values, marks=pytest.mark.soak, id=each.id) for each in CALLS]
)
def test_answer_that_takes_too_long(bed: Testbed, step: Step, call: str, rule: Rule) -> None:
    """An attempt has its time for the whole of an answer; then it counts as lost."""
    bed.attempt = ATTEMPT

    def disturb() -> None:
        bed.fault = Fault(call, rule)

    stage = check(bed, step, disturb)

    assert (stage.exit_code, stage.annotations) == (0, [])
    assert bed.calls.count(call) > 1
    assert "no answer within" in "\n".join(stage.log)


@pytest.mark.parametrize(("step", "call"), FEW_CALLS)
def test_connection_that_is_refused(bed: Testbed, step: Step, call: str) -> None:
    """Nobody listens when the call is made, and somebody does when it is made again."""
    check(bed, step, lambda: None)
    undisturbed = list(bed.calls)
    before = undisturbed.index(call)

    def disturb() -> None:
        if before:
            bed.shut_after = before
        else:
            bed.shut()

    stage = check(bed, step, disturb)

    assert (stage.exit_code, stage.annotations) == (0, [])
    assert len([line for line in stage.log if "trying again" in line]) == 1
    further = Counter(bed.calls) - Counter(undisturbed)
    assert further == (Counter([TOKEN]) if call == ASSUME else Counter())


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("ExpiredTokenException", "Token expired: current date/time must be before the expiration date/time"),
        ("InvalidIdentityToken", "Couldn't retrieve verification key from your identity provider"),
        ("IDPCommunicationError", "An error occurred while calling the identity provider"),
    ],
)
@pytest.mark.parametrize("step", [main_alone, post, adopt, delete, sweep])
def test_id_token_that_is_refused_for_now(bed: Testbed, step: Step, code: str, message: str) -> None:
    """Another attempt is made with a token of its own."""

    earlier: list[str] = []

    def disturb() -> None:
        earlier.extend(bed.world.github.tokens)
        bed.fault = Fault(ASSUME, refusing(code, message))

    stage = check(bed, step, disturb)

    assert (stage.exit_code, stage.annotations) == (0, [])
    assert bed.calls[:4] == [TOKEN, ASSUME] * 2
    shown = [call["WebIdentityToken"] for call in bed.world.aws.parameters(ASSUME)]
    refused, taken = bed.world.github.tokens[len(earlier) :][:2]
    assert refused not in shown
    assert taken in shown


@pytest.mark.parametrize("step", [main_alone, adopt])
def test_password_that_the_lost_call_had_set(bed: Testbed, step: Step) -> None:
    """A history that refuses the same password again says that it is the user's password now."""

    def set_then_refused(call: Call) -> Answer | None:
        if bed.fault and bed.fault.times:
            call.forward()
            return None
        return call.refuse("PasswordHistoryPolicyViolationException", "Password has been used before")

    def disturb() -> None:
        bed.fault = Fault("AdminSetUserPassword", set_then_refused, times=2)

    stage = check(bed, step, disturb)

    assert (stage.exit_code, stage.annotations) == (0, [])
    assert bed.calls.count("AdminSetUserPassword") == 2


@pytest.mark.parametrize("call", CODES[1:])
def test_session_that_expires_in_the_middle(bed: Testbed, call: str) -> None:
    """A sign-in whose session Cognito no longer knows begins anew, once."""

    def disturb() -> None:
        message = "Invalid session for the user, session is expired."
        bed.fault = Fault(call, refusing("NotAuthorizedException", message))

    stage = check(bed, main_with_second_factor, disturb)

    assert (stage.exit_code, stage.annotations) == (0, [])
    assert bed.calls.count("AdminInitiateAuth") == 2


# What does not pass

FINAL = (
    "AccessDeniedException",
    *(
        pytest.param(code, marks=pytest.mark.soak)
        for code in ("UserLambdaValidationException", "UnrecognizedClientException", "ANewException")
    ),
)

NAMES = {TOKEN: "The request for GitHub's ID token"}
"""What an annotation calls an operation, where not by its own name."""


def refused(step: Step, stage: Stage, call: str) -> bool:
    """Whether one annotation says that this call failed, and the step failed unless it is post."""
    is_post = step in (post, post_by_phone)
    [annotation] = stage.annotations
    return (
        stage.exit_code == int(not is_post)
        and annotation.level == ("warning" if is_post else "error")
        and NAMES.get(call, call) in annotation.message
    )


@pytest.mark.parametrize("code", FINAL)
@pytest.mark.parametrize(("step", "call"), CALLS)
def test_refusal_that_is_final(bed: Testbed, step: Step, call: str, code: str) -> None:
    """It is not asked for again, one annotation names the call, and post deletes whoever was created before."""

    def disturb() -> None:
        rule = refusing(code, "no") if call != TOKEN else (lambda _: Answer(403, b"{}"))
        bed.fault = Fault(call, rule, times=math.inf)

    stage = check(bed, step, disturb)

    assert refused(step, stage, call)
    assert "trying again" not in "\n".join(stage.log)


@pytest.mark.parametrize("message", ["No OpenIDConnect provider found in your account", "Incorrect token audience"])
@pytest.mark.parametrize("step", [main_alone, post, adopt, delete, sweep])
def test_provider_that_is_missing(bed: Testbed, step: Step, message: str) -> None:
    """A set-up that is wrong is wrong the second time too."""

    def disturb() -> None:
        bed.fault = Fault(ASSUME, refusing("InvalidIdentityToken", message), times=math.inf)

    stage = check(bed, step, disturb)

    assert refused(step, stage, ASSUME)
    assert bed.calls == [TOKEN, ASSUME]


@pytest.mark.parametrize(
    "fault",
    [pytest.param(fault, marks=[pytest.mark.soak] if fault != "throttling" else []) for fault in PASSING],
)
@pytest.mark.parametrize(("step", "call"), FEW_CALLS)
def test_fault_that_does_not_pass(bed: Testbed, step: Step, call: str, fault: str) -> None:
    """It is tried again up to the deadline, on a simulated clock, and one annotation names the call."""
    time = FakeTime()

    def disturb() -> None:
        bed.time = time
        bed.fault = Fault(call, PASSING[fault], times=math.inf)

    stage = check(bed, step, disturb)

    assert refused(step, stage, call)
    assert bed.calls.count(call) >= 3
    assert time.now <= LIMITS[step].seconds


def test_creations_whose_good_news_is_lost_do_not_fill_the_pool(bed: Testbed) -> None:
    """Whatever else can be read: one more user is tried, then main gives up, and post deletes both."""

    def lose_good_news(call: Call) -> Answer:
        answer = call.forward()
        return replace(answer, broken_off=answer.status == 200)

    def disturb() -> None:
        bed.fault = Fault("AdminCreateUser", lose_good_news, times=math.inf)

    stage = check(bed, main_alone, disturb)

    assert refused(main_alone, stage, "AdminCreateUser")
    assert bed.calls.count("AdminCreateUser") == 4
