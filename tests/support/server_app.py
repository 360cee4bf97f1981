"""Web apps whose session is the server's, as stand-ins for those that the recipe is about."""

import json
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode, urlsplit

from cognito_action.claims import claims_of
from tests.support.node import run_node
from tests.support.world import World
from tools.emulator.http import Answer, Request, serving

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.literals import ExplicitAuthFlowsTypeType


@contextmanager
def app_with_store(world: World, pool_id: str, flow: "ExplicitAuthFlowsTypeType") -> Iterator[str]:
    """Serve an app that sends its users to Cognito's page, and keeps their sessions itself."""
    asked: dict[str, str] = {}
    sessions: dict[str, str] = {}

    def respond(request: Request) -> Answer:
        url = urlsplit(request.path)
        if url.path == "/sign-in":
            query = urlencode({**asked, "response_type": "code", "scope": "openid email"})
            return Answer(302, b"", {"Location": f"{world.account.endpoint}/oauth2/authorize?{query}"})
        if url.path == "/callback":
            form = {**asked, "grant_type": "authorization_code", "code": parse_qs(url.query)["code"][0]}
            with urllib.request.urlopen(f"{world.account.endpoint}/oauth2/token", urlencode(form).encode()) as answer:
                claims = claims_of(json.load(answer)["id_token"])
            session = uuid.uuid4().hex
            sessions[session] = str(claims["email"])
            return Answer(302, b"", {"Location": "/", "Set-Cookie": f"session={session}; Path=/; HttpOnly"})
        return _page(sessions.get(_cookie(request, "session")))

    with serving(respond) as origin:
        asked["redirect_uri"] = f"{origin}/callback"
        asked["client_id"] = world.account.cognito.create_user_pool_client(
            UserPoolId=pool_id,
            ClientName="app",
            ExplicitAuthFlows=[flow],
            CallbackURLs=[asked["redirect_uri"]],
            AllowedOAuthFlows=["code"],
            AllowedOAuthScopes=["openid", "email"],
            AllowedOAuthFlowsUserPoolClient=True,
        )["UserPoolClient"]["ClientId"]
        yield origin


@contextmanager
def app_with_next_auth(secret: str) -> Iterator[str]:
    """Serve an app that reads its session from the cookie of next-auth."""

    def respond(request: Request) -> Answer:
        value = _cookie(request, "next-auth.session-token")
        session = run_node("next_auth", {"secret": secret, "token": value}) if value else {}
        return _page(session.get("email"))

    with serving(respond) as origin:
        yield origin


def _cookie(request: Request, name: str) -> str:
    cookies = SimpleCookie(request.headers.get("Cookie", ""))
    return cookies[name].value if name in cookies else ""


def _page(user: str | None) -> Answer:
    body = f"<h1>Signed in as {user}</h1>" if user else '<h1>Please sign in</h1><a href="/sign-in">Sign in</a>'
    return Answer(200, f"<!doctype html>{body}".encode(), {"Content-Type": "text/html"})
