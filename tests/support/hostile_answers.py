"""Malicious text, and the answers that a service can give with it: the strategies for the tests of hostile text."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import botocore.session
from hypothesis import strategies as st

from cognito_action.errors import CREDENTIAL_CODES, THROTTLING_CODES
from tests.support.examples import ANY_TEXT, TEXT

ECHO = "\ue000"
"""Placeholder in a text for a secret that the service has seen by then."""

MISSING = ...
"""Marks a missing field."""

_EVIL = (
    *("\n::set-output name=username::evil", "\r::stop-commands::evil", "\n::set-env name=PATH::/evil"),
    *("##[save-state name=user-1]evil", "\u2028::add-path::/evil", "\x85::add-matcher::evil", "%0A::warning::evil"),
    *("\x1b]0;evil\x07", "\x1b[2J", "\u202eevil", "```\n## evil\n<img src=x onerror=evil>", "]]>"),
)
WORDS = st.lists(st.sampled_from(_EVIL) | TEXT, max_size=4).map("".join)
LONG = st.builds(lambda text, times: (text * times)[:100_000], WORDS, st.sampled_from((10, 300, 1000, 20_000)))

WITHOUT_SECRETS = WORDS | LONG
"""Text that UTF-8 can hold, up to 100,000 characters."""

HOSTILE = WITHOUT_SECRETS | st.lists(
    WITHOUT_SECRETS | st.sampled_from((ECHO, f" {ECHO} ", f"'{ECHO}\"")), max_size=5
).map("".join)
"""The same, with secrets in it."""

VARIABLE = (ANY_TEXT | LONG.map(lambda text: text[:30_000])).map(
    lambda text: os.fsdecode(text.replace("\0", "").encode("utf-8", "surrogatepass"))
) | st.binary(max_size=50).map(lambda data: os.fsdecode(data.replace(b"\0", b"")))
"""What an environment variable can hold: anything but NUL, including broken UTF-8."""


@dataclass(frozen=True)
class Refused:
    """The service refuses the call."""

    status: int
    code: Any
    message: Any


@dataclass(frozen=True)
class Changed:
    """The service accepts the call, but with other values at some places of the answer."""

    edits: tuple[tuple[int, Any], ...]


@dataclass(frozen=True)
class Raw:
    """The service answers with bytes that may not follow its protocol."""

    status: int
    body: bytes


Response = Refused | Changed | Raw | None
"""None closes the connection without an answer."""

_MODELS = [botocore.session.Session().get_service_model(service) for service in ("cognito-idp", "sts")]

CODES = sorted({shape.name for model in _MODELS for shape in model.error_shapes} | THROTTLING_CODES | CREDENTIAL_CODES)

_READ_BY_THE_ACTION = (
    *("Username cannot be of email format, ", "Username should be an email. ", "Username should be a phone number. "),
    *("Username should be either an email or a phone number. ", "USER_SRP_AUTH is not enabled for the client. "),
    *("Client is configured with secret but SECRET_HASH was not received ", "Unable to verify secret hash for client "),
    *("Invalid session for the user. ", "Incorrect token audience ", "No OpenIDConnect provider ", "security reasons "),
)

MESSAGES = HOSTILE | st.builds(str.__add__, st.sampled_from(_READ_BY_THE_ACTION), HOSTILE)

_DEEP: list[Any] = []
for _ in range(60):
    _DEEP = [_DEEP]

JUNK = (
    st.just(ECHO)
    | HOSTILE
    | ANY_TEXT
    | st.sampled_from((MISSING, None, True, 0, -1, 10**30, 1e300, "", "2020-01-01", "[" * 50_000))
    | st.sampled_from(([], {}, [None], ["x"], {"x": "y"}, _DEEP))
)
"""What can appear where something else belongs."""

BODIES = (
    st.sampled_from((b"", b"{", b"[]", b'"x"', b"5", b"null", b"\xff\xfe{}", b"<html>::error::x</html>", b"<a/>"))
    | st.sampled_from((b"[" * 50_000, b'{"a":' * 50_000, b"<a>" * 50_000))
    | st.binary(max_size=50)
    | HOSTILE.map(str.encode)
)

STATUSES = (200, 302, 400, 403, 404, 429, 500, 503)

_CHANGED = st.builds(Changed, st.lists(st.tuples(st.integers(0, 30), JUNK), min_size=1, max_size=3).map(tuple))

RESPONSES: st.SearchStrategy[Response] = st.one_of(
    st.builds(Refused, st.sampled_from((400, 403, 500)), st.sampled_from(CODES) | HOSTILE, MESSAGES),
    _CHANGED,
    _CHANGED,
    st.builds(Refused, st.sampled_from((400, 500)), st.sampled_from(CODES) | JUNK, JUNK),
    st.builds(Raw, st.sampled_from(STATUSES), BODIES),
    st.none(),
)


@dataclass(frozen=True)
class Plan:
    """How the service answers the first calls of each operation; all other calls succeed."""

    responses: Mapping[str, Sequence[Response]] = field(default_factory=dict)
    challenges: Sequence[str] = ()
    """The challenges that sign-ins get."""
    always: bool = False
    """Whether the last answer of each operation is repeated forever instead."""


_CHALLENGES = ("PASSWORD_VERIFIER", "MFA_SETUP", "SOFTWARE_TOKEN_MFA", "SELECT_MFA_TYPE", "SMS_MFA", "CUSTOM_CHALLENGE")


def plans(*operations: str) -> st.SearchStrategy[Plan]:
    """Plans for the calls of a step, and for the two calls that get its session."""
    names = st.sampled_from(("GetIDToken", "AssumeRoleWithWebIdentity", *operations, *operations))
    responses = st.dictionaries(names, st.lists(RESPONSES, min_size=1, max_size=3).map(tuple), max_size=3)
    return st.builds(Plan, responses, st.lists(st.sampled_from(_CHALLENGES), max_size=3).map(tuple), st.booleans())
