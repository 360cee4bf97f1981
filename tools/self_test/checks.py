"""What has to be true of the pool, seen with the rights of its owner."""

from collections.abc import Mapping

from tools.self_test.premises import Premises


class Failed(Exception):  # noqa: N818 - it says what became of the test
    """The action did not do what it should; the text says what."""


def signed_in(premises: Premises, user: Mapping[str, str]) -> str:
    """Sign in with what a step handed over, and return whose account that is.

    Args:
        premises: where the user is.
        user: the step's outputs, named as environment variables are.
    """
    cognito = premises.account.cognito
    try:
        tokens = cognito.admin_initiate_auth(
            UserPoolId=premises.user_pool_id,
            ClientId=premises.client_id,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": user["USERNAME"], "PASSWORD": user["PASSWORD"]},
        )
    except cognito.exceptions.NotAuthorizedException as error:
        raise Failed("Nobody can sign in with the name and the password that the step handed over.") from error
    for token in (tokens["AuthenticationResult"]["AccessToken"], user["ACCESS_TOKEN"]):
        attributes = cognito.get_user(AccessToken=token)["UserAttributes"]
        if {"Name": "sub", "Value": user["SUB"]} not in attributes:
            raise Failed("A token is another user's.")
    return user["SUB"]


def empty(premises: Premises) -> None:
    """Fail where anybody is left in the pool."""
    users = premises.account.users(premises.user_pool_id)
    if users:
        raise Failed(f"The pool should be empty, and has {len(users)} in it.")
