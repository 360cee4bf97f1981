"""What comes early: the first token for the audience that the step turns out to want."""

from cognito_action.aws.prefetch import Prefetch
from tools.emulator.github import TokenService


def ignore(_: str) -> None:
    """Hide nothing."""


def test_token_that_was_asked_for_early_is_the_first(github: TokenService) -> None:
    """There is one request for it."""
    early = Prefetch(github.environ, ignore)
    early.start("sts.amazonaws.com")

    token = early.tokens("sts.amazonaws.com").new()

    assert github.tokens == [token]


def test_token_for_another_audience_is_asked_for_anew(github: TokenService) -> None:
    """No one gets a token that is for someone else."""
    early = Prefetch(github.environ, ignore)
    first = early.start("one").new()

    token = early.tokens("another").new()

    assert github.tokens == [first, token]
