"""What is said of a failure wherever it happened."""

import shlex

from cognito_action.errors import CREDENTIALS, DEADLINE, NETWORK, THROTTLING, TLS, Failure

_CAUSES = {
    NETWORK: (
        "The service could not be reached, or broke the connection off.",
        (
            "Let a self-hosted runner reach AWS, through `https_proxy` where need be. If there is no such host, check "
            "`user-pool-id`, which the region is taken from."
        ),
    ),
    TLS: (
        (
            "The certificate of the connection could not be checked: a proxy with its own authority stands between, or "
            "`AWS_CA_BUNDLE` names a file that is not in the container."
        ),
        "Let `AWS_CA_BUNDLE` name a file below the workspace, by its path in the container (/github/workspace/…).",
    ),
    DEADLINE: (
        "The calls before it took that long: a service was slow, or refused several times before it answered.",
        "Run the job again; the log shows what was tried again, and why.",
    ),
}


def general(failure: Failure) -> tuple[str, str]:
    """Say what a failure usually means and what to change, where its code alone tells."""
    if failure.code in _CAUSES:
        return _CAUSES[failure.code]
    if failure.code in THROTTLING:
        return (
            (
                "The quota is the account's in this region, shared by all its pools and by production, and it stayed used up "
                "until the deadline."
            ),
            (
                "Start fewer jobs at once (`strategy.max-parallel`) or a schedule at another time, or have the quota raised "
                "where it can be."
            ),
        )
    if failure.code in CREDENTIALS:
        return (
            "The AWS credentials are expired or broken.",
            "With `role-to-assume` run the job again. Without it, get fresh credentials in the step before this one.",
        )
    if failure.transient:
        return ("The service failed, and went on failing until the deadline.", "Run the job again later.")
    return (
        "The action knows no cause for this refusal.",
        "Read the message above; AWS's reference lists the errors of each operation.",
    )


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
