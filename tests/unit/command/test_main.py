"""What is started: statuses, signals, and no traceback whatever happens."""

import os
import signal
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from random import Random
from threading import Event
from typing import Any

import pytest

from cognito_action.command.main import command
from tests.support.command_line import CommandLine
from tests.support.examples import POOL_ID, SUB
from tests.support.scripted_aws import cognito_answer
from tools.emulator.http import Answer, Request, serving
from tools.emulator.job import ROOT

MAIN = "from cognito_action.command.main import main; main()"


def start(line: CommandLine, *arguments: str, **options: Any) -> subprocess.Popen[bytes]:
    """Start the command as a process of its own."""
    environ = {**os.environ, **line.environ}
    return subprocess.Popen(
        [sys.executable, "-c", MAIN, *arguments],
        cwd=ROOT,
        env=environ,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options},
    )


# Statuses


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ([], 2),
        (["walk"], 2),
        (["sweep", "--x"], 2),
        (["adopt", "--", ""], 2),
        (["run"], 125),
        (["run", "--x", "--", "y"], 125),
    ],
)
def test_mistake_in_the_command_line_has_a_status_of_its_own(
    line: CommandLine, arguments: list[str], status: int
) -> None:
    """That of `run` is not one that its command is likely to have."""
    assert line(*arguments) == status
    assert line.said[0].startswith("cognito-test-user: error: ")
    assert line.aws.calls == []


def test_mistake_is_an_annotation_in_github(tmp_path: Path) -> None:
    """What was typed is text, and no command to the runner."""
    stderr = BytesIO()

    environ = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(tmp_path / "summary")}
    assert command(["walk\n::set-env name=x::y"], environ, stderr, Random()) == 2

    assert stderr.getvalue().startswith(b"\n::error title=cognito-test-user%3A failed::")
    assert stderr.getvalue().count(b"\n") == 2


def test_unknown_failure_is_told_by_its_place(line: CommandLine) -> None:
    """Its text may hold anything."""

    class Broken(Random):
        def getrandbits(self, _: int) -> int:
            raise ZeroDivisionError("secret words")

    status = command(["run", f"--user-pool-id={POOL_ID}", "--", "true"], line.environ, line.stderr, Broken())

    assert status == 125
    assert line.said[0].startswith("cognito-test-user: error: Unexpected ZeroDivisionError in getrandbits (")
    assert "secret words" not in "\n".join(line.said)
    assert "Traceback" not in "\n".join(line.said)


# The process


def test_command_runs_as_a_process(line: CommandLine) -> None:
    """Its own output is on stderr, and stdout is the command's alone; the SDK logs nothing."""
    line.aws.on("AdminCreateUser", created())

    process = start(line, "run", f"--user-pool-id={POOL_ID}", "--", "sh", "-c", 'echo "$COGNITO_SUB"; exit 3')
    stdout, stderr = process.communicate()

    assert (process.returncode, stdout.decode()) == (3, f"{SUB}\n")
    assert [text.partition(" ")[0] for text in stderr.decode().splitlines()] == ["cognito-test-user:"] * 2
    assert line.journals == []


@pytest.mark.parametrize("stderr", ["closed", "/dev/full"])
def test_command_needs_no_one_who_reads_what_it_says(line: CommandLine, stderr: str) -> None:
    """The user is deleted, and the status is the command's."""
    line.aws.on("AdminCreateUser", created())
    redirection = "2>&-" if stderr == "closed" else f"2>{stderr}"
    script = f'exec "$@" {redirection}'

    done = subprocess.run(
        [
            "sh",
            "-c",
            script,
            "sh",
            sys.executable,
            "-c",
            MAIN,
            "run",
            f"--user-pool-id={POOL_ID}",
            "--",
            "sh",
            "-c",
            "exit 3",
        ],
        cwd=ROOT,
        env={**os.environ, **line.environ},
        capture_output=True,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (3, b"", b"")
    assert line.deleted == [SUB]
    assert line.journals == []


def test_help_is_no_failure(line: CommandLine) -> None:
    """It is on stdout."""
    process = start(line, "run", "--help")
    stdout, stderr = process.communicate()

    assert (process.returncode, stderr) == (0, b"")
    assert b"--user-pool-id" in stdout


def created() -> Answer:
    return cognito_answer({"User": {"Username": SUB, "Attributes": [{"Name": "sub", "Value": SUB}]}})


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
@pytest.mark.parametrize("operation", ["AdminCreateUser", "AdminSetUserPassword"])
def test_signal_before_the_command_ends_the_run_without_a_user(
    line: CommandLine, monkeypatch: pytest.MonkeyPatch, number: signal.Signals, operation: str
) -> None:
    """The call in flight is waited for, whoever came of it is deleted, and the command never starts."""
    reached, sent = Event(), Event()

    def respond(request: Request) -> Answer | None:
        if request.headers.get("X-Amz-Target", "").endswith(operation):
            reached.set()
            sent.wait(10)
        return line.aws.respond(request)

    line.aws.on("AdminCreateUser", created())
    with serving(respond) as url:
        line.environ["AWS_ENDPOINT_URL"] = url
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        process = start(line, "run", f"--user-pool-id={POOL_ID}", "--", "sh", "-c", 'touch "$OUT"')
        assert reached.wait(20)
        process.send_signal(number)
        process.send_signal(number)
        sent.set()
        _, stderr = process.communicate(timeout=30)

    assert process.returncode == 128 + number
    assert not (line.tmp_path / "out").exists()
    assert line.deleted == [SUB]
    assert line.journals == []
    assert b"error" not in stderr
    assert b"Traceback" not in stderr


def test_run_that_is_killed_is_worked_off_by_the_next(line: CommandLine) -> None:
    """Its journal is all that is needed."""
    line.aws.on("AdminCreateUser", created(), created())
    process = start(line, "run", f"--user-pool-id={POOL_ID}", "--", "sh", "-c", "echo started; exec sleep 60")
    assert process.stdout
    assert process.stdout.readline() == b"started\n"
    assert line("cleanup") == 0
    assert line.deleted == []

    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()

    assert line("cleanup") == 0
    assert line.deleted == [SUB]
    assert line.journals == []
