"""Certificates: the same authorities for every connection, read once, and verified as the SDK does."""

import os
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest

from cognito_action.concurrency import in_background
from cognito_action.errors import CallError
from cognito_action.network.connections import CA_VARIABLES, Network, _tls_context
from tests.support.sockets import running_proxy, server_tls
from tools.emulator.certificates import Authority
from tools.emulator.http import Answer, serving

HOST = "127.0.0.1"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "authority")


@contextmanager
def tls_service(authority: Authority, *names: str) -> Iterator[str]:
    """A service with a certificate for `names`, and its URL by address."""
    with serving(lambda _: Answer(200, b"served"), tls=server_tls(authority.issue(*(names or (HOST,))))) as url:
        yield url


def trusting(authority: Authority, tmp_path: Path, name: str = "trusted.pem") -> str:
    """A file with the authority's certificate."""
    path = tmp_path / name
    path.write_bytes(authority.pem)
    return str(path)


def fetch(network: Network, url: str) -> bytes:
    return network.send("TheCall", "GET", url, {}).body


def refused(url: str, **environ: str) -> tuple[str, str]:
    """Code and message of a failure that is final, and left nothing behind."""
    with pytest.raises(CallError) as caught:
        fetch(Network(environ), url)
    assert (caught.value.retryable, caught.value.outcome_unknown, caught.value.unanswered) == (False, False, False)
    return caught.value.code, caught.value.message


# Which authorities count


@pytest.mark.parametrize("variable", CA_VARIABLES)
def test_each_variable_names_the_authorities(authority: Authority, tmp_path: Path, variable: str) -> None:
    """Tools that know one of them are enough."""
    with tls_service(authority) as url:
        assert fetch(Network({variable: trusting(authority, tmp_path)}), url) == b"served"


@pytest.mark.parametrize("first", range(3))
def test_first_variable_that_is_set_counts(authority: Authority, tmp_path: Path, first: int) -> None:
    """An empty one is not set, and the files of those after it are not even there."""
    values = [""] * first + [trusting(authority, tmp_path)] + ["/nonexistent"] * (2 - first)

    with tls_service(authority) as url:
        assert fetch(Network(dict(zip(CA_VARIABLES, values, strict=True))), url) == b"served"


@pytest.mark.parametrize("first", [0, 1])
def test_later_variable_does_not_help(authority: Authority, tmp_path: Path, first: int) -> None:
    """The file of the first one is in the message, so that it is known which to correct."""
    stranger = trusting(Authority(tmp_path / "stranger"), tmp_path, "stranger.pem")
    environ = {CA_VARIABLES[first]: stranger, CA_VARIABLES[first + 1]: trusting(authority, tmp_path)}

    with tls_service(authority) as url:
        code, message = refused(url, **environ)

    assert code == "CAFileError"
    assert message.startswith(f"the certificate of {url.removeprefix('https://')} could not be verified: ")
    assert message.endswith(f"; {CA_VARIABLES[first]} names {stranger}")


def test_public_authorities_are_the_default(authority: Authority) -> None:
    """They did not sign the test's certificate, and no variable is to blame."""
    with tls_service(authority) as url:
        code, message = refused(url)

    assert code == "TLSError"
    assert message == (
        f"the certificate of {url.removeprefix('https://')} could not be verified: unable to get local issuer certificate"
    )


