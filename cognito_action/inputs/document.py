"""A YAML or JSON document whose every scalar is the text that was written: `no`, `1.10` and `1990-01-01` stay so."""

import json
import re
from typing import cast

import yaml
from yaml.reader import ReaderError

from cognito_action.inputs.validators import invalid

Tree = str | list["Tree"] | tuple[tuple[str, "Tree"], ...]
"""A scalar, a list, or the pairs of a mapping, in which a key can be there twice."""


_QUOTATION = re.compile(r" '.*| \".*", re.DOTALL)


_UNCLEAR = {
    "but found another document": "found another document, but only one is allowed",
    "second occurrence": "found an anchor that exists already",
}
"""What PyYAML says if it splits a sentence in two."""


def read_document(text: str) -> Tree:
    """Read the one document in `text`, empty if there is none.

    Raises `PydanticCustomError`, which names what is wrong by its line and never quotes it.
    """
    try:
        return _json(text) if text.lstrip().startswith("{") else _yaml(text)
    except RecursionError:
        raise invalid("is nested too deeply") from None


def _json(text: str) -> Tree:
    """Read JSON as JSON: as the YAML that it nearly is, its tabs, line separators and escapes would be others."""
    try:
        document = json.loads(text, object_pairs_hook=_mapping, parse_int=str, parse_float=str, parse_constant=str)
    except ValueError:
        return _yaml(text)
    return _as_written(document)


def _mapping(pairs: list[tuple[str, object]]) -> Tree:
    return tuple((key, _as_written(value)) for key, value in pairs)


def _as_written(value: object) -> Tree:
    match value:
        case str() | tuple():
            return value
        case list():
            return [_as_written(item) for item in value]
        case _:
            return json.dumps(value)


def _yaml(text: str) -> Tree:
    try:
        node = yaml.compose(text, yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        raise invalid(_problem(error)) from None
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise invalid(f"line {line}: found a character that YAML does not allow") from None
    except (ValueError, OverflowError):
        # PyYAML lets Python's own errors through if an escape names a character that does not exist.
        raise invalid("has an escape or a number that means nothing in YAML") from None
    return _tree(node, {}) if node else ""


def _problem(error: yaml.MarkedYAMLError) -> str:
    problem = _UNCLEAR.get(str(error.problem), str(error.problem))
    if "alias" in problem or "handle" in problem:
        problem = _QUOTATION.sub("", problem)
    # PyYAML's own errors all have a mark, though its class allows for others.
    return f"{_line(cast('yaml.Mark', error.problem_mark))}: {problem}"


def _tree(node: yaml.Node, known: dict[int, Tree | None]) -> Tree:
    """Read a node once, however many aliases it has; an unfinished one is None in `known`."""
    if id(node) not in known:
        known[id(node)] = None
        known[id(node)] = _content(node, known)
    tree = known[id(node)]
    if tree is None:
        raise invalid(f"{_line(node.start_mark)}: found an anchor with an alias inside")
    return tree


def _content(node: yaml.Node, known: dict[int, Tree | None]) -> Tree:
    match node:
        case yaml.MappingNode():
            return tuple((_key(key), _tree(value, known)) for key, value in node.value)
        case yaml.SequenceNode():
            return [_tree(item, known) for item in node.value]
        case _:
            return str(node.value)


def _key(node: yaml.Node) -> str:
    if not isinstance(node, yaml.ScalarNode):
        raise invalid(f"{_line(node.start_mark)}: found a key that is not a string")
    return str(node.value)


def _line(mark: yaml.Mark) -> str:
    return f"line {mark.line + 1}"
