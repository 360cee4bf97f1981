"""What a step asks for before it knows all about its calls: an ID token."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from cognito_action.network.connections import Network

if TYPE_CHECKING:
    from cognito_action.host import Host, IdTokens


class Prefetch:
    """The connections of a step and its ID tokens; what is asked for early comes while Python imports the rest.

    Args:
        environ: the step's environment.
        host: whose ID tokens they are.
    """

    def __init__(self, environ: Mapping[str, str], host: "Host") -> None:
        self.network = Network(environ)
        self._host = host
        self._audience = ""
        self._tokens: IdTokens | None = None

    def tokens(self, audience: str) -> "IdTokens":
        """The tokens for `audience`; the first one is asked for at once, in the background."""
        if not self._tokens or self._audience != audience:
            self._audience = audience
            self._tokens = self._host.id_tokens(audience, self.network)
            self._tokens.prefetch()
        return self._tokens
