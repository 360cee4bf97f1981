"""The connections: what is sent arrives as it is, what comes back is whole or a failure, and nothing is followed."""

import socket
import struct
from collections.abc import Callable
from threading import Event, Semaphore

import pytest
import urllib3

from cognito_action.concurrency import in_background
from cognito_action.errors import FOREIGN_ANSWER, NETWORK, NO_ANSWER, CallError
from cognito_action.network.answers import Answer
from cognito_action.network.connections import CA_VARIABLES, MAX_ANSWER, TIMEOUT, Network
from tests.support.sockets import Handle, closed_port, head_of, listening, saying
from tools.emulator.http import Answer as Served
from tools.emulator.http import Request, serving

OK = b"HTTP/1.1 200 OK\r\n"


def get(url: str, network: Network | None = None, timeout: urllib3.Timeout = TIMEOUT) -> Answer:
    """Send a request without proxies or authorities of the environment."""
    return (network or Network({})).send("TheCall", "GET", url, {}, timeout=timeout)


def failed(url: str, timeout: urllib3.Timeout = TIMEOUT) -> CallError:
    """The failure of a request."""
    with pytest.raises(CallError) as caught:
        get(url, timeout=timeout)
    assert caught.value.operation == "TheCall"
    return caught.value


def lost(handle: Handle, timeout: urllib3.Timeout = TIMEOUT, code: str = NETWORK) -> CallError:
    """The failure of a request to this server, which got it: it may have taken effect."""
    with listening(handle) as port:
        failure = failed(f"http://127.0.0.1:{port}/", timeout)
    assert (failure.code, failure.retryable) == (code, True)
    assert (failure.outcome_unknown, failure.unanswered) == (True, True)
    return failure


# What is sent, and what comes back


@pytest.mark.parametrize("body", [b'{"a": "b"}', "Action=AssumeRole", b"", None])
def test_request_arrives_as_it_was_given(body: bytes | str | None) -> None:
    """Method, path, headers and body are the caller's."""
    requests: list[Request] = []

    def respond(request: Request) -> Served:
        requests.append(request)
        return Served(200, b"")

    with serving(respond) as url:
        Network({}).send("TheCall", "POST", f"{url}/path?a=b%2Fc", {"X-Amz-Target": "Service.TheCall"}, body)

    [request] = requests
    assert (request.method, request.path, request.headers["X-Amz-Target"]) == (
        "POST",
        "/path?a=b%2Fc",
        "Service.TheCall",
    )
    assert request.body == (body.encode() if isinstance(body, str) else body or b"")


@pytest.mark.parametrize("status", [200, 204, 302, 400, 403, 404, 407, 418, 500, 503, 599])
def test_answer_is_returned_whoever_gave_it(status: int) -> None:
    """No status is a failure here: whose answer it is, and what it means, others decide."""
    body = b"" if status == 204 else b"<html></html>"
    with serving(lambda _: Served(status, body, {"X-Amzn-Requestid": "r"})) as url:
        answer = get(url)

    assert (answer.url, answer.status, answer.body) == (url, status, body)
    assert answer.headers["x-AMZN-RequestId"] == "r"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_is_not_followed(status: int) -> None:
    """A token or a signature goes to no other address, not even on the same host."""
    paths: list[str] = []

    def respond(request: Request) -> Served:
        paths.append(request.path)
        return Served(status, b"", {"Location": "/elsewhere"})

    with serving(respond) as url:
        answer = get(f"{url}/here")

    assert (answer.status, paths) == (status, ["/here"])


def test_nothing_is_retried() -> None:
    """One request is one attempt: whether another can help is decided elsewhere."""
    requests: list[Request] = []

    with serving(requests.append) as url:
        failed(url)

    assert len(requests) == 1


@pytest.mark.parametrize("status", [200, 403])
def test_connection_is_used_again(status: int) -> None:
    """The next request does not wait for another connection."""
    ports: list[int] = []

    def respond(request: Request) -> Served:
        ports.append(request.port)
        return Served(status, b"x" * 200_000)

    network = Network({})
    with serving(respond) as url:
        for _ in range(3):
            assert len(get(url, network).body) == 200_000

    assert len(set(ports)) == 1


