"""What a browser holds that is signed in with Amplify or amazon-cognito-identity-js, as Playwright restores it."""

import json

from cognito_action.github.oidc import claims_of
from cognito_action.sign_in.app_client import Tokens


def browser_state(origin: str, client_id: str, tokens: Tokens, sign_in_name: str) -> str:
    """Return Playwright's `storageState` with the local storage of `origin`, as JSON.

    The entries are those of the libraries' own stores, and the user is named as in the access token's claim
    `username`, as they do. `clockDrift` is how far the browser's clock is off, in each library's own unit.
    `signInDetails` is for Amplify v6 alone: `getCurrentUser` returns it.
    """
    prefix = f"CognitoIdentityServiceProvider.{client_id}"
    username = str(claims_of(tokens.access).get("username") or sign_in_name)
    entries = {
        f"{prefix}.LastAuthUser": username,
        f"{prefix}.{username}.idToken": tokens.id,
        f"{prefix}.{username}.accessToken": tokens.access,
        f"{prefix}.{username}.refreshToken": tokens.refresh,
        f"{prefix}.{username}.clockDrift": "0",
        f"{prefix}.{username}.signInDetails": json.dumps({"loginId": sign_in_name, "authFlowType": "USER_SRP_AUTH"}),
    }
    storage = [{"name": name, "value": value} for name, value in entries.items()]
    return json.dumps({"cookies": [], "origins": [{"origin": origin, "localStorage": storage}]}, indent=2)
