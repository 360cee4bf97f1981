"""The search for the job's own credentials, where the machine could have some and has none for a container."""

import socket
import time

import pytest

from cognito_action.aws.ambient import find_credentials
from cognito_action.errors import ActionError
from cognito_action.github.redaction import Redactor
from cognito_action.network.connections import Network
from tests.support.fake_time import FakeTime
from tests.support.sockets import closed_port, listening

UNAUTHORIZED = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"
SECONDS = 3
"""Longer than the search waits for the machine."""


def advice(port: int, **environ: str) -> str:
    """The lines to paste if this is the port of the machine's metadata service, of which the SDK itself asks nothing."""
    environ["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = f"http://127.0.0.1:{port}/"
    with pytest.raises(ActionError) as caught:
        find_credentials(Network(environ), "us-east-1", FakeTime().retry(), Redactor({}))
    assert caught.value.what == "There are no AWS credentials."
    return caught.value.paste


def host_alone(connection: socket.socket) -> None:
    """Answer, but leave out the answer to the request for a token, whose packets get no further than one hop."""
    if connection.recv(1 << 16).startswith(b"GET"):
        connection.sendall(UNAUTHORIZED)
    else:
        time.sleep(SECONDS)


def test_token_that_reaches_the_host_alone_is_a_reason() -> None:
    """A second hop brings it into the container."""
    with listening(host_alone) as port:
        assert "--http-put-response-hop-limit 2" in advice(port)
        assert "hop-limit" not in advice(port, AWS_EC2_METADATA_DISABLED="true")


def test_service_that_answers_or_is_not_there_is_none() -> None:
    """Then the machine has no credentials to give, or is none of AWS's."""
    with listening(lambda connection: connection.sendall(UNAUTHORIZED)) as port:
        assert "hop-limit" not in advice(port)
    with closed_port() as port:
        assert "hop-limit" not in advice(port)


def test_service_that_answers_nothing_is_none() -> None:
    """Any network can have a host at that address that takes connections."""
    with listening(lambda _: time.sleep(SECONDS)) as port:
        assert "hop-limit" not in advice(port)
