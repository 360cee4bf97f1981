"""Whose answers count: AWS's, by the marks of each protocol, and an emulator's refusals where one is configured."""

import json
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cognito_action.aws.responses import SDK_ERRORS, call_error, validate_responses
from cognito_action.aws.sdk import CONFIG, isolated_session
from cognito_action.aws.transport import send_through
from cognito_action.errors import CallError
from cognito_action.network.connections import Network
from tests.support.examples import POOL_ID, ROLE_ARN
from tests.support.scripted_aws import DONE, GRANTED, cognito_answer, cognito_refusal, sts_refusal
from tests.support.sockets import closed_port, running_proxy
from tools.emulator.http import Answer, Request, serving

SESSION = isolated_session()

DELETE, ASSUME = "AdminDeleteUser", "AssumeRoleWithWebIdentity"

SERVICES = {DELETE: "cognito-idp", ASSUME: "sts"}

REQUEST_ID = {"x-amzn-RequestId": "11111111-2222-3333-4444-555555555555"}

PAGE = Answer(200, b"<html><title>Sign in</title></html>", {"Content-Type": "text/html"})


def call(operation: str, url: str, *, own_endpoint: bool, network: Network | None = None) -> Any:
    """Make a call of AWS to whatever is there."""
    client: Any = SESSION.create_client(
        SERVICES[operation],
        region_name="eu-central-1",
        endpoint_url=url,
        config=CONFIG,
        aws_access_key_id="AKIAEXAMPLE",
        aws_secret_access_key="secret",
    )
    validate_responses(client)
    send_through(client, network or Network({}), own_endpoint=own_endpoint)
    if operation == DELETE:
        return client.admin_delete_user(UserPoolId=POOL_ID, Username="x")
    return client.assume_role_with_web_identity(RoleArn=ROLE_ARN, RoleSessionName="session", WebIdentityToken="token")


def answered(operation: str, answer: Answer, *, own_endpoint: bool = False) -> Any:
    """What the call returns if this is the answer."""
    requests: list[Request] = []

    def respond(request: Request) -> Answer:
        requests.append(request)
        return answer

    with serving(respond) as url:
        try:
            return call(operation, url, own_endpoint=own_endpoint)
        finally:
            assert len(requests) == 1


def refused(operation: str, answer: Answer, *, own_endpoint: bool = False) -> str:
    """The code with which AWS refused the call."""
    with pytest.raises(ClientError) as caught:
        answered(operation, answer, own_endpoint=own_endpoint)
    return call_error(operation, caught.value).code


def foreign(operation: str, answer: Answer, *, own_endpoint: bool = False) -> str:
    """What is said of an answer that is not AWS's: the call may have taken effect."""
    with pytest.raises(CallError) as caught:
        answered(operation, answer, own_endpoint=own_endpoint)
    error = caught.value
    assert (error.operation, error.code) == (operation, "ForeignAnswer")
    assert (error.retryable, error.outcome_unknown, error.unanswered) == (True, True, True)
    assert error.message.startswith("127.0.0.1:")
    return error.message.partition(" ")[2]


# AWS's marks


@pytest.mark.parametrize("own_endpoint", [False, True])
@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "application/x-amz-json-1.1"},
        {"Content-Type": "Application/X-AMZ-JSON-1.1; charset=utf-8"},
        REQUEST_ID,
        {"X-AMZN-REQUESTID": "r", "Content-Type": "application/json"},
    ],
)
def test_answer_of_cognito_bears_its_mark(headers: dict[str, str], *, own_endpoint: bool) -> None:
    """The request's ID alone is one, and so is the content type of the protocol."""
    assert answered(DELETE, Answer(200, b"", headers), own_endpoint=own_endpoint)["ResponseMetadata"]
    assert (
        refused(DELETE, replace(cognito_refusal("UserNotFoundException"), headers=headers)) == "UserNotFoundException"
    )


