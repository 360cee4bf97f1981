"""Main: create users who can sign in at once, and hand them over."""

from collections.abc import Callable, Mapping
from random import Random
from typing import TYPE_CHECKING

from cognito_action.connect import connect
from cognito_action.creation import Creation, Credentials
from cognito_action.errors import ActionError
from cognito_action.failure import Failure
from cognito_action.hand_over import hand_over
from cognito_action.identity import Run
from cognito_action.inputs import Inputs
from cognito_action.people import People
from cognito_action.records import Setup
from cognito_action.retry import Limits, Retry
from cognito_action.runner import Runner
from cognito_action.sign_in_inputs import sign_in_permissions
from cognito_action.state import State

if TYPE_CHECKING:
    from cognito_action.access import Access
    from cognito_action.conversation import SignedIn
    from cognito_action.signing_in import SigningIn

LIMITS = Limits(seconds=60.0)
"""The deadline is half a second later for each user after the first."""


def create(environ: Mapping[str, str], runner: Runner, retry: Retry, random: Random) -> int:
    """Run the main phase and return the exit status; raises `ActionError`."""
    state = State(runner)
    state.begin()
    inputs = Inputs.from_environ(environ)
    if inputs.client_secret:
        runner.mask(inputs.client_secret)
    run = Run.from_environ(environ)
    role = inputs.role(run)
    retry.extend_for(len(inputs.people))
    save_browser_state = _browser_state(inputs, environ, state, random)

    access = connect(role, inputs.user_pool_id, _operations(inputs), environ, retry, runner)
    state.setup(
        Setup(
            pool_id=inputs.user_pool_id,
            role=role,
            credentials=access.credentials,
            cleanup_failure=inputs.cleanup_failure,
        )
    )
    pool = access.user_pool(retry)
    sign_in = _sign_in(inputs, access, pool.explain, retry, runner, random)
    people = People(
        inputs.people,
        lambda attributes: Creation(pool, inputs, attributes, run, state, runner, random),
        pool,
        runner,
        (lambda user: sign_in(user.username, user.password)) if sign_in else None,
        save_browser_state,
    ).make()

    hand_over(people, inputs, runner)
    if sign_in:
        sign_in.wait_for_fresh_codes()
    who = "the user" if len(people) == 1 else f"the {len(people)} users"
    if inputs.cleanup:
        runner.log(f"The post step deletes {who} when the job ends.")
    else:
        runner.log(f"The post step leaves {who} when the job ends, since cleanup is false.")
        state.keep(person.credentials.key for person in people.values())
    return 0


def _operations(inputs: Inputs) -> list[str]:
    """The signed calls that these inputs can lead to."""
    operations = ["AdminCreateUser", "AdminSetUserPassword"]
    if any(spec.groups for spec in inputs.people.values()):
        operations.append("AdminAddUserToGroup")
    return operations + sign_in_permissions(inputs.client_id, inputs.auth_flow)


def _sign_in(
    inputs: Inputs,
    access: "Access",
    explain: Callable[[Failure], ActionError],
    retry: Retry,
    runner: Runner,
    random: Random,
) -> "SigningIn | None":
    if not inputs.client_id:
        return None
    # A step that signs nobody in need not wait for what only a sign-in imports.
    from cognito_action.signing_in import SigningIn  # noqa: PLC0415

    return SigningIn(inputs, access, explain, retry, runner, random)


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
