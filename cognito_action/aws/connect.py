"""How a step reaches its pool: with the role if one is given, and otherwise with what the environment holds."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cognito_action.aws.endpoints import Endpoints, aws_urls
from cognito_action.aws.iam import SESSION_SECONDS, Role, session_policy
from cognito_action.github.process import enable_gc
from cognito_action.host import Host
from cognito_action.identifiers import PoolAddress
from cognito_action.retry import Retry

if TYPE_CHECKING:
    from cognito_action.aws.credentials import Connection
    from cognito_action.aws.prefetch import Prefetch


def connect(
    role: Role | None,
    pool: PoolAddress,
    operations: Sequence[str],
    prefetch: "Prefetch",
    retry: Retry,
    host: Host,
    endpoints: Endpoints | None = None,
    identity_pool_id: str = "",
    session_seconds: int = SESSION_SECONDS,
) -> "Connection":
    """Return a connection that may call `operations` on the pool; raises `ActionError`.

    With `identity_pool_id` it may also delete identities there. `session_seconds` is how long the role's session lasts.

    Without a role the credentials are those of the environment (the SDK's own chain), with all their permissions.
    Without `endpoints` they are those that are set now. `prefetch` is what the step has asked for already.
    """
    tokens = prefetch.tokens(role.audience) if role else None
    if tokens and endpoints and endpoints.are_usual:
        prefetch.network.open_early(aws_urls(pool.region))
    # The SDK takes as long to import as everything else together, so it comes while GitHub issues the first token.
    from cognito_action.aws.credentials import assume_role, from_environment  # noqa: PLC0415

    enable_gc()  # all that this step imports is there by now, but for a sign-in's few modules
    if role and tokens:
        policy = session_policy(role, pool, operations, identity_pool_id)
        return assume_role(role, tokens, pool, policy, session_seconds, prefetch.network, endpoints, retry, host)
    return from_environment(pool, prefetch.network, endpoints, retry, host)
