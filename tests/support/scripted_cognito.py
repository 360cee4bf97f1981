"""A Cognito client that answers from a script."""

from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from cognito_action.aws.user_pool import UserPool
from cognito_action.errors import NETWORK, CallError
from cognito_action.retry import Retry
from cognito_action.sign_in.sign_up import SignUpClient

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.client import CognitoIdentityProviderClient
from tests.support.examples import ACCESS, POOL_ID, SUB
from tests.support.recorder import Recorder
from tests.support.scripted_aws import Call


def refusal(code: str, message: str = "no", status: int = 400) -> ClientError:
    """What the SDK raises when AWS refuses a call."""
    return ClientError(
        {"Error": {"Code": code, "Message": message}, "ResponseMetadata": cast("Any", {"HTTPStatusCode": status})},
        "Any",
    )


NOT_AN_ADDRESS = refusal(
    "InvalidParameterException",
    "Username cannot be of email format, since user pool is configured for email alias.",
)


EXISTS = refusal("UsernameExistsException", "User account already exists")


CLIENT_ID = "1example23456789"
"""The app client by which users of a `ScriptedCognito` sign up."""


NO_SUCH_TOKEN = refusal("NotAuthorizedException", "Invalid Refresh Token")
"""What Cognito says to a refresh token that no one has: the app client is there."""


MESSAGE_LIMIT = refusal("LimitExceededException", "Exceeded daily email limit for the operation or the account.")
"""What Cognito says if it has created a user and can't send the code."""


def lost_answer() -> CallError:
    """What a call raises when its request was sent and no answer came."""
    return CallError(
        "AdminCreateUser", NETWORK, "no answer in time", retryable=True, outcome_unknown=True, unanswered=True
    )


class ScriptedCognito:
    """A Cognito client: each operation raises or returns the next item of its script, and succeeds after that."""

    def __init__(self, recorder: Recorder | None = None, **scripts: list[Any]) -> None:
        self._recorder = recorder
        self._scripts = {name: deque(script) for name, script in scripts.items()}
        self.calls: list[Call] = []

    @property
    def operations(self) -> list[str]:
        return [call.operation for call in self.calls]

    def all(self, operation: str) -> list[Call]:
        return [call for call in self.calls if call.operation == operation]

    def pool(self, retry: Retry) -> UserPool:
        return UserPool(cast("CognitoIdentityProviderClient", self), ACCESS, retry)

    def sign_up_client(
        self, retry: Retry, metadata: Mapping[str, str] | None = None, secret: str = "", mask: Any = lambda _: None
    ) -> SignUpClient:
        client = cast("CognitoIdentityProviderClient", self)
        return SignUpClient(client, POOL_ID, CLIENT_ID, secret, metadata or {}, retry, mask)

    def admin_create_user(self, **parameters: Any) -> Any:
        attributes = [*parameters["UserAttributes"], {"Name": "sub", "Value": SUB}]
        return self._play(
            "create", parameters, {"User": {"Username": parameters["Username"], "Attributes": attributes}}
        )

    def admin_set_user_password(self, **parameters: Any) -> Any:
        return self._play("set_password", parameters, {})

    def admin_add_user_to_group(self, **parameters: Any) -> Any:
        return self._play("join", parameters, {})

    def admin_delete_user(self, **parameters: Any) -> Any:
        return self._play("delete", parameters, {})

    def list_users(self, **parameters: Any) -> Any:
        return self._play("list", parameters, {"Users": []})

    def admin_initiate_auth(self, **parameters: Any) -> Any:
        return self._play("prove", parameters, NO_SUCH_TOKEN)

    def sign_up(self, **parameters: Any) -> Any:
        return self._play("sign_up", parameters, {"UserSub": SUB, "UserConfirmed": False})

    def admin_confirm_sign_up(self, **parameters: Any) -> Any:
        return self._play("confirm", parameters, {})

    def admin_update_user_attributes(self, **parameters: Any) -> Any:
        return self._play("update", parameters, {})

    def _play(
        self, operation: str, parameters: Mapping[str, Any], otherwise: Mapping[str, Any] | Exception
    ) -> Mapping[str, Any]:
        if self._recorder:
            stage = self._recorder.stage
            self.calls.append(Call(operation, parameters, stage.state, frozenset(stage.masks.secrets)))
        else:
            self.calls.append(Call(operation, parameters))
        script = self._scripts.get(operation)
        outcome = script.popleft() if script else otherwise
        if isinstance(outcome, Exception):
            raise outcome
        return outcome
