"""AWS's answers: what does not match the service's model can't be read, wherever the SDK would fail on it."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError
from botocore.parsers import ResponseParserError

from cognito_action.aws.sdk import isolated_session, new_client
from tests.support.examples import POOL_ID, SUB
from tests.support.scripted_aws import ScriptedAws, cognito_answer
from tools.emulator.http import Answer

KEYS = {"aws_access_key_id": "AKIAEXAMPLE", "aws_secret_access_key": "secret"}


def create_user() -> Any:
    """Create a user and return the answer."""
    client = new_client(isolated_session(), "cognito-idp", "eu-central-1", **KEYS)
    return client.admin_create_user(UserPoolId=POOL_ID, Username="x")


def assume_role() -> Any:
    """Assume a role and return the answer."""
    client = new_client(isolated_session(), "sts", "eu-central-1", **KEYS)
    return client.assume_role_with_web_identity(
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
    ],
    ids=lambda body: body[:60].decode("latin-1"),
)
def test_answer_in_another_form_cannot_be_read(aws: ScriptedAws, body: bytes) -> None:
    """A proxy that changes answers, or another service at that address, is not a bug in the action."""
    aws.on("AdminCreateUser", Answer(200, body))

    with pytest.raises(ResponseParserError) as caught:
        create_user()

    assert str(caught.value) == ""


def test_broken_connection_is_distinguished_from_a_broken_answer(aws: ScriptedAws) -> None:
    """The SDK's own exceptions stay what they are."""
    aws.on("AdminCreateUser", None)

    with pytest.raises(ConnectionClosedError):
        create_user()


@pytest.mark.parametrize("parameters", [5, [], "text", {"SALT": 5}, {"SALT": None}])
def test_parameters_of_a_challenge_are_strings(aws: ScriptedAws, parameters: object) -> None:
    """The password proof is computed from them."""
    aws.on("InitiateAuth", cognito_answer({"ChallengeParameters": parameters}))
    client = new_client(isolated_session(), "cognito-idp", "eu-central-1", **KEYS)

    with pytest.raises(ResponseParserError):
        client.initiate_auth(ClientId="x", AuthFlow="USER_SRP_AUTH")


@pytest.mark.parametrize("code", [5, True, ["x"], {}, {"x": "y"}])
@pytest.mark.parametrize("status", [400, 500])
def test_refusal_whose_code_is_not_a_string_cannot_be_read(aws: ScriptedAws, code: object, status: int) -> None:
    """A code of another type has no meaning."""
    aws.on("AdminCreateUser", Answer(status, json.dumps({"__type": code}).encode()))

    with pytest.raises(ResponseParserError):
        create_user()


@pytest.mark.parametrize("message", [5, None, ["x"], {"x": "y"}, "\ud800"])
def test_refusal_with_any_message_is_a_refusal(aws: ScriptedAws, message: object) -> None:
    """The code alone determines what to do."""
    aws.on(
        "AdminCreateUser", Answer(400, json.dumps({"__type": "NotAuthorizedException", "message": message}).encode())
    )

    with pytest.raises(ClientError) as caught:
        create_user()

    assert caught.value.response["Error"]["Code"] == "NotAuthorizedException"


@pytest.mark.parametrize("error", ["text", "<Code>a</Code><Code>b</Code>", "<Code><a/></Code>"])
def test_sts_refusal_in_another_form_cannot_be_read(aws: ScriptedAws, error: str) -> None:
    """The same is true in XML."""
    aws.on("AssumeRoleWithWebIdentity", Answer(403, f"<ErrorResponse><Error>{error}</Error></ErrorResponse>".encode()))

    with pytest.raises(ResponseParserError):
        assume_role()
