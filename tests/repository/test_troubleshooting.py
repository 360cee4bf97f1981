"""The headings in docs/troubleshooting.md are the texts that the action prints: one for each text, and no others."""

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import pytest

from cognito_action.diagnostics import (
    ambient,
    ambient_here,
    attributes,
    common,
    credentials,
    id_token,
    role,
    sign_in,
    sign_up,
    triggers,
)
from cognito_action.diagnostics import challenges as challenge_errors
from cognito_action.diagnostics import identity_pool as identity_pool_errors
from cognito_action.diagnostics import pool as pool_errors
from cognito_action.diagnostics.access import PERMISSIONS
from cognito_action.diagnostics.ambient import credentials_unusable
from cognito_action.diagnostics.ambient_here import unusable_here
from cognito_action.diagnostics.causes import Cause
from cognito_action.diagnostics.challenges import challenge_unanswerable
from cognito_action.diagnostics.connections import not_reached
from cognito_action.diagnostics.credentials import KeyFacts, credentials_refused
from cognito_action.diagnostics.id_token import id_token_refused
from cognito_action.diagnostics.identity_pool import IdentityPoolAccess, identity_pool_refused
from cognito_action.diagnostics.inputs import unknown_inputs, variables_without_meaning
from cognito_action.diagnostics.pool import call_refused, creation_refused
from cognito_action.diagnostics.role import role_refused
from cognito_action.diagnostics.sign_in import sign_in_refused
from cognito_action.diagnostics.sign_up import client_refused, sign_up_refused
from cognito_action.errors import (
    CONNECTION_CODES,
    CREDENTIAL_CODES,
    DEADLINE,
    STOPPED,
    THROTTLING_CODES,
    ActionError,
    CallError,
)
from cognito_action.github.oidc import OPERATION as TOKEN_REQUEST
from cognito_action.host import WEB_IDENTITY_COMMAND, WEB_IDENTITY_FILE
from cognito_action.inputs.main import SIGN_UP_PERMISSIONS
from cognito_action.network.endpoint import AWS, Endpoint
from cognito_action.words import HostKind, said
from tests.support.all_errors import APART, ERRORS
from tests.support.examples import ACCESS, POOL_ID
from tests.support.markdown import headings
from tools.emulator.job import ROOT

PACKAGE = ROOT / "cognito_action"
PAGE = (ROOT / "docs/troubleshooting.md").read_text(encoding="utf-8")

RUNNER_TEXTS = (
    "Container action is only supported on Linux",
    "Docker build failed with exit code <number>",
    (
        "Can't find 'action.yml', 'action.yaml' or 'Dockerfile' under '<path>'. Did you forget to run actions/checkout "
        "before running your local action?"
    ),
    "Unable to find image '<image>' locally",
    "Unexpected input(s) '<names>', valid inputs are [<names>]",
    "Skip output '<name>' since it may contain secret.",
)
"""Headings whose texts GitHub's runner prints, or the Docker that it calls."""

MADE_ELSEWHERE = {
    "errors.saying",
    "command.context.read_inputs",
    *(f"diagnostics.sign_in.{name}" for name in ("_blocked", "_not_enabled")),
}
"""Functions that print, or make an error from, a text that they are given; `ERRORS` or `TEXTS` has the results."""


