"""The TOTP authenticator: RFC 6238's codes, each given once."""

import base64
import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyotp.totp import TOTP

from cognito_action.sign_in.totp import WINDOW, Authenticator
from tests.support.fake_time import FakeTime

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
"""The secret of RFC 6238's examples for SHA-1, `12345678901234567890`, in base32."""

MOMENTS = st.floats(WINDOW, 2**33)


def new_authenticator(time: FakeTime) -> Authenticator:
    return Authenticator(SECRET, time.clock, time.sleep)


@pytest.mark.parametrize(
    ("moment", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_code_matches_the_rfc(moment: int, code: str) -> None:
    """The codes are those of RFC 6238, appendix B, cut to the last six of eight digits; leading zeros stay."""
    assert base64.b32decode(SECRET) == b"12345678901234567890"
    assert new_authenticator(FakeTime(now=moment)).current_code() == code[-6:]
    assert new_authenticator(FakeTime(now=moment + WINDOW)).previous_code() == code[-6:]


@given(MOMENTS)
def test_first_codes_do_not_wait(moment: float) -> None:
    """At any moment the previous code and the current one are available at once."""
    time = FakeTime(now=moment)
    authenticator = new_authenticator(time)

    codes = [authenticator.previous_code(), authenticator.current_code()]

    assert codes == [TOTP(SECRET).at(moment - WINDOW), TOTP(SECRET).at(moment)]
    assert time.pauses == []


@given(MOMENTS, st.lists(st.floats(0, 90), min_size=1, max_size=6))
def test_no_code_is_given_twice(moment: float, pauses: list[float]) -> None:
    """However soon it is asked for, each code is from a later window than the one before."""
    time = FakeTime(now=moment)
    authenticator = new_authenticator(time)
    authenticator.previous_code()
    windows = [int(moment // WINDOW) - 1]

    for pause in pauses:
        time.now += pause
        code = authenticator.current_code()
        windows.append(int(time.now // WINDOW))
        assert code == TOTP(SECRET).generate_otp(windows[-1])

    assert windows == sorted(set(windows))


def test_second_code_in_a_window_is_that_of_the_next() -> None:
    """It waits until the next window starts, and no longer."""
    time = FakeTime(now=1000 * WINDOW + 12)
    authenticator = new_authenticator(time)
    authenticator.current_code()

    assert authenticator.current_code() == TOTP(SECRET).at(1001 * WINDOW)
    assert time.pauses == [18]


def test_sleep_that_ends_early_is_repeated() -> None:
    """Only the clock decides whether the next window has started."""
    time = FakeTime(now=1000 * WINDOW + 12)

    def short_sleep(seconds: float) -> None:
        time.sleep(seconds if seconds < 1 else seconds / 2)

    authenticator = Authenticator(SECRET, time.clock, short_sleep)
    authenticator.current_code()
    authenticator.current_code()

    assert time.now == 1001 * WINDOW
    assert len(time.pauses) > 1


@pytest.mark.parametrize(
    ("codes", "wait"),
    [
        ([], 0.0),
        ([Authenticator.previous_code], 0.0),
        ([Authenticator.current_code], 18.0),
        ([Authenticator.previous_code, Authenticator.current_code], 18.0),
        ([Authenticator.current_code, Authenticator.current_code], 30.0),
    ],
)
def test_wait_is_the_time_until_someone_elses_code_is_new(
    codes: list[Callable[[Authenticator], str]], wait: float
) -> None:
    """The previous window's code costs no one anything; the current one is used up for the rest of its window."""
    time = FakeTime(now=1000 * WINDOW + 12)
    authenticator = new_authenticator(time)
    given_here = [code(authenticator) for code in codes]

    assert authenticator.seconds_until_fresh == wait
    assert TOTP(SECRET).at(time.now + authenticator.seconds_until_fresh) not in given_here
    time.now += 100
    assert authenticator.seconds_until_fresh == 0.0


@pytest.mark.parametrize(
    "secret", [SECRET, SECRET.lower(), "GEZDGNBVGY3TQOJQ", "GEZDGNBVGY3TQOJQGE", "GEZDGNBVGY3TQOJQGE======"]
)
def test_secret_is_kept_unchanged(secret: str) -> None:
    """In upper or lower case, with or without padding, down to the shortest that Cognito's API allows."""
    authenticator = Authenticator(secret, FakeTime(now=59).clock)

    assert authenticator.secret == secret
    assert authenticator.current_code() == TOTP(secret).at(59)


@pytest.mark.parametrize("secret", ["", "AAAAAAAA", "GEZDGNBVGY3TQOJ1", "not base32 at all", "é" * 16])
def test_secret_that_makes_no_codes_is_refused(secret: str) -> None:
    """It is refused when the authenticator is created, not when the first code is asked for."""
    with pytest.raises(ValueError, match=r"base32|80 bits|ASCII|padding"):
        Authenticator(secret)


def test_default_clock_is_the_systems() -> None:
    """Without a clock argument it makes the code that any authenticator shows."""
    secret = base64.b32encode(random.randbytes(20)).decode()
    before = TOTP(secret).now()
    code = Authenticator(secret).current_code()

    assert code in (before, TOTP(secret).now())
