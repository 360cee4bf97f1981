"""What is said if AWS does not accept the credentials, or the signature that was made with them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from cognito_action.diagnostics.causes import Cause, cause_of, for_this_step
from cognito_action.diagnostics.connection_causes import CALL_AWS
from cognito_action.errors import ActionError, CallError
from cognito_action.network.endpoint import Endpoint


@dataclass(frozen=True)
class KeyFacts:
    """What decides which advice about credentials fits.

    Args:
        has_role: whether they are those of a role that the step has assumed.
        key_id: of the access key, if they are the job's own. A secret: it is looked at and never shown.
        has_token: whether they have a session token.
    """

    has_role: bool = True
    key_id: str = field(default="", repr=False)
    has_token: bool = False

    @property
    def lacks_token(self) -> bool:
        """Whether this is a temporary key (AWS gives these the prefix `ASIA`), which is nothing without its token."""
        return self.key_id.startswith("ASIA") and not self.has_token

    @property
    def has_strange_token(self) -> bool:
        """Whether this is a permanent key (`AKIA`), which has no token: it was left over from other credentials."""
        return self.key_id.startswith("AKIA") and self.has_token


OF_ROLE = KeyFacts()
"""The credentials of a role that the step has assumed."""

_UNKNOWN_KEY = ("UnrecognizedClientException", "InvalidClientTokenId")

_CLOCK = Cause(
    "A signature holds the time, and the runner's clock is minutes away from that of AWS.",
    "Correct the clock of the self-hosted runner.",
)

_CLOCK_CODES = ("RequestExpired", "RequestTimeTooSkewed")

_OTHER_CLOCK = "not yet current|[Ss]ignature expired|must be (before|after)"

_AT_AN_ENDPOINT = Cause(
    "`{source}` has this step call another place than AWS, which does not know these credentials.",
    "Give this step credentials that it knows. If this step is to call AWS, add to it:",
    paste=CALL_AWS,
)

_WITH_A_ROLE = Cause(
    "AWS does not accept the session that the step has got for the role a moment ago.",
    "Run the job again. If it keeps happening, report it with the message.",
)

_LACKS_TOKEN = Cause(
    "The access key is a temporary one, and its session token is not there.",
    "Pass the token on too, from the step that has got the credentials:",
    paste=for_this_step("AWS_SESSION_TOKEN", "${{{{ steps.<id>.outputs.aws-session-token }}}}"),
)

_STRANGE_TOKEN = Cause(
    "The access key is a permanent one, and `AWS_SESSION_TOKEN` was left over from other credentials.",
    "Add to this step:",
    paste=for_this_step("AWS_SESSION_TOKEN"),
)

_CAUSES: Sequence[Cause] = (
    Cause(
        "The job's credentials have expired: they are valid for a shorter time than the job takes.",
        "Set `role-to-assume`: then the step, and the post step at the end of the job, get new ones.",
        codes=("ExpiredToken", "ExpiredTokenException"),
    ),
    Cause(
        "AWS does not know the access key: it was deleted or deactivated, or it is of another partition of AWS. In a region "
        "that has to be enabled for an account, session tokens of the global endpoint of STS are unknown, too.",
        "Get new credentials in the step before this one, in the region of the pool ({region}).",
        codes=_UNKNOWN_KEY,
    ),
    Cause(
        "The access key, the secret key or the token has something in it that does not belong there, such as a space.",
        "Store the credentials again, without spaces and line breaks.",
        codes=("IncompleteSignature", "IncompleteSignatureException"),
    ),
)

_SECRET_KEY = Cause(
    "The secret key does not belong to the access key, or was cut when it was stored.",
    "Store both keys again.",
)


def credentials_refused(error: CallError, facts: KeyFacts, endpoint: Endpoint, region: str) -> ActionError:
    """AWS refused a call with one of the `CREDENTIAL_CODES`; `region` is where it was made."""
    return _cause(error, facts, endpoint).told(error, source=endpoint.source, region=region)


def _cause(error: CallError, facts: KeyFacts, endpoint: Endpoint) -> Cause:
    if error.code in _CLOCK_CODES or re.search(_OTHER_CLOCK, error.message):
        return _CLOCK
    if endpoint.elsewhere:
        return _AT_AN_ENDPOINT
    if facts.has_role:
        return _WITH_A_ROLE
    if error.code in _UNKNOWN_KEY and facts.lacks_token:
        return _LACKS_TOKEN
    if error.code in _UNKNOWN_KEY and facts.has_strange_token:
        return _STRANGE_TOKEN
    return cause_of(error, _CAUSES) or _SECRET_KEY