@dataclass(frozen=True)
class Text:
    """A heading of the page, with placeholders in angle brackets."""

    text: str

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What it matches; more sentences may follow a sentence."""
        return re.compile(_pattern(self.text.removesuffix(".")) + (r"(\. .*)?" if self.text.endswith(".") else ""))

    @cached_property
    def length(self) -> int:
        """Its length without placeholders."""
        return len(re.sub("<.*?>", "", self.text))

    def has_code(self, code: str) -> bool:
        """Whether it names the error code, and not only by a placeholder."""
        found = re.search(r" failed with ([^:]*): ", self.text)
        return bool(found and not found[1].startswith("<") and re.fullmatch(_pattern(found[1]), code))


def _pattern(text: str) -> str:
    return ".*?".join(re.escape(part) for part in re.split("<.*?>", text))


HEADINGS = [Text(heading.text) for heading in headings(PAGE) if heading.level == 3]


@cache
def headings_of(text: str) -> list[Text]:
    """The headings that match the most of a text: one, none, or several that are equally good."""
    matching = [heading for heading in HEADINGS if heading.pattern.fullmatch(text.removesuffix("."))]
    longest = max((heading.length for heading in matching), default=0)
    return [heading for heading in matching if heading.length == longest]


def heading_of(error: ActionError) -> list[Text]:
    """The headings that a reader of an error finds: by its first line, or else by its cause.

    If several lines name a flow, the last one counts, and the heading may leave the flow out.
    """
    lines = error.what.split("\n")
    line = lines[-1] if lines[-1].partition(": ")[0].endswith("_AUTH") else lines[0]
    return headings_of(line) or headings_of(re.sub(r"^[A-Z_]+_AUTH: ", "", line)) or headings_of(error.why)


# What the code prints

CHALLENGES = tuple(vars(challenge_errors)["_CHALLENGES"])

REFUSAL = "<operation> failed with <code>: <message>"
"""The form of `CallError.what`."""


class Printed:
    """The texts in the code for annotations, with an x for each part that varies."""

    def __init__(self, path: Path) -> None:
        self._module = path.relative_to(PACKAGE).with_suffix("").as_posix().replace("/", ".")
        self._tree = ast.parse(path.read_text(encoding="utf-8"))
        self._functions = {node.name: node for node in ast.walk(self._tree) if isinstance(node, ast.FunctionDef)}

    def __iter__(self) -> Iterator[tuple[str, str | None]]:
        """The function and the text of each place; None for a text that can't be read from the code."""
        for function in self._functions.values():
            for node in ast.walk(function):
                if isinstance(node, ast.Call) and (said := self._said(node)):
                    yield f"{self._module}.{function.name}", self._text(said, function)

    @staticmethod
    def _said(call: ast.Call) -> ast.expr | None:
        """What a call prints or makes an error from, if it does. An error's own text was seen where it was made."""
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if name not in ("ActionError", "error", "warning", "notice", "_annotate", "annotate"):
            return None
        said = [keyword.value for keyword in call.keywords if keyword.arg == "what"] or call.args
        seen = isinstance(said[0], ast.Call) and getattr(said[0].func, "id", "") == "shown_by"
        return None if seen else said[0]

    def _text(self, node: ast.expr, function: ast.FunctionDef) -> str | None:
        text: str | None = None
        match node:
            case ast.Constant(value=str(constant)):
                text = constant
            case ast.JoinedStr(values=parts):
                joined = "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in parts)
                text = joined if re.search("[A-Za-z]{2}", joined) else None
            case ast.BinOp(left=left):
                text = self._text(left, function)
            case ast.Call(func=ast.Attribute(attr="join"), args=[ast.List(elts=[first, *_])]):
                text = self._text(first, function)
            case ast.Attribute(attr="what"):
                text = REFUSAL
            case ast.Call(func=ast.Name(id=name)) if name in self._functions:
                called = self._functions[name]
                [result] = [each.value for each in ast.walk(called) if isinstance(each, ast.Return) and each.value]
                text = self._text(result, called)
            case ast.Name(id=name):
                for each in ast.walk(function):
                    if isinstance(each, ast.Assign) and getattr(each.targets[0], "id", "") == name:
                        text = self._text(each.value, function)
        return text


PRINTED = [
    place
    for path in sorted(PACKAGE.rglob("*.py"))
    for place in Printed(path)
    if not place[0].startswith("github.runner.")
]
"""The places that print, except the runner's own methods, which print what they are given."""

TEXTS = {
    *(text for _, text in PRINTED if text and text != REFUSAL),
    # Which `inputs/base.py` and `command/context.py` pass on:
    unknown_inputs([("INPUT_CLEAN-UP", "did you mean cleanup?")]),
    variables_without_meaning(["COGNITO_TEST_USER_GROUP"], ["COGNITO_TEST_USER_GROUPS"]),
}


def test_every_text_can_be_read_from_the_code() -> None:
    """Except those of a few functions: whoever adds another has to check its headings."""
    assert {place for place, text in PRINTED if text is None} == MADE_ELSEWHERE


