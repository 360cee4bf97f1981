"""The inputs that every action has, the pool and the role, and how inputs are read: with one report of all errors."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, PrivateAttr, ValidationError

from cognito_action.aws.iam import ROLE_ARN, Role, default_audience
from cognito_action.diagnostics.inputs import (
    UNKNOWN_INPUT,
    client_id_missing,
    did_you_mean,
    invalid_inputs,
    region_missing,
    sign_in_missing,
    unknown_inputs,
)
from cognito_action.identifiers import POOL_ID, REGION, PoolAddress, region_of
from cognito_action.inputs import validators
from cognito_action.naming import Origin
from cognito_action.words import HostKind

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

SESSION_NAME = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)

Switch = Annotated[bool, BeforeValidator(validators.boolean)]

PasswordLength = Annotated[int, BeforeValidator(validators.integer(8, 256))]
"""Characters: at least what `new_password` needs, at most what Cognito accepts (`PasswordType`)."""


_ASKS_FOR_NOTHING = (("auth-flow", "auto"), ("auth-flow", "none"), ("sign-up", "false"))
"""Inputs that can be there although there is no app client; the runner fills in the first and the last, the defaults."""


class BaseInputs(BaseModel):
    """Inputs of an `action.yml`: the pool, the role, and in a model that extends this one the action's own."""

    model_config = ConfigDict(
        frozen=True,
        hide_input_in_errors=True,
        alias_generator=lambda name: name.replace("_", "-"),
    )

    as_written: ClassVar[frozenset[str]] = frozenset()
    """Inputs whose white space and empty text mean something; for the others empty means left out."""

    need_client_id: ClassVar[tuple[str, ...]] = ()
    """Inputs that mean nothing without `client-id`."""

    need_sign_in: ClassVar[tuple[str, ...]] = ()
    """Inputs that mean nothing if no one is signed in."""

    user_pool_id: Annotated[
        str,
        validators.pattern(
            POOL_ID,
            "the ID of a user pool, as in eu-central-1_AbCdEfGhI (not its ARN, not the ID of an app client)",
            55,
        ),
    ]
    role_to_assume: Annotated[
        str, validators.pattern(ROLE_ARN, "the ARN of an IAM role, as in arn:aws:iam::123456789012:role/name")
    ] = ""
    role_session_name: Annotated[
        str, validators.pattern(SESSION_NAME, "2 to 64 characters: letters, digits and _+=,.@-")
    ] = ""
    audience: Annotated[
        str, validators.pattern(re.compile("[!-~]+"), "one word of printable ASCII characters", 255)
    ] = ""

    _region: str = PrivateAttr("")

    def model_post_init(self, context: Mapping[str, str] | None, /) -> None:
        """Find the region; `context` is the step's environment."""
        self._region = region_of(self.user_pool_id) or (context or {}).get("AWS_REGION", "")

    @property
    def pool(self) -> PoolAddress:
        """The pool, and its region: that in the ID, or of an emulator's pool the one that `AWS_REGION` names."""
        return PoolAddress(self.user_pool_id, self._region)

    def role(self, origin: Origin) -> Role | None:
        """The role to assume, in a session named after `origin`; None if the environment's credentials are to be used."""
        if not self.role_to_assume:
            return None
        return Role(
            arn=self.role_to_assume,
            session_name=self.role_session_name or origin.session_name,
            audience=self.audience or default_audience(self.role_to_assume),
        )

    @classmethod
    def from_environ(cls, environ: Mapping[str, str], warn: Callable[[str, str], None]) -> Self:
        """Read the inputs as the runner provides them; raises `ActionError` with every invalid one.

        `warn` gets one text, and its title, about all variables that nearly have the name of an input. They are no
        errors, since the job may have variables of its own that start with `INPUT_`.
        """
        names = {f"INPUT_{name.upper()}": name for name in cls.input_names()}
        others = {name for name, text in environ.items() if name.startswith("INPUT_") and text.strip()} - set(names)
        if misspelled := list(_misspelled(others, names.values())):
            warn(unknown_inputs(misspelled), UNKNOWN_INPUT)
        texts = {name: environ[variable] for variable, name in names.items() if variable in environ}
        return cls.read(texts, environ)

    @classmethod
    def input_names(cls) -> list[str]:
        """The names of the inputs, in their order."""
        return [name for field in cls.model_fields.values() if (name := field.alias)]

    @classmethod
    def read(cls, texts: Mapping[str, str], environ: Mapping[str, str], kind: HostKind = HostKind.ACTION) -> Self:
        """Read inputs by their names; raises `ActionError` with every invalid one, for the reader of such a host."""
        given = {
            name: text if "\n" in text.strip() or name in cls.as_written else text.strip()
            for name, text in texts.items()
            if text.strip() or name in cls.as_written
        }
        problems = list(cls._without_sign_in(given))
        try:
            inputs = cls.model_validate(given, context=environ)
        except ValidationError as error:
            for details in error.errors(include_url=False, include_input=False):
                problems += _problems(details)
        else:
            problems += _region_problems(inputs)
        if problems:
            raise invalid_inputs(problems, kind)
        return inputs

    @classmethod
    def _without_sign_in(cls, given: Mapping[str, str]) -> Iterator[str]:
        """Name the inputs of a sign-in if no one is to be signed in."""
        if "client-id" not in given:
            for name in cls.need_client_id:
                if name in given and (name, given[name].lower()) not in _ASKS_FOR_NOTHING:
                    yield client_id_missing(name)
        elif given.get("auth-flow") == "none":
            for name in cls.need_sign_in:
                if name in given:
                    yield sign_in_missing(name)


def _misspelled(variables: Collection[str], known: Collection[str]) -> Iterator[tuple[str, str]]:
    """Return the variables that are named nearly like an input, each with `did_you_mean`."""
    for variable in sorted(variables):
        if suggestion := did_you_mean(variable.removeprefix("INPUT_").lower(), known):
            yield variable, suggestion


def _region_problems(inputs: BaseInputs) -> Iterator[str]:
    """Say what is wrong with the region, which only an emulator's pool does not have in its ID."""
    if inputs.role_to_assume and not region_of(inputs.user_pool_id):
        yield "user-pool-id: must start with the pool's region, as in eu-central-1_AbCdEfGhI"
    elif not REGION.fullmatch(inputs.pool.region):
        yield region_missing()


def _problems(details: "ErrorDetails") -> list[str]:
    message = "is required" if details["type"] == "missing" else details["msg"]
    return [f"{details['loc'][0]}: {line}" for line in message.split("\n")]
