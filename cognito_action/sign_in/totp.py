"""A TOTP authenticator (RFC 6238) that gives each code once."""

import time
from collections.abc import Callable

from pyotp.totp import TOTP

WINDOW = 30
"""Seconds that a code is the current one; Cognito accepts the one before and the one after it too."""


class Authenticator:
    """The authenticator of one user, with Cognito's settings: SHA-1, six digits, windows of 30 s.

    Raises `ValueError` for a secret that is not base32 or shorter than 80 bits.

    Args:
        secret: in base32, as `AssociateSoftwareToken` returns it.
        clock: the time, in seconds since 1970.
    """

    def __init__(
        self,
        secret: str,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.secret = secret
        self._totp = TOTP(secret)
        self._totp.byte_secret()
        self._clock = clock
        self._sleep = sleep
        self._used = 0

    def previous_code(self) -> str:
        """Return the code of the window before this one, which leaves the current one to someone else."""
        return self._code(self._window - 1)

    def current_code(self) -> str:
        """Return the code of this window; waits for the next one if it has been given before."""
        return self._code(max(self._window, self._used + 1))

    @property
    def seconds_until_fresh(self) -> float:
        """Seconds until a code that someone else makes is not one that was given here."""
        return max(0.0, (self._used + 1) * WINDOW - self._clock())

    def _code(self, window: int) -> str:
        while self._window < window:
            self._sleep(window * WINDOW - self._clock())
        self._used = window
        return self._totp.generate_otp(window)

    @property
    def _window(self) -> int:
        return int(self._clock() // WINDOW)
