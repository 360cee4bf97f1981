"""What is said where sweep, adopt or delete can't tell that a user is theirs to touch."""

import re
from collections.abc import Sequence

from cognito_action.errors import ActionError, Failure, refusal
from cognito_action.naming import UUID, Run, owner_of

SHOWN = 10
"""So many names are listed: more than these have a mistake in common, and an annotation has its limit."""


_HAND_OVER = """\
jobs:
  create:
    outputs:
      username: ${{ steps.user.outputs.username }}
    steps:
      - id: user
        with:
          mask-username: false
          cleanup: false"""


def no_repository() -> ActionError:
    """The runner's variables lack the ids of the repository and the run."""
    return ActionError(
        what="GITHUB_REPOSITORY_ID or GITHUB_RUN_ID is not set, or is no number.",
        why="A generated name carries the ids of its repository and its run; without them nobody can tell which users are "
        "this repository's. GitHub's runner sets both; act does not know the first.",
        fix="With act, give it the variable:",
        paste="act --env GITHUB_REPOSITORY_ID=123456789",
        language="sh",
    )


def strangers(names: Sequence[str], run: Run) -> ActionError:
    """Some of the names that the step was given are not of users whom this run created."""
    listed = [f"- {name[:128]}: {_reason(name, run)}" for name in names[:SHOWN]]
    if len(names) > SHOWN:
        listed.append(f"- and {len(names) - SHOWN} more")
    return ActionError(
        what="\n".join(["`username` has to be of a user whom an earlier job of this run created:", *listed]),
        why="Any other user is somebody's and is left alone. No service was called.",
        fix="Pass on the output `username` of the step that created the user:",
        paste=_HAND_OVER,
        language="yaml",
    )


def _reason(name: str, run: Run) -> str:
    if owner := owner_of(name):
        if owner.repository_id != run.repository_id:
            return f"another repository's, with the id {owner.repository_id}; this one has {run.repository_id}"
        return f"another run's, {owner.run_id}; this is {run.run_id}"
    if re.fullmatch(r"\+[0-9]+", name):
        return "a phone number; users of pools that sign people in by phone number can't cross jobs"
    if UUID.fullmatch(name):
        return "a user's id (`sub`), not the output `username`"
    return "not a name that this action generates"


def not_there(failure: Failure) -> ActionError:
    """Nobody in the pool has the name that is to be adopted."""
    return ActionError(
        what=refusal(failure),
        why="The user is not in the pool (any more). Mostly the job that created it deleted it at its end, because "
        "`cleanup: false` is missing there. Or the last job has deleted it, and only failed jobs were run again: then run "
        "all of them. Users of a pool that signs people in by phone number can't be adopted.",
        fix="Let the user outlive its job, and delete it in the last one:",
        paste=_HAND_OVER,
        language="yaml",
    )
