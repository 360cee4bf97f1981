"""The command line that these tests type at."""

from pathlib import Path

import pytest

from tests.support.command_line import CommandLine
from tests.support.scripted_aws import ScriptedAws


@pytest.fixture
def line(aws: ScriptedAws, ambient: None, tmp_path: Path) -> CommandLine:  # noqa: ARG001 - the fixture sets up the environment
    return CommandLine(aws, tmp_path)
