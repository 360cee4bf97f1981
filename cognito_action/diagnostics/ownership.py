"""What is said if sweep, adopt or delete can't tell that a user is theirs."""

import re
from collections.abc import Sequence

from cognito_action.errors import ActionError, CallError
from cognito_action.naming import UUID, Run, owner_of

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


def not_own_users(names: Sequence[str], run: Run) -> ActionError:
    """Some of the names that the step was given are not of users that this run created."""
    listed = [f"- {name[:128]}: {_reason(name, run)}" for name in names[:MAX_LISTED]]
    if len(names) > MAX_LISTED:
        listed.append(f"- and {len(names) - MAX_LISTED} more")
    return ActionError(
        what="\n".join(["`username` has to be of a user that an earlier job of this run created:", *listed]),
        why="Any other user belongs to someone else and is left alone. No service was called.",
        fix="Pass on the output `username` of the step that created the user:",
        paste=_HAND_OVER,
        language="yaml",
    )


def _reason(name: str, run: Run) -> str:
    if owner := owner_of(name):
        if owner.repository_id != run.repository_id:
            return f"another repository's, with the ID {owner.repository_id}; this one has {run.repository_id}"
        return f"another run's, {owner.run_id}; this is {run.run_id}"
    if re.fullmatch(r"\+[0-9]+", name):
        return "a phone number; users of pools that sign in by phone number can't cross jobs"
    if UUID.fullmatch(name):
        return "a user's ID (`sub`), not the output `username`"
    return "not a name that this action generates"


def user_to_adopt_not_found(error: CallError) -> ActionError:
    """No one in the pool has the name that is to be adopted."""
    return ActionError(
        what=error.what,
        why="The user is no longer in the pool. Usually the job that created it deleted it at its end, because "
        "`cleanup: false` is missing there. Or the last job has deleted it, and only the failed jobs were run again: run all "
        "of them instead. Users of a pool that signs in by phone number can't be adopted.",
        fix="Let the user outlive its job, and delete it in the last one:",
        paste=_HAND_OVER,
        language="yaml",
    )
