"""cognito-local, a second emulator of Cognito: without IAM and STS, and with answers that AWS has not marked as its own."""

import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.node import FOLDER, require_packages
from tools.emulator.aws import free_port
from tools.emulator.http import answers

PLAIN_POOL = "us-east-1_PlainPool"
EMAIL_POOL = "us-east-1_EmailPool"
NO_POOL = "us-east-1_NoSuchOne"

KEYS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}

_POOLS = {PLAIN_POOL: [], EMAIL_POOL: ["email"]}
"""Which attributes each pool takes for user names. The emulator reads its pools when it starts; those that it creates
later have IDs without a region."""


@contextmanager
def cognito_local(folder: Path) -> Iterator[str]:
    """Run it on loopback with its files in `folder`.

    If it is not installed, the test is skipped, or fails with `REQUIRE_NODE=1`.
    """
    require_packages()
    pools = folder / ".cognito/db"
    pools.mkdir(parents=True)
    for name, attributes in _POOLS.items():
        options = {"Id": name, "UsernameAttributes": attributes}
        (pools / f"{name}.json").write_text(json.dumps({"Users": {}, "Groups": {}, "Options": options}))
    port = free_port()
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen(
            ["node", FOLDER / "node_modules/cognito-local/lib/bin/start.js"],
            cwd=folder,
            env={"PATH": os.environ["PATH"], "HOST": "127.0.0.1", "PORT": str(port)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        _wait_until_ready(process, port, folder / "log")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def _wait_until_ready(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    for _ in range(300):
        if process.poll() is not None:
            break
        if answers("127.0.0.1", port, "/health"):
            return
        time.sleep(0.1)
    raise RuntimeError(f"cognito-local did not start:\n{log.read_text()}")
