"""Where masks go."""

import os
import sys
from pathlib import Path

from cognito_action.terminal.runner_output import RunnerOutput


def test_it_is_stderr_unless_something_was_kept() -> None:
    """What was kept last counts, until that ends."""
    output = RunnerOutput()
    assert sys.__stderr__
    assert output.stream is sys.__stderr__.buffer

    first, second = output.keep(), output.keep()
    kept = output.stream
    second()
    assert kept.closed
    assert output.stream not in (kept, sys.__stderr__.buffer)

    first()
    assert output.stream is sys.__stderr__.buffer


def test_what_is_kept_stays_when_stderr_becomes_a_file(tmp_path: Path) -> None:
    """As pytest has it while tests run."""
    output, before = RunnerOutput(), os.dup(2)
    with open(tmp_path / "runner", "wb") as runner, open(tmp_path / "captured", "wb") as captured:
        try:
            os.dup2(runner.fileno(), 2)
            end = output.keep()
            os.dup2(captured.fileno(), 2)
            output.stream.write(b"::add-mask::secret\n")
            end()
        finally:
            os.dup2(before, 2)
            os.close(before)

    assert (tmp_path / "runner").read_bytes() == b"::add-mask::secret\n"
    assert (tmp_path / "captured").read_bytes() == b""
