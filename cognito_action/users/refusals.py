"""Which failures of `AdminCreateUser` and `SignUp` prove that no user was created. After any other the user may exist."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from cognito_action.errors import CONNECTION_CODES, CREDENTIAL_CODES, DEADLINE, STOPPED, THROTTLING_CODES, CallError
from cognito_action.users.records import Entry

_QUOTA = "a call beyond the quota is not carried out"
_CREDENTIALS = "IAM refuses the signature before Cognito sees the call"
_NEVER_SENT = "no request was sent; if one may have been, the outcome is unknown"

NOTHING_CREATED: Mapping[str, str] = {
    "AccessDeniedException": "IAM decides before Cognito sees the call",
    "ResourceNotFoundException": "there is no pool to create a user in",
    "InvalidPasswordException": "the password policy is checked before the user is created",
    "UsernameExistsException": "the user of that name was there before this call, which creates no second one",
    DEADLINE: "the call was not made",
    STOPPED: "the call was not made",
    **dict.fromkeys(sorted(THROTTLING_CODES), _QUOTA),
    **dict.fromkeys(sorted(CREDENTIAL_CODES), _CREDENTIALS),
    **dict.fromkeys(sorted(CONNECTION_CODES), _NEVER_SENT),
}
"""Codes, and why each is a proof. What is not listed is none: a Lambda trigger can fail, and a message can go astray,
after the user was created; emulators refuse after the effect as well."""

NOTHING_CREATED_MESSAGES: Mapping[re.Pattern[str], str] = {
    re.compile("cannot be of email format", re.IGNORECASE): "the username is checked first",
    re.compile("should be (either )?an? (email|phone number)", re.IGNORECASE): "the username is checked first",
    re.compile("did not conform to the schema", re.IGNORECASE): "the schema is checked before the user is created",
    re.compile("validation errors? detected", re.IGNORECASE): "the request does not fit the service's own model",
}
"""The same for the messages of `InvalidParameterException`, which says everything and nothing."""


def proves_nothing_created(error: CallError) -> bool:
    """Whether the last attempt of this call created no user, and can't do so any more."""
    if error.unanswered:
        return False
    if error.code == "InvalidParameterException":
        return any(pattern.search(error.message) for pattern in NOTHING_CREATED_MESSAGES)
    return error.code in NOTHING_CREATED


@dataclass
class CreatingCalls:
    """The calls that offered one name to Cognito, and what is known of them."""

    sent: int = 0
    """When the last one was sent, in seconds since 1970; 0 if there was none."""
    unanswered: int = 0
    last_unanswered: int = 0
    refused_without_proof: int = 0

    @property
    def may_exist(self) -> bool:
        """Whether any of them may have created a user, or still may."""
        return bool(self.unanswered or self.refused_without_proof)

    def failed(self, error: CallError) -> None:
        """Note what one of them met."""
        if error.unanswered:
            self.unanswered += 1
            self.last_unanswered = self.sent
        elif not proves_nothing_created(error):
            self.refused_without_proof += 1

    def noted_in(self, entry: Entry, *, under_way: int = 0) -> Entry:
        """The entry with what post has to know; `under_way` is when another call is sent, if there is one."""
        if under_way:
            return replace(entry, unanswered=self.unanswered + 1, last_unanswered=under_way)
        return replace(entry, unanswered=self.unanswered, last_unanswered=self.last_unanswered)
