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
    """It begins with a letter, and holds letters, digits and four symbols that mean nothing anywhere."""
    password = new_password(length, random)

    assert password[0] in string.ascii_letters
    assert set(password) <= {*string.ascii_letters, *string.digits, *"-_.~"}


def test_symbols_are_ones_that_cognito_counts() -> None:
    """All four symbols are among the punctuation that Cognito takes for symbols."""
    assert set(SYMBOLS) <= set(string.punctuation)


def test_every_place_of_a_password_varies() -> None:
    """All classes come at every place but the first, which takes letters of both cases, and none repeats."""
    random = Random(1)
    passwords = [new_password(8, random) for _ in range(5000)]

    assert len(set(passwords)) == 5000
    assert {password[0] for password in passwords} == set(string.ascii_letters)
    for place in range(1, 8):
        assert {password[place] for password in passwords} == {*string.ascii_letters, *string.digits, *"-_.~"}


@pytest.mark.parametrize("length", [-1, 0, 7])
def test_short_password_is_not_made(length: int) -> None:
    """Below eight characters there is no password."""
    with pytest.raises(ValueError, match="at least 8"):
        new_password(length, Random(1))


def test_longest_minimum_is_a_length_that_every_policy_takes() -> None:
    """99 characters satisfy the longest minimum."""
    assert LONGEST_MINIMUM == 99
    assert len(new_password(LONGEST_MINIMUM, Random(1))) == 99
