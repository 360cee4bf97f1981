"""Secrets of the surroundings: what the environment holds and the action never says, though others may repeat it.

They are the workflow's, not the action's, so no mask is registered for them: an emulator's keys are `test` and `test`,
and a mask would hide that word in all of the job. They are left out of what others say, and only there.
"""

import base64
import json
import re
import traceback
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import quote, quote_plus

from cognito_action.network.proxies import secrets_of
from cognito_action.text import visible

VARIABLES = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN")
"""The variables whose value is a secret as a whole."""

MIN_LENGTH = 3
"""Characters: a shorter piece is no secret any more, and is in every other word."""


class MaskedTexts:
    """The secrets that have been masked, which are left out of all that a person reads."""

    def __init__(self) -> None:
        self._texts: set[str] = set()

    def add(self, secret: str, *forms: str) -> list[str]:
        """Leave out `secret`, as it may appear, and `forms`; return what is new. White space is no secret."""
        candidates = dict.fromkeys((secret, visible(secret), *forms)) if secret.strip() else ()
        new = [text for text in candidates if text not in self._texts]
        self._texts.update(new)
        return new

    def __call__(self, text: str) -> str:
        """The text with `***` in place of each secret."""
        for secret in sorted(self._texts, key=len, reverse=True):
            text = text.replace(secret, "***")
        return text


class Redactor:
    """Leaves the secrets of the surroundings out of texts from outside: of AWS, the SDK, the network, a proxy."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._forms: Mapping[str, str] = {}
        """Each form of a secret, and the same without regard to case."""
        self.add(*(environ.get(name, "") for name in VARIABLES), *secrets_of(environ))

    def add(self, *secrets: str) -> None:
        """Leave these out as well."""
        forms = {form for secret in secrets for text in {secret, secret.strip()} for form in _forms(text)}
        new = {form: form.casefold() for form in forms if len(form.strip()) >= MIN_LENGTH}
        self._forms = {**self._forms, **new}

    def __call__(self, text: str) -> str:
        """The text with `***` in place of each secret, in upper or lower case and in each encoding of `_forms`."""
        # Others choose how long it is, and a pattern of all forms would take seconds for each megabyte.
        folded_text = text.casefold()
        found = [form for form, folded in self._forms.items() if folded in folded_text]
        if not found:
            return text
        longest_first = sorted(found, key=len, reverse=True)
        return re.sub("|".join(map(re.escape, longest_first)), "***", text, flags=re.IGNORECASE)


def traceback_of(error: BaseException, redact: Callable[[str], str]) -> str:
    """Where an error comes from; its text, which may be from outside, through `redact`."""
    parts = traceback.format_exception(error)
    return "".join(part if part.startswith("  File ") else redact(part) for part in parts)


def _forms(secret: str) -> Iterator[str]:
    """Yield the ways in which a service, a log or a parser may write a secret."""
    data = secret.encode("utf-8", "surrogateescape")
    yield from (secret, visible(secret), repr(secret)[1:-1], json.dumps(secret)[1:-1])
    in_xml = secret.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    yield from (in_xml, in_xml.replace('"', "&quot;").replace("'", "&#x27;"))
    yield from (quote(data, safe=""), quote(data), quote_plus(data))
    yield from (data.hex(), base64.b32encode(data).decode().rstrip("="))
    for offset in range(3 if len(data) > MIN_LENGTH else 0):
        # Base64 of a text that holds the secret depends on where in a group of three bytes it starts; without the
        # characters at both ends, which also depend on what is around it.
        encoded = base64.b64encode(bytes(offset) + data).decode().rstrip("=")
        inner = encoded[(8 * offset + 5) // 6 : len(encoded) - 1]
        yield from (inner, inner.translate(str.maketrans("+/", "-_")))
