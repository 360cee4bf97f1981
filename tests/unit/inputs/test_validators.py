"""The forms of texts: how browsers write an origin, what Cognito accepts as a name, and that nothing else is raised."""

import ipaddress
from collections.abc import Callable
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from cognito_action.inputs import validators
from tests.support.examples import ANY_TEXT

HOST = st.from_regex(r"[a-z][a-z0-9-]{0,10}(\.[a-z][a-z0-9-]{0,10}){0,3}", fullmatch=True)
ADDRESS = st.ip_addresses(v=6).map(lambda address: ipaddress.IPv6Address(int(address)))
FORMS: list[Callable[[str], object]] = [
    validators.boolean,
    validators.lines,
    validators.integer(8, 256),
    validators.pairs,
    validators.attributes,
    validators.groups,
    validators.origin,
]


@given(st.sampled_from(FORMS), ANY_TEXT)
def test_text_is_valid_or_refused(form: Callable[[str], object], text: str) -> None:
    """No text raises anything else; what is refused is not quoted."""
    try:
        form(text)
        message = ""
    except PydanticCustomError as error:
        message = error.message()

    assert len(text) < 20 or text not in message


# Origins


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://app.example.com", "https://app.example.com"),
        ("https://app.example.com/", "https://app.example.com"),
        ("HTTPS://App.Example.COM", "https://app.example.com"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("http://localhost:3000/", "http://localhost:3000"),
        ("http://localhost:80", "http://localhost"),
        ("http://localhost:443", "http://localhost:443"),
        ("https://localhost:443/", "https://localhost"),
        ("https://localhost:80", "https://localhost:80"),
        ("http://localhost:00080", "http://localhost"),
        ("http://localhost:08080", "http://localhost:8080"),
        ("http://localhost:1", "http://localhost:1"),
        ("http://localhost:65535", "http://localhost:65535"),
        ("http://web_app:8080", "http://web_app:8080"),
        ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
        ("http://127.0.0.1:5173", "http://127.0.0.1:5173"),
        ("http://1.2.example", "http://1.2.example"),
        ("http://[::1]:3000", "http://[::1]:3000"),
        ("http://[0:0:0:0:0:0:0:1]", "http://[::1]"),
        ("https://[2001:DB8:0:0:1:0:0:0001]:443/", "https://[2001:db8::1:0:0:1]"),
        ("https://[2001:db8:0:1:1:1:1:1]", "https://[2001:db8:0:1:1:1:1:1]"),
    ],
)
def test_origin_is_written_as_browsers_write_it(text: str, origin: str) -> None:
    """It is what `new URL(text).origin` gives in a browser, since storage is looked up by exactly that."""
    assert validators.origin(text) == origin


@pytest.mark.parametrize(
    "text",
    [
        *("", "app.example.com", "localhost:3000", "//app.example.com", "https:app.example.com", "https:/a.example"),
        *("ftp://app.example.com", "ws://app.example.com", "file:///a", "about:blank", "null", "https://", "https:///"),
        *("https://a.example/path", "https://a.example//", "https://a.example?q", "https://a.example/?q"),
        *("https://a.example#f", "https://a.example/#", "https://u@a.example", "https://u:p@a.example", "https://@a"),
        *("https://a.example:", "https://a:0", "https://a:65536", "https://a:-1", "https://a:8a", "https://a:000080"),
        *(
            "https://a b.example",
            "https://a\tb",
            "https://a\n",
            "https://a\\b",
            "https://%61",
            "https://bücher.example",
        ),
        *(
            "https://.",
            "https://a..b",
            "https://.a",
            "https://a.",
            "https://\u212aelvin.example",
            "https://a:\uff18\uff10",
        ),
        *("http://127.1", "http://1", "http://0x7f.0.0.1", "http://a.0x", "http://a.1", "http://256.0.0.1"),
        *("http://1.2.3.4.5", "http://127.0.0.01", "http://[::1", "http://::1", "http://[]", "http://[:::]"),
        *(
            "http://[1::2::3]",
            "http://[::g]",
            "http://[fe80::1%eth0]",
            "http://[::ffff:1.2.3.4]",
            "http://[::ffff:102:304]",
        ),
        *("https://*.example.com", "https://a,b", "https://a;https://b", "https://" + "a" * 254),
    ],
)
def test_invalid_origin_is_refused(text: str) -> None:
    """This includes a text in which browsers would read a different host than a person does."""
    with pytest.raises(PydanticCustomError, match=r"^must be the origin of a web app, without a path, as in https://"):
        validators.origin(text)


@given(
    st.sampled_from(["http", "https"]),
    HOST | ADDRESS.filter(lambda address: not address.ipv4_mapped).map(lambda address: f"[{address.exploded}]"),
    st.none() | st.integers(1, 65535),
)
def test_normalized_origin_stays_the_same(scheme: str, host: str, port: int | None) -> None:
    """Upper case, a default port and a trailing slash make no difference to the origin."""
    once = validators.origin(f"{scheme}://{host}" + (f":{port}" if port else ""))

    assert validators.origin(f"{once.upper()}/") == once == once.lower()
    assert once.startswith(f"{scheme}://")
    assert once.endswith(f":{port}") == (port not in (None, {"http": 80, "https": 443}[scheme]))


# Names of groups


@given(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=128))
def test_group_has_letters_marks_symbols_numbers_and_punctuation(name: str) -> None:
    """What Cognito's pattern allows is accepted unchanged if commas do not separate names."""
    assert {category(character)[0] for character in name} <= set("LMSNP")
    assert validators.group_names([name]) == (name,)


@given(st.text(max_size=3), st.characters(categories=["C", "Z"]), st.text(max_size=3))
def test_group_has_no_other_character(before: str, character: str, after: str) -> None:
    """Spaces, control characters and the like are refused before Cognito is asked."""
    with pytest.raises(PydanticCustomError, match=r"^group 1: a name has at most 128 characters and no spaces$"):
        validators.group_names([f"a{before}{character}{after}a"])


@given(st.lists(st.sampled_from(["a", "b", "c", "", " ", "\r"])), st.sampled_from([",", "\n"]))
def test_groups_keep_their_order_and_appear_once(names: list[str], separator: str) -> None:
    """The first of several equal names counts, and blank ones do not."""
    assert validators.groups(separator.join(names)) == tuple(dict.fromkeys(name for name in names if name.strip()))
