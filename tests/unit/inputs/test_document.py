"""A document as the texts it was written with, from YAML and from JSON, and why a text is not a document."""

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from cognito_action.inputs.document import Tree, read_document
from tests.support.examples import ANY_TEXT

PRINTABLE = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="\ufeff\ufffe\uffff"))
DATA = st.recursive(
    PRINTABLE,
    lambda data: st.lists(data) | st.dictionaries(PRINTABLE.filter(lambda key: len(key) < 100), data),
    max_leaves=20,
)


def as_tree(data: object) -> Tree:
    """What is read if `data` was written."""
    match data:
        case dict():
            return tuple((str(key), as_tree(value)) for key, value in data.items())
        case list():
            return [as_tree(item) for item in data]
        case _:
            return str(data)


def problem(text: str) -> str:
    """Why `text` is not a document."""
    with pytest.raises(PydanticCustomError) as caught:
        read_document(text)
    return caught.value.message()


# What is read

AS_WRITTEN = [
    *(
        "+15555550123",
        "01234",
        "1.10",
        "1e3",
        "0x10",
        "0o7",
        "1_000",
        "12:30:45",
        "1990-01-01",
        ".inf",
        "-0",
        "<<",
        "=",
    ),
    *("true", "True", "false", "yes", "no", "on", "off", "y", "n", "~", "null", "NULL", "é", "漢字", "😀"),
]


@pytest.mark.parametrize("scalar", AS_WRITTEN)
def test_yaml_scalar_is_the_text_as_written(scalar: str) -> None:
    """YAML's numbers, dates and booleans lose nothing, as a key or as a value, with or without quotes."""
    assert read_document(f"{scalar}: {scalar}") == ((scalar, scalar),)
    assert read_document(f"- {scalar}\n- '{scalar}'\n- \"{scalar}\"") == [scalar] * 3
    assert read_document(f"{{{scalar}: [{scalar}]}}") == ((scalar, [scalar]),)


@pytest.mark.parametrize(
    "scalar", ["15555550123", "0", "-0", "1.10", "1e3", "1E+400", "9" * 5000, "true", "false", "null", "NaN"]
)
def test_json_scalar_is_the_text_as_written(scalar: str) -> None:
    """So are JSON's numbers and words, at any depth."""
    assert read_document(f'{{"a": {scalar}, "b": [[{scalar}], {{"c": {scalar}}}]}}') == (
        ("a", scalar),
        ("b", [[scalar], (("c", scalar),)]),
    )


@given(DATA)
def test_yaml_is_read_as_it_was_dumped(data: object) -> None:
    """Any text, list and mapping survives a round trip."""
    assert read_document(yaml.safe_dump(data, allow_unicode=True, sort_keys=False, default_style='"')) == as_tree(data)


@given(st.dictionaries(st.text(), st.recursive(st.text(), st.lists)), st.booleans(), st.sampled_from([None, 2, "\t"]))
def test_json_is_read_as_it_was_dumped(data: object, ascii_only: bool, indent: str | int | None) -> None:  # noqa: FBT001 - a parameter of the test
    """Tabs between the texts, escapes, and characters that YAML would read as line breaks survive too."""
    assert read_document(json.dumps(data, ensure_ascii=ascii_only, indent=indent)) == as_tree(data)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", ""),
        ("  \n# nothing but this\n", ""),
        ("a:", (("a", ""),)),
        ("? a", (("a", ""),)),
        ("{}", ()),
        ("[]", []),
        ("a: 1\na: 2", (("a", "1"), ("a", "2"))),
        ('{"a": 1, "a": 2}', (("a", "1"), ("a", "2"))),
        ("a: |\n  b\n  c\n", (("a", "b\nc\n"),)),
        ("{a: [b, c,],}", (("a", ["b", "c"]),)),
        ('\n {"a": ["b",]} # almost JSON', (("a", ["b"]),)),
        ("a: !!int 1\nb: !c d", (("a", "1"), ("b", "d"))),
        ("a: &x [b]\nc: *x", (("a", ["b"]), ("c", ["b"]))),
        ("a: &x {b: c}\nd: {<<: *x}", (("a", (("b", "c"),)), ("d", (("<<", (("b", "c"),)),)))),
        ("--- a\n...\n", "a"),
    ],
)
def test_document_is_read(text: str, tree: Tree) -> None:
    """Duplicate keys are kept for the caller, and aliases stand for what they name."""
    assert read_document(text) == tree


def test_aliases_of_aliases_take_no_time() -> None:
    """Nine lines that multiply to a billion items are read only once."""
    lines = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    tree = read_document("\n".join(lines))

    assert isinstance(tree, tuple)
    assert len(tree) == 10


# What is refused


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: 1\n b: 2", "line 2: mapping values are not allowed here"),
        ("a:\n\t- b", "line 2: found character '\\t' that cannot start any token"),
        ("{a: ", "line 1: expected the node content, but found '<stream end>'"),
        ("a: 'b", "line 1: found unexpected end of stream"),
        ('{"a": "b"', "line 1: expected ',' or '}', but got '<stream end>'"),
        ('"\\q"', "line 1: found unknown escape character 'q'"),
        ("a\n---\nb", "line 2: found another document, but only one is allowed"),
        ("a\n--- b", "line 2: found another document, but only one is allowed"),
        ("\na: *s3cr3t", "line 2: found undefined alias"),
        ("a: !s3cr3t!x b", "line 1: found undefined tag handle"),
        ("%TAG !s! x\n%TAG !s! y\n---\na", "line 2: duplicate tag handle"),
        ("a: &s3cr3t b\nc: &s3cr3t d", "line 2: found an anchor that exists already"),
        ("? [a]\n: b", "line 1: found a key that is not a string"),
        ("a:\n  {b: c}: d", "line 2: found a key that is not a string"),
        ("&x {a: *x}", "line 1: found an anchor with an alias inside"),
        ("a:\n - &x [[*x]]", "line 2: found an anchor with an alias inside"),
        ("a\n\nb\x80c", "line 3: found a character that YAML does not allow"),
        ("a\ud800", "line 1: found a character that YAML does not allow"),
        ('"\\UFFFFFFFF"', "has an escape or a number that means nothing in YAML"),
        ('"\\U00110000"', "has an escape or a number that means nothing in YAML"),
        (f"%YAML 1.{'9' * 5000}\n---\na", "has an escape or a number that means nothing in YAML"),
        ("[" * 5000, "is nested too deeply"),
        ('{"a":' * 50_000, "is nested too deeply"),
        ('{"a":' + "[" * 50_000 + "]" * 50_000 + "}", "is nested too deeply"),
    ],
    ids=lambda text: repr(text[:20]),
)
def test_invalid_document_is_refused_with_its_line(text: str, words: str) -> None:
    """The words are the parser's own, without what it quotes."""
    assert problem(text) == words


@given(ANY_TEXT | st.text(st.sampled_from("{}[],:'\"\\&*!|>-%@#?~ \n\tabU0")))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text raises anything else."""
    try:
        read = read_document(text)
    except PydanticCustomError as error:
        read = error.message()

    assert isinstance(read, str | list | tuple)
