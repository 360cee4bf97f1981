"""Names, ids and texts that tests use."""

from hypothesis import strategies as st

from cognito_action.aws.endpoints import Endpoints
from cognito_action.diagnostics.access import PoolAccess
from cognito_action.identifiers import PoolAddress

POOL_ID = "eu-central-1_AbCdEfGhI"


POOL_ARN = "arn:aws:cognito-idp:eu-central-1:123456789012:userpool/eu-central-1_AbCdEfGhI"


ROLE_ARN = "arn:aws:iam::123456789012:role/ci"


POOL = PoolAddress(POOL_ID, "eu-central-1")


ACCESS = PoolAccess(POOL_ID, "eu-central-1", POOL_ARN)
"""The same pool, reached with a role."""


SUB = "11111111-2222-3333-4444-555555555555"


PHONE = "+15555550123"


CLAIMED = {"setup": "", "keep": "", "users": "0", "files": "0"}
"""The state of a main that created nothing: the keys that no one else may write."""


RUN_ENVIRON = {"GITHUB_REPOSITORY_ID": "123456789", "GITHUB_RUN_ID": "9876543210", "GITHUB_RUN_ATTEMPT": "1"}


PREFIX = "gha-123456789-9876543210-1-"


NAME = "gha-123456789-9876543210-1-0123456789abcdef"


EMAIL = f"{NAME}@example.com"


SIMULATED = f"success+{NAME}@simulator.amazonses.com"
"""The address of a user to whom the pool may send mail."""


ENDPOINTS = Endpoints(cognito_idp="http://cognito.test", sts="http://sts.test", fips=False, dual_stack=False)
"""Endpoints that exist for those alone whose environment has a proxy: with them, nothing leaves this machine."""


_PIECES = (
    *("::", "::error::", "::add-mask::", "::save-state name=user-1::", "::stop-commands::t", "##[", "##[add-mask]"),
    *("#", "[", "]", ":", ",", ";", "=", "<<", "<<EOF", "%", "%25", "%0A", "%0D", "%3A", "%2C", "\\", "`", "```"),
    *(" ", "\t", "\xa0", "\u3000", "\n", "\r", "\r\n", "\x0b", "\x0c", "\x85", "\u2028", "\u2029", "\ufeff"),
    *("\x00", "\x1b[31m", "\x7f", "\u202e", "é", "漢", "😀"),
)


TEXT = st.text() | st.lists(st.sampled_from(_PIECES) | st.text(max_size=3), max_size=12).map("".join)
"""Any text that UTF-8 can hold; half of it is made of pieces that break parsers."""


ANY_TEXT = TEXT | st.text(st.characters())
"""The same, plus lone surrogates."""
