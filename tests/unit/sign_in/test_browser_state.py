"""The browser state: what Playwright accepts, under the names that the libraries look for."""

import json
from typing import Any
from urllib.parse import unquote

import pytest

from cognito_action.claims import claims_of
from cognito_action.sign_in.app_client import Tokens
from cognito_action.sign_in.browser_state import MAX_COOKIE, browser_state
from cognito_action.sign_in.challenges import SignedIn
from cognito_action.sign_in.device import Device
from tests.support.examples import EMAIL, SUB
from tools.emulator.github import id_token

CLIENT = "1example23456789"
ORIGIN = "https://app.example.com"
PREFIX = f"CognitoIdentityServiceProvider.{CLIENT}"
ISSUER = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEfGhI"
ACCESS_TOKEN = id_token({"username": SUB, "scope": "aws.cognito.signin.user.admin", "exp": 1_790_000_000})


def content_for(
    access_token: str = ACCESS_TOKEN,
    identity_token: str = "the id token",
    refresh_token: str = "the refresh token",
    *,
    origin: str = ORIGIN,
    device: Device | None = None,
    log: list[str] | None = None,
) -> Any:
    """The content of the file."""
    signed_in = SignedIn(Tokens(access_token, identity_token, refresh_token), device=device)
    lines = [] if log is None else log
    return json.loads(browser_state(origin, CLIENT, signed_in, EMAIL, lines.append))


def entries(access_token: str = ACCESS_TOKEN, identity_token: str = "the id token", **extra: Any) -> dict[str, str]:
    """What the local storage of the app holds."""
    [origin] = content_for(access_token, identity_token, **extra)["origins"]
    assert origin["origin"] == ORIGIN
    return {entry["name"]: entry["value"] for entry in origin["localStorage"]}


def cookies_of(content: Any) -> dict[str, str]:
    """The cookies as js-cookie reads them."""
    return {unquote(cookie["name"]): unquote(cookie["value"]) for cookie in content["cookies"]}


def test_user_is_named_as_in_the_access_token() -> None:
    """In a pool that signs in by email, that name is a UUID, whatever was typed."""
    assert entries() == {
        f"{PREFIX}.LastAuthUser": SUB,
        f"{PREFIX}.{SUB}.idToken": "the id token",
        f"{PREFIX}.{SUB}.accessToken": ACCESS_TOKEN,
        f"{PREFIX}.{SUB}.refreshToken": "the refresh token",
        f"{PREFIX}.{SUB}.clockDrift": "0",
        f"{PREFIX}.{SUB}.signInDetails": f'{{"loginId": "{EMAIL}", "authFlowType": "USER_SRP_AUTH"}}',
    }


@pytest.mark.parametrize("access_token", [id_token({}), id_token({"username": ""}), "opaque", ""])
def test_user_of_an_unreadable_token_is_named_as_typed(access_token: str) -> None:
    """This is the libraries' own fallback."""
    assert entries(access_token)[f"{PREFIX}.LastAuthUser"] == EMAIL


def test_claim_of_another_type_becomes_text() -> None:
    """Local storage holds only text."""
    assert entries(id_token({"username": 7}))[f"{PREFIX}.LastAuthUser"] == "7"


def test_device_has_the_entries_that_the_libraries_send_it_by() -> None:
    """Amplify v6 needs all three; the other libraries the first."""
    device = Device("eu-central-1_the-key", "-the-group", "the password of the device")

    added = dict(entries(device=device).items() - entries().items())

    assert added == {
        f"{PREFIX}.{SUB}.deviceKey": "eu-central-1_the-key",
        f"{PREFIX}.{SUB}.deviceGroupKey": "-the-group",
        f"{PREFIX}.{SUB}.randomPasswordKey": "the password of the device",
    }


def test_oidc_client_finds_its_user() -> None:
    """The entry is named after the issuer and the client, and expires with the access token."""
    claims = {"iss": ISSUER, "sub": SUB, "cognito:groups": ["admins"]}
    identity_token = id_token(claims)

    value = json.loads(entries(ACCESS_TOKEN, identity_token)[f"oidc.user:{ISSUER}:{CLIENT}"])

    assert value == {
        "id_token": identity_token,
        "session_state": None,
        "access_token": ACCESS_TOKEN,
        "refresh_token": "the refresh token",
        "token_type": "Bearer",
        "scope": "aws.cognito.signin.user.admin",
        "profile": claims_of(identity_token),
        "expires_at": 1_790_000_000,
    }
    assert claims.items() <= value["profile"].items()


