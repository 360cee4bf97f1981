"""AWS CLI commands to paste."""

import shlex

from cognito_action.diagnostics.common import delete_command, find_commands
from tests.support.examples import POOL_ID, PREFIX, SUB


def test_deletion_by_hand_is_an_aws_cli_command() -> None:
    """Region, pool and `sub` are in it, ready to paste."""
    assert shlex.split(delete_command(POOL_ID, SUB)) == [
        "aws",
        "cognito-idp",
        "admin-delete-user",
        "--region",
        "eu-central-1",
        "--user-pool-id",
        "eu-central-1_AbCdEfGhI",
        "--username",
        "11111111-2222-3333-4444-555555555555",
    ]


def test_search_by_hand_is_two_aws_cli_commands() -> None:
    """The filter is one word to the shell, and so is the placeholder for the name that it finds."""
    search, deletion = find_commands(POOL_ID, f'email ^= "{PREFIX}"').split("\n")

    where = ["--region", "eu-central-1", "--user-pool-id", "eu-central-1_AbCdEfGhI"]
    assert shlex.split(search) == [
        *("aws", "cognito-idp", "list-users"),
        *where,
        *("--filter", 'email ^= "gha-123456789-9876543210-1-"'),
    ]
    assert shlex.split(deletion) == [
        *("aws", "cognito-idp", "admin-delete-user"),
        *where,
        *("--username", "<Username from the list>"),
    ]
