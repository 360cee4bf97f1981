"""The search for the job's own credentials, where the machine could have some and has none for a container."""

import os
import socket
import subprocess
import sys
import time
from io import BytesIO
from pathlib import Path

import pytest

from cognito_action.aws.ambient import find_credentials
from cognito_action.errors import ActionError
from cognito_action.github.runner import Runner
from cognito_action.network.connections import Network
from cognito_action.words import HostKind
from tests.support.fake_time import FakeTime
from tests.support.sockets import closed_port, listening
from tools.emulator.job import ROOT

UNAUTHORIZED = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"
SECONDS = 3
"""Longer than the search waits for the machine."""


def advice(port: int, kind: HostKind = HostKind.ACTION, **environ: str) -> str:
    """What is said if this is the port of the machine's metadata service, of which the SDK itself asks nothing."""
    environ["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = f"http://127.0.0.1:{port}/"
    host = Runner({}, BytesIO())
    host.kind = kind
    with pytest.raises(ActionError) as caught:
        find_credentials(Network(environ), "us-east-1", FakeTime().retry(), host)
    assert caught.value.what == "There are no AWS credentials."
    return caught.value.told(kind).text


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


def test_command_runs_in_no_container_of_its_own() -> None:
    """Its hops are those of the machine, and what it can use is on the machine."""
    with listening(host_alone) as port:
        told = advice(port, HostKind.COMMAND)

    assert "hop-limit" not in told
    assert "`aws sso login`" in told


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


PROFILE = """
[profile dev]
role_arn = arn:aws:iam::000000000000:role/dev
source_profile = keys
mfa_serial = arn:aws:iam::000000000000:mfa/me
[profile keys]
aws_access_key_id = a
aws_secret_access_key = b
"""

SEARCH = """
import os, sys
from cognito_action.aws.ambient import find_credentials
from cognito_action.errors import ActionError
from cognito_action.network.connections import Network
from cognito_action.retry import Limits, Retry
from cognito_action.terminal.console import Console
from cognito_action.terminal.id_tokens import TokenSource
host = Console(os.environ, sys.stderr.buffer, TokenSource(), logs=False)
try:
    find_credentials(Network(os.environ), "us-east-1", Retry(Limits(60), print), host)
except ActionError as error:
    print(error.text)
"""


def test_code_that_no_one_can_type_is_told(tmp_path: Path) -> None:
    """The AWS CLI can ask for it, and its session is used."""
    (tmp_path / "config").write_text(PROFILE)
    aws = {"AWS_CONFIG_FILE": str(tmp_path / "config"), "AWS_PROFILE": "dev", "HOME": str(tmp_path)}

    done = subprocess.run(
        [sys.executable, "-c", SEARCH],
        cwd=ROOT,
        env={**{name: text for name, text in os.environ.items() if not name.startswith("AWS_")}, **aws},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        start_new_session=True,  # without a terminal
        check=False,
    )

    assert done.stdout.endswith("aws sts get-caller-identity --profile dev\n")
