"""Every call of every step, and every way in which it can fail: what can succeed on a second try does."""

import math
import time as system
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.support.fake_time import FakeTime
from tests.support.outcomes import check, is_refused, proves_the_client
from tests.support.sign_up import sign_up_inputs
from tests.support.stories import (
    ASSUME,
    CALLS,
    CODES,
    LIMITS,
    Step,
    adopt,
    delete,
    main_alone,
    main_signed_up,
    main_with_second_factor,
    post,
    sweep,
)
from tests.support.testbed import TOKEN, Fault, FaultTestbed, open_testbed
from tests.support.world import World
from tools.emulator.http import Answer
from tools.emulator.proxy import Call, Rule, losing_answer, losing_request, refusing


@pytest.fixture
def bed(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultTestbed]:
    with open_testbed(world) as bed:
        monkeypatch.setenv("AWS_ENDPOINT_URL", bed.aws.url)
        yield bed


# Temporary faults


def throttling(call: Call) -> Answer:
    """Throttling, as each of the three services does it."""
    if call.operation == TOKEN:
        return Answer(429, b"{}")
    return call.refuse("Throttling" if call.operation == ASSUME else "TooManyRequestsException", "Rate exceeded")


def half_an_answer(call: Call) -> Answer:
    return replace(call.forward(), broken_off=True)


TEMPORARY: dict[str, Rule] = {
    "request lost": losing_request,
    "answer lost": losing_answer,
    "half an answer": half_an_answer,
    "500": refusing("InternalErrorException", "", 500),
    "503": refusing("ServiceUnavailable", "", 503),
    "throttling": throttling,
}


QUICK = ("answer lost", "half an answer", "throttling")
OTHERS = [name for name in TEMPORARY if name not in QUICK]

FEW_CALLS = [
    pytest.param(*each.values, id=each.id, marks=[] if each.values[0] in (main_alone, post) else [pytest.mark.soak])
    for each in CALLS
]
"""The calls of a plain step; the others only with `--soak`."""

ATTEMPT = 1.5
TOO_LONG = 2.5


def slow_answer(call: Call) -> Answer:
    answer = call.forward()
    system.sleep(TOO_LONG)
    return answer


def dripping_answer(call: Call) -> Answer:
    return replace(call.forward(), pause=TOO_LONG)


@pytest.mark.parametrize("fault", [*QUICK, *(pytest.param(name, marks=pytest.mark.soak) for name in OTHERS)])
@pytest.mark.parametrize(("step", "call"), CALLS)
def test_temporary_fault(bed: FaultTestbed, step: Step, call: str, fault: str) -> None:
    """The call is made again, and the step succeeds, with nothing to show but lines in its log."""

    def disturb() -> None:
        bed.fault = Fault(call, TEMPORARY[fault])

    stage = check(bed, step, disturb)

    assert (stage.exit_code, stage.annotations) == (0, [])
    assert bed.calls.count(call) > 1
    assert "trying again" in "\n".join(stage.log)


@pytest.mark.parametrize("rule", [slow_answer, dripping_answer])
@pytest.mark.parametrize(
    ("step", "call"), [pytest.param(*each.values, marks=pytest.mark.soak, id=each.id) for each in CALLS]
)
def test_answer_that_takes_too_long(bed: FaultTestbed, step: Step, call: str, rule: Rule) -> None:
    """The time of an attempt covers the whole answer; after that, it counts as lost."""
    bed.attempt = ATTEMPT

    def disturb() -> None:
        bed.fault = Fault(call, rule)

    stage = check(bed, step, disturb)

    assert (stage.exit_code, stage.annotations) == (0, [])
    assert bed.calls.count(call) > 1
    assert "no answer within" in "\n".join(stage.log)


