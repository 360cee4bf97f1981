"""The kind of a pool, learned from what it refuses as a user name: no permission to describe it is needed."""

import re
from enum import Enum


class Kind(Enum):
    """What is offered to a pool as user name."""

    EMAIL = "an e-mail address"
    NAME = "a plain name"
    PHONE = "a phone number"


_REFUSALS = (
    (re.compile("cannot be of email format", re.IGNORECASE), (Kind.NAME,)),
    (re.compile("either an email or a phone number", re.IGNORECASE), (Kind.EMAIL, Kind.PHONE)),
    (re.compile("should be an email", re.IGNORECASE), (Kind.EMAIL,)),
    (re.compile("should be a phone number", re.IGNORECASE), (Kind.PHONE,)),
)


def kinds_wanted(code: str, message: str) -> tuple[Kind, ...]:
    """Read which kinds of user name the pool takes from its refusal of one; empty if it refused something else.

    Cognito has no code of its own for this: the message of `InvalidParameterException` is all there is.
    """
    if code == "InvalidParameterException":
        for pattern, kinds in _REFUSALS:
            if pattern.search(message):
                return kinds
    return ()
