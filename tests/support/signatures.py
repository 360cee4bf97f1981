"""The signatures of a pool's tokens, which the emulator does not make."""

import base64
import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from tools.emulator.http import Answer
from tools.emulator.proxy import Call

_ID = "key-of-the-tests"


class Signer:
    """A key, with what the proxy in front of the emulator does with it: rules for `Proxy.on`."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(65537, 2048)

    def sign(self, call: Call) -> Answer:
        """Sign the tokens in the emulator's answer to a sign-in."""
        answer = call.forward()
        content = json.loads(answer.body)
        tokens = content["AuthenticationResult"]
        for name in ("AccessToken", "IdToken"):
            signed = f"{_base64(json.dumps({'alg': 'RS256', 'kid': _ID}).encode())}.{tokens[name].split('.')[1]}"
            tokens[name] = f"{signed}.{_base64(self._key.sign(signed.encode(), PKCS1v15(), SHA256()))}"
        return Answer(answer.status, json.dumps(content).encode(), answer.headers)

    def publish(self, _: Call) -> Answer:
        """Answer as the address does at which a pool publishes its keys."""
        public = self._key.public_key().public_numbers()
        key: dict[str, Any] = {"kty": "RSA", "alg": "RS256", "use": "sig", "kid": _ID}
        key |= {"n": _base64(public.n.to_bytes(256)), "e": _base64(public.e.to_bytes(3))}
        return Answer(200, json.dumps({"keys": [key]}).encode(), {"Content-Type": "application/json"})


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
