"""The inputs of a sign-in, for the actions that have them, and the permissions that a sign-in needs."""

import re
from typing import Annotated, Literal, get_args

from pydantic import BeforeValidator

from cognito_action.inputs import validators

CLIENT_ID = re.compile(r"[\w+]{1,128}", re.ASCII)

CLIENT_SECRET = re.compile("[!-~]{1,256}")
"""Wider than Cognito's own 24 to 64 word characters, since the secrets of AWS emulators are base64 or UUIDs."""

Flow = Literal["USER_PASSWORD_AUTH", "USER_SRP_AUTH", "USER_AUTH", "ADMIN_USER_PASSWORD_AUTH"]

FLOWS: tuple[Flow, ...] = get_args(Flow)
"""In the order in which `auto` tries them: those that need no permission first."""

AuthFlow = Literal["auto", Flow, "none"]

ClientId = Annotated[str, validators.pattern(CLIENT_ID, "the ID of an app client: 1 to 128 letters, digits and _+")]
ClientSecret = Annotated[
    str, validators.pattern(CLIENT_SECRET, "the secret of the app client: one word of printable ASCII characters")
]
FlowName = Annotated[AuthFlow, validators.one_of(*get_args(AuthFlow))]
ClientMetadata = Annotated[dict[str, str], BeforeValidator(validators.pairs)]


def signs_in(client_id: str, auth_flow: AuthFlow) -> bool:
    """Whether these inputs ask for a sign-in."""
    return bool(client_id) and auth_flow != "none"


def sign_in_permissions(client_id: str, auth_flow: AuthFlow) -> list[str]:
    """The calls of a sign-in that need permissions: those of the one flow that is not public, if it may be tried."""
    if client_id and auth_flow in ("auto", "ADMIN_USER_PASSWORD_AUTH"):
        return ["AdminInitiateAuth", "AdminRespondToAuthChallenge"]
    return []
