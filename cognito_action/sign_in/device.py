"""The device that a sign-in leaves behind in a pool that remembers devices: without it, no token can be refreshed."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Self

from cognito_action.sign_in.srp import password_verifier, shortest_signed

PASSWORD_BYTES = 40
SALT_BITS = 128
"""Both as amazon-cognito-identity-js draws them."""


@dataclass(frozen=True)
class Device:
    """A device that Cognito has offered, with a password of its own, which the step makes up.

    Cognito learns the verifier of the password (`ConfirmDevice`). Whoever refreshes the tokens names the key, and
    proves the password only if they sign in again with the device.
    """

    key: str
    group_key: str
    password: str = field(repr=False)

    @classmethod
    def new(cls, metadata: Mapping[str, str], random: Random, mask: Callable[[str], None]) -> Self:
        """Make one of `NewDeviceMetadata`; `random` is a cryptographic source, and `mask` hides the password."""
        password = base64.b64encode(random.randbytes(PASSWORD_BYTES)).decode()
        mask(password)
        return cls(metadata["DeviceKey"], metadata["DeviceGroupKey"], password)

    def verifier(self, random: Random) -> dict[str, str]:
        """The parameter `DeviceSecretVerifierConfig`: SRP's verifier, with a new salt, both in base64."""
        salt = random.getrandbits(SALT_BITS)
        verifier = password_verifier(f"{self.group_key}{self.key}", self.password, salt)
        return {"PasswordVerifier": _base64(verifier), "Salt": _base64(salt)}


def _base64(number: int) -> str:
    return base64.b64encode(shortest_signed(number)).decode()
