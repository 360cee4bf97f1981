"""Secrets of the surroundings: left out of what others say, in each form, and never of what the action says itself."""

import base64
import html
import json
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from urllib3 import HTTPHeaderDict

from cognito_action.errors import ActionError, CallError
from cognito_action.network.answers import Answer, foreign
from cognito_action.network.connections import Network
from cognito_action.redaction import MIN_LENGTH, VARIABLES, MaskedTexts, Redactor
from cognito_action.retry import Limits, Retry
from cognito_action.text import visible
from tests.support.fake_time import FakeTime, at_once
from tests.support.hostile_answers import VARIABLE
from tests.support.recorder import Recorder
from tools.emulator.workflow_commands import parse_line

SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY="
PASSWORD = "pass word<&>\"'\\é\x07"
"""It has all that any encoding changes."""

FORMS: dict[str, Callable[[str], str]] = {
    "itself": str,
    "URL": lambda text: quote(text, safe=""),
    "URL with slashes": quote,
    "URL in lower case": lambda text: quote(text, safe="").lower(),
    "form": quote_plus,
    "XML": escape,
    "HTML": html.escape,
    "JSON": lambda text: json.dumps(text)[1:-1],
    "Python": lambda text: repr(text)[1:-1],
    "log": visible,
    "upper case": str.upper,
    "lower case": str.lower,
    "hex": lambda text: text.encode().hex(),
    "hex in upper case": lambda text: text.encode().hex().upper(),
    "Base32": lambda text: base64.b32encode(text.encode()).decode().rstrip("="),
}


def redactor(**environ: str) -> Redactor:
    return Redactor(environ)


# Which secrets


@pytest.mark.parametrize("variable", VARIABLES)
def test_secret_of_a_variable_is_left_out(variable: str) -> None:
    """Also with white space around it, which AWS's message may not repeat."""
    redact = redactor(**{variable: f" {SECRET}\n"})

    assert redact(f"The token {SECRET} is invalid") == "The token *** is invalid"
    assert redact(f"The token {SECRET} \n is invalid") == "The token *** \n is invalid"


