"""What CI runs on Linux, macOS and Windows: the command from end to end, and a check that can fail."""

import os
import subprocess
import sys

import pytest

from tools.emulator.account import Account
from tools.emulator.job import ROOT
from tools.self_test.anywhere import CHECKS

COMMAND = [sys.executable, "-c", "from cognito_action.command.main import main; main()"]


def check(account: Account, *program: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "tools.self_test.anywhere", *program],
        cwd=ROOT,
        env={**os.environ, "AWS_ENDPOINT_URL": account.endpoint, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_command_passes_all_checks(account: Account) -> None:
    """Handed over, signed in, deleted, masked in GitHub, killed, and cleaned up."""
    process = check(account, *COMMAND)

    assert (process.returncode, process.stderr) == (0, "")
    assert [line.partition(":")[0] for line in process.stdout.splitlines()] == [each.__name__ for each in CHECKS]


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("raise SystemExit('nothing done')", "The command was not run:\nnothing done"),
        (
            "import subprocess, sys; sys.argv[1:2] == ['run'] and subprocess.run(sys.argv[sys.argv.index('--') + 1 :])",
            "Not handed over: ['ACCESS_TOKEN', 'EMAIL', 'ID_TOKEN', 'PASSWORD', 'REFRESH_TOKEN', 'SUB', 'USERNAME'].",
        ),
    ],
    ids=["command not run", "command without a user"],
)
def test_another_program_fails(account: Account, program: str, message: str) -> None:
    """One that does nothing, and one that only runs the command."""
    process = check(account, sys.executable, "-c", program)

    assert process.returncode == 1
    assert message in process.stderr
