"""STS, Cognito and GitHub's token service in one server on loopback, which answer as a plan says.

They repeat the secrets that they received or gave out, wherever the plan has a placeholder for one.
"""

import copy
import itertools
import json
import re
from collections.abc import Iterator, Mapping, MutableMapping, MutableSequence, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from tests.support.app_clients import challenged, signed_in
from tests.support.hostile_answers import ECHO, MISSING, Changed, Plan, Raw, Refused
from tools.emulator.github import CLAIMS, id_token
from tools.emulator.http import Answer, Request, serving

BEARER = "the-request-token-of-the-job"

SIGN_IN = (
    *("InitiateAuth", "AdminInitiateAuth", "RespondToAuthChallenge", "AdminRespondToAuthChallenge"),
    *("AssociateSoftwareToken", "VerifySoftwareToken", "ConfirmDevice"),
)

SIGN_UP = ("SignUp", "AdminConfirmSignUp", "AdminUpdateUserAttributes")

TRADE = ("GetId", "GetCredentialsForIdentity")

_KEYS = ("AccessKeyId", "SecretAccessKey", "SessionToken")
_SHOWN = ("TemporaryPassword", "Password", "PASSWORD", "SECRET_HASH", "SecretHash", "Session", "WebIdentityToken")
_GIVEN = ("value", *_KEYS, "SecretKey", "SecretCode", "Session", "AccessToken", "IdToken", "RefreshToken")


