"""What a step asks for before it knows all about its calls: GitHub's ID token."""

from collections.abc import Callable, Mapping

from cognito_action.github.oidc import IdTokens
from cognito_action.network.connections import Network


class Prefetch:
    """The connections of a step and its ID tokens; what is asked for early comes while Python imports the rest.

    Args:
        environ: the step's environment.
        mask: what hides a token in the log.
    """

    def __init__(self, environ: Mapping[str, str], mask: Callable[[str], None]) -> None:
        self.network = Network(environ)
        self._mask = mask
        self._tokens: IdTokens | None = None

    def tokens(self, audience: str) -> IdTokens:
        """The tokens for `audience`; the first one is asked for at once, in the background."""
        if not self._tokens or self._tokens.audience != audience:
            self._tokens = IdTokens(self.network.environ, audience, self.network, self._mask)
            self._tokens.prefetch()
        return self._tokens
