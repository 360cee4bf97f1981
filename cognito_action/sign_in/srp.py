"""SRP-6a as Cognito speaks it: proof of a password that never travels.

The group is RFC 5054's of 3072 bits, the hash SHA-256. Cognito's own additions: the identity is the pool's name (the
part of its ID after the underscore) and the user's name, with nothing in between; the session key is the first 16
bytes of HKDF with the info `Caldera Derived Key`; and what is signed ends with a timestamp in English.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from random import Random

GENERATOR = 2


PRIME = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F"
    "83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B"
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510"
    "15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7"
    "ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C"
    "BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF",
    16,
)


SECRET_BITS = 256
"""Bits of the client's secret exponent: the least that RFC 5054 asks for (section 3.1)."""


_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class BadChallengeError(ValueError):
    """The server's numbers are not what SRP allows: an answer to them could give the password away."""


class Srp:
    """One proof: its public number goes with the request, and its answer to the server's challenge.

    Args:
        random: a cryptographic source (`secrets.SystemRandom`).
    """

    def __init__(self, random: Random) -> None:
        self._secret = random.getrandbits(SECRET_BITS)
        self._public = pow(GENERATOR, self._secret, PRIME)

    @property
    def public(self) -> str:
        """The parameter `SRP_A`, in hexadecimal."""
        return f"{self._public:x}"

    def answer(self, pool_id: str, password: str, challenge: Mapping[str, str], now: datetime) -> dict[str, str]:
        """Answer the parameters of a `PASSWORD_VERIFIER` challenge; `now` is in UTC.

        Raises `BadChallengeError` if they are incomplete or not safe to answer.
        """
        try:
            user = challenge["USER_ID_FOR_SRP"]
            salt, server = int(challenge["SALT"], 16), int(challenge["SRP_B"], 16)
            block = base64.b64decode(challenge["SECRET_BLOCK"], validate=True)
        except (KeyError, TypeError, ValueError) as error:
            raise BadChallengeError from error
        if salt < 0 or server < 0 or server % PRIME == 0:
            raise BadChallengeError
        identity = f"{pool_id.partition('_')[2]}{user}"
        timestamp = timestamp_of(now)
        message = identity.encode() + block + timestamp.encode()
        signature = hmac.digest(self._session_key(identity, password, salt, server), message, "sha256")
        return {
            "PASSWORD_CLAIM_SECRET_BLOCK": challenge["SECRET_BLOCK"],
            "PASSWORD_CLAIM_SIGNATURE": base64.b64encode(signature).decode(),
            "TIMESTAMP": timestamp,
        }

    def _session_key(self, identity: str, password: str, salt: int, server: int) -> bytes:
        mixed = _hash(shortest_signed(self._public), shortest_signed(server))
        private = _private_key(identity, password, salt)
        base = server - _hash(shortest_signed(PRIME), shortest_signed(GENERATOR)) * pow(GENERATOR, private, PRIME)
        shared = pow(base, self._secret + mixed * private, PRIME)
        extracted = hmac.digest(shortest_signed(mixed), shortest_signed(shared), "sha256")
        return hmac.digest(extracted, b"Caldera Derived Key\x01", "sha256")[:16]


def timestamp_of(now: datetime) -> str:
    """Format a time in UTC as Cognito reads it, `Mon Nov 3 07:05:09 UTC 2026`: English words, no zero before the day."""
    return f"{_DAYS[now.weekday()]} {_MONTHS[now.month - 1]} {now.day} {now:%H:%M:%S} UTC {now.year}"


def password_verifier(identity: str, password: str, salt: int) -> int:
    """What a server keeps of a password, to have it proven later (RFC 5054, section 2.4)."""
    return pow(GENERATOR, _private_key(identity, password, salt), PRIME)


def shortest_signed(number: int) -> bytes:
    """The shortest signed form, as Java's `BigInteger` writes it: a zero byte in front if the first bit is set."""
    return number.to_bytes(number.bit_length() // 8 + 1)


def _private_key(identity: str, password: str, salt: int) -> int:
    return _hash(shortest_signed(salt), hashlib.sha256(f"{identity}:{password}".encode()).digest())


def _hash(*parts: bytes) -> int:
    return int.from_bytes(hashlib.sha256(b"".join(parts)).digest())
