"""What would fail the same way a moment later: each row of the table is provoked."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from cognito_action.errors import CONNECTION_CODES, CallError
from cognito_action.network.connections import Network
from cognito_action.network.final_failures import FINAL, Final
from tests.support.sockets import closed_port, refusing, running_proxy, server_tls
from tools.emulator.certificates import Authority
from tools.emulator.http import Answer, serving

HOST = "127.0.0.1"


@dataclass
class Provoked:
    """Where a request is to go, and with what in the environment."""

    url: str
    environ: dict[str, str]


@contextmanager
def certificate_for_another_name(folder: Path) -> Iterator[Provoked]:
    authority = Authority(folder / "authority")
    (folder / "trusted.pem").write_bytes(authority.pem)
    with serving(lambda _: Answer(200, b""), tls=server_tls(authority.issue("localhost"))) as url:
        yield Provoked(url, {"AWS_CA_BUNDLE": str(folder / "trusted.pem")})


@contextmanager
def certificate_of_a_stranger(folder: Path) -> Iterator[Provoked]:
    with serving(lambda _: Answer(200, b""), tls=server_tls(Authority(folder / "stranger").issue(HOST))) as url:
        yield Provoked(url, {})


@contextmanager
def certificate_of_yesterday(folder: Path) -> Iterator[Provoked]:
    authority = Authority(folder / "authority")
    (folder / "trusted.pem").write_bytes(authority.pem)
    with serving(lambda _: Answer(200, b""), tls=server_tls(authority.issue(HOST, days=-1))) as url:
        yield Provoked(url, {"AWS_CA_BUNDLE": str(folder / "trusted.pem")})


@contextmanager
def no_tls(_: Path) -> Iterator[Provoked]:
    with serving(lambda _: Answer(200, b"")) as url:
        yield Provoked(url.replace("http", "https"), {})


@contextmanager
def _proxy_that_answers(status: int) -> Iterator[Provoked]:
    with running_proxy(refusal=refusing(status)) as proxy:
        yield Provoked("https://sts.eu-central-1.amazonaws.com/", {"https_proxy": f"http://{HOST}:{proxy.port}"})


def proxy_that_wants_a_password(_: Path) -> AbstractContextManager[Provoked]:
    return _proxy_that_answers(407)


def proxy_that_refuses(_: Path) -> AbstractContextManager[Provoked]:
    return _proxy_that_answers(403)


def web_server_for_a_proxy(_: Path) -> AbstractContextManager[Provoked]:
    return _proxy_that_answers(405)


@contextmanager
def nobody_in_the_own_container(_: Path) -> Iterator[Provoked]:
    with closed_port() as port:
        yield Provoked(f"http://{HOST}:{port}/", {"GITHUB_WORKSPACE": "/github/workspace"})


@contextmanager
def unknown_host(_: Path) -> Iterator[Provoked]:
    """No resolver is asked for this one."""
    yield Provoked("http://no!such/", {})


@contextmanager
def impossible_host(_: Path) -> Iterator[Provoked]:
    yield Provoked(f"http://{'a' * 64}.amazonaws.com/", {})


CONNECTION = "to the connection to sts.eu-central-1.amazonaws.com"

PROVOCATIONS = (
    (certificate_for_another_name, "HostnameMismatch", " is for another name"),
    (certificate_of_yesterday, "CertificateDate", " could not be verified: certificate has expired"),
    (certificate_of_a_stranger, "TLSError", " could not be verified: "),
    (no_tls, "NotTLS", " does not speak TLS, though its URL starts with https"),
    (proxy_that_wants_a_password, "ProxyLogin", f" (https_proxy) answered 407 {CONNECTION}"),
    (proxy_that_refuses, "ProxyError", f" (https_proxy) answered 403 {CONNECTION}"),
    (web_server_for_a_proxy, "NotAProxy", f" (https_proxy) answered 405 {CONNECTION}"),
    (unknown_host, "UnknownHost", "there is no such host: no!such"),
    (impossible_host, "UnknownHost", f"{'a' * 64}.amazonaws.com is not the host of a URL"),
    (nobody_in_the_own_container, "OwnContainer", " refused the connection"),
)


def failed(provoked: Provoked) -> CallError:
    with pytest.raises(CallError) as caught:
        Network(provoked.environ).send("TheCall", "GET", provoked.url, {})
    assert caught.value.operation == "TheCall"
    return caught.value


@pytest.mark.parametrize(
    ("row", "provocation"),
    list(zip(FINAL, PROVOCATIONS, strict=True)),
    ids=[each.__name__ for each, *_ in PROVOCATIONS],
)
def test_each_row_of_the_table_is_final(
    tmp_path: Path, row: Final, provocation: tuple[Callable[[Path], AbstractContextManager[Provoked]], str, str]
) -> None:
    """It has its code, says what is in the way, and left nothing behind unless TLS may have broken later."""
    provoke, code, text = provocation

    with provoke(tmp_path) as provoked:
        error = failed(provoked)

    assert error.code == row.code == code
    assert text in error.message
    assert (error.retryable, error.outcome_unknown, error.unanswered) == (False, row.sent, row.sent)
    assert error.code in CONNECTION_CODES


def test_each_row_has_a_reason() -> None:
    """Whoever adds one says why another try can't succeed."""
    assert all(len(row.because.split()) > 4 for row in FINAL)


# The host, and its proxies


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_proxy_that_does_not_exist_is_final(scheme: str) -> None:
    """The name is the proxy's, not the service's."""
    error = failed(Provoked(f"{scheme}://127.0.0.1:1/", {f"{scheme}_proxy": "http://user:password@no!such:3128"}))

    assert (error.code, error.retryable, error.outcome_unknown) == ("UnknownHost", False, False)
    assert error.message == f"there is no such host: http://no!such:3128 ({scheme}_proxy)"
    assert error.variable == f"{scheme}_proxy"
