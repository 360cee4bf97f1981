"""A step of self-test.yml: `python -m tools.self_test STEP`."""

import os
import sys
from pathlib import Path

from tools.emulator.container import docker
from tools.self_test.checks import Failed, empty, signed_in
from tools.self_test.premises import Premises

TEMP = Path(os.environ["RUNNER_TEMP"])


def build() -> None:
    """Build the premises, and output what the action's inputs are to be."""
    # Containers of actions reach the machine that they run on by this address.
    host = docker("network", "inspect", "bridge", "--format", "{{(index .IPAM.Config 0).Gateway}}").strip()
    premises = Premises.build(TEMP, os.environ, host, lambda secret: print(f"::add-mask::{secret}", flush=True))
    with open(os.environ["GITHUB_OUTPUT"], "a", encoding="utf-8") as file:
        file.write(f"endpoint={premises.endpoint}\n")
        file.write(f"user-pool-id={premises.user_pool_id}\n")
        file.write(f"role={premises.role}\n")
        file.write(f"client-id={premises.client_id}\n")
    print(f"An AWS account answers at {premises.endpoint}.")


def check_user() -> None:
    """Sign in as the user of a step, whose outputs the environment holds."""
    print(f"Signed in as {signed_in(Premises.read(TEMP), os.environ)}.")


def check_pool() -> None:
    """Look for users who are left."""
    empty(Premises.read(TEMP))
    print("Nobody is in the pool.")


STEPS = {"up": build, "signed-in": check_user, "empty": check_pool}

try:
    STEPS[sys.argv[1]]()
except Failed as failure:
    sys.exit(f"::error::{failure}")
