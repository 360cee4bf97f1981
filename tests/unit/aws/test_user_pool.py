"""The pool: each call as Cognito expects it, and how lost answers are handled."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from cognito_action.aws.user_pool import PAGE_SIZE, UserPool
from cognito_action.aws.users import ListedUser, User
from cognito_action.diagnostics.access import PoolAccess
from cognito_action.errors import NETWORK, ActionError, CallError
from tests.support.examples import ACCESS, EMAIL, PHONE, POOL_ARN, POOL_ID, SUB
from tests.support.fake_time import FakeTime
from tests.support.scripted_cognito import ScriptedCognito, lost_answer, refusal

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.client import CognitoIdentityProviderClient

PASSWORD = "Passw0rd-of-the-user"


def sdk_client() -> "CognitoIdentityProviderClient":
    """An SDK client with made-up credentials."""
    return boto3.client(
        "cognito-idp", region_name="eu-central-1", aws_access_key_id="test", aws_secret_access_key="test"
    )


# Against an emulator


@pytest.fixture
def cognito() -> Iterator["CognitoIdentityProviderClient"]:
    with mock_aws():
        yield sdk_client()


@pytest.fixture
def pool_id(cognito: "CognitoIdentityProviderClient") -> str:
    """A moto pool that signs people in by email or phone."""
    settings: Any = {"UsernameAttributes": ["email", "phone_number"]}
    return cognito.create_user_pool(PoolName="test", **settings)["UserPool"]["Id"]


@pytest.fixture
def emulated(cognito: "CognitoIdentityProviderClient", pool_id: str, time: FakeTime) -> UserPool:
    return UserPool(cognito, PoolAccess(pool_id, "eu-central-1", POOL_ARN), time.retry())


def test_created_user_can_sign_in_once_the_password_is_set(
    cognito: "CognitoIdentityProviderClient", pool_id: str, emulated: UserPool
) -> None:
    """The user is CONFIRMED, and has the name and the `sub` that Cognito returned."""
    user = emulated.create_user(EMAIL, {"email": EMAIL, "name": "Ada"}, PASSWORD, {})
    emulated.set_password(user.username, PASSWORD)

    [found] = cognito.list_users(UserPoolId=pool_id)["Users"]
    attributes = {attribute["Name"]: attribute["Value"] for attribute in found["Attributes"]}
    assert user == User(found["Username"], attributes["sub"])
    assert (attributes["email"], attributes["name"]) == (EMAIL, "Ada")
    assert found["UserStatus"] == "CONFIRMED"


def test_deleted_user_is_gone(cognito: "CognitoIdentityProviderClient", pool_id: str, emulated: UserPool) -> None:
    """True if there was a user, False if there was none."""
    user = emulated.create_user(EMAIL, {}, PASSWORD, {})

    assert emulated.delete_user(user.username) is True
    assert cognito.list_users(UserPoolId=pool_id)["Users"] == []
    assert emulated.delete_user(user.username) is False


def test_users_with_a_phone_number_are_found_with_their_addresses(emulated: UserPool) -> None:
    """A number alone says nothing: it may be a stranger's."""
    user = emulated.create_user(PHONE, {"email": EMAIL, "phone_number": PHONE}, PASSWORD, {})

    [found] = emulated.users_with_phone_number(PHONE)
    assert (found.username, found.email) == (user.username, EMAIL)
    assert emulated.users_with_phone_number("+15555550124") == []


def test_second_user_with_the_same_name_is_refused(emulated: UserPool) -> None:
    """The refusal has Cognito's code."""
    emulated.create_user(EMAIL, {}, PASSWORD, {})

    with pytest.raises(CallError) as caught:
        emulated.create_user(EMAIL, {}, PASSWORD, {})

    assert (caught.value.operation, caught.value.code) == ("AdminCreateUser", "UsernameExistsException")