def test_connection_that_was_closed_in_the_meantime_is_not_used_again() -> None:
    """A server may close what is idle, and that is no failure."""
    network, closed = Network({}), Semaphore(0)

    def handle(connection: socket.socket) -> None:
        head_of(connection)
        connection.sendall(OK + b"Content-Length: 1\r\n\r\nx")
        connection.shutdown(socket.SHUT_WR)
        closed.release()

    with listening(handle) as port:
        for _ in range(3):
            assert get(f"http://127.0.0.1:{port}/", network).body == b"x"
            assert closed.acquire(timeout=5)


def test_many_threads_share_the_connections() -> None:
    """Each gets the answer to its own request."""
    network = Network({})

    with serving(lambda request: Served(200, request.path.encode())) as url:
        answers = [in_background(lambda number=number: get(f"{url}/{number}", network)) for number in range(40)]  # type: ignore[misc]

        assert [answer.result(10).body for answer in answers] == [f"/{number}".encode() for number in range(40)]


def test_timeout_is_long_enough_for_three_triggers() -> None:
    """Cognito waits up to 5 s for each of them."""
    assert (TIMEOUT.connect_timeout, TIMEOUT.read_timeout) == (5, 15)


def test_variables_of_the_authorities_have_this_order() -> None:
    """The one for AWS alone comes first."""
    assert CA_VARIABLES == ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")


# What does not come back whole


HEADERS_WITHOUT_END = (
    OK + b"Content-Le",
    OK + b"x-amzn-RequestId: r\r\nContent-Type: application/x-amz-json-1.1\r\n",
)
"""What looks like an answer without a body, and is cut off."""


@pytest.mark.parametrize(
    "data",
    [
        OK + b"Content-Length: 10\r\n\r\n12345",
        OK + b"Content-Length: 1\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhel",
        OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\nfive\r\nhello\r\n0\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n-1\r\nhello\r\n0\r\n\r\n",
        *HEADERS_WITHOUT_END,
        b"HTTP/1.1 2",
        b"HTTP/1.1 two hundred\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"\x15\x03\x01\x00\x02\x02\x0a",
        b"\r\n\r\n",
        b"",
        OK + b"X: y\r\n" * 200 + b"\r\n",
        OK + b"X: " + b"y" * 70_000 + b"\r\n\r\n",
    ],
    ids=lambda data: repr(data[:60]),
)
def test_broken_answer_is_a_lost_one(data: bytes) -> None:
    """Half an answer is never taken for a whole one, and whether the call took effect is not known."""
    assert lost(saying(data), code=FOREIGN_ANSWER if data in HEADERS_WITHOUT_END else NETWORK).message


@pytest.mark.parametrize("headers", [b"Content-Length: 0\r\n", b"Transfer-Encoding: chunked\r\n\r\n0\r\n"])
def test_answer_without_a_body_says_so(headers: bytes) -> None:
    """Cognito's answer to a deletion has none; without a word about it, it may be an answer that was cut off."""
    with listening(saying(OK + headers + b"\r\n")) as port:
        assert get(f"http://127.0.0.1:{port}/").body == b""


@pytest.mark.parametrize("status", [204, 304])
def test_answer_whose_status_says_that_it_has_no_body(status: int) -> None:
    """No length belongs to these."""
    with listening(saying(b"HTTP/1.1 %d X\r\n\r\n" % status)) as port:
        assert get(f"http://127.0.0.1:{port}/").status == status


@pytest.mark.parametrize("data", [b"Content-Length: 3\r\n\r\nbody", b"Content-Length: many\r\n\r\nbod", b"\r\nbod"])
def test_answer_ends_with_its_length_or_with_the_connection(data: bytes) -> None:
    """An answer that promises no length ends with the connection."""
    with listening(saying(OK + data)) as port:
        assert get(f"http://127.0.0.1:{port}/").body == b"bod"


def test_chunked_answer_is_put_together() -> None:
    """Gateways answer in chunks."""
    data = OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"

    with listening(saying(data)) as port:
        assert get(f"http://127.0.0.1:{port}/").body == b"abcde"


