"""The limits in the documentation match the code."""

import pytest

from cognito_action import retry
from cognito_action.aws.iam import SESSION_SECONDS
from cognito_action.rate_limiter import CALLS_PER_SECOND
from cognito_action.steps import adopt, delete, main, post, sweep
from cognito_action.users.late_users import LATEST_EFFECT
from tools.emulator.job import ROOT

RELIABILITY = " ".join((ROOT / "docs/reliability.md").read_text(encoding="utf-8").split())
README = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
SECURITY = " ".join((ROOT / "docs/security.md").read_text(encoding="utf-8").split())


@pytest.mark.parametrize(
    "promise",
    [
        (
            f"All calls of the step have come to an end after {main.LIMITS.seconds:.0f} seconds, those of the post step after "
            f"{post.LIMITS.seconds:.0f}, and half a second later for each further user."
        ),
        f"A step makes at most {CALLS_PER_SECOND} calls of one operation a second",
        f"of up to {retry.INITIAL_THROTTLING_BACKOFF:.0f} seconds, then {retry.MAX_BACKOFF:.0f}",
        f"more than {LATEST_EFFECT} seconds after it was sent",
        f"until {LATEST_EFFECT} seconds after the call was sent",
    ],
)
def test_reliability_has_the_limits(promise: str) -> None:
    """No one can change a limit without the page that names it."""
    assert promise in RELIABILITY


def test_readme_has_the_limits() -> None:
    """The same numbers, where a reader looks first."""
    promise = (
        f"after {main.LIMITS.seconds:.0f} seconds in the step (and in `adopt` and `delete`), after "
        f"{post.LIMITS.seconds:.0f} seconds in the post step, and half a second later for each further user"
    )
    assert promise in README


@pytest.mark.parametrize(
    "promise",
    [
        f"One step makes at most {CALLS_PER_SECOND} calls of one operation a second",
        f"assumes the role, for {SESSION_SECONDS // 60} minutes",
        f"AWS sessions end after {SESSION_SECONDS // 60} minutes",
    ],
)
def test_security_has_the_limits(promise: str) -> None:
    """The limits on the role, and those that protect the account's quotas."""
    assert promise in SECURITY


def test_limits_are_consistent() -> None:
    """Similar steps have the same limit, each further user adds half a second, and no step outlives its AWS session."""
    assert main.LIMITS.seconds == adopt.LIMITS.seconds == delete.LIMITS.seconds
    assert retry.SECONDS_PER_USER == 0.5
    assert max(each.LIMITS.seconds for each in (main, adopt, delete, post, sweep)) < SESSION_SECONDS