def test_user_joins_groups(cognito: "CognitoIdentityProviderClient", pool_id: str, emulated: UserPool) -> None:
    """Joining twice does no harm; a group that does not exist is refused with Cognito's code."""
    cognito.create_group(UserPoolId=pool_id, GroupName="admins")
    user = emulated.create_user(EMAIL, {}, PASSWORD, {})

    emulated.add_to_group(user.username, "admins")
    emulated.add_to_group(user.username, "admins")

    groups = cognito.admin_list_groups_for_user(UserPoolId=pool_id, Username=user.username)["Groups"]
    assert [group["GroupName"] for group in groups] == ["admins"]
    with pytest.raises(CallError, match="ResourceNotFoundException"):
        emulated.add_to_group(user.username, "Admins")


def test_missing_pool_is_refused(cognito: "CognitoIdentityProviderClient", time: FakeTime) -> None:
    """The refusal has Cognito's code, whatever the call."""
    pool = UserPool(cognito, PoolAccess("eu-central-1_none", "eu-central-1", "arn"), time.retry())

    for call in (
        lambda: pool.create_user(EMAIL, {}, PASSWORD, {}),
        lambda: pool.set_password(EMAIL, PASSWORD),
        lambda: pool.add_to_group(EMAIL, "admins"),
        lambda: pool.confirm_sign_up(EMAIL, {}),
        lambda: pool.verify_email(EMAIL, EMAIL),
        lambda: pool.delete_user(EMAIL),
        lambda: pool.users_with_phone_number(PHONE),
    ):
        with pytest.raises(CallError, match="ResourceNotFoundException"):
            call()


# The calls themselves


def test_calls_carry_these_parameters_and_no_others(time: FakeTime) -> None:
    """No one is sent a message, no one's alias is taken, and the last password is permanent."""
    client = sdk_client()
    pool = UserPool(client, ACCESS, time.retry())
    answer = {"User": {"Username": SUB, "Attributes": [{"Name": "email"}, {"Name": "sub", "Value": SUB}]}}
    with Stubber(client) as stubber:
        stubber.add_response(
            "admin_create_user",
            answer,
            {
                "UserPoolId": POOL_ID,
                "Username": EMAIL,
                "UserAttributes": [{"Name": "email", "Value": EMAIL}, {"Name": "email_verified", "Value": "true"}],
                "TemporaryPassword": "temporary",
                "MessageAction": "SUPPRESS",
                "ClientMetadata": {"source": "ci"},
            },
        )
        stubber.add_response(
            "admin_set_user_password",
            {},
            {"UserPoolId": POOL_ID, "Username": SUB, "Password": PASSWORD, "Permanent": True},
        )
        stubber.add_response(
            "admin_add_user_to_group", {}, {"UserPoolId": POOL_ID, "Username": SUB, "GroupName": "admins"}
        )
        stubber.add_response(
            "list_users",
            {"Users": []},
            {"UserPoolId": POOL_ID, "Filter": 'phone_number = "+15555550123"', "Limit": 60},
        )
        stubber.add_response(
            "admin_confirm_sign_up",
            {},
            {"UserPoolId": POOL_ID, "Username": SUB, "ClientMetadata": {"source": "ci"}},
        )
        stubber.add_response(
            "admin_update_user_attributes",
            {},
            {
                "UserPoolId": POOL_ID,
                "Username": SUB,
                "UserAttributes": [{"Name": "email_verified", "Value": "true"}],
            },
        )
        stubber.add_response("admin_delete_user", {}, {"UserPoolId": POOL_ID, "Username": SUB})

        user = pool.create_user(EMAIL, {"email": EMAIL, "email_verified": "true"}, "temporary", {"source": "ci"})
        pool.set_password(SUB, PASSWORD)
        pool.add_to_group(SUB, "admins")
        pool.users_with_phone_number(PHONE)
        pool.confirm_sign_up(SUB, {"source": "ci"})
        pool.verify_email(SUB, EMAIL)
        pool.delete_user(SUB)

        stubber.assert_no_pending_responses()
    assert user == User(SUB, SUB)


