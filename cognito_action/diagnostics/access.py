"""How a step reaches its user pool, as far as an error has to know."""

from collections.abc import Sequence
from dataclasses import dataclass

from cognito_action.diagnostics.aws_cli import AwsCli
from cognito_action.diagnostics.credentials import OF_ROLE, KeyFacts
from cognito_action.network.endpoint import AWS, Endpoint

PERMISSIONS = ("AdminCreateUser", "AdminSetUserPassword", "AdminDeleteUser")
"""What main and post need."""


@dataclass(frozen=True)
class PoolAccess:
    """A user pool, and what decides whether calls on it succeed.

    Args:
        id: of the pool.
        region: of the pool.
        arn: of the pool, which IAM policies name as their resource.
        endpoint: where the calls go.
        permissions: all that the action needs.
        key: about the credentials.
    """

    id: str
    region: str
    arn: str
    endpoint: Endpoint = AWS
    permissions: Sequence[str] = PERMISSIONS
    key: KeyFacts = OF_ROLE

    @property
    def cli(self) -> AwsCli:
        """The commands for this pool."""
        return AwsCli(self.id, self.region, self.endpoint.shown)
