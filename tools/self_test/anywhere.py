"""The command from end to end, on whatever system this is: `python -m tools.self_test.anywhere [PROGRAM ARGUMENT ...]`.

The program is `cognito-test-user` on the `PATH`, or what is named. AWS is what `AWS_ENDPOINT_URL` names, or a moto that
is started here. Nothing in this module needs POSIX.
"""

import json
import logging
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Self

import boto3

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.client import CognitoIdentityProviderClient

REGION = "us-east-1"

STATUS = 7
"""The status of the command that gets the user."""

SECONDS = 60.0
"""How long to wait for anything."""

ARGUMENTS = ("two words", 'a "quoted" one', "back\\slash\\", "")
"""Which have to arrive as they are."""

COMMAND = """
import json, os, sys, time
folder, status, *rest = sys.argv[1:]
print("the command's own line", flush=True)
names = [name for name in os.environ if name.startswith(("COGNITO_", "AWS_"))]
with open(os.path.join(folder, "part"), "w", encoding="utf-8") as file:
    json.dump({"environ": {name: os.environ[name] for name in names}, "arguments": rest}, file)
os.replace(os.path.join(folder, "part"), os.path.join(folder, "handed"))
end = time.monotonic() + 60
while not os.path.exists(os.path.join(folder, "go")) and time.monotonic() < end:
    time.sleep(0.05)
sys.exit(int(status))
"""
"""What is run with the user: it writes down what it was given, and waits to be let go."""


class Failed(Exception):  # noqa: N818 - the name says what happened to the test
    """The command did not do what it should; the text says what."""


@dataclass(frozen=True)
class Handed:
    """What a command was given: the variables of this subject, and its arguments."""

    environ: Mapping[str, str]
    arguments: Sequence[str]

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read what `COMMAND` has written down."""
        content = json.loads((folder / "handed").read_text(encoding="utf-8"))
        return cls(content["environ"], content["arguments"])


class Pool:
    """A user pool of an emulator, with an app client."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        key = "test"
        self._cognito: CognitoIdentityProviderClient = boto3.client(
            "cognito-idp", REGION, endpoint_url=endpoint, aws_access_key_id=key, aws_secret_access_key=key
        )
        pool = self._cognito.create_user_pool(PoolName="anywhere", UsernameAttributes=["email"])["UserPool"]
        self.id = pool["Id"]
        client = self._cognito.create_user_pool_client(
            UserPoolId=self.id, ClientName="tests", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"]
        )
        self.client_id = client["UserPoolClient"]["ClientId"]

    def users(self) -> int:
        """How many there are."""
        return len(self._cognito.list_users(UserPoolId=self.id)["Users"])

    def sign_in(self, username: str, password: str) -> None:
        """Raise an exception of the SDK unless this is someone's name and password."""
        self._cognito.initiate_auth(
            ClientId=self.client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": username, "PASSWORD": password},
        )


