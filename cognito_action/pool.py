"""The user pool: one method for each call of Cognito that the action makes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from cognito_action import pool_errors
from cognito_action.errors import ActionError
from cognito_action.failure import Failure
from cognito_action.retry import Retry
from cognito_action.sdk import repeated

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.client import CognitoIdentityProviderClient
    from mypy_boto3_cognito_idp.type_defs import AttributeTypeTypeDef

Result = TypeVar("Result")


@dataclass(frozen=True)
class User:
    """A user as Cognito names it: `username` is a UUID equal to `sub` where people sign in by e-mail or phone."""

    username: str
    sub: str


class UserPool:
    """One user pool. Each method makes one call, repeated while that can help, and raises `Failure`."""

    def __init__(self, client: "CognitoIdentityProviderClient", pool_id: str, arn: str, retry: Retry) -> None:
        self._client = client
        self.id = pool_id
        self._arn = arn
        self._retry = retry

    def explain(self, failure: Failure) -> ActionError:
        """Put a failure of this pool into words."""
        return pool_errors.cognito_refused(failure, self.id, self._arn)

    def create_user(
        self, username: str, attributes: Mapping[str, str], password: str, metadata: Mapping[str, str]
    ) -> User:
        """Create a user who has to change `password`; Cognito sends no message and takes no other user's alias.

        The temporary password is given, because pools with passwordless sign-in would make a user without any.
        """
        user = self._call(
            "AdminCreateUser",
            lambda: self._client.admin_create_user(
                UserPoolId=self.id,
                Username=username,
                UserAttributes=[{"Name": name, "Value": value} for name, value in attributes.items()],
                TemporaryPassword=password,
                MessageAction="SUPPRESS",
                ClientMetadata=metadata,
            )["User"],
        )
        return User(user["Username"], _attributes(user["Attributes"]).get("sub", ""))

    def set_password(self, username: str, password: str) -> None:
        """Give the user a permanent password, which makes it CONFIRMED: able to sign in.

        Where an answer was lost and the history then refuses the same password, the lost call had set it.
        """
        try:
            self._call(
                "AdminSetUserPassword",
                lambda: self._client.admin_set_user_password(
                    UserPoolId=self.id, Username=username, Password=password, Permanent=True
                ),
            )
        except Failure as failure:
            if not (failure.lost and failure.code == "PasswordHistoryPolicyViolationException"):
                raise

    def add_to_group(self, username: str, group: str) -> None:
        """Let the user join `group`; it does no harm where the user is in it already."""
        self._call(
            "AdminAddUserToGroup",
            lambda: self._client.admin_add_user_to_group(UserPoolId=self.id, Username=username, GroupName=group),
        )

    def delete_user(self, username: str) -> bool:
        """Delete the user whom `username`, an alias or the `sub` names; False if there was none."""
        try:
            self._call(
                "AdminDeleteUser",
                lambda: self._client.admin_delete_user(UserPoolId=self.id, Username=username),
            )
        except Failure as failure:
            if failure.code != "UserNotFoundException":
                raise
            return False
        return True

    def find_by_phone(self, phone: str, email: str) -> str | None:
        """Return the user name of the user who has both `phone` and `email`; needs `ListUsers`."""
        users = self._call(
            "ListUsers",
            lambda: self._client.list_users(UserPoolId=self.id, Filter=f'phone_number = "{phone}"')["Users"],
        )
        for user in users:
            if _attributes(user["Attributes"]).get("email") == email:
                return user["Username"]
        return None

    def _call(self, operation: str, call: Callable[[], Result]) -> Result:
        return repeated(self._retry, operation, call)


def _attributes(listed: "Sequence[AttributeTypeTypeDef]") -> dict[str, str]:
    return {attribute["Name"]: attribute.get("Value", "") for attribute in listed}
