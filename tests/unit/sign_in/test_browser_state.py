"""The browser state: what Playwright accepts, under the names that the libraries look for."""

import json

import pytest

from cognito_action.sign_in.app_client import Tokens
from cognito_action.sign_in.browser_state import browser_state
from tests.support.examples import EMAIL, SUB
from tools.emulator.github import id_token

CLIENT = "1example23456789"
ORIGIN = "https://app.example.com"


def entries(access_token: str) -> dict[str, str]:
    """What the local storage of the app holds."""
    text = browser_state(ORIGIN, CLIENT, Tokens(access_token, "the id token", "the refresh token"), EMAIL)
    content = json.loads(text)
    [origin] = content["origins"]
    assert (content["cookies"], origin["origin"]) == ([], ORIGIN)
    return {entry["name"]: entry["value"] for entry in origin["localStorage"]}


def test_user_is_named_as_in_the_access_token() -> None:
    """In a pool that signs in by email, that name is a UUID, whatever was typed."""
    access_token = id_token({"username": SUB, "sub": "another"})

    assert entries(access_token) == {
        f"CognitoIdentityServiceProvider.{CLIENT}.LastAuthUser": SUB,
        f"CognitoIdentityServiceProvider.{CLIENT}.{SUB}.idToken": "the id token",
        f"CognitoIdentityServiceProvider.{CLIENT}.{SUB}.accessToken": access_token,
        f"CognitoIdentityServiceProvider.{CLIENT}.{SUB}.refreshToken": "the refresh token",
        f"CognitoIdentityServiceProvider.{CLIENT}.{SUB}.clockDrift": "0",
        f"CognitoIdentityServiceProvider.{CLIENT}.{SUB}.signInDetails": (
            f'{{"loginId": "{EMAIL}", "authFlowType": "USER_SRP_AUTH"}}'
        ),
    }


@pytest.mark.parametrize("access_token", [id_token({}), id_token({"username": ""}), "opaque", ""])
def test_user_of_an_unreadable_token_is_named_as_typed(access_token: str) -> None:
    """This is the libraries' own fallback."""
    assert entries(access_token)[f"CognitoIdentityServiceProvider.{CLIENT}.LastAuthUser"] == EMAIL


def test_claim_of_another_type_becomes_text() -> None:
    """Local storage holds only text."""
    assert entries(id_token({"username": 7}))[f"CognitoIdentityServiceProvider.{CLIENT}.LastAuthUser"] == "7"
