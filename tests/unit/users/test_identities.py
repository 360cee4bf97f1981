"""What post does about identities: it deletes them where it may, and says which stay."""

from dataclasses import replace
from functools import partial

import pytest

from cognito_action.aws.credentials import Connection
from cognito_action.aws.sdk import Sdk, isolated_session
from cognito_action.errors import ActionError
from cognito_action.network.connections import Network
from cognito_action.users.identities import delete_identities, identities_of
from cognito_action.users.records import Entry
from tests.support.examples import ACCESS
from tests.support.fake_time import FakeTime
from tests.support.recorder import Recorder
from tests.support.scripted_aws import ScriptedAws, cognito_answer, cognito_refusal

POOL = "us-west-2:1a2b3c4d-1111-2222-3333-444455556666"
ONE, ANOTHER = (f"us-west-2:{digit * 8}-1111-2222-3333-444455556666" for digit in "ab")


def connection(time: FakeTime) -> Connection:
    sdk = Sdk(isolated_session(), Network({}), time.retry())
    new_client = partial(sdk.client, aws_access_key_id="ASIA", aws_secret_access_key="x")
    return Connection(new_client("cognito-idp", "eu-central-1"), ACCESS, "", sdk.endpoints, new_client)


@pytest.mark.parametrize(
    ("identity_id", "expected"),
    [
        (ONE, [ONE]),
        ("", []),
        ("us-west-2", []),
        (f"{ONE} ", []),
        (ONE.upper(), []),
        ("eu-west-1:aaaaaaaa-1111-2222-3333-444455556666", []),
    ],
)
def test_identity_has_the_form_and_the_region_of_the_pool(identity_id: str, expected: list[str]) -> None:
    """Other text in the state is nothing that main wrote."""
    assert identities_of([Entry("name", identity_id=identity_id)], POOL) == expected


def test_deleted_identities_are_in_the_log(aws: ScriptedAws, time: FakeTime, recorder: Recorder) -> None:
    """By their IDs, which are no secrets."""
    delete_identities(POOL, [ONE, ANOTHER], connection(time), time.retry(), recorder.runner)

    assert aws.operations == ["DeleteIdentities"]
    assert recorder.stage.log == [f"Deleted the identity {ONE}.", f"Deleted the identity {ANOTHER}."]


def test_identities_that_stay_are_one_line_and_no_failure(aws: ScriptedAws, time: FakeTime, recorder: Recorder) -> None:
    """Without their users they are of no use to anyone."""
    message = "User: arn is not authorized to perform: cognito-identity:DeleteIdentities"
    aws.on("DeleteIdentities", cognito_refusal("AccessDeniedException", message))

    delete_identities(POOL, [ONE, ANOTHER], connection(time), time.retry(), recorder.runner)

    assert recorder.stage.annotations == []
    assert recorder.stage.log == [
        (
            f"The identities {ONE}, {ANOTHER} stay in {POOL}, of no use without their users: "
            f"DeleteIdentities failed with AccessDeniedException: {message}"
        )
    ]


def test_each_that_stays_is_told_from_those_that_are_gone(aws: ScriptedAws, time: FakeTime, recorder: Recorder) -> None:
    """AWS answers for each of them."""
    denied = {"IdentityId": ANOTHER, "ErrorCode": "AccessDenied"}
    aws.on("DeleteIdentities", cognito_answer({"UnprocessedIdentityIds": [denied]}))

    delete_identities(POOL, [ONE, ANOTHER], connection(time), time.retry(), recorder.runner)

    assert recorder.stage.log == [
        f"Deleted the identity {ONE}.",
        f"The identity {ANOTHER} stays in {POOL}, of no use without the user: DeleteIdentities: AccessDenied",
    ]


def test_identities_stay_if_post_could_not_connect(recorder: Recorder, time: FakeTime) -> None:
    """Why it could not is said of the users."""
    delete_identities(POOL, [ONE], None, time.retry(), recorder.runner)

    assert recorder.stage.log == [
        f"The identity {ONE} stays in {POOL}, of no use without the user: there was no connection to AWS"
    ]


def test_service_that_can_not_be_set_up_is_a_reason(recorder: Recorder, time: FakeTime) -> None:
    """Whatever it is, it costs no user."""

    def no_client(service: str, region: str) -> None:
        raise ActionError(f"no {service} in {region}", "why", "fix")

    broken = replace(connection(time), new_client=no_client)
    delete_identities(POOL, [ONE], broken, time.retry(), recorder.runner)

    assert recorder.stage.log == [
        f"The identity {ONE} stays in {POOL}, of no use without the user: no cognito-identity in us-west-2"
    ]
