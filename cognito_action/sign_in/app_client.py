"""The app client: one method for each call that a sign-in takes, public or signed."""

import base64
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cognito_action.aws.sdk import call_with_retries
from cognito_action.errors import CallError
from cognito_action.inputs.sign_in import Flow
from cognito_action.retry import Retry
from cognito_action.sign_in.device import Device

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.client import CognitoIdentityProviderClient


@dataclass(frozen=True)
class Tokens:
    """What a signed-in user holds."""

    access: str = field(repr=False)
    id: str = field(repr=False)
    refresh: str = field(repr=False)


@dataclass(frozen=True)
class Answer:
    """Cognito's answer to a step of a sign-in: the tokens, or the next challenge."""

    tokens: Tokens | None = None
    challenge: str = ""
    session: str = field(default="", repr=False)
    parameters: Mapping[str, str] = field(default_factory=dict)
    choices: Sequence[str] = ()
    """What the challenge `SELECT_CHALLENGE` lets the user choose from."""
    new_device: Mapping[str, str] = field(default_factory=dict)
    """With the tokens, if the pool remembers devices: `DeviceKey` and `DeviceGroupKey` of the one to confirm."""


class AppClient:
    """An app client of a user pool. Each method makes one call, repeated while that can help, and raises `CallError`.

    Secrets in an answer are masked before it is returned. The public calls need no permission, and the SDK does not
    sign them.

    Args:
        secret: the app client's, empty if it has none.
        metadata: for the pool's Lambda triggers.
        mask: what hides a secret in the log.
    """

    def __init__(
        self,
        client: "CognitoIdentityProviderClient",
        pool_id: str,
        client_id: str,
        secret: str,
        metadata: Mapping[str, str],
        retry: Retry,
        mask: Callable[[str], None],
    ) -> None:
        self._client = client
        self.pool_id = pool_id
        self.id = client_id
        self._secret = secret
        self._metadata = metadata
        self._retry = retry
        self.mask = mask

    def initiate(self, flow: Flow, username: str, parameters: Mapping[str, str]) -> Answer:
        """Start a sign-in: `InitiateAuth`, or for the admin flow `AdminInitiateAuth`."""
        request: Any = {
            "ClientId": self.id,
            "AuthFlow": flow,
            "AuthParameters": {"USERNAME": username, **parameters, **self._hash(username)},
            "ClientMetadata": self._metadata,
        }
        if flow == "ADMIN_USER_PASSWORD_AUTH":
            return self._call(
                "AdminInitiateAuth", lambda: self._client.admin_initiate_auth(UserPoolId=self.pool_id, **request)
            )
        return self._call("InitiateAuth", lambda: self._client.initiate_auth(**request))

    def respond(self, flow: Flow, challenge: str, session: str, username: str, responses: Mapping[str, str]) -> Answer:
        """Answer a challenge with the call that belongs to `flow`; `username` is the one of the challenge."""
        request: Any = {
            "ClientId": self.id,
            "ChallengeName": challenge,
            "ChallengeResponses": {"USERNAME": username, **responses, **self._hash(username)},
            "ClientMetadata": self._metadata,
            **({"Session": session} if session else {}),
        }
        if flow == "ADMIN_USER_PASSWORD_AUTH":
            return self._call(
                "AdminRespondToAuthChallenge",
                lambda: self._client.admin_respond_to_auth_challenge(UserPoolId=self.pool_id, **request),
            )
        return self._call("RespondToAuthChallenge", lambda: self._client.respond_to_auth_challenge(**request))

    def associate(self, session: str) -> tuple[str, str]:
        """Ask for the secret of an authenticator; return it and the next session."""

        def call() -> tuple[str, str]:
            answer = self._client.associate_software_token(Session=session)
            self.mask(answer["SecretCode"])
            return answer["SecretCode"], self._masked_session(answer) or session

        return call_with_retries(self._retry, "AssociateSoftwareToken", call)

    def verify(self, session: str, code: str) -> str:
        """Verify the authenticator with one of its codes; return the next session."""

        def call() -> str:
            answer = self._client.verify_software_token(Session=session, UserCode=code)
            if answer["Status"] != "SUCCESS":
                raise CallError("VerifySoftwareToken", "EnableSoftwareTokenMFAException", f"Status {answer['Status']}")
            return self._masked_session(answer) or session

        return call_with_retries(self._retry, "VerifySoftwareToken", call)

    def confirm_device(self, tokens: Tokens, device: Device, verifier: Mapping[str, str]) -> None:
        """Have the pool remember the device, with the verifier of its password.

        A device that is there already after an answer was lost was confirmed by the lost call.
        """
        request: Any = {
            "AccessToken": tokens.access,
            "DeviceKey": device.key,
            "DeviceSecretVerifierConfig": verifier,
            "DeviceName": "cognito-test-user",
        }
        try:
            call_with_retries(self._retry, "ConfirmDevice", lambda: self._client.confirm_device(**request))
        except CallError as error:
            if not (error.outcome_unknown and error.code == "DeviceKeyExistsException"):
                raise

    def _call(self, operation: str, call: Callable[[], Mapping[str, Any]]) -> Answer:
        return call_with_retries(self._retry, operation, lambda: self._read(call()))

    def _read(self, answer: Mapping[str, Any]) -> Answer:
        session = self._masked_session(answer)
        if answer.get("ChallengeName"):
            parameters, choices = answer.get("ChallengeParameters") or {}, answer.get("AvailableChallenges") or ()
            return Answer(None, answer["ChallengeName"], session, parameters, choices)
        result = answer["AuthenticationResult"]
        tokens = Tokens(result["AccessToken"], result["IdToken"], result["RefreshToken"])
        for token in (tokens.access, tokens.id, tokens.refresh):
            self.mask(token)
        metadata = result.get("NewDeviceMetadata") or {}
        return Answer(tokens, new_device=metadata if metadata.keys() >= {"DeviceKey", "DeviceGroupKey"} else {})

    def _masked_session(self, answer: Mapping[str, Any]) -> str:
        session = str(answer.get("Session") or "")
        if session:
            self.mask(session)
        return session

    def _hash(self, username: str) -> dict[str, str]:
        """What a client with a secret adds to each step (`SECRET_HASH`): an HMAC of the step's username and its id."""
        if not self._secret:
            return {}
        digest = hmac.digest(self._secret.encode(), f"{username}{self.id}".encode(), "sha256")
        text = base64.b64encode(digest).decode()
        self.mask(text)
        return {"SECRET_HASH": text}
