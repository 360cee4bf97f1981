"""Checks of the pool, made with the permissions of its owner."""

from collections.abc import Mapping

from tools.self_test.emulated_account import EmulatedAccount


class Failed(Exception):  # noqa: N818 - the name says what happened to the test
    """The action did not do what it should; the text says what."""


def signed_in(emulated: EmulatedAccount, user: Mapping[str, str]) -> str:
    """Sign in with the outputs of a step, and return the user's `sub`.

    Args:
        emulated: the account that has the user.
        user: the step's outputs, named like environment variables.
    """
    cognito = emulated.account.cognito
    try:
        tokens = cognito.admin_initiate_auth(
            UserPoolId=emulated.user_pool_id,
            ClientId=emulated.client_id,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": user["USERNAME"], "PASSWORD": user["PASSWORD"]},
        )
    except cognito.exceptions.NotAuthorizedException as error:
        raise Failed("Sign-in fails with the name and the password from the step.") from error
    for token in (tokens["AuthenticationResult"]["AccessToken"], user["ACCESS_TOKEN"]):
        attributes = cognito.get_user(AccessToken=token)["UserAttributes"]
        if {"Name": "sub", "Value": user["SUB"]} not in attributes:
            raise Failed("A token belongs to another user.")
    return user["SUB"]


def empty(emulated: EmulatedAccount) -> None:
    """Fail if anyone is left in the pool."""
    users = emulated.account.users(emulated.user_pool_id)
    if users:
        raise Failed(f"The pool should be empty, and has {len(users)} in it.")
