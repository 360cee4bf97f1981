"""An AWS account on loopback: ministack with IAM enforced."""

import http.client
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ACCOUNT = "000000000000"
REGION = "us-east-1"

MINISTACK = Path(__file__).parent.parent / ".venv-emulator/bin/ministack"


@contextmanager
def ministack() -> Iterator[str]:
    """Run ministack with IAM enforced; `test`/`test` are the keys of the account's root."""
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(5):
            port = _free_port()
            with open(f"{folder}/log", "wb") as log:
                process = subprocess.Popen(
                    [MINISTACK],
                    cwd=folder,
                    stdout=log,
                    stderr=log,
                    env={
                        "PATH": os.environ["PATH"],
                        "HOME": folder,
                        "TMPDIR": folder,
                        "AUTH": "true",
                        "BIND_HOST": "127.0.0.1",
                        "GATEWAY_PORT": str(port),
                        "IOT_MTLS_ENABLED": "0",
                    },
                )
            try:
                if _answers(process, port):
                    yield f"http://127.0.0.1:{port}"
                    return
            finally:
                process.terminate()
                process.wait()
        raise RuntimeError("ministack did not start:\n" + Path(folder, "log").read_text())


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(process: "subprocess.Popen[bytes]", port: int) -> bool:
    for _ in range(300):
        if process.poll() is not None:
            return False
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/_ministack/health")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.1)
        else:
            return True
    return False
