"""What is said if sweep, adopt or delete can't tell that a user is theirs."""

import re
from collections.abc import Sequence

from cognito_action.errors import ActionError, CallError
from cognito_action.identifiers import UUID
from cognito_action.naming import Origin, Place, Run, owner_of
from cognito_action.words import HostKind, Options, Words

MAX_LISTED = 10
"""How many names are listed: more than these have one mistake in common, and an annotation has its limit."""

_HAND_OVER = """\
jobs:
  create:
    outputs:
      username: ${{ steps.user.outputs.username }}
    steps:
      - id: user
        with:
          mask-username: false
          cleanup: false
  delete:
    needs: [create, <the jobs that test>]
    if: always()
    steps:
      - uses: <this action>/delete@<commit>
        with:
          username: ${{ needs.create.outputs.username }}"""


def run_unknown() -> ActionError:
    """The runner's variables lack the IDs of the repository and the run."""
    return ActionError(
        what="GITHUB_REPOSITORY_ID or GITHUB_RUN_ID is not set, or is not a number.",
        why="A generated name carries the IDs of its repository and its run; without them no one can tell which users belong "
        "to this repository. GitHub's runner sets both; act does not know the first.",
        fix="With act, set the variable:",
        paste="act --env GITHUB_REPOSITORY_ID=123456789",
        language="sh",
    )


def not_own_users(names: Sequence[str], origin: Origin, kind: HostKind = HostKind.ACTION) -> ActionError:
    """Some of the names that were given are not of users that this run, or this place, created."""
    listed = [f"- {name[:128]}: {_reason(name, origin)}" for name in names[:MAX_LISTED]]
    if len(names) > MAX_LISTED:
        listed.append(f"- and {len(names) - MAX_LISTED} more")
    if isinstance(origin, Place):
        return ActionError(
            what="\n".join(["`--username` has to be of a user that the command created at this place:", *listed]),
            why="Any other user belongs to someone else and is left alone. No service was called.",
            fix="Give the username that `run --cleanup false` handed over. If it ran under another user or on another "
            "machine, give both commands the same name of a place:",
            paste="--place <name>",
            language="sh",
        )
    if kind is HostKind.COMMAND:
        return ActionError(
            what="\n".join(
                ["`--username` has to be of a user that an earlier step or job of this run created:", *listed]
            ),
            why="Any other user belongs to someone else and is left alone. No service was called.",
            fix="Give the username that `run --cleanup false` handed over. To reach another step or job, it must not be masked:",
            paste=Options({"cleanup": "false", "mask-username": "false"}),
        )
    return ActionError(
        what="\n".join(["`username` has to be of a user that an earlier job of this run created:", *listed]),
        why="Any other user belongs to someone else and is left alone. No service was called.",
        fix="Pass on the output `username` of the step that created the user:",
        paste=_HAND_OVER,
        language="yaml",
    )


def _reason(name: str, origin: Origin) -> str:
    if owner := owner_of(name):
        return _whose(owner, origin)
    if re.fullmatch(r"\+[0-9]+", name):
        return "a phone number; users of pools that sign in by phone number can't be handed over"
    if UUID.fullmatch(name):
        return "a user's ID (`sub`), not the output `username`"
    return "not a generated name"


def _whose(owner: Run | Place, origin: Origin) -> str:
    match owner, origin:
        case Run(), Run() if owner.repository_id == origin.repository_id:
            return f"another run's, {owner.run_id}; this is {origin.run_id}"
        case Run(), Run():
            return f"another repository's, with the ID {owner.repository_id}; this one has {origin.repository_id}"
        case Run(), _:
            return f"of a run on GitHub, in the repository with the ID {owner.repository_id}"
        case Place(), Place():
            return f"another place's, {owner.id}; this is {origin.id}"
        case _:
            return f"of the command `cognito-test-user`, outside of GitHub, at the place {owner.id}"


def user_to_adopt_not_found(error: CallError) -> ActionError:
    """No one in the pool has the name that is to be adopted."""
    return ActionError(
        what=error.what,
        why=Words(
            "The user is no longer in the pool. Usually the job that created it deleted it at its end, because "
            "`cleanup: false` is missing there. Or the last job has deleted it, and only the failed jobs were run again: run "
            "all of them instead. Users of a pool that signs in by phone number can't be adopted.",
            "The user is no longer in the pool. Usually the `run` that created it deleted it at its end. Users of a pool that "
            "signs in by phone number can't be adopted.",
        ),
        fix=Words(
            "Let the user outlive its job, and delete it in the last one:", "Let the user outlive that `run`, with:"
        ),
        paste=Words(_HAND_OVER, "--cleanup false"),
        language="yaml",
    )