def test_variables_are_those_with_credentials() -> None:
    """A key's ID is none: AWS's error messages name it, so that its owner can tell which key it is."""
    assert VARIABLES == (
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_SECURITY_TOKEN",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    )


@pytest.mark.parametrize("variable", ["http_proxy", "HTTPS_PROXY", "all_proxy", "npm_config_proxy"])
def test_user_and_password_of_each_proxy_are_left_out(variable: str) -> None:
    """And each piece that a parser could make of them; the proxy's host is no secret."""
    redact = redactor(**{variable: "http://someone:one#two/three?four@proxy.example:3128"})

    assert redact("Failed to resolve 'someone' (port one)") == "Failed to resolve '***' (port ***)"
    assert redact("/three?four@proxy.example:3128") == "/***@proxy.example:3128"
    assert redact("#two/three?four") == "#***"
    assert redact("http://someone:one#two/three?four@proxy.example") == "http://***@proxy.example"


def test_header_of_a_proxy_is_left_out() -> None:
    """A proxy may repeat it, and it is not always what is percent-encoded in the URL."""
    redact = redactor(https_proxy="http://some%40one:pass%2Fword@proxy")

    header = base64.b64encode(b"some@one:pass/word").decode()
    assert redact(f"Proxy-Authorization: Basic {header}") == "Proxy-Authorization: Basic ***"
    assert redact("some@one and pass/word and pass%2fword") == "*** and *** and ***"


def test_secret_that_is_found_later_is_left_out() -> None:
    """The SDK finds credentials elsewhere, too."""
    redact = redactor(AWS_SECRET_ACCESS_KEY="a-first-secret")
    redact.add("a-second-secret", "")

    assert redact("a-first-secret, a-second-secret") == "***, ***"


def test_longer_secret_is_left_out_as_a_whole() -> None:
    """Whatever the order in which they are known, no rest of it is seen."""
    redact = redactor(AWS_SECRET_ACCESS_KEY="secret", AWS_SESSION_TOKEN="a-secret-token")
    redact.add("token", "a-secret")

    assert redact("<a-secret-token> <a-secret> <token>") == "<***> <***> <***>"


@pytest.mark.parametrize("value", ["", " ", "     ", "a", "ab"])
def test_shorter_pieces_are_no_secrets(value: str) -> None:
    """They are in every other word."""
    text = "a     b ab: able to abide"

    assert redactor(AWS_SECRET_ACCESS_KEY=value, http_proxy=f"http://{value}:{value}@proxy")(text) == text


def test_text_without_secrets_stays_as_it_is() -> None:
    """With and without secrets in the environment."""
    text = "User: arn:aws:iam::123456789012:user/x is not authorized\n*** (403)"

    assert (
        redactor()(text)
        == redactor(AWS_SECRET_ACCESS_KEY=SECRET, http_proxy="http://someone:password@proxy")(text)
        == text
    )


@pytest.mark.parametrize("piece", ["The token is invalid. ", "a-long-", "IQoJ", "p"])
def test_no_text_keeps_a_step_busy(piece: str) -> None:
    """Others choose how long their texts are."""
    environ = {name: f"IQoJ{name}-a-long-secret" * 30 for name in VARIABLES}
    redact = redactor(**environ, https_proxy="http://p%40q:r%23s/t?u#v@proxy")
    text = piece * ((1 << 20) // len(piece))
    started = time.process_time()

    assert redact(text) == text
    assert time.process_time() - started < 5


# In which forms


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("secret", [SECRET, PASSWORD, "test", "Zürich", "a\nb\tc"])
def test_secret_is_left_out_in_each_form(secret: str, form: Callable[[str], str]) -> None:
    """Services, gateways and logs write text in their own ways."""
    redact = redactor(AWS_SECRET_ACCESS_KEY=secret)

    assert redact(f"({form(secret)})") == "(***)"


@given(
    before=st.binary(max_size=5),
    # A secret that repeats itself can be found before its start, and then its end stays.
    secret=st.lists(st.sampled_from("abcdefXYZ0123456789+/="), min_size=4, unique=True).map("".join),
    after=st.binary(max_size=5),
)
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_secret_within_something_in_base64_is_left_out(
    encode: Callable[[bytes], bytes], before: bytes, secret: str, after: bytes
) -> None:
    """Wherever it starts: two characters at the ends may stay, which do not tell a whole one of the secret's."""
    encoded = encode(before + secret.encode() + after).decode()

    redacted = redactor(AWS_SECRET_ACCESS_KEY=secret)(encoded)

    assert "***" in redacted
    rest = redacted.partition("***")
    assert len(rest[0]) <= len(base64.b64encode(before)) + 1
    assert len(rest[2].replace("***", "")) <= len(base64.b64encode(after)) + 3


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
@pytest.mark.parametrize("before", [b"", b"x", b"xy"])
def test_both_alphabets_of_base64_are_known(encode: Callable[[bytes], bytes], before: bytes) -> None:
    """Those for URLs have other characters for two values, and this secret has both wherever it starts."""
    secret = "??>>~~oo>>??"
    encoded = encode(before + secret.encode()).decode()

    redacted = redactor(AWS_SECRET_ACCESS_KEY=secret)(encoded)

    assert {"+", "/"} & {*encoded} or {"-", "_"} & {*encoded}
    assert len(redacted.replace("***", "")) <= len(before) + 4


SHORT = VARIABLE.map(lambda text: text[:300])


@given(secret=SHORT, text=SHORT)
def test_any_secret_is_left_out_of_any_text(secret: str, text: str) -> None:
    """Also if it is no text in UTF-8, or has what means something in a pattern."""
    assume(len(secret.strip()) >= MIN_LENGTH and "*" not in secret)
    redact = redactor(AWS_SECRET_ACCESS_KEY=secret, https_proxy=f"http://{secret}@proxy")

    assert secret not in redact(f"{text} {secret} {text}")


# Where


def call_error(message: str, code: str = "InvalidSignatureException") -> CallError:
    """A call that was refused in these words, once `Retry` has raised it."""
    runner_redact = redactor(AWS_SECRET_ACCESS_KEY="test", AWS_SESSION_TOKEN="AccessDenied")
    fake = FakeTime()
    retry = Retry(Limits(30), fake.reports.append, fake.clock, fake.sleep, fake.uniform, at_once, runner_redact)

    def attempt() -> None:
        raise CallError("AdminCreateUser", code, message, retryable=code == "Throttling")

    with pytest.raises(CallError) as caught:
        retry("AdminCreateUser", attempt)
    assert "test" not in "".join(fake.reports)
    return caught.value


@pytest.mark.parametrize("code", ["InvalidSignatureException", "Throttling"])
def test_refusal_is_told_without_the_secrets(code: str) -> None:
    """Both in the error, and in the log of what is tried again."""
    assert call_error("The key test, or TEST, is dGVzdA==", code).what == (
        f"AdminCreateUser failed with {code}: The key ***, or ***, is ***A=="
    )


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("AccessDenied", "AccessDenied"),
        ("test", "test"),
        ("a test", "a ***"),
        ("test-1", "***-1"),
        ("tést test", "tést ***"),
        ("403", "403"),
    ],
)
def test_code_that_is_a_word_stays(code: str, told: str) -> None:
    """What to do depends on it; one that is none of AWS's may be anything."""
    assert call_error("no", code).what == f"AdminCreateUser failed with {told}: no"


