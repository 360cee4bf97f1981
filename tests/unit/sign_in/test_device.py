"""Pools that remember devices: the device of a sign-in is confirmed, and belongs to tokens that came by SRP."""

import base64
from random import Random

import pytest

from cognito_action.inputs.sign_in import FLOWS, Flow
from cognito_action.sign_in.device import Device
from cognito_action.sign_in.srp import PRIME
from tests.support.app_clients import TOKENS, challenged, signed_in
from tests.support.scripted_aws import DONE, cognito_refusal
from tests.support.scripted_sign_in import (
    ASSOCIATED,
    CLOSED,
    SETUP,
    SRP_CHALLENGE,
    VERIFIED,
    Harness,
    code,
)
from tools.emulator.http import Answer

METADATA = {"DeviceKey": "eu-central-1_11111111-2222-3333-4444-555555555555", "DeviceGroupKey": "-the-group"}

BY_SRP = "The pool remembers devices. There, tokens can probably be refreshed only after a sign-in by USER_SRP_AUTH"

VERIFIER = challenged("PASSWORD_VERIFIER", 0, **SRP_CHALLENGE)


def remembered(access_token: str = TOKENS["AccessToken"], **metadata: str) -> Answer:
    """A completed sign-in of a pool that remembers devices."""
    return signed_in(AccessToken=access_token, NewDeviceMetadata={**METADATA, **metadata})


def test_device_is_confirmed_with_the_users_token(harness: Harness) -> None:
    """Cognito learns a verifier, and never the password that the device has."""
    harness.aws.on("InitiateAuth", VERIFIER)
    harness.aws.on("RespondToAuthChallenge", remembered())
    harness.aws.on("ConfirmDevice", DONE)

    device = harness.run("USER_SRP_AUTH").device

    assert device
    assert (device.key, device.group_key) == (METADATA["DeviceKey"], METADATA["DeviceGroupKey"])
    [call] = harness.aws.all("ConfirmDevice")
    assert {"authorization", "x-amz-security-token"}.isdisjoint(name.lower() for name in call.headers)
    parameters = dict(call.parameters)
    config = parameters.pop("DeviceSecretVerifierConfig")
    assert parameters == {
        "AccessToken": TOKENS["AccessToken"],
        "DeviceKey": METADATA["DeviceKey"],
        "DeviceName": "cognito-test-user",
    }
    assert set(config) == {"PasswordVerifier", "Salt"}
    assert device.password not in str(call.parameters)
    assert device.password not in repr(device)


def test_password_of_a_device_is_masked_when_it_is_made() -> None:
    """It is in the browser's storage, and lets its holder sign in again."""
    masked: list[str] = []

    device = Device.new(METADATA, Random(1), masked.append)

    assert masked == [device.password]
    assert len(base64.b64decode(device.password)) == 40


def test_verifier_is_a_number_of_the_group() -> None:
    """Salt and verifier are new for each device, and in the form that Cognito reads: signed, without spare zeros."""
    device = Device("key", "group", "password")
    config = [device.verifier(Random(seed)) for seed in range(50)]

    for each in config:
        verifier, salt = (base64.b64decode(each[name]) for name in ("PasswordVerifier", "Salt"))
        assert 1 < int.from_bytes(verifier) < PRIME
        assert verifier[0] < 0x80
        assert salt[0] < 0x80
        assert verifier[:1] != b"\0" or verifier[1] >= 0x80
    assert len({each["PasswordVerifier"] for each in config}) == len({each["Salt"] for each in config}) == 50
    assert device.verifier(Random(0)) == config[0]


@pytest.mark.parametrize(
    "offered", [{}, {"NewDeviceMetadata": None}, {"NewDeviceMetadata": {}}, {"NewDeviceMetadata": {"DeviceKey": "x"}}]
)
def test_pool_that_remembers_no_devices_needs_no_call(harness: Harness, offered: dict[str, object]) -> None:
    """Most pools don't, and half a device is none."""
    harness.aws.on("InitiateAuth", signed_in(**offered))

    assert harness.run("USER_PASSWORD_AUTH").device is None
    assert harness.aws.operations == ["InitiateAuth"]


def test_auto_prefers_srp_where_a_device_is_offered(harness: Harness) -> None:
    """The tokens of a sign-in that sent the password could not be refreshed; the next user gets SRP at once."""
    sign_in = harness.sign_in(*FLOWS)
    harness.aws.on("InitiateAuth", remembered("by.pass.word"), VERIFIER, VERIFIER)
    harness.aws.on("RespondToAuthChallenge", remembered("by.s.rp"), remembered("by.s.rp"))

    first = sign_in("one", "Passw0rd")
    second = sign_in("another", "Passw0rd")

    assert (first.tokens.access, second.tokens.access) == ("by.s.rp", "by.s.rp")
    assert [call.parameters["AccessToken"] for call in harness.aws.all("ConfirmDevice")] == ["by.s.rp"] * 2
    assert [call.parameters["AuthFlow"] for call in harness.aws.all("InitiateAuth")] == [
        *("USER_PASSWORD_AUTH", "USER_SRP_AUTH", "USER_SRP_AUTH"),
    ]


