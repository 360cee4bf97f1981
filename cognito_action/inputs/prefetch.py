"""What the inputs tell before they are read: enough to ask for GitHub's ID token, and to connect to AWS.

Pydantic, which reads them, takes as long to import as the token takes to come.
"""

from collections.abc import Mapping

from cognito_action.aws.endpoints import aws_urls, may_be_unusual
from cognito_action.aws.iam import ROLE_ARN, default_audience
from cognito_action.aws.prefetch import Prefetch
from cognito_action.host import Host
from cognito_action.identifiers import region_of


def prefetch(environ: Mapping[str, str], host: Host) -> Prefetch:
    """Begin with what a role needs, if the inputs name one to assume; whether they are valid is seen later.

    Args:
        environ: the step's environment.
        host: whose ID token it is.
    """
    role, audience, pool_id = (
        environ.get(f"INPUT_{name}", "").strip() for name in ("ROLE-TO-ASSUME", "AUDIENCE", "USER-POOL-ID")
    )
    early = Prefetch(environ, host)
    if ROLE_ARN.fullmatch(role):
        early.tokens(audience or default_audience(role))
        if not may_be_unusual(environ):
            early.network.open_early(aws_urls(region_of(pool_id)))
    return early
