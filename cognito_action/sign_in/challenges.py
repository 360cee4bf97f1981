"""One user's sign-in by one flow: the challenges on the way from a password to tokens."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

from cognito_action.diagnostics.challenges import (
    challenge_unanswerable,
    srp_challenge_unusable,
    totp_secret_unknown,
    totp_secret_unusable,
)
from cognito_action.errors import NO_SUCH_CHOICE, CallError
from cognito_action.inputs.sign_in import Flow
from cognito_action.sign_in.app_client import Answer, AppClient, Tokens
from cognito_action.sign_in.device import Device
from cognito_action.sign_in.srp import BadChallengeError, Srp
from cognito_action.sign_in.totp import Authenticator

_OF_PASSWORD = ("", "SELECT_CHALLENGE", "PASSWORD", "PASSWORD_SRP", "PASSWORD_VERIFIER")
"""The challenges whose answers prove the password; before the first of them there is none."""

_CODE_REFUSED = ("EnableSoftwareTokenMFAException", "CodeMismatchException", "ExpiredCodeException")


@dataclass(frozen=True)
class SignedIn:
    """A user with tokens, and with the authenticator that was set up if the pool requires one."""

    tokens: Tokens
    authenticator: Authenticator | None = None
    device: Device | None = None
    """To be confirmed; None if the pool does not remember devices."""

    @property
    def outputs(self) -> dict[str, str]:
        """What a step outputs of the sign-in, by the names of its outputs."""
        tokens = self.tokens
        outputs = {"access-token": tokens.access, "id-token": tokens.id, "refresh-token": tokens.refresh}
        return {**outputs, "totp-secret": self.authenticator.secret} if self.authenticator else outputs


class SignInAttempt:
    """What Cognito and one user say to each other.

    Args:
        random: a cryptographic source.
        clock: the time, in seconds since 1970.
        new_authenticator: makes an authenticator from its secret.
        authenticator: that of the user, if an earlier attempt has set one up.
    """

    def __init__(
        self,
        app_client: AppClient,
        flow: Flow,
        username: str,
        password: str,
        random: Random,
        clock: Callable[[], float],
        new_authenticator: Callable[[str], Authenticator],
        authenticator: Authenticator | None = None,
    ) -> None:
        self._app_client = app_client
        self._flow = flow
        self._username = username
        self._password = password
        self._random = random
        self._clock = clock
        self._new_authenticator = new_authenticator
        self._challenge = ""
        self._internal_name = username
        self._authenticator = authenticator
        self._accepts_previous_code = True

    def run(self) -> SignedIn:
        """Sign the user in, starting over once if the session expired; raises `CallError` and `ActionError`."""
        try:
            return self._once()
        except CallError as error:
            if not self._session_expired(error):
                raise
        return self._once()

    def _session_expired(self, error: CallError) -> bool:
        """Whether to start over: a session can expire, and one whose answer was lost can't be used again.

        At the password's own step the same code says that the password is wrong, and five of these lock the user.
        A code of the authenticator that was accepted without an answer is refused when the call is repeated.
        """
        proven = self._challenge not in _OF_PASSWORD
        if error.code in _CODE_REFUSED:
            return proven and error.outcome_unknown
        return error.code == "NotAuthorizedException" and (proven or (bool(self._challenge) and error.outcome_unknown))

    def _once(self) -> SignedIn:
        srp = Srp(self._random)
        answer = self._initiate(srp)
        answered: set[str] = set()
        while answer.tokens is None:
            self._challenge = answer.challenge
            if answer.challenge in answered:
                raise challenge_unanswerable(answer.challenge)
            if self._flow == "USER_AUTH" and not answered and answer.challenge not in _OF_PASSWORD:
                raise _password_not_offered([answer.challenge])
            answered.add(answer.challenge)
            answer = self._respond(answer, srp)
        device = Device.new(answer.new_device, self._random, self._app_client.mask) if answer.new_device else None
        return SignedIn(answer.tokens, self._authenticator, device)

    def _initiate(self, srp: Srp) -> Answer:
        self._challenge = ""
        self._internal_name = self._username
        proof = {"PASSWORD": self._password}
        if self._flow == "USER_SRP_AUTH":
            proof = {"SRP_A": srp.public}
        elif self._flow == "USER_AUTH":
            proof = {"PREFERRED_CHALLENGE": "PASSWORD_SRP", "SRP_A": srp.public}
        return self._app_client.initiate(self._flow, self._username, proof)

    def _respond(self, asked: Answer, srp: Srp) -> Answer:
        # Behind an alias is the name that Cognito knows the user by, and responses have to carry that one.
        self._internal_name = asked.parameters.get("USER_ID_FOR_SRP") or self._internal_name
        session, responses = asked.session, dict[str, str]()
        if asked.challenge == "PASSWORD_VERIFIER":
            responses = self._prove_password(srp, asked.parameters)
        elif self._flow == "USER_AUTH" and asked.challenge in _OF_PASSWORD:
            responses = self._choose(srp, asked)
        elif asked.challenge == "MFA_SETUP" and _totp_offered(asked.parameters):
            session = self._set_up_authenticator(asked.session)
        elif asked.challenge == "SELECT_MFA_TYPE" and self._authenticator:
            responses = {"ANSWER": "SOFTWARE_TOKEN_MFA"}
        elif asked.challenge == "SOFTWARE_TOKEN_MFA" and self._authenticator:
            responses = {"SOFTWARE_TOKEN_MFA_CODE": self._authenticator.current_code()}
        elif _totp_required(asked):
            raise totp_secret_unknown()
        else:
            raise challenge_unanswerable(asked.challenge)
        return self._app_client.respond(self._flow, asked.challenge, session, self._internal_name, responses)

    def _choose(self, srp: Srp, asked: Answer) -> dict[str, str]:
        """Sign in by password, in the way that does not send it if Cognito offers that."""
        selects = asked.challenge == "SELECT_CHALLENGE"
        offered = asked.choices if selects else (asked.challenge,)
        for way, proof in (("PASSWORD_SRP", {"SRP_A": srp.public}), ("PASSWORD", {"PASSWORD": self._password})):
            if way in offered:
                return {"ANSWER": way, **proof} if selects else proof
        raise _password_not_offered(offered)

    def _prove_password(self, srp: Srp, challenge: Mapping[str, str]) -> dict[str, str]:
        now = datetime.fromtimestamp(self._clock(), UTC)
        try:
            return srp.answer(self._app_client.pool_id, self._password, challenge, now)
        except BadChallengeError as error:
            raise srp_challenge_unusable() from error

    def _set_up_authenticator(self, session: str) -> str:
        """Set up an authenticator, and return the newest session.

        The previous window's code leaves the current one to the tests; if Cognito refuses it, the current one is sent.
        If the refusal ended the session, the sign-in starts over, and the current one is sent at once.
        """
        secret, session = self._app_client.associate(session)
        try:
            self._authenticator = self._new_authenticator(secret)
        except ValueError as error:
            raise totp_secret_unusable() from error
        if self._accepts_previous_code:
            try:
                return self._app_client.verify(session, self._authenticator.previous_code())
            except CallError as error:
                if error.code not in _CODE_REFUSED:
                    raise
                self._accepts_previous_code = False
        return self._app_client.verify(session, self._authenticator.current_code())


def _password_not_offered(offered: Sequence[str]) -> CallError:
    said = ", ".join(offered) or "nothing"
    return CallError("InitiateAuth", NO_SUCH_CHOICE, f"Cognito offers {said}", said=said)


def _totp_required(asked: Answer) -> bool:
    """Whether the user has an authenticator already; SDKs and AWS's guide have two names for the list of factors."""
    lists = (asked.parameters.get(name, "") for name in ("MFAS_CAN_CHOOSE", "MFAS_CAN_SELECT"))
    return any("SOFTWARE_TOKEN_MFA" in text for text in (asked.challenge, *lists))


def _totp_offered(parameters: Mapping[str, str]) -> bool:
    """Whether the pool lets users set up an authenticator; if it doesn't say what can be set up, trying tells."""
    try:
        return "SOFTWARE_TOKEN_MFA" in json.loads(parameters["MFAS_CAN_SETUP"])
    except (KeyError, ValueError, TypeError, RecursionError):
        return True