def test_user_without_a_sub_has_an_empty_one(time: FakeTime) -> None:
    """An answer that leaves the id out is accepted as it is."""
    client = ScriptedCognito(create=[{"User": {"Username": EMAIL, "Attributes": []}}])

    assert client.pool(time.retry()).create_user(EMAIL, {}, PASSWORD, {}) == User(EMAIL, "")


# Lists


def test_list_continues_while_there_is_a_token(time: FakeTime) -> None:
    """Even after a page without users; each page is one call, made when it is needed."""
    created = datetime(2026, 1, 1, tzinfo=UTC)
    attributes = {"sub": SUB, "email": EMAIL, "email_verified": "false"}
    full = {
        "Attributes": [{"Name": name, "Value": value} for name, value in attributes.items()],
        "UserCreateDate": created,
        "UserStatus": "UNCONFIRMED",
    }
    client = ScriptedCognito(
        list=[
            {"Users": [{"Username": "one", **full}], "PaginationToken": "a"},
            {"Users": [], "PaginationToken": "b"},
            {"Users": [{"Username": "two", "Attributes": []}]},
        ]
    )

    users = client.pool(time.retry()).list_users('username ^= "gha-"')

    assert client.calls == []
    assert next(users) == ListedUser("one", SUB, EMAIL, unverified=True, unconfirmed=True, created=created)
    assert len(client.calls) == 1
    assert list(users) == [ListedUser("two", "", "", unverified=False, unconfirmed=False, created=None)]
    assert [call.parameters for call in client.calls] == [
        {"UserPoolId": POOL_ID, "Filter": 'username ^= "gha-"', "Limit": 60, **token}
        for token in ({}, {"PaginationToken": "a"}, {"PaginationToken": "b"})
    ]


def test_page_that_fails_is_requested_again(time: FakeTime) -> None:
    """Only that page is, with its token."""
    client = ScriptedCognito(
        list=[{"Users": [], "PaginationToken": "a"}, refusal("TooManyRequestsException"), {"Users": []}]
    )

    assert list(client.pool(time.retry()).list_users('email ^= "gha-"')) == []
    assert [call.parameters.get("PaginationToken") for call in client.calls] == [None, "a", "a"]


def test_page_is_as_long_as_cognito_allows() -> None:
    """The maximum is from its own service model."""
    model = botocore.session.Session().get_service_model("cognito-idp")

    assert model.shape_for("QueryLimitType").metadata["max"] == PAGE_SIZE


def test_emulated_list_is_read_to_its_end(
    cognito: "CognitoIdentityProviderClient", pool_id: str, emulated: UserPool
) -> None:
    """It uses moto's pages and filter, and its dates have a time zone."""
    emulated.id = pool_id
    for number in range(PAGE_SIZE + 1):
        emulated.create_user(f"gha-{number}@example.com", {}, PASSWORD, {})
    emulated.create_user("alice@example.com", {}, PASSWORD, {})

    users = list(emulated.list_users('email ^= "gha-"'))

    assert sorted(user.email for user in users) == sorted(
        f"gha-{number}@example.com" for number in range(PAGE_SIZE + 1)
    )
    assert all(user.username == user.sub and user.created and user.created.tzinfo for user in users)
    assert len(cognito.list_users(UserPoolId=pool_id)["Users"]) == PAGE_SIZE


# Failures

THROTTLED = refusal("TooManyRequestsException", "Rate exceeded")
NEVER_SENT = CallError("AnyCall", NETWORK, "Connection refused", retryable=True)
BROKEN = refusal("InternalErrorException", "", 500)


@pytest.mark.parametrize("failure", [THROTTLED, NEVER_SENT, BROKEN, lost_answer()])
def test_transient_failure_is_retried(time: FakeTime, failure: Exception) -> None:
    """Each call is retried until it gets an answer."""
    script: list[Any] = [failure, failure]
    operations = ("create", "set_password", "join", "list", "confirm", "update", "delete")
    client = ScriptedCognito(None, **{operation: [*script] for operation in operations})
    time.share = 0.01
    pool = client.pool(time.retry())

    assert pool.create_user(EMAIL, {}, PASSWORD, {}) == User(EMAIL, SUB)
    pool.set_password(EMAIL, PASSWORD)
    pool.add_to_group(EMAIL, "admins")
    assert pool.users_with_phone_number(PHONE) == []
    pool.confirm_sign_up(EMAIL, {})
    pool.verify_email(EMAIL, EMAIL)
    assert pool.delete_user(EMAIL) is True
    assert client.operations == [operation for operation in operations for _ in range(3)]
    assert len(time.reports) == 14


