"""What AWS calls regions, user pools, identity pools and users."""

import re
from dataclasses import dataclass

REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}")
"""The name of a region of AWS."""

POOL_ID = re.compile(r"[\w-]+_[0-9a-zA-Z]+", re.ASCII)
"""The ID of a user pool (`UserPoolIdType`): of AWS's, the front is the region. Emulators have others."""

IDENTITY_ID = re.compile(REGION.pattern + ":[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""The ID of an identity pool, or of an identity in one: its region, and a UUID."""

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""What Cognito itself calls a user who signs in by email address or phone number."""


@dataclass(frozen=True)
class PoolAddress:
    """A user pool, and the region whose endpoints know it."""

    id: str
    region: str


def region_of(pool_id: str) -> str:
    """The region that the ID of a user pool starts with; empty if it starts with something else, as an emulator's can."""
    front = pool_id.partition("_")[0]
    return front if REGION.fullmatch(front) else ""
