"""The user pool: one method for each call of Cognito that the action makes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from cognito_action.aws.sdk import repeated
from cognito_action.diagnostics import pool as pool_errors
from cognito_action.errors import ActionError, Failure
from cognito_action.retry import Retry

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.client import CognitoIdentityProviderClient
    from mypy_boto3_cognito_idp.type_defs import AttributeTypeTypeDef, UserTypeTypeDef


Result = TypeVar("Result")


@dataclass(frozen=True)
class User:
    """A user as Cognito names it: `username` is a UUID equal to `sub` where people sign in by e-mail or phone."""

    username: str
    sub: str


@dataclass(frozen=True)
class ListedUser(User):
    """A user as a list shows it."""

    email: str
    unverified: bool
    """Whether Cognito says that nobody has verified the address."""
    created: datetime | None
    """None where the list does not say."""


PAGE = 60
"""Users in one answer of `ListUsers`, the most there can be (`QueryLimitType`)."""


class UserPool:
    """One user pool. Each method makes one call, repeated while that can help, and raises `Failure`.

    `permissions` are what the action needs in all, for an error to name.
    """

    def __init__(
        self,
        client: "CognitoIdentityProviderClient",
        pool_id: str,
        arn: str,
        retry: Retry,
        permissions: Sequence[str] = pool_errors.PERMISSIONS,
    ) -> None:
        self._client = client
        self.id = pool_id
        self._arn = arn
        self._retry = retry
        self._permissions = permissions

    def explain(self, failure: Failure) -> ActionError:
        """Put a failure of this pool into words."""
        return pool_errors.cognito_refused(failure, self.id, self._arn, self._permissions)

    def create_user(
        self,
        username: str,
        attributes: Mapping[str, str],
        password: str,
        metadata: Mapping[str, str],
        on_lost: Callable[[], None] = lambda: None,
    ) -> User:
        """Create a user who has to change `password`; Cognito sends no message and takes no other user's alias.

        The temporary password is given, because pools with passwordless sign-in would make a user without any.
        `on_lost` is called where a request may still be on its way when the next one is made.
        """

        def call() -> User:
            user = self._client.admin_create_user(
                UserPoolId=self.id,
                Username=username,
                UserAttributes=[{"Name": name, "Value": value} for name, value in attributes.items()],
                TemporaryPassword=password,
                MessageAction="SUPPRESS",
                ClientMetadata=metadata,
            )["User"]
            return User(user["Username"], _attributes(user["Attributes"]).get("sub", ""))

        return repeated(self._retry, "AdminCreateUser", call, on_lost)

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

    def delete_user(self, username: str, *, known: bool = False) -> bool:
        """Delete the user whom `username`, an alias or the `sub` names; False if there was none.

        One who is known to have been there, and is not after an answer was lost, was deleted by the lost call.
        """
        try:
            self._call(
                "AdminDeleteUser",
                lambda: self._client.admin_delete_user(UserPoolId=self.id, Username=username),
            )
        except Failure as failure:
            if failure.code != "UserNotFoundException":
                raise
            return known and failure.lost
        return True

    def find_by_phone(self, phone: str, email: str) -> str | None:
        """Return the user name of the user who has both `phone` and `email`; needs `ListUsers`."""
        for user in self.list_users(f'phone_number = "{phone}"'):
            if user.email == email:
                return user.username
        return None

    def list_users(self, condition: str) -> Iterator[ListedUser]:
        """Yield the users whom `condition`, a filter of `ListUsers`, is true of: one call for each `PAGE` of them.

        An empty page can have others after it. What was created or changed a moment ago may be missing: the list is
        eventually consistent.
        """
        further: dict[str, str] = {}
        while True:
            users, token = self._call("ListUsers", lambda: self._page(condition, further))  # noqa: B023 - called at once
            yield from users
            if not token:
                return
            further = {"PaginationToken": token}

    def _page(self, condition: str, further: Mapping[str, str]) -> tuple[list[ListedUser], str]:
        answer = self._client.list_users(UserPoolId=self.id, Filter=condition, Limit=PAGE, **further)
        return [_listed(user) for user in answer["Users"]], answer.get("PaginationToken", "")

    def _call(self, operation: str, call: Callable[[], Result]) -> Result:
        return repeated(self._retry, operation, call)


def _listed(user: "UserTypeTypeDef") -> ListedUser:
    attributes = _attributes(user["Attributes"])
    return ListedUser(
        user["Username"],
        attributes.get("sub", ""),
        attributes.get("email", ""),
        attributes.get("email_verified") == "false",
        user.get("UserCreateDate"),
    )


def _attributes(listed: "Sequence[AttributeTypeTypeDef]") -> dict[str, str]:
    return {attribute["Name"]: attribute.get("Value", "") for attribute in listed}