class Machine:
    """A user's account on this machine, with a home folder of its own, in which the command is run."""

    def __init__(self, program: Sequence[str], home: Path, pool: Pool, environ: Mapping[str, str]) -> None:
        self._program = program
        self._home = home
        self._pool = pool
        foreign = ("AWS_", "COGNITO_", "GITHUB_", "ACTIONS_", "XDG_", "PYTHONPATH")
        self._environ = {
            **{name: value for name, value in environ.items() if not name.startswith(foreign)},
            **dict.fromkeys(("HOME", "USERPROFILE", "LOCALAPPDATA"), str(home)),
            **dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "test"),
            "AWS_ENDPOINT_URL": pool.endpoint,
            "AWS_EC2_METADATA_DISABLED": "true",
            "COGNITO_TEST_USER_USER_POOL_ID": pool.id,
        }

    def start(self, *arguments: str, **environ: str) -> "subprocess.Popen[str]":
        """Start the command, with its standard streams as pipes."""
        return subprocess.Popen(
            [*self._program, *arguments],
            env={**self._environ, **environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )

    def run(self, *arguments: str, status: int = 0, **environ: str) -> tuple[str, str]:
        """Run the command to its end, and return what it has written to stdout and stderr."""
        return self.end(self.start(*arguments, **environ), status)

    @staticmethod
    def end(process: "subprocess.Popen[str]", status: int) -> tuple[str, str]:
        """Wait for a process, and return what it has written to stdout and stderr."""
        output, messages = process.communicate(timeout=SECONDS)
        check(process.returncode == status, f"The status is {process.returncode}, not {status}:\n{messages}")
        return output, messages

    @property
    def journals(self) -> int:
        """How many there are, wherever this system has its place for them."""
        return len(list(self._home.rglob("*.journal")))


def check(holds: bool, otherwise: str) -> None:  # noqa: FBT001 - what is asserted
    """Raise `Failed` unless something holds."""
    if not holds:
        raise Failed(otherwise)


def wait_until(holds: Callable[[], bool], otherwise: str) -> None:
    """Raise `Failed` if something does not come to hold in time."""
    end = time.monotonic() + SECONDS
    while not holds():
        check(time.monotonic() < end, otherwise)
        time.sleep(0.1)


def user_for_a_command(machine: Machine, pool: Pool, folder: Path) -> None:
    """It gets a user that can sign in, its arguments as they are, and its status is that of the whole."""
    command = (sys.executable, "-c", COMMAND, str(folder), str(STATUS), *ARGUMENTS)
    process = machine.start("run", "--client-id", pool.client_id, "--", *command)
    handed = _handed_over(process, folder)
    user = handed.environ
    check(tuple(handed.arguments) == ARGUMENTS, f"The arguments are {handed.arguments}.")
    missing = {"USERNAME", "PASSWORD", "EMAIL", "SUB", "ACCESS_TOKEN", "ID_TOKEN", "REFRESH_TOKEN"} - {
        name.removeprefix("COGNITO_") for name, value in user.items() if value
    }
    check(not missing, f"Not handed over: {sorted(missing)}.")
    pool.sign_in(user["COGNITO_USERNAME"], user["COGNITO_PASSWORD"])
    check((pool.users(), machine.journals) == (1, 1), "There should be one user, and one journal.")

    machine.run("cleanup")
    check(pool.users() == 1, "A cleanup has deleted a user that is in use: the journal's lock does not hold.")

    (folder / "go").touch()
    output, messages = machine.end(process, STATUS)
    check(output == "the command's own line\n", f"On stdout is: {output!r}")
    check("Created 1 user" in messages and "Deleted 1 user" in messages, messages)
    check(user["COGNITO_PASSWORD"] not in messages, "The password is on stderr.")
    check((pool.users(), machine.journals) == (0, 0), "The user, or its journal, is still there.")


def step_of_github(machine: Machine, pool: Pool, folder: Path) -> None:
    """The masks come before all that the command writes to the same stream."""
    summary = folder / "summary"
    for file in (summary, folder / "go"):
        file.touch()
    command = (sys.executable, "-c", COMMAND, str(folder), "0")
    _, messages = machine.run("run", "--", *command, GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(summary))
    password = Handed.read(folder).environ["COGNITO_PASSWORD"]
    first, *_ = filter(None, messages.splitlines())
    check(first.startswith("::add-mask::") and f"::add-mask::{password}\n" in messages, "The password is not masked.")
    check(pool.users() == 0, "The user is still there.")


def no_user(machine: Machine, pool: Pool, folder: Path) -> None:
    """Where no user can be made, the command is not run; where there is no command, no user stays."""
    command = (sys.executable, "-c", COMMAND, str(folder), "0")
    machine.run("run", "--user-pool-id", "us-east-1_NoSuchPool", "--", *command, status=125)
    check(not (folder / "handed").exists(), "The command was run without a user.")
    machine.run("run", "--", "no-such-program", status=127)
    check((pool.users(), machine.journals) == (0, 0), "A user, or a journal, is there.")


def killed_run(machine: Machine, pool: Pool, folder: Path) -> None:
    """A run that is killed leaves its user, and the next cleanup deletes it."""
    process = machine.start("run", "--", sys.executable, "-c", COMMAND, str(folder), "0")
    _handed_over(process, folder)
    process.kill()
    process.wait(SECONDS)
    check((pool.users(), machine.journals) == (1, 1), "There should be one user, and one journal.")

    def cleaned() -> bool:
        machine.run("cleanup")
        return (pool.users(), machine.journals) == (0, 0)

    # On Windows what is killed is what starts Python, which ends a moment later.
    wait_until(cleaned, "The cleanup has not deleted the user, or its journal.")
    (folder / "go").touch()  # the command itself was not killed
    process.communicate(timeout=SECONDS)


def _handed_over(process: "subprocess.Popen[str]", folder: Path) -> Handed:
    handed = folder / "handed"
    wait_until(lambda: handed.exists() or process.poll() is not None, "The command was not run.")
    if not handed.exists():
        raise Failed("The command was not run:\n" + process.communicate()[1])
    return Handed.read(folder)


CHECKS = (user_for_a_command, step_of_github, no_user, killed_run)


def check_all(program: Sequence[str], endpoint: str) -> None:
    """Run each check on an account of its own; raises `Failed`."""
    for each in CHECKS:
        # Windows removes no file that is open, and a process that was killed may have one open for a moment.
        with (
            TemporaryDirectory(ignore_cleanup_errors=True) as home,
            TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        ):
            pool = Pool(endpoint)
            each(Machine(program, Path(home), pool, os.environ), pool, Path(folder))
            print(f"{each.__name__}: {(each.__doc__ or '').strip()}", flush=True)


@contextmanager
def emulator() -> Iterator[str]:
    """The endpoint of an emulator: the one of the environment, or a moto for this time."""
    if endpoint := os.environ.get("AWS_ENDPOINT_URL"):
        yield endpoint
        return
    from moto.server import ThreadedMotoServer  # noqa: PLC0415 - not where the environment names an emulator

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


def main(arguments: Sequence[str]) -> None:
    """Check the program that the arguments name."""
    program = arguments or [shutil.which("cognito-test-user") or "cognito-test-user"]
    try:
        with emulator() as endpoint:
            check_all(program, endpoint)
    except Failed as failure:
        sys.exit(f"{sys.platform}: {failure}")


if __name__ == "__main__":
    main(sys.argv[1:])