@pytest.mark.parametrize("own_endpoint", [False, True])
@pytest.mark.parametrize(
    "headers", [{"Content-Type": "text/xml"}, {"Content-Type": "text/xml;charset=UTF-8"}, REQUEST_ID]
)
@pytest.mark.parametrize("front", [b"", b"\n ", b'<?xml version="1.0" encoding="UTF-8"?>\n'])
def test_answer_of_sts_bears_its_mark(headers: dict[str, str], front: bytes, *, own_endpoint: bool) -> None:
    """In XML the root has to be that of an answer, since pages can be XML as well."""
    granted = (
        replace(GRANTED, headers=headers, body=front + GRANTED.body)
        if front != b"\n "
        else replace(GRANTED, headers=headers)
    )
    denied = sts_refusal("AccessDenied", "no", 403)

    assert answered(ASSUME, granted, own_endpoint=own_endpoint)["Credentials"]["SessionToken"] == "session-token"
    assert refused(ASSUME, replace(denied, headers=headers)) == "AccessDenied"


@pytest.mark.parametrize("operation", SERVICES)
@pytest.mark.parametrize("status", [302, 400, 403, 404, 500, 503])
def test_refusal_with_the_requests_id_is_of_aws_whatever_it_holds(operation: str, status: int) -> None:
    """Its load balancers answer with pages too."""
    assert refused(operation, replace(PAGE, status=status, headers={**PAGE.headers, **REQUEST_ID}))


# What stands between


@pytest.mark.parametrize("own_endpoint", [False, True])
@pytest.mark.parametrize("operation", SERVICES)
@pytest.mark.parametrize("status", [200, 201, 302, 307, 400, 401, 403, 404, 407, 429, 500, 502, 503, 504])
def test_page_in_place_of_an_answer_is_a_lost_answer(operation: str, status: int, *, own_endpoint: bool) -> None:
    """No deletion and no refusal is believed to whoever else answers, and no redirect is followed."""
    page = replace(PAGE, status=status, headers={**PAGE.headers, "Location": "/elsewhere"})

    assert foreign(operation, page, own_endpoint=own_endpoint) == (
        f'answered with status {status}, text/html, titled "Sign in"'
    )


@pytest.mark.parametrize("operation", SERVICES)
@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, b""),
        Answer(200, b"{}"),
        Answer(200, b"{}", {"Content-Type": "application/json"}),
        Answer(200, b"{}", {"Content-Type": "application/x-amz-json-1.0"}),
        Answer(200, b"ok", {"Content-Type": "text/plain"}),
        Answer(200, b"", {"Content-Type": "text/xml"}),
        Answer(200, b"<html></html>", {"Content-Type": "text/xml"}),
        Answer(200, b"<?xml version='1.0'?><!DOCTYPE html><html></html>", {"Content-Type": "text/xml"}),
        Answer(200, b"<error><Response/></error>", {"Content-Type": "text/xml"}),
        Answer(200, GRANTED.body, {"Content-Type": "application/xml"}),
        Answer(200, b"{}", {"x-amz-request-id": "of another service", "X-Request-Id": "r"}),
    ],
    ids=lambda answer: f"{answer.body[:30]!r} {answer.headers}",
)
def test_what_bears_no_mark_is_a_lost_answer(operation: str, answer: Answer) -> None:
    """Neither its status nor its form makes it AWS's."""
    assert foreign(operation, answer, own_endpoint=True).startswith("answered with status 200, ")


def test_mark_of_one_protocol_is_none_of_the_other() -> None:
    """Whatever answers there is another service."""
    assert foreign(DELETE, GRANTED) == "answered with status 200, text/xml"
    assert foreign(ASSUME, DONE) == "answered with status 200, application/x-amz-json-1.1"


def test_request_that_reached_no_one_is_told_as_such() -> None:
    """The network's failures come through the SDK as they are."""
    with closed_port() as port, pytest.raises(CallError) as caught:
        call(DELETE, f"http://127.0.0.1:{port}", own_endpoint=False)

    assert (caught.value.operation, caught.value.code) == (DELETE, "NetworkError")
    assert (caught.value.retryable, caught.value.outcome_unknown) == (True, False)


