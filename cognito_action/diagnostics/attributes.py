"""What is said if a new user does not fit the pool's schema."""

import re
from collections.abc import Mapping, Sequence

from cognito_action.diagnostics.causes import Cause, cause_of
from cognito_action.diagnostics.phrases import NO_ADDRESS
from cognito_action.errors import ActionError, CallError
from cognito_action.naming import EXAMPLE_DOMAIN, bare_name, is_simulated
from cognito_action.words import Options, Words

MAX_LISTED = 25
"""How many required attributes get a line to paste: Cognito has no more than 20 standard ones."""

_DOMAINS = (EXAMPLE_DOMAIN, "a.test", "a.b")
"""Domains to propose, the longest first; the last one is as short as `email-domain` may be."""

SHORTEST_DOMAIN = len(_DOMAINS[-1])

_NAME = r"(?P<attribute>[\w:.-]{1,40})"

_REQUIRED = re.compile(r"([\w:.-]{1,40}): The attribute is required")

_TOO_LONG = re.compile(r"\bemail: String must be no longer than ([0-9]{1,4})")

_OTHER_INPUTS = {
    "email": (
        "email-domain",
        "`email-domain` is empty, so the user gets no address, which the pool requires.",
        "example.com",
    ),
    "phone_number": (
        "phone-number",
        "The pool requires a phone number, and none can be made up: it might belong to someone.",
        "+15555550123",
    ),
}
"""Attributes that another input sets: its name, why it is missing, and a value."""

_EXAMPLES: Mapping[str, str] = {
    "birthdate": "1990-01-31",
    "gender": "unspecified",
    "locale": "en-US",
    "picture": "https://example.com/picture.png",
    "profile": "https://example.com/profile",
    "updated_at": "1767225600",
    "website": "https://example.com",
    "zoneinfo": "Etc/UTC",
}
"""Values that Cognito accepts; for any other standard attribute a word is one."""

_CAUSES: Sequence[Cause] = (
    Cause(
        "The pool has no attribute `{attribute}`. Custom ones start with `custom:`, and all names are case-sensitive.",
        "Correct the name under `attributes`, or add the attribute to the pool.",
        message=_NAME + ": Attribute does not exist in the schema",
    ),
    Cause(
        "The value of `birthdate` is not a date.",
        "Write it as in `birthdate=1990-01-31`.",
        message="birthdate: ",
    ),
    Cause(
        "The value of `{attribute}` does not have the length or the size that the pool's schema asks for.",
        "Give `{attribute}` a value within the limit that the message names, under `attributes`.",
        message=_NAME + r": [^:]*(must be|no (longer|shorter)|(greater|less) than|minimum|maximum)",
    ),
    Cause(
        "Cognito takes `preferred_username` only once a user is confirmed if it is an alias of the pool.",
        "Leave `preferred_username` out of `attributes`.",
        message="[Pp]referred.username cannot be provided",
    ),
    Cause(
        "Cognito does not accept the number: it has the right form, and no number of its country looks like that.",
        "Set `phone-number` to one that can exist, in quotes:",
        message="Invalid phone number",
        paste=Options({"phone-number": "+15555550123"}),
    ),
    Cause(
        "Cognito does not accept the address that `email-domain` leads to.",
        "Leave `email-domain` out, or set it to a domain that addresses can have.",
        message="Invalid email address",
    ),
    Cause(
        "Cognito does not accept a value. Usually it is an attribute that is unknown to the pool's schema, or malformed.",
        "Read in the message which one, and set it under `attributes`, one line `name=value` each, custom ones as "
        "`custom:name=value`.",
    ),
)


def attributes_refused(error: CallError, address: str) -> ActionError:
    """Cognito did not accept a value of a new user (`InvalidParameterException`).

    Args:
        error: the refusal.
        address: the email address that was offered, empty if there was none.
    """
    if too_long := _TOO_LONG.search(error.shown):
        return _address_too_long(error, address, int(too_long[1]))
    if required := list(dict.fromkeys(_REQUIRED.findall(error.shown))):
        return _missing(error, required[:MAX_LISTED])
    cause = cause_of(error, _CAUSES) or _CAUSES[-1]
    return cause.told(error)


def _address_too_long(error: CallError, address: str, limit: int) -> ActionError:
    name, own = bare_name(address), address.partition("@")[2]
    room = limit - len(name) - 1
    why = (
        f"The pool takes addresses of at most {limit} characters. The generated one has {len(address)}: "
        f"{len(address) - len(own) - 1} before the `@`, and {len(own)} after it."
    )
    if room >= SHORTEST_DOMAIN:
        # For users who sign up, that domain leads to the address that was too long.
        domains = _DOMAINS[1:] if is_simulated(address) else _DOMAINS
        domain = next(each for each in domains if len(each) <= room)
        return ActionError(
            what=error.what,
            why=why,
            fix=f"Set `email-domain` to a domain of at most {room} characters:",
            paste=Options({"email-domain": domain}),
        )
    return ActionError(
        what=error.what,
        why=f"{why} No domain is short enough, and Cognito does not let the limit of a pool be changed.",
        fix=NO_ADDRESS.within(
            f"Use a test pool whose `email` takes at least {len(name) + 1 + SHORTEST_DOMAIN} characters. If this pool takes "
            "plain usernames and does not require `email`, set {}."
        ),
    )


def _missing(error: CallError, names: Sequence[str]) -> ActionError:
    whys = [why for name, (_, why, _) in _OTHER_INPUTS.items() if name in names]
    options = {option: value for name, (option, _, value) in _OTHER_INPUTS.items() if name in names}
    if others := [name for name in names if name not in _OTHER_INPUTS]:
        whys.append(f"The pool requires {', '.join(f'`{name}`' for name in others)}, and `attributes` does not set it.")
        options["attributes"] = "\n".join(f"{name}={_EXAMPLES.get(name, 'Test')}" for name in others)
    return ActionError(
        what=error.what,
        why=" ".join(whys),
        fix=Words("Add to the step, with values of your own:", "Add these options, with values of your own:"),
        paste=Options(options),
    )
