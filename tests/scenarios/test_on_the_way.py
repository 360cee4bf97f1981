"""What stands between the step and AWS, played through the executable: one cause each, tried once, no one created."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
import yaml

from tests.support.sockets import closed_port, refusing, running_proxy, server_tls
from tests.support.the_error import the_error
from tests.support.world import World
from tools.emulator.certificates import Authority
from tools.emulator.http import Answer, serving

AWS = "https://aws.test"

Surroundings = AbstractContextManager[dict[str, str]]
"""What a job has around it, as variables."""


@contextmanager
def closed(_: Path) -> Iterator[dict[str, str]]:
    with closed_port() as port:
        yield {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}", "GITHUB_WORKSPACE": "/github/workspace"}


@contextmanager
def unknown_host(_: Path) -> Iterator[dict[str, str]]:
    yield {"AWS_ENDPOINT_URL": "http://aws.invalid:4566"}


@contextmanager
def no_tls(_: Path) -> Iterator[dict[str, str]]:
    with serving(lambda _: Answer(200, b"")) as url:
        yield {"AWS_ENDPOINT_URL": url.replace("http", "https")}


@contextmanager
def stranger(folder: Path) -> Iterator[dict[str, str]]:
    with serving(lambda _: Answer(200, b""), tls=server_tls(Authority(folder / "a").issue("127.0.0.1"))) as url:
        yield {"AWS_ENDPOINT_URL": url}


@contextmanager
def _trusted(folder: Path, host: str, days: int) -> Iterator[dict[str, str]]:
    authority = Authority(folder / "a")
    (folder / "a.pem").write_bytes(authority.pem)
    with serving(lambda _: Answer(200, b""), tls=server_tls(authority.issue(host, days=days))) as url:
        yield {"AWS_ENDPOINT_URL": url, "AWS_CA_BUNDLE": str(folder / "a.pem")}


def another_name(folder: Path) -> Surroundings:
    return _trusted(folder, "localhost", 1)


def expired(folder: Path) -> Surroundings:
    return _trusted(folder, "127.0.0.1", -1)


@contextmanager
def folder_for_a_file(folder: Path) -> Iterator[dict[str, str]]:
    yield {"AWS_ENDPOINT_URL": AWS, "AWS_CA_BUNDLE": str(folder)}


@contextmanager
def file_without_the_authority(folder: Path) -> Iterator[dict[str, str]]:
    (folder / "b.pem").write_bytes(Authority(folder / "b").pem)
    with serving(lambda _: Answer(200, b""), tls=server_tls(Authority(folder / "a").issue("127.0.0.1"))) as url:
        yield {"AWS_ENDPOINT_URL": url, "SSL_CERT_FILE": str(folder / "b.pem")}


@contextmanager
def _proxy(status: int) -> Iterator[dict[str, str]]:
    with running_proxy(refusal=refusing(status)) as proxy:
        yield {"AWS_ENDPOINT_URL": AWS, "https_proxy": f"http://127.0.0.1:{proxy.port}"}


def proxy_with_a_password(_: Path) -> Surroundings:
    return _proxy(407)


def proxy_that_refuses(_: Path) -> Surroundings:
    return _proxy(403)


def web_server(_: Path) -> Surroundings:
    return _proxy(405)


@contextmanager
def proxy_that_is_none(_: Path) -> Iterator[dict[str, str]]:
    yield {"AWS_ENDPOINT_URL": AWS, "https_proxy": "socks5://proxy:1080"}


CASES = [
    (closed, "OwnContainer", "`localhost` is the action's own container", "AWS_ENDPOINT_URL"),
    (unknown_host, "UnknownHost", "`AWS_ENDPOINT_URL` names a host", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"),
    (no_tls, "NotTLS", "Let the URL start with `http://`", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"),
    (stranger, "TLSError", "No public authority signed the certificate", "AWS_CA_BUNDLE"),
    (another_name, "HostnameMismatch", "Use the name in the certificate", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"),
    (expired, "CertificateDate", "has expired, or is not yet valid", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"),
    (folder_for_a_file, "CAFileError", "which is a folder", "AWS_CA_BUNDLE"),
    (file_without_the_authority, "CAFileError", "is not among them", "SSL_CERT_FILE"),
    (proxy_with_a_password, "ProxyLogin", "wants another user or password than `https_proxy`", "https_proxy"),
    (proxy_that_refuses, "ProxyError", "does not allow this host", "no_proxy"),
    (web_server, "NotAProxy", "is a web server, and no proxy", "https_proxy"),
    (proxy_that_is_none, "ProxyURLError", "https_proxy is not the URL of a proxy", ""),
]


@pytest.mark.parametrize(("surroundings", "code", "words", "variable"), CASES, ids=[each[0].__name__ for each in CASES])
def test_what_stands_between_is_told_once(
    world: World, tmp_path: Path, surroundings: Callable[[Path], Surroundings], code: str, words: str, variable: str
) -> None:
    """The error names the variable that is behind it, and has the line by which the step goes on."""
    with surroundings(tmp_path) as environ:
        main = world.job({**world.environ, **environ}).main(world.inputs(world.pool()))

    told = the_error(main)
    assert f"AssumeRoleWithWebIdentity failed with {code}: " in told
    assert words in told
    assert "trying again" not in main.stdout
    if variable:
        lines = told[told.rindex("\nenv:\n") :].partition("\nendpoint: ")[0]
        assert list(yaml.safe_load(lines)["env"]) == [variable]
    assert world.aws.calls == ["GetIDToken"]