def test_functions_that_report_refusals_are_listed() -> None:
    """`ERRORS` has each function whose text is only the answer of AWS or GitHub, or the function that calls it."""
    known = {f"{make.__module__.removeprefix('cognito_action.')}.{make.__name__}" for make in ERRORS}

    of_refusals = {place for place, text in PRINTED if text == REFUSAL}
    assert of_refusals - known == {
        "diagnostics.ambient._profile_not_found",
        "diagnostics.causes.told",
        "diagnostics.trust._refused_elsewhere",
        *(f"diagnostics.attributes.{name}" for name in ("_address_too_long", "_missing")),
    }


@pytest.mark.parametrize("text", sorted(TEXTS))
def test_text_has_one_heading(text: str) -> None:
    """Everything that is printed has a place on the page."""
    assert len(headings_of(text.partition("\n")[0])) == 1


def of_pool(operation: str, code: str, message: str = "no") -> ActionError:
    """The error for a refused call on the pool."""
    return call_refused(CallError(operation, code, message), ACCESS)


def of_sign_in(operation: str, code: str, message: str = "no") -> ActionError:
    """The error for a refused sign-in."""
    tried = [("USER_SRP_AUTH", CallError(operation, code, message))]
    return sign_in_refused(tried, POOL_ID, of_pool(operation, code, message))


def of_identity_pool(operation: str, code: str, message: str = "no") -> ActionError:
    """The error for a user who gets no AWS credentials."""
    access = IdentityPoolAccess("eu-central-1:1", "eu-central-1", POOL_ID, AWS)
    return identity_pool_refused(CallError(operation, code, message), access, "cognito-idp.example")


def of_role(code: str, message: str = "no", claims: Mapping[str, str] = {}) -> ActionError:
    """The error for a role that can't be assumed."""
    refused = CallError("AssumeRoleWithWebIdentity", code, message)
    return role_refused(refused, "arn:aws:iam::123456789012:role/ci", "eu-central-1", claims, AWS)


def causes(module: object) -> list[Cause]:
    """All causes in the tables of a module."""
    values = [value for value in vars(module).values() if isinstance(value, tuple)]
    parts = [part for value in values for each in value for part in (each if isinstance(each, tuple) else (each,))]
    return [part for part in parts if isinstance(part, Cause)]


def pool_codes() -> list[str]:
    """The codes that mean something to a pool, whatever the message is."""
    return [code for cause in causes(pool_errors) if not cause.message for code in cause.codes]


SIGN_IN = [
    ("InitiateAuth", "NotAuthorizedException", "User is disabled."),
    ("InitiateAuth", "UserNotFoundException", "Exception migrating user in app client 1"),
    ("InitiateAuth", "NotAuthorizedException", "Client 1 is configured with secret but SECRET_HASH was not received"),
    ("InitiateAuth", "NotAuthorizedException", "Unable to verify secret hash for client 1"),
    (
        "InitiateAuth",
        "InvalidParameterException",
        "App client 1 is not configured for secret but secret hash was received",
    ),
    ("RespondToAuthChallenge", "NotAuthorizedException", "Invalid session for the user, session is expired."),
    ("InitiateAuth", "NotAuthorizedException", "Unable to login because of security reasons."),
    ("InitiateAuth", "NotAuthorizedException", "Password attempts exceeded"),
    ("InitiateAuth", "PasswordResetRequiredException", "Password reset required for the user"),
    ("InitiateAuth", "UserNotConfirmedException", "User is not confirmed."),
    ("InitiateAuth", "NotAuthorizedException", "Incorrect username or password."),
    ("InitiateAuth", "UserNotFoundException", "User does not exist."),
    ("InitiateAuth", "ResourceNotFoundException", "User pool client 1 does not exist."),
    ("InitiateAuth", "ForbiddenException", "Request not allowed due to WAF block."),
    ("AssociateSoftwareToken", "ForbiddenException", "Request not allowed due to WAF block."),
    ("VerifySoftwareToken", "ForbiddenException", "Request not allowed due to WAF block."),
    ("InitiateAuth", "InvalidParameterException", "Custom auth lambda trigger is not configured for the user pool."),
    ("InitiateAuth", "InvalidParameterException", "USER_PASSWORD_AUTH flow not enabled for this client"),
    ("InitiateAuth", "InvalidParameterException", "USER_SRP_AUTH is not enabled for the client."),
    ("InitiateAuth", "InvalidParameterException", "Unsupported AuthFlow: USER_AUTH"),
    ("InitiateAuth", "PasswordNotOffered", "Cognito offers EMAIL_OTP"),
    ("AssociateSoftwareToken", "SoftwareTokenMFANotFoundException", "no"),
    ("VerifySoftwareToken", "EnableSoftwareTokenMFAException", "no"),
    ("RespondToAuthChallenge", "CodeMismatchException", "no"),
    ("RespondToAuthChallenge", "ExpiredCodeException", "no"),
    ("AdminInitiateAuth", "AccessDeniedException", "no"),
    ("AdminRespondToAuthChallenge", "AccessDeniedException", "no"),
]
"""Cognito's answers at a sign-in: call, code and message."""

