"""Sign-in by the first flow that the app client allows; it leaves an unused code of a second factor to the tests."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random
from threading import Lock
from typing import TYPE_CHECKING

from cognito_action.diagnostics.sign_in import is_flow_unavailable, sign_in_refused
from cognito_action.errors import ActionError, CallError
from cognito_action.host import Host
from cognito_action.inputs.sign_in import FLOWS, Flow
from cognito_action.retry import Retry
from cognito_action.sign_in.app_client import AppClient
from cognito_action.sign_in.challenges import SignedIn, SignInAttempt
from cognito_action.sign_in.totp import Authenticator
from cognito_action.text import quoted

if TYPE_CHECKING:
    from cognito_action.aws.credentials import Connection
    from cognito_action.aws.user_pool import UserPool
    from cognito_action.inputs.adopt import AdoptInputs
    from cognito_action.inputs.main import MainInputs


_NOT_BY_SRP = (
    "The pool remembers devices. There, tokens can probably be refreshed only after a sign-in by USER_SRP_AUTH"
)
"""Read, and never tried on a real pool."""


class SignIn:
    """Signs the users of a step in. Threads may share it: the others wait until the first has found a flow that works.

    Args:
        app_client: by which they sign in.
        pool: whose users they are.
        flows: to try in this order, each if the one before is not available here.
        random: a cryptographic source.
        log: prints a line.
        clock: the time, in seconds since 1970.
    """

    def __init__(
        self,
        app_client: AppClient,
        pool: "UserPool",
        flows: Sequence[Flow],
        retry: Retry,
        random: Random,
        log: Callable[[str], None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._app_client = app_client
        self._pool = pool
        self._flows = tuple(flows)
        self._flow_found = len(flows) == 1
        self._search = Lock()
        self._retry = retry
        self._random = random
        self._log = log
        self._clock = clock
        self._authenticators: list[Authenticator] = []

    def __call__(self, username: str, password: str) -> SignedIn:
        """Sign in the user that `username` names, a name that a person would type; raises `ActionError`."""
        with self._search:
            if not self._flow_found:
                return self._sign_in(username, password)
        return self._sign_in(username, password)

    def _sign_in(self, username: str, password: str) -> SignedIn:
        flows = self._flows
        refused: list[tuple[Flow, CallError]] = []
        for number, flow in enumerate(flows):
            try:
                signed_in = self._attempt(flow, username, password)
            except CallError as error:
                refused.append((flow, error))
                if not is_flow_unavailable(flow, error):
                    break
                if number + 1 < len(flows):
                    following = flows[number + 1]
                    self._log(f"{flow} is not available here, so {following} is tried: {quoted(error.shown)}")
            else:
                self._flows = flows[number:]
                self._flow_found = True
                return self._with_device(signed_in, username, password) if signed_in.device else signed_in
        _, last = refused[-1]
        raise sign_in_refused(refused, self._pool.id, self._pool.explain(last)) from last

    def _attempt(
        self, flow: Flow, username: str, password: str, authenticator: Authenticator | None = None
    ) -> SignedIn:
        return SignInAttempt(
            self._app_client,
            flow,
            username,
            password,
            self._random,
            self._clock,
            self._new_authenticator,
            authenticator,
        ).run()

    def _with_device(self, signed_in: SignedIn, username: str, password: str) -> SignedIn:
        """Have the pool remember the device of a sign-in, without which its tokens can't be refreshed.

        Nor can they with it, if the sign-in sent the password: so SRP is tried as well, for all users. Whatever fails here,
        the user is signed in until the tokens expire.
        """
        if self._flows[:2] == ("USER_PASSWORD_AUTH", "USER_SRP_AUTH"):
            self._flows = self._flows[:1]
            try:
                signed_in = self._attempt("USER_SRP_AUTH", username, password, signed_in.authenticator)
            except (CallError, ActionError) as error:
                self._log(f"{_NOT_BY_SRP}, which failed: {quoted(error.what)}")
            else:
                self._flows = ("USER_SRP_AUTH",)
        elif self._flows[0] in ("USER_PASSWORD_AUTH", "ADMIN_USER_PASSWORD_AUTH"):
            self._log(f"{_NOT_BY_SRP}.")
        if signed_in.device:
            try:
                verifier = signed_in.device.verifier(self._random)
                self._app_client.confirm_device(signed_in.tokens, signed_in.device, verifier)
            except CallError as error:
                self._log(f"The tokens can't be refreshed, since the pool remembers devices: {quoted(error.what)}")
                return replace(signed_in, device=None)
        return signed_in

    def wait_for_fresh_codes(self) -> None:
        """Let the codes of a second factor that were used here expire, so that the first one of a test is good."""
        pause = max((each.seconds_until_fresh for each in self._authenticators), default=0.0)
        if pause:
            self._log(f"Waiting {math.ceil(pause)} s for the next code of the second factor: each works only once.")
            self._retry.sleep(pause)

    def _new_authenticator(self, secret: str) -> Authenticator:
        authenticator = Authenticator(secret, self._clock, self._retry.wait)
        self._authenticators.append(authenticator)
        return authenticator


def new_sign_in(
    inputs: "MainInputs | AdoptInputs",
    connection: "Connection",
    pool: "UserPool",
    retry: Retry,
    host: Host,
    random: Random,
) -> SignIn:
    """Make the `SignIn` that the inputs of a step ask for."""
    app_client = AppClient(
        connection.client,
        pool.id,
        inputs.client_id,
        inputs.client_secret,
        inputs.client_metadata,
        retry,
        host.mask,
    )
    flows = tuple(flow for flow in FLOWS if inputs.auth_flow in ("auto", flow))
    return SignIn(app_client, pool, flows, retry, random, host.log)
