"""No role, and nothing in the job that could stand in for one: what the job has set tells why."""

from collections.abc import Mapping

import pytest
import yaml

from cognito_action.diagnostics.ambient import credentials_unusable, no_credentials, sdk_misconfigured
from cognito_action.errors import CONNECTION_CODES, NO_ANSWER, ActionError, CallError
from cognito_action.network.endpoint import AWS, Endpoint

SEARCH = "The search for AWS credentials"

KEYS = {
    "AWS_ACCESS_KEY_ID": "${{ steps.<id>.outputs.aws-access-key-id }}",
    "AWS_SECRET_ACCESS_KEY": "${{ steps.<id>.outputs.aws-secret-access-key }}",
    "AWS_SESSION_TOKEN": "${{ steps.<id>.outputs.aws-session-token }}",
}


def unusable(code: str, message: str = "no", **environ: str) -> ActionError:
    """The error for credentials that can't be got."""
    return credentials_unusable(CallError(SEARCH, code, message), environ)


def misconfigured(
    code: str = "ValueError", message: str = "no", endpoint: Endpoint = AWS, environ: Mapping[str, str] | None = None
) -> ActionError:
    """The error for an SDK that can't be set up."""
    return sdk_misconfigured(CallError("The setup of the AWS SDK", code, message), endpoint, environ or {})


def test_missing_credentials_are_explained() -> None:
    """Both lines of the `permissions` block are shown along with the input."""
    error = no_credentials({}, hosts_only=False)

    assert error.what == "There are no AWS credentials."
    assert error.paste == (
        "permissions:\n  id-token: write\n  contents: read\n\nwith:\n  role-to-assume: arn:aws:iam::<account>:role/<name>"
    )


@pytest.mark.parametrize("variables", [["AWS_REGION", "AWS_DEFAULT_REGION"], ["AWS_PROFILE"]])
def test_credentials_of_an_earlier_step_do_not_reach_the_container(variables: list[str]) -> None:
    """A profile is in the runner's home, and outputs are nowhere: the variables that the action needs are given."""
    error = no_credentials(dict.fromkeys(variables, "x"), hosts_only=False)

    assert "but not the runner's home folder (`~/.aws`)" in error.why
    assert "`output-credentials: true`" in error.fix
    assert yaml.safe_load(error.paste) == {"env": KEYS}


def test_metadata_service_that_answers_hosts_only() -> None:
    """Containers are one hop further away."""
    error = no_credentials({"AWS_REGION": "x"}, hosts_only=True)

    assert "not its containers" in error.why
    assert "--http-put-response-hop-limit 2" in error.paste


def test_profile_that_the_container_does_not_see() -> None:
    """Passing the variables on works, without the profile."""
    error = unusable("ProfileNotFound", "The config profile (ci) could not be found", AWS_PROFILE="ci")

    assert (
        error.what
        == "The search for AWS credentials failed with ProfileNotFound: The config profile (ci) could not be found"
    )
    assert "`AWS_PROFILE` names a profile that the action does not see" in error.why
    assert yaml.safe_load(error.paste) == {"env": {**KEYS, "AWS_PROFILE": ""}}


def test_profile_beside_credentials_is_left_out() -> None:
    """The SDK wants the profile first."""
    error = unusable("ProfileNotFound", AWS_PROFILE="ci", AWS_ACCESS_KEY_ID="AKIA", AWS_SECRET_ACCESS_KEY="x")

    assert yaml.safe_load(error.paste) == {"env": {"AWS_PROFILE": ""}}