@pytest.mark.parametrize(("operation", "answer"), [(DELETE, DONE), (ASSUME, GRANTED)])
def test_call_goes_through_a_proxy(operation: str, answer: Answer) -> None:
    """The SDK's headers, some of which are bytes, are the same to the service as without one."""
    requests: list[Request] = []

    def respond(request: Request) -> Answer:
        requests.append(request)
        return answer

    with serving(respond) as url, running_proxy() as proxy:
        network = Network({"http_proxy": f"http://user:password@127.0.0.1:{proxy.port}"})
        call(operation, url, own_endpoint=True)
        call(operation, url, own_endpoint=True, network=network)

    assert proxy.requests == [f"POST {url}/"]
    direct, proxied = ({name: value for name, value in one.headers.items() if name in SAME} for one in requests)
    assert direct == proxied
    assert {*direct} >= {"User-Agent", "Host", "Content-Length"}
    assert {*requests[0].headers} <= {*requests[1].headers}


SAME = ("Content-Type", "Content-Length", "Host", "User-Agent", "X-Amz-Target")


# Emulators


def in_json(content: object, status: int = 400) -> Answer:
    """An emulator's refusal."""
    return Answer(status, json.dumps(content).encode(), {"Content-Type": "application/json"})


@pytest.mark.parametrize("status", [400, 403, 404, 500])
def test_refusal_of_an_emulator_counts_where_one_is_configured(status: int) -> None:
    """It has AWS's form, and no mark; on the way to AWS itself it would be a stranger's."""
    answer = in_json({"__type": "UserNotFoundException", "message": "no"}, status)

    assert refused(DELETE, answer, own_endpoint=True) == "UserNotFoundException"
    assert foreign(DELETE, answer) == f"answered with status {status}, application/json"


@pytest.mark.parametrize(
    "content",
    [{}, {"__type": 5}, {"__type": None}, {"type": "X"}, ["__type"], "__type", None, {"error": {"__type": "X"}}],
)
def test_other_json_does_not_count(content: object) -> None:
    """Gateways answer in JSON as well."""
    assert foreign(DELETE, in_json(content), own_endpoint=True) == "answered with status 400, application/json"


@pytest.mark.parametrize("status", [200, 302])
def test_refusal_without_an_errors_status_does_not_count(status: int) -> None:
    """What says that it succeeded has to be marked."""
    assert foreign(DELETE, in_json({"__type": "X"}, status), own_endpoint=True)


@pytest.mark.parametrize("body", [b"[" * 100_000, b"{\xff}", b"", b"{"])
def test_what_is_no_json_does_not_count(body: bytes) -> None:
    """However deep it is."""
    assert foreign(DELETE, Answer(400, body), own_endpoint=True)


def test_refusal_in_json_is_no_answer_of_sts() -> None:
    """It is for XML; whether the call took effect is not known."""
    with pytest.raises(SDK_ERRORS) as caught:
        answered(ASSUME, in_json({"__type": "AccessDenied"}), own_endpoint=True)

    error = call_error(ASSUME, caught.value)  # type: ignore[arg-type]
    assert (error.code, error.retryable, error.outcome_unknown) == ("ForeignAnswer", True, True)


def test_answer_is_read_as_it_came() -> None:
    """Status, headers and body are those of the answer."""
    answer = cognito_answer({"User": {"Username": "x"}})
    with serving(lambda _: replace(answer, headers={**answer.headers, "X-Other": "1"})) as url:
        metadata = call(DELETE, url, own_endpoint=True)["ResponseMetadata"]

    assert metadata["HTTPStatusCode"] == 200
    assert metadata["HTTPHeaders"]["x-other"] == "1"
    assert metadata["RetryAttempts"] == 0
