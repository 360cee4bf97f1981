"""The host in a process of others, and logging while the SDK works."""

import logging
from io import BytesIO

import pytest

from cognito_action.terminal.embedded import EmbeddedHost, Silence
from cognito_action.terminal.id_tokens import TokenSource
from tests.support.examples import RUN_ENVIRON

STEP = {**RUN_ENVIRON, "GITHUB_ACTIONS": "true"}


def new_host(**environ: str) -> tuple[EmbeddedHost, BytesIO]:
    stderr = BytesIO()
    return EmbeddedHost(environ, stderr, TokenSource()), stderr


@pytest.mark.parametrize(("environ", "printed"), [({}, b""), (STEP, b"\n::add-mask::secret\n")], ids=["other", "step"])
def test_only_masks_are_printed(environ: dict[str, str], printed: bytes) -> None:
    """And those only for GitHub's runner."""
    host, stderr = new_host(**environ)

    host.mask("secret")
    host.say("a")
    host.log("b")
    host.notice("c", "d")
    host.error("e", "f")
    host.warning("g", "h")
    host.summary("i")
    host.debug("j")

    assert stderr.getvalue() == printed


def test_errors_and_warnings_are_kept_without_secrets() -> None:
    """Each is taken once."""
    host, _ = new_host()
    host.mask("secret")

    host.error("a secret\x1b", "title")
    host.warning("another secret", "title")

    assert (host.take_errors(), host.take_warnings()) == (["a ***\\u001b"], ["another ***"])
    assert (host.take_errors(), host.take_warnings()) == ([], [])


@pytest.mark.parametrize(
    ("environ", "printed"),
    [({}, b"cognito-test-user: debug: a ***\n"), (STEP, b"\n::add-mask::secret\n\n::debug::a ***\n")],
    ids=["other", "step"],
)
def test_debug_lines_are_printed_if_asked_for(environ: dict[str, str], printed: bytes) -> None:
    """In the form of the place, and without secrets."""
    host, stderr = new_host(**environ, RUNNER_DEBUG="1")
    host.mask("secret")

    host.debug("a secret")

    assert stderr.getvalue() == printed


def test_logging_is_off_until_the_last_one_has_ended(caplog: pytest.LogCaptureFixture) -> None:
    """Two blocks may overlap in any order; what was there before the first is there again."""
    logger, silence = logging.getLogger("botocore.endpoint"), Silence()
    caplog.set_level(logging.DEBUG, "botocore.endpoint")
    first, second = silence(), silence()

    logger.debug("before")
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    logger.critical("password")
    second.__exit__(None, None, None)
    logger.debug("after")

    assert caplog.messages == ["before", "after"]
