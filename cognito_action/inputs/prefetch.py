"""What the inputs tell before they are read: enough to ask for GitHub's ID token.

Pydantic, which reads them, takes as long to import as the token takes to come.
"""

from collections.abc import Callable, Mapping

from cognito_action.aws.iam import ROLE_ARN, default_audience
from cognito_action.aws.prefetch import Prefetch


def prefetch(environ: Mapping[str, str], mask: Callable[[str], None]) -> Prefetch:
    """Ask for an ID token if the inputs name a role to assume; whether they are valid is seen later.

    Args:
        environ: the step's environment.
        mask: what hides the token in the log.
    """
    role = environ.get("INPUT_ROLE-TO-ASSUME", "").strip()
    audience = environ.get("INPUT_AUDIENCE", "").strip()

    early = Prefetch(environ, mask)
    if ROLE_ARN.fullmatch(role):
        early.start(audience or default_audience(role))
    return early