@pytest.mark.parametrize(("step", "call"), FEW_CALLS)
def test_connection_that_is_refused(bed: FaultTestbed, step: Step, call: str) -> None:
    """The server is down when the call is made, and up when it is made again."""
    check(bed, step, lambda: None)
    undisturbed = list(bed.calls)
    before = undisturbed.index(call)

    def disturb() -> None:
        if before:
            bed.close_after = before
        else:
            bed.close()

    stage = check(bed, step, disturb)

    assert (stage.exit_code, stage.annotations) == (0, [])
    assert len([line for line in stage.log if "trying again" in line]) == 1
    extra = Counter(bed.calls) - Counter(undisturbed)
    assert extra == (Counter([TOKEN]) if call == ASSUME else Counter())


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("ExpiredTokenException", "Token expired: current date/time must be before the expiration date/time"),
        ("InvalidIdentityToken", "Couldn't retrieve verification key from your identity provider"),
        ("IDPCommunicationError", "An error occurred while calling the identity provider"),
    ],
)
@pytest.mark.parametrize("step", [main_alone, post, adopt, delete, sweep])
def test_id_token_that_is_refused_temporarily(bed: FaultTestbed, step: Step, code: str, message: str) -> None:
    """Another attempt is made with a new token."""

    earlier: list[str] = []

    def disturb() -> None:
        earlier.extend(bed.world.github.tokens)
        bed.fault = Fault(ASSUME, refusing(code, message))

    stage = check(bed, step, disturb)

    assert (stage.exit_code, stage.annotations) == (0, [])
    assert bed.calls[:4] == [TOKEN, ASSUME] * 2
    shown = [call["WebIdentityToken"] for call in bed.world.aws.parameters(ASSUME)]
    refused, accepted = bed.world.github.tokens[len(earlier) :][:2]
    assert refused not in shown
    assert accepted in shown


@pytest.mark.parametrize("step", [main_alone, adopt])
def test_password_that_the_lost_call_had_set(bed: FaultTestbed, step: Step) -> None:
    """A history that refuses the same password again shows that it is the user's password now."""

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
def test_session_that_expires_during_the_sign_in(bed: FaultTestbed, call: str) -> None:
    """A sign-in whose session Cognito no longer knows starts over, once."""

    def disturb() -> None:
        message = "Invalid session for the user, session is expired."
        bed.fault = Fault(call, refusing("NotAuthorizedException", message))

    stage = check(bed, main_with_second_factor, disturb)

    assert (stage.exit_code, stage.annotations) == (0, [])
    assert bed.calls.count("AdminInitiateAuth") == 2


# Permanent faults

FINAL = (
    "AccessDeniedException",
    *(
        pytest.param(code, marks=pytest.mark.soak)
        for code in ("UserLambdaValidationException", "UnrecognizedClientException", "ANewException")
    ),
)


@pytest.mark.parametrize("code", FINAL)
@pytest.mark.parametrize(("step", "call"), CALLS)
def test_refusal_that_is_final(bed: FaultTestbed, step: Step, call: str, code: str) -> None:
    """It is not tried again, one annotation names the call, and post deletes any user created before.

    Only the call that proves whose the app client is can be refused and all the same have told what it has to.
    """

    def disturb() -> None:
        rule = refusing(code, "no") if call != TOKEN else (lambda _: Answer(403, b"{}"))
        bed.fault = Fault(call, rule, times=math.inf)

    stage = check(bed, step, disturb)

    if proves_the_client(step, call, code):
        assert (stage.exit_code, stage.annotations) == (0, [])
    else:
        assert is_refused(step, stage, call)
    assert "trying again" not in "\n".join(stage.log)


@pytest.mark.parametrize("message", ["No OpenIDConnect provider found in your account", "Incorrect token audience"])
@pytest.mark.parametrize("step", [main_alone, post, adopt, delete, sweep])
def test_provider_that_is_missing(bed: FaultTestbed, step: Step, message: str) -> None:
    """A wrong setup is not tried again, because it would fail again."""

    def disturb() -> None:
        bed.fault = Fault(ASSUME, refusing("InvalidIdentityToken", message), times=math.inf)

    stage = check(bed, step, disturb)

    assert is_refused(step, stage, ASSUME)
    assert bed.calls == [TOKEN, ASSUME]