def test_retried_call_is_the_same_call(time: FakeTime) -> None:
    """A retry changes nothing, so a lost attempt and its retry create one user with one password."""
    client = ScriptedCognito(create=[lost_answer()], set_password=[lost_answer()])
    pool = client.pool(time.retry())

    pool.create_user(EMAIL, {"email": EMAIL}, PASSWORD, {"a": "b"})
    pool.set_password(EMAIL, PASSWORD)

    [first, second, third, fourth] = client.calls
    assert first == second
    assert third == fourth


@pytest.mark.parametrize("operation", ["create", "set_password", "join", "confirm", "update", "delete", "list"])
def test_refusal_is_raised_at_once(time: FakeTime, operation: str) -> None:
    """What Cognito refuses is not repeated, and the failure names the operation as IAM does."""
    client = ScriptedCognito(None, **{operation: [refusal("AccessDeniedException")]})
    pool = client.pool(time.retry())
    calls = {
        "create": ("AdminCreateUser", lambda: pool.create_user(EMAIL, {}, PASSWORD, {})),
        "set_password": ("AdminSetUserPassword", lambda: pool.set_password(EMAIL, PASSWORD)),
        "join": ("AdminAddUserToGroup", lambda: pool.add_to_group(EMAIL, "admins")),
        "confirm": ("AdminConfirmSignUp", lambda: pool.confirm_sign_up(EMAIL, {})),
        "update": ("AdminUpdateUserAttributes", lambda: pool.verify_email(EMAIL, EMAIL)),
        "delete": ("AdminDeleteUser", lambda: pool.delete_user(EMAIL)),
        "list": ("ListUsers", lambda: pool.users_with_phone_number(PHONE)),
    }
    name, call = calls[operation]

    with pytest.raises(CallError) as caught:
        call()  # type: ignore[no-untyped-call]

    assert (caught.value.operation, caught.value.code, caught.value.outcome_unknown) == (
        name,
        "AccessDeniedException",
        False,
    )
    assert client.operations == [operation]


HISTORY = refusal("PasswordHistoryPolicyViolationException", "Password has previously been used.")


@pytest.mark.parametrize("lost", [lost_answer(), BROKEN])
def test_password_in_the_history_after_a_lost_answer_was_set(time: FakeTime, lost: Exception) -> None:
    """The call whose answer was lost had set it: that is success."""
    client = ScriptedCognito(set_password=[lost, HISTORY])

    client.pool(time.retry()).set_password(EMAIL, PASSWORD)

    assert client.operations == ["set_password", "set_password"]


@pytest.mark.parametrize("before", [[], [THROTTLED], [NEVER_SENT]])
def test_password_in_the_history_without_a_lost_answer_is_refused(time: FakeTime, before: list[Any]) -> None:
    """If every earlier attempt is known to have done nothing, the history refers to another password."""
    client = ScriptedCognito(set_password=[*before, HISTORY])

    with pytest.raises(CallError, match="PasswordHistoryPolicyViolationException"):
        client.pool(time.retry()).set_password(EMAIL, PASSWORD)


def test_other_refusal_of_a_password_after_a_lost_answer_is_a_failure(time: FakeTime) -> None:
    """Only the history shows that the lost call worked."""
    client = ScriptedCognito(set_password=[lost_answer(), refusal("InvalidPasswordException")])

    with pytest.raises(CallError) as caught:
        client.pool(time.retry()).set_password(EMAIL, PASSWORD)

    assert (caught.value.code, caught.value.outcome_unknown) == ("InvalidPasswordException", True)


# Users who signed up

