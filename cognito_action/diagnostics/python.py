"""What is said of settings of the Python API and of the pytest plugin."""

from cognito_action.errors import ActionError


def pool_not_set() -> ActionError:
    """Nothing names the pool."""
    return ActionError(
        what="The user pool is not set.",
        why="Users are created in the pool that a setting names. AWS was not called.",
        fix="Set one of these; an option of pytest goes before the variable, and the variable before pytest's configuration:",
        paste='user_pool_id="eu-central-1_AbCdEfGhI"             # argument of temporary_user\n'
        "--cognito-user-pool-id eu-central-1_AbCdEfGhI         # option of pytest\n"
        "COGNITO_TEST_USER_USER_POOL_ID=eu-central-1_AbCdEfGhI # variable\n"
        "cognito_user_pool_id = eu-central-1_AbCdEfGhI         # pytest.ini; in pyproject.toml with quotes",
        language="text",
    )


def users_not_set() -> ActionError:
    """Several users are asked for, and nothing says which."""
    return ActionError(
        what="The setting users is not set.",
        why="It says how many users there are, and what each is called. AWS was not called.",
        fix="Set one of these, or ask for a single user (temporary_user, or the fixture cognito_user):",
        paste='users={"admin": {"groups": ["admins"]}, "reader": {}}            # argument of temporary_users\n'
        '--cognito-users \'{"admin": {"groups": ["admins"]}, "reader": {}}\'             # option of pytest\n'
        'COGNITO_TEST_USER_USERS=\'{"admin": {"groups": ["admins"]}, "reader": {}}\' # variable\n'
        'cognito_users = {"admin": {"groups": ["admins"]}, "reader": {}}         # pytest.ini',
        language="text",
    )
