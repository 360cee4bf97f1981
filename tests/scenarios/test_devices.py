"""Pools that remember devices. The emulator has none, and nothing here was tried on a real pool.

What is compared is the arithmetic of amazon-cognito-identity-js, in both directions, and what the libraries send.
"""

import base64
import hashlib
import hmac
import json
from pathlib import Path
from random import Random
from typing import Any

from cognito_action.sign_in.device import Device
from cognito_action.sign_in.srp import GENERATOR, PRIME, password_verifier, shortest_signed
from tests.support.browser_app import app_settings, serving_app
from tests.support.node import run_node
from tests.support.playwright import BrowserRecipe, named, run_playwright
from tests.support.recipes import recipe
from tests.support.world import MAIN_CALLS, World
from tools.emulator.http import Answer
from tools.emulator.proxy import Call, Rule

KEYS = {
    "DeviceKey": "us-east-1_11111111-2222-3333-4444-555555555555",
    "DeviceGroupKey": "-a1b2c3d4",
}
LIBRARIES = ["identity-js", "amplify5", "amplify6"]

REFRESHES = ("InitiateAuth", "GetTokensFromRefreshToken")
"""The calls by which the libraries refresh tokens."""

REFRESH = """
import { expect, test } from '@playwright/test'

test('refreshed', async ({ page }) => {
  await page.goto('/')
  await page.getByRole('button', { name: 'Refresh' }).click()
  await expect(page.locator('pre')).not.toHaveText(process.env.ACCESS_TOKEN)
})
"""


def offering(keys: dict[str, str]) -> Rule:
    """Sign in as Cognito does in a pool that remembers devices."""

    def rule(call: Call) -> Answer:
        answer = call.forward()
        content = json.loads(answer.body)
        if "AuthenticationResult" in content:
            content["AuthenticationResult"]["NewDeviceMetadata"] = keys
        return Answer(answer.status, json.dumps(content).encode(), answer.headers)

    return rule


def confirming(_: Call) -> Answer:
    """Remember a device."""
    return Answer(200, b"{}", {"Content-Type": "application/x-amz-json-1.1"})


def test_amazons_own_client_computes_the_same_verifier() -> None:
    """For the passwords and the salts that it draws itself."""
    devices = [{"groupKey": f"-{number:x}", "key": f"us-east-1_{number}"} for number in range(30)]

    made = run_node("device", devices)

    for device, of in zip(devices, made, strict=True):
        salt = int.from_bytes(base64.b64decode(of["Salt"]))
        verifier = password_verifier(f"{device['groupKey']}{device['key']}", of["password"], salt)
        assert _base64(verifier) == of["PasswordVerifier"]
        assert _base64(salt) == of["Salt"]


def test_amazons_own_client_proves_the_password_to_our_verifier() -> None:
    """A server that knows nothing but salt and verifier arrives at the same key."""
    random = Random(1)
    vectors, keys = [], []
    for number in range(20):
        device = Device.new({**KEYS, "DeviceGroupKey": f"-{number}"}, random, lambda _: None)
        config = device.verifier(random)
        salt, verifier = (int.from_bytes(base64.b64decode(config[name])) for name in ("Salt", "PasswordVerifier"))
        client, server = random.getrandbits(256), random.getrandbits(256)
        vectors.append(
            {
                "poolName": device.group_key,
                "userId": device.key,
                "password": device.password,
                "saltHex": f"{salt:x}",
                "serverBHex": f"{_public_of_server(verifier, server):x}",
                "smallAHex": f"{client:x}",
                "secretBlock": "YQ==",
                "timestamp": "Mon Nov 2 07:05:09 UTC 2026",
            }
        )
        keys.append(_key_of_server(verifier, client, server).hex())

    assert [proof["key"] for proof in run_node("srp", vectors)] == keys


def test_session_names_its_device_when_it_is_refreshed(world: World, built: Path, tmp_path: Path) -> None:
    """The file has all that each library looks for, and the step took the flow whose tokens go with a device."""
    pool = world.pool("email")
    client = world.account.create_app_client(
        pool, "ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"
    )
    world.aws.on("InitiateAuth", *[offering(KEYS)] * 2)
    world.aws.on("RespondToAuthChallenge", offering(KEYS))
    world.aws.on("ConfirmDevice", confirming)
    with serving_app(world, built) as origin:
        main = world.job().main(world.inputs(pool, client_id=client, storage_state_origin=origin))

        assert (main.exit_code, main.annotations) == (0, []), main.log
        sign_in = ["InitiateAuth", "InitiateAuth", "RespondToAuthChallenge", "ConfirmDevice"]
        assert world.aws.calls == [*MAIN_CALLS, *sign_in]
        [confirmed] = world.aws.parameters("ConfirmDevice")
        assert confirmed["AccessToken"] == main.outputs["access-token"]
        stored = _stored(main.outputs["storage-state"])
        [password] = [value for name, value in stored.items() if name.endswith(".randomPasswordKey")]
        assert password in main.masks.secrets
        assert password not in json.dumps(confirmed)

        world.aws.log.clear()
        files = named(recipe("playwright").javascript[:1], origin) | {"refresh.spec.js": REFRESH}
        environ = {"STORAGE_STATE": main.outputs["storage-state"], "ACCESS_TOKEN": main.outputs["access-token"]}
        apps = [BrowserRecipe(library, files, environ, app_settings(library, main.outputs)) for library in LIBRARIES]
        results = run_playwright(tmp_path, *apps)

    assert set(results.values()) == {"passed"}
    refreshed = [call.parameters for call in world.aws.log if call.operation in REFRESHES]
    assert [_device_of(each) for each in refreshed] == [KEYS["DeviceKey"]] * len(LIBRARIES)


def _stored(path: str) -> dict[str, str]:
    [origin] = json.loads(Path(path).read_text(encoding="utf-8"))["origins"]
    return {entry["name"]: entry["value"] for entry in origin["localStorage"]}


def _device_of(parameters: Any) -> str:
    return str(parameters.get("DeviceKey") or parameters.get("AuthParameters", {}).get("DEVICE_KEY", ""))


def _hash(*numbers: int) -> int:
    return int.from_bytes(hashlib.sha256(b"".join(shortest_signed(number) for number in numbers)).digest())


def _public_of_server(verifier: int, secret: int) -> int:
    return (_hash(PRIME, GENERATOR) * verifier + pow(GENERATOR, secret, PRIME)) % PRIME


def _key_of_server(verifier: int, client_secret: int, secret: int) -> bytes:
    """RFC 5054, section 2.6, and Cognito's way from the shared number to a key."""
    client = pow(GENERATOR, client_secret, PRIME)
    mixed = _hash(client, _public_of_server(verifier, secret))
    shared = pow(client * pow(verifier, mixed, PRIME), secret, PRIME)
    extracted = hmac.digest(shortest_signed(mixed), shortest_signed(shared), "sha256")
    return hmac.digest(extracted, b"Caldera Derived Key\x01", "sha256")[:16]


def _base64(number: int) -> str:
    return base64.b64encode(shortest_signed(number)).decode()
