"""The headings in docs/troubleshooting.md are the texts that the action prints: one for each text, and no others."""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import pytest

from cognito_action.diagnostics import challenges as challenge_errors
from cognito_action.diagnostics import common as common_errors
from cognito_action.diagnostics import pool as pool_errors
from cognito_action.diagnostics import role as role_errors
from cognito_action.diagnostics import sign_in as sign_in_errors
from cognito_action.diagnostics.challenges import challenge_unanswerable
from cognito_action.diagnostics.inputs import unknown_inputs
from cognito_action.diagnostics.pool import PERMISSIONS, call_refused
from cognito_action.diagnostics.role import role_refused
from cognito_action.diagnostics.sign_in import sign_in_refused
from cognito_action.errors import CREDENTIAL_CODES, THROTTLING_CODES, ActionError, CallError
from tests.support.all_errors import ERRORS
from tests.support.examples import POOL_ARN, POOL_ID
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
    "errors.about",
    *(f"diagnostics.sign_in.{name}" for name in ("sign_in_refused", "_blocked", "_not_enabled")),
}
"""Functions that make an error from a text that they are given; `ERRORS` has the results."""


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
        return None if isinstance(said[0], ast.Attribute) and said[0].attr == "annotation" else said[0]

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
    unknown_inputs([("INPUT_CLEAN-UP", "did you mean cleanup?")]),  # which `inputs/base.py` passes on
}


def test_every_text_can_be_read_from_the_code() -> None:
    """Except those of a few functions: whoever adds another has to check its headings."""
    assert {place for place, text in PRINTED if text is None} == MADE_ELSEWHERE


def test_functions_that_report_refusals_are_listed() -> None:
    """`ERRORS` has each function whose text is only the answer of AWS or GitHub, or the function that calls it."""
    known = {f"{make.__module__.removeprefix('cognito_action.')}.{make.__name__}" for make in ERRORS}

    of_refusals = {place for place, text in PRINTED if text == REFUSAL}
    assert of_refusals - known == {
        "diagnostics.pool._permission_missing",
        *(f"diagnostics.role.{name}" for name in ("_trust_refused", "_no_provider", "_audience_unknown")),
    }


@pytest.mark.parametrize("text", sorted(TEXTS))
def test_text_has_one_heading(text: str) -> None:
    """Everything that is printed has a place on the page."""
    assert len(headings_of(text.partition("\n")[0])) == 1


def of_pool(operation: str, code: str, message: str = "no") -> ActionError:
    """The error for a refused call on the pool."""
    return call_refused(CallError(operation, code, message), POOL_ID, POOL_ARN)


def of_sign_in(operation: str, code: str, message: str = "no") -> ActionError:
    """The error for a refused sign-in."""
    tried = [("USER_SRP_AUTH", CallError(operation, code, message))]
    return sign_in_refused(tried, POOL_ID, of_pool(operation, code, message))


def of_role(code: str, message: str = "no") -> ActionError:
    """The error for a role that can't be assumed."""
    refused = CallError("AssumeRoleWithWebIdentity", code, message)
    return role_refused(refused, "arn:aws:iam::123456789012:role/ci", "eu-central-1", {})


def table(module: object, name: str) -> dict[str, tuple[str, str]]:
    """One of a module's tables, from a code to its texts."""
    return dict(vars(module)[name])


SIGN_IN = [
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
    ("AssociateSoftwareToken", "SoftwareTokenMFANotFoundException", "no"),
    ("VerifySoftwareToken", "EnableSoftwareTokenMFAException", "no"),
    ("RespondToAuthChallenge", "CodeMismatchException", "no"),
    ("RespondToAuthChallenge", "ExpiredCodeException", "no"),
    ("AdminInitiateAuth", "AccessDeniedException", "no"),
    ("AdminRespondToAuthChallenge", "AccessDeniedException", "no"),
]
"""Cognito's answers at a sign-in: call, code and message."""

BY_CODE: list[tuple[str, ActionError]] = [
    *((code, of_role(code)) for code in (*table(role_errors, "_CAUSES"), "AccessDenied")),
    *((code, of_pool("AdminCreateUser", code)) for code in table(pool_errors, "_CAUSES")),
    *(
        ("AccessDeniedException", of_pool(operation, "AccessDeniedException"))
        for operation in (*PERMISSIONS, "AdminAddUserToGroup", "ListUsers")
    ),
    *((code, of_pool("ListUsers", code)) for code in (*table(common_errors, "_CAUSES"), *sorted(THROTTLING_CODES))),
    *((code, of_pool("AdminDeleteUser", code)) for code in sorted(CREDENTIAL_CODES)),
    *((code, of_sign_in(operation, code, message)) for operation, code, message in SIGN_IN),
    *(
        ("UserNotFoundException", of_pool(operation, "UserNotFoundException"))
        for operation in ("AdminSetUserPassword", "AdminAddUserToGroup")
    ),
]
"""The codes that the action's tables know, each with its error."""

ALL = [
    *(error for errors in ERRORS.values() for error in errors),
    *(error for _, error in BY_CODE),
    *(challenge_unanswerable(name) for name in table(challenge_errors, "_CHALLENGES")),
    of_role("InvalidIdentityToken", "No OpenIDConnect provider found in your account for https://example.com"),
    of_role("InvalidIdentityToken", "Incorrect token audience"),
    call_refused(CallError("AdminCreateUser", "InternalErrorException", "no", retryable=True), POOL_ID, POOL_ARN),
]
"""At least one error for each heading whose text can't be read from the code."""


@pytest.mark.parametrize("make", ERRORS, ids=lambda make: make.__name__)
def test_error_has_one_heading(make: Callable[..., ActionError]) -> None:
    """Whatever AWS and GitHub answer, a reader finds the one place that explains it."""
    assert {
        error.annotation[:200]: len(heading_of(error)) for error in ERRORS[make] if len(heading_of(error)) != 1
    } == {}


@pytest.mark.parametrize(("code", "error"), BY_CODE, ids=lambda part: part if isinstance(part, str) else "")
def test_known_code_has_its_own_heading(code: str, error: ActionError) -> None:
    """An error that the action can explain is found by its code, not by a general heading."""
    [heading] = heading_of(error)

    assert heading.has_code(code)


@pytest.mark.parametrize("challenge", table(challenge_errors, "_CHALLENGES"))
def test_known_challenge_has_its_own_heading(challenge: str) -> None:
    """Each one needs a different fix."""
    [heading] = heading_of(challenge_unanswerable(challenge))

    assert challenge in heading.text


def test_every_cause_of_a_refused_sign_in_is_tested_here() -> None:
    """Whoever adds one has to add a Cognito answer that it applies to."""
    causes = {why for _, _, (why, *_) in vars(sign_in_errors)["_CAUSES"]}

    assert causes <= {error.why for _, error in BY_CODE}


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