CONFIRMED = refusal("NotAuthorizedException", "User cannot be confirmed. Current status is CONFIRMED")


@pytest.mark.parametrize("before", [[], [lost_answer()], [BROKEN], [THROTTLED]], ids=str)
def test_user_who_is_confirmed_already_is_no_failure(time: FakeTime, before: list[Any]) -> None:
    """A lost call did it, or a pre sign-up trigger; whoever did, nothing is left to do."""
    client = ScriptedCognito(confirm=[*before, CONFIRMED])

    client.pool(time.retry()).confirm_sign_up(SUB, {})

    assert client.operations == ["confirm"] * (1 + len(before))


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("NotAuthorizedException", "User cannot be confirmed. Current status is ARCHIVED"),
        ("NotAuthorizedException", "User cannot be confirmed. Current status is UNCONFIRMED"),
        ("NotAuthorizedException", "User is disabled."),
        ("UserLambdaValidationException", "PostConfirmation failed with error: its status is CONFIRMED"),
        ("AliasExistsException", "status is CONFIRMED"),
        ("UserNotFoundException", "User does not exist."),
    ],
)
def test_any_other_refusal_of_a_confirmation_is_a_failure(time: FakeTime, code: str, message: str) -> None:
    """The words of a trigger prove nothing."""
    client = ScriptedCognito(confirm=[refusal(code, message)])

    with pytest.raises(CallError, match=code):
        client.pool(time.retry()).confirm_sign_up(SUB, {})


EMAIL_MISSING = refusal("InvalidParameterException", "Email is required to verify/un-verify an email")


def test_address_is_sent_only_if_that_is_asked_for(time: FakeTime) -> None:
    """An emulator does; the second call has what the first had, and the address that the user has already."""
    client = ScriptedCognito(update=[EMAIL_MISSING])

    client.pool(time.retry()).verify_email(SUB, EMAIL)

    assert [call.parameters["UserAttributes"] for call in client.calls] == [
        [{"Name": "email_verified", "Value": "true"}],
        [{"Name": "email", "Value": EMAIL}, {"Name": "email_verified", "Value": "true"}],
    ]
    assert {call.parameters["Username"] for call in client.calls} == {SUB}


@pytest.mark.parametrize(
    "script",
    [
        [refusal("InvalidParameterException", "Cannot modify an already provided email")],
        [refusal("NotAuthorizedException", "Email is required")],
        [refusal("AliasExistsException")],
        [EMAIL_MISSING, EMAIL_MISSING],
        [EMAIL_MISSING, refusal("AccessDeniedException")],
    ],
    ids=str,
)
def test_refusal_to_verify_an_address_is_a_failure(time: FakeTime, script: list[Any]) -> None:
    """Of either form; there is no third."""
    client = ScriptedCognito(update=script)

    with pytest.raises(CallError) as caught:
        client.pool(time.retry()).verify_email(SUB, EMAIL)

    assert caught.value.operation == "AdminUpdateUserAttributes"
    assert len(client.calls) == len(script)


def test_emulated_user_who_signed_up_can_sign_in_once_it_is_confirmed(
    cognito: "CognitoIdentityProviderClient", pool_id: str, emulated: UserPool
) -> None:
    """The user is CONFIRMED, with a verified address; a list has said before that it was neither."""
    flows: Any = ["ALLOW_USER_PASSWORD_AUTH"]
    client = cognito.create_user_pool_client(UserPoolId=pool_id, ClientName="test", ExplicitAuthFlows=flows)
    address: Any = [{"Name": "email", "Value": EMAIL}]
    client_id = client["UserPoolClient"]["ClientId"]
    cognito.sign_up(ClientId=client_id, Username=EMAIL, Password=PASSWORD, UserAttributes=address)
    [before] = emulated.list_users(f'email = "{EMAIL}"')

    emulated.confirm_sign_up(before.username, {})
    emulated.verify_email(before.username, EMAIL)

    [after] = emulated.list_users(f'email = "{EMAIL}"')
    assert (before.unconfirmed, after.unconfirmed, after.unverified) == (True, False, False)
    cognito.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": EMAIL, "PASSWORD": PASSWORD},
    )


