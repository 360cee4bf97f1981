"""Tokens: what their form is, and what they claim, whoever has made them."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognito_action.claims import claims_of, is_signed_token
from tests.support.examples import ANY_TEXT


def token(payload: bytes) -> str:
    return f"header.{base64.urlsafe_b64encode(payload).decode().rstrip('=')}.signature"


@given(claims=st.dictionaries(st.text(), st.text() | st.integers() | st.none() | st.lists(st.text())))
def test_claims_are_read(claims: dict[str, object]) -> None:
    """Whatever is in them, with or without padding."""
    text = token(json.dumps(claims).encode())

    assert claims_of(text) == claims
    assert is_signed_token(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "a", "a.b", "a.b.c", "..", "a.é.c", "a.\ud800.c"),
        *map(token, (b"", b"{", b"[]", b"1", b"null", b'"text"', b"\xff", b"[" * 100_000)),
    ],
)
def test_token_without_claims_has_none(text: str) -> None:
    """It is shown, and decides nothing: that is no reason for a crash."""
    assert claims_of(text) == {}


@given(text=ANY_TEXT)
def test_any_text_can_be_asked_for_claims(text: str) -> None:
    """Also in the middle of a token."""
    assert isinstance(claims_of(text), dict)
    assert isinstance(claims_of(f"a.{text}.c"), dict)


@pytest.mark.parametrize(
    "text", ["", "a.b", "a.b.c.d", ".b.c", "a..c", "a.b.", "a.b.c\n", " a.b.c", "a.b.ç", "a b.c.d", "a.b.c="]
)
def test_text_that_is_no_token_has_not_its_form(text: str) -> None:
    """Of what is masked, none is as short as a word."""
    assert not is_signed_token(text)
