"""The one exception that a phase ends with: what failed, what that usually means, what to change."""

import traceback


class ActionError(Exception):
    """A failure in the words that the workflow's author reads.

    Args:
        what: the failure itself; may quote text from outside.
        why: what it usually means, in the action's own words.
        fix: what to change, in the action's own words.
        details: facts that the reader compares; may quote text from outside.
        paste: the lines to paste, if the fix has any.
        language: of `paste`, for the step summary.
    """

    def __init__(
        self, what: str, why: str, fix: str, *, details: str = "", paste: str = "", language: str = ""
    ) -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.fix = fix
        self.details = details
        self.paste = paste
        self.language = language

    def about(self, subject: str) -> "ActionError":
        """The same failure, with the name of what it happened to in front; that may be text from outside."""
        return ActionError(
            f"{subject}: {self.what}",
            self.why,
            self.fix,
            details=self.details,
            paste=self.paste,
            language=self.language,
        )

    @property
    def annotation(self) -> str:
        """The failure as the text of an annotation."""
        return "\n".join(part for part in (self.what, self.why, self.details, self.fix, self.paste) if part)

    @property
    def markdown(self) -> str:
        """The failure as a section of the step summary; text from outside stands in code blocks only."""
        parts = [
            "### Cognito test user",
            code_block(self.what),
            self.why,
            self.details and code_block(self.details),
            self.fix,
            self.paste and code_block(self.paste, self.language),
        ]
        return "\n\n".join(part for part in parts if part)


def unexpected(error: Exception) -> ActionError:
    """Describe a bug of the action by its place alone: the text of an unknown exception may hold anything."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    file = "/".join(place.filename.rsplit("/", 2)[-2:])
    return ActionError(
        what=f"Unexpected {type(error).__name__} in {place.name} ({file}, line {place.lineno}).",
        why="This is a bug of the action, or something in its environment that it does not know.",
        fix="Report it as an issue of the action's repository, with the traceback that a run with step debug logging prints (secret ACTIONS_STEP_DEBUG: true).",
    )


def shortened(text: str, limit: int) -> str:
    """Cut `text` to `limit` characters, at white space only: no secret has any, and a piece of one would not be masked."""
    if len(text) <= limit:
        return text
    end = f"… ({len(text)} characters in all)"
    words = text[: limit - len(end)].rsplit(None, 1)
    return (words[0] if len(words) > 1 else "") + end


def code_block(text: str, language: str = "") -> str:
    """Fence `text` so that nothing in it can end the block."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{language}\n{text}\n{fence}"
