"""SRP in the action and in amazon-cognito-identity-js, bit by bit."""

import base64
from datetime import UTC, datetime
from random import Random

from cognito_action.sign_in.srp import SECRET_BITS, Srp
from tests.support.node import run_node

POOL_NAME = "aB3cD4eF5"
NOW = datetime(2026, 11, 2, 7, 5, 9, tzinfo=UTC)


def test_action_computes_the_same_proof_as_amazons_own_client() -> None:
    """Public numbers and signatures are the same, with and without zeros in front of the salt."""
    seeds = range(40)
    vectors = [_vector(seed) for seed in seeds]

    proofs = run_node("srp", vectors)

    assert [(proof["largeA"], proof["signature"]) for proof in proofs] == [
        _proof(seed, vector) for seed, vector in zip(seeds, vectors, strict=True)
    ]


def _vector(seed: int) -> dict[str, str]:
    """A challenge, and the secret exponent that the action draws from this seed."""
    random = Random(seed)
    exponent = random.getrandbits(SECRET_BITS)
    zeros = "0" * random.choice([0, 0, 1, 2, 3, 16])
    return {
        "poolName": POOL_NAME,
        "userId": random.choice(["user", "josé@example.com", f"{random.getrandbits(128):032x}"]),
        "password": random.choice(["Passw0rd", "pässwörd漢😀"]) + f"-{random.getrandbits(64):x}",
        "saltHex": f"{zeros}{random.getrandbits(random.choice([8, 64, 127, 128])) | 1:x}",
        "serverBHex": f"{random.getrandbits(random.choice([64, 3063, 3064, 3071, 3071, 3071])) | 1:x}",
        "smallAHex": f"{exponent:x}",
        "secretBlock": base64.b64encode(random.randbytes(random.randint(1, 1000))).decode(),
        "timestamp": "Mon Nov 2 07:05:09 UTC 2026",
    }


def _proof(seed: int, vector: dict[str, str]) -> tuple[str, str]:
    srp = Srp(Random(seed))
    challenge = {
        "USER_ID_FOR_SRP": vector["userId"],
        "SALT": vector["saltHex"],
        "SRP_B": vector["serverBHex"],
        "SECRET_BLOCK": vector["secretBlock"],
    }
    answer = srp.answer(f"us-east-1_{POOL_NAME}", vector["password"], challenge, NOW)
    assert answer["TIMESTAMP"] == vector["timestamp"]
    return srp.public, answer["PASSWORD_CLAIM_SIGNATURE"]
