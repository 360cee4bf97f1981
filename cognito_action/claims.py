"""Signed tokens: their form, and the claims in them, by which nothing is decided."""

import base64
import json
import re
from collections.abc import Mapping
from typing import Any

_SIGNED_TOKEN = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)

_LIKE_A_TOKEN = re.compile(r"[\w-]{8,}\.[\w-]{8,}\.[\w-]*", re.ASCII)

Claims = Mapping[str, Any]


def is_signed_token(text: str) -> bool:
    """Whether this is a signed token in its compact form (RFC 7515, section 7.1).

    Nothing else may be masked as one: it could be a few letters, which would vanish from all that a reader sees.
    """
    return bool(_SIGNED_TOKEN.fullmatch(text))


def without_tokens(text: str) -> str:
    """The text with `***` in place of whatever may be a token."""
    return _LIKE_A_TOKEN.sub("***", text)


def claims_of(token: str) -> Claims:
    """Read the claims of a token without checking its signature, to show them; empty if they can't be read."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}
