"""What failed: a `CallError` is one call, as data; an `ActionError` is what the workflow's author reads."""

from collections.abc import Callable

from cognito_action.text import quoted
from cognito_action.words import Message, Paste, Text

THROTTLING_CODES = frozenset(
    {"TooManyRequestsException", "Throttling", "ThrottlingException", "RequestLimitExceeded", "RequestThrottled"}
)
"""Codes of a call beyond a quota: `TooManyRequestsException` is Cognito's, `Throttling` is STS's."""

CREDENTIAL_CODES = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "IncompleteSignatureException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "RequestExpired",
        "RequestTimeTooSkewed",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
"""Codes that say the AWS credentials, or the signature that was made with them, are bad."""

CONCURRENT_MODIFICATION = "ConcurrentModificationException"
"""The code of a change that met another change of the same user; the SDK's own retry does not know it."""

NETWORK = "NetworkError"
"""The code of a `CallError` whose connection could not be made, or broke."""

NO_ANSWER = "NoAnswer"
"""The code of a `CallError` that no one answered in time."""

NO_HOST = "UnknownHost"
"""The code of a `CallError` whose host does not exist."""

OWN_CONTAINER = "OwnContainer"
"""The code of a `CallError` to `localhost`, which in the action's container is the container, and where no one listens."""

NOT_TLS = "NotTLS"
"""The code of a `CallError` whose server does not speak TLS."""

FOREIGN_ANSWER = "ForeignAnswer"
"""The code of a `CallError` that something else answered than the service: its outcome is unknown, whatever it said."""

TLS = "TLSError"
"""The code of a `CallError` whose server has a certificate that no public authority signed."""

CA_FILE = "CAFileError"
"""The same if a variable names the authorities: its file lacks this one, or can't be read."""

HOSTNAME = "HostnameMismatch"
"""The code of a `CallError` whose server has a certificate for another name."""

CERTIFICATE_DATE = "CertificateDate"
"""The code of a `CallError` whose server has a certificate that is not valid at the time that the clock shows."""

PROXY_LOGIN = "ProxyLogin"
"""The code of a `CallError` for which the proxy wants another user or password."""

PROXY = "ProxyError"
"""The code of a `CallError` whose host the proxy does not serve."""

NOT_A_PROXY = "NotAProxy"
"""The code of a `CallError` to a server that a variable names as a proxy, and that is none."""

PROXY_URL = "ProxyURLError"
"""The code of a `CallError` that was not made, because a variable does not hold the URL of a proxy."""

CONNECTION_CODES = frozenset(
    {
        *(NETWORK, NO_ANSWER, NO_HOST, OWN_CONTAINER, NOT_TLS, FOREIGN_ANSWER),
        *(TLS, CA_FILE, HOSTNAME, CERTIFICATE_DATE, PROXY_LOGIN, PROXY, NOT_A_PROXY, PROXY_URL),
    }
)
"""Codes of calls that the service did not answer, for a reason on the way to it."""

NO_SUCH_CHOICE = "PasswordNotOffered"
"""The code of a sign-in by choice in which the user can't choose a password."""

DEADLINE = "DeadlineExceeded"
"""The code of a `CallError` whose call was not made, because the step's time was up."""

STOPPED = "Stopped"
"""The code of a `CallError` whose call was not made, because someone has stopped the work."""


class CallError(Exception):
    """One call that failed, the same way whether AWS, GitHub or the network refused it.

    Args:
        operation: the operation's name, such as `AdminCreateUser`.
        code: AWS's error code, an HTTP status, one of `CONNECTION_CODES`, `DEADLINE`, `NO_SUCH_CHOICE`, the name of an
            exception, or the action's own `NoToken` and `BrokenCredentials`.
        message: the other side's own words. Text from outside: to be escaped, never obeyed.
        retryable: whether the same call can succeed a moment later.
        outcome_unknown: whether the call may have taken effect although it failed; `Retry` sets it if an attempt before
            the last one may have.
        unanswered: whether the service did not answer the last attempt: it may still take effect later.
        said: the part of `message` that is the other side's, if it is not all of it.
        variable: the variable of the job that decided the call's way, a proxy's or that of the certificate authorities.
    """

    def __init__(
        self,
        operation: str,
        code: str,
        message: str,
        *,
        retryable: bool = False,
        outcome_unknown: bool = False,
        unanswered: bool = False,
        said: str | None = None,
        variable: str = "",
    ) -> None:
        super().__init__(operation, code, message)
        self.operation = operation
        self.code = code
        self.message = message
        self.retryable = retryable
        self.outcome_unknown = outcome_unknown
        self.unanswered = unanswered
        self.variable = variable
        self._said = message if said is None else said
        self._redact: Callable[[str], str] = str

    def redact(self, redact: Callable[[str], str]) -> None:
        """Pass what the other side said through `redact` wherever it is shown; what it means stays legible here."""
        self._redact = redact

    @property
    def shown(self) -> str:
        """The message as a reader may see it."""
        return self.message.replace(self._said, self._redact(self._said)) if self._said else self.message

    @property
    def what(self) -> str:
        """One sentence that says which call failed, and how the other side put it."""
        return f"{self.operation} failed with {self._shown_code}: {quoted(self.shown) or '(no message)'}"

    def __str__(self) -> str:
        """One line, for the debug log."""
        return f"{self.operation}: {self._shown_code}: {self.shown}"

    @property
    def _shown_code(self) -> str:
        """A code of letters is a word, whatever the secrets are."""
        return self.code if self.code.isascii() and self.code.isalpha() else self._redact(self.code)


class ActionError(Message, Exception):
    """A failure in the words that its reader needs: the workflow's author, or who runs the command.

    Args:
        what: the failure itself; may quote text from outside.
        why: what it usually means, in our own words.
        fix: what to change, in our own words.
        details: facts for the reader to compare; may quote text from outside.
        paste: the lines to paste, if the fix has any.
        language: of `paste` for the job summary, unless it is a `Variable` or `Options`.
    """

    def __init__(
        self, what: str, why: Text, fix: Text, *, details: str = "", paste: Paste = "", language: str = ""
    ) -> None:
        Exception.__init__(self, what)
        Message.__init__(self, what, why, fix, details, paste, language)

    def saying(self, what: str) -> "ActionError":
        """The same failure with another first part."""
        parts = self.parts
        return ActionError(what, parts.why, parts.fix, details=self.details, paste=parts.paste, language=parts.language)

    def about(self, subject: str) -> "ActionError":
        """The same failure, prefixed with the name of what it happened to; that may be text from outside."""
        return self.saying(f"{subject}: {self.what}")
