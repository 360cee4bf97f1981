"""Whose an answer is: how one is described that is not the service's."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from urllib3 import HTTPHeaderDict

from cognito_action.network.answers import HEAD, TITLE_LIMIT, Answer, foreign, unreadable


def page(body: bytes | str = b"", status: int = 403, content_type: str | None = "text/html", url: str = "") -> Answer:
    """An answer of something in between."""
    headers = HTTPHeaderDict({"Content-Type": content_type} if content_type is not None else {})
    body = body.encode() if isinstance(body, str) else body
    return Answer(url or "https://cognito-idp.eu-central-1.amazonaws.com/", status, headers, body)


def said(answer: Answer) -> str:
    return foreign("TheCall", answer).message


def test_foreign_answer_is_a_lost_one() -> None:
    """Whoever gave it may have passed the request on before."""
    error = foreign("AdminCreateUser", page())

    assert (error.operation, error.code) == ("AdminCreateUser", "ForeignAnswer")
    assert (error.retryable, error.outcome_unknown, error.unanswered) == (True, True, True)


def test_foreign_answer_is_told_as_what_it_is() -> None:
    """Host, status, content type and title: enough to find who answers there."""
    answer = page("<html><head><TITLE>Access denied</TITLE>", 403, "text/html; charset=utf-8")

    assert said(answer) == (
        'cognito-idp.eu-central-1.amazonaws.com answered with status 403, text/html, titled "Access denied"'
    )


@pytest.mark.parametrize(
    ("content_type", "shown"),
    [
        ("text/html", "text/html"),
        ("Text/HTML;charset=utf-8", "text/html"),
        (" application/json ; a=b", "application/json"),
        ("", "no content type"),
        (";", "no content type"),
        (None, "no content type"),
    ],
)
def test_content_type_is_shown_without_parameters(content_type: str | None, shown: str) -> None:
    """In lower case, as it is compared."""
    assert said(page(status=200, content_type=content_type)) == (
        f"cognito-idp.eu-central-1.amazonaws.com answered with status 200, {shown}"
    )


@pytest.mark.parametrize(
    "url", ["http://user:pass@word@example.com:8443/path?query#fragment", "http://example.com:8443"]
)
def test_host_is_shown_without_what_is_around_it(url: str) -> None:
    """A user in an endpoint's URL is not shown, and neither is a query."""
    assert said(page(url=url)).startswith("example.com:8443 answered with status 403, ")


@pytest.mark.parametrize(
    ("body", "title"),
    [
        ("<title>Sign in</title>", "Sign in"),
        ("<title lang='en'\n class=x>Sign in</title >", "Sign in"),
        ("<html>\n<title>\n  Sign\t in \n</title>", "Sign in"),
        ("<title>A &amp; B &#8364; &lt;C&gt;</title>", "A & B € <C>"),
        ("<title>Zugriff verweigert: ä</title>", "Zugriff verweigert: ä"),
        (b"<title>\xff\xe4</title>", "��"),
        ("<title>one</title><title>two</title>", "one"),
        ("<svg><title></title></svg><title>two</title>", ""),
        ("<title>never ends", ""),
        ("", ""),
        (b"\x00\x01\x02", ""),
        ('{"message": "no"}', ""),
    ],
)
def test_title_of_a_page(body: bytes | str, title: str) -> None:
    """White space in it is one space, and entities are the characters that they stand for."""
    assert page(body).title == title


def test_title_is_quoted_as_plain_text() -> None:
    """It can't start a command or a line, or control a terminal."""
    message = said(page("<title>\n::error::evil\x1b[2J \u202eevil</title>"))

    assert message.endswith(r', titled "::error::evil\u001b[2J \u202eevil"')
    assert message.isprintable()


def test_long_title_is_shortened_between_words() -> None:
    """Part of a secret would not be recognized as one."""
    message = said(page(f"<title>{'word ' * 50}</title>"))
    quoted = message.partition("titled ")[2].strip('"')

    assert len(quoted) <= TITLE_LIMIT
    assert quoted.startswith("word word")
    assert quoted.endswith("word… (249 characters in all)")
    assert said(page(f"<title>{'x' * 200}</title>")).endswith('titled "… (200 characters in all)"')


@pytest.mark.parametrize("piece", [b"<title", b"<title>", b"<title x", b"<title><", b"</title", b"<"])
def test_title_is_looked_for_only_at_the_start(piece: bytes) -> None:
    """No page of any length or form keeps a step busy."""
    started = time.monotonic()

    assert page(piece * ((4 << 20) // len(piece)) + b"<title>late</title>").title == ""
    assert page(b" " * HEAD + b"<title>late</title>").title == ""
    assert time.monotonic() - started < 5


@given(body=st.binary(max_size=200), status=st.integers(100, 599), content_type=st.none() | st.text(max_size=50))
def test_any_answer_can_be_described(body: bytes, status: int, content_type: str | None) -> None:
    """Whatever it is, and without raising anything."""
    assert f"answered with status {status}, " in said(page(b"<title>" + body + b"</title>", status, content_type))


def test_answer_that_cannot_be_read_is_not_quoted() -> None:
    """It may hold credentials; whether the call took effect is not known."""
    error = unreadable("AssumeRoleWithWebIdentity")

    assert str(error) == "AssumeRoleWithWebIdentity: ForeignAnswer: the answer could not be read"
    assert (error.retryable, error.outcome_unknown, error.unanswered) == (True, True, True)
