"""The step's inputs: read from `INPUT_*`, checked before any call, and every bad one reported at once."""

import difflib
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Literal, Self, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError, ValidationInfo

from cognito_action import forms
from cognito_action.errors import ActionError
from cognito_action.role import POOL_ID, ROLE_ARN
from cognito_action.users import UserSpec, read_users

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

SESSION_NAME = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
DOMAIN = re.compile(r"(([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)?")
PHONE = re.compile(r"\+[1-9][0-9]{1,14}")
CLIENT_ID = re.compile(r"[\w+]{1,128}", re.ASCII)
CLIENT_SECRET = re.compile("[!-~]{1,256}")
"""Wider than Cognito's own 24 to 64 word characters, since the secrets of AWS emulators are base64 or UUIDs."""

DOMAIN_LIMIT = 64
"""Characters: a user name has 128 at most, and a generated name and its `@` take up to 58."""

Flow = Literal["USER_PASSWORD_AUTH", "USER_SRP_AUTH", "ADMIN_USER_PASSWORD_AUTH"]
FLOWS: tuple[Flow, ...] = get_args(Flow)
"""In the order in which `auto` tries them: those that need no permission first."""

AuthFlow = Literal["auto", Flow]


def _users(text: str, info: ValidationInfo) -> Mapping[str, UserSpec]:
    """Read the input `users`, within what the inputs before it allow; one that is given but not right counts too."""
    given = {name for name in ("phone_number", "client_id") if info.data.get(name) != ""}
    return read_users(text, with_tokens="client_id" in given, with_phone_number="phone_number" in given)


Switch = Annotated[bool, BeforeValidator(forms.boolean)]


class Inputs(BaseModel):
    """The inputs of `action.yml`, checked against the limits of Cognito's and STS's service models."""

    model_config = ConfigDict(
        frozen=True,
        hide_input_in_errors=True,
        alias_generator=lambda name: name.replace("_", "-"),
    )

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
    email_domain: Annotated[
        str,
        StringConstraints(to_lower=True),
        forms.form(
            DOMAIN,
            f"a domain, as in example.com, of at most {DOMAIN_LIMIT} characters, or '' for no address",
            DOMAIN_LIMIT,
        ),
    ] = "example.com"
    phone_number: Annotated[
        str,
        forms.form(PHONE, "a phone number in E.164 form, as in '+15555550123' (quoted, or YAML makes a number of it)"),
    ] = ""
    attributes: Annotated[dict[str, str], BeforeValidator(forms.attributes)] = Field(default_factory=dict)
    groups: Annotated[tuple[str, ...], BeforeValidator(forms.groups)] = ()
    password_length: Annotated[int, BeforeValidator(forms.password_length)] = 32
    client_id: Annotated[str, forms.form(CLIENT_ID, "the id of an app client: 1 to 128 letters, digits and _+")] = ""
    client_secret: Annotated[
        str, forms.form(CLIENT_SECRET, "the secret of the app client: one word of printable ASCII characters")
    ] = Field(default="", repr=False)
    auth_flow: Annotated[AuthFlow, forms.one_of(*get_args(AuthFlow))] = "auto"
    client_metadata: Annotated[dict[str, str], BeforeValidator(forms.pairs)] = Field(default_factory=dict)
    storage_state_origin: Annotated[str, BeforeValidator(forms.origin)] = ""
    # After the phone number and the app client, which limit how many users there can be.
    users: Annotated[Mapping[str, UserSpec], BeforeValidator(_users)] = Field(default_factory=dict)
    mask_username: Switch = True
    cleanup: Switch = True
    cleanup_failure: Annotated[Literal["warning", "error"], forms.one_of("warning", "error")] = "warning"

    @property
    def people(self) -> Mapping[str, UserSpec]:
        """Who is to be created, by the key in the input `users`; without that input one user, whose key is empty."""
        shared = UserSpec(self.groups, self.attributes)
        return {key: shared | spec for key, spec in self.users.items()} or {"": shared}

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Read the inputs as the runner hands them over; raises `ActionError` with every bad one.

        An empty text is an input that was left out, except for `email-domain`, where it means: no e-mail address.
        """
        given = {
            name.removeprefix("INPUT_").lower(): value if "\n" in value.strip() else value.strip()
            for name, value in environ.items()
            if name.startswith("INPUT_") and (value.strip() or name == "INPUT_EMAIL-DOMAIN")
        }
        problems = [*_misspelt(given), *_without_client(given)]
        try:
            inputs = cls.model_validate(given)
        except ValidationError as error:
            for details in error.errors(include_url=False, include_input=False):
                problems += _problems(details)
        if problems:
            raise ActionError(
                what="\n".join(["The step's inputs are not right:", *(f"- {problem}" for problem in problems)]),
                why="Nothing was created, and no service was called.",
                fix="Mend them under `with:`.",
            )
        return inputs


def _misspelt(given: Mapping[str, str]) -> Iterator[str]:
    known = [field.alias for field in Inputs.model_fields.values() if field.alias]
    for name in sorted(set(given) - set(known)):
        for meant in difflib.get_close_matches(name, known, 1, 0.8):
            yield f"{name}: there is no such input; {meant} is meant, it seems"


def _without_client(given: Mapping[str, str]) -> Iterator[str]:
    """Name the inputs of the sign-in where nobody is to be signed in; `auto` is the default that the runner fills in."""
    if "client-id" not in given:
        for name in ("client-secret", "auth-flow", "storage-state-origin"):
            if given.get(name, "auto") != "auto":
                yield f"{name}: client-id is missing, without which nobody is signed in"


def _problems(details: "ErrorDetails") -> list[str]:
    message = "is required" if details["type"] == "missing" else details["msg"]
    return [f"{details['loc'][0]}: {line}" for line in message.split("\n")]
