"""Credentials of the machine where the command runs: its profiles are seen, and a person can sign in."""

import pytest

from cognito_action.diagnostics.ambient import credentials_unusable, no_credentials
from cognito_action.diagnostics.ambient_here import unusable_here
from cognito_action.errors import CallError
from cognito_action.words import HostKind

SEARCH = "The search for AWS credentials"


def told(code: str, **environ: str) -> str:
    """What the command says."""
    return credentials_unusable(CallError(SEARCH, code, "no"), environ, HostKind.COMMAND).text


def test_nothing_at_all_leads_to_a_sign_in() -> None:
    """A role is for a CI."""
    error = no_credentials({"AWS_REGION": "x"}, hosts_only=True, kind=HostKind.COMMAND)

    assert error.what == "There are no AWS credentials."
    assert "`aws sso login` or `aws configure`" in error.fix
    assert "In a CI, set `--role-to-assume`" in error.fix


@pytest.mark.parametrize(
    ("environ", "command"),
    [
        ({}, "aws sso login"),
        ({"AWS_PROFILE": "dev"}, "aws sso login --profile dev"),
        ({"AWS_PROFILE": "my dev", "AWS_DEFAULT_PROFILE": ""}, "aws sso login --profile 'my dev'"),
        ({"AWS_PROFILE": "dev", "AWS_DEFAULT_PROFILE": "first"}, "aws sso login --profile first"),
    ],
)
@pytest.mark.parametrize("code", ["SSOTokenLoadError", "UnauthorizedSSOTokenError"])
def test_session_that_has_expired_is_begun_again(code: str, environ: dict[str, str], command: str) -> None:
    """With the profile that is used."""
    assert told(code, **environ).endswith(f"Sign in again:\n{command}")


def test_profile_that_is_not_there_is_named_by_its_variable() -> None:
    """The command lists what there is."""
    text = told("ProfileNotFound", AWS_DEFAULT_PROFILE="x")

    assert "`AWS_DEFAULT_PROFILE` names a profile that is not in `~/.aws/config`" in text
    assert text.endswith("aws configure list-profiles")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("PartialCredentialsError", "its other half is not"),
        ("BrokenCredentials", "for example with `aws configure`"),
        ("ConfigParseError", "Correct the file that the message names"),
        ("MetadataRetrievalError", "Run it where that service can be reached"),
        ("CredentialRetrievalError", "`credential_process`"),
        ("DeadlineExceeded", "used up the time"),
        ("SomethingNew", "aws sts get-caller-identity"),
    ],
)
def test_each_cause_has_its_advice(code: str, words: str) -> None:
    """None asks for a role where a profile is enough."""
    text = unusable_here(CallError(SEARCH, code, "no"), {}).text

    assert words in text
    assert "role-to-assume" not in text


def test_connection_is_no_matter_of_profiles() -> None:
    """It is told as for any call."""
    assert "port 443" in told("NetworkError")
