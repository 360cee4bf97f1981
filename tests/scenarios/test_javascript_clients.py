"""An independent JavaScript client: amazon-cognito-identity-js, as a reference for SRP and as a user's own client."""

import base64
import hashlib
import hmac
from random import Random
from typing import Any

import pytest
from pycognito.aws_srp import AWSSRP

from tests.support.node import run_node
from tests.support.world import World

POOL = "us-east-1_aB3cD4eF5"


@pytest.mark.parametrize("flow", ["USER_SRP_AUTH", "USER_PASSWORD_AUTH"])
@pytest.mark.parametrize("kind", ["plain", "email"])
def test_user_signs_in_with_javascript(world: World, kind: str, flow: str) -> None:
    """The username and password of the outputs yield the user's tokens, and another password yields none."""
    pool = world.pool(kind)
    main = world.job().main(world.inputs(pool))
    client = world.account.create_app_client(pool, "ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH")
    username, password = main.outputs["username"], main.outputs["password"]
    sign_in = {"poolId": pool, "clientId": client, "endpoint": world.aws.url, "username": username, "flow": flow}

    tokens = run_node("sign_in", {**sign_in, "password": password})
    refusal = run_node("sign_in", {**sign_in, "password": f"{password}x"})

    user = world.account.cognito.get_user(AccessToken=tokens["accessToken"])
    assert {"Name": "sub", "Value": main.outputs["sub"]} in user["UserAttributes"]
    assert refusal["error"] == "NotAuthorizedException"


def test_two_references_compute_the_same_proof() -> None:
    """amazon-cognito-identity-js and pycognito, on which the tests of SRP rely, agree bit by bit."""
    random = Random(1)
    vectors = [_vector(random) for _ in range(10)]

    assert run_node("srp", vectors) == [_proof_of_pycognito(vector) for vector in vectors]


def _vector(random: Random) -> dict[str, str]:
    """Secrets of a client and a challenge for them; numbers of any length, because their padding differs."""
    return {
        "poolName": POOL.partition("_")[2],
        "userId": f"user-{random.getrandbits(64):x}",
        "password": f"pässword-{random.getrandbits(64):x}",
        "saltHex": f"{random.getrandbits(random.randint(100, 128)):x}",
        "serverBHex": f"{random.getrandbits(random.randint(3000, 3071)):x}",
        "smallAHex": f"{random.getrandbits(random.randint(200, 1024)):x}",
        "secretBlock": base64.b64encode(random.randbytes(random.randint(10, 1000))).decode(),
        "timestamp": "Mon Nov 3 07:05:09 UTC 2026",
    }


def _proof_of_pycognito(vector: dict[str, str]) -> dict[str, Any]:
    client = AWSSRP(vector["userId"], vector["password"], POOL, "client", client=object())
    client.small_a_value = int(vector["smallAHex"], 16)
    client.large_a_value = client.calculate_a()
    key = client.get_password_authentication_key(
        vector["userId"], vector["password"], int(vector["serverBHex"], 16), vector["saltHex"]
    )
    identity = f"{vector['poolName']}{vector['userId']}"
    message = identity.encode() + base64.b64decode(vector["secretBlock"]) + vector["timestamp"].encode()
    signature = base64.b64encode(hmac.digest(key, message, hashlib.sha256)).decode()
    return {"largeA": f"{client.large_a_value:x}", "key": key.hex(), "signature": signature}