ABSENT = refusal("UserNotFoundException", "User does not exist.")


def test_known_user_who_is_absent_after_a_lost_answer_was_deleted(time: FakeTime) -> None:
    """No one else is likely to have done it at that moment; without a lost answer, someone else did."""
    absent = refusal("UserNotFoundException")

    assert ScriptedCognito(delete=[lost_answer(), absent]).pool(time.retry()).delete_user(SUB, known=True)
    assert not ScriptedCognito(delete=[absent]).pool(time.retry()).delete_user(SUB, known=True)
    assert not ScriptedCognito(delete=[lost_answer(), absent]).pool(time.retry()).delete_user(SUB)


@pytest.mark.parametrize(
    "script",
    [[ABSENT], [THROTTLED, ABSENT], [NEVER_SENT, ABSENT], [lost_answer(), ABSENT], [BROKEN, ABSENT]],
)
def test_absent_user_counts_as_absent_whatever_was_lost_before(time: FakeTime, script: list[Any]) -> None:
    """A lost deletion may have worked, or found no one because the creation was still in flight: post looks again."""
    client = ScriptedCognito(delete=script)

    assert client.pool(time.retry()).delete_user(EMAIL) is False


def test_all_users_with_a_phone_number_are_listed(time: FakeTime) -> None:
    """Whose the number is, their addresses tell; several can have it if the pool does not sign in by it."""
    listed = [
        {"Username": "a", "Attributes": []},
        {"Username": "b", "Attributes": [{"Name": "email"}]},
        {"Username": "c", "Attributes": [{"Name": "name", "Value": EMAIL}]},
        {"Username": "d", "Attributes": [{"Name": "email", "Value": EMAIL.upper()}]},
        {"Username": "e", "Attributes": [{"Name": "email", "Value": EMAIL}]},
    ]
    client = ScriptedCognito(list=[{"Users": listed[:2], "PaginationToken": "a"}, {"Users": listed[2:]}])

    users = client.pool(time.retry()).users_with_phone_number(PHONE)

    assert [(user.username, user.email) for user in users] == [
        ("a", ""),
        ("b", ""),
        ("c", ""),
        ("d", EMAIL.upper()),
        ("e", EMAIL),
    ]
    assert {call.parameters["Filter"] for call in client.calls} == {'phone_number = "+15555550123"'}


def test_each_attempt_to_create_a_user_is_announced(time: FakeTime) -> None:
    """With what the one before it met, so that it can be saved before the next call."""
    time.share = 0.01
    client = ScriptedCognito(create=[lost_answer(), THROTTLED, BROKEN])
    announced: list[tuple[str | None, int]] = []

    def announce(last: CallError | None) -> None:
        announced.append((last.code if last else None, len(client.calls)))

    client.pool(time.retry()).create_user(EMAIL, {}, PASSWORD, {}, announce)

    assert announced == [
        (None, 0),
        ("NetworkError", 1),
        ("TooManyRequestsException", 2),
        ("InternalErrorException", 3),
    ]


def test_creation_that_cannot_be_announced_is_not_tried(time: FakeTime) -> None:
    """What is raised instead ends the call."""
    client = ScriptedCognito()

    def announce(_: CallError | None) -> None:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        client.pool(time.retry()).create_user(EMAIL, {}, PASSWORD, {}, announce)

    assert client.calls == []


def test_failure_is_explained_for_this_pool(time: FakeTime) -> None:
    """The statement to paste names the pool's ARN."""
    error = ScriptedCognito().pool(time.retry()).explain(CallError("AdminDeleteUser", "AccessDeniedException", "no"))

    assert f'"Resource": "{POOL_ARN}"' in error.paste


def test_failure_of_another_kind_is_put_into_words(time: FakeTime) -> None:
    """It is explained as everywhere else."""
    error = ActionError(what="what", why="why", fix="fix")

    assert ScriptedCognito().pool(time.retry()).explain(error) is error
