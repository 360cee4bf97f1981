"""An AWS account on this machine: ministack with IAM enforced."""

import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.emulator.http import answers

ACCOUNT = "000000000000"
REGION = "us-east-1"

MINISTACK = Path(__file__).parent.parent.parent / ".venv-emulator/bin/ministack"


@dataclass(frozen=True)
class Emulator:
    """A running ministack. The account's root keys are `test`/`test`."""

    url: str
    process: "subprocess.Popen[bytes]"

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()


@contextmanager
def ministack() -> Iterator[str]:
    """Run ministack with IAM enforced."""
    with tempfile.TemporaryDirectory() as folder:
        emulator = start(Path(folder))
        try:
            yield emulator.url
        finally:
            emulator.stop()


def start(folder: Path, host: str = "127.0.0.1", **environ: str) -> Emulator:
    """Start ministack with IAM enforced on an address of this machine. It writes its files to `folder`."""
    for _ in range(5):
        port = free_port(host)
        with open(folder / "log", "wb") as log:
            process = subprocess.Popen(
                [MINISTACK],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={
                    "PATH": os.environ["PATH"],
                    "HOME": str(folder),
                    "TMPDIR": str(folder),
                    "AUTH": "true",
                    "BIND_HOST": host,
                    "GATEWAY_PORT": str(port),
                    "IOT_MTLS_ENABLED": "0",
                    **environ,
                },
            )
        emulator = Emulator(f"http://{host}:{port}", process)
        try:
            ready = _wait_until_ready(process, host, port)
        except BaseException:
            emulator.stop()
            raise
        if ready:
            return emulator
        emulator.stop()
    raise RuntimeError("ministack did not start:\n" + (folder / "log").read_text())


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(process: "subprocess.Popen[bytes]", host: str, port: int) -> bool:
    for _ in range(300):
        if process.poll() is not None:
            return False
        if answers(host, port, "/_ministack/health"):
            return True
        time.sleep(0.1)
    return False