def test_password_stays_where_srp_is_not_enabled(harness: Harness) -> None:
    """The tokens are good until they expire; SRP is tried once for all users, and the log says what is missing."""
    sign_in = harness.sign_in(*FLOWS)
    harness.aws.on("InitiateAuth", remembered(), CLOSED["USER_SRP_AUTH"], remembered("another.access.token"))

    first = sign_in("one", "Passw0rd")
    second = sign_in("another", "Passw0rd")

    assert (first.tokens.access, second.tokens.access) == (TOKENS["AccessToken"], "another.access.token")
    assert first.device
    assert second.device
    assert len(harness.aws.all("InitiateAuth")) == 3
    assert harness.log == [
        (
            f"{BY_SRP}, which failed: InitiateAuth failed with InvalidParameterException: USER_SRP_AUTH is not enabled for the "
            "client."
        ),
        f"{BY_SRP}.",
    ]


def test_sign_in_by_srp_may_offer_no_device(harness: Harness) -> None:
    """Then there is none to confirm."""
    harness.aws.on("InitiateAuth", remembered(), VERIFIER)
    harness.aws.on("RespondToAuthChallenge", signed_in(AccessToken="by.s.rp"))

    result = harness.run(*FLOWS)

    assert (result.tokens.access, result.device) == ("by.s.rp", None)
    assert not harness.aws.all("ConfirmDevice")


@pytest.mark.parametrize("flow", ["USER_PASSWORD_AUTH", "ADMIN_USER_PASSWORD_AUTH"])
def test_flow_that_was_asked_for_is_kept(harness: Harness, flow: Flow) -> None:
    """Without `auto` there is no other."""
    harness.aws.on("AdminInitiateAuth" if flow.startswith("ADMIN") else "InitiateAuth", remembered())

    assert harness.run(flow).device
    assert len(harness.aws.calls) == 2
    assert harness.log == [f"{BY_SRP}."]


@pytest.mark.parametrize(
    "second",
    [
        challenged("SMS_MFA", 1),
        challenged("PASSWORD_VERIFIER", 0, **{**SRP_CHALLENGE, "SRP_B": "0"}),
        cognito_refusal("NotAuthorizedException", "Unable to login because of security reasons."),
    ],
)
def test_second_sign_in_costs_no_user(harness: Harness, second: Answer) -> None:
    """The first one has succeeded, whatever becomes of the other."""
    harness.aws.on("InitiateAuth", remembered(), second)

    result = harness.run(*FLOWS)

    assert (result.tokens.access, bool(result.device)) == (TOKENS["AccessToken"], True)
    assert len(harness.log) == 1


def test_second_factor_is_set_up_once(harness: Harness) -> None:
    """The second sign-in of the same user answers with a code of the authenticator that the first has set up."""
    harness.aws.on("InitiateAuth", SETUP, VERIFIER)
    harness.aws.on("AssociateSoftwareToken", ASSOCIATED)
    harness.aws.on("VerifySoftwareToken", VERIFIED)
    harness.aws.on("RespondToAuthChallenge", remembered(), challenged("SOFTWARE_TOKEN_MFA", 5), remembered("by.s.rp"))

    result = harness.run(*FLOWS)

    assert result.tokens.access == "by.s.rp"
    assert result.authenticator
    assert harness.codes == [code(-1), code(0)]


def test_device_that_is_not_confirmed_is_left_out(harness: Harness) -> None:
    """A library that named it could not refresh anything either; the sign-in itself has succeeded."""
    harness.aws.on("InitiateAuth", VERIFIER)
    harness.aws.on("RespondToAuthChallenge", remembered())
    harness.aws.on("ConfirmDevice", cognito_refusal("InvalidParameterException", "no"))

    result = harness.run("USER_SRP_AUTH")

    assert (result.tokens.access, result.device) == (TOKENS["AccessToken"], None)
    assert harness.log == [
        (
            "The tokens can't be refreshed, since the pool remembers devices: "
            "ConfirmDevice failed with InvalidParameterException: no"
        )
    ]


@pytest.mark.parametrize(("lost", "confirmed"), [(True, True), (False, False)])
def test_device_that_is_there_already(harness: Harness, *, lost: bool, confirmed: bool) -> None:
    """After a lost answer, that call has confirmed it."""
    harness.aws.on("InitiateAuth", VERIFIER)
    harness.aws.on("RespondToAuthChallenge", remembered())
    harness.aws.on("ConfirmDevice", *[None] * lost, cognito_refusal("DeviceKeyExistsException", "there"))

    assert bool(harness.run("USER_SRP_AUTH").device) is confirmed