IDENTITY_POOL = [
    ("GetId", "ResourceNotFoundException", "IdentityPool 'x' not found."),
    ("GetId", "NotAuthorizedException", "Token is not from a supported provider of this identity pool."),
    ("GetId", "NotAuthorizedException", "Invalid login token. Token expired: 2 >= 1"),
    ("GetCredentialsForIdentity", "NotAuthorizedException", "no"),
    ("GetCredentialsForIdentity", "ResourceNotFoundException", "no"),
    ("GetCredentialsForIdentity", "InvalidIdentityPoolConfigurationException", "no"),
]
"""The answers of an identity pool: call, code and message."""

GHES = {"iss": "https://ghes.example.com"}

GITLAB = {"iss": "https://gitlab.com", "sub": "project_path:group/app:ref_type:branch:ref:main"}

ROLE: list[tuple[str, str, dict[str, str]]] = [
    *(("InvalidIdentityToken", "Couldn't retrieve verification key", claims) for claims in ({}, GHES)),
    *(("ExpiredTokenException", "Token expired", claims) for claims in ({}, GHES, GITLAB)),
    ("InvalidIdentityToken", "Missing a required claim: sub", GITLAB),
    ("IDPRejectedClaim", "no", GITLAB),
    *((code, "no", {}) for code in ("AccessDenied", "IDPRejectedClaim", "RegionDisabledException", "ValidationError")),
    *(("PackedPolicyTooLarge", message, {}) for message in ("no", "Packed size of session tags")),
    ("IDPCommunicationError", "no", {}),
    ("InvalidIdentityToken", "Missing a required claim: sub", {}),
    ("AccessDenied", "x is not authorized to perform: sts:TagSession", {}),
]
"""Refusals of STS: code, message and the claims of the token."""

POOL: list[tuple[str, str, str]] = [
    *(("AdminCreateUser", code, "no") for code in (*pool_codes(), "InvalidParameterException")),
    *(("ListUsers", code, "no") for code in ("FeatureUnavailableInTierException", *sorted(THROTTLING_CODES))),
    ("AdminCreateUser", "InvalidParameterException", "User pool does not have SMS configuration"),
    *(
        ("AdminCreateUser", code, message)
        for code in ("UnexpectedLambdaException", "UserLambdaValidationException")
        for message in (
            "PreSignUp invocation failed due to error AccessDeniedException.",
            "PreSignUp invocation failed due to error Socket timeout while invoking Lambda function.",
            "PreSignUp invocation failed due to error ResourceNotFoundException.",
            "PreSignUp invocation failed due to error TooManyRequestsException.",
            "null invocation failed due to configuration.",
            "PreSignUp failed with error RequestId: 1 Error: Runtime exited",
            "PreTokenGeneration failed with error no.",
            "PreSignUp failed with error no.",
            "PostAuthentication failed with error no.",
        )
    ),
    ("AdminConfirmSignUp", "UserLambdaValidationException", "PostConfirmation failed with error no."),
    *((operation, "AccessDeniedException", "no") for operation in SIGN_UP_PERMISSIONS),
    ("AdminCreateUser", "InvalidLambdaResponseException", "Unrecognizable lambda output"),
    *((operation, "AccessDeniedException", "no") for operation in (*PERMISSIONS, "AdminAddUserToGroup", "ListUsers")),
    *((operation, "UserNotFoundException", "no") for operation in ("AdminSetUserPassword", "AdminAddUserToGroup")),
    ("AdminDeleteUser", DEADLINE, "no"),
    ("AdminDeleteUser", STOPPED, "no"),
]
"""Cognito's answers to other calls: operation, code and message."""

