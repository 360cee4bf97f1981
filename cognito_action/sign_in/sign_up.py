"""Sign-up: the public call, and the proof that the app client is the pool's, since that call names no pool."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cognito_action.aws.sdk import call_with_retries
from cognito_action.aws.users import attribute_list
from cognito_action.errors import CREDENTIAL_CODES, CallError
from cognito_action.retry import BeforeAttempt
from cognito_action.sign_in.app_client import AppClient

_NOBODYS_TOKEN = "made-up"  # noqa: S105 - not a secret: no one has such a token

_NOT_OF_A_KNOWN_CLIENT = (
    frozenset(
        {"AccessDeniedException", "ResourceNotFoundException", "UnknownOperationException", "ValidationException"}
    )
    | CREDENTIAL_CODES
)
"""Codes of refusals that come before Cognito has found the app client. (Its own codes all end in `Exception`; what does
not, someone else has said.)"""


@dataclass(frozen=True)
class SignedUp:
    """Cognito's answer to a sign-up."""

    sub: str
    confirmed: bool
    """Whether a pre sign-up trigger has confirmed the user."""


class SignUpClient(AppClient):
    """An app client by which users sign up."""

    def require_pool(self) -> None:
        """Return if the pool has this app client; needs `AdminInitiateAuth`, which has no effect here.

        The call shows a refresh token that no one has. A client of another pool is not found
        (`ResourceNotFoundException`). That any other refusal comes after the client was found was seen on no real pool.
        """
        request: Any = {
            "UserPoolId": self.pool_id,
            "ClientId": self.id,
            "AuthFlow": "REFRESH_TOKEN_AUTH",
            "AuthParameters": {"REFRESH_TOKEN": _NOBODYS_TOKEN},
        }
        try:
            call_with_retries(self._retry, "AdminInitiateAuth", lambda: self._client.admin_initiate_auth(**request))
        except CallError as error:
            is_refused = error.code.endswith("Exception") and error.code not in _NOT_OF_A_KNOWN_CLIENT
            if error.retryable or error.unanswered or not is_refused:
                raise

    def sign_up(
        self, username: str, password: str, attributes: Mapping[str, str], before_attempt: BeforeAttempt
    ) -> SignedUp:
        """Sign a user up. `before_attempt` is `Retry`'s."""
        request: Any = {
            "ClientId": self.id,
            "Username": username,
            "Password": password,
            "UserAttributes": attribute_list(attributes),
            "ClientMetadata": self._metadata,
        }
        if secret_hash := self._hash(username):
            request["SecretHash"] = secret_hash["SECRET_HASH"]

        def call() -> SignedUp:
            answer = self._client.sign_up(**request)
            self._masked_session(answer)
            return SignedUp(answer["UserSub"], answer["UserConfirmed"])

        return call_with_retries(self._retry, "SignUp", call, before_attempt)
