"""Causes that the code alone tells, and AWS CLI commands to paste."""

import shlex

import pytest

from cognito_action.diagnostics.common import create_group_command, delete_command, find_commands, general_cause
from cognito_action.errors import CONNECTION_CODES, CREDENTIAL_CODES, DEADLINE, THROTTLING_CODES, CallError
from tests.support.examples import POOL_ID, PREFIX, SUB


def cause(code: str, *, retryable: bool = False) -> tuple[str, str]:
    """What is said of a failure with this code."""
    return general_cause(CallError("AnyCall", code, "no", retryable=retryable))


@pytest.mark.parametrize(
    ("code", "why", "fix"),
    [
        ("NetworkError", "could not be reached, or the connection broke", "through `https_proxy` if it needs a proxy"),
        ("ForeignAnswer", "something in between answered in its place", "correct the endpoint URL"),
        ("TLSError", "No public authority signed the certificate", "Set `AWS_CA_BUNDLE` to a PEM file"),
        ("CAFileError", "The file of certificate authorities that this variable names", "below /github/workspace"),
        ("HostnameMismatch", "by another name than its certificate", "check the runner's resolver"),
        ("ProxyError", "407 means that it wants a user and a password", "add the host to `no_proxy`"),
        ("ProxyURLError", "programs would read it in different ways", "with user and password percent-encoded"),
        ("DeadlineExceeded", "used up the step's time", "the log shows what was retried"),
    ],
)
@pytest.mark.parametrize("retryable", [True, False])
def test_failure_without_an_answer_has_its_own_cause(code: str, why: str, fix: str, *, retryable: bool) -> None:
    """Whether it was tried until the deadline or once, the same has to be changed."""
    told = cause(code, retryable=retryable)

    assert why in told[0]
    assert fix in told[1]


def test_each_failure_on_the_way_has_another_cause() -> None:
    """None of them is left to the words for errors that the action does not know."""
    codes = [*CONNECTION_CODES, DEADLINE]

    assert len({cause(code) for code in [*codes, "SomethingNew"]}) == len(codes) + 1


@pytest.mark.parametrize("code", sorted(THROTTLING_CODES))
def test_quota_that_stays_exhausted(code: str) -> None:
    """It is shared by all that the account does in the region."""
    assert cause(code, retryable=True)[0].startswith("The quota belongs to the account in this region")


@pytest.mark.parametrize("code", sorted(CREDENTIAL_CODES))
def test_credentials_that_are_bad(code: str) -> None:
    """With a role they are new in each job, and otherwise an earlier step has them from somewhere."""
    assert cause(code)[0] == "The AWS credentials are expired or broken."


def test_other_failures() -> None:
    """Nothing is guessed about them."""
    assert cause("InternalErrorException", retryable=True)[1] == "Run the job again later."
    assert cause("SomethingNew")[0] == "The action does not know this error."


# Commands


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


def test_group_is_created_by_an_aws_cli_command() -> None:
    """Whatever its name holds, it is one word to the shell."""
    assert shlex.split(create_group_command(POOL_ID, "a group; $(x)"))[-2:] == ["--group-name", "a group; $(x)"]
