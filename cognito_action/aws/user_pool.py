"""The user pool: the calls to Cognito that the action makes on it."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeVar

from cognito_action.aws.sdk import call_with_retries
from cognito_action.aws.users import ListedUser, User, attribute_list, created_user, listed_user
from cognito_action.diagnostics.access import PoolAccess
from cognito_action.diagnostics.pool import call_refused
from cognito_action.diagnostics.report import in_words
from cognito_action.errors import ActionError, CallError
from cognito_action.retry import BeforeAttempt, Retry

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.client import CognitoIdentityProviderClient

Result = TypeVar("Result")

PAGE_SIZE = 60
"""Users in one answer of `ListUsers`, the maximum (`QueryLimitType`)."""


class UserPool:
    """One user pool. Each method but `explain` calls Cognito, retries while that can help, and raises `CallError`.

    `access` is for errors, which say what the action needs, and where a call went.
    """

    def __init__(self, client: "CognitoIdentityProviderClient", access: PoolAccess, retry: Retry) -> None:
        self._client = client
        self.id = access.id
        self.access = access
        self._retry = retry

    def explain(self, error: Exception) -> ActionError:
        """Put a failure into words: a refused call of this pool, or any other exception."""
        if isinstance(error, CallError):
            return call_refused(error, self.access)
        return in_words(error)

    def create_user(
        self,
        username: str,
        attributes: Mapping[str, str],
        temporary_password: str,
        metadata: Mapping[str, str],
        before_attempt: BeforeAttempt = lambda _: None,
    ) -> User:
        """Create a user who has to change the password; Cognito sends no message and takes no other user's alias.

        The temporary password is given, because pools with passwordless sign-in would create a user without any.
        `before_attempt` is `Retry`'s.
        """

        def call() -> User:
            answer = self._client.admin_create_user(
                UserPoolId=self.id,
                Username=username,
                UserAttributes=attribute_list(attributes),
                TemporaryPassword=temporary_password,
                MessageAction="SUPPRESS",
                ClientMetadata=metadata,
            )
            return created_user(answer["User"])

        return call_with_retries(self._retry, "AdminCreateUser", call, before_attempt)

    def set_password(self, username: str, password: str) -> None:
        """Give the user a permanent password, which makes it CONFIRMED: able to sign in.

        If an answer was lost and the password history then refuses the same password, the lost call had set it.
        """
        try:
            self._call(
                "AdminSetUserPassword",
                lambda: self._client.admin_set_user_password(
                    UserPoolId=self.id, Username=username, Password=password, Permanent=True
                ),
            )
        except CallError as error:
            if not (error.outcome_unknown and error.code == "PasswordHistoryPolicyViolationException"):
                raise

    def confirm_sign_up(self, username: str, metadata: Mapping[str, str]) -> None:
        """Confirm a user who signed up; the pool's post confirmation trigger has run when this returns.

        A user who is confirmed already was so by a call whose answer was lost, or by the pool's pre sign-up trigger.
        """
        try:
            self._call(
                "AdminConfirmSignUp",
                lambda: self._client.admin_confirm_sign_up(
                    UserPoolId=self.id, Username=username, ClientMetadata=metadata
                ),
            )
        except CallError as error:
            if not (error.code == "NotAuthorizedException" and "status is CONFIRMED" in error.message):
                raise

    def verify_email(self, username: str, email: str) -> None:
        """Say that the user's address is verified: an alias then, if the pool has those, even if another user had it.

        The address itself is sent only if the call asks for it, as an emulator does: some pools let no one change it.
        """
        try:
            self._update(username, {"email_verified": "true"})
        except CallError as error:
            if error.code != "InvalidParameterException" or "Email is required" not in error.message:
                raise
            self._update(username, {"email": email, "email_verified": "true"})

    def _update(self, username: str, attributes: Mapping[str, str]) -> None:
        self._call(
            "AdminUpdateUserAttributes",
            lambda: self._client.admin_update_user_attributes(
                UserPoolId=self.id, Username=username, UserAttributes=attribute_list(attributes)
            ),
        )

    def add_to_group(self, username: str, group: str) -> None:
        """Add the user to `group`; it does no harm if the user is in it already."""
        self._call(
            "AdminAddUserToGroup",
            lambda: self._client.admin_add_user_to_group(UserPoolId=self.id, Username=username, GroupName=group),
        )

    def delete_user(self, username: str, *, known: bool = False) -> bool:
        """Delete the user that `username`, an alias or the `sub` names; False if there was none.

        A user who is known to have been there, and is not after an answer was lost, was deleted by the lost call.
        """
        try:
            self._call(
                "AdminDeleteUser",
                lambda: self._client.admin_delete_user(UserPoolId=self.id, Username=username),
            )
        except CallError as error:
            if error.code != "UserNotFoundException":
                raise
            return known and error.outcome_unknown
        return True

    def users_with_phone_number(self, phone_number: str) -> list[ListedUser]:
        """Return the users who have `phone_number`; needs `ListUsers`."""
        return list(self.list_users(f'phone_number = "{phone_number}"'))

    def list_users(self, condition: str) -> Iterator[ListedUser]:
        """Yield the users that match `condition`, a filter of `ListUsers`: one call for each `PAGE_SIZE` of them.

        An empty page can have others after it. What was created or changed a moment ago may be missing: the list is
        eventually consistent.
        """
        position: dict[str, str] = {}
        while True:
            users, token = self._call("ListUsers", lambda: self._page(condition, position))  # noqa: B023 - called at once
            yield from users
            if not token:
                return
            position = {"PaginationToken": token}

    def _page(self, condition: str, position: Mapping[str, str]) -> tuple[list[ListedUser], str]:
        answer = self._client.list_users(UserPoolId=self.id, Filter=condition, Limit=PAGE_SIZE, **position)
        return [listed_user(user) for user in answer["Users"]], answer.get("PaginationToken", "")

    def _call(self, operation: str, call: Callable[[], Result]) -> Result:
        return call_with_retries(self._retry, operation, call)
