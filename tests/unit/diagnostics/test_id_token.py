"""The errors if GitHub gives no ID token."""

import pytest
import yaml

from cognito_action.diagnostics.connections import not_reached
from cognito_action.diagnostics.id_token import id_token_refused, no_id_token
from cognito_action.errors import CONNECTION_CODES, ActionError, CallError
from cognito_action.github.oidc import OPERATION, RunOrigin
from cognito_action.host import WEB_IDENTITY_COMMAND, WEB_IDENTITY_FILE
from cognito_action.network.endpoint import AWS
from cognito_action.words import HostKind

LATER = "Look at GitHub's status page, and run it again later."


def refused(code: str, message: str, *, retryable: bool = False) -> ActionError:
    """The error for a refusal by GitHub's token service."""
    return id_token_refused(CallError(OPERATION, code, message, retryable=retryable))


# The job may not have one


def test_job_without_the_permission_gets_both_lines_to_paste() -> None:
    """A `permissions` block removes every permission that it does not name."""
    error = no_id_token(RunOrigin.OTHER)

    assert error.what == "GitHub gives this job no ID token, so the role can't be assumed."
    assert error.why.startswith("The job lacks the permission `id-token: write`.")
    assert error.paste == "permissions:\n  id-token: write\n  contents: read"


def test_run_of_dependabot_gets_lines_for_both_solutions() -> None:
    """Either the workflow names the permissions, or it excludes such runs."""
    error = no_id_token(RunOrigin.DEPENDABOT)

    assert error.why == (
        "This run was started by Dependabot. GitHub gives such runs only the permissions that the workflow names, and "
        "none of the Actions secrets."
    )
    assert error.fix == "Add this to the job, or exclude Dependabot's runs with the `if`:"
    assert error.paste == (
        "permissions:\n  id-token: write\n  contents: read\n\n# or:\nif: github.actor != 'dependabot[bot]'"
    )
    assert set(yaml.safe_load(error.paste)) == {"permissions", "if"}


def test_pull_request_from_a_fork_gets_the_condition_that_excludes_it() -> None:
    """Nothing in the workflow can get it a token."""
    error = no_id_token(RunOrigin.FORK)

    assert error.why.startswith("This pull request comes from a fork.")
    assert error.paste == (
        "if: github.event_name != 'pull_request' || github.event.pull_request.head.repo.full_name == github.repository"
    )


# The token service refused


@pytest.mark.parametrize("code", ["302", "400", "404", "422"])
def test_answer_of_the_token_service_without_a_known_cause(code: str) -> None:
    """Nothing is guessed about a status that the action does not know."""
    error = refused(code, "?")

    assert error.why == "This error is not known here."
    assert "AWS" not in error.fix


@pytest.mark.parametrize("code", sorted(CONNECTION_CODES))
@pytest.mark.parametrize("retryable", [True, False])
def test_failure_on_the_way_is_explained_as_for_aws(code: str, *, retryable: bool) -> None:
    """The token's connections have the same proxies and certificates, so the same has to be changed."""
    error = refused(code, "what happened", retryable=retryable)

    expected = not_reached(CallError(OPERATION, code, "what happened"), AWS, "`ACTIONS_ID_TOKEN_REQUEST_URL`")
    assert error.annotation == expected.annotation
    assert "user-pool-id" not in error.annotation
    assert error.what == f"The request for GitHub's ID token failed with {code}: what happened"


@pytest.mark.parametrize("code", ["401", "403"])
def test_refused_request_for_a_token_is_explained(code: str) -> None:
    """Only GitHub's own refusal says that the job may be over."""
    error = refused(code, "Unauthorized")

    assert error.what == f"The request for GitHub's ID token failed with {code}: Unauthorized"
    assert (
        error.why
        == "GitHub's token service refused the job's own request token, which it does after the job has ended."
    )
    assert error.fix == "Run it again; if it keeps happening, look at GitHub's status page."


@pytest.mark.parametrize(
    ("code", "why", "fix"),
    [
        ("429", "The service failed, and kept failing until the deadline.", LATER),
        ("500", "The service failed, and kept failing until the deadline.", LATER),
        ("NoToken", "The service failed, and kept failing until the deadline.", LATER),
    ],
)
def test_failing_token_service_is_explained(code: str, why: str, fix: str) -> None:
    """A failure that lasts until the deadline is not a refusal."""
    error = refused(code, "", retryable=True)

    assert error.what == f"The request for GitHub's ID token failed with {code}: (no message)"
    assert (error.why, error.fix) == (why, fix)


@pytest.mark.parametrize("code", ["400", "403"])
def test_audience_that_github_gives_no_token_for(code: str) -> None:
    """GitHub says so itself, and no later run changes it."""
    error = refused(code, "Can't issue ID_TOKEN for audience 'https://example.com'.")

    assert "https://example.com" in error.what
    assert error.fix == "Leave `audience` out."


@pytest.mark.parametrize("state", ["Pending", "Delayed"])
def test_job_that_github_considers_not_to_be_running_yet(state: str) -> None:
    """It is not over."""
    error = refused("403", f"Can't issue ID_TOKEN for job in '{state}' state.")

    assert "not to be running yet" in error.why
    assert error.fix == "Run it again."


def test_command_outside_of_github_is_told_of_its_options() -> None:
    """The action is told of the job's permission, wherever its runner is."""
    error = no_id_token(RunOrigin.ELSEWHERE, HostKind.COMMAND)

    assert error.paste.startswith("--web-identity-token-command ")
    assert "`--web-identity-token-file`" in error.fix
    assert "a profile with `role_arn`" in error.fix
    assert no_id_token(RunOrigin.ELSEWHERE).text == no_id_token(RunOrigin.OTHER, HostKind.COMMAND).text


@pytest.mark.parametrize(
    ("operation", "code", "words"),
    [
        (WEB_IDENTITY_FILE, "FileNotFoundError", "have the CI write the token there first"),
        (WEB_IDENTITY_FILE, "NoToken", "write the token itself there"),
        (WEB_IDENTITY_COMMAND, "Timeout", "it gets no input"),
        (WEB_IDENTITY_COMMAND, "NoToken", "print the token itself"),
        (WEB_IDENTITY_COMMAND, "Status1", "Run it in this shell"),
    ],
)
def test_source_of_a_token_outside_of_github(operation: str, code: str, words: str) -> None:
    """What the options name, and not GitHub's service."""
    error = id_token_refused(CallError(operation, code, "no"))

    assert words in error.text
    assert "GitHub" not in error.text
