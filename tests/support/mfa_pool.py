"""A pool that requires a second factor, which ministack does not: proxy rules in front of ministack."""

import base64
import hashlib
import hmac
import json
import secrets
import struct
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tools.emulator.http import Answer
from tools.emulator.proxy import Call, Proxy, Rule

WINDOW = 30

MISMATCH = ("EnableSoftwareTokenMFAException", "Code mismatch and fail enable Software Token MFA")
USED = ("ExpiredCodeException", "Your software token has already been used once.")


@dataclass
class MfaPool:
    """What Cognito does after a correct password: each session works only once, and so does each code.

    Args:
        client_id: Id of the app client.
        client_secret: Secret of the app client, or empty.
        earlier: How many windows before the current one a code may come from.
        costly: Whether a refused code uses up the session.
    """

    client_id: str
    client_secret: str = ""
    earlier: int = 1
    costly: bool = False
    secret: str = ""
    sessions: list[str] = field(default_factory=list)
    """All that were issued, the newest last; only that one is accepted."""
    used: set[str] = field(default_factory=set)
    _spent: set[str] = field(default_factory=set)
    _enrolled: bool = False
    _tokens: Mapping[str, Any] = field(default_factory=dict)
    _username: str = ""

    def guard(self, aws: Proxy, *, lose: str = "", refuse: Mapping[str, Rule] | None = None) -> None:
        """Put the rules before ministack; `lose` is the operation whose first answer is lost, `refuse` what fails."""
        rules: dict[str, Rule] = {
            "InitiateAuth": self._after_password,
            "AdminInitiateAuth": self._after_password,
            "AssociateSoftwareToken": self._associate,
            "VerifySoftwareToken": self._verify,
            "RespondToAuthChallenge": self._respond,
            "AdminRespondToAuthChallenge": self._respond,
        }
        for operation, rule in rules.items():
            if operation == lose:
                aws.on(operation, _losing(rule))
            aws.on(operation, *[(refuse or {}).get(operation, rule)] * 10)

    def accepts(self, code: str) -> bool:
        """Whether Cognito would accept this code now; an accepted code is used up."""
        return self._refused(code) is None

    def _after_password(self, call: Call) -> Answer:
        answer = call.forward()
        content = json.loads(answer.body)
        return self._demand_factor(content) if "AuthenticationResult" in content else answer

    def _demand_factor(self, content: Mapping[str, Any]) -> Answer:
        self._tokens = content["AuthenticationResult"]
        claims = self._tokens["AccessToken"].split(".")[1]
        self._username = json.loads(base64.urlsafe_b64decode(claims + "=="))["username"]
        return self._challenge("SOFTWARE_TOKEN_MFA" if self._enrolled else "MFA_SETUP")

    def _challenge(self, name: str) -> Answer:
        details = {"MFAS_CAN_SETUP": '["SOFTWARE_TOKEN_MFA"]'} if name == "MFA_SETUP" else {"FRIENDLY_DEVICE_NAME": "x"}
        parameters = {**details, "USER_ID_FOR_SRP": self._username}
        return _answer(ChallengeName=name, ChallengeParameters=parameters, Session=self._new_session())

    def _associate(self, call: Call) -> Answer:
        if not self._is_newest(call):
            return _no_session(call)
        self.secret = base64.b32encode(secrets.token_bytes(32)).decode().rstrip("=")
        self.used.clear()
        return _answer(SecretCode=self.secret, Session=self._new_session())

    def _verify(self, call: Call) -> Answer:
        if not self._is_newest(call):
            return _no_session(call)
        if self._refused(call.parameters["UserCode"]):
            if self.costly:
                self._spent.add(call.parameters["Session"])
            return call.refuse(*MISMATCH)
        self._enrolled = True
        return _answer(Status="SUCCESS", Session=self._new_session())

    def _respond(self, call: Call) -> Answer:
        challenge, responses = call.parameters["ChallengeName"], call.parameters["ChallengeResponses"]
        if challenge == "PASSWORD_VERIFIER":
            return self._after_password(call)
        if not self._is_newest(call) or not self._enrolled:
            return _no_session(call)
        if responses["USERNAME"] != self._username or responses.get("SECRET_HASH") != self._hash():
            return call.refuse("NotAuthorizedException", "Unable to verify secret hash for client")
        if challenge == "SOFTWARE_TOKEN_MFA" and (refusal := self._refused(responses["SOFTWARE_TOKEN_MFA_CODE"])):
            return call.refuse(*refusal)
        self._spent.add(call.parameters["Session"])
        return _answer(AuthenticationResult=self._tokens)

    def _refused(self, code: str) -> tuple[str, str] | None:
        window = int(time.time()) // WINDOW
        if code not in [self._code(window - number) for number in range(-self.earlier, self.earlier + 1)]:
            return MISMATCH
        if code in self.used:
            return USED
        self.used.add(code)
        return None

    def _code(self, window: int) -> str:
        key = base64.b32decode(self.secret + "=" * (-len(self.secret) % 8))
        digest = hmac.new(key, struct.pack(">Q", window), hashlib.sha1).digest()
        start = digest[-1] % 16
        number = struct.unpack(">I", digest[start : start + 4])[0] % 2**31
        return f"{number % 10**6:06}"

    def _hash(self) -> str | None:
        if not self.client_secret:
            return None
        text = (self._username + self.client_id).encode()
        return base64.b64encode(hmac.new(self.client_secret.encode(), text, hashlib.sha256).digest()).decode()

    def _is_newest(self, call: Call) -> bool:
        session = call.parameters["Session"]
        return session not in self._spent and session == self.sessions[-1]

    def _new_session(self) -> str:
        self.sessions.append(secrets.token_urlsafe(40))
        return self.sessions[-1]


def _losing(rule: Rule) -> Rule:
    def lose(call: Call) -> None:
        rule(call)

    return lose


def _no_session(call: Call) -> Answer:
    return call.refuse("NotAuthorizedException", "Invalid session for the user, session can only be used once.")


def _answer(**content: Any) -> Answer:
    return Answer(200, json.dumps(content).encode(), {"Content-Type": "application/x-amz-json-1.1"})
