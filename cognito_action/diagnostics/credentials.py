"""What is said if AWS does not accept the credentials, or the signature that was made with them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from cognito_action.diagnostics.causes import Cause, cause_of
from cognito_action.diagnostics.phrases import CALL_AWS, CALL_AWS_INSTEAD, CORRECT_CLOCK
from cognito_action.errors import ActionError, CallError
from cognito_action.network.endpoint import Endpoint
from cognito_action.words import Variable, Words


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
    "A signature holds the time, and this machine's clock is minutes away from that of AWS.",
    CORRECT_CLOCK,
)

_CLOCK_CODES = ("RequestExpired", "RequestTimeTooSkewed")

_OTHER_CLOCK = "not yet current|[Ss]ignature expired|must be (before|after)"

_AT_AN_ENDPOINT = Cause(
    "`{source}` names another place than AWS, which does not know these credentials.",
    CALL_AWS_INSTEAD.within("Set credentials that it knows. {}"),
    paste=CALL_AWS,
)

_WITH_A_ROLE = Cause(
    "AWS does not accept the session that it has given for the role a moment ago.",
    "Run it again. If it keeps happening, report it with the message.",
)

_LACKS_TOKEN = Cause(
    "The access key is a temporary one, and its session token is not there.",
    Words("Pass the token on too, from the step that has got the credentials:", "Set the token, too:"),
    paste=Variable("AWS_SESSION_TOKEN", Words("${{{{ steps.<id>.outputs.aws-session-token }}}}", "<session token>")),
)

_STRANGE_TOKEN = Cause(
    "The access key is a permanent one, and `AWS_SESSION_TOKEN` was left over from other credentials.",
    Words("Add to this step:", "Run this before it:"),
    paste=Variable("AWS_SESSION_TOKEN"),
)

_CAUSES: Sequence[Cause] = (
    Cause(
        Words(
            "The job's credentials have expired: they are valid for a shorter time than the job takes.",
            "The credentials have expired: they are valid for a shorter time than your command takes, or are old.",
        ),
        Words(
            "Set `role-to-assume`: then the step, and the post step at the end of the job, get new ones.",
            "Get new ones, as you got these: for example with `aws sso login`. If your command takes longer than they live, let "
            "AWS give longer sessions; users who are left are deleted by `cognito-test-user cleanup`.",
        ),
        codes=("ExpiredToken", "ExpiredTokenException"),
    ),
    Cause(
        "AWS does not know the access key: it was deleted or deactivated, or it is of another partition of AWS. In a region "
        "that has to be enabled for an account, session tokens of the global endpoint of STS are unknown, too.",
        Words(
            "Get new credentials in the step before this one, in the region of the pool ({region}).",
            "Get new credentials, in the region of the pool ({region}).",
        ),
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
