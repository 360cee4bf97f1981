"""The TOTP device: RFC 6238's codes, each of them once."""

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


def device(time: FakeTime) -> Authenticator:
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
def test_code_is_the_one_of_the_rfc(moment: int, code: str) -> None:
    """Appendix B of RFC 6238, cut to the last six of its eight digits, in which zeros in front stay."""
    assert base64.b32decode(SECRET) == b"12345678901234567890"
    assert device(FakeTime(now=moment)).current_code() == code[-6:]
    assert device(FakeTime(now=moment + WINDOW)).previous_code() == code[-6:]


@given(MOMENTS)
def test_first_codes_do_not_wait(moment: float) -> None:
    """At any moment the code before the current one and the current one are there at once."""
    time = FakeTime(now=moment)
    ours = device(time)

    codes = [ours.previous_code(), ours.current_code()]

    assert codes == [TOTP(SECRET).at(moment - WINDOW), TOTP(SECRET).at(moment)]
    assert time.pauses == []


@given(MOMENTS, st.lists(st.floats(0, 90), min_size=1, max_size=6))
def test_no_code_is_given_twice(moment: float, pauses: list[float]) -> None:
    """However soon they are asked for, the codes are those of windows that follow each other."""
    time = FakeTime(now=moment)
    ours = device(time)
    ours.previous_code()
    windows = [int(moment // WINDOW) - 1]

    for pause in pauses:
        time.now += pause
        code = ours.current_code()
        windows.append(int(time.now // WINDOW))
        assert code == TOTP(SECRET).generate_otp(windows[-1])

    assert windows == sorted(set(windows))


def test_second_code_of_a_window_is_that_of_the_next() -> None:
    """It waits until that has begun, and no longer."""
    time = FakeTime(now=1000 * WINDOW + 12)
    ours = device(time)
    ours.current_code()

    assert ours.current_code() == TOTP(SECRET).at(1001 * WINDOW)
    assert time.pauses == [18]


def test_sleep_that_ends_early_is_repeated() -> None:
    """The clock alone says that the next window has begun."""
    time = FakeTime(now=1000 * WINDOW + 12)

    def short_sleep(seconds: float) -> None:
        time.sleep(seconds if seconds < 1 else seconds / 2)

    ours = Authenticator(SECRET, time.clock, short_sleep)
    ours.current_code()
    ours.current_code()

    assert time.now == 1001 * WINDOW
    assert len(time.pauses) > 1


@pytest.mark.parametrize(
    ("codes", "rest"),
    [
        ([], 0.0),
        ([Authenticator.previous_code], 0.0),
        ([Authenticator.current_code], 18.0),
        ([Authenticator.previous_code, Authenticator.current_code], 18.0),
        ([Authenticator.current_code, Authenticator.current_code], 30.0),
    ],
)
def test_rest_is_the_time_until_somebody_elses_code_is_new(
    codes: list[Callable[[Authenticator], str]], rest: float
) -> None:
    """The previous window's code costs nobody anything; the current one is used up for the rest of its window."""
    time = FakeTime(now=1000 * WINDOW + 12)
    ours = device(time)
    given_here = [code(ours) for code in codes]

    assert ours.seconds_until_fresh == rest
    assert TOTP(SECRET).at(time.now + ours.seconds_until_fresh) not in given_here
    time.now += 100
    assert ours.seconds_until_fresh == 0.0


@pytest.mark.parametrize(
    "secret", [SECRET, SECRET.lower(), "GEZDGNBVGY3TQOJQ", "GEZDGNBVGY3TQOJQGE", "GEZDGNBVGY3TQOJQGE======"]
)
def test_secret_is_kept_as_it_came(secret: str) -> None:
    """In capitals or not, with its padding or without, down to the shortest that Cognito's API knows."""
    ours = Authenticator(secret, FakeTime(now=59).clock)

    assert ours.secret == secret
    assert ours.current_code() == TOTP(secret).at(59)


@pytest.mark.parametrize("secret", ["", "AAAAAAAA", "GEZDGNBVGY3TQOJ1", "not base32 at all", "é" * 16])
def test_secret_that_makes_no_codes_is_refused(secret: str) -> None:
    """Not only when the first code is asked for: who makes the device wants to know."""
    with pytest.raises(ValueError, match=r"base32|80 bits|ASCII|padding"):
        Authenticator(secret)


def test_device_has_the_clock_of_the_machine() -> None:
    """Without a clock of its own it makes the code that any authenticator shows."""
    secret = base64.b32encode(random.randbytes(20)).decode()
    before = TOTP(secret).now()
    code = Authenticator(secret).current_code()

    assert code in (before, TOTP(secret).now())