@dataclass
class FakeServices:
    """The services that a step calls."""

    url: str = ""
    plan: Plan = field(default_factory=Plan)
    users: Sequence[Mapping[str, Any]] = ()
    """The users that it lists."""
    calls: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)

    def reset(self, plan: Plan, *known: str, users: Sequence[Mapping[str, Any]] = ()) -> None:
        """Forget everything, and follow `plan` from now on; `known` are secrets from elsewhere."""
        self.plan, self.users, self.calls, self.secrets = plan, users, [], [BEARER, *known]

    def all(self, operation: str) -> list[Mapping[str, Any]]:
        """The parameters of each call of `operation`."""
        return [parameters for name, parameters in self.calls if name == operation]

    def respond(self, request: Request) -> Answer | None:
        operation, parameters = _call_of(request)
        number = len(self.all(operation))
        self.calls.append((operation, parameters))
        nested = [parameters, parameters.get("AuthParameters", {}), parameters.get("ChallengeResponses", {})]
        self._remember([part.get(name) for part in nested for name in _SHOWN])
        self._remember([request.headers.get("X-Amz-Security-Token")])
        script = self.plan.responses.get(operation, ())
        is_unplanned = not script or (number >= len(script) and not self.plan.always)
        if is_unplanned and _has_nobodys_token(parameters):
            return _refusal(operation, 400, "NotAuthorizedException", "Invalid Refresh Token")
        good = self._good(operation, parameters)
        if is_unplanned:
            parts = [good, good.get("Credentials", {}), good.get("AuthenticationResult", {})]
            self._remember([part.get(name) for part in parts for name in _GIVEN])
            return _answer(operation, 200, good)
        match script[min(number, len(script) - 1)]:
            case Refused(status, code, message):
                return _refusal(operation, status, self._with_secrets(code), self._with_secrets(message))
            case Changed(edits):
                return _answer(
                    operation, 200, _edited(good, [(place, self._with_secrets(value)) for place, value in edits])
                )
            case Raw(status, body):
                return Answer(
                    status,
                    self._with_secrets(body.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape"),
                )
        return None

    def _remember(self, texts: Sequence[object]) -> None:
        self.secrets += [text for text in texts if isinstance(text, str) and text not in self.secrets]

    def _with_secrets(self, value: Any) -> Any:
        secrets = itertools.cycle(reversed(self.secrets))
        return re.sub(ECHO, lambda _: next(secrets), value) if isinstance(value, str) else copy.deepcopy(value)

    def _good(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """What the real service would answer; numbers distinguish the secrets of one call from those of another."""
        number = len(self.calls)
        session = {"Session": f"session-{number}-of-the-device"}
        good: dict[str, Any] = {
            "GetIDToken": {"value": id_token({**CLAIMS, "aud": "sts.amazonaws.com", "jti": number})},
            "AssumeRoleWithWebIdentity": {
                "Credentials": {name: f"{name}-{number:010}" for name in _KEYS} | {"Expiration": "2040-01-01T00:00:00Z"}
            },
            "ListUsers": {"Users": copy.deepcopy(list(self.users))},
            "AssociateSoftwareToken": {"SecretCode": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", **session},
            "VerifySoftwareToken": {"Status": "SUCCESS", **session},
            "GetId": {"IdentityId": f"eu-central-1:{number:08}-2222-3333-4444-555555555555"},
            "GetCredentialsForIdentity": {
                "Credentials": {
                    **{
                        name: f"{name}-of-the-user-{number:010}"
                        for name in ("AccessKeyId", "SecretKey", "SessionToken")
                    },
                    "Expiration": 2.2e9,
                }
            },
            "DeleteIdentities": {"UnprocessedIdentityIds": []},
        }
        if operation == "SignUp":
            sub = f"{number:08}-2222-3333-4444-555555555555"
            sent = {"Destination": "s***@s***", "DeliveryMedium": "EMAIL", "AttributeName": "email"}
            return {"UserSub": sub, "UserConfirmed": number % 3 == 0, "CodeDeliveryDetails": sent, **session}
        if operation == "AdminCreateUser":
            sub = f"{number:08}-2222-3333-4444-555555555555"
            name = sub if "@" in parameters["Username"] else parameters["Username"]
            attributes = [{"Name": "sub", "Value": sub}, *parameters["UserAttributes"]]
            return {"User": {"Username": name, "Attributes": attributes, "UserCreateDate": 1.7e9, "Enabled": True}}
        if operation.endswith(("InitiateAuth", "ToAuthChallenge")):
            return self._next_step(number)
        return dict(good.get(operation, {}))

    def _next_step(self, number: int) -> dict[str, Any]:
        """The next challenge, or the tokens. No third code is asked for: a device would wait for it in real time."""
        steps = [
            name
            for name, parameters in self.calls
            if name.endswith(("InitiateAuth", "ToAuthChallenge")) and not _has_nobodys_token(parameters)
        ]
        challenge = "".join(self.plan.challenges[len(steps) - 1 : len(steps)])
        codes = [parameters for _, parameters in self.calls if _holds_code(parameters)]
        if not challenge or (challenge == "SOFTWARE_TOKEN_MFA" and len(codes) > 1):
            tokens = {"IdToken": f"id-token-{number:010}", "RefreshToken": f"refresh-token-{number:010}"}
            device = {"DeviceKey": f"eu-central-1_{number:08}-2222-3333-4444-555555555555", "DeviceGroupKey": "-a"}
            offered = {"NewDeviceMetadata": device} if number % 2 else {}
            return _content(signed_in(AccessToken=id_token({"sub": f"sub-{number}"}), **tokens, **offered))
        srp = {"USER_ID_FOR_SRP": "someone", "SALT": "a1b2", "SRP_B": "c3d4e5", "SECRET_BLOCK": "YmxvY2s="}
        mfa = {"MFAS_CAN_SETUP": '["SOFTWARE_TOKEN_MFA"]', "MFAS_CAN_CHOOSE": '["SMS_MFA", "EMAIL_OTP"]'}
        return _content(challenged(challenge, number, **srp, **mfa))


def _content(answer: Answer) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(answer.body)
    return content


def _holds_code(parameters: Mapping[str, Any]) -> bool:
    return "UserCode" in parameters or "SOFTWARE_TOKEN_MFA_CODE" in parameters.get("ChallengeResponses", {})


def _has_nobodys_token(parameters: Mapping[str, Any]) -> bool:
    """Whether the call only asks whose the app client is: no step has a refresh token to show."""
    return parameters.get("AuthFlow") == "REFRESH_TOKEN_AUTH"


def _call_of(request: Request) -> tuple[str, Mapping[str, Any]]:
    if request.method == "GET":
        return "GetIDToken", {}
    if target := request.headers.get("X-Amz-Target"):
        return target.rpartition(".")[2], json.loads(request.body)
    parameters = dict(parse_qsl(request.body.decode()))
    return parameters["Action"], parameters


def _edited(good: dict[str, Any], edits: Sequence[tuple[int, Any]]) -> dict[str, Any]:
    """Put each value at one place in the answer, chosen by number."""
    for number, value in edits:
        if places := list(_places(good)):
            holder, key = places[number % len(places)]
            if value is MISSING:
                del holder[key]
            else:
                holder[key] = value
    return good


def _places(tree: object) -> Iterator[tuple[Any, Any]]:
    match tree:
        case MutableMapping():
            items: list[tuple[Any, Any]] = list(tree.items())
        case MutableSequence():
            items = list(enumerate(tree))
        case _:
            return
    for key, value in items:
        yield tree, key
        yield from _places(value)


def _answer(operation: str, status: int, content: Mapping[str, Any]) -> Answer:
    if operation == "AssumeRoleWithWebIdentity":
        return _xml("AssumeRoleWithWebIdentityResponse", status, {"AssumeRoleWithWebIdentityResult": content})
    return Answer(status, json.dumps(content).encode(), {"Content-Type": "application/x-amz-json-1.1"})


def _refusal(operation: str, status: int, code: object, message: object) -> Answer:
    if operation == "AssumeRoleWithWebIdentity":
        return _xml("ErrorResponse", status, {"Error": {"Code": code, "Message": message}})
    fields = {"__type": code, "message": message}
    return _answer(operation, status, {name: text for name, text in fields.items() if text is not MISSING})


def _xml(name: str, status: int, content: Mapping[str, Any]) -> Answer:
    return Answer(status, _element(name, content).encode(), {"Content-Type": "text/xml"})


def _element(name: str, content: object) -> str:
    match content:
        case Mapping():
            return f"<{name}>{''.join(_element(key, value) for key, value in content.items())}</{name}>"
        case list():
            return "".join(_element(name, value) for value in content)
        case _ if content is MISSING:
            return ""
        case _:
            return f"<{name}>{escape(in_xml(str(content)), {chr(13): '&#13;'})}</{name}>"


def in_xml(text: str) -> str:
    """The characters of a text that XML can hold."""
    return re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text)


@contextmanager
def fake_services() -> Iterator[FakeServices]:
    """Run a `FakeServices`."""
    service = FakeServices()
    with serving(service.respond) as service.url:
        yield service
