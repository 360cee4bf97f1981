"""Stand-ins for what the action is given: a runner, a clock, a client of Cognito, and AWS on loopback."""

import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from botocore.exceptions import ClientError, ReadTimeoutError
from hypothesis import strategies as st

from cognito_action.aws.user_pool import UserPool
from cognito_action.github.runner import Runner
from cognito_action.retry import Limits, Retry
from demo.http import Answer, Request, serving
from demo.job import Stage
from demo.workflow_commands import Masks

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.client import CognitoIdentityProviderClient

Result = TypeVar("Result")

POOL_ID = "eu-central-1_AbCdEfGhI"
POOL_ARN = "arn:aws:cognito-idp:eu-central-1:123456789012:userpool/eu-central-1_AbCdEfGhI"
ROLE_ARN = "arn:aws:iam::123456789012:role/ci"
SUB = "11111111-2222-3333-4444-555555555555"
PHONE = "+15555550123"

CLAIMED = {"setup": "", "keep": "", "users": "0", "files": "0"}
"""The state of a main that has come to nothing: the keys that nobody else may write."""

RUN_ENVIRON = {"GITHUB_REPOSITORY_ID": "123456789", "GITHUB_RUN_ID": "9876543210", "GITHUB_RUN_ATTEMPT": "1"}
PREFIX = "gha-123456789-9876543210-1-"
NAME = "gha-123456789-9876543210-1-0123456789abcdef"
EMAIL = f"{NAME}@example.com"

_PIECES = (
    *("::", "::error::", "::add-mask::", "::save-state name=user-1::", "::stop-commands::t", "##[", "##[add-mask]"),
    *("#", "[", "]", ":", ",", ";", "=", "<<", "<<EOF", "%", "%25", "%0A", "%0D", "%3A", "%2C", "\\", "`", "```"),
    *(" ", "\t", "\xa0", "\u3000", "\n", "\r", "\r\n", "\x0b", "\x0c", "\x85", "\u2028", "\u2029", "\ufeff"),
    *("\x00", "\x1b[31m", "\x7f", "\u202e", "é", "漢", "😀"),
)

TEXT = st.text() | st.lists(st.sampled_from(_PIECES) | st.text(max_size=3), max_size=12).map("".join)
"""Any text that UTF-8 can hold; half of it made of what a parser trips over."""

ANY_TEXT = TEXT | st.text(st.characters())
"""The same, and lone surrogates."""


class Desk:
    """The runner's side of one stage: the files and the stdout that `runner` writes to."""

    def __init__(self, folder: Path, **environ: str) -> None:
        self.paths = {name: folder / name for name in ("GITHUB_OUTPUT", "GITHUB_STATE", "GITHUB_STEP_SUMMARY")}
        for path in self.paths.values():
            path.touch()
        self.stdout = BytesIO()
        self.runner = Runner({**{name: str(path) for name, path in self.paths.items()}, **environ}, self.stdout)

    @property
    def stage(self) -> Stage:
        """What the runner reads so far."""
        files = {name: path.read_bytes().decode() for name, path in self.paths.items()}
        return Stage(0, self.stdout.getvalue().decode(), "", Masks(), files)


@dataclass
class FakeTime:
    """A clock that only `sleep` moves, and a random source that always draws the upper bound."""

    now: float = 0.0
    pauses: list[float] = field(default_factory=list)
    bounds: list[tuple[float, float]] = field(default_factory=list)
    reports: list[str] = field(default_factory=list)
    share: float = 1.0
    """Which part of the upper bound is drawn."""

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds

    def uniform(self, low: float, high: float) -> float:
        self.bounds.append((low, high))
        return high * self.share

    def retry(self, limits: Limits | float = 10.0) -> Retry:
        """A `Retry` on this clock, with limits or just the seconds in which attempts can begin."""
        limits = limits if isinstance(limits, Limits) else Limits(limits + ATTEMPT)
        return Retry(limits, self.reports.append, self.clock, self.sleep, self.uniform, at_once)


ATTEMPT = Limits(0).attempt_seconds


def at_once(_: float, attempt: Callable[[], Result]) -> Result:
    """Make an attempt here and now, whatever time it has."""
    return attempt()


def refusal(code: str, message: str = "no", status: int = 400) -> ClientError:
    """What the SDK raises where AWS refuses a call."""
    return ClientError(
        {"Error": {"Code": code, "Message": message}, "ResponseMetadata": cast("Any", {"HTTPStatusCode": status})},
        "Any",
    )


NOT_AN_ADDRESS = refusal(
    "InvalidParameterException",
    "Username cannot be of email format, since user pool is configured for email alias.",
)
EXISTS = refusal("UsernameExistsException", "User account already exists")


def lost_answer() -> ReadTimeoutError:
    """What the SDK raises where a request was sent and no answer came."""
    return ReadTimeoutError(endpoint_url="https://cognito-idp.eu-central-1.amazonaws.com/")


