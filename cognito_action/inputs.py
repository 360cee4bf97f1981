"""The step's inputs: read from `INPUT_*`, checked before any call, and every bad one reported at once."""

import difflib
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError
from pydantic_core import PydanticCustomError

from cognito_action.errors import ActionError
from cognito_action.role import POOL_ID, ROLE_ARN

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

SESSION_NAME = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
DOMAIN = re.compile(r"(([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)?")
PHONE = re.compile(r"\+[1-9][0-9]{1,14}")

DOMAIN_LIMIT = 64
"""Characters: a user name has 128 at most, and a generated name and its `@` take up to 58."""

_SET_BY_THE_ACTION = {
    "sub": "Cognito assigns it",
    "username": "the action makes it",
    "identities": "Cognito assigns it",
    "email": "use the input email-domain",
    "email_verified": "the action sets it with the address",
    "phone_number": "use the input phone-number",
    "phone_number_verified": "the action sets it with the number",
}


def _bad(message: str) -> PydanticCustomError:
    return PydanticCustomError("input", "{message}", {"message": message})


def _form(pattern: re.Pattern[str], expected: str, longest: int = 2048) -> AfterValidator:
    def check(value: str) -> str:
        if len(value) > longest or not pattern.fullmatch(value):
            raise _bad(f"must be {expected}")
        return value

    return AfterValidator(check)


def _boolean(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise _bad("must be true or false")
    return text.lower() == "true"


def _level(text: str) -> str:
    if text not in ("warning", "error"):
        raise _bad("must be warning or error")
    return text


def _password_length(text: str) -> int:
    if not re.fullmatch("[0-9]{1,3}", text) or not 8 <= int(text) <= 256:
        raise _bad("must be a whole number from 8 to 256")
    return int(text)


def _lines(text: str) -> Iterator[tuple[int, str, str]]:
    """Read lines `name=value`, numbered; blank ones do not count, nor does white space around names and values."""
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            name, equals, value = (part.strip() for part in line.partition("="))
            if not equals or not name:
                raise _bad(f"line {number} must have the form name=value")
            yield number, name, value


def _pairs(text: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for number, name, value in _lines(text):
        if name in pairs:
            raise _bad(f"line {number} repeats the name of an earlier line")
        pairs[name] = value
    return pairs


def _attributes(text: str) -> dict[str, str]:
    for number, name, value in _lines(text):
        if name in _SET_BY_THE_ACTION:
            raise _bad(f"line {number}: {name} is not to be set here: {_SET_BY_THE_ACTION[name]}")
        if name.startswith("cognito:"):
            raise _bad(f"line {number}: names that begin with cognito: are Cognito's own")
        if len(name) > 32 or " " in name or not name.isprintable():
            raise _bad(
                f"line {number}: a name has at most 32 characters and no spaces, as in name=Ada or custom:team=blue"
            )
        if len(value) > 2048:
            raise _bad(f"line {number}: a value has at most 2048 characters")
    return _pairs(text)


Switch = Annotated[bool, BeforeValidator(_boolean)]


class Inputs(BaseModel):
    """The inputs of `action.yml`, checked against the limits of Cognito's and STS's service models."""

    model_config = ConfigDict(
        frozen=True,
        hide_input_in_errors=True,
        alias_generator=lambda name: name.replace("_", "-"),
    )

    user_pool_id: Annotated[
        str,
        _form(
            POOL_ID,
            "the id of a user pool, as in eu-central-1_AbCdEfGhI (not its ARN, not the id of an app client)",
            55,
        ),
    ]
    role_to_assume: Annotated[
        str, _form(ROLE_ARN, "the ARN of an IAM role, as in arn:aws:iam::123456789012:role/name")
    ] = ""
    role_session_name: Annotated[str, _form(SESSION_NAME, "2 to 64 characters: letters, digits and _+=,.@-")] = ""
    audience: Annotated[str, _form(re.compile("[!-~]+"), "one word of printable ASCII characters", 255)] = ""
    email_domain: Annotated[
        str,
        StringConstraints(to_lower=True),
        _form(
            DOMAIN,
            f"a domain, as in example.com, of at most {DOMAIN_LIMIT} characters, or '' for no address",
            DOMAIN_LIMIT,
        ),
    ] = "example.com"
    phone_number: Annotated[
        str, _form(PHONE, "a phone number in E.164 form, as in '+15555550123' (quoted, or YAML makes a number of it)")
    ] = ""
    attributes: Annotated[dict[str, str], BeforeValidator(_attributes)] = Field(default_factory=dict)
    client_metadata: Annotated[dict[str, str], BeforeValidator(_pairs)] = Field(default_factory=dict)
    password_length: Annotated[int, BeforeValidator(_password_length)] = 32
    mask_username: Switch = True
    cleanup: Switch = True
    cleanup_failure: Annotated[Literal["warning", "error"], BeforeValidator(_level)] = "warning"

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
        problems = list(_misspelt(given))
        try:
            inputs = cls.model_validate(given)
        except ValidationError as error:
            problems += [_problem(details) for details in error.errors(include_url=False, include_input=False)]
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


def _problem(details: "ErrorDetails") -> str:
    name = details["loc"][0]
    return f"{name}: is required" if details["type"] == "missing" else f"{name}: {details['msg']}"
