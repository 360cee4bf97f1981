"""A step of self-test.yml: `python -m tools.self_test STEP`."""

import os
import sys
from pathlib import Path

from tools.emulator.container import docker
from tools.self_test.checks import Failed, empty, signed_in
from tools.self_test.emulated_account import EmulatedAccount

TEMP = Path(os.environ["RUNNER_TEMP"])


def start() -> None:
    """Start the account, and output the values of the action's inputs."""
    # Containers of actions reach the machine that they run on at this address.
    host = docker("network", "inspect", "bridge", "--format", "{{(index .IPAM.Config 0).Gateway}}").strip()
    emulated = EmulatedAccount.start(TEMP, os.environ, host, lambda secret: print(f"::add-mask::{secret}", flush=True))
    with open(os.environ["GITHUB_OUTPUT"], "a", encoding="utf-8") as file:
        file.write(f"endpoint={emulated.endpoint}\n")
        file.write(f"user-pool-id={emulated.user_pool_id}\n")
        file.write(f"role={emulated.role}\n")
        file.write(f"client-id={emulated.client_id}\n")
    print(f"An AWS account answers at {emulated.endpoint}.")


def check_user() -> None:
    """Sign in as the user of a step, whose outputs are in the environment."""
    print(f"Signed in as {signed_in(EmulatedAccount.read(TEMP), os.environ)}.")


def check_pool() -> None:
    """Check that no users are left."""
    empty(EmulatedAccount.read(TEMP))
    print("No one is in the pool.")


STEPS = {"up": start, "signed-in": check_user, "empty": check_pool}

try:
    STEPS[sys.argv[1]]()
except Failed as failure:
    sys.exit(f"::error::{failure}")
