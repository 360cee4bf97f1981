"""Whose an answer is: that of the service, or of something in between."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from cognito_action.errors import FOREIGN_ANSWER, CallError
from cognito_action.text import shortened, visible

TITLE_LIMIT = 100
"""Characters of a page's title that are quoted."""

HEAD = 1 << 14
"""Bytes at the start of a page in which its title is looked for: whoever made the page chose how long it is."""

_TITLE = re.compile(rb"<title[^<>]{0,200}>(.{0,2000}?)</title", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Answer:
    """What came back, from whomever."""

    url: str
    status: int
    headers: Mapping[str, str]
    """The names are not case-sensitive."""
    body: bytes

    @property
    def content_type(self) -> str:
        """The media type in lower case, without parameters."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    @property
    def title(self) -> str:
        """The title of a page, empty if it has none."""
        import html  # noqa: PLC0415 - its table of names takes time to import, and pages are rare

        found = _TITLE.search(self.body[:HEAD])
        return " ".join(html.unescape(found[1].decode("utf-8", "replace")).split()) if found else ""


def foreign(operation: str, answer: Answer) -> CallError:
    """An answer that is not the service's: whether the request reached it, and took effect, is not known."""
    host = urlsplit(answer.url).netloc.rpartition("@")[2]
    title = f', titled "{shortened(visible(answer.title), TITLE_LIMIT)}"' if answer.title else ""
    said = f"{answer.content_type or 'no content type'}{title}"
    return CallError(
        operation,
        FOREIGN_ANSWER,
        f"{host} answered with status {answer.status}, {said}",
        retryable=True,
        outcome_unknown=True,
        unanswered=True,
        said=said,
    )


def unreadable(operation: str) -> CallError:
    """An answer that can't be read. It is not quoted: it may hold credentials."""
    return CallError(
        operation,
        FOREIGN_ANSWER,
        "the answer could not be read",
        retryable=True,
        outcome_unknown=True,
        unanswered=True,
        said="",
    )
