"""Commands of the AWS CLI: each is one command to a shell, whatever its parts hold."""

import shlex

import pytest

from cognito_action.diagnostics.aws_cli import AwsCli
from tests.support.examples import POOL_ID, PREFIX, SUB

CLI = AwsCli(POOL_ID, "eu-central-1")

WHERE = ("--region", "eu-central-1", "--user-pool-id", "eu-central-1_AbCdEfGhI")


def test_deletion_by_hand_is_an_aws_cli_command() -> None:
    """Region, pool and `sub` are in it, ready to paste."""
    assert shlex.split(CLI.delete_user(SUB)) == [
        *("aws", "cognito-idp", "admin-delete-user"),
        *WHERE,
        *("--username", "11111111-2222-3333-4444-555555555555"),
    ]


def test_search_by_hand_is_two_aws_cli_commands() -> None:
    """The filter is one word to the shell, and so is the placeholder for the name that it finds."""
    search, deletion = CLI.find_users(f'email ^= "{PREFIX}"').split("\n")

    assert shlex.split(search) == [
        *("aws", "cognito-idp", "list-users"),
        *WHERE,
        *("--filter", 'email ^= "gha-123456789-9876543210-1-"'),
    ]
    assert shlex.split(deletion) == [
        *("aws", "cognito-idp", "admin-delete-user"),
        *WHERE,
        *("--username", "<Username from the list>"),
    ]


@pytest.mark.parametrize("group", ["admins", "a'b", "$(touch evil)", "`evil`", "--help", "é/漢", "a;b|c&d>e", '"'])
def test_group_is_created_by_an_aws_cli_command(group: str) -> None:
    """Whatever its name holds, it is one word to the shell."""
    assert shlex.split(CLI.create_group(group)) == [
        *("aws", "cognito-idp", "create-group"),
        *WHERE,
        *("--group-name", group),
    ]


def test_command_for_an_emulators_pool_goes_to_the_emulator() -> None:
    """Otherwise it would ask AWS, which does not know the pool."""
    command = AwsCli("local_1a2b", "us-east-1", "http://cognito:9229").show_triggers()

    assert shlex.split(command) == [
        *("aws", "cognito-idp", "describe-user-pool", "--region", "us-east-1"),
        *("--user-pool-id", "local_1a2b", "--query", "UserPool.LambdaConfig"),
        *("--endpoint-url", "http://cognito:9229"),
    ]
