"""STS and Cognito on loopback, which answer from a script."""

import json
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from tools.emulator.http import Answer, Request, serving


@dataclass(frozen=True)
class Call:
    """One call to a scripted service, with what the runner knew by then."""

    operation: str
    parameters: Mapping[str, Any]
    state: Mapping[str, str] = field(default_factory=dict)
    masks: frozenset[str] = frozenset()
    headers: Mapping[str, str] = field(default_factory=dict)


GRANTED = Answer(
    200,
    b'<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
    b"<AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>ASIASESSIONEXAMPLE00</AccessKeyId>"
    b"<SecretAccessKey>session-secret-access-key</SecretAccessKey><SessionToken>session-token</SessionToken>"
    b"<Expiration>2040-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleWithWebIdentityResult>"
    b"</AssumeRoleWithWebIdentityResponse>",
    {"Content-Type": "text/xml"},
)
"""The STS answer that grants a session."""


DONE = Answer(200, b"{}", {"Content-Type": "application/x-amz-json-1.1"})
"""Cognito's answer to a call that returns nothing."""


NOBODY = Answer(200, b'{"Users": []}', {"Content-Type": "application/x-amz-json-1.1"})
"""Cognito's empty list of users."""


def sts_refusal(code: str, message: str = "no", status: int = 400) -> Answer:
    """The STS answer that refuses a session."""
    body = (
        '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>'
        f"<Code>{code}</Code><Message>{escape(message)}</Message></Error><RequestId>r</RequestId></ErrorResponse>"
    )
    return Answer(status, body.encode(), {"Content-Type": "text/xml"})


def cognito_refusal(code: str, message: str = "no", status: int = 400) -> Answer:
    """The Cognito answer that refuses a call."""
    return cognito_answer({"__type": code, "message": message}, status)


def cognito_answer(content: Mapping[str, Any], status: int = 200) -> Answer:
    """A Cognito answer."""
    return Answer(status, json.dumps(content).encode(), {"Content-Type": "application/x-amz-json-1.1"})


@dataclass
class ScriptedAws:
    """STS and Cognito on loopback: each call gets its script's next answer, None for no answer; then all succeed."""

    url: str = ""
    calls: list[Call] = field(default_factory=list)
    scripts: dict[str, deque[Answer | None]] = field(default_factory=dict)
    user_scripts: dict[str, deque[Answer | None]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    @property
    def operations(self) -> list[str]:
        return [call.operation for call in self.calls]

    def all(self, operation: str) -> list[Call]:
        return [call for call in self.calls if call.operation == operation]

    def on(self, operation: str, *answers: Answer | None) -> None:
        """Give `answers` to the next calls of `operation`, one each."""
        self.scripts.setdefault(operation, deque()).extend(answers)

    def about(self, username: str, *answers: Answer | None) -> None:
        """Give `answers` to the next calls about the user `username`, one each, in whatever order users come up."""
        self.user_scripts.setdefault(username, deque()).extend(answers)

    def respond(self, request: Request) -> Answer | None:
        if target := request.headers.get("X-Amz-Target"):
            operation, parameters = target.rpartition(".")[2], json.loads(request.body)
        else:
            parameters = dict(parse_qsl(request.body.decode()))
            operation = parameters["Action"]
        with self._lock:
            self.calls.append(Call(operation, parameters, headers=request.headers))
            if script := self.user_scripts.get(parameters.get("Username", "")) or self.scripts.get(operation):
                return script.popleft()
        return {"AssumeRoleWithWebIdentity": GRANTED, "ListUsers": NOBODY}.get(operation, DONE)


@contextmanager
def scripted_aws() -> Iterator[ScriptedAws]:
    """Run a `ScriptedAws`."""
    service = ScriptedAws()
    with serving(service.respond) as service.url:
        yield service
