"""A proxy in front of the account that does what ministack does not.

It records every call, enforces the inline policy of each assumed session (ministack ignores it), and simulates the
refusals and failures that a test asks for.
"""

import http.client
import json
import re
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tools.emulator.aws import REGION
from tools.emulator.http import Answer, Request, serving


@dataclass(frozen=True)
class Call:
    """One request of an AWS client to the proxy."""

    operation: str
    parameters: Mapping[str, Any]
    request: Request
    forward: Callable[[], Answer]

    def refuse(self, code: str, message: str, status: int = 400) -> Answer:
        """AWS's answer to a call that it refuses."""
        if self.operation == "AssumeRoleWithWebIdentity":
            body = (
                '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>'
                f"<Code>{code}</Code><Message>{message}</Message></Error><RequestId>r</RequestId></ErrorResponse>"
            )
            return Answer(status, body.encode(), {"Content-Type": "text/xml"})
        body = json.dumps({"__type": code, "message": message})
        return Answer(status, body.encode(), {"Content-Type": "application/x-amz-json-1.1"})


Rule = Callable[[Call], Answer | None]
"""What happens to one call instead of forwarding it. None closes the connection without an answer."""


def refusing(code: str, message: str, status: int = 400) -> Rule:
    """Refuse the call as AWS does."""
    return lambda call: call.refuse(code, message, status)


def forwarding(call: Call) -> Answer:
    """Forward the call: for calls before the one that a test is about."""
    return call.forward()


def losing_request(_: Call) -> None:
    """Close the connection before anything happens."""


def losing_answer(call: Call) -> None:
    """Carry the call out, and close the connection without an answer."""
    call.forward()


class Gate:
    """A rule that holds a call: `reached` is set when the call arrives, and setting `open` lets it continue."""

    def __init__(self, *, after: bool = False) -> None:
        self._after = after
        self.reached = Event()
        self.open = Event()

    def __call__(self, call: Call) -> Answer:
        """Hold the request, or with `after` its answer."""
        answer = call.forward() if self._after else None
        self.reached.set()
        self.open.wait(60)
        return answer or call.forward()


@dataclass
class Proxy:
    """The running proxy. `calls` has the names of all operations in order, `log` the calls themselves."""

    upstream: str
    url: str = ""
    calls: list[str] = field(default_factory=list)
    log: list[Call] = field(default_factory=list)
    _rules: dict[str, deque[Rule]] = field(default_factory=lambda: defaultdict(deque))
    _policies: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def on(self, operation: str, *rules: Rule) -> None:
        """Apply `rules` to the next calls of `operation`, one each."""
        self._rules[operation].extend(rules)

    def calm(self) -> None:
        """Remove all rules that have not been applied."""
        self._rules.clear()

    def parameters(self, operation: str) -> list[Mapping[str, Any]]:
        """The parameters of each call of `operation`."""
        return [call.parameters for call in self.log if call.operation == operation]

    def handle(self, request: Request) -> Answer | None:
        """Answer one request."""
        operation, parameters = operation_of(request)
        call = Call(operation, parameters, request, lambda: self._forward(request, operation, parameters))
        with self._lock:
            self.calls.append(operation)
            self.log.append(call)
            rule = self._rules[operation].popleft() if self._rules[operation] else None
        return rule(call) if rule else call.forward()

    def _forward(self, request: Request, operation: str, parameters: Mapping[str, Any]) -> Answer:
        if denied := self._denied(request, operation, parameters):
            return denied
        connection = http.client.HTTPConnection(urlsplit(self.upstream).netloc, timeout=30)
        path = urlsplit(request.path)._replace(scheme="", netloc="").geturl()  # a client with a proxy names all of it
        connection.request(request.method, path, request.body, dict(request.headers))
        response = connection.getresponse()
        body = response.read()
        connection.close()
        if operation == "AssumeRoleWithWebIdentity" and response.status == 200:
            key_id = re.search(rb"<AccessKeyId>(\w+)<", body)
            assert key_id
            self._policies[key_id[1].decode()] = {
                "role": parameters["RoleArn"],
                "statements": json.loads(parameters["Policy"])["Statement"],
            }
        content_type = response.getheader("Content-Type", "application/x-amz-json-1.1")
        return Answer(response.status, body, {"Content-Type": content_type})

    def _denied(self, request: Request, operation: str, parameters: Mapping[str, Any]) -> Answer | None:
        key_id = re.search(r"Credential=(\w+)/", request.headers.get("Authorization", ""))
        session = self._policies.get(key_id[1]) if key_id else None
        if session is None:
            return None
        account = session["role"].split(":")[4]
        arn = f"arn:aws:cognito-idp:{REGION}:{account}:userpool/{parameters.get('UserPoolId')}"
        for statement in session["statements"]:
            if f"cognito-idp:{operation}" in statement["Action"] and statement["Resource"] == arn:
                return None
        message = (
            f"User: {session['role']} is not authorized to perform: cognito-idp:{operation} on resource: {arn} because "
            f"no session policy allows the cognito-idp:{operation} action"
        )
        return Call(operation, parameters, request, lambda: Answer(500, b"")).refuse("AccessDeniedException", message)


def operation_of(request: Request) -> tuple[str, Mapping[str, Any]]:
    """The operation that a request asks for, and its parameters."""
    if target := request.headers.get("X-Amz-Target"):
        return target.rpartition(".")[2], json.loads(request.body)
    form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
    return form.get("Action", f"{request.method} {request.path}"), form


@contextmanager
def proxy(upstream: str) -> Iterator[Proxy]:
    """Run a proxy in front of `upstream`."""
    running = Proxy(upstream)
    with serving(running.handle) as running.url:
        yield running
