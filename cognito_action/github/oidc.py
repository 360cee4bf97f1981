"""GitHub's ID token: how a step gets one, and the claims in it that a person may read."""

import base64
import json
import re
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from functools import partial
from http.client import HTTPException
from typing import TYPE_CHECKING, Any

from cognito_action.concurrency import begin
from cognito_action.errors import NETWORK, TLS, ActionError, Failure, no_such_host

if TYPE_CHECKING:
    from concurrent.futures import Future


TIMEOUT = 5.0
"""Seconds that one request for a token may take to connect, and again for each read."""


ANSWER_LIMIT = 1 << 16
"""Bytes of an answer that are read; STS takes tokens of at most 20,000 characters."""


_TOKEN = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)
"""A signed token in its compact form (RFC 7515, section 7.1). A mask of any other text could be one of a few letters,
and take these out of all that a reader sees."""


OPERATION = "The request for GitHub's ID token"


Claims = Mapping[str, Any]


PERMISSIONS = """\
permissions:
  id-token: write
  contents: read"""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: the request carries a bearer token that belongs to one host."""

    def redirect_request(self, *_: object) -> None:
        """Leave the redirect as the answer."""


def fetch_id_token(environ: Mapping[str, str], audience: str, mask: Callable[[str], None]) -> str:
    """Fetch a new ID token for `audience`, masked before it is returned; GitHub lets it live five minutes.

    Raises `ActionError` where the job may not have one, and `Failure` where GitHub's service or the network
    refuses. Proxies are taken from the process's environment.
    """
    url = environ.get("ACTIONS_ID_TOKEN_REQUEST_URL")
    bearer = environ.get("ACTIONS_ID_TOKEN_REQUEST_TOKEN")
    if not url or not bearer:
        raise _not_permitted(environ)
    try:
        request = urllib.request.Request(  # noqa: S310 - the URL is the runner's own
            f"{url}&audience={urllib.parse.quote(audience, safe='')}",
            headers={"Authorization": f"Bearer {bearer}", "Accept": "application/json"},
        )
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=TIMEOUT) as answer:
            token = json.loads(answer.read(ANSWER_LIMIT))["value"]
    except urllib.error.HTTPError as error:
        transient = error.code >= 500 or error.code == 429
        raise Failure(OPERATION, str(error.code), error.reason, transient=transient) from None
    except (OSError, HTTPException) as error:
        reason = getattr(error, "reason", None)
        if isinstance(reason, ssl.SSLCertVerificationError):
            raise Failure(OPERATION, TLS, str(reason)) from None
        transient = not no_such_host(reason)
        raise Failure(OPERATION, NETWORK, str(error) or type(error).__name__, transient=transient) from None
    except (ValueError, KeyError, TypeError, RecursionError):
        token = None
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        raise Failure(OPERATION, "NoToken", "the answer holds no token", transient=True)
    mask(token)
    return token


class IdTokens:
    """ID tokens for one audience, a new one for each attempt. The first is on its way from the beginning.

    Args:
        environ: names the token service, and what it takes.
        audience: whom the tokens are for.
        mask: what hides a token in the log.
    """

    def __init__(self, environ: Mapping[str, str], audience: str, mask: Callable[[str], None]) -> None:
        self._fetch = partial(fetch_id_token, environ, audience, mask)
        self._first: Future[str] | None = begin(self._fetch)

    def new(self) -> str:
        """Return a token that nobody has had; raises what `fetch_id_token` raises."""
        first, self._first = self._first, None
        return first.result() if first else self._fetch()


def claims_of(token: str) -> Claims:
    """Read the claims of a token without checking its signature, to show or to name things by; empty if they can't be read."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}


def _not_permitted(environ: Mapping[str, str]) -> ActionError:
    what = "GitHub gives this job no ID token, so the role can't be assumed."
    if "dependabot[bot]" in (environ.get("GITHUB_ACTOR"), environ.get("GITHUB_TRIGGERING_ACTOR")):
        return ActionError(
            what=what,
            why="This run was started by Dependabot. GitHub gives such runs only the permissions that the "
            "workflow names, and none of the secrets of Actions.",
            fix="Add this to the job, or leave Dependabot's runs out with the `if`:",
            paste=f"{PERMISSIONS}\n\nif: github.actor != 'dependabot[bot]'",
            language="yaml",
        )
    if _is_fork(environ):
        return ActionError(
            what=what,
            why="This pull request comes from a fork. GitHub gives its runs no ID token, so that strangers can't reach "
            "your AWS account.",
            fix="Skip the job for forks:",
            paste="if: github.event_name != 'pull_request' || "
            "github.event.pull_request.head.repo.full_name == github.repository",
            language="yaml",
        )
    return ActionError(
        what=what,
        why="The job lacks the permission `id-token: write`. Once a `permissions:` block names one permission, all that it "
        "does not name are gone, so `contents: read` (for actions/checkout) has to stand beside it.",
        fix="Add this to the job, and where it is in a reusable workflow, to the job that calls it too:",
        paste=PERMISSIONS,
        language="yaml",
    )


def _is_fork(environ: Mapping[str, str]) -> bool:
    """Whether a pull request from another repository started the run; one that was deleted is told as null."""
    try:
        with open(environ["GITHUB_EVENT_PATH"], encoding="utf-8") as file:
            pull_request = json.load(file)["pull_request"]
        head, base = pull_request["head"]["repo"], pull_request["base"]["repo"]
        return head is None or bool(head["full_name"] != base["full_name"])
    except (KeyError, TypeError, OSError, ValueError):
        return False
