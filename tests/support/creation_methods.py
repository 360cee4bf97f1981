"""The ways of creating a user, against a Cognito that answers from a script."""

from random import Random
from typing import TYPE_CHECKING

from cognito_action.github.runner import Runner
from cognito_action.retry import Retry
from cognito_action.users.creation_method import AdminCreation, CreationMethod
from cognito_action.users.self_sign_up import SelfSignUp
from tests.support.scripted_cognito import ScriptedCognito

if TYPE_CHECKING:
    from cognito_action.inputs.main import MainInputs


def creation_method(
    inputs: "MainInputs", client: ScriptedCognito, retry: Retry, runner: Runner, random: Random
) -> CreationMethod:
    """The way that the inputs ask for."""
    pool, metadata = client.pool(retry), inputs.client_metadata
    if not inputs.sign_up:
        return AdminCreation(pool, metadata, runner, random)
    sign_up_client = client.sign_up_client(retry, metadata, inputs.client_secret, runner.mask)
    return SelfSignUp(sign_up_client, pool, metadata, runner, signs_in=inputs.signs_in)
