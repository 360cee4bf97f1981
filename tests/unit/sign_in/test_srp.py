"""SRP: the group, the proof and its timestamp, checked against pycognito, RFC 3526 and the tests' own server."""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pycognito.aws_srp import AWSSRP, G_HEX, N_HEX

from cognito_action.sign_in.srp import GENERATOR, PRIME, SECRET_BITS, BadChallengeError, Srp, timestamp_of
from tests.support.examples import POOL_ID

POOL_NAME = "AbCdEfGhI"
USER = "11111111-2222-3333-4444-555555555555"
PASSWORD = "Passw0rd-of-the-user"
NOW = datetime(2026, 11, 3, 7, 5, 9, tzinfo=UTC)
STAMP = "Tue Nov 3 07:05:09 UTC 2026"
BLOCK = base64.b64encode(b"the server's secret block").decode()

NUMBERS = st.integers(1, PRIME - 1) | st.integers(1, 2**64)
"""Public numbers of the server: nearly all long, as in practice, and some short, whose bytes are padded differently."""


class Reference(AWSSRP):  # type: ignore[misc] # pycognito ships no types
    """pycognito's client with the secret exponent of an `Srp`, at the time `NOW`."""

    def __init__(self, pool_id: str, password: str, secret: int) -> None:
        super().__init__(USER, password, pool_id, "client", client=object())
        self.small_a_value = secret
        self.large_a_value = self.calculate_a()

    @staticmethod
    def get_cognito_formatted_timestamp(_: datetime) -> str:
        return STAMP


class Server:
    """Cognito's side of one proof, from the formulas of RFC 5054: it knows the verifier but not the password."""

    def __init__(self, user: str, password: str, salt: str, exponent: int) -> None:
        self._identity = POOL_NAME + user
        self._salt = salt
        self._exponent = exponent
        private = self._number(self._padded(int(salt, 16)) + self._digest(f"{self._identity}:{password}".encode()))
        self._verifier = pow(2, private, PRIME)
        multiplier = self._number("00" + N_HEX + "02")
        self._public = (multiplier * self._verifier + pow(2, exponent, PRIME)) % PRIME

    def challenge(self, user: str) -> dict[str, str]:
        return {
            "USER_ID_FOR_SRP": user,
            "USERNAME": user,
            "SALT": self._salt,
            "SRP_B": f"{self._public:x}",
            "SECRET_BLOCK": BLOCK,
        }

    def accepts(self, public: str, answer: Mapping[str, str]) -> bool:
        mixed = self._number(self._padded(int(public, 16)) + self._padded(self._public))
        shared = pow(int(public, 16) * pow(self._verifier, mixed, PRIME), self._exponent, PRIME)
        seed = hmac.new(self._bytes(mixed), self._bytes(shared), hashlib.sha256).digest()
        key = hmac.new(seed, b"Caldera Derived Key" + bytes([1]), hashlib.sha256).digest()[:16]
        message = self._identity.encode() + base64.b64decode(BLOCK) + answer["TIMESTAMP"].encode()
        expected = base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()
        return answer["PASSWORD_CLAIM_SECRET_BLOCK"] == BLOCK and answer["PASSWORD_CLAIM_SIGNATURE"] == expected

    @staticmethod
    def _padded(number: int) -> str:
        """Whole bytes in hexadecimal, with the first bit 0."""
        text = f"{number:x}"
        text = "0" * (len(text) % 2) + text
        return "00" + text if text[0] in "89abcdef" else text

    def _bytes(self, number: int) -> bytes:
        return binascii.unhexlify(self._padded(number))

    @staticmethod
    def _digest(data: bytes) -> str:
        return hashlib.sha256(data).hexdigest()

    def _number(self, text: str) -> int:
        return int(self._digest(binascii.unhexlify(text)), 16)


def challenge(**changes: str | None) -> dict[str, str]:
    """A valid challenge except for these parameters; None leaves one out."""
    parameters = {"USER_ID_FOR_SRP": USER, "SALT": "abc123", "SRP_B": "1234abcd", "SECRET_BLOCK": BLOCK}
    return {name: value for name, value in {**parameters, **changes}.items() if value is not None}


# The group


def test_group_matches_pycognito() -> None:
    """The prime and the generator are those of Cognito's other clients."""
    assert int(N_HEX, 16) == PRIME
    assert int(G_HEX, 16) == GENERATOR


def test_prime_matches_the_formula_of_its_rfc() -> None:
    """RFC 3526 gives the 3072-bit prime as a formula in pi, so no digit is copied here."""
    assert 2**3072 - 2**3008 - 1 + 2**64 * (_pi_times_two_to(2942) + 1690314) == PRIME


