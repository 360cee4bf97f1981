"""squid, a real proxy: it lets those through who know a password, and only to GitHub and AWS."""

import hashlib
import secrets
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from tools.emulator.aws import free_port
from tools.emulator.certificates import Authority
from tools.emulator.container import docker
from tools.emulator.job import ROOT

USER = "zebra@quagga"
PASSWORD = "okapi#bongo/eland?kudu:100%@"
"""Percent-encoded in the proxy's URL, as everything that means something there has to be."""

PROXY_HOST = "proxy.example"

_CONFIGURATION = """\
http_port 127.0.0.1:{port}
https_port 127.0.0.1:{tls_port} tls-cert=/etc/squid/mounted/certificate.pem
auth_param basic program /usr/lib/squid/basic_ncsa_auth /etc/squid/mounted/passwords
acl known proxy_auth REQUIRED
acl wanted dstdomain {hosts}
http_access allow CONNECT wanted known
http_access deny all
visible_hostname {name}
cache deny all
pid_filename none
logformat asked %rm %ru %>Hs
access_log stdio:/dev/stdout asked
cache_log /dev/stderr
shutdown_lifetime 0 seconds
"""


@dataclass(frozen=True)
class Squid:
    """The running proxy."""

    container: str
    port: int
    tls_port: int

    def url(self, password: str = PASSWORD) -> str:
        """The proxy's address with the user and a password."""
        return f"http://{quote(USER, safe='')}:{quote(password, safe='')}@127.0.0.1:{self.port}"

    @property
    def tls_url(self) -> str:
        """The same for the port where the proxy itself speaks TLS, for a client that knows `PROXY_HOST`."""
        return f"https://{quote(USER, safe='')}:{quote(PASSWORD, safe='')}@{PROXY_HOST}:{self.tls_port}"

    @property
    def connections(self) -> list[str]:
        """What clients asked for, and the status they got, each once: `CONNECT <host>:443 200`."""
        return sorted({line for line in docker("logs", self.container).splitlines() if line.startswith("CONNECT ")})


@contextmanager
def squid_image() -> Iterator[str]:
    """The image with squid, made from the base image of the action."""
    base = (ROOT / "Dockerfile").read_text(encoding="utf-8").partition("FROM ")[2].partition(" ")[0]
    tag = f"squid-{secrets.token_hex(6)}"
    folder = str(ROOT / "tests/end_to_end/squid")
    docker("build", "--network", "host", "--build-arg", f"BASE={base}", "--tag", tag, folder)
    try:
        yield tag
    finally:
        docker("rmi", "--force", tag)


@contextmanager
def squid(image: str, folder: Path, hosts: Mapping[str, str], authority: Authority) -> Iterator[Squid]:
    """Run squid for `hosts`, whose addresses only it has to know."""
    running = Squid(f"squid-{secrets.token_hex(6)}", free_port(), free_port())
    settings = folder / "squid"
    settings.mkdir()
    configuration = _CONFIGURATION.format(
        port=running.port, tls_port=running.tls_port, hosts=" ".join(hosts), name=PROXY_HOST
    )
    (settings / "squid.conf").write_text(configuration)
    # MD5 is one of the forms that squid's `basic_ncsa_auth` reads, and Python has no other of them everywhere.
    (settings / "passwords").write_text(f"{USER}:{hashlib.md5(PASSWORD.encode()).hexdigest()}\n")
    (settings / "certificate.pem").write_bytes(authority.issue(PROXY_HOST).read_bytes())
    for path in (settings, *settings.iterdir()):
        path.chmod(0o755)  # squid is another user
    options = ["--detach", "--name", running.container, "--network", "host", "-v", f"{settings}:/etc/squid/mounted:ro"]
    options += [f"--add-host={name}:{address}" for name, address in hosts.items()]
    docker("run", *options, image)
    try:
        _wait_until_it_listens(running)
        yield running
    finally:
        docker("rm", "--force", "--volumes", running.container)


def _wait_until_it_listens(running: Squid) -> None:
    for _ in range(100):
        try:
            for port in (running.port, running.tls_port):
                socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    log = subprocess.run(["docker", "logs", running.container], capture_output=True, text=True, check=False)
    raise RuntimeError(f"squid did not start:\n{log.stdout}{log.stderr}")
