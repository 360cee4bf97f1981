"""The identity pool: two public calls for AWS credentials, and one to delete identities."""

from functools import partial

import pytest

from cognito_action.aws.credentials import Connection
from cognito_action.aws.endpoints import Endpoints
from cognito_action.aws.identity_pool import AwsCredentials, IdentityPool
from cognito_action.aws.sdk import Sdk, isolated_session
from cognito_action.errors import ActionError
from cognito_action.network.connections import Network
from tests.support.app_clients import is_signed
from tests.support.examples import ACCESS, POOL_ID
from tests.support.fake_time import FakeTime
from tests.support.scripted_aws import Call, ScriptedAws, cognito_answer, cognito_refusal
from tools.emulator.github import id_token
from tools.emulator.http import Answer

IDENTITY_POOL = "us-west-2:1a2b3c4d-1111-2222-3333-444455556666"
ONE, ANOTHER = (f"us-west-2:{digit * 8}-1111-2222-3333-444455556666" for digit in "ab")
PROVIDER = f"cognito-idp.eu-central-1.amazonaws.com/{POOL_ID}"
TOKEN = id_token({"iss": f"https://{PROVIDER}"})
SECRET, SESSION = "the secret access key", "the session token"

IDENTITY = cognito_answer({"IdentityId": ONE})
CREDENTIALS = cognito_answer(
    {
        "IdentityId": ONE,
        "Credentials": {
            "AccessKeyId": "ASIAUSER",
            "SecretKey": SECRET,
            "SessionToken": SESSION,
            "Expiration": 2_000_000_000.0,
        },
    }
)


class Trade:
    """An identity pool whose service answers from a script, and what the runner was told in which order."""

    def __init__(self, aws: ScriptedAws, time: FakeTime) -> None:
        self.events: list[str] = []
        retry = time.retry(100)
        sdk = Sdk(isolated_session(), Network({}), retry)
        new_client = partial(sdk.client, aws_access_key_id="ASIA", aws_secret_access_key="x", aws_session_token="y")
        connection = Connection(new_client("cognito-idp", "eu-central-1"), ACCESS, "", sdk.endpoints, new_client)
        self.aws = aws
        self.pool = IdentityPool(connection, IDENTITY_POOL, retry, lambda secret: self.events.append(f"mask {secret}"))

    def run(self) -> AwsCredentials:
        return self.pool.credentials_for(TOKEN, lambda identity_id: self.events.append(f"save {identity_id}"))

    def fail(self) -> ActionError:
        with pytest.raises(ActionError) as raised:
            self.run()
        return raised.value


@pytest.fixture
def trade(aws: ScriptedAws, time: FakeTime) -> Trade:
    return Trade(aws, time)


def test_token_is_traded_for_credentials(trade: Trade) -> None:
    """The login is named after the token's issuer, and neither call carries a signature."""
    trade.aws.on("GetId", IDENTITY)
    trade.aws.on("GetCredentialsForIdentity", CREDENTIALS)

    assert trade.run() == AwsCredentials(ONE, "ASIAUSER", SECRET, SESSION)

    first, second = trade.aws.calls
    assert (first.operation, first.parameters) == (
        "GetId",
        {"IdentityPoolId": IDENTITY_POOL, "Logins": {PROVIDER: TOKEN}},
    )
    assert (second.operation, second.parameters) == (
        "GetCredentialsForIdentity",
        {"IdentityId": ONE, "Logins": {PROVIDER: TOKEN}},
    )
    assert not is_signed(first)
    assert not is_signed(second)


def test_identity_is_saved_before_the_next_call(trade: Trade) -> None:
    """It exists from the first call on, whatever becomes of the second; secrets are masked as they arrive."""
    trade.aws.on("GetId", IDENTITY)
    trade.aws.on("GetCredentialsForIdentity", CREDENTIALS)
    trade.run()
    assert trade.events == [f"save {ONE}", f"mask {SECRET}", f"mask {SESSION}"]

    trade.events.clear()
    trade.aws.on("GetId", IDENTITY)
    trade.aws.on("GetCredentialsForIdentity", cognito_refusal("InvalidIdentityPoolConfigurationException"))
    trade.fail()
    assert trade.events == [f"save {ONE}"]


def test_secrets_are_not_in_the_text_of_the_credentials(trade: Trade) -> None:
    """A traceback would show it."""
    trade.aws.on("GetId", IDENTITY)
    trade.aws.on("GetCredentialsForIdentity", CREDENTIALS)

    text = repr(trade.run())

    assert SECRET not in text
    assert SESSION not in text


@pytest.mark.parametrize("operation", ["GetId", "GetCredentialsForIdentity"])
def test_lost_answer_costs_only_time(trade: Trade, operation: str) -> None:
    """Asked again, the identity pool answers with the same identity."""
    trade.aws.on(operation, None, cognito_refusal("TooManyRequestsException"))
    trade.aws.on("GetId", IDENTITY)
    trade.aws.on("GetCredentialsForIdentity", CREDENTIALS)

    assert trade.run().access_key_id == "ASIAUSER"


