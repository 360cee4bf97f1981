"""Refusals from public reports, played through the executable: each has one cause, and advice that fits it."""

import json
import socket
import time

import pytest
import yaml

from tests.support.sockets import listening
from tests.support.the_error import the_error
from tests.support.world import World
from tools.emulator.http import Answer, Request, serving
from tools.emulator.proxy import refusing

ASSUME, CREATE, SET, JOIN = (
    "AssumeRoleWithWebIdentity",
    "AdminCreateUser",
    "AdminSetUserPassword",
    "AdminAddUserToGroup",
)
KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
NOT_AUTHORIZED = "Not authorized to perform sts:AssumeRoleWithWebIdentity"

REPORTED = [
    (
        ASSUME,
        "InvalidIdentityToken",
        "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint",
        "update-open-id-connect-provider-thumbprint",
    ),
    (ASSUME, "InvalidIdentityToken", "Missing a required claim: sub", "`ACTIONS_ID_TOKEN_REQUEST_URL`"),
    (ASSUME, "AccessDenied", f"{NOT_AUTHORIZED} with an explicit deny in a resource control policy", "administrators"),
    (ASSUME, "AccessDenied", "User: x is not authorized to perform: sts:TagSession on resource: y", "`sts:TagSession`"),
    (ASSUME, "PackedPolicyTooLarge", "Packed size of session tags consumes 142% of allotted space.", "fewer tags"),
    (ASSUME, "RegionDisabledException", "STS is not activated in this region for account:1.", "Account settings"),
    (ASSUME, "ValidationError", "Request ARN is invalid", "Check `role-to-assume`"),
    (
        CREATE,
        "AccessDeniedException",
        "no, with an explicit deny in a service control policy",
        "except these credentials or this pool from its denial",
    ),
    (CREATE, "AccessDeniedException", "because no permissions boundary allows it", "to the permissions boundary:"),
    (CREATE, "InvalidSignatureException", "Signature expired: 20261129T08 is now earlier than 20261129T09", "clock"),
    (CREATE, "InvalidSignatureException", "Signature not yet current: 20261129T09 is still later than x", "clock"),
    (CREATE, "RequestTimeTooSkewed", "The difference between the request time and the current time", "clock"),
    (
        CREATE,
        "UnexpectedLambdaException",
        "PreSignUp invocation failed due to error AccessDeniedException.",
        "add-permission",
    ),
    (
        CREATE,
        "UnexpectedLambdaException",
        "PreSignUp invocation failed due to error Socket timeout while invoking Lambda function.",
        "5 seconds",
    ),
    (
        CREATE,
        "UnexpectedLambdaException",
        "PreSignUp invocation failed due to error ResourceNotFoundException.",
        "deleted",
    ),
    (
        CREATE,
        "UnexpectedLambdaException",
        "PreSignUp invocation failed due to error TooManyRequestsException.",
        "max-parallel",
    ),
    (CREATE, "UnexpectedLambdaException", "PreSignUp failed with error RequestId: 1 Error: Runtime exited", "crashed"),
    (CREATE, "InvalidLambdaResponseException", "Unrecognizable lambda output", "return the event"),
    (CREATE, "InvalidParameterException", "Invalid phone number format.", "`phone-number`"),
    (
        CREATE,
        "InvalidParameterException",
        "Attributes did not conform to the schema: birthdate: String must be no shorter than 10 characters",
        "birthdate=1990-01-31",
    ),
    (
        CREATE,
        "InvalidParameterException",
        "Preferred username cannot be provided for unconfirmed account",
        "Leave `preferred_username` out",
    ),
    (
        CREATE,
        "InvalidParameterException",
        "User pool does not have SMS configuration to send messages.",
        "`phone-number`",
    ),
    (
        CREATE,
        "InvalidSmsRoleTrustRelationshipException",
        "Role does not have a trust relationship",
        "`cognito-idp.amazonaws.com`",
    ),
    (CREATE, "CodeDeliveryFailureException", "Unable to deliver message", "custom email or SMS"),
    (CREATE, "LimitExceededException", "Exceeded the limit", "have the limit raised"),
    (CREATE, "FeatureUnavailableInTierException", "This feature is not available in your tier", "Choose a plan"),
    (SET, "UserNotFoundException", "User does not exist.", "vanished between two calls"),
]