POISON = "[this is no configuration"


def poisoned(home: Path) -> dict[str, str]:
    """Leave behind what breaks every reader of `~/.aws`, and return the variables that lead to it."""
    folder = home / ".aws"
    for model in ("cognito-idp/2016-04-18", "sts/2011-06-15"):
        path = folder / "models" / model
        path.mkdir(parents=True)
        (path / "service-2.json").write_text(POISON)
    for name in ("config", "credentials", "models/endpoints.json", "models/_retry.json"):
        (folder / name).write_text(POISON)
    return {
        "AWS_PROFILE": "nonexistent",
        "AWS_DEFAULT_PROFILE": "nonexistent",
        "AWS_CONFIG_FILE": str(folder / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(folder / "credentials"),
        "AWS_DATA_PATH": str(folder / "models"),
    }


@dataclass(frozen=True)
class Call:
    """One call of a scripted service, with what the runner knew by then."""

    operation: str
    parameters: Mapping[str, Any]
    state: Mapping[str, str] = field(default_factory=dict)
    masks: frozenset[str] = frozenset()
    headers: Mapping[str, str] = field(default_factory=dict)


class ScriptedCognito:
    """A client of Cognito: each operation raises or returns what its script says next, and succeeds after that."""

    def __init__(self, desk: Desk | None = None, **scripts: list[Any]) -> None:
        self._desk = desk
        self._scripts = {name: deque(script) for name, script in scripts.items()}
        self.calls: list[Call] = []

    @property
    def operations(self) -> list[str]:
        return [call.operation for call in self.calls]

    def all(self, operation: str) -> list[Call]:
        return [call for call in self.calls if call.operation == operation]

    def pool(self, retry: Retry) -> UserPool:
        return UserPool(cast("CognitoIdentityProviderClient", self), POOL_ID, POOL_ARN, retry)

    def admin_create_user(self, **parameters: Any) -> Any:
        attributes = [*parameters["UserAttributes"], {"Name": "sub", "Value": SUB}]
        return self._play(
            "create", parameters, {"User": {"Username": parameters["Username"], "Attributes": attributes}}
        )

    def admin_set_user_password(self, **parameters: Any) -> Any:
        return self._play("set_password", parameters, {})

    def admin_add_user_to_group(self, **parameters: Any) -> Any:
        return self._play("join", parameters, {})

    def admin_delete_user(self, **parameters: Any) -> Any:
        return self._play("delete", parameters, {})

    def list_users(self, **parameters: Any) -> Any:
        return self._play("list", parameters, {"Users": []})

    def _play(self, operation: str, parameters: Mapping[str, Any], otherwise: Mapping[str, Any]) -> Mapping[str, Any]:
        if self._desk:
            stage = self._desk.stage
            self.calls.append(Call(operation, parameters, stage.state, frozenset(stage.masks.secrets)))
        else:
            self.calls.append(Call(operation, parameters))
        script = self._scripts.get(operation)
        outcome = script.popleft() if script else otherwise
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


GRANTED = Answer(
    200,
    b'<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
    b"<AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>ASIASESSIONEXAMPLE00</AccessKeyId>"
    b"<SecretAccessKey>session-secret-access-key</SecretAccessKey><SessionToken>session-token</SessionToken>"
    b"<Expiration>2040-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleWithWebIdentityResult>"
    b"</AssumeRoleWithWebIdentityResponse>",
    {"Content-Type": "text/xml"},
)
"""The answer of STS that hands over a session."""

DONE = Answer(200, b"{}", {"Content-Type": "application/x-amz-json-1.1"})
"""The answer of Cognito to a call that returns nothing."""


def sts_refusal(code: str, message: str = "no", status: int = 400) -> Answer:
    """The answer of STS that refuses a session."""
    body = (
        '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>'
        f"<Code>{code}</Code><Message>{escape(message)}</Message></Error><RequestId>r</RequestId></ErrorResponse>"
    )
    return Answer(status, body.encode(), {"Content-Type": "text/xml"})


def cognito_refusal(code: str, message: str = "no", status: int = 400) -> Answer:
    """The answer of Cognito that refuses a call."""
    return cognito_answer({"__type": code, "message": message}, status)


def cognito_answer(content: Mapping[str, Any], status: int = 200) -> Answer:
    """An answer of Cognito."""
    return Answer(status, json.dumps(content).encode(), {"Content-Type": "application/x-amz-json-1.1"})


@dataclass
class ScriptedAws:
    """STS and Cognito on loopback: each call gets what its script says next, None for no answer; then all succeed."""

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
        """Give `answers` to the next calls about the user `username`, one each, in whatever order users are asked for."""
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
        return GRANTED if operation == "AssumeRoleWithWebIdentity" else DONE


@contextmanager
def scripted_aws() -> Iterator[ScriptedAws]:
    """Run a `ScriptedAws`."""
    service = ScriptedAws()
    with serving(service.respond) as service.url:
        yield service
