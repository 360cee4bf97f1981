"""Signing users in: the flow that the app client allows."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from random import Random

from cognito_action import sign_in_errors
from cognito_action.app_client import AppClient
from cognito_action.conversation import Conversation, SignedIn
from cognito_action.errors import ActionError
from cognito_action.explain import quoted
from cognito_action.failure import Failure
from cognito_action.sign_in_inputs import Flow
from cognito_action.totp import Device


class SignIn:
    """Signs users in; the flow that one got through is the first that the next one tries.

    Args:
        flows: to try in this order, each where the one before is closed to this step.
        random: a cryptographic source.
        explain: puts a failure of the pool into words.
        now: the time in UTC.
        new_device: makes an authenticator from its secret.
    """

    def __init__(
        self,
        app_client: AppClient,
        flows: Sequence[Flow],
        random: Random,
        explain: Callable[[Failure], ActionError],
        log: Callable[[str], None],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        new_device: Callable[[str], Device] = Device,
    ) -> None:
        self._app_client = app_client
        self._flows = flows
        self._random = random
        self._explain = explain
        self._log = log
        self._now = now
        self._new_device = new_device

    def __call__(self, username: str, password: str) -> SignedIn:
        """Sign in the user whom `username` names, a name that a person would type; raises `ActionError`."""
        flows = self._flows
        closed: list[tuple[Flow, Failure]] = []
        for number, flow in enumerate(flows):
            try:
                signed_in = Conversation(
                    self._app_client, flow, username, password, self._random, self._now, self._new_device
                ).run()
            except Failure as failure:
                closed.append((flow, failure))
                if not sign_in_errors.is_closed(failure):
                    break
                for other in flows[number + 1 : number + 2]:
                    self._log(f"{flow} is not open to this step, so {other} is tried: {quoted(failure.message)}")
            else:
                self._flows = flows[number:]
                return signed_in
        raise sign_in_errors.refused(closed, self._app_client.pool_id, self._explain) from closed[-1][1]
