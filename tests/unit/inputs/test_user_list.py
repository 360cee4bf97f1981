"""The input `users`: what each user gets, and all problems at once, by the user's key."""

import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from cognito_action.inputs.user_list import (
    MAX_REPORTED,
    MAX_USERS,
    MAX_USERS_WITH_AWS_CREDENTIALS,
    MAX_USERS_WITH_TOKENS,
    UserSpec,
    read_users,
)
from cognito_action.users.outputs import MAX_ENVIRONMENT_VALUE
from tests.support.examples import ANY_TEXT

PRINTABLE = st.characters(exclude_categories=["C", "Z"])
KEY = st.text(PRINTABLE | st.just(" "), min_size=1, max_size=64).filter(lambda key: key == key.strip())
ATTRIBUTES = st.dictionaries(
    st.text(PRINTABLE, min_size=1, max_size=25).map("custom:".__add__), st.text(st.characters(codec="utf-8"))
)
GROUPS = st.lists(st.text(PRINTABLE, min_size=1, max_size=128), unique=True)
USERS = st.lists(
    st.tuples(KEY, st.fixed_dictionaries({}, optional={"groups": GROUPS, "attributes": ATTRIBUTES})),
    min_size=1,
    max_size=5,
    unique_by=lambda user: user[0].upper(),
).map(dict)


def read(text: str) -> dict[str, UserSpec]:
    """Read users without further limits."""
    return read_with(text)


def read_with(
    text: str,
    *,
    with_tokens: bool = False,
    with_aws_credentials: bool = False,
    with_phone_number: bool = False,
    with_address: bool = True,
) -> dict[str, UserSpec]:
    """Read users who each get these."""
    return read_users(
        text,
        with_tokens=with_tokens,
        with_aws_credentials=with_aws_credentials,
        with_phone_number=with_phone_number,
        with_address=with_address,
    )


def problems(text: str, **has: bool) -> list[str]:
    """The problems reported for invalid users."""
    with pytest.raises(PydanticCustomError) as caught:
        read_with(text, **has)
    return caught.value.message().split("\n")


def as_specs(users: dict[str, Any]) -> dict[str, UserSpec]:
    """What is read if `users` was written."""
    return {key: UserSpec(tuple(parts.get("groups", ())), parts.get("attributes", {})) for key, parts in users.items()}


# What is accepted


def test_users_have_groups_and_attributes() -> None:
    """The order is that of the text, and every value is a text as written."""
    users = read("""
        admin:
          groups: [admins, everybody, admins]
          attributes:
            name: Ada Lovelace
            birthdate: 1990-01-01
            custom:level: 01
            custom:phone: +15555550123
            custom:active: yes
            nickname:
        viewer:
        no:
          groups: everybody, testers
    """)

    assert list(users) == ["admin", "viewer", "no"]
    assert users == {
        "admin": UserSpec(
            ("admins", "everybody"),
            {
                "name": "Ada Lovelace",
                "birthdate": "1990-01-01",
                "custom:level": "01",
                "custom:phone": "+15555550123",
                "custom:active": "yes",
                "nickname": "",
            },
        ),
        "viewer": UserSpec(),
        "no": UserSpec(("everybody", "testers")),
    }


@given(USERS)
def test_users_in_yaml_are_read_as_they_were_dumped(users: dict[str, Any]) -> None:
    """Any printable key and any value of an attribute survives."""
    assert read(yaml.safe_dump(users, default_style='"', sort_keys=False, width=10_000)) == as_specs(users)