@pytest.mark.parametrize("framing", [b"Content-Length: 99999999999\r\n\r\n", b"\r\n"])
def test_endless_answer_is_given_up(framing: bytes) -> None:
    """What is longer than any answer is not read to its end, which may not exist, and not kept in memory."""
    ended = Event()

    def handle(connection: socket.socket) -> None:
        head_of(connection)
        connection.sendall(OK + framing)
        try:
            while True:
                connection.sendall(bytes(1 << 16))
        finally:
            ended.set()

    failure = lost(handle, code=FOREIGN_ANSWER)

    assert failure.message == "the answer could not be read"
    assert ended.wait(5)


def test_longest_answer_is_read() -> None:
    """One byte more would be too many."""
    body = bytes(MAX_ANSWER)

    with listening(saying(OK + b"\r\n" + body)) as port:
        assert get(f"http://127.0.0.1:{port}/").body == body
    lost(saying(OK + b"\r\n" + body + b"x"), code=FOREIGN_ANSWER)


def test_answer_that_does_not_come_in_time_is_a_lost_one() -> None:
    """The time counts for each piece of it."""
    done = Event()

    def handle(connection: socket.socket) -> None:
        head_of(connection)
        connection.sendall(OK)
        done.wait(10)

    failure = lost(handle, urllib3.Timeout(connect=5, read=0.05), NO_ANSWER)
    done.set()

    assert failure.message.endswith(": no answer in time")


def test_body_that_stops_is_a_lost_answer() -> None:
    """The same once a part of it is there."""
    done = Event()

    def handle(connection: socket.socket) -> None:
        head_of(connection)
        connection.sendall(OK + b"Content-Length: 10\r\n\r\n12345")
        done.wait(10)

    failure = lost(handle, urllib3.Timeout(connect=5, read=0.05), NO_ANSWER)
    done.set()

    assert failure.message.endswith(": no answer in time")


def test_reset_connection_is_a_lost_answer() -> None:
    """The system's own words say what happened."""

    def handle(connection: socket.socket) -> None:
        head_of(connection)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    assert lost(handle).message.endswith(": Connection reset by peer")


# What never got there


def never_sent(failure: CallError) -> str:
    """What a failure says that can change, and left nothing behind."""
    assert (failure.code, failure.retryable) == ("NetworkError", True)
    assert (failure.outcome_unknown, failure.unanswered) == (False, False)
    return failure.message


def test_refused_connection_left_nothing_behind() -> None:
    """No request was on it."""
    with closed_port() as port:
        failure = failed(f"http://127.0.0.1:{port}/")

    assert never_sent(failure) == f"127.0.0.1:{port}: Connection refused"


def test_connection_that_does_not_come_about_in_time_left_nothing_behind() -> None:
    """A host that answers nothing at all was sent no request."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server:
        address = server.getsockname()
        # The system completes the first of these on the server's behalf, and ignores the rest.
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.settimeout(0)
            one.connect_ex(address)
        failure = failed(f"http://127.0.0.1:{address[1]}/", urllib3.Timeout(connect=0.2, read=5))
        for one in waiting:
            one.close()

    assert never_sent(failure).endswith(": no answer in time")


@pytest.mark.parametrize(
    "url", ["", "banana", "://", "//host/", "http://", "http:///path", "http://[", "ftp://127.0.0.1/", "file:///etc"]
)
def test_what_is_no_url_is_final(url: str) -> None:
    """Only a variable that someone has set can be the reason, and it stays as it is."""
    failure = failed(url)

    assert (failure.code, failure.retryable, failure.outcome_unknown) == ("UnknownHost", False, False)
    assert failure.message == "what should be the service's URL is not one of http:// or https://"


@pytest.mark.parametrize("read", [str, str.upper])
def test_scheme_can_be_in_upper_case(read: Callable[[str], str]) -> None:
    """URLs are the same whatever the case of their scheme, and of TLS there is no doubt."""
    with listening(lambda connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as port:
        failure = failed(f"{read('https')}://127.0.0.1:{port}/")

    assert failure.message == f"127.0.0.1:{port} does not speak TLS, though its URL starts with https"


def test_header_that_http_cannot_carry_is_not_shown() -> None:
    """It may be a token, and nothing was sent."""
    with serving(lambda _: Served(200, b"")) as url, pytest.raises(CallError) as caught:
        Network({}).send("TheCall", "GET", url, {"Authorization": "Bearer secret\nX: y"})

    assert "secret" not in f"{caught.value!r} {caught.value.__cause__!r}"
    assert caught.value.message.endswith(": the connection broke (ValueError)")
