"""Causes as data: which failures one stands for, why they happen, and what to change."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cognito_action.errors import ActionError, CallError
from cognito_action.words import Paste, Text, paste_with_fields, with_fields


@dataclass(frozen=True)
class Cause:
    """One cause of a failure, and the advice against it.

    The words may have fields, such as `{region}`; so may the lines to paste. What a group of `message` finds is a field,
    too: let such a group match words only, since the sentences are shown as they are.

    Args:
        why: what the failure usually means.
        fix: the shortest thing to change that works.
        codes: the failure has one of these; any, if there are none.
        message: a pattern that is looked for in what the other side says.
        paste: the lines to paste, if the fix has any.
        language: of `paste`.
    """

    why: Text
    fix: Text
    codes: Sequence[str] = ()
    message: str = ""
    paste: Paste = ""
    language: str = "yaml"

    def matches(self, error: CallError) -> bool:
        """Whether `error` may have this cause."""
        return (not self.codes or error.code in self.codes) and bool(re.search(self.message, error.message))

    def told(self, error: CallError, **fields: object) -> ActionError:
        """Put `error` into words, with these fields and the groups of `message`."""
        found = re.search(self.message, error.shown)
        fields |= found.groupdict() if found else dict.fromkeys(re.compile(self.message).groupindex, "***")
        return ActionError(
            what=error.what,
            why=with_fields(self.why, fields),
            fix=with_fields(self.fix, fields),
            paste=paste_with_fields(self.paste, fields),
            language=self.language if self.paste else "",
        )


def cause_of(error: CallError, causes: Iterable[Cause]) -> Cause | None:
    """The first of these causes that `error` may have."""
    return next((cause for cause in causes if cause.matches(error)), None)
