"""Main: create users who can sign in at once, and hand them over."""

import math
from collections.abc import Callable, Iterable, Mapping
from random import Random
from typing import TYPE_CHECKING

from cognito_action.creation import Creation, Credentials
from cognito_action.errors import ActionError
from cognito_action.failure import Failure
from cognito_action.hand_over import hand_over
from cognito_action.identity import Run
from cognito_action.inputs import FLOWS, Inputs
from cognito_action.people import People, Person
from cognito_action.pool import UserPool
from cognito_action.retry import Retry
from cognito_action.role import Access, Role, connect, default_audience
from cognito_action.runner import Runner
from cognito_action.state import Setup, State

if TYPE_CHECKING:
    from cognito_action.sign_in import SignedIn

SECONDS = 40.0
"""After so many seconds, and half a second for each user after the first, main starts no further attempt; one that is
under way may take half a minute more."""


def create(environ: Mapping[str, str], runner: Runner, random: Random, retry: Retry) -> int:
    """Run the main phase and return the exit status; raises `ActionError`."""
    inputs = Inputs.from_environ(environ)
    if inputs.client_secret:
        runner.mask(inputs.client_secret)
    run = Run.from_environ(environ)
    state = State(runner)
    role = _role(inputs, run)
    retry.extend_for(len(inputs.people))
    save_browser_state = _browser_state(inputs, environ, state, random)

    access = connect(role, inputs.user_pool_id, _operations(inputs), environ, retry, runner)
    state.begin(
        Setup(
            pool_id=inputs.user_pool_id,
            role=role,
            credentials=access.credentials,
            cleanup_failure=inputs.cleanup_failure,
        )
    )
    pool = UserPool(access.client, inputs.user_pool_id, access.pool_arn, retry)
    people = People(
        inputs.people,
        lambda attributes: Creation(pool, inputs, attributes, run, state, runner, random),
        pool,
        runner,
        _sign_in(inputs, access, pool.explain, retry, runner, random),
        save_browser_state,
    ).make()

    hand_over(people, inputs, runner)
    _wait_for_fresh_codes(people.values(), runner, retry.sleep)
    who = "the user" if len(people) == 1 else f"the {len(people)} users"
    if inputs.cleanup:
        runner.log(f"The post step deletes {who} when the job ends.")
    else:
        runner.log(f"The post step leaves {who} when the job ends, since cleanup is false.")
        state.keep(person.credentials.key for person in people.values())
    return 0


def _role(inputs: Inputs, run: Run) -> Role | None:
    if not inputs.role_to_assume:
        return None
    return Role(
        arn=inputs.role_to_assume,
        session_name=inputs.role_session_name or f"cognito-{run.run_id}-{run.attempt}",
        audience=inputs.audience or default_audience(inputs.role_to_assume),
    )


def _operations(inputs: Inputs) -> list[str]:
    """The signed calls that these inputs can lead to."""
    operations = ["AdminCreateUser", "AdminSetUserPassword"]
    if any(spec.groups for spec in inputs.people.values()):
        operations.append("AdminAddUserToGroup")
    if inputs.client_id and inputs.auth_flow in ("auto", "ADMIN_USER_PASSWORD_AUTH"):
        operations += ["AdminInitiateAuth", "AdminRespondToAuthChallenge"]
    return operations


def _sign_in(
    inputs: Inputs,
    access: Access,
    explain: Callable[[Failure], ActionError],
    retry: Retry,
    runner: Runner,
    random: Random,
) -> "Callable[[Credentials], SignedIn] | None":
    if not inputs.client_id:
        return None
    # A step that signs nobody in need not wait for what only a sign-in imports.
    from cognito_action.app_client import AppClient  # noqa: PLC0415
    from cognito_action.sign_in import SignIn  # noqa: PLC0415
    from cognito_action.totp import Device  # noqa: PLC0415

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
    sign_in = SignIn(
        app_client, flows, random, explain, runner.log, new_device=lambda secret: Device(secret, sleep=retry.wait)
    )

    def signed_in(user: Credentials) -> "SignedIn":
        result = sign_in(user.username, user.password)
        runner.log(f"Signed {user.sub} in.")
        return result

    return signed_in


def _browser_state(
    inputs: Inputs, environ: Mapping[str, str], state: State, random: Random
) -> "Callable[[Credentials, SignedIn], str] | None":
    if not inputs.storage_state_origin:
        return None
    from cognito_action.runner_temp import RunnerTemp  # noqa: PLC0415 - as above
    from cognito_action.storage_state import storage_state  # noqa: PLC0415 - as above

    folder = RunnerTemp.from_environ(environ)

    def save(user: Credentials, signed_in: "SignedIn") -> str:
        text = storage_state(inputs.storage_state_origin, inputs.client_id, signed_in.tokens, user.username)
        return folder.write(state.new_file(random), text)

    return save


def _wait_for_fresh_codes(people: Iterable[Person], runner: Runner, sleep: Callable[[float], None]) -> None:
    """Let a second factor's code that was used here pass, so that the first one of a test is good."""
    devices = [person.signed_in.device for person in people if person.signed_in and person.signed_in.device]
    pause = max((device.rest for device in devices), default=0.0)
    if pause:
        runner.log(f"Waiting {math.ceil(pause)} s for the next code of the second factor: each is good once.")
        sleep(pause)