def test_prime_is_safe() -> None:
    """The prime has 3072 bits, `(PRIME - 1) / 2` is prime too, and the generator has that order."""
    half = (PRIME - 1) // 2

    assert PRIME.bit_length() == 3072
    assert _is_probably_prime(PRIME)
    assert _is_probably_prime(half)
    assert pow(GENERATOR, half, PRIME) == 1


def test_primality_test_finds_composites() -> None:
    """The primality test does not call every number prime; 561 fools a simpler one."""
    assert [number for number in range(5, 60, 2) if _is_probably_prime(number)] == [
        *(5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59)
    ]
    assert not _is_probably_prime(561)
    assert not _is_probably_prime(PRIME - 2)


# The public number


def test_public_number_comes_from_a_random_secret() -> None:
    """The exponent has 256 bits from the random source that is passed in."""
    assert SECRET_BITS == 256
    assert Srp(Random(1)).public == f"{pow(2, Random(1).getrandbits(256), PRIME):x}"


def test_each_proof_has_its_own_secret() -> None:
    """Two proofs from one source share nothing, and their numbers have the form that Cognito accepts."""
    source = Random(1)
    first, second = Srp(source).public, Srp(source).public

    assert first != second
    assert re.fullmatch("[0-9a-f]+", first)


# The proof


@settings(max_examples=25)
@given(
    seed=st.integers(0, 2**32),
    pool_name=st.from_regex(r"[0-9a-zA-Z]{1,20}", fullmatch=True),
    user=st.text(min_size=1),
    password=st.text(min_size=1),
    salt=st.binary(min_size=1, max_size=20).map(bytes.hex),
    server=NUMBERS,
    block=st.binary(),
)
@example(1, POOL_NAME, USER, PASSWORD, "00000000000000000000000000000001", 2**3071 + 1, b"block")
@example(2, POOL_NAME, USER, PASSWORD, "00ffffffffffffffffffffffffffffff", 2**3070, b"block")
@example(3, POOL_NAME, USER, PASSWORD, "ffffffffffffffffffffffffffffffff", 0xFF, b"block")
@example(4, POOL_NAME, USER, PASSWORD, "0f", 0x0F, b"")
@example(5, POOL_NAME, "josé@example.com", "pässwörd漢😀", "8000", PRIME - 1, b"\x00\xff")
def test_signature_matches_pycognito(
    seed: int, pool_name: str, user: str, password: str, salt: str, server: int, block: bytes
) -> None:
    """Whatever the numbers start with and whatever the password contains, every bit is the same.

    pycognito reads the salt as text, amazon-cognito-identity-js as a number. Without leading zeros, as in a number,
    both agree.
    """
    srp = Srp(Random(seed))
    secret = Random(seed).getrandbits(SECRET_BITS)
    parameters = {
        "USER_ID_FOR_SRP": user,
        "SALT": f"{int(salt, 16):x}",
        "SRP_B": f"{server:x}",
        "SECRET_BLOCK": base64.b64encode(block).decode(),
    }
    reference = Reference(f"eu-central-1_{pool_name}", password, secret)

    answer = srp.answer(f"eu-central-1_{pool_name}", password, {**parameters, "SALT": salt}, NOW)

    assert srp.public == reference.get_auth_params()["SRP_A"]
    assert {**answer, "USERNAME": USER} == reference.process_challenge(parameters, {"USERNAME": USER})


@settings(max_examples=10)
@given(
    seed=st.integers(0, 2**32),
    user=st.text(min_size=1),
    password=st.text(min_size=1),
    salt=st.binary(min_size=1, max_size=16).map(bytes.hex),
    exponent=st.integers(2**255, 2**256),
)
def test_server_that_knows_the_verifier_accepts_only_the_password(
    seed: int, user: str, password: str, salt: str, exponent: int
) -> None:
    """The right password is accepted, another one is not, and neither is the right one for another user."""
    server = Server(user, password, salt, exponent)
    srp = Srp(Random(seed))
    parameters = server.challenge(user)

    assert server.accepts(srp.public, srp.answer(POOL_ID, password, parameters, NOW))
    assert not server.accepts(srp.public, srp.answer(POOL_ID, f"{password}x", parameters, NOW))
    assert not server.accepts(
        srp.public, srp.answer(POOL_ID, password, {**parameters, "USER_ID_FOR_SRP": f"{user}x"}, NOW)
    )


