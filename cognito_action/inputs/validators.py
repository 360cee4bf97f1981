"""How the text of an input is read: each function accepts one form, and raises `PydanticCustomError` for any other."""

import ipaddress
import re
from collections.abc import Callable, Iterable, Iterator

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError

_SET_BY_THE_ACTION = {
    "sub": "Cognito assigns it",
    "username": "the action makes it",
    "identities": "Cognito assigns it",
    "email": "use the input email-domain",
    "email_verified": "the action sets it with the address",
    "phone_number": "use the input phone-number",
    "phone_number_verified": "the action sets it with the number",
}

_ORIGIN = re.compile(r"(?i:(https?)://(\[[0-9a-f:]{2,39}\]|[a-z0-9._-]{1,253})(?::([0-9]{1,5}))?/?)", re.ASCII)
_LABELS = re.compile(r"([a-z0-9_-]+\.)*[a-z0-9_-]+")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_DEFAULT_PORTS = {"http": 80, "https": 443}


def invalid(message: str) -> PydanticCustomError:
    """Make the error of a malformed input; `message` quotes no value."""
    return PydanticCustomError("input", "{message}", {"message": message})


def pattern(accepted: re.Pattern[str], expected: str, max_length: int = 2048) -> AfterValidator:
    """Accept texts that match a pattern, of at most `max_length` characters."""

    def check(value: str) -> str:
        if len(value) > max_length or not accepted.fullmatch(value):
            raise invalid(f"must be {expected}")
        return value

    return AfterValidator(check)


def one_of(*words: str) -> BeforeValidator:
    """Accept one of some words, as they are written."""

    def check(text: str) -> str:
        if text not in words:
            raise invalid(f"must be {', '.join(words[:-1])} or {words[-1]}")
        return text

    return BeforeValidator(check)


def boolean(text: str) -> bool:
    """Read `true` or `false` in any case."""
    if text.lower() not in ("true", "false"):
        raise invalid("must be true or false")
    return text.lower() == "true"


def integer(low: int, high: int) -> Callable[[str], int]:
    """Accept the digits of a number from `low` to `high`."""

    def read(text: str) -> int:
        if not re.fullmatch("[0-9]+", text, re.ASCII) or len(text) > len(str(high)) or not low <= int(text) <= high:
            raise invalid(f"must be a whole number from {low} to {high}")
        return int(text)

    return read


def lines(text: str) -> tuple[str, ...]:
    """Read the lines of a text; blank ones are ignored, and so are repetitions and white space around."""
    return tuple(dict.fromkeys(stripped for line in text.split("\n") if (stripped := line.strip())))


def _numbered_pairs(text: str) -> Iterator[tuple[int, str, str]]:
    """Read lines `name=value`, numbered; blank ones are ignored, and so is white space around names and values."""
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            name, equals, value = (part.strip() for part in line.partition("="))
            if not equals or not name:
                raise invalid(f"line {number} must have the form name=value")
            yield number, name, value


def pairs(text: str) -> dict[str, str]:
    """Read lines `name=value`, each with another name."""
    read: dict[str, str] = {}
    for number, name, value in _numbered_pairs(text):
        if name in read:
            raise invalid(f"line {number} repeats the name of an earlier line")
        read[name] = value
    return read


def attributes(text: str) -> dict[str, str]:
    """Read lines `name=value` that are attributes of a user."""
    for number, name, value in _numbered_pairs(text):
        if problem := attribute_problem(name, value, "name=Ada or custom:team=blue"):
            raise invalid(f"line {number}: {problem}")
    return pairs(text)


def attribute_problem(name: str, value: str, example: str) -> str:
    """Say what is wrong with an attribute; empty if nothing is. `example` has the syntax of that input."""
    if name in _SET_BY_THE_ACTION:
        return f"{name} can't be set here: {_SET_BY_THE_ACTION[name]}"
    if name.startswith("cognito:"):
        return "names that start with cognito: are Cognito's own"
    if not 1 <= len(name) <= 32 or not _is_word(name):
        return f"a name has at most 32 characters and no spaces, as in {example}"
    if len(value) > 2048:
        return "a value has at most 2048 characters"
    if any("\ud800" <= character <= "\udfff" for character in value):
        return "a value must be Unicode text, which half a surrogate pair is not"
    return ""


def groups(text: str) -> tuple[str, ...]:
    """Read names of groups that are separated by commas or line breaks."""
    return group_names(re.split("[,\n]", text))


def group_names(names: Iterable[str]) -> tuple[str, ...]:
    """Check names of groups; blank ones are ignored, and so are repetitions and white space around names."""
    found = tuple(dict.fromkeys(stripped for name in names if (stripped := name.strip())))
    if wrong := [str(number) for number, name in enumerate(found, 1) if len(name) > 128 or not _is_word(name)]:
        raise invalid(f"group {', '.join(wrong)}: a name has at most 128 characters and no spaces")
    return found


def _is_word(text: str) -> bool:
    """Tell whether Cognito's pattern for group names allows `text`: letters, marks, symbols, digits, punctuation."""
    return text.isprintable() and " " not in text


def origin(text: str) -> str:
    """Read the origin of a web app, and return it as browsers write it, which compare origins letter by letter."""
    if (found := _ORIGIN.fullmatch(text)) and (host := _host(found[2].lower())):
        scheme = found[1].lower()
        port = int(found[3] or _DEFAULT_PORTS[scheme])
        if 0 < port <= 65535:
            return f"{scheme}://{host}" + (f":{port}" if port != _DEFAULT_PORTS[scheme] else "")
    raise invalid(
        "must be the origin of a web app, without a path, as in https://app.example.com or http://localhost:3000"
    )


def _host(text: str) -> str:
    """Return a host as browsers write it; empty if they would read another one, or none."""
    try:
        if text.startswith("["):
            address = ipaddress.IPv6Address(text[1:-1])
            # The one kind of address that Python and browsers write differently; no web app is reached by it.
            return "" if address.ipv4_mapped else f"[{address.compressed}]"
        if _NUMBER.fullmatch(text.rpartition(".")[2]):
            return str(ipaddress.IPv4Address(text))
    except ValueError:
        return ""
    return text if _LABELS.fullmatch(text) else ""
