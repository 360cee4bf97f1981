"""GitHub's ID token: how a step gets one."""

import json
from collections.abc import Callable, Mapping
from enum import Enum
from functools import partial
from http import HTTPStatus
from http.client import responses
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote

import urllib3

from cognito_action.claims import is_signed_token
from cognito_action.concurrency import in_background
from cognito_action.errors import NO_ANSWER, CallError
from cognito_action.network.answers import Answer, foreign
from cognito_action.network.connections import Network

if TYPE_CHECKING:
    from concurrent.futures import Future

OPERATION = "The request for GitHub's ID token"

TIMEOUT = urllib3.Timeout(connect=5, read=5)
"""Seconds that one request for a token may take to connect, and again for each piece of the answer."""

TOKEN_SECONDS = 8.0
"""How long the whole answer may take: less than any attempt of a step, which consists of this and the call to STS."""


class RunOrigin(Enum):
    """Where a run comes from, as far as it decides whether GitHub gives it an ID token."""

    DEPENDABOT = "Dependabot"
    FORK = "a pull request from a fork"
    OTHER = "anything else on GitHub"
    ELSEWHERE = "no run of GitHub"

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Read it from the runner's variables and the event's payload."""
        if "dependabot[bot]" in (environ.get("GITHUB_ACTOR"), environ.get("GITHUB_TRIGGERING_ACTOR")):
            return cls.DEPENDABOT
        if _is_fork(environ):
            return cls.FORK
        return cls.OTHER if environ.get("GITHUB_ACTIONS") == "true" else cls.ELSEWHERE


class NoIdTokenError(Exception):
    """GitHub gives this job no ID token; `origin` is where the run comes from."""

    def __init__(self, origin: RunOrigin) -> None:
        super().__init__(origin)
        self.origin = origin


def fetch_id_token(environ: Mapping[str, str], audience: str, network: Network, mask: Callable[[str], None]) -> str:
    """Fetch a new ID token for `audience`, masked before it is returned; GitHub lets it live for five minutes.

    Raises `NoIdTokenError` if the job may not have one, and `CallError` if GitHub's service or the network refuses.
    """
    url = environ.get("ACTIONS_ID_TOKEN_REQUEST_URL")
    bearer = environ.get("ACTIONS_ID_TOKEN_REQUEST_TOKEN")
    if not url or not bearer:
        raise NoIdTokenError(RunOrigin.from_environ(environ))
    headers = {"Authorization": f"Bearer {bearer}", "Accept": "application/json"}
    answer = network.send(OPERATION, "GET", f"{url}&audience={quote(audience, safe='')}", headers, timeout=TIMEOUT)
    content = _content(answer)
    if answer.status != HTTPStatus.OK:
        raise _refused(answer, content)
    token = content.get("value")
    if not isinstance(token, str) or not is_signed_token(token):
        raise CallError(OPERATION, "NoToken", "the answer holds no token", retryable=True, said="")
    mask(token)
    return token


def _content(answer: Answer) -> Mapping[str, Any]:
    """The object in an answer; raises `CallError` for what the service does not send: a page, a redirect."""
    try:
        content = json.loads(answer.body)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise foreign(OPERATION, answer)
    return content


def _refused(answer: Answer, content: Mapping[str, Any]) -> CallError:
    """The service's own refusal, in its own words if it has any."""
    retryable = answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status == HTTPStatus.TOO_MANY_REQUESTS
    message = content.get("message") or responses.get(answer.status, "")
    return CallError(OPERATION, str(answer.status), str(message), retryable=retryable)


class GitHubIdTokens:
    """ID tokens for one audience, a new one for each attempt, as `host.IdTokens` has it.

    Args:
        environ: names the token service, and what it takes.
        audience: whom the tokens are for.
        network: the connections of the step.
        mask: what hides a token in the log.
        seconds: how long the whole answer of the service may take.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        audience: str,
        network: Network,
        mask: Callable[[str], None],
        seconds: float = TOKEN_SECONDS,
    ) -> None:
        self.renewable = True
        self._fetch = partial(fetch_id_token, environ, audience, network, mask)
        self._seconds = seconds
        self._prefetched: Future[str] | None = None

    def prefetch(self) -> None:
        """Ask for the first token in the background, while the caller does something else."""
        self._prefetched = in_background(self._fetch)

    def new(self) -> str:
        """Return a token that no one has had; raises what `fetch_id_token` raises.

        A service that takes too long is named as such, and not taken for the one that is called with the token.
        """
        prefetched, self._prefetched = self._prefetched, None
        try:
            return (prefetched or in_background(self._fetch)).result(self._seconds)
        except TimeoutError:
            raise CallError(
                OPERATION, NO_ANSWER, f"no answer within {self._seconds:.0f} s", retryable=True, said=""
            ) from None


def _is_fork(environ: Mapping[str, str]) -> bool:
    """Whether a pull request from another repository started the run; one that was deleted appears as null."""
    try:
        with open(environ["GITHUB_EVENT_PATH"], encoding="utf-8") as file:
            pull_request = json.load(file)["pull_request"]
        head, base = pull_request["head"]["repo"], pull_request["base"]["repo"]
        return head is None or bool(head["full_name"] != base["full_name"])
    except (KeyError, TypeError, OSError, ValueError):
        return False
