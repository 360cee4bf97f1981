"""cognito-local, a second emulator of Cognito: without IAM and STS, and with answers that AWS has not marked as its own."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.node import FOLDER, node_environ, node_server, require_packages
from tools.emulator.aws import free_port

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
    with node_server(
        [FOLDER / "node_modules/cognito-local/lib/bin/start.js"],
        folder,
        {**node_environ(), "HOST": "127.0.0.1", "PORT": str(port)},
        port,
    ):
        yield f"http://127.0.0.1:{port}"
