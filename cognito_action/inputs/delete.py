"""The inputs of delete."""

from typing import ClassVar

from cognito_action.inputs import validators
from cognito_action.inputs.base import BaseInputs


class DeleteInputs(BaseInputs):
    """The inputs of `delete/action.yml`."""

    as_written: ClassVar[frozenset[str]] = frozenset({"username"})
    """A blank line is a name that did not arrive."""

    username: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The names, one per line, each once."""
        return validators.lines(self.username)

    @property
    def blank_lines(self) -> int:
        """How many lines have no name, whether or not the text ends with a line break."""
        return sum(not line.strip() for line in self.username.removesuffix("\n").split("\n"))
