"""What later steps and readers get of the users of a step: the outputs and the summary."""

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from cognito_action.diagnostics.report import add_to_summary
from cognito_action.host import Host, HostFileError
from cognito_action.text import code_block
from cognito_action.users.batch import ReadyUser
from cognito_action.words import HostKind

if TYPE_CHECKING:
    from cognito_action.inputs.main import MainInputs

MAX_ENVIRONMENT_VALUE = 128 * 1024 - 256
"""Bytes of a value that one environment variable holds (Linux, `MAX_ARG_STRLEN`), with room for the variable's name."""


def write_outputs(users: Mapping[str, ReadyUser], inputs: "MainInputs", host: Host) -> None:
    """Write the outputs, the single ones of the first user, and the summary; raises `HostFileError`.

    Every secret has been masked before.
    """
    for name, value in next(iter(users.values())).outputs.items():
        host.output(name, value)
    if inputs.users:
        text = json.dumps({key: user.outputs for key, user in users.items()}, ensure_ascii=False)
        host.output("users", text)
        if host.kind is HostKind.ACTION and len(text.encode()) > MAX_ENVIRONMENT_VALUE:
            host.warning(
                "The output users is longer than the 128 KiB that one environment variable holds. Expressions "
                "(fromJSON) can still read it; to pass it to a step as a whole, create fewer users in one step.",
                "long output",
            )
    add_to_summary(_summary(users, inputs, host), host)


def write_subs(subs: Mapping[str, str], inputs: "MainInputs", host: Host) -> None:
    """Write the outputs of a sign-up that fails: a trigger may have made something for these users already.

    If they can't be written, the step fails with its first error all the same.
    """
    with suppress(HostFileError):
        if first := subs.get(next(iter(inputs.user_specs)), ""):
            host.output("sub", first)
        if inputs.users and subs:
            host.output("users", json.dumps({key: {"sub": sub} for key, sub in subs.items()}, ensure_ascii=False))


def _summary(users: Mapping[str, ReadyUser], inputs: "MainInputs", host: Host) -> str:
    subs = "\n".join(f"{user.credentials.sub or '(not created)'}  {key}".rstrip() for key, user in users.items())
    created = sum(bool(user.credentials.sub) for user in users.values())
    when = "when the job ends" if host.kind is HostKind.ACTION else "when the command has ended"
    stay = f"{when} (`cleanup: false`)"
    if len(users) == 1:
        end = f"is deleted {when}" if inputs.cleanup else f"stays {stay}"
        done = "Created" if created else "Ready for a test to sign up"
        text = f"### Cognito test user\n\n{done} in `{inputs.user_pool_id}`; {end}. The user's `sub`:"
    else:
        end = f"they are deleted {when}" if inputs.cleanup else f"they stay {stay}"
        done = f"Created {created}" if created else "Ready for tests to sign up"
        text = f"### Cognito test users\n\n{done} in `{inputs.user_pool_id}`; {end}. The users' `sub`:"
    return f"{text}\n\n{code_block(subs)}"
