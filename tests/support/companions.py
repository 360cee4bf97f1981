"""A step of a companion action, with GitHub and AWS on loopback."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from cognito_action.errors import ActionError
from cognito_action.retry import Limits
from cognito_action.steps.run import Step
from tests.support.examples import POOL_ID, ROLE_ARN, RUN_ENVIRON
from tests.support.fake_time import FakeTime
from tests.support.inputs import input_variables
from tests.support.recorder import Recorder
from tests.support.scripted_aws import ScriptedAws
from tools.emulator.github import TokenService


@dataclass
class Companion:
    """Runs `step` within `limits`."""

    step: Step
    limits: Limits
    recorder: Recorder
    aws: ScriptedAws
    github: TokenService
    time: FakeTime
    environ: dict[str, str] = field(default_factory=lambda: dict(RUN_ENVIRON))

    def run(self, **inputs: str) -> int:
        """Run the step, with a role unless these inputs say otherwise; `_` in names stands for `-`."""
        named = {"user_pool_id": POOL_ID, "role_to_assume": ROLE_ARN, **inputs}
        given = input_variables(**named)
        environ = {"AWS_ENDPOINT_URL": self.aws.url, **self.github.environ, **self.environ, **given}
        return self.step(environ, self.recorder.runner, self.time.retry(self.limits))

    def fail(self, **inputs: str) -> ActionError:
        """Run the step, which has to fail, and return its error."""
        with pytest.raises(ActionError) as caught:
            self.run(**inputs)
        return caught.value

    @property
    def allowed(self) -> list[str]:
        """What the session may do."""
        [call] = self.aws.all("AssumeRoleWithWebIdentity")
        [statement] = json.loads(call.parameters["Policy"])["Statement"]
        return [name.removeprefix("cognito-idp:") for name in statement["Action"]]

    def parameters(self, operation: str) -> list[Mapping[str, Any]]:
        """The parameters of each call of `operation`."""
        return [call.parameters for call in self.aws.all(operation)]
