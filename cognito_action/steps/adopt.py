"""Adopt: give a user of an earlier job a new password, so that no secret has to cross from job to job."""

from collections.abc import Mapping
from random import Random
from typing import TYPE_CHECKING

from cognito_action.aws.connect import connect
from cognito_action.diagnostics.ownership import user_to_adopt_not_found
from cognito_action.diagnostics.report import add_to_summary
from cognito_action.errors import CallError
from cognito_action.github.oidc import claims_of
from cognito_action.github.runner import Runner
from cognito_action.inputs.prefetch import prefetch
from cognito_action.retry import Limits, Retry
from cognito_action.text import code_block
from cognito_action.users.ownership import known_run, require_own
from cognito_action.users.passwords import new_masked_password, set_password

if TYPE_CHECKING:
    from cognito_action.aws.user_pool import UserPool
    from cognito_action.inputs.adopt import AdoptInputs

LIMITS = Limits(seconds=60.0)

PERMISSIONS = ("AdminSetUserPassword",)

NAME = "Cognito test user - adopt"


def adopt(environ: Mapping[str, str], runner: Runner, retry: Retry, random: Random) -> int:
    """Run the step and return the exit status; raises `ActionError` and `RunnerFileError`."""
    early = prefetch(environ, runner.mask)
    from cognito_action.inputs.adopt import AdoptInputs  # noqa: PLC0415 - while GitHub's token is on its way

    inputs = AdoptInputs.from_environ(environ, runner.warning)
    if inputs.client_secret:
        runner.mask(inputs.client_secret)
    run = known_run(environ)
    require_own([inputs.username], run)

    connection = connect(inputs.role(run), inputs.pool, inputs.operations, early, retry, runner)
    pool = connection.user_pool(retry, PERMISSIONS)
    password = _set_password(pool, inputs, runner, random)
    runner.log(f"Set a new password of {inputs.username}; the old one no longer works.")
    outputs = {"username": inputs.username, "password": password}
    sign_in = None
    if inputs.signs_in:
        from cognito_action.sign_in.flows import new_sign_in  # noqa: PLC0415 - a step that signs no one in need not wait for it

        sign_in = new_sign_in(inputs, connection, pool, retry, runner, random)
        signed_in = sign_in(inputs.username, password)
        outputs |= {"sub": str(claims_of(signed_in.tokens.access).get("sub", "")), **signed_in.outputs}
        runner.log(f"Signed {inputs.username} in.")

    for name, value in outputs.items():
        runner.output(name, value)
    summary = f"### {NAME}\n\nAdopted in `{pool.id}`, with a new password:\n\n{code_block(inputs.username)}"
    add_to_summary(summary, runner)
    if sign_in:
        sign_in.wait_for_fresh_codes()
    return 0


def _set_password(pool: "UserPool", inputs: "AdoptInputs", runner: Runner, random: Random) -> str:
    def new(length: int) -> str:
        return new_masked_password(length, random, runner.mask)

    try:
        return set_password(pool, inputs.username, new(inputs.password_length), new)
    except CallError as error:
        if error.code == "UserNotFoundException":
            raise user_to_adopt_not_found(error) from error
        raise pool.explain(error) from error
