"""Adopt: give a user of an earlier job a new password, so that no secret has to cross from job to job."""

from collections.abc import Mapping
from random import Random
from typing import TYPE_CHECKING

from cognito_action.aws.connect import connect
from cognito_action.claims import claims_of
from cognito_action.diagnostics.ownership import user_to_adopt_not_found
from cognito_action.diagnostics.report import add_to_summary
from cognito_action.errors import CallError
from cognito_action.host import Host
from cognito_action.inputs.prefetch import prefetch
from cognito_action.naming import Origin
from cognito_action.retry import Limits, Retry
from cognito_action.text import code_block
from cognito_action.users.ownership import known_run, require_own
from cognito_action.users.passwords import new_masked_password, set_password

if TYPE_CHECKING:
    from cognito_action.aws.prefetch import Prefetch
    from cognito_action.aws.user_pool import UserPool
    from cognito_action.inputs.adopt import AdoptInputs

LIMITS = Limits(seconds=60.0)

PERMISSIONS = ("AdminSetUserPassword",)

NAME = "Cognito test user - adopt"


def adopt(environ: Mapping[str, str], host: Host, retry: Retry, random: Random) -> int:
    """Run the step and return the exit status; raises `ActionError` and `HostFileError`."""
    early = prefetch(environ, host)
    from cognito_action.inputs.adopt import AdoptInputs  # noqa: PLC0415 - while GitHub's token is on its way

    inputs = AdoptInputs.from_environ(environ, host.warning)
    if inputs.client_secret:
        host.mask(inputs.client_secret)
    adopt_user(inputs, known_run(environ), early, host, retry, random)
    return 0


def adopt_user(
    inputs: "AdoptInputs", origin: Origin, prefetch: "Prefetch", host: Host, retry: Retry, random: Random
) -> None:
    """Give the user a new password, and write the outputs; raises `ActionError` and `HostFileError`."""
    require_own([inputs.username], origin, host.kind)
    connection = connect(inputs.role(origin), inputs.pool, inputs.operations, prefetch, retry, host)
    pool = connection.user_pool(retry, PERMISSIONS)
    password = _set_password(pool, inputs, host, random)
    host.log(f"Set a new password of {inputs.username}; the old one no longer works.")
    outputs = {"username": inputs.username, "password": password}
    sign_in = None
    if inputs.signs_in:
        from cognito_action.sign_in.flows import new_sign_in  # noqa: PLC0415 - a step that signs no one in need not wait for it

        sign_in = new_sign_in(inputs, connection, pool, retry, host, random)
        signed_in = sign_in(inputs.username, password)
        outputs |= {"sub": str(claims_of(signed_in.tokens.access).get("sub", "")), **signed_in.outputs}
        host.log(f"Signed {inputs.username} in.")

    for name, value in outputs.items():
        host.output(name, value)
    summary = f"### {NAME}\n\nAdopted in `{pool.id}`, with a new password:\n\n{code_block(inputs.username)}"
    add_to_summary(summary, host)
    if sign_in:
        sign_in.wait_for_fresh_codes()


def _set_password(pool: "UserPool", inputs: "AdoptInputs", host: Host, random: Random) -> str:
    def new(length: int) -> str:
        return new_masked_password(length, random, host.mask)

    try:
        return set_password(pool, inputs.username, new(inputs.password_length), new)
    except CallError as error:
        if error.code == "UserNotFoundException":
            raise user_to_adopt_not_found(error) from error
        raise pool.explain(error) from error
