"""How a phase gets at its pool: with the role where one is given, and else with what the environment holds."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from cognito_action.aws.iam import Role
from cognito_action.github.oidc import IdTokens
from cognito_action.github.process import settle
from cognito_action.github.runner import Runner
from cognito_action.retry import Retry

if TYPE_CHECKING:
    from cognito_action.aws.credentials import Access


def connect(
    role: Role | None,
    pool_id: str,
    operations: Sequence[str],
    environ: Mapping[str, str],
    retry: Retry,
    runner: Runner,
) -> "Access":
    """Return a way to call `operations` on the pool; raises `ActionError`.

    Without a role the credentials are those of the environment (the SDK's own chain), with all that they may do.
    """
    tokens = role and IdTokens(environ, role.audience, runner.mask)
    # The SDK takes as long to import as all else together, so it comes while GitHub makes the first token.
    from cognito_action.aws.credentials import ambient, assume  # noqa: PLC0415

    settle()
    if role and tokens:
        return assume(role, tokens, pool_id, operations, retry, runner)
    return ambient(pool_id, retry)
