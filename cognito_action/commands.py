"""Lines of the AWS CLI to paste, for what the action may not do itself."""

import shlex


def delete_command(pool_id: str, username: str) -> str:
    """The AWS CLI's way to delete the user whom a user name or the `sub` names."""
    return _command("admin-delete-user", pool_id, "--username", username)


def find_commands(pool_id: str, condition: str) -> str:
    """The AWS CLI's way to find users whose name the log can't show, and to delete them."""
    search = _command("list-users", pool_id, "--filter", condition)
    return f"{search}\n{delete_command(pool_id, '<Username from the list>')}"


def create_group_command(pool_id: str, group: str) -> str:
    """The AWS CLI's way to create a group."""
    return _command("create-group", pool_id, "--group-name", group)


def _command(name: str, pool_id: str, *options: str) -> str:
    region = pool_id.partition("_")[0]
    return shlex.join(["aws", "cognito-idp", name, "--region", region, "--user-pool-id", pool_id, *options])
