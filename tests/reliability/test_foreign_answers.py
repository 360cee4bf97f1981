"""Whatever answers in place of AWS or GitHub is not believed: no call counts as made, and no user is lost."""

import math
from collections.abc import Iterator

import pytest

from tests.support.fake_time import FakeTime
from tests.support.outcomes import check, is_refused
from tests.support.stories import CALLS, LIMITS, POSTS, Step, main_alone, post
from tests.support.testbed import TOKEN, Fault, FaultTestbed, open_testbed
from tests.support.world import World
from tools.emulator.http import Answer
from tools.emulator.proxy import Call, Rule

STATUSES = (200, 204, 302, 307, 400, 401, 403, 404, 407, 429, 500, 503)
QUICK = (200, 302, 403, 407)

PAGE = b"<html><head><title>Access to this &quot;site&quot;\n is blocked</title></head><body>Go away.</body></html>"
PAGES = {
    "page": (PAGE, {"Content-Type": "text/html; charset=utf-8"}),
    "JSON page": (b'{"error": "blocked", "__type__": "x"}', {"Content-Type": "application/json"}),
    "XML page": (b'<?xml version="1.0"?><html><Error><Code>no</Code></Error></html>', {"Content-Type": "text/xml"}),
    "nothing": (b"", {}),
}


@pytest.fixture
def bed(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultTestbed]:
    with open_testbed(world) as bed:
        monkeypatch.setenv("AWS_ENDPOINT_URL", bed.aws.url)
        yield bed


def answering(kind: str, status: int, *, after: bool) -> Rule:
    """Answer with a page, before or after the call takes effect."""
    body, headers = PAGES[kind]

    def rule(call: Call) -> Answer:
        if after:
            call.forward()
        location = {"Location": "http://127.0.0.1:9/login"} if 300 <= status < 400 else {}
        return Answer(status, b"" if status == 204 else body, {**headers, **location})

    return rule


def is_quick(step: object, kind: str, status: int, *, after: bool) -> bool:
    """Whether `make test` has this case: of a plain step all statuses of `QUICK`, of the others two after the effect."""
    if step in (main_alone, post):
        return kind == "page" and status in QUICK
    return kind == "page" and status in (200, 403) and after


CASES = [
    pytest.param(
        *call.values,
        kind,
        status,
        after,
        id=f"{call.id}-{kind}-{status}-{'after' if after else 'before'}",
        marks=[] if is_quick(call.values[0], kind, status, after=after) else pytest.mark.soak,
    )
    for call in CALLS
    for kind in PAGES
    for status in STATUSES
    for after in (False, True)
    # A token whose request failed is simply asked for again. GitHub's service itself refuses with an object in JSON.
    if not (call.values[1] == TOKEN and (after or (kind, status) == ("JSON page", 403)))
    and (kind == "page" or status in (200, 403))
]


@pytest.mark.parametrize(("step", "call", "kind", "status", "after"), CASES)
def test_answer_of_something_in_between_is_not_believed(
    bed: FaultTestbed, step: Step, call: str, kind: str, status: int, *, after: bool
) -> None:
    """It counts as an answer that was lost: the call is made again, the step succeeds, and no one stays."""

    def disturb() -> None:
        bed.fault = Fault(call, answering(kind, status, after=after))

    stage = check(bed, step, disturb)

    assert (stage.exit_code, stage.annotations) == (0, [])
    assert bed.calls.count(call) > 1
    assert "trying again" in "\n".join(stage.log)


@pytest.mark.parametrize(
    "status", [*QUICK, *(pytest.param(one, marks=pytest.mark.soak) for one in (201, 404, 500, 503))]
)
@pytest.mark.parametrize(
    ("step", "call"),
    [
        pytest.param(*each.values, id=each.id, marks=[] if each.values[0] in (main_alone, post) else [pytest.mark.soak])
        for each in CALLS
    ],
)
def test_something_in_between_that_stays_is_named(bed: FaultTestbed, step: Step, call: str, status: int) -> None:
    """After the deadline one annotation has the host, the status, the content type and the title of the page."""
    time = FakeTime()

    def disturb() -> None:
        bed.time = time
        bed.fault = Fault(call, answering("page", status, after=False), times=math.inf)

    stage = check(bed, step, disturb)

    assert is_refused(step, stage, call)
    [annotation] = [each for each in stage.annotations if "ForeignAnswer" in each.message]
    host = (bed.github if call == TOKEN else bed.aws).url.removeprefix("http://")
    assert f"{host} answered with status {status}, text/html, titled" in annotation.message
    assert 'Access to this "site" is blocked' in annotation.message
    assert ("something in between" if call == TOKEN else "as no service of AWS does") in annotation.message
    assert bed.calls.count(call) >= 3
    assert time.now <= LIMITS[step].seconds


@pytest.mark.parametrize("status", QUICK)
@pytest.mark.parametrize("step", POSTS)
def test_page_in_front_of_cognito_deletes_nobody(bed: FaultTestbed, step: Step, status: int) -> None:
    """Post says that the user may still exist, and the user does."""

    def disturb() -> None:
        bed.time = FakeTime()
        bed.fault = Fault("AdminDeleteUser", answering("page", status, after=False), times=math.inf)

    stage = check(bed, step, disturb)

    assert "Deleted" not in "\n".join(stage.log)
    assert "may still exist" in stage.annotations[0].message