def test_refusal_becomes_words(trade: Trade) -> None:
    """They name the identity pool and what it has to know the user pool as."""
    trade.aws.on("GetId", cognito_refusal("NotAuthorizedException", "Token is not from a supported provider"))

    error = trade.fail()

    assert error.what.startswith("GetId failed with NotAuthorizedException")
    assert (IDENTITY_POOL in error.details, PROVIDER in error.details) == (True, True)


@pytest.mark.parametrize(
    ("token", "provider"),
    [
        ("opaque", PROVIDER),
        (id_token({}), PROVIDER),
        (id_token({"iss": 7}), "7"),
        (
            id_token({"iss": "https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_A"}),
            "cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_A",
        ),
    ],
)
def test_login_is_named_after_the_issuer(trade: Trade, token: str, provider: str) -> None:
    """In every partition; a token that can't be read is left to the service to judge."""
    trade.aws.on("GetId", cognito_refusal("NotAuthorizedException", "Token is not from a supported provider"))

    with pytest.raises(ActionError, match="supported provider"):
        trade.pool.credentials_for(token, trade.events.append)
    assert list(trade.aws.calls[0].parameters["Logins"]) == [provider]


def test_service_is_that_of_the_identity_pools_region(time: FakeTime) -> None:
    """The user pool can be in another one."""
    seen: list[tuple[str, str]] = []

    def new_client(service: str, region: str) -> None:
        seen.append((service, region))

    endpoints = Endpoints("", "", fips=False, dual_stack=False)
    IdentityPool(Connection(None, ACCESS, "", endpoints, new_client), IDENTITY_POOL, time.retry(), print)  # type: ignore[arg-type]

    assert seen == [("cognito-identity", "us-west-2")]


# Deletion


def unprocessed(**codes: str) -> Answer:
    """Cognito's answer with the identities that it did not delete."""
    ids = {"one": ONE, "another": ANOTHER}
    return cognito_answer(
        {"UnprocessedIdentityIds": [{"IdentityId": ids[name], "ErrorCode": code} for name, code in codes.items()]}
    )


def deleted(call: Call) -> list[str]:
    return list(call.parameters["IdentityIdsToDelete"])


def test_identities_are_deleted_in_one_signed_call(trade: Trade) -> None:
    """All of a step fit into one."""
    trade.aws.on("DeleteIdentities", unprocessed())

    assert trade.pool.delete_identities([ONE, ANOTHER]) == {}

    [call] = trade.aws.calls
    assert deleted(call) == [ONE, ANOTHER]
    assert is_signed(call)


def test_identity_that_the_service_could_not_delete_is_tried_again(trade: Trade) -> None:
    """Only that one."""
    trade.aws.on("DeleteIdentities", unprocessed(another="InternalServerError"), unprocessed())

    assert trade.pool.delete_identities([ONE, ANOTHER]) == {}

    assert [deleted(call) for call in trade.aws.calls] == [[ONE, ANOTHER], [ANOTHER]]


def test_no_one_else_is_tried_again(trade: Trade) -> None:
    """An answer that names identities of others leads to no call about them."""
    foreign = {"IdentityId": "us-west-2:foreign", "ErrorCode": "InternalServerError"}
    trade.aws.on("DeleteIdentities", cognito_answer({"UnprocessedIdentityIds": [foreign]}))

    assert trade.pool.delete_identities([ONE]) == {}

    assert [deleted(call) for call in trade.aws.calls] == [[ONE]]


@pytest.mark.parametrize(
    ("answer", "left"),
    [
        (unprocessed(one="AccessDenied"), {ONE: "DeleteIdentities: AccessDenied"}),
        (
            unprocessed(one="AccessDenied", another="InternalServerError"),
            {ONE: "DeleteIdentities: AccessDenied", ANOTHER: "DeleteIdentities: InternalServerError"},
        ),
        (cognito_answer({"UnprocessedIdentityIds": [{"IdentityId": ONE}]}), {ONE: "DeleteIdentities: Unknown"}),
        (
            cognito_refusal("AccessDeniedException", "not authorized"),
            dict.fromkeys((ONE, ANOTHER), "DeleteIdentities failed with AccessDeniedException: not authorized"),
        ),
    ],
)
def test_those_that_stay_have_a_reason(trade: Trade, answer: Answer, left: dict[str, str]) -> None:
    """AWS can deny each in an answer that is no refusal; a denial is final."""
    trade.aws.on("DeleteIdentities", answer)

    assert trade.pool.delete_identities([ONE, ANOTHER]) == left
    assert len(trade.aws.calls) == 1


def test_answer_with_nothing_in_it_deleted_all(trade: Trade) -> None:
    """Emulators leave out what is empty."""
    trade.aws.on("DeleteIdentities", cognito_answer({}))

    assert trade.pool.delete_identities([ONE]) == {}
