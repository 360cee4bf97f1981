"""Why a service is not reached: one cause for each failure and each place, and a line that works without the variable."""

import pytest
import yaml

from cognito_action.diagnostics.certificate_causes import ANY, BY_ENDPOINT, BY_PROXY, SERVICE
from cognito_action.diagnostics.connection_causes import CAUSES
from cognito_action.diagnostics.connections import not_reached
from cognito_action.errors import CONNECTION_CODES, ActionError, CallError
from cognito_action.network.endpoint import AWS, Endpoint

EMULATOR = Endpoint("http://user:password@localhost:4566/x", "AWS_ENDPOINT_URL")


def told(
    code: str, message: str = "no", *, variable: str = "", endpoint: Endpoint = AWS, origin: str = "`user-pool-id`"
) -> ActionError:
    """The error for a failure on the way."""
    return not_reached(CallError("AnyCall", code, message, variable=variable), endpoint, origin)


@pytest.mark.parametrize("code", sorted(CONNECTION_CODES))
@pytest.mark.parametrize("variable", ["", "https_proxy"])
@pytest.mark.parametrize("endpoint", [AWS, EMULATOR])
def test_each_failure_is_told_at_each_place(code: str, variable: str, endpoint: Endpoint) -> None:
    """Nothing is left to fill in, what is to be pasted is YAML, and no password is shown."""
    needs_variable = code in ("CAFileError", "ProxyLogin", "ProxyError", "NotAProxy", "ProxyURLError")
    error = told(code, variable=variable or ("AWS_CA_BUNDLE" if needs_variable else ""), endpoint=endpoint)

    assert error.what == f"AnyCall failed with {code}: no"
    assert error.why
    assert error.fix
    assert "``" not in error.why + error.fix
    assert "{" not in error.why + error.fix
    assert "password@localhost" not in error.annotation
    if error.paste:
        [(_, variables)] = yaml.safe_load(error.paste).items()
        assert len(variables) == 1


def test_table_has_no_row_that_is_never_found() -> None:
    """Each code is one of a connection, and each place is one."""
    assert {code for code, _ in CAUSES} == CONNECTION_CODES
    assert {place for _, place in CAUSES} == {SERVICE, BY_PROXY, BY_ENDPOINT, ANY}


def test_no_two_rows_say_the_same() -> None:
    """Each has a cause of its own."""
    assert len({cause.why for cause in CAUSES.values()}) == len(CAUSES)


@pytest.mark.parametrize("code", ["NetworkError", "NoAnswer", "UnknownHost", "ForeignAnswer", "HostnameMismatch"])
def test_endpoint_of_the_job_is_named_and_left_out(code: str) -> None:
    """The line lets the step call AWS, whatever other steps do."""
    error = told(code, endpoint=EMULATOR)

    assert "`AWS_ENDPOINT_URL`" in error.why
    assert yaml.safe_load(error.paste) == {"env": {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}}


@pytest.mark.parametrize("code", ["NetworkError", "NoAnswer", "UnknownHost", "NotAProxy"])
def test_proxy_of_the_job_is_named_and_left_out(code: str) -> None:
    """An empty variable is no proxy."""
    error = told(code, variable="HTTPS_PROXY")

    assert "`HTTPS_PROXY`" in error.why
    assert yaml.safe_load(error.paste) == {"env": {"HTTPS_PROXY": ""}}


def test_localhost_is_the_container() -> None:
    """The address of the runner is given, with the port that the URL had."""
    error = told("OwnContainer", "localhost:4566 refused the connection", endpoint=EMULATOR)

    assert error.why == "In `AWS_ENDPOINT_URL`, `localhost` is the action's own container, where nothing else runs."
    assert "http://<label>:4566" in error.fix
    assert yaml.safe_load(error.paste) == {"env": {"AWS_ENDPOINT_URL": "http://172.17.0.1:4566"}}


def test_port_of_an_address_of_ipv6_is_behind_it() -> None:
    """What is within the brackets is no port."""
    error = told("OwnContainer", "[::1]:4566 refused the connection", endpoint=EMULATOR)

    assert yaml.safe_load(error.paste) == {"env": {"AWS_ENDPOINT_URL": "http://172.17.0.1:4566"}}


def test_variable_of_one_service_is_corrected_itself() -> None:
    """It counts before the general one."""
    endpoint = Endpoint("http://localhost:4566", "AWS_ENDPOINT_URL_STS")
    error = told("OwnContainer", "localhost:4566 refused the connection", endpoint=endpoint)

    assert yaml.safe_load(error.paste) == {"env": {"AWS_ENDPOINT_URL_STS": "http://172.17.0.1:4566"}}


def test_vpc_endpoint_is_aws() -> None:
    """A URL can lead there, too."""
    endpoint = Endpoint("https://vpce-1.cognito-idp.eu-central-1.vpce.amazonaws.com", "AWS_ENDPOINT_URL")

    assert told("NetworkError", endpoint=endpoint).why == "The connection was not made, or it broke."


def test_proxy_at_localhost_is_the_container_too() -> None:
    """The line corrects the variable that is set."""
    error = told("OwnContainer", "http://127.0.0.1:3128 (http_proxy) refused the connection", variable="http_proxy")

    assert yaml.safe_load(error.paste) == {"env": {"http_proxy": "http://172.17.0.1:3128"}}


@pytest.mark.parametrize("variant", ["AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"])
def test_endpoint_that_aws_does_not_have(variant: str) -> None:
    """The variable that asks for it is named, and not the region."""
    error = told("UnknownHost", endpoint=Endpoint(variant=variant))

    assert f"`{variant}` is set" in error.why
    assert yaml.safe_load(error.paste) == {"env": {variant: "false"}}


def test_unknown_host_points_to_what_its_name_is_made_from() -> None:
    """For AWS that is the pool's region, and for GitHub a variable of its runner."""
    assert "Check `user-pool-id`" in told("UnknownHost").fix
    token = told("UnknownHost", origin="`ACTIONS_ID_TOKEN_REQUEST_URL`")
    assert "Check `ACTIONS_ID_TOKEN_REQUEST_URL`" in token.fix
    assert "user-pool-id" not in token.annotation


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("AWS_CA_BUNDLE names /x, which is a folder", "It has to name a PEM file"),
        ("the certificate of x could not be verified: y; AWS_CA_BUNDLE names /x", "Add it to the file"),
    ],
)
def test_file_of_authorities(message: str, expected: str) -> None:
    """A file that can't be read is another cause than one that lacks an authority."""
    error = told("CAFileError", message, variable="AWS_CA_BUNDLE", endpoint=EMULATOR)

    assert error.fix.startswith(expected)
    assert yaml.safe_load(error.paste) == {"env": {"AWS_CA_BUNDLE": ""}}


def test_proxy_that_wants_a_password_gets_it_from_a_secret() -> None:
    """The line is an expression of GitHub's, whole."""
    error = told("ProxyLogin", variable="https_proxy")

    assert yaml.safe_load(error.paste) == {
        "env": {"https_proxy": "http://<user>:${{ secrets.PROXY_PASSWORD }}@<proxy>:<port>"}
    }


def test_host_that_a_proxy_does_not_serve_is_the_exception_to_add() -> None:
    """The message names it."""
    message = "the proxy http://p:1 (https_proxy) answered 403 to the connection to sts.eu-central-1.amazonaws.com"
    error = told("ProxyError", message, variable="https_proxy")

    assert yaml.safe_load(error.paste) == {"env": {"no_proxy": "sts.eu-central-1.amazonaws.com"}}
