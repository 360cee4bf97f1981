"""The inputs of delete."""

from typing import ClassVar

from cognito_action.inputs import validators as forms
from cognito_action.inputs.base import AccessInputs


class DeleteInputs(AccessInputs):
    """The inputs of `delete/action.yml`."""

    as_written: ClassVar[frozenset[str]] = frozenset({"username"})
    """A blank line is a name that did not arrive."""

    username: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The names, one a line, each once."""
        return forms.lines(self.username)

    @property
    def blank_lines(self) -> int:
        """How many lines have no name; a text ends with a line break or not."""
        return sum(not line.strip() for line in self.username.removesuffix("\n").split("\n"))
