"""AWS's answers: what does not match the service's model can't be read, wherever the SDK would fail on it."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from cognito_action.aws.sdk import Sdk, isolated_session
from cognito_action.errors import CallError
from cognito_action.network.connections import Network
from tests.support.examples import POOL_ID, SUB
from tests.support.fake_time import FakeTime
from tests.support.scripted_aws import ScriptedAws, cognito_answer
from tools.emulator.http import Answer

SESSION = isolated_session()


def client(service: str) -> Any:
    """A client of AWS as it is scripted."""
    keys: dict[str, Any] = {"aws_access_key_id": "AKIAEXAMPLE", "aws_secret_access_key": "secret"}
    return Sdk(SESSION, Network({}), FakeTime().retry()).client(service, "eu-central-1", **keys)


def create_user() -> Any:
    """Create a user and return the answer."""
    return client("cognito-idp").admin_create_user(UserPoolId=POOL_ID, Username="x")


def of_cognito(body: bytes, status: int = 200) -> Answer:
    """An answer with AWS's mark."""
    return Answer(status, body, {"Content-Type": "application/x-amz-json-1.1"})


def assume_role() -> Any:
    """Assume a role and return the answer."""
    return client("sts").assume_role_with_web_identity(
        RoleArn="arn:aws:iam::123456789012:role/ci", RoleSessionName="session", WebIdentityToken="token"
    )


def user(**fields: Any) -> Answer:
    return cognito_answer({"User": {"Username": SUB, **fields}})


@pytest.mark.parametrize(
    "answer",
    [
        cognito_answer({}),
        cognito_answer({"User": None, "More": 1}),
        user(),
        user(Attributes=[], UserCreateDate=1.7e9, Enabled=True, More={}),
        user(Attributes=[{"Name": "sub"}], UserCreateDate="2026-01-02T03:04:05Z"),
        user(Username="", UserStatus="ANOTHER"),
    ],
)
def test_answer_with_the_models_types_is_passed_on(aws: ScriptedAws, answer: Answer) -> None:
    """What is missing or new, or differs from AWS in length or value, does no harm by itself."""
    aws.on("AdminCreateUser", answer)

    assert create_user().get("User", {}).get("Username") in (None, "", SUB)


@pytest.mark.parametrize(
    "body",
    [
        *(b"null", b"[]", b"5", b'"text"', b"\xff", b"{\xff}", b"[" * 100_000, b'{"User": "text"}', b'{"User": []}'),
        *(b'{"User": {"Username": 5}}', b'{"User": {"Username": ["x"]}}', b'{"User": {"Username": "\\ud800"}}'),
        *(b'{"User": {"Attributes": [5]}}', b'{"User": {"Attributes": [null]}}', b'{"User": {"Attributes": 5}}'),
        *(b'{"User": {"UserCreateDate": %s}}' % date for date in (b'"someday"', b'"2026-01-02"', b"{}", b"1e300")),
        *(b"garbage", b"{", b'{"User": {"Username": "x"}', b"<html></html>"),
    ],
    ids=lambda body: body[:60].decode("latin-1"),
)
def test_answer_in_another_form_cannot_be_read(aws: ScriptedAws, body: bytes) -> None:
    """A proxy that changes answers, or another service at that address, is not a bug in the action."""
    aws.on("AdminCreateUser", of_cognito(body))

    with pytest.raises(ResponseParserError) as caught:
        create_user()

    assert str(caught.value) == ""


@pytest.mark.parametrize("body", [b"garbage", b"{", b'{"User', b"<html></html>"])
def test_what_is_no_json_is_no_success(aws: ScriptedAws, body: bytes) -> None:
    """A deletion has no answer to be checked, so half of one would look like a whole one."""
    aws.on("AdminDeleteUser", of_cognito(body))

    with pytest.raises(ResponseParserError):
        client("cognito-idp").admin_delete_user(UserPoolId=POOL_ID, Username="x")


@pytest.mark.parametrize("body", [b"", b"{}", b" {} ", b'{"More": 1}'])
def test_answer_to_a_deletion_can_be_empty(aws: ScriptedAws, body: bytes) -> None:
    """AWS sends no body at all, and emulators send an empty object."""
    aws.on("AdminDeleteUser", of_cognito(body))

    assert client("cognito-idp").admin_delete_user(UserPoolId=POOL_ID, Username="x")


@pytest.mark.parametrize("status", [400, 403, 500])
@pytest.mark.parametrize("body", [b"", b"garbage", b"<html></html>"])
def test_refusal_that_is_no_json_has_its_status_as_the_code(aws: ScriptedAws, status: int, body: bytes) -> None:
    """AWS's own gateways refuse in other forms."""
    aws.on("AdminDeleteUser", of_cognito(body, status))

    with pytest.raises(ClientError) as caught:
        client("cognito-idp").admin_delete_user(UserPoolId=POOL_ID, Username="x")

    assert caught.value.response["Error"]["Code"] == str(status)


def test_broken_connection_is_distinguished_from_a_broken_answer(aws: ScriptedAws) -> None:
    """The network's own failures stay what they are."""
    aws.on("AdminCreateUser", None)

    with pytest.raises(CallError) as caught:
        create_user()

    assert (caught.value.operation, caught.value.code) == ("AdminCreateUser", "NetworkError")
    assert caught.value.outcome_unknown


@pytest.mark.parametrize("parameters", [5, [], "text", {"SALT": 5}, {"SALT": None}])
def test_parameters_of_a_challenge_are_strings(aws: ScriptedAws, parameters: object) -> None:
    """The password proof is computed from them."""
    aws.on("InitiateAuth", cognito_answer({"ChallengeParameters": parameters}))

    with pytest.raises(ResponseParserError):
        client("cognito-idp").initiate_auth(ClientId="x", AuthFlow="USER_SRP_AUTH")


@pytest.mark.parametrize("code", [5, True, ["x"], {}, {"x": "y"}])
@pytest.mark.parametrize("status", [400, 500])
def test_refusal_whose_code_is_not_a_string_cannot_be_read(aws: ScriptedAws, code: object, status: int) -> None:
    """A code of another type has no meaning."""
    aws.on("AdminCreateUser", cognito_answer({"__type": code}, status))

    with pytest.raises(ResponseParserError):
        create_user()


@pytest.mark.parametrize("message", [5, None, ["x"], {"x": "y"}, "\ud800"])
def test_refusal_with_any_message_is_a_refusal(aws: ScriptedAws, message: object) -> None:
    """The code alone determines what to do."""
    aws.on("AdminCreateUser", cognito_answer({"__type": "NotAuthorizedException", "message": message}, 400))

    with pytest.raises(ClientError) as caught:
        create_user()

    assert caught.value.response["Error"]["Code"] == "NotAuthorizedException"


@pytest.mark.parametrize("error", ["text", "<Code>a</Code><Code>b</Code>", "<Code><a/></Code>"])
def test_sts_refusal_in_another_form_cannot_be_read(aws: ScriptedAws, error: str) -> None:
    """The same is true in XML."""
    body = f"<ErrorResponse><Error>{error}</Error></ErrorResponse>".encode()
    aws.on("AssumeRoleWithWebIdentity", Answer(403, body, {"Content-Type": "text/xml"}))

    with pytest.raises(ResponseParserError):
        assume_role()