def test_authorities_of_the_system_do_not_count(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only those count that are named to the step, or the public ones: OpenSSL would read this variable by itself."""
    monkeypatch.setenv("SSL_CERT_FILE", trusting(authority, tmp_path))
    stranger = trusting(Authority(tmp_path / "stranger"), tmp_path, "stranger.pem")

    with tls_service(authority) as url:
        assert refused(url)[0] == "TLSError"
        assert refused(url, AWS_CA_BUNDLE=stranger)[0] == "CAFileError"


def test_certificate_for_another_address_is_final(authority: Authority, tmp_path: Path) -> None:
    """The variable is not to blame for that either."""
    with tls_service(authority, "localhost", "127.0.0.2") as url:
        code, message = refused(url, AWS_CA_BUNDLE=trusting(authority, tmp_path))

    assert (code, message) == (
        "HostnameMismatch",
        f"the certificate of {url.removeprefix('https://')} is for another name",
    )


def test_certificate_for_another_name_is_final(authority: Authority, tmp_path: Path) -> None:
    """The same if the host has a name."""
    with tls_service(authority, "sts.amazonaws.com", HOST) as url:
        by_name = url.replace(HOST, "localhost")
        code, message = refused(by_name, AWS_CA_BUNDLE=trusting(authority, tmp_path))

    assert (code, message) == (
        "HostnameMismatch",
        f"the certificate of {by_name.removeprefix('https://')} is for another name",
    )


def test_untrusted_certificate_for_another_name_is_untrusted(authority: Authority) -> None:
    """A name that no one vouches for says nothing."""
    with tls_service(authority, "localhost") as url:
        assert refused(url)[0] == "TLSError"


# How strictly


def connect_strictly(url: str, path: str) -> None:
    """Connect as Python does by default from 3.13 on."""
    context = ssl.create_default_context(cafile=path)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    host, port = url.removeprefix("https://").split(":")
    with socket.create_connection((host, int(port))) as plain:
        context.wrap_socket(plain, server_hostname=host).close()


def test_authority_without_key_identifiers_is_accepted(tmp_path: Path) -> None:
    """Inspecting proxies have such certificates; the SDK accepts them, and Python's strict mode does not."""
    authority = Authority(tmp_path / "authority", lenient=True)
    path = trusting(authority, tmp_path)

    with tls_service(authority) as url:
        assert fetch(Network({"AWS_CA_BUNDLE": path}), url) == b"served"
        with pytest.raises(ssl.SSLCertVerificationError):
            connect_strictly(url, path)


def test_strict_mode_is_off_in_every_version_of_python(authority: Authority, tmp_path: Path) -> None:
    """What does verify is on, as are names."""
    context = _tls_context(trusting(authority, tmp_path))

    assert not context.verify_flags & ssl.VERIFY_X509_STRICT
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


# Files that can't be used


def test_folder_is_no_file_of_authorities(tmp_path: Path) -> None:
    """Other tools take folders, so people try them."""
    assert refused("https://127.0.0.1:1/", REQUESTS_CA_BUNDLE=str(tmp_path)) == (
        "CAFileError",
        f"REQUESTS_CA_BUNDLE names {tmp_path}, which is a folder",
    )


def test_file_that_is_not_in_the_container_is_final() -> None:
    """A path of the runner's machine is the usual reason."""
    assert refused("https://127.0.0.1:1/", SSL_CERT_FILE="/nonexistent/ca.pem") == (
        "CAFileError",
        "SSL_CERT_FILE names /nonexistent/ca.pem, which does not exist",
    )


@pytest.mark.parametrize("content", [b"", b"no certificate", b"-----BEGIN CERTIFICATE-----\nAAAA\n", b"\x30\x82\x01"])
def test_file_without_certificates_is_final(tmp_path: Path, content: bytes) -> None:
    """An empty file trusts no one, and one in DER form can't be read."""
    (tmp_path / "ca.pem").write_bytes(content)

    code, message = refused("https://127.0.0.1:1/", AWS_CA_BUNDLE=str(tmp_path / "ca.pem"))

    assert code == "CAFileError"
    assert message == f"AWS_CA_BUNDLE names {tmp_path / 'ca.pem'}, which holds no certificates in PEM form"


def test_file_that_cannot_be_read_is_final(tmp_path: Path) -> None:
    """The system's own words say why."""
    (tmp_path / "file").touch()

    code, message = refused("https://127.0.0.1:1/", AWS_CA_BUNDLE=str(tmp_path / "file" / "ca.pem"))

    assert (code, message.partition(", ")[2]) == ("CAFileError", "which can't be read: Not a directory")


# When they are read


def test_authorities_are_not_read_for_plain_http(tmp_path: Path) -> None:
    """An emulator is reached without them, and without the time that they take."""
    network = Network({"AWS_CA_BUNDLE": str(tmp_path / "nonexistent")})

    with serving(lambda _: Answer(200, b"served")) as url:
        assert fetch(network, url) == b"served"
        with running_proxy() as proxy:
            network = Network(
                {"AWS_CA_BUNDLE": str(tmp_path / "nonexistent"), "http_proxy": f"http://{HOST}:{proxy.port}"}
            )
            assert fetch(network, url) == b"served"


def test_authorities_are_read_once_for_all_threads(authority: Authority, tmp_path: Path) -> None:
    """The file is a pipe that gives its content to one reader, once: another one would wait for ever."""
    pipe = tmp_path / "pipe.pem"
    os.mkfifo(pipe)
    Thread(target=pipe.write_bytes, args=(authority.pem,), daemon=True).start()
    network = Network({"AWS_CA_BUNDLE": str(pipe)})

    with tls_service(authority) as url:
        answers = [in_background(lambda: fetch(network, url)) for _ in range(20)]

        assert [answer.result(10) for answer in answers] == [b"served"] * 20


def test_authorities_are_read_once_for_all_services_and_proxies(authority: Authority, tmp_path: Path) -> None:
    """What an earlier connection has read is what the later ones use, even if the file is gone."""
    path = trusting(authority, tmp_path)
    tls = server_tls(authority.issue(HOST))

    with tls_service(authority) as url, tls_service(authority) as other, running_proxy(tls) as proxy:
        environ = {"AWS_CA_BUNDLE": path, "http_proxy": f"https://{HOST}:{proxy.port}"}
        network = Network(environ)
        assert fetch(network, url) == b"served"
        Path(path).unlink()
        assert fetch(network, other) == b"served"
        with serving(lambda _: Answer(200, b"plain")) as plain:
            assert fetch(network, f"{plain}/") == b"plain"
        assert refused(url, **environ)[0] == "CAFileError"

    assert proxy.requests == [f"GET {plain}/"]
