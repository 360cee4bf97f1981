"""What applies to any call: causes that the code alone tells, and lines of the AWS CLI to paste."""

import shlex

from cognito_action.errors import (
    CA_FILE,
    CREDENTIAL_CODES,
    DEADLINE,
    FOREIGN_ANSWER,
    HOSTNAME,
    NETWORK,
    PROXY,
    PROXY_URL,
    THROTTLING_CODES,
    TLS,
    CallError,
)
from cognito_action.naming import region_of

_CAUSES = {
    NETWORK: (
        "The service could not be reached, or the connection broke.",
        (
            "If the runner is self-hosted, let it reach AWS, through `https_proxy` if it needs a proxy. If there is no "
            "such host, check `user-pool-id`, which the region is taken from."
        ),
    ),
    FOREIGN_ANSWER: (
        (
            "That is no answer of the service: something in between answered in its place, such as a proxy, a firewall, a "
            "login page of the network, or whatever an endpoint URL of the job (`AWS_ENDPOINT_URL`) leads to."
        ),
        "Have the network let requests to this host through unchanged, or correct the endpoint URL.",
    ),
    TLS: (
        (
            "No public authority signed the certificate: a proxy or an endpoint with a certificate authority of its own is "
            "in between."
        ),
        (
            "Set `AWS_CA_BUNDLE` to a PEM file in the workspace with that authority, by its path in the container "
            "(/github/workspace/…)."
        ),
    ),
    CA_FILE: (
        "The file of certificate authorities that this variable names is not the right one.",
        (
            "Let the variable name a PEM file with the authority that signed the certificate, by its path in the container: "
            "what is in the workspace is below /github/workspace."
        ),
    ),
    HOSTNAME: (
        "Something else answers at this address, or an endpoint URL names the service by another name than its certificate.",
        "Let the endpoint URL (`AWS_ENDPOINT_URL`) use the name in the certificate, or check the runner's resolver.",
    ),
    PROXY: (
        "The proxy refuses the connection: 407 means that it wants a user and a password, 403 that it does not allow this host.",
        (
            "For 407, write both into the variable: `http://user:password@proxy:3128`, percent-encoded. For 403, have the "
            "proxy allow the host, or add the host to `no_proxy`."
        ),
    ),
    PROXY_URL: (
        "The variable names the proxy for this connection, and programs would read it in different ways.",
        "Correct its value: `http://user:password@proxy:3128`, with user and password percent-encoded.",
    ),
    DEADLINE: (
        "The calls before it used up the step's time: a service was slow, or refused several times before it answered.",
        "Run the job again; the log shows what was retried, and why.",
    ),
}


def general_cause(error: CallError) -> tuple[str, str]:
    """Say what a failure usually means and what to change, as far as its code alone tells."""
    if error.code in _CAUSES:
        return _CAUSES[error.code]
    if error.code in THROTTLING_CODES:
        return (
            (
                "The quota belongs to the account in this region, is shared by all its pools and by production, and stayed "
                "exhausted until the deadline."
            ),
            (
                "Start fewer jobs at once (`strategy.max-parallel`), move a schedule to another time, or have the quota "
                "raised where that is possible."
            ),
        )
    if error.code in CREDENTIAL_CODES:
        return (
            "The AWS credentials are expired or broken.",
            "With `role-to-assume`, run the job again. Without it, get fresh credentials in the step before this one.",
        )
    if error.retryable:
        return ("The service failed, and kept failing until the deadline.", "Run the job again later.")
    return (
        "The action does not know this error.",
        "Read the message above; AWS's reference lists the errors of each operation.",
    )


def delete_command(pool_id: str, username: str) -> str:
    """The AWS CLI command that deletes a user by the username or the `sub`."""
    return _command("admin-delete-user", pool_id, "--username", username)


def find_commands(pool_id: str, condition: str) -> str:
    """The AWS CLI commands that find users whose name the log can't show, and delete them."""
    search = _command("list-users", pool_id, "--filter", condition)
    return f"{search}\n{delete_command(pool_id, '<Username from the list>')}"


def create_group_command(pool_id: str, group: str) -> str:
    """The AWS CLI command that creates a group."""
    return _command("create-group", pool_id, "--group-name", group)


def _command(name: str, pool_id: str, *options: str) -> str:
    return shlex.join(["aws", "cognito-idp", name, "--region", region_of(pool_id), "--user-pool-id", pool_id, *options])
