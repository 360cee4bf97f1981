"""How a step reaches its pool: with the role if one is given, and otherwise with what the environment holds."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from cognito_action.aws.iam import Role
from cognito_action.github.oidc import IdTokens
from cognito_action.github.process import enable_gc
from cognito_action.github.runner import Runner
from cognito_action.retry import Retry

if TYPE_CHECKING:
    from cognito_action.aws.credentials import Connection


def connect(
    role: Role | None,
    pool_id: str,
    operations: Sequence[str],
    environ: Mapping[str, str],
    retry: Retry,
    runner: Runner,
) -> "Connection":
    """Return a connection that may call `operations` on the pool; raises `ActionError`.

    Without a role the credentials are those of the environment (the SDK's own chain), with all their permissions.
    """
    tokens = IdTokens(environ, role.audience, runner.mask) if role else None
    if tokens:
        tokens.prefetch()
    # The SDK takes as long to import as everything else together, so it comes while GitHub issues the first token.
    from cognito_action.aws.credentials import assume_role, from_environment  # noqa: PLC0415

    enable_gc()  # all that this step imports is there by now, but for a sign-in's few modules
    if role and tokens:
        return assume_role(role, tokens, pool_id, operations, retry, runner)
    return from_environment(pool_id, retry)
