"""Text from outside, made safe to show."""

import re

QUOTE_LIMIT = 1000
"""Characters of the other side's message that are quoted, so that the advice after it stays in view."""

_CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def visible(text: str) -> str:
    """Spell out control characters, except line feed and tab, so that none affects a terminal, a parser or a reader."""
    return _CONTROL_CHARACTERS.sub(lambda found: f"\\u{ord(found[0]):04x}", text.replace("\r\n", "\n"))


def shortened(text: str, limit: int) -> str:
    """Cut `text` to `limit` characters, only at white space: no secret has any, and part of one would not be masked."""
    if len(text) <= limit:
        return text
    end = f"… ({len(text)} characters in all)"
    words = text[: limit - len(end)].rsplit(None, 1)
    return (words[0] if len(words) > 1 else "") + end


def quoted(text: str) -> str:
    """Text from outside as a reader sees it, cut to `QUOTE_LIMIT` and without white space around it."""
    return shortened(visible(text.strip()), QUOTE_LIMIT)


def code_block(text: str, language: str = "") -> str:
    """Fence `text` so that nothing in it can end the block."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{language}\n{text}\n{fence}"
