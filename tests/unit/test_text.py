"""Text from outside, made safe to show."""

import re

import pytest
from hypothesis import given

from cognito_action.text import code_block
from tests.support.examples import TEXT


@pytest.mark.parametrize(
    ("text", "block"),
    [
        ("text", "```\ntext\n```"),
        ("", "```\n\n```"),
        ("a`b``c", "```\na`b``c\n```"),
        ("```\nx", "````\n```\nx\n````"),
        ("````` x", "``````\n````` x\n``````"),
    ],
)
def test_fence_is_longer_than_any_in_the_text(text: str, block: str) -> None:
    """Text that has its own fence gets a longer one around it."""
    assert code_block(text) == block


@given(text=TEXT)
def test_nothing_in_a_text_ends_its_block(text: str) -> None:
    """No run of backticks inside is as long as the fence."""
    block = code_block(text, "sh")
    fence, _, rest = block.partition("sh\n")

    assert re.fullmatch("`{3,}", fence)
    assert rest == f"{text}\n{fence}"
    assert fence not in text