@pytest.mark.parametrize("expires", [None, "soon", 1.5, float("nan"), [1]])
def test_expiry_that_is_no_time_is_left_out(expires: object) -> None:
    """A browser could not even parse some of them."""
    stored = entries(id_token({"exp": expires}), id_token({"iss": ISSUER}))

    assert json.loads(stored[f"oidc.user:{ISSUER}:{CLIENT}"])["expires_at"] is None


def test_half_a_surrogate_pair_breaks_no_file() -> None:
    """Claims are text from outside, and cookies are UTF-8."""
    names = [cookie["name"] for cookie in content_for(id_token({"username": "a\ud800"}))["cookies"]]

    assert f"{PREFIX}.a%3F.idToken" in names


def test_token_that_names_no_issuer_gives_no_oidc_entry() -> None:
    """No app would look for it."""
    assert not [name for name in entries(ACCESS_TOKEN, id_token({"iss": None})) if name.startswith("oidc.user")]
    assert not [name for name in entries(ACCESS_TOKEN, "opaque") if name.startswith("oidc.user")]


def test_cookies_hold_what_amplify_has_in_local_storage() -> None:
    """Amplify reads the same names and values there; another library's entry is in none."""
    content = content_for(ACCESS_TOKEN, id_token({"iss": ISSUER}))

    stored = {entry["name"]: entry["value"] for entry in content["origins"][0]["localStorage"]}
    assert cookies_of(content) == {name: value for name, value in stored.items() if not name.startswith("oidc.user")}


@pytest.mark.parametrize(
    ("origin", "domain", "secure"),
    [
        (ORIGIN, "app.example.com", True),
        ("https://app.example.com:8443", "app.example.com", True),
        ("http://localhost:3000", "localhost", False),
        ("http://127.0.0.1", "127.0.0.1", False),
        ("http://[::1]:3000", "[::1]", False),
        ("http://[::1]", "[::1]", False),
    ],
)
def test_cookies_belong_to_the_host_of_the_app(origin: str, domain: str, *, secure: bool) -> None:
    """Cookies know no ports, and an IPv6 address has its brackets; a secure one would be lost without https."""
    for cookie in content_for(origin=origin)["cookies"]:
        assert (
            cookie.items()
            >= {
                "domain": domain,
                "path": "/",
                "expires": -1,
                "httpOnly": False,
                "secure": secure,
                "sameSite": "Lax",
            }.items()
        )


def test_names_of_cookies_are_encoded_as_amplify_encodes_them() -> None:
    """That is js-cookie's way: a server that gets a raw `@` does not find the cookie."""
    names = [cookie["name"] for cookie in content_for(id_token({"username": "a+b@c d(e)#é%/"}))["cookies"]]

    assert f"{PREFIX}.a+b%40c%20d%28e%29#%C3%A9%25%2F.idToken" in names


def test_values_of_cookies_are_encoded() -> None:
    """A quote or a semicolon would end one."""
    [details] = [each for each in content_for()["cookies"] if each["name"].endswith("signInDetails")]

    assert details["value"].startswith("%7B%22loginId%22%3A%20%22")


def test_cookie_of_the_longest_length_is_there() -> None:
    """4096 bytes are what browsers take."""
    log: list[str] = []
    room = MAX_COOKIE - len(f"{PREFIX}.{SUB}.refreshToken")

    assert cookies_of(content_for(refresh_token="r" * room, log=log))[f"{PREFIX}.{SUB}.refreshToken"] == "r" * room
    assert log == []


def test_one_cookie_too_long_leaves_all_out() -> None:
    """Playwright would refuse the whole file, also for apps that need no cookies; the log says what is missing."""
    log: list[str] = []
    room = MAX_COOKIE - len(f"{PREFIX}.{SUB}.refreshToken")

    content = content_for(refresh_token="r" * (room + 1), log=log)

    assert content["cookies"] == []
    assert content["origins"][0]["localStorage"]
    assert log == [
        (
            "The browser state has no cookies: the one with refreshToken would have 4097 bytes, and browsers take 4096. An app "
            "that keeps its session in cookies does not find the user signed in."
        )
    ]
