"""Where the calls to a service go, and what of it may be shown."""

import pytest

from cognito_action.network.endpoint import AWS, Endpoint


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://aws:4566", "http://aws:4566"),
        ("https://user:pass@word@aws:4566/some/path", "https://aws:4566/some/path"),
        ("https://user:pass/w@rd@aws:4566", "https://aws:4566"),
        ("http://[::1]:4566/", "http://[::1]:4566/"),
        ("http://[", "http://["),
        ("banana", "banana"),
        ("", ""),
    ],
)
def test_url_is_shown_without_user_and_password(url: str, shown: str) -> None:
    """It is in errors, and in commands to paste; whatever it is, it can be shown."""
    assert Endpoint(url, "AWS_ENDPOINT_URL").shown == shown


def test_aws_has_no_url() -> None:
    """The SDK knows its own."""
    assert (AWS.url, AWS.shown) == ("", "")
