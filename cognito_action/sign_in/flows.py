"""Signing users in: the flow that the app client allows."""

import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING

from cognito_action.diagnostics import sign_in as sign_in_errors
from cognito_action.errors import ActionError, Failure
from cognito_action.github.runner import Runner
from cognito_action.inputs.sign_in import FLOWS, Flow
from cognito_action.retry import Retry
from cognito_action.sign_in.app_client import AppClient
from cognito_action.sign_in.challenges import Conversation, SignedIn
from cognito_action.sign_in.totp import Device
from cognito_action.text import quoted

if TYPE_CHECKING:
    from cognito_action.aws.credentials import Access
    from cognito_action.inputs.adopt import AdoptInputs
    from cognito_action.inputs.main import Inputs


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


class SigningIn:
    """Signs the users of a step in by the app client that its inputs name. Threads may share it.

    Args:
        explain: puts a failure of the pool into words.
        random: a cryptographic source.
    """

    def __init__(
        self,
        inputs: "Inputs | AdoptInputs",
        access: "Access",
        explain: Callable[[Failure], ActionError],
        retry: Retry,
        runner: Runner,
        random: Random,
    ) -> None:
        self._retry = retry
        self._runner = runner
        self._devices: list[Device] = []
        app_client = AppClient(
            access.client,
            inputs.user_pool_id,
            inputs.client_id,
            inputs.client_secret,
            inputs.client_metadata,
            retry,
            runner.mask,
        )
        flows = FLOWS if inputs.auth_flow == "auto" else (inputs.auth_flow,)
        self._sign_in = SignIn(app_client, flows, random, explain, runner.log, new_device=self._new_device)

    def __call__(self, username: str, password: str) -> SignedIn:
        """Sign in the user whom `username` names, a name that a person would type; raises `ActionError`."""
        return self._sign_in(username, password)

    def wait_for_fresh_codes(self) -> None:
        """Let the codes of a second factor that were used here pass, so that the first one of a test is good."""
        pause = max((device.rest for device in self._devices), default=0.0)
        if pause:
            self._runner.log(f"Waiting {math.ceil(pause)} s for the next code of the second factor: each is good once.")
            self._retry.sleep(pause)

    def _new_device(self, secret: str) -> Device:
        device = Device(secret, sleep=self._retry.wait)
        self._devices.append(device)
        return device