SIGN_UP = [
    ("NotAuthorizedException", "SignUp is not permitted for this user pool"),
    ("NotAuthorizedException", "A client attempted to write unauthorized attribute"),
    ("NotAuthorizedException", "Client x is configured with secret but SECRET_HASH was not received"),
    ("UserLambdaValidationException", "PreSignUp failed with error no."),
    *(
        (code, "no")
        for code in (
            "CodeDeliveryFailureException",
            "ForbiddenException",
            "InvalidEmailRoleAccessPolicyException",
        )
    ),
]
"""Refusals of a sign-up: code and message."""

SCHEMA = [
    "custom:x: Attribute does not exist in the schema",
    "birthdate: String must be no shorter than 10 characters",
    "name: String must be no longer than 10",
    "Preferred username cannot be provided for unconfirmed account",
    "Invalid phone number format.",
    "Invalid email address format.",
    "no",
]
"""Messages about attributes."""

SEARCH: list[tuple[str, dict[str, str]]] = [
    *((code, {}) for code in ("PartialCredentialsError", "SSOTokenLoadError", "BrokenCredentials")),
    ("FileNotFoundError", {"AWS_WEB_IDENTITY_TOKEN_FILE": "/x"}),
    ("MetadataRetrievalError", {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://x"}),
]
"""What can be wrong with the job's own credentials, and the variables that lead there."""

TOKEN_ELSEWHERE = [
    *((WEB_IDENTITY_FILE, code) for code in ("FileNotFoundError", "NoToken")),
    *((WEB_IDENTITY_COMMAND, code) for code in ("Timeout", "NoToken", "Status1")),
]
"""Where the command should have got a token outside of GitHub: the source and the code."""

SEARCH_HERE = (
    *("ProfileNotFound", "SSOTokenLoadError", "PartialCredentialsError", "BrokenCredentials", "ConfigParseError"),
    *("MetadataRetrievalError", "CredentialRetrievalError", "NoCode"),
)
"""What can be wrong with the credentials of the machine where the command runs."""

TOKEN = [
    ("403", "Can't issue ID_TOKEN for audience 'x'"),
    ("403", "Can't issue ID_TOKEN for job in 'Pending' state."),
    ("401", "no"),
    ("503", "no"),
]
"""Refusals of GitHub's token service."""

JOBS_OWN = KeyFacts(has_role=False)

BY_CODE: list[tuple[str, ActionError]] = [
    *((code, of_role(code, message, claims)) for code, message, claims in ROLE),
    *((code, of_pool(operation, code, message)) for operation, code, message in POOL),
    *(
        (
            "InvalidParameterException",
            creation_refused(CallError("AdminCreateUser", "InvalidParameterException", message), ACCESS, ""),
        )
        for message in SCHEMA
    ),
    *((code, sign_up_refused(CallError("SignUp", code, message), ACCESS, "")) for code, message in SIGN_UP),
    (
        "ResourceNotFoundException",
        client_refused(
            CallError("AdminInitiateAuth", "ResourceNotFoundException", "User pool client x does not exist."), ACCESS
        ),
    ),
    *(
        (code, credentials_refused(CallError("AdminDeleteUser", code, "no"), JOBS_OWN, AWS, "eu-central-1"))
        for code in sorted(CREDENTIAL_CODES)
    ),
    *(
        (code, not_reached(CallError("AdminDeleteUser", code, "no", variable=variable), endpoint, "x"))
        for code in sorted(CONNECTION_CODES)
        for variable in ("", "https_proxy")
        for endpoint in (AWS, Endpoint("http://aws:4566", "AWS_ENDPOINT_URL"))
    ),
    *((code, of_sign_in(operation, code, message)) for operation, code, message in SIGN_IN),
    *((code, of_identity_pool(operation, code, message)) for operation, code, message in IDENTITY_POOL),
]
"""The codes that the action's tables know, each with its error."""

WITHOUT_A_CODE = [
    *(
        credentials_unusable(CallError("The search for AWS credentials", code, "no"), environ)
        for code, environ in SEARCH
    ),
    *(id_token_refused(CallError(operation, code, "no")) for operation, code in TOKEN_ELSEWHERE),
    *(unusable_here(CallError("The search for AWS credentials", code, "no"), {}) for code in SEARCH_HERE),
    *(id_token_refused(CallError(TOKEN_REQUEST, code, message, retryable=code > "499")) for code, message in TOKEN),
]
"""Errors under a heading for all codes."""

ALL = [
    *(error for errors in (*ERRORS.values(), *APART.values()) for error in errors),
    *(error for _, error in BY_CODE),
    *WITHOUT_A_CODE,
    *(challenge_unanswerable(name) for name in CHALLENGES),
    of_role("InvalidIdentityToken", "HTTPS certificate doesn't match configured thumbprint"),
    of_role("InvalidIdentityToken", "No OpenIDConnect provider found in your account for https://example.com"),
    of_role("InvalidIdentityToken", "Incorrect token audience"),
    call_refused(CallError("AdminCreateUser", "InternalErrorException", "no", retryable=True), ACCESS),
]
"""At least one error for each heading whose text can't be read from the code."""


@pytest.mark.parametrize("make", ERRORS, ids=lambda make: make.__name__)
def test_error_has_one_heading(make: Callable[..., ActionError]) -> None:
    """Whatever AWS and GitHub answer, a reader finds the one place that explains it."""
    assert {
        error.annotation[:200]: len(heading_of(error))
        for error in (*ERRORS[make], *APART.get(make, ()))
        if len(heading_of(error)) != 1
    } == {}


@pytest.mark.parametrize(("code", "error"), BY_CODE, ids=lambda part: part if isinstance(part, str) else "")
def test_known_code_has_its_own_heading(code: str, error: ActionError) -> None:
    """An error that the action can explain is found by its code, not by a general heading."""
    [heading] = heading_of(error)

    assert heading.has_code(code)


@pytest.mark.parametrize("challenge", CHALLENGES)
def test_known_challenge_has_its_own_heading(challenge: str) -> None:
    """Each one needs a different fix."""
    [heading] = heading_of(challenge_unanswerable(challenge))

    assert challenge in heading.text


@pytest.mark.parametrize(
    "module",
    [
        ambient,
        ambient_here,
        attributes,
        common,
        credentials,
        id_token,
        identity_pool_errors,
        pool_errors,
        role,
        sign_in,
        sign_up,
        triggers,
    ],
    ids=lambda module: module.__name__.rpartition(".")[2],
)
def test_every_cause_is_tested_here(module: object) -> None:
    """Whoever adds one has to add an answer that it applies to, and is then led to a heading."""
    told = {error.why for _, error in BY_CODE} | {error.why for error in WITHOUT_A_CODE}

    assert [
        cause.why
        for cause in causes(module)
        if not any(_filled_in(said(cause.why, HostKind.ACTION), why) for why in told)
    ] == []


def _filled_in(why: str, told: str) -> bool:
    return bool(re.fullmatch(".*".join(re.escape(part) for part in re.split(r"\{\w+\}", why)), told))


@pytest.mark.parametrize("heading", HEADINGS, ids=lambda heading: heading.text)
def test_heading_is_a_text_that_is_printed(heading: Text) -> None:
    """No heading is left over from a text that is no longer printed, or matches only what others match better."""
    found = [found for text in TEXTS for found in headings_of(text.partition("\n")[0])]
    found += [found for error in ALL for found in heading_of(error)]

    assert (heading in found) is not (heading.text in RUNNER_TEXTS)


def test_headings_are_sections_and_texts() -> None:
    """The page has sections, and each text is in one of them once; all texts of the runner are there."""
    texts = [heading.text for heading in HEADINGS]

    assert len(set(texts)) == len(texts)
    assert set(RUNNER_TEXTS) <= set(texts)
    assert {heading.level for heading in headings(PAGE)} == {1, 2, 3}
    assert re.findall("^### (?!`+).*", PAGE, re.MULTILINE) == []


def test_contents_list_every_section() -> None:
    """In the order of the page."""
    contents = PAGE.partition("\n## ")[0]

    sections = [heading.text for heading in headings(PAGE) if heading.level == 2]
    assert [text.replace("`", "") for text in re.findall(r"\[(.*?)\]\(#", contents)] == sections
