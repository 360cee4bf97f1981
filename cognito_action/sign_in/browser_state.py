"""What a browser holds whose user is signed in, for each client library, as Playwright restores it.

Local storage has the entries of Amplify and amazon-cognito-identity-js, and that of oidc-client-ts; cookies have the
first ones again, for apps whose Amplify keeps the session there.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from cognito_action.claims import claims_of
from cognito_action.sign_in.app_client import Tokens
from cognito_action.sign_in.challenges import SignedIn

MAX_COOKIE = 4096
"""Bytes of a cookie's name and value (RFC 6265bis, section 5.6). Of a longer one, browsers take none, and Playwright
then refuses the whole file."""


def browser_state(
    origin: str, client_id: str, signed_in: SignedIn, sign_in_name: str, log: Callable[[str], None]
) -> str:
    """Return Playwright's `storageState` as JSON, for an app at `origin` that uses this app client.

    If one of the cookies would be longer than `MAX_COOKIE`, none is there, and `log` gets a line that says so.
    """
    amplify = _amplify_entries(client_id, signed_in, sign_in_name)
    storage = {**amplify, **_oidc_entry(client_id, signed_in.tokens)}
    content = {
        "cookies": _cookies(origin, amplify, log),
        "origins": [
            {"origin": origin, "localStorage": [{"name": name, "value": value} for name, value in storage.items()]}
        ],
    }
    return json.dumps(content, indent=2)


def _amplify_entries(client_id: str, signed_in: SignedIn, sign_in_name: str) -> dict[str, str]:
    """What Amplify (v5 and v6) and amazon-cognito-identity-js read.

    They name the user as the access token's claim `username` does. `clockDrift` is how far the browser's clock is off,
    in each library's own unit. `signInDetails` is for Amplify v6 alone: `getCurrentUser` returns it.
    """
    tokens = signed_in.tokens
    prefix = f"CognitoIdentityServiceProvider.{client_id}"
    username = str(claims_of(tokens.access).get("username") or sign_in_name)
    of_user = {
        "idToken": tokens.id,
        "accessToken": tokens.access,
        "refreshToken": tokens.refresh,
        "clockDrift": "0",
        "signInDetails": json.dumps({"loginId": sign_in_name, "authFlowType": "USER_SRP_AUTH"}),
    }
    if device := signed_in.device:
        of_user |= {
            "deviceKey": device.key,
            "deviceGroupKey": device.group_key,
            "randomPasswordKey": device.password,
        }
    return {f"{prefix}.LastAuthUser": username} | {f"{prefix}.{username}.{name}": of for name, of in of_user.items()}


def _oidc_entry(client_id: str, tokens: Tokens) -> dict[str, str]:
    """What oidc-client-ts reads, and with it react-oidc-context; nothing if the ID token does not say who issued it.

    The name has the issuer to the letter: the app's setting `authority` has to be the same text.
    """
    profile, access = claims_of(tokens.id), claims_of(tokens.access)
    issuer = profile.get("iss")
    if not issuer:
        return {}
    user: Mapping[str, Any] = {
        "id_token": tokens.id,
        "session_state": None,
        "access_token": tokens.access,
        "refresh_token": tokens.refresh,
        "token_type": "Bearer",
        "scope": access.get("scope", ""),
        "profile": profile,
        "expires_at": expires if isinstance(expires := access.get("exp"), int) else None,
    }
    return {f"oidc.user:{issuer}:{client_id}": json.dumps(user)}


def _cookies(origin: str, entries: Mapping[str, str], log: Callable[[str], None]) -> list[dict[str, Any]]:
    """The entries as cookies that Amplify finds: its library js-cookie encodes names like this, and reads such values."""
    url = urlsplit(origin)
    # `hostname` of the standard library takes the brackets off an IPv6 address, without which no browser takes the cookie.
    host = url.netloc.removesuffix(f":{url.port}")
    cookies = [
        {
            "name": quote(name, safe="!*'#$&+^`|", errors="replace"),
            "value": quote(value, safe="!*'()", errors="replace"),
            "domain": host,
            "path": "/",
            "expires": -1,
            "httpOnly": False,
            "secure": url.scheme == "https",
            "sameSite": "Lax",
        }
        for name, value in entries.items()
    ]
    longest = max(cookies, key=_length)
    if _length(longest) > MAX_COOKIE:
        token = str(longest["name"]).rpartition(".")[2]
        log(
            f"The browser state has no cookies: the one with {token} would have {_length(longest)} bytes, and browsers take "
            f"{MAX_COOKIE}. An app that keeps its session in cookies does not find the user signed in."
        )
        return []
    return cookies


def _length(cookie: Mapping[str, Any]) -> int:
    return len(f"{cookie['name']}{cookie['value']}")
