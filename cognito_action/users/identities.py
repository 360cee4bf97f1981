"""The identities that an identity pool has of the users of a step, and what post does about them."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from cognito_action.errors import ActionError
from cognito_action.host import Host
from cognito_action.identifiers import IDENTITY_ID
from cognito_action.retry import Retry
from cognito_action.text import quoted
from cognito_action.users.records import Entry

if TYPE_CHECKING:
    from cognito_action.aws.credentials import Connection


def identities_of(entries: Iterable[Entry], identity_pool_id: str) -> list[str]:
    """The IDs that the entries have of identities: in this identity pool's region, and in their one form."""
    region = identity_pool_id.partition(":")[0]
    return [
        entry.identity_id
        for entry in entries
        if IDENTITY_ID.fullmatch(entry.identity_id) and entry.identity_id.partition(":")[0] == region
    ]


def delete_identities(
    identity_pool_id: str, identity_ids: Sequence[str], connection: "Connection | None", retry: Retry, host: Host
) -> None:
    """Delete identities where that is allowed, and log what became of each; without a `connection` all of them stay.

    One that stays is no failure: it is of no use without its user, who is reported if there still is one.
    """
    left = dict.fromkeys(identity_ids, "there was no connection to AWS")
    if connection and identity_ids:
        left = _delete(identity_pool_id, identity_ids, connection, retry, host)
    for identity_id in identity_ids:
        if identity_id not in left:
            host.log(f"Deleted the identity {identity_id}.")
    for reason in dict.fromkeys(left.values()):
        staying = [identity_id for identity_id, why in left.items() if why == reason]
        several = len(staying) > 1
        host.log(
            f"The {'identities' if several else 'identity'} {', '.join(staying)} {'stay' if several else 'stays'} in "
            f"{identity_pool_id}, of no use without {'their users' if several else 'the user'}: {quoted(reason)}"
        )


def _delete(
    identity_pool_id: str, identity_ids: Sequence[str], connection: "Connection", retry: Retry, host: Host
) -> dict[str, str]:
    """Delete them; return those that stay, each with the reason."""
    # Only a step with an identity pool needs it, and with it the description of another service.
    from cognito_action.aws.identity_pool import IdentityPool  # noqa: PLC0415

    try:
        return IdentityPool(connection, identity_pool_id, retry, host.mask).delete_identities(identity_ids)
    except ActionError as error:
        return dict.fromkeys(identity_ids, error.what)
