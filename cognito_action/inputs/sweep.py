"""The inputs of sweep."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator

from cognito_action.inputs import validators
from cognito_action.inputs.base import BaseInputs, Switch

MAX_DELETES = 2500
"""What a sweep has time for, at its pace and before its deadline."""

DURATION = re.compile("[1-9][0-9]{0,4}[smhd]")

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class SweepInputs(BaseInputs):
    """The inputs of `sweep/action.yml`."""

    older_than: Annotated[
        str, validators.pattern(DURATION, "a number of up to 5 digits and a unit: 90s, 30m, 6h or 2d, for example")
    ] = "24h"
    max_deletes: Annotated[int, BeforeValidator(validators.integer(1, MAX_DELETES))] = 100
    dry_run: Switch = False

    @property
    def age(self) -> timedelta:
        """How old a user has to be."""
        return timedelta(**{_UNITS[self.older_than[-1]]: int(self.older_than[:-1])})
