"""Signing in as the inputs of a step ask for it, up to codes of a second factor that are left to the tests."""

import math
from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING

from cognito_action.app_client import AppClient
from cognito_action.conversation import SignedIn
from cognito_action.errors import ActionError
from cognito_action.failure import Failure
from cognito_action.retry import Retry
from cognito_action.runner import Runner
from cognito_action.sign_in import SignIn
from cognito_action.sign_in_inputs import FLOWS
from cognito_action.totp import Device

if TYPE_CHECKING:
    from cognito_action.access import Access
    from cognito_action.adopt_inputs import AdoptInputs
    from cognito_action.inputs import Inputs


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
