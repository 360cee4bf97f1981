"""Main: create users who can sign in at once, and hand them over."""

from collections.abc import Callable, Mapping
from random import Random
from typing import TYPE_CHECKING

from cognito_action.aws.connect import connect
from cognito_action.errors import ActionError, Failure
from cognito_action.github.runner import Runner
from cognito_action.inputs.main import Inputs
from cognito_action.inputs.sign_in import sign_in_permissions
from cognito_action.naming import Run
from cognito_action.retry import Limits, Retry
from cognito_action.users.batch import People
from cognito_action.users.creation import Creation, Credentials
from cognito_action.users.records import Setup
from cognito_action.users.state import State

if TYPE_CHECKING:
    from cognito_action.aws.credentials import Access
    from cognito_action.sign_in.challenges import SignedIn
    from cognito_action.sign_in.flows import SigningIn
import json

from cognito_action.text import code_block
from cognito_action.users.batch import Person

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
    from cognito_action.sign_in.flows import SigningIn  # noqa: PLC0415

    return SigningIn(inputs, access, explain, retry, runner, random)


def _browser_state(
    inputs: Inputs, environ: Mapping[str, str], state: State, random: Random
) -> "Callable[[Credentials, SignedIn], str] | None":
    if not inputs.storage_state_origin:
        return None
    from cognito_action.github.temp_files import RunnerTemp  # noqa: PLC0415 - as above
    from cognito_action.sign_in.browser_state import storage_state  # noqa: PLC0415 - as above

    folder = RunnerTemp.from_environ(environ)

    def save(user: Credentials, signed_in: "SignedIn") -> str:
        text = storage_state(inputs.storage_state_origin, inputs.client_id, signed_in.tokens, user.username)
        return folder.write(state.new_file(random), text)

    return save


ENVIRONMENT_LIMIT = 128 * 1024 - 256
"""Bytes of a value that one environment variable holds (Linux, `MAX_ARG_STRLEN`), with room for the variable's name."""


def hand_over(people: Mapping[str, Person], inputs: Inputs, runner: Runner) -> None:
    """Write the outputs, the single ones of the first user, and the summary. Every secret has been masked before."""
    for name, value in next(iter(people.values())).outputs.items():
        runner.output(name, value)
    if inputs.users:
        text = json.dumps({key: person.outputs for key, person in people.items()}, ensure_ascii=False)
        runner.output("users", text)
        if len(text.encode()) > ENVIRONMENT_LIMIT:
            runner.warning(
                "The output users is longer than the 128 KiB that one environment variable holds. Expressions "
                "(fromJSON) can still read it; to pass it to a step as a whole, create fewer users in one step.",
                "Cognito test user: long output",
            )
    runner.summary(_summary(people, inputs))


def _summary(people: Mapping[str, Person], inputs: Inputs) -> str:
    subs = "\n".join(f"{person.credentials.sub}  {key}".rstrip() for key, person in people.items())
    stay = "when the job ends (`cleanup: false`)"
    if len(people) == 1:
        end = "is deleted when the job ends" if inputs.cleanup else f"stays {stay}"
        text = f"### Cognito test user\n\nCreated in `{inputs.user_pool_id}`; {end}. The user's `sub`:"
    else:
        end = "they are deleted when the job ends" if inputs.cleanup else f"they stay {stay}"
        text = f"### Cognito test users\n\nCreated {len(people)} in `{inputs.user_pool_id}`; {end}. The users' `sub`:"
    return f"{text}\n\n{code_block(subs)}"