def test_answer_holds_the_proof_and_no_password() -> None:
    """Three parameters go to Cognito: the unchanged block, the signature, and the time of the signature."""
    answer = Srp(Random(1)).answer(POOL_ID, PASSWORD, challenge(), NOW)

    assert set(answer) == {"PASSWORD_CLAIM_SECRET_BLOCK", "PASSWORD_CLAIM_SIGNATURE", "TIMESTAMP"}
    assert answer["PASSWORD_CLAIM_SECRET_BLOCK"] == BLOCK
    assert answer["TIMESTAMP"] == STAMP
    assert len(base64.b64decode(answer["PASSWORD_CLAIM_SIGNATURE"], validate=True)) == 32
    assert PASSWORD not in "".join(answer.values())


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"SRP_B": "0"}, id="the server's number is zero"),
        pytest.param({"SRP_B": f"{PRIME:x}"}, id="it is the prime"),
        pytest.param({"SRP_B": f"{5 * PRIME:x}"}, id="it is a multiple of the prime"),
        pytest.param({"SRP_B": f"-{PRIME:x}"}, id="it is a negative multiple of the prime"),
        pytest.param({"SRP_B": "-1"}, id="it is negative"),
        pytest.param({"SRP_B": "no number"}, id="it is not a number"),
        pytest.param({"SRP_B": ""}, id="it is empty"),
        pytest.param({"SRP_B": None}, id="it is missing"),
        pytest.param({"SALT": "-1"}, id="the salt is negative"),
        pytest.param({"SALT": "salt"}, id="the salt is not a number"),
        pytest.param({"SALT": None}, id="the salt is missing"),
        pytest.param({"SECRET_BLOCK": "a"}, id="the block is not base64"),
        pytest.param({"SECRET_BLOCK": "é==="}, id="the block is not ASCII"),
        pytest.param({"SECRET_BLOCK": "YQ==\n!"}, id="something follows the block"),
        pytest.param({"SECRET_BLOCK": None}, id="the block is missing"),
        pytest.param({"USER_ID_FOR_SRP": None}, id="the user is missing"),
    ],
)
def test_challenge_that_srp_does_not_allow_is_not_answered(change: dict[str, str | None]) -> None:
    """An invalid number from the server gets no proof, and so nothing to guess the password from."""
    with pytest.raises(BadChallengeError) as raised:
        Srp(Random(1)).answer(POOL_ID, PASSWORD, challenge(**change), NOW)

    assert PASSWORD not in repr(raised.value)


# The timestamp


@given(st.datetimes(datetime(1970, 1, 1), datetime(2999, 12, 31)))  # noqa: DTZ001 - hypothesis wants no time zone
@example(datetime(2024, 2, 29, 23, 59, 59))  # noqa: DTZ001 - as above
def test_timestamp_matches_pycognito(moment: datetime) -> None:
    """At any moment both write the same text."""
    assert timestamp_of(moment.replace(tzinfo=UTC)) == AWSSRP.get_cognito_formatted_timestamp(moment)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (datetime(2026, 1, 5, 0, 0, 0, tzinfo=UTC), "Mon Jan 5 00:00:00 UTC 2026"),
        (datetime(2026, 2, 10, 9, 8, 7, tzinfo=UTC), "Tue Feb 10 09:08:07 UTC 2026"),
        (datetime(2026, 3, 4, 23, 59, 59, 999999, tzinfo=UTC), "Wed Mar 4 23:59:59 UTC 2026"),
        (datetime(2026, 12, 31, 12, 0, 0, tzinfo=UTC), "Thu Dec 31 12:00:00 UTC 2026"),
    ],
)
def test_timestamp_has_javas_format(moment: datetime, expected: str) -> None:
    """`EEE MMM d HH:mm:ss z yyyy` in English: no leading zero in the day, two digits in each part of the time."""
    assert timestamp_of(moment) == expected


def _pi_times_two_to(bits: int) -> int:
    """The integer part of pi * 2^bits, by Machin's formula."""
    unit = 2 ** (bits + 64)
    return (16 * _arctan_of_one_by(5, unit) - 4 * _arctan_of_one_by(239, unit)) // 2**64


def _arctan_of_one_by(divisor: int, unit: int) -> int:
    power = total = unit // divisor
    number, sign = 3, -1
    while power:
        power //= divisor**2
        total += sign * (power // number)
        number, sign = number + 2, -sign
    return total


def _is_probably_prime(number: int) -> bool:
    """The Miller-Rabin test of an odd number, with fixed random bases."""
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    source = Random(1)
    for _ in range(5):
        power = pow(source.randrange(2, number - 1), odd, number)
        powers = [power]
        for _ in range(twos - 1):
            powers.append(powers[-1] ** 2 % number)
        if power != 1 and number - 1 not in powers:
            return False
    return True