@pytest.mark.parametrize(
    ("code", "environ", "why", "fix"),
    [
        ("PartialCredentialsError", {}, "its other half is not", "the variable that the message names"),
        ("SSOTokenLoadError", {}, "those of a person (SSO)", "Set `role-to-assume`"),
        ("UnauthorizedSSOTokenError", {}, "those of a person (SSO)", "Set `role-to-assume`"),
        ("BrokenCredentials", {}, "these can't be used", "without spaces and line breaks"),
        (
            "FileNotFoundError",
            {"AWS_WEB_IDENTITY_TOKEN_FILE": "/var/run/x"},
            "`AWS_WEB_IDENTITY_TOKEN_FILE` names a file that the action's container does not have",
            "the variable plays no part",
        ),
        (
            "MetadataRetrievalError",
            {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.23/v1/credentials"},
            "`AWS_CONTAINER_CREDENTIALS_FULL_URI` names the service",
            "the variable plays no part",
        ),
        ("FileNotFoundError", {}, "these can't be used", "Set `role-to-assume`"),
        ("MetadataRetrievalError", {}, "these can't be used", "Set `role-to-assume`"),
        ("ConfigParseError", {}, "these can't be used", "Set `role-to-assume`"),
        ("AccessDenied", {}, "these can't be used", "Set `role-to-assume`"),
    ],
)
def test_credentials_that_can_not_be_used(code: str, environ: dict[str, str], why: str, fix: str) -> None:
    """The variable that leads to them is named, if there is one."""
    error = unusable(code, **environ)

    assert why in error.why
    assert fix in error.fix


@pytest.mark.parametrize("code", sorted(CONNECTION_CODES))
def test_search_that_reaches_no_one(code: str) -> None:
    """It has the causes that any connection has, and the pool's region is none of them."""
    error = unusable(code)

    assert error.why
    assert "user-pool-id" not in error.annotation


@pytest.mark.parametrize("keys", [{}, {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}])
def test_profile_is_left_out_by_the_variable_that_names_it(keys: dict[str, str]) -> None:
    """The SDK reads another one first."""
    error = unusable("ProfileNotFound", AWS_DEFAULT_PROFILE="corp", AWS_PROFILE="ci", **keys)

    assert "`AWS_DEFAULT_PROFILE` names" in error.why
    assert yaml.safe_load(error.paste)["env"]["AWS_DEFAULT_PROFILE"] == ""


# The SDK


def test_password_in_a_url_that_is_none_is_not_shown() -> None:
    """The SDK quotes the whole of it."""
    url = "banana://user:geheim@host"
    error = misconfigured(message=f"Invalid endpoint: {url}", endpoint=Endpoint(url, "AWS_ENDPOINT_URL"))

    assert "geheim" not in error.annotation


def test_url_that_is_none_is_named() -> None:
    """The variable is given, and how this step goes without it."""
    error = misconfigured(
        message="Invalid endpoint: localhost:4566", endpoint=Endpoint("localhost:4566", "AWS_ENDPOINT_URL_STS")
    )

    assert error.what == "The AWS SDK can't be set up: Invalid endpoint: localhost:4566"
    assert error.why == "`AWS_ENDPOINT_URL_STS` has to be a URL that starts with `http://` or `https://`."
    assert yaml.safe_load(error.paste) == {"env": {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}}


def test_variables_that_the_sdk_may_have_meant_are_named() -> None:
    """Their names alone: values can be secrets."""
    error = misconfigured(environ={"AWS_RETRY_MODE": "banana", "AWS_SECRET_ACCESS_KEY": "geheim", "PATH": "/bin"})

    assert error.details == "set: AWS_RETRY_MODE, AWS_SECRET_ACCESS_KEY"
    assert misconfigured().details == ""


def test_metadata_service_that_does_not_answer_is_the_cause_if_the_sdk_waits() -> None:
    """Nothing else makes it wait before it has a client."""
    error = misconfigured(NO_ANSWER, "no answer within 20 s")

    assert error.what == "The AWS SDK can't be set up: no answer within 20 s"
    assert "AWS_DEFAULTS_MODE" in error.why
    assert yaml.safe_load(error.paste) == {"env": {"AWS_DEFAULTS_MODE": "legacy"}}
