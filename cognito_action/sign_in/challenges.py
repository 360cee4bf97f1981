"""One user's sign-in by one flow: the challenges on the way from a password to tokens."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from random import Random

from cognito_action.diagnostics import challenges as challenge_errors
from cognito_action.errors import Failure
from cognito_action.inputs.sign_in import Flow
from cognito_action.sign_in.app_client import Answer, AppClient, Tokens
from cognito_action.sign_in.srp import BadChallengeError, Srp
from cognito_action.sign_in.totp import Device

_CODE_REFUSED = ("EnableSoftwareTokenMFAException", "CodeMismatchException", "ExpiredCodeException")


@dataclass(frozen=True)
class SignedIn:
    """A user with tokens, and with the authenticator that was set up for them where the pool demands one."""

    tokens: Tokens
    device: Device | None

    @property
    def outputs(self) -> dict[str, str]:
        """What a step hands over of the sign-in, by the names of its outputs."""
        tokens = self.tokens
        outputs = {"access-token": tokens.access, "id-token": tokens.id, "refresh-token": tokens.refresh}
        return {**outputs, "totp-secret": self.device.secret} if self.device else outputs


class Conversation:
    """What Cognito and one user say to each other.

    Args:
        random: a cryptographic source.
        now: the time in UTC.
        new_device: makes an authenticator from its secret.
    """

    def __init__(
        self,
        app_client: AppClient,
        flow: Flow,
        username: str,
        password: str,
        random: Random,
        now: Callable[[], datetime],
        new_device: Callable[[str], Device],
    ) -> None:
        self._app_client = app_client
        self._flow = flow
        self._username = username
        self._password = password
        self._random = random
        self._now = now
        self._new_device = new_device
        self._device: Device | None = None
        self._takes_previous_code = True

    def run(self) -> SignedIn:
        """Sign the user in, beginning anew once where the session was spent; raises `Failure` and `ActionError`."""
        try:
            return self._once()
        except Failure as failure:
            if not self._session_is_spent(failure):
                raise
        return self._once()

    def _session_is_spent(self, failure: Failure) -> bool:
        """Whether to begin anew: a session can run out, and one whose answer was lost can't be used again.

        At the password's own step the same code says that the password is wrong, and five of these lock the user.
        A code of the authenticator that was taken, with no answer, is refused when the call is repeated.
        """
        proven = self._challenge not in ("", "PASSWORD_VERIFIER")
        if failure.code in _CODE_REFUSED:
            return proven and failure.lost
        return failure.code == "NotAuthorizedException" and (proven or (bool(self._challenge) and failure.lost))

    def _once(self) -> SignedIn:
        answer = self._begin()
        answered: set[str] = set()
        while answer.tokens is None:
            self._challenge = answer.challenge
            if answer.challenge in answered:
                raise challenge_errors.unanswerable(answer.challenge)
            answered.add(answer.challenge)
            answer = self._answer(answer)
        return SignedIn(answer.tokens, self._device)

    def _begin(self) -> Answer:
        self._challenge = ""
        self._internal_name = self._username
        self._srp = Srp(self._random)
        proof = {"SRP_A": self._srp.public} if self._flow == "USER_SRP_AUTH" else {"PASSWORD": self._password}
        return self._app_client.initiate(self._flow, self._username, proof)

    def _answer(self, asked: Answer) -> Answer:
        # Behind an alias stands the name that Cognito knows the user by, and answers have to carry that one.
        self._internal_name = asked.parameters.get("USER_ID_FOR_SRP") or self._internal_name
        session, responses = asked.session, dict[str, str]()
        if asked.challenge == "PASSWORD_VERIFIER":
            responses = self._prove_password(asked.parameters)
        elif asked.challenge == "MFA_SETUP" and _totp_offered(asked.parameters):
            session = self._enrol(asked.session)
        elif asked.challenge == "SELECT_MFA_TYPE" and self._device:
            responses = {"ANSWER": "SOFTWARE_TOKEN_MFA"}
        elif asked.challenge == "SOFTWARE_TOKEN_MFA" and self._device:
            responses = {"SOFTWARE_TOKEN_MFA_CODE": self._device.current_code()}
        elif _totp_wanted(asked):
            raise challenge_errors.secret_elsewhere()
        else:
            raise challenge_errors.unanswerable(asked.challenge)
        return self._app_client.respond(self._flow, asked.challenge, session, self._internal_name, responses)

    def _prove_password(self, challenge: Mapping[str, str]) -> dict[str, str]:
        try:
            return self._srp.answer(self._app_client.pool_id, self._password, challenge, self._now())
        except BadChallengeError as error:
            raise challenge_errors.unusable(
                "The challenge for USER_SRP_AUTH is incomplete, or not one that SRP allows."
            ) from error

    def _enrol(self, session: str) -> str:
        """Set up an authenticator, and return the newest session.

        The previous window's code leaves the current one to the tests; where Cognito refuses it, the current one goes.
        Should the refusal have cost the session, the sign-in begins anew, and the current one goes at once.
        """
        secret, session = self._app_client.associate(session)
        try:
            self._device = self._new_device(secret)
        except ValueError as error:
            raise challenge_errors.unusable(
                "AssociateSoftwareToken returned a secret that is not base32, or too short."
            ) from error
        if self._takes_previous_code:
            try:
                return self._app_client.verify(session, self._device.previous_code())
            except Failure as failure:
                if failure.code not in _CODE_REFUSED:
                    raise
                self._takes_previous_code = False
        return self._app_client.verify(session, self._device.current_code())


def _totp_wanted(asked: Answer) -> bool:
    """Whether the user has an authenticator already; SDKs and AWS's guide have two names for the list of factors."""
    lists = (asked.parameters.get(name, "") for name in ("MFAS_CAN_CHOOSE", "MFAS_CAN_SELECT"))
    return any("SOFTWARE_TOKEN_MFA" in text for text in (asked.challenge, *lists))


def _totp_offered(parameters: Mapping[str, str]) -> bool:
    """Whether the pool lets users set up an authenticator; where it doesn't say what can be set up, trying tells."""
    try:
        return "SOFTWARE_TOKEN_MFA" in json.loads(parameters["MFAS_CAN_SETUP"])
    except (KeyError, ValueError, TypeError, RecursionError):
        return True
