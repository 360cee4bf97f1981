"""The identity pool: AWS credentials in exchange for the ID token of a signed-in user."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cognito_action.aws.sdk import call_with_retries
from cognito_action.claims import claims_of
from cognito_action.diagnostics.identity_pool import IdentityPoolAccess, identity_pool_refused
from cognito_action.errors import CallError
from cognito_action.retry import Retry

if TYPE_CHECKING:
    from cognito_action.aws.credentials import Connection


@dataclass(frozen=True)
class AwsCredentials:
    """What lets a user call AWS; valid for an hour (Cognito's enhanced flow)."""

    identity_id: str
    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(repr=False)

    @property
    def outputs(self) -> dict[str, str]:
        """What a step outputs of them, by the names of its outputs."""
        return {
            "identity-id": self.identity_id,
            "aws-access-key-id": self.access_key_id,
            "aws-secret-access-key": self.secret_access_key,
            "aws-session-token": self.session_token,
        }


class IdentityPool:
    """An identity pool, in the region that its ID starts with.

    Args:
        identity_pool_id: its ID.
        mask: what hides a secret in the log.
    """

    def __init__(
        self, connection: "Connection", identity_pool_id: str, retry: Retry, mask: Callable[[str], None]
    ) -> None:
        region, pool = identity_pool_id.partition(":")[0], connection.pool
        self._client = connection.new_client("cognito-identity", region)
        self._access = IdentityPoolAccess(
            identity_pool_id, region, pool.id, connection.endpoints.of("cognito-identity")
        )
        self._usual_issuer = f"https://cognito-idp.{pool.region}.amazonaws.com/{pool.id}"
        self._retry = retry
        self._mask = mask

    def credentials_for(self, id_token: str, save: Callable[[str], None]) -> AwsCredentials:
        """Trade an ID token for credentials, with two calls that need no permission; raises `ActionError`.

        The identity exists from the first one on: `save` gets its ID then. Asked again with a token of the same user,
        the identity pool answers with the same identity.
        """
        # An identity pool knows a user pool as the issuer of its tokens, without the scheme.
        issuer = claims_of(id_token).get("iss") or self._usual_issuer
        login = {str(issuer).removeprefix("https://"): id_token}
        try:
            identity_id = self._get_id(login)
            save(identity_id)
            return self._get_credentials(identity_id, login)
        except CallError as error:
            raise identity_pool_refused(error, self._access, next(iter(login))) from error

    def delete_identities(self, identity_ids: Sequence[str]) -> dict[str, str]:
        """Delete identities, 60 at most; return those that stay, each with the reason. Needs `DeleteIdentities`."""
        left = dict.fromkeys(identity_ids, "")

        def call() -> None:
            nonlocal left
            answer = self._client.delete_identities(IdentityIdsToDelete=list(left))
            unprocessed = answer.get("UnprocessedIdentityIds") or []
            codes = {each.get("IdentityId", ""): each.get("ErrorCode", "Unknown") for each in unprocessed}
            left = {
                identity_id: f"DeleteIdentities: {codes[identity_id]}" for identity_id in left if identity_id in codes
            }
            if left and set(codes.values()) == {"InternalServerError"}:
                raise CallError("DeleteIdentities", "InternalServerError", "not deleted", retryable=True)

        try:
            call_with_retries(self._retry, "DeleteIdentities", call)
        except CallError as error:
            return dict.fromkeys(left, error.what)
        return left

    def _get_id(self, login: Mapping[str, str]) -> str:
        request: Any = {"IdentityPoolId": self._access.id, "Logins": login}
        return call_with_retries(self._retry, "GetId", lambda: str(self._client.get_id(**request)["IdentityId"]))

    def _get_credentials(self, identity_id: str, login: Mapping[str, str]) -> AwsCredentials:
        def call() -> AwsCredentials:
            answer = self._client.get_credentials_for_identity(IdentityId=identity_id, Logins=login)["Credentials"]
            secret, token = answer["SecretKey"], answer["SessionToken"]
            self._mask(secret)
            self._mask(token)
            return AwsCredentials(identity_id, answer["AccessKeyId"], secret, token)

        return call_with_retries(self._retry, "GetCredentialsForIdentity", call)
