"""The inputs that every action has, the pool and the role, and how inputs are read: all bad ones reported at once."""

import difflib
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from cognito_action.aws.iam import POOL_ID, ROLE_ARN, Role, default_audience
from cognito_action.errors import ActionError
from cognito_action.inputs import validators as forms
from cognito_action.naming import Run

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


SESSION_NAME = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)


class AccessInputs(BaseModel):
    """Inputs of an `action.yml`: the pool, the role, and in a model that extends this one the action's own."""

    model_config = ConfigDict(
        frozen=True,
        hide_input_in_errors=True,
        alias_generator=lambda name: name.replace("_", "-"),
    )

    as_written: ClassVar[frozenset[str]] = frozenset()
    """The inputs whose white space and empty text mean something; with the others it is an input that was left out."""

    need_client: ClassVar[tuple[str, ...]] = ()
    """The inputs that mean nothing without `client-id`."""

    user_pool_id: Annotated[
        str,
        forms.form(
            POOL_ID,
            "the id of a user pool, as in eu-central-1_AbCdEfGhI (not its ARN, not the id of an app client)",
            55,
        ),
    ]
    role_to_assume: Annotated[
        str, forms.form(ROLE_ARN, "the ARN of an IAM role, as in arn:aws:iam::123456789012:role/name")
    ] = ""
    role_session_name: Annotated[str, forms.form(SESSION_NAME, "2 to 64 characters: letters, digits and _+=,.@-")] = ""
    audience: Annotated[str, forms.form(re.compile("[!-~]+"), "one word of printable ASCII characters", 255)] = ""

    def role(self, run: Run) -> Role | None:
        """The role to assume, in a session that is named after `run`; None where the environment's credentials serve."""
        if not self.role_to_assume:
            return None
        return Role(
            arn=self.role_to_assume,
            session_name=self.role_session_name or f"cognito-{run.run_id}-{run.attempt}",
            audience=self.audience or default_audience(self.role_to_assume),
        )

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Read the inputs as the runner hands them over; raises `ActionError` with every bad one."""
        texts = {
            name.removeprefix("INPUT_").lower(): text for name, text in environ.items() if name.startswith("INPUT_")
        }
        given = {
            name: text if "\n" in text.strip() or name in cls.as_written else text.strip()
            for name, text in texts.items()
            if text.strip() or name in cls.as_written
        }
        problems = [*cls._misspelt(given), *cls._without_client(given)]
        try:
            inputs = cls.model_validate(given)
        except ValidationError as error:
            for details in error.errors(include_url=False, include_input=False):
                problems += _problems(details)
        if problems:
            raise ActionError(
                what="\n".join(["The step's inputs are not right:", *(f"- {problem}" for problem in problems)]),
                why="Nothing was changed, and no service was called.",
                fix="Mend them under `with:`.",
            )
        return inputs

    @classmethod
    def _misspelt(cls, given: Mapping[str, str]) -> Iterator[str]:
        known = [field.alias for field in cls.model_fields.values() if field.alias]
        for name in sorted(set(given) - set(known)):
            for meant in difflib.get_close_matches(name, known, 1, 0.8):
                yield f"{name}: there is no such input; {meant} is meant, it seems"

    @classmethod
    def _without_client(cls, given: Mapping[str, str]) -> Iterator[str]:
        """Name the inputs of a sign-in where nobody is to be signed in; `auto` is the default that the runner fills in."""
        if "client-id" not in given:
            for name in cls.need_client:
                if given.get(name, "auto") != "auto":
                    yield f"{name}: client-id is missing, without which nobody is signed in"


def _problems(details: "ErrorDetails") -> list[str]:
    message = "is required" if details["type"] == "missing" else details["msg"]
    return [f"{details['loc'][0]}: {line}" for line in message.split("\n")]
