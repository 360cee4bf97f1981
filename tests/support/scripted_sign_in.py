"""A sign-in with a Cognito that answers from a script, and the answers that it meets on the way."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

import pytest
from pyotp.totp import TOTP

from cognito_action.errors import ActionError
from cognito_action.inputs.sign_in import Flow
from cognito_action.sign_in.challenges import SignedIn
from cognito_action.sign_in.flows import SignIn
from cognito_action.sign_in.totp import WINDOW
from tests.support.app_clients import app_client, challenged, session, user_pool
from tests.support.examples import EMAIL, SUB
from tests.support.fake_time import FakeTime
from tests.support.scripted_aws import ScriptedAws, cognito_answer, cognito_refusal
from tools.emulator.http import Answer

PASSWORD = "Passw0rd-of-the-user"
SECRET_CODE = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
START = 1000 * WINDOW + 12
"""When a sign-in starts, in seconds since 1970 on the clock of the authenticator: 18 s before the next window."""

CLOSED: Mapping[Flow, Answer] = {
    "USER_PASSWORD_AUTH": cognito_refusal(
        "InvalidParameterException", "USER_PASSWORD_AUTH flow not enabled for this client"
    ),
    "USER_SRP_AUTH": cognito_refusal("InvalidParameterException", "USER_SRP_AUTH is not enabled for the client."),
    "USER_AUTH": cognito_refusal("InvalidParameterException", "USER_AUTH flow not enabled for this client"),
    "ADMIN_USER_PASSWORD_AUTH": cognito_refusal("InvalidParameterException", "Auth flow not enabled for this client"),
}
"""How Cognito says that the app client does not allow a flow: in different words for each."""

FORBIDDEN = cognito_refusal("ForbiddenException", "Request not allowed due to WAF block.", 403)
WRONG = cognito_refusal("NotAuthorizedException", "Incorrect username or password.")
SPENT = cognito_refusal("NotAuthorizedException", "Invalid session for the user, session can only be used once.")
REFUSED_CODE = cognito_refusal("EnableSoftwareTokenMFAException", "Code mismatch and fail enable Software Token MFA")

SRP_CHALLENGE = {"USER_ID_FOR_SRP": SUB, "USERNAME": SUB, "SALT": "abc123", "SRP_B": "1234abcd", "SECRET_BLOCK": "YQ=="}

SETUP = challenged("MFA_SETUP", 1, MFAS_CAN_SETUP='["SOFTWARE_TOKEN_MFA"]', USER_ID_FOR_SRP=SUB)
ASSOCIATED = cognito_answer({"SecretCode": SECRET_CODE, "Session": session(2)})
VERIFIED = cognito_answer({"Status": "SUCCESS", "Session": session(3)})

ENROLLMENT = ["InitiateAuth", "AssociateSoftwareToken", "VerifySoftwareToken", "RespondToAuthChallenge"]


def code(offset: int) -> str:
    """The code of the window that is `offset` windows after the one of `START`."""
    return TOTP(SECRET_CODE).generate_otp(1000 + offset)


@dataclass
class Harness:
    """What a sign-in is given, and what it did."""

    aws: ScriptedAws
    time: FakeTime
    watch: FakeTime = field(default_factory=lambda: FakeTime(now=START))
    """The clock of the authenticator, which the pauses between calls don't move."""
    log: list[str] = field(default_factory=list)
    secret: str = ""

    def sign_in(self, *flows: Flow) -> SignIn:
        """A sign-in that may try these flows."""
        client = app_client(self.aws, self.time.retry(100), secret=self.secret, metadata={"source": "ci"})
        retry = self.watch.retry(100)
        return SignIn(client, user_pool(self.aws, retry), flows, retry, Random(1), self.log.append, self.watch.clock)

    def run(self, *flows: Flow) -> SignedIn:
        return self.sign_in(*flows)(EMAIL, PASSWORD)

    def fail(self, *flows: Flow) -> ActionError:
        """The error of a sign-in that fails."""
        with pytest.raises(ActionError) as raised:
            self.run(*flows)
        assert PASSWORD not in raised.value.annotation
        return raised.value

    @property
    def codes(self) -> list[str]:
        """The codes that Cognito was sent, in order."""
        return [
            call.parameters.get("UserCode") or call.parameters["ChallengeResponses"]["SOFTWARE_TOKEN_MFA_CODE"]
            for call in self.aws.calls
            if "UserCode" in call.parameters
            or "SOFTWARE_TOKEN_MFA_CODE" in call.parameters.get("ChallengeResponses", {})
        ]

    @property
    def sessions(self) -> list[str]:
        """The sessions that Cognito was sent, in order."""
        return [call.parameters["Session"] for call in self.aws.calls if "Session" in call.parameters]
