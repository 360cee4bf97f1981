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

    def start(self, audience: str) -> IdTokens:
        """Ask for a token for `audience` in the background."""
        self._tokens = IdTokens(self.network.environ, audience, self.network, self._mask)
        self._tokens.prefetch()
        return self._tokens

    def tokens(self, audience: str) -> IdTokens:
        """The tokens for `audience`; the first one is on its way."""
        if self._tokens and self._tokens.audience == audience:
            return self._tokens
        return self.start(audience)
