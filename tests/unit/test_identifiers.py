"""What AWS calls pools, identities and users, and the region in it."""

import pytest

from cognito_action.identifiers import IDENTITY_ID, POOL_ID, REGION, UUID, region_of


@pytest.mark.parametrize(
    ("pool_id", "region"),
    [
        ("eu-central-1_AbCdEfGhI", "eu-central-1"),
        ("us-gov-west-1_x", "us-gov-west-1"),
        ("cn-north-1_x_y", "cn-north-1"),
        ("local_AbCdEfGhI", ""),
        ("_x", ""),
        ("", ""),
        ("EU-CENTRAL-1_x", ""),
        ("eu-central-1\n_x", ""),
        ("eu-central-_x", ""),
    ],
)
def test_region_is_the_front_of_an_id(pool_id: str, region: str) -> None:
    """An emulator's has none."""
    assert region_of(pool_id) == region


@pytest.mark.parametrize("text", ["", "eu", "eu-1", "eu_central_1", "eu-central-123", "eu-central-\u0661"])
def test_text_that_is_no_region_has_not_its_form(text: str) -> None:
    """None of it reaches the name of a host."""
    assert not REGION.fullmatch(text)


def test_ids_have_the_forms_of_the_service_model() -> None:
    """Upper case is no form of a UUID that Cognito has."""
    uuid = "1a2b3c4d-1111-2222-3333-444455556666"

    assert UUID.fullmatch(uuid)
    assert not UUID.fullmatch(uuid.upper())
    assert IDENTITY_ID.fullmatch(f"eu-central-1:{uuid}")
    assert not IDENTITY_ID.fullmatch(uuid)
    assert POOL_ID.fullmatch("eu-central-1_AbC")
    assert not POOL_ID.fullmatch("eu-central-1_é")
