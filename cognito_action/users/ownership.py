"""Whose user it is: what sweep, adopt and delete may touch. Everybody else's users are left alone."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from cognito_action.diagnostics.ownership import not_own_users, run_unknown
from cognito_action.identifiers import UUID
from cognito_action.naming import Origin, Run, is_simulated, owner_of
from cognito_action.words import HostKind

if TYPE_CHECKING:
    from cognito_action.aws.users import ListedUser


def known_run(environ: Mapping[str, str]) -> Run:
    """Read the run from the runner's variables; raises `ActionError` if they don't tell the repository and the run."""
    run = Run.from_environ(environ)
    if "0" in (run.repository_id, run.run_id):
        raise run_unknown()
    return run


def require_own(names: Sequence[str], origin: Origin, kind: HostKind = HostKind.ACTION) -> None:
    """Raise `ActionError` unless this run, in any attempt, or this place generated each of `names`.

    A new attempt counts as the same run: it takes over what jobs that are not run again have left.
    """
    if others := [name for name in names if not origin.generated(name)]:
        raise not_own_users(others, origin, kind)


def creator_of(user: "ListedUser", origin: Origin) -> Origin | None:
    """Tell where `user` was created, if a sweep of `origin` may delete it: by which run of the repository; otherwise None.

    Either the user's own name has the generated form; or it is the UUID that Cognito gives, equal to the `sub`, and
    the email address has that form. Such an address is proof if it is not an unverified one, since the action verifies
    what it makes up; if the user is unconfirmed, and so has never signed in: a sign-up that ended half-way; or if the
    mailbox simulator has it, where no person can have a mailbox: a test that filled in the form may not verify it.
    Whoever has a name of another kind is a person, whatever their address looks like.
    """
    owner: Origin | None = owner_of(user.username)
    if user.username == user.sub and UUID.fullmatch(user.username) and "@" in user.email:
        is_proof = not user.unverified or user.unconfirmed or is_simulated(user.email)
        owner = owner_of(user.email) if is_proof else None
    return owner if owner and origin.sweeps(owner) else None
