"""Passwords that every policy accepts."""

import string
from itertools import product
from random import Random, SystemRandom

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognito_action.users.passwords import LONGEST_MINIMUM, SYMBOLS, new_password

SEEDS = st.integers(0, 2**64).map(Random)

CLASSES = (string.ascii_lowercase, string.ascii_uppercase, string.digits, string.punctuation)


@pytest.mark.parametrize("demanded", list(product([False, True], repeat=4)))
def test_password_meets_every_policy_of_its_length(demanded: tuple[bool, ...]) -> None:
    """Whichever of the four classes a policy demands, a password of any length has them."""
    random = SystemRandom()
    for length in range(8, 257):
        password = new_password(length, random)

        assert len(password) == length
        for characters, wanted in zip(CLASSES, demanded, strict=True):
            assert not wanted or set(password) & set(characters)


@given(length=st.integers(8, 256), random=SEEDS)
def test_password_needs_no_quoting(length: int, random: Random) -> None:
    """It starts with a letter and contains only letters, digits and four symbols with no special meaning anywhere."""
    password = new_password(length, random)

    assert password[0] in string.ascii_letters
    assert set(password) <= {*string.ascii_letters, *string.digits, *"-_.~"}


def test_symbols_are_ones_that_cognito_counts() -> None:
    """All four symbols are among the punctuation that Cognito counts as symbols."""
    assert set(SYMBOLS) <= set(string.punctuation)


def test_every_position_of_a_password_varies() -> None:
    """All classes occur at every position but the first, which has letters of both cases. No password repeats."""
    random = Random(1)
    passwords = [new_password(8, random) for _ in range(5000)]

    assert len(set(passwords)) == 5000
    assert {password[0] for password in passwords} == set(string.ascii_letters)
    for position in range(1, 8):
        assert {password[position] for password in passwords} == {*string.ascii_letters, *string.digits, *"-_.~"}


@pytest.mark.parametrize("length", [-1, 0, 7])
def test_short_password_is_refused(length: int) -> None:
    """There is no password with fewer than eight characters."""
    with pytest.raises(ValueError, match="at least 8"):
        new_password(length, Random(1))


def test_longest_minimum_is_a_length_that_every_policy_accepts() -> None:
    """99 characters satisfy the longest minimum."""
    assert LONGEST_MINIMUM == 99
    assert len(new_password(LONGEST_MINIMUM, Random(1))) == 99
