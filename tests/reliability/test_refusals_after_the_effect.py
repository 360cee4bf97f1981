"""Every creation that took effect and was refused all the same: whatever the code, no one stays."""

from collections.abc import Iterator

import botocore.session
import pytest

from cognito_action.users.refusals import NOTHING_CREATED
from tests.support.creations import CREATING_CALLS, inputs_for
from tests.support.outcomes import check, proves_the_client
from tests.support.sign_up import PHONE
from tests.support.stories import CALLS, Step, main_alone
from tests.support.testbed import Fault, FaultTestbed, open_testbed
from tests.support.world import POOL_KINDS, World
from tools.emulator.http import Answer
from tools.emulator.proxy import Call, Rule

MODEL = botocore.session.Session().get_service_model("cognito-idp")

UNKNOWN = ("ANewException", "InternalErrorException", "LimitExceededException", "ForbiddenException", "Unknown", "403")
"""Codes that the model does not name for every call."""


def unproven(operation: str) -> list[str]:
    """What this call can be refused with, by the model or not, that does not say that nothing was created."""
    codes = {shape.name for shape in MODEL.operation_model(operation).error_shapes} | set(UNKNOWN)
    return sorted(codes - set(NOTHING_CREATED))


REFUSALS = [(operation, code) for operation in CREATING_CALLS for code in unproven(operation)]


@pytest.fixture
def bed(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultTestbed]:
    with open_testbed(world) as bed:
        monkeypatch.setenv("AWS_ENDPOINT_URL", bed.aws.url)
        yield bed


def refusing_after_the_effect(code: str, status: int = 400) -> Rule:
    def rule(call: Call) -> Answer:
        call.forward()
        return call.refuse(code, "words that no one knows", status)

    return rule


@pytest.mark.parametrize("kind", ["email", *(pytest.param(kind, marks=pytest.mark.soak) for kind in POOL_KINDS)])
@pytest.mark.parametrize(("operation", "code"), REFUSALS)
def test_created_user_is_deleted_whatever_the_refusal_said(
    bed: FaultTestbed, operation: str, code: str, kind: str
) -> None:
    """Main fails with the code; post deletes the user, and waits for no one."""
    pool = bed.world.pool(kind)
    inputs = {**inputs_for(bed.world, pool, operation), "phone-number": PHONE}
    rule = refusing_after_the_effect(code)
    created: list[str] = []

    def once_created(call: Call) -> Answer | None:
        """Refuse the first call that creates someone; before that the pool may refuse a kind of username."""
        if created:
            return call.forward()
        answer = rule(call)
        if bed.world.account.users(pool):
            created.append("yes")
            return answer
        return call.forward()

    bed.fault = Fault(operation, once_created, times=3)
    main = bed.main(inputs)
    bed.fault = None

    assert created
    assert bed.world.account.users(pool)
    assert main.exit_code == 1
    bed.calls.clear()
    stage = bed.post(main.state)
    assert (stage.exit_code, stage.annotations) == (0, [])
    assert bed.world.account.users(pool) == []
    assert bed.calls.count("AdminDeleteUser") == 1


OTHER_CALLS = [
    pytest.param(*each.values, id=each.id, marks=[] if each.values[0] is main_alone else [pytest.mark.soak])
    for each in CALLS
    if str(each.values[1]).startswith("Admin") and each.values[1] != "AdminCreateUser"
]


@pytest.mark.parametrize("code", ["ANewException", "InvalidParameterException", "UnexpectedLambdaException"])
@pytest.mark.parametrize(("step", "call"), OTHER_CALLS)
def test_refusal_after_the_effect_of_any_other_call(bed: FaultTestbed, step: Step, call: str, code: str) -> None:
    """The step ends with an annotation that names the call, and its story ends with no one left.

    Only the call that proves whose the app client is can be refused and all the same have told what it has to.
    """

    def disturb() -> None:
        bed.fault = Fault(call, refusing_after_the_effect(code))

    stage = check(bed, step, disturb)

    if proves_the_client(step, call, code):
        assert (stage.exit_code, stage.annotations) == (0, [])
        return
    assert len(stage.annotations) == 1
    assert f"{call} failed with {code}" in stage.annotations[0].message
