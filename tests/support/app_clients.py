"""An app client as the action uses it, with a Cognito that answers from a script."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from cognito_action.aws.endpoints import Endpoints
from cognito_action.aws.sdk import Sdk, isolated_session
from cognito_action.aws.user_pool import UserPool
from cognito_action.network.connections import Network
from cognito_action.retry import Retry
from cognito_action.sign_in.app_client import AppClient
from cognito_action.sign_in.sign_up import SignUpClient
from tests.support.examples import ACCESS, POOL_ID
from tests.support.fake_time import FakeTime
from tests.support.scripted_aws import Call, ScriptedAws, cognito_answer
from tools.emulator.http import Answer

CLIENT_ID = "1example23456789"
CLIENT_SECRET = "the-secret-of-the-app-client"
KEY_ID = "ASIASESSIONEXAMPLE00"

TOKENS = {"AccessToken": "an.access.token", "IdToken": "an.id.token", "RefreshToken": "a.refresh.token"}


@cache
def _client(url: str) -> Any:
    endpoints = Endpoints(cognito_idp=url, sts="", fips=False, dual_stack=False)
    return Sdk(isolated_session(), Network({}), FakeTime().retry(), endpoints).client(
        "cognito-idp",
        POOL_ID.partition("_")[0],
        aws_access_key_id=KEY_ID,
        aws_secret_access_key="session-secret-access-key",
        aws_session_token="session-token",
    )


def app_client(
    aws: ScriptedAws,
    retry: Retry,
    *,
    secret: str = "",
    metadata: Mapping[str, str] | None = None,
    mask: Callable[[str], None] = lambda _: None,
) -> AppClient:
    """The app client `CLIENT_ID` of the pool, whose signed calls have a session's credentials."""
    return AppClient(_client(aws.url), POOL_ID, CLIENT_ID, secret, metadata or {}, retry, mask)


def sign_up_client(
    aws: ScriptedAws,
    retry: Retry,
    *,
    secret: str = "",
    metadata: Mapping[str, str] | None = None,
    mask: Callable[[str], None] = lambda _: None,
) -> SignUpClient:
    """The same app client, by which users sign up."""
    return SignUpClient(_client(aws.url), POOL_ID, CLIENT_ID, secret, metadata or {}, retry, mask)


def user_pool(aws: ScriptedAws, retry: Retry) -> UserPool:
    """The pool of the app client."""
    return UserPool(_client(aws.url), ACCESS, retry)


def signed_in(**changes: Any) -> Answer:
    """Cognito's answer to a completed sign-in."""
    return cognito_answer({"AuthenticationResult": {**TOKENS, "ExpiresIn": 3600, "TokenType": "Bearer", **changes}})


def session(number: int) -> str:
    """A session as long as the service model requires."""
    return f"session-{number}-of-the-sign-in"


def challenged(challenge: str, number: int, **parameters: str) -> Answer:
    """Cognito's answer with a challenge and the session of that number; 0 means no session."""
    answer = {"ChallengeName": challenge, "ChallengeParameters": parameters}
    return cognito_answer({**answer, "Session": session(number)} if number else answer)


def secret_hash(username: str) -> str:
    """The hash by Cognito's own formula, implemented independently of the action."""
    digest = hmac.new(CLIENT_SECRET.encode(), (username + CLIENT_ID).encode(), hashlib.sha256)
    return base64.b64encode(digest.digest()).decode()


def is_signed(call: Call) -> bool:
    """Whether the request carried credentials; a public call must not carry any."""
    names = {"authorization", "x-amz-security-token"} & {name.lower() for name in call.headers}
    assert len(names) in (0, 2)
    return bool(names)