@pytest.mark.parametrize(
    "fault",
    [pytest.param(fault, marks=[pytest.mark.soak] if fault != "throttling" else []) for fault in TEMPORARY],
)
@pytest.mark.parametrize(("step", "call"), FEW_CALLS)
def test_permanent_fault(bed: FaultTestbed, step: Step, call: str, fault: str) -> None:
    """It is tried again until the deadline, on a simulated clock, and one annotation names the call."""
    time = FakeTime()

    def disturb() -> None:
        bed.time = time
        bed.fault = Fault(call, TEMPORARY[fault], times=math.inf)

    stage = check(bed, step, disturb)

    assert is_refused(step, stage, call)
    assert bed.calls.count(call) >= 3
    assert time.now <= LIMITS[step].seconds


@pytest.mark.parametrize(("step", "call"), [(main_alone, "AdminCreateUser"), (main_signed_up, "SignUp")])
def test_lost_answers_to_creations_do_not_fill_the_pool(bed: FaultTestbed, step: Step, call: str) -> None:
    """All other answers arrive: main tries one more user, then gives up, and post deletes both."""

    def lose_success(call: Call) -> Answer:
        answer = call.forward()
        return replace(answer, broken_off=answer.status == 200)

    def disturb() -> None:
        bed.fault = Fault(call, lose_success, times=math.inf)

    stage = check(bed, step, disturb)

    assert is_refused(step, stage, call)
    assert bed.calls.count(call) == 4


def test_lost_answer_to_a_sign_up_leads_to_a_second_user(bed: FaultTestbed) -> None:
    """The first one took the name, so another name signs up, and post deletes both."""
    users: list[int] = []

    def confirming(call: Call) -> Answer:
        users.append(len(bed.world.account.users(call.parameters["UserPoolId"])))
        return call.forward()

    def disturb() -> None:
        bed.fault = Fault("SignUp", losing_answer)
        bed.world.aws.on("AdminConfirmSignUp", confirming)

    stage = check(bed, main_signed_up, disturb)

    assert (stage.exit_code, stage.annotations, users) == (0, [], [2])
    assert bed.calls.count("SignUp") == 3


def test_app_client_of_another_pool_signs_nobody_up(bed: FaultTestbed) -> None:
    """Cognito does not find the client in the pool: that is final, and the other pool stays as it is."""

    def disturb() -> None:
        bed.fault = Fault("AdminInitiateAuth", refusing("ResourceNotFoundException", "User pool client x not found."))

    stage = check(bed, main_signed_up, disturb)

    assert is_refused(main_signed_up, stage, "AdminInitiateAuth")
    assert "SignUp" not in bed.calls


@pytest.mark.parametrize("auth_flow", ["none", "USER_SRP_AUTH"])
def test_limit_of_messages_leaves_the_user_created(bed: FaultTestbed, auth_flow: str) -> None:
    """Main goes on if a sign-in tells the `sub`, and fails otherwise; post deletes the user either way."""
    pool = bed.world.pool("email")
    inputs = sign_up_inputs(bed.world, pool, auth_flow=auth_flow)

    def exceeding(call: Call) -> Answer:
        call.forward()
        return call.refuse("LimitExceededException", "Exceeded daily email limit for the operation or the account.")

    bed.fault = Fault("SignUp", exceeding)

    main = bed.main(inputs)

    assert bed.calls.count("SignUp") == 1
    users = bed.world.account.users(pool)
    if auth_flow == "none":
        assert main.exit_code == 1
        assert "SignUp failed with LimitExceededException" in main.annotations[0].message
        assert len(users) == 1
    else:
        assert (main.exit_code, main.annotations) == (0, [])
        assert users == [main.outputs["sub"]]
    post = bed.post(main.state)
    assert (post.exit_code, post.annotations) == (0, [])
    assert bed.world.account.users(pool) == []
