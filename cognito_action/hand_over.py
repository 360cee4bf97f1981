"""What main hands over: the outputs for later steps, and the summary for people."""

import json
from collections.abc import Mapping

from cognito_action.errors import code_block
from cognito_action.inputs import Inputs
from cognito_action.people import Person
from cognito_action.runner import Runner

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