@pytest.mark.parametrize(("operation", "code", "message", "expected"), REPORTED)
def test_refusal_is_told_once(world: World, operation: str, code: str, message: str, expected: str) -> None:
    """It is not tried again, since it can't change, and post leaves no one."""
    pool = world.pool()
    job = world.job()
    world.aws.on(operation, refusing(code, message, 403 if code.startswith("AccessDenied") else 400))

    told = the_error(job.main(world.inputs(pool)))

    assert f"{operation} failed with {code}: {message}" in told
    assert expected in told
    assert world.aws.calls.count(operation) == 1
    assert job.post().exit_code == 0
    assert world.account.users(pool) == []


@pytest.mark.parametrize(
    ("status", "message", "expected"),
    [
        (403, "Can't issue ID_TOKEN for audience 'https://example.com'.", "Leave `audience` out."),
        (403, "Can't issue ID_TOKEN for job in 'Pending' state.", "not to be running yet"),
        (401, "Unauthorized", "after the job has ended"),
    ],
)
def test_token_service_has_its_say(world: World, status: int, message: str, expected: str) -> None:
    """Its own words are in the error."""
    world.github.respond = lambda _: Answer(status, json.dumps({"message": message}).encode())

    told = the_error(world.job().main({**world.inputs(world.pool()), "audience": "https://example.com"}))

    assert f"failed with {status}: {message}" in told
    assert expected in told
    assert world.aws.calls == ["GetIDToken"]


def test_token_that_drips_is_githubs(world: World) -> None:
    """AWS was never asked, and is not blamed."""

    def drip(connection: socket.socket) -> None:
        connection.recv(1 << 16)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n")
        for _ in range(60):
            connection.sendall(b" ")
            time.sleep(0.5)

    with listening(drip) as port:
        environ = {**world.environ, "ACTIONS_ID_TOKEN_REQUEST_URL": f"http://127.0.0.1:{port}/?x"}
        main = world.job(environ).main(world.inputs(world.pool()))

    told = the_error(main)
    assert told.startswith("The request for GitHub's ID token failed with NoAnswer: no answer within 8 s")
    assert "AssumeRole" not in told
    assert world.aws.calls == []


@pytest.mark.parametrize("variable", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS"])
def test_emulator_of_other_services(world: World, variable: str) -> None:
    """An ordinary job with a database's emulator: it takes every request, and knows none of ours."""

    def answer(_: Request) -> Answer:
        body = b'{"__type": "com.amazonaws.dynamodb.v20120810#UnknownOperationException", "message": ""}'
        return Answer(400, body, {"Content-Type": "application/x-amz-json-1.0", "x-amzn-RequestId": "1"})

    with serving(answer) as url:
        told = the_error(world.job({**world.environ, variable: url}).main(world.inputs(world.pool())))

    assert f"`{variable}`" in told
    assert f"endpoint: {url} ({variable})" in told
    assert yaml.safe_load(told[told.index("env:") :].partition("\nendpoint")[0]) == {
        "env": {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}
    }


@pytest.mark.parametrize("answers", ["the host alone", "no one", "everyone"])
def test_metadata_service_that_answers_hosts_only(world: World, answers: str) -> None:
    """A token that gets no further than one hop: the command allows a second. Any other service is no reason."""

    def serve(connection: socket.socket) -> None:
        request = connection.recv(1 << 16)
        if answers == "the host alone" and request.startswith(b"GET"):
            connection.sendall(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n")
        elif answers == "everyone":
            connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        else:
            time.sleep(3)

    with listening(serve) as port:
        environ = {**world.bare_environ, "AWS_EC2_METADATA_SERVICE_ENDPOINT": f"http://127.0.0.1:{port}"}
        environ.pop("AWS_EC2_METADATA_DISABLED", None)
        told = the_error(world.job(environ).main({"user-pool-id": world.pool()}))

    assert told.startswith("There are no AWS credentials.")
    assert ("--http-put-response-hop-limit 2" in told) == (answers == "the host alone")


def test_operation_that_an_emulator_lacks_is_tried_once(world: World) -> None:
    """Emulators say so with a status of 500 or 501, which of AWS would mean that it may go better next time."""
    pool = world.pool()
    for code, status in (("InternalFailure", 501), ("CognitoLocal#Unsupported", 500)):
        world.aws.calls.clear()
        world.aws.on(CREATE, refusing(code, "not yet implemented", status))

        told = the_error(world.job().main(world.inputs(pool)))

        assert "names another place than AWS" in told
        assert world.aws.calls.count(CREATE) == 1