def test_own_words_stay_as_they_are(tmp_path: Path) -> None:
    """An emulator's keys are `test` and `test`: titles, messages and log lines of the action keep the word."""
    recorder = Recorder(
        tmp_path, RUNNER_DEBUG="1", AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_SESSION_TOKEN="Cognito"
    )
    runner = recorder.runner
    error = ActionError(what="test what", why="test why", fix="test fix")

    runner.error(error.annotation, "failed")
    runner.warning("a test", "a title")
    runner.notice("a test", "a title")
    runner.log("User gha-test is deleted.")
    runner.debug("a test")
    runner.summary(error.markdown)
    runner.output("username", "test")

    commands = [parse_line(line) for line in recorder.stage.stdout.splitlines()]
    assert [command.data for command in commands if command] == [
        "test what\ntest why\ntest fix",
        "a test",
        "a test",
        "a test",
    ]
    assert [command.properties.get("title", "") for command in commands if command] == [
        "Cognito test user: failed",
        "Cognito test user: a title",
        "Cognito test user: a title",
        "",
    ]
    assert "User gha-test is deleted." in recorder.stage.stdout
    assert "test what" in recorder.stage.files["GITHUB_STEP_SUMMARY"]
    assert recorder.stage.outputs == {"username": "test"}
    assert "***" not in recorder.stage.stdout
    assert recorder.stage.masks.secrets == set()


@pytest.mark.parametrize(
    ("url", "variables", "message"),
    [
        ("banana", {}, "what should be the service's URL is not one of http:// or https://"),
        ("http://no!such/", {}, "there is no such host: no!such"),
        (
            "https://a/",
            {"AWS_CA_BUNDLE": "/such/CA"},
            "AWS_CA_BUNDLE names /such/CA, which does not exist",
        ),
        (
            "http://a/",
            {"http_proxy": "http://such:names@proxy:x"},
            "http_proxy is not the URL of a proxy, as in http://user:password@proxy.example:3128",
        ),
    ],
)
def test_failures_of_the_network_are_own_words(url: str, variables: dict[str, str], message: str) -> None:
    """Proxies have users with the most common names, and no failure may lose its words to them."""
    others = {"all_proxy": "http://host:names@example", "ftp_proxy": "http://proxy:service@example"}
    environ = {**variables, **others, "AWS_SECRET_ACCESS_KEY": "such", "AWS_SESSION_TOKEN": "URL"}
    fake = FakeTime()
    retry = Retry(Limits(30), fake.reports.append, fake.clock, fake.sleep, fake.uniform, at_once, Redactor(environ))

    with pytest.raises(CallError) as caught:
        retry("TheCall", lambda: Network(environ).send("TheCall", "GET", url, {}))

    assert caught.value.message == message


def test_page_is_told_without_the_secrets_and_with_its_host() -> None:
    """What answers where is the action's own word, and what it says is another's."""
    headers = HTTPHeaderDict({"Content-Type": "text/html"})
    answer = Answer("http://test.example/", 403, headers, b"<title>No access with test</title>")
    error = foreign("TheCall", answer)

    error.redact(redactor(AWS_SECRET_ACCESS_KEY="test", AWS_SESSION_TOKEN="status"))

    assert error.shown == 'test.example answered with status 403, text/html, titled "No access with ***"'


def test_traceback_is_told_without_the_secrets_of_others(tmp_path: Path) -> None:
    """The lines of the code stay, and the exception's text is from outside."""
    recorder = Recorder(tmp_path, RUNNER_DEBUG="1", AWS_SECRET_ACCESS_KEY="test")
    try:
        raise ValueError("the key is test")  # noqa: TRY301
    except ValueError as error:
        recorder.runner.debug_traceback(error)

    assert "the key is ***" in recorder.stage.stdout
    assert "test_redaction.py" in recorder.stage.stdout


# What has been masked


def test_masked_texts_are_left_out_of_what_a_person_reads() -> None:
    """Each as it is and as it looks once it is harmless; a longer one first."""
    masked = MaskedTexts()

    assert masked.add("pass") == ["pass"]
    assert masked.add("password\x07", "form") == ["password\x07", "password\\u0007", "form"]

    assert masked("a password\x07, password\\u0007, form, pass and word") == "a ***, ***, ***, *** and word"
    assert masked("nothing") == "nothing"


def test_masked_text_is_new_once() -> None:
    """Whoever prints masks prints each one time."""
    masked = MaskedTexts()

    assert masked.add("secret", "form") == ["secret", "form"]
    assert masked.add("secret", "form", "other") == ["other"]


@pytest.mark.parametrize("text", ["", " ", "\n\t"])
def test_white_space_is_no_secret(text: str) -> None:
    """Or all that is said would be hidden."""
    masked = MaskedTexts()

    assert masked.add(text, text) == []
    assert masked(" a \n\t") == " a \n\t"
