"""The inputs of delete."""

from typing import Annotated

from pydantic import BeforeValidator

from cognito_action import forms
from cognito_action.access_inputs import AccessInputs


class DeleteInputs(AccessInputs):
    """The inputs of `delete/action.yml`."""

    username: Annotated[tuple[str, ...], BeforeValidator(forms.lines)] = ()
