"""Adopt: give a user of an earlier job a new password, so that no secret has to cross from job to job."""

from collections.abc import Mapping
from random import Random
from typing import TYPE_CHECKING

from cognito_action.aws.connect import connect
from cognito_action.diagnostics import ownership as ownership_errors
from cognito_action.errors import Failure
from cognito_action.github.oidc import claims_of
from cognito_action.github.runner import Runner
from cognito_action.inputs.adopt import AdoptInputs
from cognito_action.inputs.sign_in import sign_in_permissions
from cognito_action.retry import Limits, Retry
from cognito_action.text import code_block
from cognito_action.users.ownership import known_run, require_own
from cognito_action.users.passwords import give_password, new_masked_password

if TYPE_CHECKING:
    from cognito_action.aws.user_pool import UserPool


LIMITS = Limits(seconds=60.0)


PERMISSIONS = ("AdminSetUserPassword",)


def adopt(environ: Mapping[str, str], runner: Runner, retry: Retry, random: Random) -> int:
    """Run the phase and return the exit status; raises `ActionError`."""
    inputs = AdoptInputs.from_environ(environ)
    if inputs.client_secret:
        runner.mask(inputs.client_secret)
    run = known_run(environ)
    require_own([inputs.username], run)

    operations = [*PERMISSIONS, *sign_in_permissions(inputs.client_id, inputs.auth_flow)]
    access = connect(inputs.role(run), inputs.user_pool_id, operations, environ, retry, runner)
    pool = access.user_pool(retry, PERMISSIONS)
    password = _give_password(pool, inputs, runner, random)
    runner.log(f"Set a new password of {inputs.username}; the earlier one is no longer good.")
    outputs = {"username": inputs.username, "password": password}
    sign_in = None
    if inputs.client_id:
        from cognito_action.sign_in.flows import SigningIn  # noqa: PLC0415 - a step that signs nobody in need not wait for it

        sign_in = SigningIn(inputs, access, pool.explain, retry, runner, random)
        signed_in = sign_in(inputs.username, password)
        outputs |= {"sub": str(claims_of(signed_in.tokens.access).get("sub", "")), **signed_in.outputs}
        runner.log(f"Signed {inputs.username} in.")

    for name, value in outputs.items():
        runner.output(name, value)
    runner.summary(
        f"### Cognito test user\n\nAdopted in `{pool.id}`, with a new password:\n\n{code_block(inputs.username)}"
    )
    if sign_in:
        sign_in.wait_for_fresh_codes()
    return 0


def _give_password(pool: "UserPool", inputs: AdoptInputs, runner: Runner, random: Random) -> str:
    def draw(length: int) -> str:
        return new_masked_password(length, random, runner.mask)

    try:
        return give_password(pool, inputs.username, draw(inputs.password_length), draw)
    except Failure as failure:
        if failure.code == "UserNotFoundException":
            raise ownership_errors.not_there(failure) from failure
        raise pool.explain(failure) from failure