@given(USERS, st.booleans())
def test_users_in_json_are_read_as_they_were_dumped(users: dict[str, Any], ascii_only: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """The same holds for JSON, with and without escapes."""
    assert read(json.dumps(users, ensure_ascii=ascii_only)) == as_specs(users)


@pytest.mark.parametrize("nothing", ["", "''", '""', "~", "null", "{}"])
def test_nothing_is_an_empty_mapping(nothing: str) -> None:
    """A user, or one of its parts, can be left empty in every way that YAML and JSON have."""
    assert read(f"viewer: {nothing}") == {"viewer": UserSpec()}
    assert read(f"viewer:\n  attributes: {nothing}") == {"viewer": UserSpec()}
    if nothing != "{}":
        assert read(f"viewer:\n  groups: {nothing}") == {"viewer": UserSpec()}


@pytest.mark.parametrize(
    ("written", "groups"),
    [
        ("[]", ()),
        ("[a]", ("a",)),
        ("[b, a, b]", ("b", "a")),
        ("['a,b']", ("a,b",)),
        ("['', ' a ']", ("a",)),
        ("[null]", ("null",)),
        ("a", ("a",)),
        ("a, b,,a", ("a", "b")),
        ("|\n    a\n    b\n", ("a", "b")),
    ],
)
def test_groups_are_a_list_or_one_text(written: str, groups: tuple[str, ...]) -> None:
    """In a list a comma is part of a name; in a text it separates names, as in the input `groups`."""
    assert read(f"a:\n  groups: {written}") == {"a": UserSpec(groups)}


@pytest.mark.parametrize("key", ["a", "a" * 64, "two words", "1.10", "no", "null", "~", "<<", "é漢😀", "a: b", "#a"])
def test_key_is_printable(key: str) -> None:
    """What can be read in a log can be a key."""
    assert read(json.dumps({key: {}})) == {key: UserSpec()}


@pytest.mark.parametrize(
    ("written", "create"),
    [
        *(("true", True), ("True", True), ("'TRUE'", True), ("", True), ("''", True), ("~", True), ("null", True)),
        *(("false", False), ("False", False), ("FALSE", False), ("'false'", False), ('"fAlSe"', False)),
    ],
)
def test_create_is_true_or_false_in_any_case(written: str, create: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Left out, it is true."""
    assert read(f"a:\n  create: {written}") == {"a": UserSpec(create=create)}


def test_create_is_read_from_json_too() -> None:
    """As the other values are."""
    assert read('{"a": {"create": false}, "b": {"create": true, "groups": ["x"]}, "c": {"create": "false"}}') == {
        "a": UserSpec(create=False),
        "b": UserSpec(("x",)),
        "c": UserSpec(create=False),
    }


@pytest.mark.parametrize("nothing", ["", "''", "~", "null", "[]"])
def test_user_whom_nobody_creates_can_have_empty_parts(nothing: str) -> None:
    """They ask for nothing."""
    assert read(f"a:\n  create: false\n  groups: {nothing}") == {"a": UserSpec(create=False)}


def test_users_can_share_a_part() -> None:
    """An alias stands for what it names."""
    shared = UserSpec(("x",), {"name": "y"})

    assert read("a: &a {groups: &g [x], attributes: &t {name: y}}\nb: *a\nc: {groups: *g, attributes: *t}") == {
        "a": shared,
        "b": shared,
        "c": shared,
    }


# What is refused

NOTHING_MORE = "a user with create: false has no groups and no attributes: the test that signs it up decides"


@pytest.mark.parametrize("text", ["a", "[a]", "- a:", "{}", "[]", "''", "~", "null", "# nothing", "admin, viewer"])
def test_users_are_a_mapping(text: str) -> None:
    """No one is created if it is unclear who is meant."""
    assert problems(text) == ["must be a mapping from keys of your choice to users, as in admin: {groups: [admins]}"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: b", ["a: must be empty or a mapping with groups, attributes and create"]),
        ("a: []", ["a: must be empty or a mapping with groups, attributes and create"]),
        ("a: [groups]", ["a: must be empty or a mapping with groups, attributes and create"]),
        ("a: {group: b}", ["a: there is no group; did you mean groups?"]),
        ("a: {Attributes: {}}", ["a: there is no Attributes; did you mean attributes?"]),
        ("a: {password: b}", ["a: there is no password; only groups, attributes and create are possible"]),
        ('a: {"b\\nc": d}', ["a: there is no 'b\\nc'; only groups, attributes and create are possible"]),
        ("a: {<<: {}}", ["a: there is no <<; only groups, attributes and create are possible"]),
        ("a: {groups: b, groups: c}", ["a: groups appears twice"]),
        ("a: {attributes: {b: c, b: c}}", ["a: attributes: b appears twice"]),
        ("a: {groups: {b: c}}", ["a: groups: must be a list of names"]),
        ("a: {groups: {}}", ["a: groups: must be a list of names"]),
        ("a: {groups: [[b]]}", ["a: groups: must be a list of names"]),
        ("a: {groups: [b, {c: d}]}", ["a: groups: must be a list of names"]),
        ("a: {groups: [b, c d, e, f g]}", ["a: groups: group 2, 4: a name has at most 128 characters and no spaces"]),
        ("a: {groups: b c}", ["a: groups: group 1: a name has at most 128 characters and no spaces"]),
        ("a: {attributes: name=Ada}", ["a: attributes: must be a mapping from names to strings"]),
        ("a: {attributes: [b]}", ["a: attributes: must be a mapping from names to strings"]),
        ("a: {attributes: {b: [c]}}", ["a: attribute 1: a value must be a string"]),
        ("a: {attributes: {b: {}}}", ["a: attribute 1: a value must be a string"]),
        (
            "a: {attributes: {b: c, email: d}}",
            ["a: attribute 2: email can't be set here: use the input email-domain"],
        ),
        (
            "a: {attributes: {phone_number: +1}}",
            ["a: attribute 1: phone_number can't be set here: use the input phone-number"],
        ),
        (
            "a: {attributes: {'cognito:b': c}}",
            ["a: attribute 1: names that start with cognito: are Cognito's own"],
        ),
        *(
            (
                f"a: {{attributes: {{{name}: c}}}}",
                [
                    (
                        "a: attribute 1: a name has at most 32 characters and no spaces, "
                        "as in 'name: Ada' or 'custom:team: blue'"
                    )
                ],
            )
            for name in ("b c", "b" * 33, "''", "' b'", '"b\\0"')
        ),
        (f"a: {{attributes: {{b: {'c' * 2049}}}}}", ["a: attribute 1: a value has at most 2048 characters"]),
        (
            '{"a": {"attributes": {"b": "\\ud83d"}}}',
            ["a: attribute 1: a value must be Unicode text, which half a surrogate pair is not"],
        ),
        *(
            (f"a: {{create: {value}}}", ["a: create: must be true or false"])
            for value in ("no", "yes", "0", "maybe", "[]", "[false]", "{}", "{false: true}", "' false '")
        ),
        ("a: {create: false, create: true}", ["a: create appears twice"]),
        ("a: {Create: false}", ["a: there is no Create; did you mean create?"]),
        *(
            (f"a: {{create: false, {more}}}", [f"a: {NOTHING_MORE}"])
            for more in ("groups: [b]", "groups: b", "attributes: {b: c}", "attributes: {b: ''}, groups: [c]")
        ),
        (
            "a: {create: false, groups: [b c], attributes: {name: Ada}}",
            ["a: groups: group 1: a name has at most 128 characters and no spaces", f"a: {NOTHING_MORE}"],
        ),
        ("a: {create: x, groups: [b]}", ["a: create: must be true or false"]),
        ("a:\nb:\na:", ["a: this key appears twice"]),
        ('{"a": {}, "\\u0061": {}}', ["a: this key appears twice"]),
        ("admin:\nAdmin:", ["Admin: this key differs from admin only in case, and GitHub's expressions ignore case"]),
        ("a: *b", ["line 1: found undefined alias"]),
    ],
)
def test_problem_of_a_user_is_reported_by_its_key(text: str, expected: list[str]) -> None:
    """The report says what is wrong without quoting a value."""
    assert problems(text) == expected


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("", "''"),
        (" ", "' '"),
        (" a", "' a'"),
        ("a ", "'a '"),
        ("a\nb", "'a\\nb'"),
        ("::stop-commands::\x1b[31m", "'::stop-commands::\\x1b[31m'"),
        ("a\u202eb", "'a\\u202eb'"),
        ("a\ud800", "'a\\ud800'"),
        ("a" * 65, f"'{'a' * 64}'"),
    ],
)
def test_invalid_key_is_shown_so_that_it_can_be_found(key: str, shown: str) -> None:
    """Characters that do not print are shown as escapes."""
    assert problems(json.dumps({key: {}})) == [
        f"{shown}: a key has 1 to 64 printable characters, and no space at either end"
    ]


def test_all_problems_are_reported_at_once() -> None:
    """The report has the problems of all users, and all problems of each."""
    assert problems("a: {role: b, groups: {c: d}, attributes: {sub: e, f g: h}}\nb:\nB: 1", with_phone_number=True) == [
        "3 users, but phone-number is for one user only, since a number belongs to one",
        "a: there is no role; only groups, attributes and create are possible",
        "a: groups: must be a list of names",
        "a: attribute 1: sub can't be set here: Cognito assigns it",
        "a: attribute 2: a name has at most 32 characters and no spaces, as in 'name: Ada' or 'custom:team: blue'",
        "B: this key differs from b only in case, and GitHub's expressions ignore case",
        "B: must be empty or a mapping with groups, attributes and create",
    ]


def test_report_has_a_limit() -> None:
    """Problems past the limit are only counted."""
    assert problems("\n".join(f"user {number}: x" for number in range(MAX_REPORTED)))[-1].startswith("user 19: ")
    assert problems("\n".join(f"user {number}: x" for number in range(MAX_REPORTED + 3)))[MAX_REPORTED - 1 :] == [
        "user 19: must be empty or a mapping with groups, attributes and create",
        "and 3 more problems",
    ]


@given(ANY_TEXT | ANY_TEXT.map(lambda text: f"a: {text}") | ANY_TEXT.map(lambda text: f"a: {{groups: {text}}}"))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text raises anything else, and nothing in a refusal can break a line."""
    try:
        lines = list(read(text))
    except PydanticCustomError as error:
        lines = error.message().split("\n")

    assert lines
    assert all(line.isprintable() for line in lines)


# How many


def many(count: int) -> str:
    """The input `users` with `count` users."""
    return "\n".join(f"user {number}:" for number in range(count))


def test_user_whom_nobody_creates_counts() -> None:
    """Post deletes it as well, and the output holds it."""
    more = "\n".join(f"form {number}: {{create: false}}" for number in range(10))

    assert len(read(f"{many(40)}\n{more}")) == 50
    assert problems(f"{many(41)}\n{more}")[0].startswith("51 users, ")
    assert problems("a:\nb: {create: false}", with_phone_number=True)[0].startswith("2 users, but phone-number")


def test_fifty_users_are_the_most() -> None:
    """More users need more than one step."""
    assert MAX_USERS == 50
    assert len(read(many(50))) == 50
    assert problems(many(51)) == ["51 users, but one step creates 50 at most, so that the post step can delete them"]
    assert problems(many(51), with_tokens=True) == problems(many(51))


def test_twenty_users_with_tokens_are_the_most() -> None:
    """Their tokens are longer than everything else, and an environment variable has a limit."""
    assert MAX_USERS_WITH_TOKENS == 20
    assert len(read_with(many(20), with_tokens=True)) == 20
    assert problems(many(21), with_tokens=True) == [
        (
            "21 users, but at most 20 are possible with client-id: the output users holds the tokens of all, "
            "and a later step can take 128 KiB in one environment variable"
        )
    ]


def test_twelve_users_with_aws_credentials_are_the_most() -> None:
    """A session token is as long as the three others together can be."""
    assert MAX_USERS_WITH_AWS_CREDENTIALS == 12
    assert len(read_with(many(12), with_tokens=True, with_aws_credentials=True)) == 12
    assert problems(many(13), with_tokens=True, with_aws_credentials=True) == [
        (
            "13 users, but at most 12 are possible with identity-pool-id: the output users holds the tokens and the AWS "
            "credentials of all, and a later step can take 128 KiB in one environment variable"
        )
    ]
    assert problems(many(51), with_tokens=True, with_aws_credentials=True) == problems(many(51))


def test_longest_tokens_of_the_most_users_fit_in_a_variable() -> None:
    """6 KiB of tokens and, with an identity pool, 4 KiB of session token, next to all else that a user has."""
    user = {
        **{name: "x" * length for name, length in (("username", 122), ("password", 256), ("email", 122), ("sub", 36))},
        **dict.fromkeys(("access-token", "id-token", "refresh-token"), "x" * 1900),
    }
    credentials = {
        "identity-id": "x" * 55,
        "aws-access-key-id": "x" * 20,
        "aws-secret-access-key": "x" * 40,
        "aws-session-token": "x" * 4096,
    }

    for most, content in ((MAX_USERS_WITH_TOKENS, user), (MAX_USERS_WITH_AWS_CREDENTIALS, user | credentials)):
        text = json.dumps({f"user-{number}": content for number in range(most)})
        assert len(text) <= MAX_ENVIRONMENT_VALUE
        assert len(text) * (most + 1) / most > MAX_ENVIRONMENT_VALUE - 6000


def test_one_user_with_a_phone_number_is_the_most() -> None:
    """A phone number belongs to one user."""
    assert list(read_with(many(1), with_phone_number=True)) == ["user 0"]
    assert problems(many(2), with_phone_number=True) == [
        "2 users, but phone-number is for one user only, since a number belongs to one"
    ]


def test_far_too_many_users_take_no_time() -> None:
    """Of thousands of users that share a part, only the first are checked."""
    part = ", ".join(f"a{number}: b" for number in range(1000))
    text = f"user: &x {{attributes: {{{part}}}}}\n" + "\n".join(f"u{number}: *x" for number in range(2000))

    assert problems(text)[0].startswith("2001 users")


# What users share


def test_shared_groups_come_first_and_own_attributes_take_precedence() -> None:
    """No group appears twice."""
    shared = UserSpec(("a", "b"), {"x": "shared", "y": "shared"})

    assert shared | UserSpec(("c", "a"), {"y": "own", "z": "own"}) == UserSpec(
        ("a", "b", "c"), {"x": "shared", "y": "own", "z": "own"}
    )
    assert shared | UserSpec() == UserSpec() | shared == shared
